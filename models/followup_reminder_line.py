from odoo import api, fields, models

#: Why a line is left out, in words. Codes are those of `lib.levels`,
#: plus what only the sending knows.
REASONS = [
    ("not_due", "Nothing due today"),
    ("below_minimum", "Below the minimum amount"),
    ("below_threshold", "Below the customer's threshold"),
    ("above_ceiling", "Above the ceiling: a person decides"),
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
    ("not_in_plan", "Journal or account left out by the plan"),
    ("in_process", "Payment in process"),
    ("grace", "Dispute just settled"),
    ("handed_over", "Handed over for collection"),
    ("proceedings", "Insolvency proceedings, earlier debt"),
    ("prescribed", "Prescribed"),
    ("not_automatic", "Customer proposed only"),
    ("manual_level", "Manual level: a person decides"),
    ("not_sending_day", "Not a sending day"),
    ("stale", "Entries out of date or differing from Sage"),
    ("no_address", "No address for this channel"),
    ("blacklisted", "Address on the blacklist"),
    ("last_level_sent", "Last level already sent"),
    ("credit", "Payment or credit note"),
    ("paid", "Paid since the preparation"),
    ("skipped", "Left out of this run by hand"),
    ("other_plan", "The customer follows another plan"),
    ("replaced", "Replaced by a later run"),
]


class KeptElsewhere(fields.Many2one):
    """Link without a foreign key of its own, for rows written by the thousand: PostgreSQL checks each key row by row,
    and what is linked to is kept by the keys of the entry and of the run."""

    def update_db_foreign_key(self, model, column):
        """Make none."""


class FollowupReminderLine(models.Model):
    """One due line in one reminder; or left out of a run, with the reason."""

    _name = "followup.reminder.line"
    _description = "Reminder line"
    _order = "due_date, id"
    # Written by the thousand: who and when are those of the reminder, and two foreign keys less count.
    _log_access = False

    reminder_id = fields.Many2one("followup.reminder", index="btree_not_null", ondelete="cascade")
    run_id = fields.Many2one("followup.run", index=True, ondelete="cascade")
    taken_from_id = fields.Many2one(
        "followup.reminder",
        string="Taken out of",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="The message that a person took this line out of, for this run only.",
    )
    company_id = KeptElsewhere("res.company", required=True)
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
    document_date = fields.Date(string="Document date")
    due_date = fields.Date(string="Due date")
    days_late = fields.Integer(string="Days late", aggregator="max")
    currency_id = KeptElsewhere("res.currency", required=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
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
    # Parts not claimed, in the currency of the line
    promised = fields.Monetary(aggregator=None, help="Part not claimed: a promise is waited for.")
    disputed = fields.Monetary(aggregator=None, help="Part not claimed: a dispute is open.")
    in_process = fields.Monetary(
        string="In process", aggregator=None, help="Part not claimed: its payment is under way."
    )
    shown_only = fields.Boolean(
        string="Shown, not deducted", help="A credit that the message shows without deducting it."
    )
    claimed = fields.Monetary(compute="_compute_claimed")
    claimed_company = fields.Monetary(
        string="Claimed (company currency)", currency_field="company_currency_id", compute="_compute_claimed"
    )
    raises = fields.Boolean(
        string="Level rises",
        help="The line reaches this level when the reminder leaves; otherwise it is only listed.",
    )
    reason = fields.Selection(REASONS, readonly=True)

    @api.model
    def _selection_reason(self):
        """Reasons in the reader's language, for the fields that show them elsewhere."""
        return self._fields["reason"]._description_selection(self.env)

    @api.depends("residual", "residual_company", "promised", "disputed", "in_process", "shown_only")
    def _compute_claimed(self):
        """What the message claims of the line: its balance without what is promised, disputed or under way."""
        for line in self:
            claimed = 0 if line.shown_only else line.residual - line.promised - line.disputed - line.in_process
            share = claimed / line.residual if line.residual else 0
            line.claimed = claimed
            line.claimed_company = line.company_currency_id.round(line.residual_company * share)
