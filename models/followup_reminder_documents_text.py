from odoo import models


class FollowupReminder(models.Model):
    """The covering texts of the documents made on demand: statement, duplicate, file for a third party."""

    _inherit = "followup.reminder"

    def _get_document_text(self, kind):
        """Body that goes with a document, in the language of the environment.

        :param kind: ``statement``, ``duplicate`` or ``transmission``
        """
        return self._render_document_field(kind, "body_html")

    def _get_document_subject(self, kind):
        """Subject that goes with a document, as `_get_document_text`."""
        return self._render_document_field(kind, "subject")

    def _render_document_field(self, kind, name):
        self.ensure_one()
        template = self.env.ref(f"account_receivable_followup.mail_template_{kind}").sudo()
        return template.with_company(self.company_id)._render_field(name, self._ids)[self.id]
