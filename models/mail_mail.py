from odoo import api, models


class MailMail(models.Model):
    """Outgoing mail: what really happened to it decides whether a level counts."""

    _inherit = "mail.mail"

    def cancel(self):
        result = super().cancel()
        self._followup_give_up()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_gives_up(self):
        self._followup_give_up()

    def _followup_give_up(self):
        """Reminders that wait for these mails will not leave."""
        waiting = (
            self.env["followup.reminder"]
            .sudo()
            .search([("mail_mail_id", "in", self.ids), ("state", "=", "queued")])
        )
        waiting._mark_mail_failed(self.env._("The e-mail was cancelled."))

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        reminders = (
            self.env["followup.reminder"]
            .sudo()
            .search([("mail_mail_id", "in", self.ids), ("state", "!=", "sent")])
        )
        sent = reminders.filtered(lambda r: r.mail_mail_id.state == "sent")
        if sent:
            sent._mark_sent()
        for reminder in reminders - sent:
            reminder._mark_mail_failed(
                failure_reason or reminder.mail_mail_id.failure_reason
            )
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
