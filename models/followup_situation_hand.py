from odoo import fields, models
from odoo.exceptions import UserError

from .followup_window import dialog


class FollowupSituation(models.Model):
    """What a person in charge decides for the customers that he selected."""

    _inherit = "followup.situation"

    promise_count = fields.Integer(string="Promises", compute="_compute_hand_counts")
    dispute_count = fields.Integer(string="Disputes", compute="_compute_hand_counts")

    def _compute_hand_counts(self):
        """Promises of any state, and disputes still open."""
        domain = [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        promises, disputes = (
            {(partner, company): count for partner, company, count in groups}
            for groups in (
                self.env["followup.promise"]._read_group(domain, ["partner_id", "company_id"], ["__count"]),
                self.env["followup.dispute"]._read_group(
                    [*domain, ("state", "=", "open")], ["partner_id", "company_id"], ["__count"]
                ),
            )
        )
        for situation in self:
            key = situation.partner_id, situation.company_id
            situation.promise_count = promises.get(key, 0)
            situation.dispute_count = disputes.get(key, 0)

    def action_open_promises(self):
        """Promises of the customer, the latest first."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_open_followup_promises()

    def action_open_disputes(self):
        """Disputes of the customer, the open ones first."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_open_followup_disputes()

    def action_promise(self):
        """Note a promise of the customer, on what is overdue."""
        return self._open_hand_dialog("followup.promise", self.env._("Promise to pay"))

    def action_dispute(self):
        """Open a dispute on what the customer owes."""
        return self._open_hand_dialog("followup.dispute", self.env._("Dispute"))

    def _open_hand_dialog(self, model, title):
        self.ensure_one()
        self.env["followup.reminder"]._check_may_send()
        if self.currency_id.is_zero(self.overdue + self.not_due):
            raise UserError(self.env._("%(customer)s owes nothing.", customer=self.partner_id.display_name))
        return dialog(model, title, default_partner_id=self.partner_id.id, default_company_id=self.company_id.id)

    def action_stop(self):
        """Ask why, and until when, these customers are not chased any more."""
        return self.env["followup.stop.wizard"]._open_for(situations=self)

    def action_resume(self):
        """Chase these customers again."""
        self.env["followup.reminder"]._check_may_send()
        for company, situations in self.grouped("company_id").items():
            stopped = situations.partner_id.with_company(company).filtered("followup_stop")
            stopped.write(
                {
                    "followup_stop": False,
                    "followup_stop_until": False,
                    "followup_stop_reason_id": False,
                    "followup_stop_reason": False,
                }
            )

    def action_next_level(self):
        """Ask for the level that the next message of these customers has."""
        return self.env["followup.next.level.wizard"]._open_for(situations=self)
