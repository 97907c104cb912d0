from odoo import models

from ..lib.plain_text import to_plain_text
from .followup_reminder_email import MAIL_CLASS


class MailMail(models.Model):
    """Plain text of the reminders: their table read line by line."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        for email in emails:
            if f'class="{MAIL_CLASS}"' in (email["body"] or ""):
                email["body_alternative"] = to_plain_text(email["body"])
        return emails
