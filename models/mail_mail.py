import logging
from contextlib import contextmanager
from smtplib import SMTP, SMTPServerDisconnected

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: States of a reminder whose mail may go out: released, or sent again by a person from Odoo's list of mails.
MAY_GO_OUT = ("queued", "failed", "uncertain")


class MailMail(models.Model):
    """The mail of a reminder: sent once, by whoever sends it, and followed by the reminder.

    Odoo hands a mail to the mail server and commits that it did afterwards: killed in between, it sends it again. Here
    the attempt is committed just before, with a state of the mail that no queue takes up; the result just after.
    """

    _inherit = "mail.mail"

    def write(self, vals):
        """As Odoo's, which writes again the Message-ID that the message had: two statements more a mail."""
        if self.env.context.get("followup_watch") and "message_id" in vals and self.message_id == vals["message_id"]:
            vals = {name: value for name, value in vals.items() if name != "message_id"}
        return super().write(vals)

    # Given up

    def cancel(self):
        result = super().cancel()
        self._followup_give_up()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_gives_up(self):
        self._followup_give_up()

    def _followup_give_up(self):
        """Reminders that wait for these mails will not leave."""
        reminders = self._followup_reminders(("queued",))
        reminders._mark_mail_failed(self.env._("The e-mail was cancelled."))

    def _followup_reminders(self, states):
        return self.env["followup.reminder"].sudo().search([("mail_mail_id", "in", self.ids), ("state", "in", states)])

    # Sending

    def _send(self, auto_commit=False, raise_exception=False, smtp_session=None, **kwargs):
        """As Odoo's, mails of reminders one by one, each attempted once."""
        if self.env["ir.mail_server"]._disable_send():
            return super()._send(auto_commit, raise_exception, smtp_session, **kwargs)
        ours = self._followup_reminders(MAY_GO_OUT).grouped("mail_mail_id")
        others = self.filtered(lambda mail: mail not in ours)
        if others:
            super(MailMail, others)._send(auto_commit, raise_exception, smtp_session, **kwargs)
        release = self.env["followup.release"]
        watch = SmtpWatch(smtp_session)

        def send(mail, commit):
            super(MailMail, mail)._send(commit, raise_exception, smtp_session, **kwargs)  # noqa: UP008

        mails = self - others
        if self.env.context.get("followup_at_release"):
            mails._followup_read()
        for mail in mails:
            if watch.is_cut or release._is_time_over():
                break  # what remains is untouched: it is taken up again
            mail._followup_send_one(ours[mail], watch, auto_commit, send)
        return True

    def _followup_read(self):
        """Read at once what Odoo would read of these mails one by one."""
        self.fetch()
        self.mail_message_id.fetch()
        for name in ("attachment_ids", "recipient_ids"):
            self.mapped(name)

    def _followup_send_one(self, reminder, watch, auto_commit, send):
        """Send one mail of a reminder, unless somebody else did or does.

        :param send: sends a mail as Odoo does, and commits if told so
        """
        turn = self.with_context(followup_commit=self.env.context.get("followup_commit") or auto_commit)
        at_release = bool(self.env.context.get("followup_at_release"))
        watch.begin()
        with turn._followup_holding(reminder) as held:
            if not held or not turn._followup_begin():
                return
            try:
                send(turn.with_context(followup_watch=watch), auto_commit and not at_release)
                if at_release:
                    turn.env["followup.release"]._commit_one()
            except (psycopg2.Error, SMTPServerDisconnected) as error:
                if isinstance(error, psycopg2.Error) and not auto_commit:
                    raise  # the transaction is lost, and it is not ours to roll back
                _logger.info("Mail %s was cut short: %s", self.id, error)
                turn._followup_resolve(reminder, watch, error)

    @contextmanager
    def _followup_holding(self, reminder):
        """A block in which the customer is in our hands; the release has it already, Odoo's own queue does not."""
        if self.env.context.get("followup_at_release"):
            yield True
        else:
            with self.env["followup.release"]._holding(reminder) as held:
                yield held

    def _followup_begin(self):
        """Take this mail, if it is still to be sent; its attempt is committed by `_prepare_outgoing_list`."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.state, r.attempted_at IS NOT NULL, m.state
                  FROM followup_reminder r JOIN mail_mail m ON m.id = r.mail_mail_id
                 WHERE m.id = %s FOR NO KEY UPDATE OF r, m SKIP LOCKED
                """,
                self.id,
            )
        )
        if not rows:
            return False
        reminder_id, state, attempted, mail_state = rows[0]
        if mail_state == "outgoing":
            wanted = state in MAY_GO_OUT
        else:
            wanted = mail_state == "cancel" and state == "queued" and not attempted
        wanted = wanted and (mail_state == "outgoing" or self.env.context.get("followup_at_release"))
        if not wanted:
            return False
        reminder = self.env["followup.reminder"].sudo().browse(reminder_id)
        self.env["followup.release"]._write_alone(
            reminder, {"state": "queued", "attempted_at": fields.Datetime.now(), "retry_at": False}
        )
        self.invalidate_recordset(["state"])
        self.state = "outgoing"
        return True

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """As Odoo's; the last thing done before the message goes out is to commit that it does.

        Odoo has written the state “exception” meanwhile: a server killed from here on leaves a mail that nobody sends.
        """
        prepared = super()._prepare_outgoing_list(mail_server=mail_server, doc_to_followers=doc_to_followers)
        if self.env.context.get("followup_watch") and self.env["followup.release"]._commits():
            self.env["followup.release"]._commit_one()
            # From here to the result, nobody else may write on these rows: a conflict would lose the result.
            self.env.context["followup_watch"].reminder_ids = self._followup_lock()
        return prepared

    def _followup_lock(self):
        """Lock the rows that tell of this mail; return the ids of the reminders to record its result on."""
        for attempt in range(10):
            try:
                self.env.cr.execute(
                    SQL(
                        "SELECT r.id, r.state FROM followup_reminder r JOIN mail_mail m ON m.id = r.mail_mail_id"
                        " WHERE m.id = %s FOR NO KEY UPDATE OF r, m",
                        self.id,
                    ),
                    log_exceptions=False,
                )
                return [number for number, state in self.env.cr.fetchall() if state in MAY_GO_OUT]
            except psycopg2.errors.SerializationFailure:
                self.env.cr.rollback()
                if attempt == 9:
                    raise
        return []

    # Result

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        watch = self.env.context.get("followup_watch") or SmtpWatch(None)
        if watch.reminder_ids is None:
            reminders = self._followup_reminders(MAY_GO_OUT)
        else:
            reminders = self.env["followup.reminder"].sudo().browse(watch.reminder_ids)
        for reminder in reminders:
            mail = reminder.mail_mail_id
            if mail.state == "sent":
                reminder._record_result(watch.refused)
            else:
                reason = failure_reason or mail.failure_reason
                reminder._record_trouble(reason, failure_type or mail.failure_type, watch.code)
        self._followup_conclude()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _followup_resolve(self, reminder, watch, error):
        """Record what is known of a mail cut short by the database or by the mail server."""
        if self.env["followup.release"]._commits():
            self.env.cr.rollback()
        if watch.accepted:
            self.sudo().write({"state": "sent", "failure_type": False, "failure_reason": False})
            reminder._record_result(watch.refused)
        elif watch.is_handed_over:
            reminder._record_uncertain(str(error))
        else:
            self.sudo().write({"state": "cancel"})
            reminder._postpone(str(error))
        self._followup_conclude()
        self.env["followup.release"]._commit()

    def _followup_conclude(self):
        """Have the consequences drawn: the release does it at the end of its chunk."""
        if self.env.context.get("followup_at_release"):
            return
        if self.env["followup.release"]._commits():
            self.env["followup.release"]._wake()
        else:
            self._followup_reminders(("sent", "failed", "uncertain"))._settle()


class SmtpWatch:
    """What a mail server said of the message being handed over to it, from the session that Odoo uses."""

    def __init__(self, session):
        self.session = session
        self.begin()
        if isinstance(session, SMTP):
            self._getreply, session.getreply = session.getreply, self._note_reply
            self._send_message, session.send_message = session.send_message, self._note_refused

    def begin(self):
        """Forget the message before."""
        #: The server has said 354: the text goes over, and nothing is known until its next answer.
        self.is_handed_over = False
        self.accepted = False
        self.code = None
        self.refused = {}
        #: Reminders of the message whose rows are locked until its result is recorded; None: nobody locked them.
        self.reminder_ids = None

    @property
    def is_cut(self):
        """Whether nothing more can be said to the server."""
        return isinstance(self.session, SMTP) and self.session.sock is None

    def _note_reply(self):
        code, text = self._getreply()
        if self.is_handed_over:
            self.is_handed_over = False
            self.accepted = code == 250
        elif code == 354:
            self.is_handed_over = True
        if code >= 400:
            self.code = code
        return code, text

    def _note_refused(self, *args, **kwargs):
        self.refused = self._send_message(*args, **kwargs) or {}
        return self.refused
