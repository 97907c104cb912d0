from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: Minutes after which a message that the mail server could not take is tried again; then it fails.
RETRY_MINUTES = (5, 15, 60)
#: Times that a chunk opens a new session after its server cut the one before.
SESSIONS = 4


class FollowupReminder(models.Model):
    """The mails of a chunk, handed over to the mail server one by one; what it says of each."""

    _inherit = "followup.reminder"

    retry_at = fields.Datetime(
        string="Next try", readonly=True, copy=False, help="The mail server could not take the message for the moment."
    )
    tries = fields.Integer(readonly=True, copy=False)

    def _send_emails(self):
        """Send the mails of these reminders, one session a server; what cannot be tried now stays in the queue."""
        release = self.env["followup.release"]
        # Until its turn comes, a mail is in no state that Odoo's own queue sends.
        self.mail_mail_id.write({"state": "cancel"})
        release._commit()
        waiting = self
        for _session in range(SESSIONS):
            waiting.mail_mail_id.send(auto_commit=release._commits())
            release._commit()
            left = waiting._still_waiting()
            if not left or left == waiting or release._is_time_over():
                break
            waiting = left
        self._leave_throttled()

    def _still_waiting(self):
        """Those of these messages that nobody has tried to send."""
        self.flush_recordset(["state", "attempted_at", "retry_at"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM followup_reminder WHERE id = ANY(%s) AND state = 'queued' AND attempted_at IS NULL"
                " AND retry_at IS NULL",
                self.ids,
            )
        )
        return self.browse(number for (number,) in rows)

    def _leave_throttled(self):
        """Mails that Odoo spreads over time (personal mail servers) are sent by its own queue, at the time it chose."""
        mails = self._still_waiting().mail_mail_id.filtered("scheduled_date")
        if mails:
            mails.write({"state": "outgoing"})
            self.env["followup.release"]._commit()

    # What the mail server said

    def _record_result(self, refused):
        """The mail server took the message, but for the `refused` addresses: {address: (code, text)}."""
        self.ensure_one()
        if refused and self._note_refused(refused):
            self._record_failure(self._describe_refused(refused), "refused")
        else:
            self._record_sent()

    def _note_refused(self, refused):
        """Return whether the message reached nobody that it was written to."""
        return False

    @api.model
    def _describe_refused(self, refused):
        return " ".join(
            f"{address}: {code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
            for address, (code, text) in refused.items()
        )

    def _record_trouble(self, reason, failure_type, code):
        """The message did not leave: refused for good, or only for the moment.

        :param failure_type: one of Odoo's
        :param code: what the mail server answered (SMTP, RFC 5321 §4.2.1: 4xx is a temporary failure)
        """
        self.ensure_one()
        if failure_type in ("mail_email_invalid", "mail_email_missing"):
            self._record_failure(reason, "invalid")
        elif failure_type == "mail_smtp" or (code and 400 <= code < 500):
            self._postpone(reason)
        else:
            self._record_failure(reason, "refused" if code else False)

    def _postpone(self, reason):
        """Try again later; after a few times, it has failed."""
        for reminder in self:
            if reminder.tries >= len(RETRY_MINUTES):
                reminder._record_failure(reason, "unreachable")
                continue
            wait = timedelta(minutes=RETRY_MINUTES[reminder.tries])
            self.env["followup.release"]._write_alone(
                reminder,
                {
                    "state": "queued",
                    "attempted_at": False,
                    "retry_at": fields.Datetime.now() + wait,
                    "tries": reminder.tries + 1,
                    "failure_reason": reason,
                },
            )
