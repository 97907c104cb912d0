from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common_traps import TrapCase


@tagged("post_install", "-at_install")
class TestTrapsAmounts(TrapCase):
    """Traps 1 to 11: amounts and documents."""

    def test_t01_payment_on_its_way_is_not_chased(self):
        """A payment without entry (Odoo 18 and later) leaves the due line open: whoever has paid is not chased,
        whoever has paid a part is chased for the rest."""
        self.patch(type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda move: "in_payment")
        bank = self.company_data["default_journal_bank"]
        bank.inbound_payment_method_line_ids.payment_account_id = False
        partly = self._customer("Garage Perrin")
        invoices = {self.customer: self._invoice(), partly: self._invoice(partner=partly)}
        run = self._run()
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 1000, "Garage Perrin": 1000})
        for partner, amount in ((self.customer, 1000), (partly, 400)):
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices[partner].ids
            )
            payment = wizard.create({"journal_id": bank.id, "amount": amount})._create_payments()
            self.assertFalse(payment.move_id)
            self.assertEqual(self._due_lines(invoices[partner]).amount_residual, 1000, "the trap")
        self._release(run)
        self.assertEqual(self._amounts(run), {"Garage Perrin": 600})
        self.assertEqual(self._reasons(run), {self._due_lines(invoices[self.customer]): "in_process"})
        self.assertIn("600.00", self._mail())
        self.assertEqual(self._situation().reason, "in_process")

    def test_t02_nobody_whose_credits_cover_the_debt_is_chased(self):
        """Unmatched payments and credit notes count, whatever the policy, chosen by hand or not; the reason is told."""
        line = self._entry(1000, days_late=10)
        self._entry(-1500, days_late=1, ref="VIR")
        for policy in ("deduct", "show"):
            self.plan.credit_policy = policy
            for partners in (None, self.customer):
                with self.subTest(policy=policy, chosen=bool(partners)):
                    run = self._leave(partners=partners)
                    self.assertFalse(run.reminder_ids)
                    self.assertEqual(self._reasons(run)[line], "credits_cover")
        self.assertRecordValues(self._situation(), [{"balance": -500, "next_level_id": False}])
        self.assertFalse(self.sink.received)

    def test_t02_a_credit_pays_debts_of_its_currency_only(self):
        other = self.setup_other_currency("EUR")
        self._entry(1000, days_late=10)
        self._entry(-1500, days_late=1, ref="VIR", currency_id=other.id, amount_currency=-3000)
        self.assertEqual(self._amounts(self._leave()), {"Menuiserie Baudry": 1000})

    def test_t03_only_posted_open_credits_count(self):
        """A credit note counts whatever its date, by its sign; neither a draft, nor a cancelled one, nor one that was
        paid back."""
        debts = {}

        def _refund(name, state="posted", invoice_date="2026-09-15"):
            partner = self._customer(name)
            debts[name] = self._due_lines(self._invoice(partner=partner))
            move = self._invoice(move_type="out_refund", partner=partner, invoice_date=invoice_date, due=invoice_date)
            if state != "posted":
                move.button_draft()
            if state == "cancel":
                move.button_cancel()
            return move

        _refund("Older", invoice_date="2026-08-01")
        _refund("Newer", invoice_date="2026-11-19")
        _refund("Draft", "draft")
        _refund("Cancelled", "cancel")
        back = _refund("Paid back")
        paid_back = self._entry(1000, days_late=1, partner=back.partner_id, ref="VIR EMIS")
        (self._due_lines(back) | paid_back).reconcile()
        run = self._leave()
        self.assertEqual(self._amounts(run), {"Draft": 1000, "Cancelled": 1000, "Paid back": 1000})
        covered = {line.partner_id.name for line, reason in self._reasons(run).items() if reason == "credits_cover"}
        self.assertEqual(covered, {"Older", "Newer"})
        self.assertEqual(len(self.sink.received), 3)

    def test_t04_partial_payment_keeps_the_level(self):
        """The next level comes on its day and says what is left of what was invoiced."""
        line = self._entry(1000, days_late=10)
        self._leave()
        self.assertEqual(line.followup_level_id, self.first)
        self._pay(line, 400)
        self.sink.received.clear()
        run = self._leave(self.TODAY + timedelta(days=10))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 600}])
        self.assertRecordValues(run.reminder_ids.line_ids, [{"amount": 1000, "paid": 400, "residual": 600}])
        for amount in ("600.00", "1,000.00"):
            self.assertIn(amount, self._mail())
        self.assertEqual(line.followup_level_id, self.second)
        self._pay(line, 595)
        self.plan.line_minimum = 10
        run = self._leave(self.TODAY + timedelta(days=20))
        self.assertEqual(self._reasons(run), {line: "below_minimum"})

    def test_t05_what_is_left_is_counted_in_its_own_currency(self):
        """Paid in its currency, an invoice is paid, whatever gain or loss is left in the books; partly paid, it is
        claimed in its currency."""
        other = self.setup_other_currency("EUR")  # two for one
        foreign = {"currency_id": other.id}
        settled = self._entry(500, days_late=20, amount_currency=1000, **foreign)
        payment = self._entry(-450, days_late=1, ref="VIR", amount_currency=-1000, **foreign)
        (settled | payment).with_context(no_exchange_difference=True).reconcile()
        self.assertEqual((settled.amount_residual, settled.amount_residual_currency), (50, 0), "the trap")
        partner = self._customer("Garage Perrin")
        partly = self._entry(500, days_late=20, partner=partner, amount_currency=1000, **foreign)
        payment = self._entry(-180, days_late=1, partner=partner, ref="VIR", amount_currency=-400, **foreign)
        (partly | payment).reconcile()
        run = self._leave()
        self.assertEqual(run.reminder_ids.partner_id, partner)
        self.assertRecordValues(run.reminder_ids.line_ids, [{"residual": 600, "claimed": 600, "currency_id": other.id}])
        self.assertIn("600.00", self._mail())

    def test_t06_each_instalment_is_due_by_itself(self):
        """30, 60 and 90 days: two are late, each at its own level; a dispute on one leaves the other."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Three times",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                    for share, days in ((30, 30), (30, 60), (40, 90))
                ],
            }
        )
        day = self.TODAY - timedelta(days=75)
        invoice = self._invoice(invoice_date=day, due=False, invoice_payment_term_id=term.id)
        old, recent, later = self._due_lines(invoice)
        self._deliver(old, self.first, self.TODAY - timedelta(days=12))
        run = self._run()
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 600}])
        self.assertEqual(run.reminder_ids.line_ids.mapped("move_line_id"), old | recent)
        reason = self.env.ref("account_receivable_followup.followup_dispute_reason_quality")
        self.env["followup.dispute"].sudo()._make(self.customer, self.company, reason, old)
        self.assertFalse((old | recent | later).filtered("no_followup"), "core's flag would stop all three")
        self._release(run)
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "level_id": self.first.id, "amount_due": 300}])
        self.assertEqual((old | recent).mapped("followup_level_id"), self.first)
        self.assertFalse(later.followup_level_id)

    def test_t07_without_due_date_the_entry_date_counts(self):
        """Openings and imports may have no due date: late since the entry, neither never nor from today on."""
        line = self._entry(1000, days_late=10)  # entered 40 days ago
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", [line.id])
        self.env.invalidate_all()
        self.assertEqual(self._decision(line).days_late, 40)
        run = self._leave()
        self.assertRecordValues(run.reminder_ids.line_ids, [{"move_line_id": line.id, "days_late": 40}])
        self.assertEqual(run.reminder_ids.state, "sent")
        fresh = self._entry(500, due=self.TODAY + timedelta(days=30), partner=self._customer("Garage Perrin"))
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", [fresh.id])
        self.env.invalidate_all()
        self.assertFalse(self._decision(fresh).overdue, "entered today")

    def test_t08_early_payment_discount(self):
        """The discount is the customer's own choice until the due date; then the whole amount is due. The few euros
        of a discount taken too late are the minimum of the plan's business."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2% 10 days, net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        taken, late = self._customer("In time"), self._customer("Too late")
        lines = {}
        for partner in (self.customer, taken, late):
            invoice = self._invoice(
                900, self.TODAY - timedelta(days=8), due=False, partner=partner, invoice_payment_term_id=term.id
            )
            lines[partner] = self._due_lines(invoice)
        self.assertFalse(self._run().reminder_ids, "nobody is late, discount or not")
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=lines[taken].move_id.ids)
            .create({"payment_date": self.TODAY, "journal_id": self.company_data["default_journal_bank"].id})
        )
        self.assertEqual(wizard.amount, 882)
        wizard._create_payments()
        self._pay(lines[late], 882, self.TODAY + timedelta(days=20))
        day = lines[late].date_maturity + timedelta(days=5)
        self.assertEqual(self._amounts(self._run(day)), {"Menuiserie Baudry": 900, "Too late": 18})
        self.plan.line_minimum = 20
        run = self._leave(day)
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 900})
        self.assertEqual(self._reasons(run), {lines[late]: "below_minimum"})

    def test_t09_what_is_not_a_debt_any_more(self):
        """Drafted again, cancelled, reversed or blocked since the preparation: nothing leaves."""
        acts = {
            "Drafted": lambda move: move.button_draft(),
            "Cancelled": lambda move: (move.button_draft(), move.button_cancel()),
            "Reversed": lambda move: move._reverse_moves([{"date": self.TODAY}], cancel=True),
            "Blocked": lambda move: move.action_toggle_block_payment(),
        }
        moves = {name: self._invoice(partner=self._customer(name)) for name in acts}
        run = self._run()
        self.assertEqual(set(self._amounts(run)), set(acts))
        for name, act in acts.items():
            act(moves[name])
        self._release(run)
        self.assertEqual({reminder.state for reminder in run.reminder_ids}, {"cancelled"})
        self.assertEqual(self._reasons(run)[self._due_lines(moves["Blocked"])], "no_followup")
        self.assertFalse(self.sink.received)
        self.assertFalse(self._run().reminder_ids)

    def _doubtful(self, code="416000"):
        values = {"name": "Doubtful", "code": code, "account_type": "asset_receivable"}
        return self.env["account.account"].create(values)

    def _move_to_doubtful(self, line):
        """Move a line from 411 to 416; return the line of 416."""
        doubtful = self._doubtful()
        self.assertEqual(doubtful.followup_kind, "doubtful")
        values = {"partner_id": line.partner_id.id, "name": "Doubtful", "no_followup": False}
        move = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": self.TODAY - timedelta(days=1),
                "line_ids": [
                    Command.create({**values, "account_id": self.receivable.id, "balance": -1000}),
                    Command.create(
                        {**values, "account_id": doubtful.id, "balance": 1000, "date_maturity": line.date_maturity}
                    ),
                ],
            }
        )
        move.action_post()
        (line | move.line_ids.filtered(lambda moved: moved.account_id == self.receivable)).reconcile()
        return move.line_ids.filtered(lambda moved: moved.account_id == doubtful)

    def test_t10_moving_a_claim_to_doubtful_does_not_restart_the_levels(self):
        """411 to 416 by an entry: it is another line, of the same debt: it goes on from its level. Bills (413) and
        retentions (4117) are not chased."""
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.second, self.TODAY - timedelta(days=12))
        moved = self._move_to_doubtful(line)
        self.assertTrue(line.reconciled)
        self.assertFalse(moved.followup_level_id, "the trap")
        self.assertEqual(self._decision(moved).level.id, self.third.id)
        run = self._leave()
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.third.id, "amount_due": 1000}])
        self.assertEqual(self._situation().level_id, self.second, "printed, not posted yet")
        for code in ("413000", "411700"):
            other = self._doubtful(code)
            bill = self._entry(100, days_late=40, partner=self._customer(code), account_id=other.id)
            self.assertFalse(bill)  # `_entry` looks for the ordinary account
            partner = self.env["res.partner"].search([("name", "=", code)])
            self.assertEqual(self._run(partners=partner).excluded_line_ids.reason, "account_not_followed")

    def test_t10_a_moved_claim_stays_disputed_promised_or_stopped(self):
        """What kept a line from being chased keeps the line that it is moved to from it, until it is lifted."""
        line = self._entry(1000, days_late=40)
        reason = self.env.ref("account_receivable_followup.followup_dispute_reason_quality")
        dispute = self.env["followup.dispute"].sudo()._make(self.customer, self.company, reason, line)
        day = self.TODAY + timedelta(days=10)
        promise = self.env["followup.promise"].sudo()._make(self.customer, self.company, day, None, line)
        line.followup_stop = True
        moved = self._move_to_doubtful(line)
        self.assertFalse(moved.followup_disputed or moved.followup_promised_until or moved.followup_stop, "the trap")
        for expected, lift in (
            ("line_stop", moved.with_user(self.user).action_followup_resume),
            ("disputed", dispute.unlink),
            ("promised", promise.action_cancel),
        ):
            self.assertEqual(self._decision(moved).reason, expected)
            self.assertFalse(self._run().reminder_ids)
            lift()
        self.assertEqual(self._run().reminder_ids.amount_due, 1000)

    def test_t10_moving_a_claim_keeps_no_promise(self):
        """The entry is no payment: what is paid on the doubtful account is."""
        line = self._entry(1000, days_late=40)
        day = self.TODAY + timedelta(days=10)
        promise = self.env["followup.promise"].sudo()._make(self.customer, self.company, day, None, line)
        moved = self._move_to_doubtful(line)
        self.assertRecordValues(promise, [{"received": 0, "state": "to_come"}])
        self._entry(-400, days_late=0, ref="VIR", account_id=moved.account_id.id)
        (moved | self.env["account.move.line"].search([("name", "=", "VIR"), ("balance", "<", 0)])).reconcile()
        promise.invalidate_recordset()
        self.assertRecordValues(promise, [{"received": 400, "state": "to_come"}])

    def test_t11_paid_to_or_by_somebody_else(self):
        """A payment entered on a contact pays its company's debts; an invoice given to a factor is left alone."""
        contact = self.env["res.partner"].create({"name": "Anne", "parent_id": self.customer.id})
        covered = self._entry(1000, days_late=10)
        self._entry(-1000, days_late=1, partner=contact, ref="VIR")
        other = self._customer("Garage Perrin")
        sold = self._entry(700, days_late=10, partner=other, ref="FA-SOLD")
        self._entry(300, days_late=10, partner=other, ref="FA-OURS")
        factor = self.env["followup.stop.reason"].create({"name": "Assigned to a factor"})
        sold.write({"followup_stop": True, "followup_stop_reason_id": factor.id})
        run = self._leave()
        self.assertEqual(self._amounts(run), {"Garage Perrin": 300})
        self.assertEqual(self._reasons(run), {covered: "credits_cover", sold: "line_stop"})
        self.assertNotIn("FA-SOLD", self._mail())
