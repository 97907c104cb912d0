from odoo import api, models

from ..lib import mail_reports


class MailThread(models.AbstractModel):
    """What comes back about the reminders: undelivered, displayed, answered."""

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Take read receipts of reminders in; note the reminders that an incoming message answers.

        Odoo takes every report for a bounce: a read receipt would count against the address.
        """
        Reminder = self.env["followup.reminder"].sudo()
        receipt = mail_reports.get_receipt(message)
        reminders = Reminder._find_by_message_ids([receipt.message_id]) if receipt else Reminder
        if reminders:
            if receipt.displayed:
                reminders._mark_opened()
            return []
        if not message_dict.get("is_bounce") and not mail_reports.is_automatic(message):
            # Before the routing: the answer joins the history where the reminder stands once it is known to have left.
            answered = f"{message_dict.get('references') or ''} {message_dict.get('in_reply_to') or ''}".split()
            Reminder._find_by_message_ids(answered)._mark_opened()
        return super().message_route(message, message_dict, model, thread_id, custom_values)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        bounced = self.env["followup.reminder"].sudo()._find_by_message_ids(message_dict["bounced_msg_ids"] or [])
        failures = mail_reports.get_failures(email_message)
        if failures is None and mail_reports.is_returned_in_prose(email_message):
            failures = [
                mail_reports.Failure(message_dict["bounced_email"] or "", "", message_dict.get("subject") or "")
            ]
        for reminder in bounced:
            reminder._note_bounce(failures or [])
        return result
