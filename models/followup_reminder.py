from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: What a person may change in a message that still waits.
TYPED_FIELDS = {"body", "channel", "recipient_id", "subject", "user_id"}


class FollowupReminder(models.Model):
    """One message to one customer through one channel, kept as it left."""

    _name = "followup.reminder"
    _description = "Reminder"
    _order = "date DESC, id DESC"
    _check_company_auto = True

    run_id = fields.Many2one(
        "followup.run", index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
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
    level_name = fields.Char(
        string="Level (as sent)", readonly=True, help="Name that the level had then."
    )
    channel = fields.Selection(
        selection="_selection_channel",
        required=True,
    )
    recipient_id = fields.Many2one("res.partner", ondelete="restrict")
    email_to = fields.Char(
        string="E-mail address", compute="_compute_email_to", store=True
    )
    subject = fields.Char()
    body = fields.Html(sanitize_style=False, sanitize_attributes=False)
    text_edited = fields.Boolean(readonly=True)
    lines_table = fields.Html(compute="_compute_lines_table", sanitize=False)
    # What the customer owed
    line_ids = fields.One2many("followup.reminder.line", "reminder_id", string="Lines")
    line_count = fields.Integer(string="Lines listed", readonly=True)
    amount_due = fields.Monetary(
        string="Amount chased",
        readonly=True,
        help="Total of the lines listed, in the company currency.",
    )
    balance = fields.Monetary(readonly=True, help="Balance of the account that day.")
    days_late = fields.Integer(
        string="Days late",
        readonly=True, aggregator="max", help="Of the oldest line listed."
    )
    previous_level_id = fields.Many2one(
        "followup.level", string="Highest level reached", readonly=True
    )
    previous_date = fields.Date(string="Previous reminder", readonly=True)
    last_move_date = fields.Date(string="Last entry", readonly=True)
    # What became of it
    state = fields.Selection(
        [
            ("prepared", "To send"),
            ("queued", "On its way"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Left out of the run"),
        ],
        required=True,
        default="prepared",
        index=True,
        readonly=True,
    )
    sent_at = fields.Datetime(string="Left on", readonly=True)
    failure_reason = fields.Char(string="Why it did not leave", readonly=True)
    mail_mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", copy=False
    )
    attachment_id = fields.Many2one(
        "ir.attachment", string="Kept PDF", readonly=True, copy=False
    )
    pdf_sha256 = fields.Char(string="SHA-256 of the PDF", readonly=True, copy=False)

    #: Last message of a customer (minimum interval, last reminder of the situation).
    _history_idx = models.Index("(company_id, partner_id, date DESC)")

    @api.model
    def _selection_channel(self):
        """Channels of the levels, in the reader's language."""
        channel = self.env["followup.level"]._fields["channel"]
        return channel._description_selection(self.env)

    @api.depends("recipient_id")
    def _compute_email_to(self):
        """Address of the recipient when it was chosen: what was sent must not follow
        the contact's later changes."""
        for reminder in self:
            reminder.email_to = reminder.recipient_id.email

    @api.depends("partner_id", "level_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(level)s – %(partner)s",
                level=reminder.level_id.name or "",
                partner=reminder.partner_id.display_name or "",
            )

    @api.depends("line_ids.residual")
    @api.depends_context("lang")
    def _compute_lines_table(self):
        for reminder in self:
            reminder.lines_table = self.env["ir.qweb"]._render(
                "account_receivable_followup.reminder_lines_table",
                {"reminder": reminder},
            )

    def _lines_by_currency(self):
        """[(currency, lines, total residual)]: currencies are never added together."""
        self.ensure_one()
        return [
            (currency, lines, sum(lines.mapped("residual")))
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
                self.env._("Only the text and the recipient of a reminder can change.")
            )
        if any(reminder.state != "prepared" for reminder in self):
            raise UserError(
                self.env._("A reminder that has left is kept as it was sent.")
            )
        if {"subject", "body"} & set(vals):
            vals["text_edited"] = True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(reminder.state in ("queued", "sent") for reminder in self):
            raise UserError(
                self.env._(
                    "A reminder that has left is part of the history and cannot be "
                    "deleted."
                )
            )

    # Actions

    def action_skip(self):
        """Leave these customers out of this run only; they come back in the next one."""
        self._check_may_send()
        self._cancel("skipped")

    def action_restore(self):
        """Take customers that were left out by hand back into the run."""
        self._check_may_send()
        skipped = self.filtered(
            lambda r: r.state == "cancelled" and "skipped" in r.line_ids.mapped("reason")
        )
        skipped.sudo().write({"state": "prepared", "failure_reason": False})
        skipped.line_ids.sudo().write({"reason": False})

    def action_preview(self):
        """The letter as it would be printed, with nothing kept nor counted."""
        return self.env.ref(
            "account_receivable_followup.action_report_followup_letter"
        ).report_action(self, config=False)

    def action_open_pdf(self):
        """The very PDF that left."""
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(
                self.env._("No PDF is kept yet: the reminder has not left.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}",
            "target": "new",
        }

    def action_release(self):
        """Send or print the selected reminders that are still waiting."""
        waiting = self.filtered(lambda reminder: reminder.state == "prepared")
        waiting._release()

    def action_retry(self):
        """Put failed reminders back among those to send, with today's amounts."""
        self._check_may_send()
        failed = self.sudo().filtered(lambda reminder: reminder.state == "failed")
        # Sending the first mail again from Odoo's queue would double the message.
        failed.mail_mail_id.cancel()
        failed.write(
            {"state": "prepared", "failure_reason": False, "mail_mail_id": False}
        )

    def _check_may_send(self):
        if not self.env.su and not self.env.user.has_group(
            "account_receivable_followup.followup_group_user"
        ):
            raise AccessError(
                self.env._(
                    "Only a person in charge of follow-ups can do this. "
                    "Ask an administrator for that right."
                )
            )
        self.check_access("read")

    def _cancel(self, reason):
        """Leave these reminders out, with `reason` on each of their lines."""
        waiting = self.sudo().filtered(lambda r: r.state == "prepared")
        waiting.write(
            {"state": "cancelled", "failure_reason": self._reason_label(reason)}
        )
        waiting.line_ids.write({"reason": str(reason)})

    @api.model
    def _reason_label(self, reason):
        return dict(self.env["followup.reminder.line"]._selection_reason())[str(reason)]

    # Text

    def _render_texts(self):
        """Fill subject and body from the level's template, in the recipient's language.

        A text that cannot be rendered fails that reminder alone, and says why.
        """
        for reminder in self:
            template = reminder.level_id.template_id
            if not template:
                reminder._fail(
                    self.env._(
                        "The level “%(level)s” has no text. Choose one in the plan.",
                        level=reminder.level_name,
                    )
                )
                continue
            lang = reminder.recipient_id.lang or reminder.partner_id.lang
            localised = reminder.with_context(lang=lang or self.env.lang)
            try:
                localised._render_text(template.with_context(lang=localised.env.lang))
            except Exception as error:  # user-edited template: any error may come
                reminder._fail(
                    self.env._(
                        "The text “%(template)s” cannot be used: %(error)s",
                        template=template.name,
                        error=error,
                    )
                )

    def _render_text(self, template):
        self.ensure_one()
        # Free fields of Sage and the like differ with the company.
        template = template.with_company(self.company_id)
        self.subject = template._render_field("subject", self.ids)[self.id]
        self.body = template._render_field("body_html", self.ids)[self.id]
        self.level_name = self.level_id.name
        self.text_edited = False

    def _fail(self, reason):
        """Mark as not left, with the reason; levels stay as they were."""
        self.write({"state": "failed", "failure_reason": reason})

    # What really happened

    def _mark_sent(self):
        """The message left: count the levels, log it, plan the call if there is one."""
        self.write({"state": "sent", "sent_at": fields.Datetime.now()})
        self._raise_levels()
        for reminder in self:
            if reminder.channel != "email":
                reminder._log_on_customer()
            if reminder.level_id.call:
                reminder._plan_call()

    def _raise_levels(self):
        """Each line that was due rises to its own level; the others were only listed."""
        due = self.line_ids.filtered("raises")
        for (level, day), lines in due.grouped(
            lambda line: (line.level_id, line.reminder_id.date)
        ).items():
            lines.move_line_id.write(
                {"followup_level_id": level.id, "followup_date": day}
            )
        self.env["followup.situation.queue"]._append(
            (reminder.partner_id.id, reminder.company_id.id) for reminder in self
        )

    def _log_on_customer(self):
        """Note in the customer's chatter, with the letter itself."""
        self.ensure_one()
        self.partner_id._message_log(
            body=Markup("<p>%s</p>")
            % self.env._(
                "%(level)s printed: %(amount)s, %(count)s lines.",
                level=self.level_name,
                amount=self.currency_id.format(self.amount_due),
                count=self.line_count,
            ),
            attachment_ids=self.attachment_id.ids,
            author_id=self.user_id.partner_id.id or None,
        )

    def _plan_call(self):
        self.ensure_one()
        self.partner_id.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.date,
            user_id=self.user_id.id or self.env.uid,
            summary=self.env._(
                "%(level)s: call about %(amount)s",
                level=self.level_name,
                amount=self.currency_id.format(self.amount_due),
            ),
        )

    def _mark_mail_failed(self, reason):
        """The mail did not leave: no level counts, the person in charge is told."""
        for reminder in self:
            reminder._fail(reason or self.env._("The mail server refused the message."))
            reminder.partner_id.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=reminder.user_id.id or self.env.uid,
                summary=self.env._(
                    "%(level)s not sent", level=reminder.level_name or ""
                ),
                note=reminder.failure_reason,
            )
