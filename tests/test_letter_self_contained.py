import base64
import socket
import threading
from io import BytesIO

from PIL import Image
from pypdf import PdfReader

from odoo.tests import tagged

from ..models import ir_actions_report
from .common_letters import PIXEL, STATEMENT, LetterCommon, pictures_of, text_of


@tagged("post_install", "-at_install")
class TestLetterSelfContained(LetterCommon):
    """A letter is printed with nobody to ask: no server, no style sheet compiled before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = []
        server = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(server.close)
        threading.Thread(target=cls._listen, args=(server,), daemon=True).start()
        cls.address = "http://127.0.0.1:%s" % server.getsockname()[1]
        for name in ("web.base.url", "report.url"):
            cls.env["ir.config_parameter"].sudo().set_param(name, cls.address)

    @classmethod
    def _listen(cls, server):
        """Note whoever calls, and answer nothing."""
        while True:
            try:
                caller, _address = server.accept()
            except OSError:
                return
            cls.calls.append(caller.recv(1000))
            caller.close()

    def _square(self, colour):
        stream = BytesIO()
        Image.new("RGB", (300, 300), colour).save(stream, "PNG")
        return base64.b64encode(stream.getvalue())

    def test_nobody_is_called(self):
        """Styles, fonts, header and footer are there, even before anybody has opened a screen."""
        self.env["ir.attachment"].sudo().search([("url", "=like", "/web/assets/%")]).unlink()
        ir_actions_report._style_sheets.clear()
        self.company.write({"layout_background": "Demo logo", "font": "Roboto", "logo": PIXEL})
        reminder = self._reminder([self._line("FA001", 500)])
        for report in ("letter", "statement"):
            content = self._print(reminder, **({"report": STATEMENT} if report == "statement" else {}))
            fonts = PdfReader(BytesIO(content)).pages[0]["/Resources"]["/Font"].values()
            names = {str(font.get_object()["/BaseFont"]) for font in fonts}
            self.assertTrue(all("Roboto" in name for name in names), names)
            self.assertIn("Page 1 / 1", text_of(content))
        self.assertEqual(self.calls, [])

    def test_images_of_a_text(self):
        """An image put in by the editor is printed; one that the text has no right to, or far away, is not."""
        values = {"name": "sign.png", "mimetype": "image/png", "datas": self._square("#000")}
        mine = self.env["ir.attachment"].create({**values, "res_model": "mail.template", "res_id": 1})
        secret = self.env["ir.attachment"].create({**values, "res_model": "res.partner", "res_id": self.customer.id})
        public = self.env["ir.attachment"].create({**values, "public": True})

        def darkness(source):
            reminder = self._reminder([self._line("FA001", 500)])
            reminder.kept_body = f'<div><img src="{source}" alt="stamp" width="400" height="400"/></div>'
            content = self._print(reminder)
            picture = pictures_of(content)[0]
            return sum(1 for value in picture.tobytes() if value < 100), text_of(content)

        for source in (f"/web/image/{mine.id}", f"/web/image/{mine.id}-0a1b/sign.png?x=1", f"/web/image/{public.id}"):
            with self.subTest(source=source):
                self.assertGreater(darkness(source)[0], 10_000)
        for source in (
            f"/web/image/{secret.id}",
            f"{self.address}/logo.png",
            "/web/image/res.partner/1/image_1920",
            "/etc/passwd",
            "file:///etc/passwd",
            "/account_receivable_followup/static/../../../../etc/passwd",
        ):
            with self.subTest(source=source):
                dark, text = darkness(source)
                self.assertLess(dark, 5000)
                self.assertIn("stamp", text)
        self.assertEqual(self.calls, [])

    def test_other_reports_are_left_alone(self):
        """Odoo's own reports are printed as Odoo prints them."""
        report = self.env.ref("account.account_invoices")
        self.assertFalse(report._is_self_contained())
        arguments = report._build_wkhtmltopdf_args(report.get_paperformat(), False)
        self.assertNotIn("--allow", arguments)

    def test_one_header_for_all(self):
        """The header is read again for each page: letters that have the same one share it."""
        report = self.env.ref("account_receivable_followup.action_report_followup_letter").sudo()
        letters = self.env["followup.reminder"]
        for name in ("Un", "Deux", "Trois"):
            letters += self._reminder([self._line("FA001", 500)], partner=self._customer(name))
        data = {"report_type": "pdf"}
        html = report._render_qweb_html(report.report_name, letters.ids, data=data)[0]
        bodies, ids, header, footer, _arguments = report._prepare_html(html, report_model=report.model)
        self.assertEqual(ids, letters.ids)
        self.assertEqual(len(bodies), 3)
        for part in (header, footer):
            text = str(part)
            self.assertEqual(text.count('class="header') + text.count('class="footer'), 1)
            self.assertIn("[0, 0, 0]", text)
        for page in (*bodies, header, footer):
            for asked in ('src="http', 'src="/', "url(http", "url(/", "<link", "var("):
                self.assertNotIn(asked, str(page))
