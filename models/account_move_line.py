from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .account_move_line_followup import READERS
from .followup_window import window

#: Fields of a line that the decision or the figures of the situation depend on.
FACT_FIELDS = {
    "account_id",
    "amount_currency",
    "balance",
    "credit",
    "date",
    "date_maturity",
    "debit",
    "followup_automatic_payment",
    "followup_date",
    "followup_disputed",
    "followup_disputed_amount",
    "followup_forced_level_id",
    "followup_handed_over",
    "followup_level_id",
    "followup_not_before",
    "followup_promised_amount",
    "followup_promised_rest",
    "followup_promised_until",
    "followup_stop",
    "followup_stop_until",
    "no_followup",
    "partner_id",
}


class AccountMoveLine(models.Model):
    """Due line (échéance): what the follow-up knows and says of it."""

    _inherit = "account.move.line"

    followup_kind = fields.Selection(related="account_id.followup_kind")
    followup_document = fields.Char(
        string="Document",
        compute="_compute_followup_document",
        search="_search_followup_document",
    )
    # What has been sent
    followup_level_id = fields.Many2one(
        "followup.level",
        string="Level reached",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Highest level of a reminder that really left.",
    )
    followup_date = fields.Date(string="Last reminder", readonly=True, copy=False)
    followup_reminder_line_ids = fields.One2many(
        "followup.reminder.line", "move_line_id", string="Reminders", readonly=True
    )
    # What a person decided
    followup_stop = fields.Boolean(
        string="Stop follow-up",
        copy=False,
        help="This due line enters no reminder until the stop is lifted.",
    )
    followup_stop_reason = fields.Char(
        string="Note on the stop", copy=False, groups=READERS
    )
    followup_automatic_payment = fields.Boolean(
        string="Collected automatically",
        copy=False,
        help="Direct debit, LCR…: the company collects it, the customer is not chased.",
    )
    # What depends on today: never stored
    followup_days_late = fields.Integer(
        string="Days late",
        compute="_compute_followup_days_late",
        search="_search_followup_days_late",
        help="Calendar days since the due date; 0 when it is not due.",
    )
    followup_next_level_id = fields.Many2one(
        "followup.level",
        string="Next level",
        compute="_compute_followup_next",
    )
    followup_next_date = fields.Date(
        string="Next step on", compute="_compute_followup_next"
    )
    followup_reason = fields.Selection(
        selection="_selection_followup_reason",
        string="Why not today",
        compute="_compute_followup_next",
    )

    @api.depends("move_id.ref", "move_id.name", "move_id.move_type", "name")
    def _compute_followup_document(self):
        """Number that the customer knows: the invoice's, or the reference of an entry."""
        for line in self:
            move = line.move_id
            if move.move_type == "entry":
                line.followup_document = move.ref or line.name or move.name
            else:
                line.followup_document = move.name

    def _search_followup_document(self, operator, value):
        if Domain.is_negative_operator(operator):
            return NotImplemented
        return (
            Domain("move_id.ref", operator, value)
            | Domain("move_id.name", operator, value)
            | Domain("name", operator, value)
        )

    @api.depends("date_maturity", "date", "amount_residual")
    @api.depends_context("allowed_company_ids")
    def _compute_followup_days_late(self):
        """A debt is late from the day after its due date; a credit never is."""
        today = {
            company: company._followup_today() for company in self.company_id.sudo()
        }
        for line in self:
            due = line.date_maturity or line.date
            late = (today[line.company_id] - due).days if due else 0
            line.followup_days_late = max(late, 0) if line.amount_residual > 0 else 0

    @api.model
    def _search_followup_days_late(self, operator, value):
        """Days late ≥ n, as a condition on the due date, the index of which serves."""
        today = self.env.company._followup_today()

        def at_least(days):
            if days <= 0:
                return Domain.TRUE
            limit = today - timedelta(days=days)
            return Domain("amount_residual", ">", 0) & (
                Domain("date_maturity", "<=", limit)
                | Domain("date_maturity", "=", False) & Domain("date", "<=", limit)
            )

        if operator == "in":
            return Domain.OR(at_least(days) & ~at_least(days + 1) for days in value)
        if operator not in (">", ">=", "<", "<="):
            return NotImplemented
        found = at_least(int(value) + (operator in (">", "<=")))
        return found if operator in (">", ">=") else ~found

    @api.model
    def _selection_followup_reason(self):
        return self.env["followup.reminder.line"]._selection_reason()

    @api.depends(
        "amount_residual", "date_maturity", "followup_level_id", "followup_stop"
    )
    def _compute_followup_next(self):
        """Next step of each line, by the same decision as the runs."""
        self.followup_next_level_id = False
        self.followup_next_date = False
        self.followup_reason = False
        Facts = self.env["followup.facts"]
        for company, lines in self.filtered("followup_kind").grouped("company_id").items():
            partners = lines.partner_id.commercial_partner_id
            decisions = Facts._decide_lines(
                company, company.sudo()._followup_today(), partners.ids
            )
            for line in lines:
                decision = decisions.get(line.id)
                if decision:
                    step = decision.level or decision.next_level
                    line.followup_next_level_id = step and step.id
                    line.followup_next_date = decision.next_date
                    line.followup_reason = decision.reason

    # Whatever changes a figure queues the customer for a rebuild

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._followup_touch()
        return lines

    def write(self, vals):
        watched = not FACT_FIELDS.isdisjoint(vals)
        if watched and "partner_id" in vals:
            self._followup_touch()  # the customer that loses the line
        result = super().write(vals)
        if watched:
            self._followup_touch()
        return result

    def unlink(self):
        self._followup_touch()
        return super().unlink()

    def _followup_touch(self):
        """Queue the customers of these lines (only those of followed accounts)."""
        lines = self.sudo().filtered(lambda line: line.account_id.followup_kind)
        self.env["followup.situation.queue"].sudo()._append(
            (line.partner_id.commercial_partner_id.id, line.company_id.id)
            for line in lines
            if line.partner_id
        )

    def action_followup_history(self):
        """Open the reminders that listed this line."""
        self.ensure_one()
        return window(
            self.env, "followup_reminder_action", domain=[("line_ids.move_line_id", "=", self.id)], context={}
        )
