import re
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from .test_followup_email import EmailCase


def text_of(content):
    """Words of a PDF, on one line, with plain spaces."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return re.sub(r"\s+", " ", " ".join(pages).replace("\u202f", " "))


@tagged("post_install", "-at_install")
class TestFollowupEmailPdf(EmailCase, HttpCase):
    """What goes with an e-mail: real PDFs, made by wkhtmltopdf."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param("report.print_delay", "50")
        render = IrActionsReport._pre_render_qweb_pdf

        def render_pdf(report, *args, **kwargs):
            return render(report.with_context(force_report_rendering=True), *args, **kwargs)

        patcher = patch.object(IrActionsReport, "_pre_render_qweb_pdf", render_pdf)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_letter_statement_and_invoices(self):
        """Each as its level asks for, in one message; what was sent is kept with the reminder."""
        self.first.write({"attach_letter": True, "attach_statement": True, "attach_invoices": True})
        self._entry(300, days_late=-20, ref="FA-LATER")
        reminder = self._prepared(ref="FA-DUE")
        invoice = self.env["ir.attachment"].create(
            {
                "name": "FA-DUE.pdf",
                "raw": b"%PDF-1.4 invoice",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.line.move_id.id,
            }
        )
        self._send(reminder)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        attached = self.sink.received[0].attachments()
        statement = f"Statement of account {self.TODAY}.pdf"
        self.assertEqual(set(attached), {"FA-DUE.pdf", statement, reminder.attachment_id.name})
        self.assertEqual(attached["FA-DUE.pdf"], invoice.raw)
        self.assertEqual(attached[reminder.attachment_id.name], reminder.attachment_id.raw)
        text = text_of(attached[statement])
        self.assertIn("Statement of account", text)
        self.assertIn("FA-DUE", text)
        self.assertIn("FA-LATER", text, "what is not chased yet is on the statement too")
        self.assertRegex(text, r"Balance \$ 1,300\.00")
        letter = text_of(attached[reminder.attachment_id.name])
        self.assertNotIn("FA-LATER", letter)

    def test_attachment_that_fails_fails_its_reminder_alone(self):
        """R12: the statement of one customer cannot be printed; the other's message leaves."""
        self.first.attach_statement = True
        other = self._customer("Client Deux")
        self._entry(1000, days_late=10, partner=other)
        self._prepared()
        reminders = self._run().reminder_ids.sudo()
        broken = reminders.filtered(lambda reminder: reminder.partner_id == other)
        show = type(reminders)._statement_by_currency

        def fail(reminder):
            if reminder.id == broken.id:
                raise ValueError("unreadable logo")
            return show(reminder)

        with patch.object(type(reminders), "_statement_by_currency", fail):
            self._send(reminders)
        self.assertEqual(broken.state, "failed")
        self.assertIn("unreadable logo", broken.failure_reason)
        self.assertEqual((reminders - broken).state, "sent")
        self.assertEqual(len(self.sink.received), 1)
