import hashlib
import logging

from odoo import models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class FollowupReminder(models.Model):
    """The PDF of a reminder: printed once, kept as it left."""

    _inherit = "followup.reminder"

    def _keep_pdfs(self):
        """Print these reminders, keep each one's own PDF with its SHA-256; return those that were printed.

        The printer takes all of them, in few calls; if it fails, each is tried alone, so that one letter that cannot
        be printed stops no other.
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
        """Print all of them, and keep the PDF of each."""
        # The PDF of a failed attempt would be served again, with its old amounts.
        self.attachment_id.unlink()
        report = self.env.ref("account_receivable_followup.action_report_followup_letter").sudo()
        streams = self._print_together(report)
        if streams is None:
            return  # Odoo prints HTML in its tests, unless they ask for a real PDF
        # The hook names the files as Odoo does, so that it finds them again.
        vals_list = report._prepare_pdf_report_attachment_vals_list(
            report, {reminder.id: {"stream": stream, "attachment": None} for reminder, stream in streams.items()}
        )
        for vals, attachment in zip(vals_list, self.env["ir.attachment"].sudo().create(vals_list), strict=True):
            self.browse(vals["res_id"]).write(
                {"attachment_id": attachment.id, "pdf_sha256": hashlib.sha256(vals["raw"]).hexdigest()}
            )
        if lost := self.filtered(lambda reminder: not reminder.attachment_id)[:1]:
            raise UserError(self.env._("The printer gave no PDF for %(reminder)s.", reminder=lost.display_name))

    def _print_together(self, report):
        """{reminder: the stream of its PDF}, by few calls of the printer; None where Odoo prints nothing (its tests).

        Odoo's own printing would also look for files that are kept already, one query a reminder, and put all the
        letters together again.
        """
        printer = report.with_context(report_pdf_no_attachment=True, followup_together=True)
        streams, kind = printer._pre_render_qweb_pdf(report.report_name, res_ids=self.ids)
        if kind != "pdf":
            return None
        cut = {reminder: streams.get(reminder.id, {}).get("stream") for reminder in self}
        if not all(cut.values()):
            raise UserError(self.env._("The PDF of %(count)s letters cannot be cut.", count=len(self)))
        return cut

    def _print_unkept(self):
        """PDF (bytes) of this very message, of which nothing is kept."""
        self.ensure_one()
        report = self.env["ir.actions.report"].sudo().with_context(report_pdf_no_attachment=True)
        return report._render_qweb_pdf("account_receivable_followup.action_report_followup_letter", self.ids)[0]
