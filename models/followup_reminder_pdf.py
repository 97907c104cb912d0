import hashlib
import logging
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from odoo import models

_logger = logging.getLogger(__name__)


class FollowupReminder(models.Model):
    """The PDF of a reminder: printed once, kept as it left."""

    _inherit = "followup.reminder"

    def _keep_pdfs(self):
        """Print these reminders, keep each one's own PDF with its SHA-256.

        One call of the printer for all of them; if it fails, each is tried alone, so
        that one letter that cannot be printed stops no other.

        :return: (reminders printed, bytes of the PDF that holds them all in order)
        """
        try:
            with self.env.cr.savepoint():
                return self, self._print()
        except Exception:  # templates, logos and printers fail in any way
            _logger.info("A batch of reminders cannot be printed: one by one")
        printed, contents = self.browse(), []
        for reminder in self:
            try:
                with self.env.cr.savepoint():
                    contents.append(reminder._print())
                printed |= reminder
            except Exception as error:
                reminder._fail(
                    self.env._("Its PDF cannot be printed: %(error)s", error=error)
                )
        return printed, merge_pdfs(*contents)

    def _print(self):
        """Print in one call; return the bytes of the PDF that holds them all."""
        # The PDF of a failed attempt would be served again, with its old amounts.
        self.attachment_id.unlink()
        report = self.env.ref(
            "account_receivable_followup.action_report_followup_letter"
        )
        content, _kind = (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(report.report_name, self.ids)
        )
        for reminder in self:
            attachment = report.retrieve_attachment(reminder)
            if attachment:
                reminder.write(
                    {
                        "attachment_id": attachment.id,
                        "pdf_sha256": hashlib.sha256(attachment.raw).hexdigest(),
                    }
                )
        return content


def merge_pdfs(*contents):
    """One PDF (bytes) holding the pages of all `contents` (bytes), in order."""
    writer = PdfWriter()
    for content in contents:
        writer.append(PdfReader(BytesIO(content)))
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()
