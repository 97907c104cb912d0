from odoo import api, fields, models

#: Why a line is left out, in words. Codes are those of `lib.levels`,
#: plus what only the sending knows.
REASONS = [
    ("not_due", "Nothing due today"),
    ("below_minimum", "Below the minimum amount"),
    ("below_threshold", "Below the customer's threshold"),
    ("credits_cover", "Credits cover the debt"),
    ("minimum_interval", "Minimum interval not over"),
    ("previous_not_done", "Previous level not done"),
    ("customer_stop", "Stop on the customer"),
    ("line_stop", "Stop on the line"),
    ("no_followup", "Excluded from follow-up"),
    ("disputed", "Disputed"),
    ("promised", "Promised"),
    ("automatic_payment", "Automatic payment mode"),
    ("account_not_followed", "Account not chased (bills, retentions)"),
    ("no_address", "No address for this channel"),
    ("last_level_sent", "Last level already sent"),
    ("credit", "Payment or credit note"),
    ("paid", "Paid since the preparation"),
    ("skipped", "Left out of this run by hand"),
]


class FollowupReminderLine(models.Model):
    """One due line in one reminder; or left out of a run, with the reason."""

    _name = "followup.reminder.line"
    _description = "Reminder line"
    _order = "due_date, id"

    reminder_id = fields.Many2one(
        "followup.reminder", index="btree_not_null", ondelete="cascade"
    )
    run_id = fields.Many2one("followup.run", index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", index=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due line",
        index="btree_not_null",
        ondelete="set null",
        help="Empty when the entry has since been deleted; the snapshot stays.",
    )
    state = fields.Selection(related="reminder_id.state", string="Reminder state")
    # Snapshot
    document = fields.Char()
    label = fields.Char()
    document_date = fields.Date()
    due_date = fields.Date()
    days_late = fields.Integer(string="Days late", aggregator="max")
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    amount = fields.Monetary(aggregator=None)
    paid = fields.Monetary(aggregator=None)
    residual = fields.Monetary(string="Balance due", aggregator=None)
    residual_company = fields.Monetary(
        string="Balance due (company currency)",
        currency_field="company_currency_id",
    )
    level_id = fields.Many2one(
        "followup.level",
        ondelete="restrict",
        index="btree_not_null",
        help="Level of the line with this reminder.",
    )
    raises = fields.Boolean(
        string="Level rises",
        help="The line reaches this level when the reminder leaves; otherwise it is "
        "only listed.",
    )
    reason = fields.Selection(REASONS, readonly=True)

    @api.model
    def _selection_reason(self):
        """Reasons in the reader's language, for the fields that show them elsewhere."""
        return self._fields["reason"]._description_selection(self.env)

    @api.model
    def _prepare_vals(self, run, line, decision):
        """Snapshot of a move line, decided upon as `decision` (lib.levels)."""
        sign = -1 if line.amount_residual < 0 else 1
        level_id = decision.level.id if decision.level else line.followup_level_id.id
        return {
            "run_id": run.id,
            "company_id": run.company_id.id,
            "partner_id": line.partner_id.commercial_partner_id.id,
            "move_line_id": line.id,
            "document": line.followup_document,
            "label": line.name,
            "document_date": line.invoice_date or line.date,
            "due_date": line.date_maturity or line.date,
            "days_late": decision.days_late,
            "currency_id": line.currency_id.id,
            "amount": line.amount_currency,
            "paid": line.currency_id.round(
                sign * (abs(line.amount_currency) - abs(line.amount_residual_currency))
            ),
            "residual": line.amount_residual_currency,
            "residual_company": line.amount_residual,
            "level_id": level_id,
            "raises": False,
        }

    def action_restore(self):
        """Take the customer of this line back into the run it was left out of."""
        self.reminder_id.action_restore()
