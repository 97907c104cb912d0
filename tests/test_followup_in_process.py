from decimal import Decimal

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..lib import levels as rules
from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupInProcess(FollowupCommon):
    """T01, T09: payments whose entry has not come yet, and what core says of an invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.bank.inbound_payment_method_line_ids.payment_account_id = False
        cls.Situation = cls.env["followup.situation"]

    def setUp(self):
        """No outstanding account, hence no entry: so are payments once an add-on brings bank reconciliation."""
        super().setUp()
        self.patch(type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda move: "in_payment")

    def _invoice(self, amount=1000, partner=None, **vals):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.customer).id,
                "invoice_date": "2026-09-01",
                "invoice_date_due": "2026-10-01",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "x", "quantity": 1, "price_unit": amount, "tax_ids": []})],
                **vals,
            }
        )
        move.action_post()
        return move

    def _pay(self, invoice, amount):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": self.bank.id, "amount": amount})
        )
        return wizard._create_payments()

    def _reasons(self):
        customer = self.env["followup.facts"]._get_customers(self.company, self.customer.ids)[self.customer.id]
        decision = rules.decide_customer(customer, self.TODAY)
        return {line.line_id: line.reason and str(line.reason) for line in decision.lines}

    def _line(self, invoice):
        return invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _situation(self):
        self.Situation._refresh(self.company)
        return self.Situation.search([("partner_id", "=", self.customer.id)])

    def test_paid_without_entry_is_not_chased(self):
        """T01: the line is still open, the payment is on its way."""
        invoice = self._invoice()
        self.assertFalse(self._situation().reason)
        payment = self._pay(invoice, 1000)
        self.assertFalse(payment.move_id)
        line = self._line(invoice)
        self.assertEqual(line.amount_residual, 1000)
        self.assertEqual(self._reasons(), {line.id: "in_process"})
        self.assertEqual(self._situation().reason, "in_process")
        self.assertEqual(self._situation().balance, 1000)
        payment.action_cancel()
        self.assertEqual(self._reasons(), {line.id: None})
        self.assertFalse(self._situation().reason)

    def test_part_paid_without_entry(self):
        """The rest is chased: core calls the whole invoice paid as soon as a payment is tied to it."""
        invoice = self._invoice()
        payment = self._pay(invoice, 400)
        self.assertFalse(payment.move_id)
        customer = self.env["followup.facts"]._get_customers(self.company, self.customer.ids)[self.customer.id]
        decision = rules.decide_customer(customer, self.TODAY)
        self.assertTrue(decision.level)
        self.assertEqual(decision.lines[0].claimed, Decimal(600))

    def test_payment_tied_to_nothing_covers_what_is_oldest(self):
        old = self._line(self._invoice(invoice_date_due="2026-09-15"))
        new = self._line(self._invoice())
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "journal_id": self.bank.id,
                "amount": 1000,
            }
        )
        self.assertEqual(self._reasons(), {old.id: None, new.id: None})
        payment.action_post()
        self.assertFalse(payment.move_id)
        self.assertEqual(self._reasons(), {old.id: "in_process", new.id: None})
        payment.action_reject()
        self.assertEqual(self._reasons(), {old.id: None, new.id: None})

    def test_blocked_invoice(self):
        """T09: core's status « blocked »."""
        invoice = self._invoice()
        invoice.action_toggle_block_payment()
        self.assertEqual(self._reasons(), {self._line(invoice).id: "no_followup"})
        self.assertEqual(self._situation().reason, "no_followup")
        invoice.action_toggle_block_payment()
        self.assertEqual(self._reasons(), {self._line(invoice).id: None})
        self.assertFalse(self._situation().reason)
