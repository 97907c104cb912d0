from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class FollowupStopWizard(models.TransientModel):
    """“Stop the follow-up” of the selected customers or due lines: why, and until when."""

    _name = "followup.stop.wizard"
    _inherit = ["followup.selection.mixin"]
    _description = "Stop the follow-up"

    reason_id = fields.Many2one("followup.stop.reason", required=True)
    until = fields.Date(string="Stopped until", help="Last day of the stop. Empty: until it is lifted.")
    note = fields.Char(string="Comment")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("line_ids", "situation_ids")
    def _compute_summary(self):
        for wizard in self:
            partners = wizard.situation_ids.partner_id or wizard.line_ids.partner_id.commercial_partner_id
            customers = partners.display_name if len(partners) == 1 else None
            customers = customers or self.env._("%(count)s customers", count=len(partners))
            if wizard.situation_ids:
                wizard.summary = self.env._(
                    "%(customers)s: nothing leaves any more, whatever is owed.", customers=customers
                )
            else:
                wizard.summary = self.env._(
                    "%(customers)s: these due lines (%(lines)s) are left out, the rest of the account is chased.",
                    customers=customers,
                    lines=len(wizard.line_ids),
                )

    def action_apply(self):
        """Stop, and note it on the customers."""
        self._check_may_apply()
        for company in self.line_ids.company_id | self.situation_ids.company_id:
            if self.until and self.until < company.sudo()._followup_today():
                raise UserError(self.env._("A stop ends today or later: leave the day empty, or choose a later one."))
        values = {
            "followup_stop": True,
            "followup_stop_until": self.until,
            "followup_stop_reason_id": self.reason_id.id,
            "followup_stop_reason": self.note,
        }
        for company, situations in self.situation_ids.grouped("company_id").items():
            situations.partner_id.with_company(company).write(values)
        self._write_lines(values)
        return {"type": "ir.actions.act_window_close"}

    def _describe(self):
        why = ": ".join(filter(None, [self.reason_id.name, self.note]))
        if self.until:
            return self.env._(
                "Follow-up stopped until %(day)s. Reason: %(why)s", day=format_date(self.env, self.until), why=why
            )
        return self.env._("Follow-up stopped. Reason: %(why)s", why=why)
