from odoo import api, fields, models

from ..lib.email_addresses import read_addresses


class FollowupReminder(models.Model):
    """What comes back after an e-mail has left: it was opened, or could not be delivered after all."""

    _inherit = "followup.reminder"

    opened_at = fields.Datetime(
        string="Opened on",
        readonly=True,
        copy=False,
        help="Known only when the customer answered, or accepted to send a read receipt.",
    )
    bounced_addresses = fields.Char(
        string="Undelivered addresses", readonly=True, copy=False, help="Addresses from which the message came back."
    )

    @api.model
    def _find_by_message_ids(self, message_ids):
        """Reminders whose e-mail has one of these Message-IDs."""
        message_ids = [message_id for message_id in message_ids if message_id]
        if not message_ids:
            return self.browse()
        return self.search([("mail_mail_id.message_id", "in", message_ids)])

    def _mark_opened(self):
        """The customer has seen these messages. What came back stays known as such; of one that nobody knew whether it
        had left, it is the proof."""
        self.filtered(lambda reminder: reminder.state == "uncertain")._mark_sent()
        seen = self.filtered(lambda reminder: reminder.state == "sent" and not reminder.opened_at)
        seen.write({"opened_at": fields.Datetime.now()})
        seen.filtered(lambda reminder: not reminder.delivery).write({"delivery": "opened"})

    def _note_bounce(self, failures):
        """Draw the consequences of a delivery report.

        The level is undone only when the message reached none of its recipients; a copy, or one
        contact among others, that could not be reached is said on the reminder and to the person in charge.

        :param failures: lib.mail_reports.Failure of each recipient given up; an empty address when
            the report does not name it
        """
        self.ensure_one()
        if not failures or self.state not in ("sent", "uncertain"):
            return
        recipients = set(read_addresses(self.mail_mail_id.email_to).valid)
        known = set((self.bounced_addresses or "").split())
        returned = {failure.address for failure in failures if failure.address}
        if not returned and len(recipients) == 1:
            returned = recipients
        reasons = self._explain_failures(failures)
        self.bounced_addresses = " ".join(sorted(known | returned))
        if recipients <= known | returned:
            self._undo_delivery(reasons)
            self._mark_mail_failed(reasons, "bounced")
        elif not returned or returned - known:
            self.email_problem = " ".join(filter(None, [self.email_problem, reasons]))
            self._alert_partial(reasons)

    def _explain_failures(self, failures):
        """What a person reads about these failures."""
        return " ".join(
            self.env._("The message came back from %(address)s: %(text)s", address=failure.address, text=failure.text)
            if failure.address
            else self.env._("The message came back: %(text)s", text=failure.text)
            for failure in failures
        )
