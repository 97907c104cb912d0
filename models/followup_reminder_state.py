import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: The message left, or is ready to leave through a person's hands: it counts for the minimum interval.
LEFT_STATES = ("sent", "printed", "todo", "uncertain")


class FollowupReminder(models.Model):
    """What became of a reminder, and what follows from it.

    What happened is recorded first, on the reminder's own row and nothing else; the consequences (levels, alerts,
    notes) are drawn apart, many at a time. Between the two, `to_settle` is true: a crash there loses nothing.
    """

    _inherit = "followup.reminder"

    state = fields.Selection(
        [
            ("prepared", "To send"),
            ("queued", "On its way"),
            ("printed", "Printed, to be posted"),
            ("todo", "To do"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("uncertain", "To check"),
            ("cancelled", "Left out of the run"),
        ],
        required=True,
        default="prepared",
        index=True,
        readonly=True,
        help="On its way: somebody released it, a server is about to send it. To check: the server stopped while it "
        "was being handed to the mail server; it may have left, and is not sent again by itself.",
    )
    delivery = fields.Selection(
        [
            ("opened", "Opened"),
            ("bounced", "Bounced"),
            ("refused", "Refused by the mail server"),
            ("blacklisted", "Address on the blacklist"),
            ("invalid", "Invalid address"),
            ("no_address", "No address"),
            ("unreachable", "Server or provider out of reach"),
        ],
        string="What is known of it",
        readonly=True,
        copy=False,
    )
    release_user_id = fields.Many2one("res.users", string="Released by", readonly=True, copy=False)
    asked_at = fields.Datetime(string="Released on", readonly=True, copy=False)
    claimed_at = fields.Datetime(
        string="Taken in hand on", readonly=True, copy=False, help="When a server began with it."
    )
    attempted_at = fields.Datetime(
        string="Attempted on", readonly=True, copy=False, help="Written just before the message is handed over."
    )
    sent_at = fields.Datetime(string="Left on", readonly=True, copy=False)
    printed_at = fields.Datetime(string="Printed on", readonly=True, copy=False)
    failure_reason = fields.Char(string="Why it did not leave", readonly=True, copy=False)
    to_settle = fields.Boolean(
        string="Consequences to draw",
        readonly=True,
        copy=False,
        help="Its consequences (levels, alerts) are still to be drawn.",
    )

    #: What the release takes in hand, and the progress of a run.
    _queue_idx = models.Index("(company_id, asked_at, id) WHERE state = 'queued'")
    _settle_idx = models.Index("(id) WHERE to_settle")

    # Recording what happened

    def _fail(self, reason, delivery=False):
        """Mark as not left, with the reason; levels stay as they were."""
        self.write({"state": "failed", "failure_reason": reason, "delivery": delivery})

    def _record_sent(self):
        """The message left. Only its own row is written: nobody else's writing can undo what really happened."""
        self._record({"state": "sent", "sent_at": fields.Datetime.now(), "failure_reason": False, "delivery": False})

    def _record_failure(self, reason, delivery=False):
        """The message did not leave."""
        reason = reason or self.env._("The mail server refused the message.")
        self._record({"state": "failed", "failure_reason": reason, "delivery": delivery})

    def _record_uncertain(self, error=None):
        """Nobody knows whether the message left: the server, or the mail server, stopped while it was handed over."""
        self._record(
            {
                "state": "uncertain",
                "failure_reason": self.env._(
                    "It was cut short while being handed over to the mail server, and may have left. Check with the "
                    "customer or in the mail server, then say here whether it left. %(error)s",
                    error=error or "",
                ).strip(),
            }
        )

    def _record(self, values):
        self.env["followup.release"]._write_alone(self, {**values, "to_settle": True})

    # Both steps at once, where nothing else may be lost

    def _mark_sent(self):
        """The message left: count the levels, log it, plan the call if there is one."""
        self._record_sent()
        self._settle()

    def _mark_mail_failed(self, reason, delivery=False):
        """The mail did not leave, or came back: no level counts, the person in charge is told."""
        self._record_failure(reason, delivery)
        self._settle()

    # Drawing the consequences

    def _settle(self):
        """Draw the consequences of what was recorded, once."""
        pending = self.filtered("to_settle")
        if not pending:
            return
        pending.write({"to_settle": False})
        pending.modified(["state"])
        for state, reminders in pending.grouped("state").items():
            settle = getattr(reminders, f"_settle_{state}", None)
            if settle:
                settle()

    def _settle_sent(self):
        """The messages left: levels rise, the customer's history says so, calls are planned."""
        main = self.filtered(lambda reminder: not reminder.companion_of_id)
        main._raise_levels()
        for reminder in self.filtered(lambda reminder: reminder.channel != "email"):
            reminder._try("_log_on_customer")
        main.filtered(lambda reminder: reminder.level_id.call)._try_each("_plan_call")

    def _settle_failed(self):
        self._try("_alert_failures")

    def _settle_uncertain(self):
        self._try("_alert_uncertain")

    def _try(self, method):
        """Notes and activities are a help: one that cannot be written must not undo what really happened.

        :return: whether it succeeded
        """
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
        except Exception:
            _logger.exception("%s of reminders %s failed", method, self.ids)
            return False
        return True

    def _try_each(self, method):
        """As `_try`, at once; for each alone if that fails."""
        if self and not self._try(method) and len(self) > 1:
            for reminder in self:
                reminder._try(method)

    def _alert_failures(self):
        """Tell the persons in charge of messages that did not leave."""
        for reminder in self:
            reminder._plan_alert(
                self.env._("%(level)s not sent", level=reminder.level_name or ""), reminder.failure_reason
            )

    def _alert_uncertain(self):
        """Tell the persons in charge of messages that may or may not have left."""
        for reminder in self:
            reminder._plan_alert(
                self.env._("%(level)s: check whether it left", level=reminder.level_name or ""), reminder.failure_reason
            )

    def _plan_alert(self, summary, note):
        self.ensure_one()
        self.partner_id.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=self.user_id.id or self.release_user_id.id or self.env.uid,
            summary=summary,
            note=note,
        )

    def _log_on_customer(self):
        """Note in the customer's history what left, for the channels that leave no trace there by themselves."""
        self.ensure_one()

    # A person says what became of it

    def action_confirm_sent(self):
        """Say that a message to check did leave: its level counts."""
        self._check_may_send()
        self.sudo().filtered(lambda reminder: reminder.state == "uncertain")._mark_sent()

    def action_confirm_not_sent(self):
        """Say that a message to check did not leave: it may be sent again."""
        self._check_may_send()
        self.sudo().filtered(lambda reminder: reminder.state == "uncertain")._put_back()

    def action_retry(self):
        """Put failed reminders back among those to send, with today's amounts."""
        self._check_may_send()
        self.sudo().filtered(lambda reminder: reminder.state == "failed")._put_back()

    def action_try_now(self):
        """Try again at once what the mail server could not take."""
        self._check_may_send()
        delayed = self.sudo().filtered(lambda reminder: reminder.state == "queued" and reminder.retry_at)
        delayed.retry_at = False
        if delayed:
            self.env["followup.release"]._start(delayed)

    def _put_back(self):
        """Back among the messages to send."""
        # Sending the first mail again from Odoo's queue would double the message.
        self.mail_mail_id.cancel()
        self.write({**self._get_waiting_values(), "release_user_id": False})

    def _interrupt(self):
        """Back among the messages to send; who released them is kept, so that the release can be resumed."""
        mails = self.mail_mail_id
        self.write(self._get_waiting_values())
        mails.unlink()

    @api.model
    def _get_waiting_values(self):
        """Values of a reminder that nobody has begun to send."""
        return {
            "state": "prepared",
            "failure_reason": False,
            "delivery": False,
            "mail_mail_id": False,
            "asked_at": False,
            "claimed_at": False,
            "attempted_at": False,
            "retry_at": False,
            "tries": 0,
            "to_settle": False,
        }
