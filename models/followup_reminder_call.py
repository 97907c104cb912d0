from odoo import api, fields, models
from odoo.fields import Domain

#: What a call gave.
OUTCOMES = [
    ("reached", "Reached"),
    ("message", "Message left"),
    ("promise", "Promise to pay"),
    ("dispute", "Dispute"),
    ("again", "To be called back"),
    ("wrong_number", "Wrong number"),
    ("done", "Done"),
    ("not_needed", "No longer needed"),
]
#: The customer was spoken to: the call may count as the level.
REACHED = {"reached", "promise", "dispute", "done"}


class FollowupReminder(models.Model):
    """Calls and other actions: planned by the release for the person in charge, who says what they gave.

    A level may also ask for a call besides its message: the call is then to be made although the message has left.
    """

    _inherit = "followup.reminder"

    delivery = fields.Selection(selection_add=[("wrong_number", "Wrong number")])
    to_call = fields.Boolean(string="Call or action to be made", readonly=True, copy=False, index="btree_not_null")
    call_on = fields.Date(string="To be made on", readonly=True, copy=False)
    call_activity_id = fields.Many2one(
        "mail.activity",
        string="Activity of the call",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    call_outcome = fields.Selection(OUTCOMES, string="Outcome", readonly=True, copy=False)
    call_comment = fields.Text(string="Comment on the call", readonly=True, copy=False)
    called_at = fields.Datetime(string="Made on", readonly=True, copy=False)
    called_by_id = fields.Many2one("res.users", string="Made by", readonly=True, copy=False)
    call_number = fields.Char(string="Number", compute="_compute_call_number")

    @api.depends("recipient_id.phone", "partner_id.phone", "channel", "to_call")
    def _compute_call_number(self):
        """Number to ring: that of the recipient, else of whoever the level is for."""
        found = self._get_recipients()
        for reminder in self:
            reminder.call_number = reminder.recipient_id.phone or found[reminder].phone or False

    # Planning

    def _hand_over_phone(self):
        """Plan these calls for the person in charge; those without a number fail, and are told apart."""
        lost = self.filtered(lambda reminder: not reminder.call_number)
        lost._record_failure(self.env._("No phone number is known."), "no_address")
        (self - lost)._hand_over_other()

    def _hand_over_other(self):
        """Plan something else that the person in charge does."""
        for reminder in self:
            reminder._record({"state": "todo", "failure_reason": False, "delivery": False, **reminder._plan_vals()})

    def _plan_vals(self):
        """A call to make on the day of the reminder, or today when it leaves later."""
        self.ensure_one()
        today = self.company_id._followup_today()
        return {"to_call": True, "call_on": max(self.date, today), "call_outcome": False, "call_comment": False}

    def _settle_todo(self):
        """The persons in charge find their calls among their activities; the interval to the next message begins."""
        self._queue_situations()
        self._try_each("_plan_activity")

    def _plan_call(self):
        """Calls besides the messages that have just left."""
        for reminder in self:
            reminder.write(reminder._plan_vals())
        self._plan_activity()

    def _plan_activity(self):
        """The activities of the persons in charge, created at once as Odoo would one by one."""
        if self.env.context.get("mail_activity_automation_skip"):
            return
        # Odoo reads them one by one for the activities and their notes.
        self.partner_id.fetch()
        self.line_ids.move_line_id.move_id.fetch()
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create([reminder._prepare_activity_vals() for reminder in self])
        )
        for reminder, activity in zip(self, activities, strict=True):
            reminder.call_activity_id = activity

    def _prepare_activity_vals(self):
        """What the person in charge is told: whom to call, at which number, about what, and what to say."""
        self.ensure_one()
        user = self._get_alerted_user()
        reminder = self.with_context(lang=user.lang or self.env.lang)
        kind = "todo" if self.channel == "other" else "call"
        known = self.env["ir.model.data"]._xmlid_to_res_id(f"mail.mail_activity_data_{kind}", raise_if_not_found=False)
        return {
            "activity_type_id": known or self.partner_id._default_activity_type().id,
            "automated": True,
            "date_deadline": self.call_on,
            "user_id": user.id,
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.partner_id.id,
            "summary": reminder.env._(
                "%(level)s: %(amount)s",
                level=reminder.level_id.name,
                amount=self.currency_id.format(self.amount_due),
            ),
            "note": reminder._get_call_note(),
        }

    def _get_call_note(self, with_link=True):
        """What the caller needs at hand, as HTML: the number, the script, the due lines as they stand."""
        self.ensure_one()
        return self.env["ir.qweb"]._render(
            "account_receivable_followup.followup_call_note", {"reminder": self, "with_link": with_link}
        )

    def _get_call_lines(self):
        """The due lines that the message lists and that are still open, the oldest first."""
        self.ensure_one()
        lines = self.sudo().line_ids.move_line_id
        return lines.filtered(
            lambda line: not line.reconciled and line.amount_residual_currency > 0
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    # Making them

    def action_call(self):
        """The dialog that says what to say, and takes down what the call gave."""
        self.ensure_one()
        return self.env["followup.call.wizard"]._open_for(self)

    def _get_next_call(self, seen):
        """The next call due to whoever is calling, the oldest first; an empty record when there is none."""
        return self.search(self._get_next_call_domain(seen), order="call_on, amount_due DESC, id", limit=1)

    def _get_next_call_domain(self, seen):
        """Calls due today but those `seen`: the caller's, and those of the colleague whose calls he makes."""
        self.ensure_one()
        return (
            Domain("to_call", "=", True)
            & Domain("id", "not in", seen.ids)
            & Domain("user_id", "in", [False, self.env.uid, self.user_id.id])
            & Domain("company_id", "=", self.company_id.id)
            & Domain("call_on", "<=", self.company_id.sudo()._followup_today())
        )

    def _record_outcome(self, outcome, comment=None, call_back_on=None, detail=None):
        """Keep what the call gave, and draw its consequences.

        :param comment: what the caller noted
        :param call_back_on: day of the next attempt, for the outcome “again”
        :param detail: sentence on the promise or the dispute that came out of it
        """
        self.ensure_one()
        self.write(
            {
                "call_outcome": outcome,
                "call_comment": comment,
                "called_at": fields.Datetime.now(),
                "called_by_id": self.env.uid,
                "to_call": outcome == "again",
                "call_on": call_back_on if outcome == "again" else self.call_on,
            }
        )
        text = ". ".join(filter(None, [detail or self._describe_outcome(), comment]))
        if outcome == "again":
            self.call_activity_id.date_deadline = call_back_on
            self._note_call(text)
            return
        if self.call_activity_id.active:
            self.call_activity_id.action_feedback(feedback=text)
        else:
            self._note_call(text)
        if self.state == "todo":
            self._end_call(outcome, text)

    def _end_call(self, outcome, text):
        """The call was the message itself: it is made, failed or dropped."""
        if outcome == "wrong_number":
            self._mark_mail_failed(
                self.env._("%(number)s is a wrong number.", number=self.call_number or ""), "wrong_number"
            )
        elif outcome == "not_needed":
            self.write({"state": "cancelled", "failure_reason": text})
        else:
            self._mark_sent()
        self._queue_situations()

    def _describe_outcome(self):
        self.ensure_one()
        label = dict(self._fields["call_outcome"]._description_selection(self.env))[self.call_outcome]
        if self.call_outcome == "again":
            day = self.env["ir.qweb.field.date"].value_to_html(self.call_on, {})
            return self.env._("%(outcome)s on %(day)s", outcome=label, day=day)
        return label

    def _note_call(self, text):
        """Note the call in the customer's history."""
        self.partner_id._message_log(
            body=self.env._("%(level)s, call: %(text)s", level=self.level_id.name, text=text),
            author_id=self.env.user.partner_id.id,
        )

    # Levels

    def _is_level_reached(self):
        """Whether what was done counts as the level: of a call, the level says so, and the customer must be reached."""
        self.ensure_one()
        if self.channel != "phone":
            return True
        return self.level_id.call_counts and self.call_outcome in REACHED

    def _raise_levels(self):
        counted = self.filtered(lambda reminder: reminder._is_level_reached())
        return super(FollowupReminder, counted)._raise_levels()

    @api.model
    def _get_waiting_values(self):
        return {**super()._get_waiting_values(), "to_call": False, "call_activity_id": False}
