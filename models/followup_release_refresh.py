from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.levels import Phase


class FollowupReminder(models.Model):
    """Reading the accounts again at the moment of sending: whoever has paid is not chased."""

    _inherit = "followup.reminder"

    amount_prepared = fields.Monetary(
        string="Amount when prepared",
        readonly=True,
        copy=False,
        help="Only when the amount chased is another one since: the accounts are read again at the moment of sending.",
    )

    def _read_amounts_again(self):
        """Drop or refresh what changed since the preparation (paid, stopped, sent…), each with its reason."""
        principals = self.filtered(lambda reminder: reminder.run_id and not reminder.companion_of_id)
        thanks = principals.filtered(lambda reminder: reminder.level_id.phase == Phase.THANKS)
        thanks._decide_thanks_again()
        for run, reminders in (principals - thanks).grouped("run_id").items():
            reminders._decide_again(run)
        # A message that goes with another one, or that no run decided, lasts as long as what it is about.
        for reminder in self - principals:
            if reminder.level_id.phase != Phase.THANKS:
                reminder._drop_if_over()

    def _decide_again(self, run):
        """Ask again what is due to these customers of `run`."""
        decided = run._decide(self.partner_id.ids)
        kept, before = {}, {}
        for reminder in self:
            customer, decision = decided.get(reminder.partner_id.id, (None, None))
            message = decision and reminder._find_message(decision)
            if message:
                kept[reminder] = customer, decision, message
                before[reminder] = reminder.amount_due
            else:
                reminder._drop(decision.reason if decision else None)
        changed = self.browse([reminder.id for reminder in kept])._rewrite(kept)
        for reminder in changed:
            if reminder.text_edited:
                reminder._fail(
                    self.env._("The account changed since you edited the text: look at the text again, then send it.")
                )
            elif reminder in before and reminder.currency_id.compare_amounts(before[reminder], reminder.amount_due):
                reminder.amount_prepared = before[reminder]
        changed.filtered(lambda reminder: reminder.state == "queued")._render_texts()

    def _drop(self, reason):
        """Leave a released message out, and say why on it and on its lines, as when a person leaves it out."""
        companions = self.companion_ids.filtered(lambda reminder: reminder.state in ("prepared", "queued"))
        dropped = self | companions
        code = str(reason or "paid")
        dropped.write({"state": "cancelled", "failure_reason": self._reason_label(code)})
        dropped.line_ids.write({"reason": code})

    def _drop_if_over(self):
        """Leave out a message whose debts are all paid, or that goes with one that will not leave."""
        lines = self.line_ids.move_line_id
        principal = self.companion_of_id
        if principal.state in ("cancelled", "failed"):
            self._drop(principal.line_ids[:1].reason)
        elif self.line_ids and all(line.reconciled or not line.amount_residual for line in lines):
            self._drop("paid")


class FollowupFacts(models.AbstractModel):
    _inherit = "followup.facts"

    @api.model
    def _get_last_messages_domain(self, company, partner_ids, states):
        """Messages that count for the interval when the accounts are read again.

        Neither those of the same run (it may have several for one customer) nor those that only wait in the queue: they
        will be decided upon when their turn comes.
        """
        domain = super()._get_last_messages_domain(company, partner_ids, states)
        run_id = self.env.context.get("followup_releasing_run_id")
        if run_id:
            domain &= Domain("run_id", "!=", run_id)
        if self.env.context.get("followup_at_release"):
            domain &= Domain("state", "!=", "queued") | Domain("attempted_at", "!=", False)
        return domain
