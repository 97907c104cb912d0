from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.followup_window import window


class FollowupCountWizard(models.TransientModel):
    """“Correct the number of reminders”: reminders counted that never counted, or the reverse."""

    _name = "followup.count.wizard"
    _description = "Correct the number of reminders"

    line_ids = fields.Many2many("account.move.line", string="Due lines", required=True)
    count = fields.Integer(string="Reminders counted", required=True)
    reason = fields.Char(required=True, help="Kept in the history of the customers.")

    _count_not_negative = models.Constraint("CHECK (count >= 0)", "A number of reminders is zero or more.")

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("account_receivable_followup.followup_group_manager"):
            raise UserError(
                self.env._("Only a manager of the follow-ups can correct the number of reminders: it is the history.")
            )

    @api.model
    def _open_for(self, lines):
        """Action that asks for the number of reminders of these lines."""
        self._check_manager()
        lines.check_access("read")
        lines = lines.filtered("followup_kind")
        if not lines:
            raise UserError(self.env._("No open due line is selected."))
        return window(
            self.env,
            "followup_count_wizard_action",
            context={"default_line_ids": lines.ids, "default_count": max(lines.mapped("followup_count"))},
        )

    def action_apply(self):
        """Set the number, and note it on the customers."""
        self.ensure_one()
        self._check_manager()
        self.line_ids.check_access("read")
        before = {line: line.followup_count for line in self.line_ids}
        changed = self.line_ids.filtered(lambda line: line.followup_count != self.count)
        # Managers of the follow-ups do not keep the books: they may change this fact, and nothing else.
        changed.sudo().write({"followup_count": self.count})
        changed._followup_log(
            self.env._("Number of reminders corrected by hand. Reason: %(reason)s", reason=self.reason),
            lambda line: self.env._(
                "%(document)s: %(before)s → %(after)s",
                document=line.followup_document or line.name or "",
                before=before[line],
                after=self.count,
            ),
        )
        return {"type": "ir.actions.act_window_close"}
