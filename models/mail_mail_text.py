from odoo import models

from ..lib.plain_text import to_plain_text
from .followup_reminder_email import MAIL_CLASS


class MailMail(models.Model):
    """Plain text of the reminders: their table read line by line."""

    _inherit = "mail.mail"

    def _prepare_outgoing_body(self):
        """Nothing yet for the reminders whose page is put in place afterwards: Odoo would write a plain text of it."""
        return "" if self.env.context.get("followup_page_apart") else super()._prepare_outgoing_body()

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        page = f'class="{MAIL_CLASS}"'
        # Attachments may have Odoo add to the body.
        apart = page in (self.body_html or "") and not self.attachment_ids
        mail = self.with_context(followup_page_apart=True) if apart else self
        emails = super(MailMail, mail)._prepare_outgoing_list(mail_server, doc_to_followers)
        body = self._prepare_outgoing_body() if apart else ""
        for email in emails:
            if apart:
                email["body"] = self._personalize_outgoing_body(body, email["partner_id"], doc_to_followers)
            if page in (email["body"] or ""):
                email["body_alternative"] = to_plain_text(email["body"])
        return emails
