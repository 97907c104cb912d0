from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..models.followup_window import window


class FollowupLevelWizard(models.TransientModel):
    """“Set the level reached”: reminders sent by other means, while follow-ups are being taken over."""

    _name = "followup.level.wizard"
    _description = "Set the level reached"

    line_ids = fields.Many2many("account.move.line", string="Due lines", required=True)
    level_id = fields.Many2one(
        "followup.level",
        string="Level reached",
        required=True,
        domain="[('phase', '!=', 'thanks'), ('plan_id.active', '=', True)]",
    )
    date = fields.Date(
        string="Reached on",
        required=True,
        help="Day on which that reminder left. It cannot be in the future.",
    )
    reason = fields.Char(required=True, help="Kept in the history of the customers.")
    kept_line_ids = fields.Many2many(
        "account.move.line", string="Due lines that take the level", compute="_compute_kept_line_ids"
    )
    kept_count = fields.Integer(string="Lines that take the level", compute="_compute_kept_line_ids")
    left_out = fields.Char(string="Due lines left as they are", compute="_compute_kept_line_ids")

    @api.depends("line_ids", "level_id", "date")
    def _compute_kept_line_ids(self):
        """Debts only, and those that such a reminder can have chased on that day: a prevention notice announces,
        any other level leaves after the due date."""
        for wizard in self:
            open_lines = wizard.line_ids.filtered(
                lambda line: line.followup_kind and line.parent_state == "posted" and not line.reconciled
            )
            debts = open_lines.filtered(lambda line: line.amount_residual > 0)
            kept = debts
            if wizard.date and wizard.level_id and wizard.level_id.phase != "prevention":
                day = wizard.date
                kept = debts.filtered(lambda line, day=day: (line.date_maturity or line.date) < day)
            wizard.kept_line_ids = kept
            wizard.kept_count = len(kept)
            wizard.left_out = wizard._describe_left_out(len(wizard.line_ids - debts), len(debts - kept))

    def _describe_left_out(self, credits_count, early_count):
        """Sentence on the selected lines that do not take the level, False when all do."""
        sentences = []
        if credits_count:
            sentences.append(self.env._("%(count)s are left out: credits or settled lines.", count=credits_count))
        if early_count:
            sentences.append(self.env._("%(count)s are left out: not overdue on that day.", count=early_count))
        return " ".join(sentences) or False

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("account_receivable_followup.followup_group_manager"):
            raise UserError(
                self.env._(
                    "Only a manager of the follow-ups can set the level reached by hand: "
                    "it decides which letter leaves next."
                )
            )

    @api.model
    def _open_for(self, lines):
        """Action that asks for the level of these lines."""
        self._check_manager()
        if not lines:
            raise UserError(self.env._("No open due line is selected."))
        return window(self.env, "followup_level_wizard_action", context={"default_line_ids": lines.ids})

    def action_apply(self):
        """Set the level and its day on the lines, and log it on each customer."""
        self.ensure_one()
        self._check_manager()
        self.line_ids.check_access("read")
        if any(self.date > company.sudo()._followup_today() for company in self.line_ids.company_id):
            raise UserError(self.env._("A level was reached in the past: choose today or an earlier day."))
        if not self.kept_line_ids:
            raise UserError(
                self.env._("None of the selected lines can take this level. %(why)s", why=self.left_out or "")
            )
        # Managers of the follow-ups do not keep the books: they may change these two facts, and nothing else.
        lines = self.kept_line_ids.sudo()
        before = {line: line.followup_level_id for line in lines}
        lines.write({"followup_level_id": self.level_id.id, "followup_date": self.date})
        lines._followup_log(
            self.env._(
                "Level reached set by hand, as of %(day)s. Reason: %(reason)s",
                day=format_date(self.env, self.date),
                reason=self.reason,
            ),
            lambda line: self.env._(
                "%(document)s: %(before)s → %(after)s",
                document=line.followup_document or line.name or "",
                before=before[line].name or self.env._("none"),
                after=self.level_id.name,
            ),
        )
        return {"type": "ir.actions.act_window_close"}


class AccountMoveLine(models.Model):
    """Setting the level of the selected due lines."""

    _inherit = "account.move.line"

    def action_followup_set_level(self):
        """Ask for the level that these due lines have reached."""
        self.check_access("read")
        return self.env["followup.level.wizard"]._open_for(self)


class FollowupSituation(models.Model):
    """Setting the level of all the overdue lines of the selected customers."""

    _inherit = "followup.situation"

    def action_set_level(self):
        """Ask for the level that the overdue lines of these customers have reached."""
        self.check_access("read")
        lines = self.env["account.move.line"]
        for company, situations in self.grouped("company_id").items():
            lines |= lines.search(
                lines._followup_open_domain(situations.partner_id, company)
                & Domain("amount_residual", ">", 0)
                & Domain("date_maturity", "<", company.sudo()._followup_today())
            )
        return self.env["followup.level.wizard"]._open_for(lines)
