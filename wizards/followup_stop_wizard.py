from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.followup_window import window


class FollowupStopWizard(models.TransientModel):
    """“Stop the follow-up” of the selected customers or due lines: why, and until when."""

    _name = "followup.stop.wizard"
    _description = "Stop the follow-up"

    line_ids = fields.Many2many("account.move.line", string="Due lines")
    situation_ids = fields.Many2many("followup.situation", string="Customers")
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

    @api.model
    def _open_for(self, lines=None, situations=None):
        """Action that asks why these lines, or these customers, are not chased any more."""
        self.env["followup.reminder"]._check_may_send()
        records = situations if lines is None else lines
        records.check_access("read")
        if not records:
            raise UserError(self.env._("Nothing is selected."))
        return window(
            self.env,
            "followup_stop_wizard_action",
            context={f"default_{'situation_ids' if lines is None else 'line_ids'}": records.ids},
        )

    def action_apply(self):
        """Stop, and note it on the customers."""
        self.ensure_one()
        self.env["followup.reminder"]._check_may_send()
        self.line_ids.check_access("read")
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
        if self.line_ids:
            # Persons in charge do not keep the books: they may change these facts, and nothing else.
            self.line_ids.sudo().write(values)
            self.line_ids._followup_log(self._describe())
        return {"type": "ir.actions.act_window_close"}

    def _describe(self):
        """Sentence of the customers' chatter."""
        why = ": ".join(filter(None, [self.reason_id.name, self.note]))
        if self.until:
            return self.env._(
                "Follow-up stopped until %(day)s. Reason: %(why)s", day=format_date(self.env, self.until), why=why
            )
        return self.env._("Follow-up stopped. Reason: %(why)s", why=why)
