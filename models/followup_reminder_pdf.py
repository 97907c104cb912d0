import hashlib
import logging
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from odoo import models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class FollowupReminder(models.Model):
    """The PDF of a reminder: printed once, kept as it left."""

    _inherit = "followup.reminder"

    def _keep_pdfs(self):
        """Print these reminders, keep each one's own PDF with its SHA-256; return those that were printed.

        One call of the printer for all of them; if it fails, each is tried alone, so that one letter that cannot be
        printed stops no other.
        """
        if not self:
            return self
        try:
            with self.env.cr.savepoint():
                self._print()
                return self
        except Exception:  # templates, logos and printers fail in any way
            _logger.info("A batch of reminders cannot be printed: one by one")
        self.invalidate_recordset(["attachment_id", "pdf_sha256"])
        printed = self.browse()
        for reminder in self:
            try:
                with self.env.cr.savepoint():
                    reminder._print()
                printed |= reminder
            except Exception as error:
                reminder._record_failure(self.env._("Its PDF cannot be printed: %(error)s", error=error))
        return printed

    def _print(self):
        """Print in one call, and keep the PDF of each."""
        # The PDF of a failed attempt would be served again, with its old amounts.
        self.attachment_id.unlink()
        report = self.env.ref("account_receivable_followup.action_report_followup_letter")
        _content, kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(report.report_name, self.ids)
        if kind != "pdf":
            return  # Odoo prints HTML in its tests, unless they ask for a real PDF
        for reminder in self:
            attachment = report.retrieve_attachment(reminder)
            if not attachment:
                raise UserError(self.env._("The printer gave no PDF for %(reminder)s.", reminder=reminder.display_name))
            reminder.write(
                {"attachment_id": attachment.id, "pdf_sha256": hashlib.sha256(attachment.raw).hexdigest()}
            )


def merge_pdfs(*contents):
    """One PDF (bytes) holding the pages of all `contents` (bytes), in order."""
    writer = PdfWriter()
    for content in contents:
        writer.append(PdfReader(BytesIO(content)))
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()
