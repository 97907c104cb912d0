from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: What a person may change in a message that still waits.
TYPED_FIELDS = {
    "body",
    "channel",
    "email_cc",
    "email_to",
    "extra_text",
    "followup_email",
    "level_id",
    "recipient_id",
    "recipient_ids",
    "subject",
    "user_id",
}


class FollowupReminder(models.Model):
    """One message to one customer through one channel, kept as it left."""

    _name = "followup.reminder"
    _description = "Reminder"
    _order = "date DESC, id DESC"
    _check_company_auto = True

    run_id = fields.Many2one("followup.run", index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="Person in charge")
    # The message
    date = fields.Date(required=True, readonly=True, index=True)
    level_id = fields.Many2one(
        "followup.level",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    plan_id = fields.Many2one(related="level_id.plan_id")
    level_name = fields.Char(string="Level (as sent)", readonly=True, help="Name that the level had then.")
    channel = fields.Selection(
        selection="_selection_channel",
        required=True,
    )
    recipient_id = fields.Many2one("res.partner", ondelete="restrict")
    message_key = fields.Integer(
        string="Grouping key",
        readonly=True,
        help="What sets the message apart from the customer's others: a level's rank or a document, by the plan.",
    )
    level_by_hand = fields.Boolean(
        string="Level chosen by hand", readonly=True, help="It stays when the amounts are read again."
    )
    companion_of_id = fields.Many2one(
        "followup.reminder",
        string="Goes with",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        copy=False,
        help="The message of the same level that this one accompanies on another channel. No level counts twice.",
    )
    companion_ids = fields.One2many("followup.reminder", "companion_of_id", string="Accompanied by", readonly=True)
    # Who decides
    mode = fields.Selection(
        selection="_selection_mode",
        required=True,
        default="confirm",
        readonly=True,
        help="Automatic: leaves by itself with the schedule. To confirm: leaves with the run, when a person sends it. "
        "Manual: waits for a person to accept this very message.",
    )
    ask_reason = fields.Selection(selection="_selection_reason", string="Why a person decides", readonly=True)
    to_decide = fields.Boolean(string="Waits for a decision", readonly=True, index="btree_not_null")
    decided_by_id = fields.Many2one("res.users", string="Accepted by", readonly=True, copy=False)
    # The text
    subject = fields.Char(compute="_compute_subject", inverse="_inverse_texts", compute_sudo=True, readonly=False)
    body = fields.Html(
        compute="_compute_body",
        inverse="_inverse_texts",
        compute_sudo=True,
        readonly=False,
        sanitize_style=False,
        sanitize_attributes=False,
    )
    #: What left, or what a person typed: empty while the text follows the level's template.
    kept_subject = fields.Char(string="Subject kept", readonly=True, copy=False)
    kept_body = fields.Html(
        string="Text kept", sanitize_style=False, sanitize_attributes=False, readonly=True, copy=False
    )
    text_problem = fields.Char(string="What is wrong with the text", compute="_compute_text_problem", compute_sudo=True)
    extra_text = fields.Text(
        string="Text added",
        help="Said once, in this message only, above the table of the due lines.",
    )
    text_edited = fields.Boolean(string="Text changed by hand", readonly=True)
    lines_table = fields.Html(string="Table of the due lines", compute="_compute_lines_table", sanitize=False)
    # What the customer owed
    line_ids = fields.One2many("followup.reminder.line", "reminder_id", string="Lines")
    line_count = fields.Integer(string="Lines listed", readonly=True)
    amount_due = fields.Monetary(
        string="Amount chased",
        readonly=True,
        help="Total of the lines listed, in the company currency.",
    )
    promised_amount = fields.Monetary(
        string="Promised", readonly=True, help="Of the lines listed: not claimed, the promise is waited for."
    )
    disputed_amount = fields.Monetary(
        string="Disputed", readonly=True, help="Of the lines listed: not claimed, the dispute is open."
    )
    balance = fields.Monetary(readonly=True, help="Balance of the account that day.")
    days_late = fields.Integer(string="Days late", readonly=True, aggregator="max", help="Of the oldest line listed.")
    previous_level_id = fields.Many2one("followup.level", string="Highest level reached", readonly=True)
    previous_date = fields.Date(string="Previous reminder", readonly=True)
    last_move_date = fields.Date(string="Last entry", readonly=True)
    # What left (what became of it: followup_reminder_state.py)
    mail_mail_id = fields.Many2one(
        "mail.mail", string="Outgoing e-mail", readonly=True, index="btree_not_null", copy=False
    )
    attachment_id = fields.Many2one("ir.attachment", string="Kept PDF", readonly=True, copy=False)
    pdf_sha256 = fields.Char(string="SHA-256 of the PDF", readonly=True, copy=False)

    #: Last message of a customer (minimum interval, last reminder of the situation).
    _history_idx = models.Index("(company_id, partner_id, date DESC)")

    @api.model
    def _selection_channel(self):
        """Channels of the levels, in the reader's language."""
        channel = self.env["followup.level"]._fields["channel"]
        return channel._description_selection(self.env)

    @api.model
    def _selection_mode(self):
        """Modes of the levels, in the reader's language."""
        return self.env["followup.level"]._fields["mode"]._description_selection(self.env)

    @api.model
    def _selection_reason(self):
        return self.env["followup.reminder.line"]._selection_reason()

    @api.depends("partner_id", "level_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(level)s – %(partner)s",
                level=reminder.level_id.name or "",
                partner=reminder.partner_id.display_name or "",
            )

    def _lines_by_currency(self):
        """[(currency, lines, total claimed)]: currencies are never added together."""
        self.ensure_one()
        return [
            (currency, lines, sum(lines.mapped("claimed")))
            for currency, lines in self.line_ids.grouped("currency_id").items()
        ]

    # CRUD

    def write(self, vals):
        if not self.env.su:
            self._check_editable(vals)
        return super().write(vals)

    def _check_editable(self, vals):
        """Only the message still waiting can change, and only what a person types."""
        if not TYPED_FIELDS.issuperset(vals):
            raise UserError(
                self.env._("Only the text, the channel, the level and the recipients of a reminder can change.")
            )
        if any(reminder.state != "prepared" for reminder in self):
            raise UserError(self.env._("A reminder that has left is kept as it was sent."))
        if {"subject", "body"} & set(vals):
            vals["text_edited"] = True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(reminder.state not in ("prepared", "failed", "cancelled") for reminder in self):
            raise UserError(self.env._("A reminder that has left is part of the history and cannot be deleted."))

    # Actions

    def action_preview(self):
        """The letter as it would be printed, with nothing kept nor counted."""
        return self.env.ref("account_receivable_followup.action_report_followup_letter").report_action(
            self, config=False
        )

    def action_open_pdf(self):
        """The very PDF that left."""
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("No PDF is kept yet: the reminder has not left."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}",
            "target": "new",
        }

    def action_release(self):
        """Send or print the selected reminders that are still waiting."""
        waiting = self.filtered(lambda reminder: reminder.state == "prepared")
        waiting._release()

    def _check_may_send(self):
        if not self.env.su and not self.env.user.has_group("account_receivable_followup.followup_group_user"):
            raise AccessError(
                self.env._("Only a person in charge of follow-ups can do this. Ask an administrator for that right.")
            )
        self.check_access("read")

    def _cancel(self, reason):
        """Leave these reminders out, with `reason` on each of their lines."""
        waiting = self.sudo().filtered(lambda r: r.state == "prepared")
        waiting.write({"state": "cancelled", "failure_reason": self._reason_label(reason)})
        waiting.line_ids.write({"reason": str(reason)})

    @api.model
    def _reason_label(self, reason):
        return dict(self.env["followup.reminder.line"]._selection_reason())[str(reason)]
