from odoo.fields import Command
from odoo.tools import mute_logger

from .common_release import ReleaseCommon

MAIL_LOGS = "odoo.addons.mail.models.mail_mail"


class TrapCase(ReleaseCommon):
    """The known traps of follow-up, each through the whole way: accounts → decision → run → release → mail server.

    Dates are those of the runs: nothing here depends on the day on which the tests are played.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prevention, cls.first, cls.second, cls.third, cls.notice = cls.levels
        cls.levels.attach_letter = False

    def _invoice(self, amount=1000, invoice_date="2026-09-01", due="2026-10-01", partner=None, **vals):
        """A posted customer invoice; without payment terms unless given."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.customer).id,
                "invoice_date": invoice_date,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Joists", "price_unit": amount, "tax_ids": []})],
                **vals,
            }
        )
        move.action_post()
        return move

    def _due_lines(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "payment_term").sorted("date_maturity")

    def _pay(self, lines, amount=None, date=None):
        """A payment of these lines, matched with them."""
        amount = sum(lines.mapped("amount_residual")) if amount is None else amount
        partner = lines.partner_id.commercial_partner_id
        payment = self._entry(-amount, due=date or self.TODAY, partner=partner, ref="VIR")
        (lines | payment).reconcile()
        return payment

    def _release(self, run):
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        return run

    def _leave(self, date=None, **kwargs):
        """What is due that day really leaves: the run."""
        return self._release(self._run(date, **kwargs))

    def _reasons(self, run):
        """{due line: why it is left out of the run}."""
        return {line.move_line_id: line.reason for line in run.excluded_line_ids}

    def _amounts(self, run):
        """{name of the customer: amount chased} of the messages that wait or left."""
        kept = run.reminder_ids.filtered(lambda reminder: reminder.state != "cancelled")
        return {reminder.partner_id.name: reminder.amount_due for reminder in kept}

    def _decision(self, line, on=None):
        """What the rule says of an open line, the accounts being as they are."""
        customers = line.partner_id.commercial_partner_id.ids
        return self.env["followup.facts"]._decide_lines(self.company, on or self.TODAY, customers)[line.id]

    def _situation(self, partner=None):
        Situation = self.env["followup.situation"].sudo()
        Situation._refresh(self.company)
        wanted = [("partner_id", "=", (partner or self.customer).id), ("company_id", "=", self.company.id)]
        return Situation.search(wanted)

    def _mail(self):
        """Readable text of the only mail that left."""
        [received] = self.sink.received
        return received.text("html").replace("\xa0", " ").replace("&nbsp;", " ")
