import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Channels that put the message on a network: it cannot be called back, so the attempt is committed first.
OUTGOING_CHANNELS = {"email", "sms"}


class FollowupReminder(models.Model):
    """Releasing reminders: asked for by a person or the schedule, then taken in hand and handed over by a worker."""

    _inherit = "followup.reminder"

    # Asking

    def _release(self):
        """Have these prepared reminders sent, or printed, each through its channel; return those that will be.

        Of two users who press the button together, one sends and the other finds nothing left to send. What waits for a
        decision stays.
        """
        self._check_may_send()
        asked = self.sudo().try_lock_for_update().filtered(lambda reminder: reminder.state == "prepared")
        asked = asked.filtered(lambda reminder: not reminder.to_decide)
        if not asked:
            return asked
        asked.write(
            {
                **self._get_waiting_values(),
                "state": "queued",
                "asked_at": fields.Datetime.now(),
                "release_user_id": self.env.uid,
            }
        )
        asked.run_id._begin_release()
        for reminders in asked.grouped(lambda reminder: (reminder.run_id, reminder.company_id)).values():
            self.env["followup.release"]._start(reminders)
        return asked

    @property
    def _goes_out(self):
        """Whether handing it over cannot be undone."""
        return self.channel in OUTGOING_CHANNELS

    # Treating a chunk

    def _treat(self):
        """Bring these messages as far as can be, one failure stopping no other."""
        release = self.env["followup.release"]
        claimed = self._claim()
        release._commit()
        claimed._read_amounts_again()
        ready = claimed.filtered(lambda reminder: reminder.state == "queued")
        ready._ensure_texts()
        # Nobody looks at the screen when the scheduled action finds that a text cannot be used.
        claimed.filtered(lambda reminder: reminder.state == "failed").to_settle = True
        release._commit()
        ready = ready.filtered(lambda reminder: reminder.state == "queued")
        for channel, reminders in ready.grouped("channel").items():
            reminders._hand_over(channel)
        self._settle()
        release._commit()

    def _claim(self):
        """Those of these messages that are to be sent now, their customers being in our hands.

        One that was attempted without a result stays as it is: whoever was sending it died, and it may have left.
        """
        release = self.env["followup.release"]
        mine = self if release._commits() else self._lock_here()
        mine.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, attempted_at IS NOT NULL FROM followup_reminder"
                " WHERE id = ANY(%s) AND state = 'queued' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
                mine.ids,
            )
        )
        mine.invalidate_recordset(["state", "attempted_at", "mail_mail_id"])
        attempted = self.browse(number for number, tried in rows if tried)
        attempted._record_uncertain()
        claimed = self.browse(number for number, tried in rows if not tried)
        # What a worker that died had made ready is made again, with today's amounts.
        mails = claimed.mail_mail_id
        release._write_alone(
            claimed,
            {"claimed_at": fields.Datetime.now(), "retry_at": False, "failure_reason": False, "mail_mail_id": False},
        )
        mails.unlink()
        return claimed

    def _lock_here(self):
        """Take the customers in hand until the end of this very transaction; what others hold is left to workers."""
        release = self.env["followup.release"]
        locked = self.browse()
        for company, reminders in self.grouped("company_id").items():
            partner_ids = release._try_lock(company.id, reminders.partner_id.ids)
            locked |= reminders.filtered(lambda reminder, ids=partner_ids: reminder.partner_id.id in ids)
        if locked != self:
            release._wake()
        return locked

    def _hand_over(self, channel):
        """Hand these messages over through `channel`; if that fails for all of them, each is tried alone."""
        release = self.env["followup.release"]
        hook = f"_hand_over_{channel}"
        try:
            with release._undone_if_fails():
                getattr(self, hook)()
            release._commit()
            return
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:  # printers, templates, servers and other add-ons fail in any way
            _logger.exception("%s reminders cannot be handed over together (%s): one by one", len(self), channel)
        self.invalidate_recordset()
        for reminder in self:
            if reminder.state == "queued" and not reminder.attempted_at:
                reminder._hand_over_alone(hook)

    def _hand_over_alone(self, hook):
        release = self.env["followup.release"]
        try:
            with release._undone_if_fails():
                getattr(self, hook)()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("Reminder %s cannot be handed over", self.id)
            self.invalidate_recordset()
            if self.state == "queued" and not self.attempted_at:
                self._record_failure(self.env._("It cannot be sent: %(error)s", error=error))
        release._commit()

    # What the channels ask

    @api.model
    def _get_message_host(self):
        """Host part of the Message-IDs of this database: a stable, unique name."""
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _get_message_id(self):
        """Message-ID of the reminder's e-mail: the same whenever it is sent, so that a mail program knows a double."""
        self.ensure_one()
        return f"<followup-reminder-{self.id}@{self._get_message_host()}>"
