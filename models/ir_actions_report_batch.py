from contextlib import ExitStack
from io import BytesIO

from odoo import models

from ..lib.pdf_pages import cut_pdf
from .letter_printer import print_job

#: Documents printed by one call of the printer. Fewer would cost more calls, more would leave a processor idle longer.
PART = 13


class IrActionsReport(models.Model):
    """Our documents, printed by the chunk and cut at once."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """As Odoo's: {id: its PDF}, by few calls of the printer.

        Asked for by the release (`followup_together`), it does not look for files kept before, one query a record, and
        cuts the pages twenty times as fast. When they do not tell where a document begins, Odoo's own way prints each
        of them alone.
        """
        if self.env.context.get("followup_together") and res_ids and len(res_ids) > 1:
            parts = self._print_together(self._get_report(report_ref), data, res_ids)
            if parts:
                return {
                    res_id: {"stream": BytesIO(part), "attachment": None}
                    for res_id, part in zip(res_ids, parts, strict=True)
                }
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)

    def _print_together(self, report, data, res_ids):
        """PDFs (bytes) of these records, in their order; nothing when they cannot be told apart.

        Some documents after others: the printer works on the ones while Odoo writes the next.
        """
        data = {"report_type": "pdf", **(data or {}), "debug": False}
        printer = self.with_context(debug=False)
        report = report.with_context(**printer.env.context)
        parts = [list(res_ids[start : start + PART]) for start in range(0, len(res_ids), PART)]
        with ExitStack() as started:
            jobs = []
            for part in parts:
                html = printer._render_qweb_html(report, part, data=data)[0]
                bodies, body_ids, header, footer, arguments = report._prepare_html(html, report_model=report.model)
                if body_ids != part:
                    return None
                arguments = report._get_print_arguments(specific_paperformat_args=arguments)
                jobs.append(started.enter_context(print_job(arguments, bodies, header=header, footer=footer)))
            found = []
            for part, job in zip(parts, jobs, strict=True):
                cut = cut_pdf(self._get_printed(job), len(part))
                if not cut:
                    return None
                found += cut
        return found
