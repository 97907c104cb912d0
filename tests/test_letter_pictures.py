import os
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from odoo.tests import tagged

from .common_letters import STATEMENT, LetterCommon, pictures_of

REFERENCES = Path(__file__).parent / "letter_references"
#: How far a page may be from its reference, once both are blurred: mean grey level, and share of points that differ.
MEAN, SHARE = 1.5, 0.01


@tagged("post_install", "-at_install")
class TestLetterPictures(LetterCommon):
    """The pages look as they did: pictures compared with those kept in `letter_references`.

    `FOLLOWUP_REFERENCES=write make test ONLY=tests/test_letter_pictures.py` takes new ones: look at them before keeping
    them. The texts are fixed here: only the layout is compared.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Comptoir du Bois",
                "street": "18 boulevard des Scieries",
                "zip": "69003",
                "phone": "04 78 00 00 00",
                "report_footer": "SAS au capital de 120 000 € – RCS Lyon 552 081 317",
            }
        )

    def assertLooks(self, name, content, page=0):
        picture = pictures_of(content)[page]
        path = REFERENCES / f"{name}.png"
        if os.environ.get("FOLLOWUP_REFERENCES") == "write":
            REFERENCES.mkdir(exist_ok=True)
            picture.quantize(16).save(path, optimize=True)
        with Image.open(path) as kept:
            reference = kept.convert("L")
        self.assertEqual(picture.size, reference.size)
        blur = ImageFilter.GaussianBlur(2)
        difference = ImageChops.difference(picture.filter(blur), reference.filter(blur))
        grey = difference.tobytes()
        mean, share = sum(grey) / len(grey), sum(1 for value in grey if value > 48) / len(grey)
        self.assertTrue(mean <= MEAN and share <= SHARE, f"{name}: mean {mean:.2f}, share {share:.4f}")

    def _letter(self, count, level=None, **vals):
        reminder = self._reminder(
            [
                self._line(f"FA{n:04}", 1234.5 * (n % 7 + 1), paid=100 * (n % 3), currency=self.env.ref("base.EUR"))
                for n in range(count)
            ],
            level,
            subject="Overdue invoices",
            **vals,
        )
        payment = self.env["ir.qweb"]._render("account_receivable_followup.reminder_payment", {"object": reminder})
        reminder.kept_subject = "Overdue invoices"
        reminder.kept_body = (
            "<div><p>Dear Sir or Madam,</p><p>%s</p>%s<p>Thank you.</p>%s<p>Yours faithfully,</p></div>"
            % ("Unless we are mistaken, these invoices are still unpaid. " * 3, reminder.lines_table, payment)
        )
        return reminder

    def test_letter(self):
        self.assertLooks("letter", self._print(self._letter(5)))

    def test_registered_letter(self):
        self.assertLooks("registered", self._print(self._letter(3, self.notice)))

    def test_next_page(self):
        content = self._print(self._letter(70))
        self.assertLooks("long_first", content)
        self.assertLooks("long_second", content, page=1)

    def test_statement(self):
        for number, amount in (("FA001", 1200), ("FA002", 34.5), ("VIR01", -200)):
            self._entry(amount, ref=number, days_late=30)
        self.assertLooks("statement", self._print(self._letter(1), report=STATEMENT))

    def test_layouts(self):
        for layout in ("boxed", "folder", "bubble"):
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                self.assertLooks(f"layout_{layout}", self._print(self._letter(3)))
