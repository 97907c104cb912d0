import re
import subprocess
import tempfile
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

from PIL import Image
from pypdf import PdfReader

from odoo.fields import Command

from .common import FollowupCommon

LETTER = "account_receivable_followup.action_report_followup_letter"
STATEMENT = "account_receivable_followup.action_report_followup_statement"
PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
#: Millimetres of a PostScript point.
POINT = 25.4 / 72


def text_of(content):
    """Words of a PDF, on one line, with plain spaces."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return re.sub(r"\s+", " ", " ".join(pages).replace("\u202f", " "))


def words_of(content):
    """[(page, word, left, top, right, bottom)] of a PDF, as it is read: pages from 1, millimetres from the upper left
    corner."""
    page, words = 0, []
    for line in _run("pdftotext", content, "-bbox").decode().splitlines():
        page += "<page " in line
        found = re.search(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', line)
        if found:
            left, top, right, bottom = (float(number) * POINT for number in found.groups()[:4])
            words.append((page, unescape(found.group(5)), left, top, right, bottom))
    rows, last = {}, (0, 0)
    for word in sorted(words, key=lambda word: (word[0], word[5])):
        if word[0] != last[0] or word[5] - last[1] > 1:
            last = word[0], word[5]
        rows[word] = last
    return sorted(words, key=lambda word: (*rows[word], word[2]))


def pictures_of(content, dpi=40):
    """The pages of a PDF as grey pictures."""
    with tempfile.TemporaryDirectory() as folder:
        _run("pdftoppm", content, "-r", str(dpi), "-gray", "-png", target=Path(folder) / "page")
        pictures = []
        for path in sorted(Path(folder).glob("page*.png")):
            with Image.open(path) as picture:
                pictures.append(picture.convert("L"))
    return pictures


def _run(program, content, *words, target="-"):
    """What one of poppler's programs says of a PDF."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        return subprocess.run([program, *words, file.name, target], check=True, capture_output=True).stdout


class LetterCommon(FollowupCommon):
    """Builders of letters, and their PDFs as wkhtmltopdf prints them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company.write(
            {
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
                "external_report_layout_id": False,
                "logo": PIXEL,
            }
        )
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630006000011234567890189",
                "partner_id": cls.company.partner_id.id,
            }
        )
        cls.third = cls.env.ref("account_receivable_followup.followup_level_default_3")
        cls.notice = cls.env.ref("account_receivable_followup.followup_level_default_notice")

    def _line(self, number, amount, paid=0, currency=None, days_late=20):
        due = self.TODAY - timedelta(days=days_late)
        return Command.create(
            {
                "company_id": self.company.id,
                "document": number,
                "document_date": due - timedelta(days=30),
                "due_date": due,
                "days_late": days_late,
                "amount": amount,
                "paid": paid,
                "residual": amount - paid,
                "residual_company": amount - paid,
                "currency_id": (currency or self.company.currency_id).id,
            }
        )

    def _reminder(self, lines, level=None, partner=None, **vals):
        """A letter ready to be printed, with its text."""
        partner = partner or self.customer
        level = level or self.third
        reminder = (
            self.env["followup.reminder"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "recipient_id": partner.id,
                    "date": self.TODAY,
                    "level_id": level.id,
                    "level_name": level.name,
                    "channel": level.channel,
                    "user_id": self.env.user.id,
                    "line_ids": lines,
                    **vals,
                }
            )
        )
        reminder._render_texts()
        self.assertEqual(reminder.state, "prepared", reminder.failure_reason)
        return reminder

    def _print(self, reminders, user=None, report=LETTER):
        """PDF as the release prints it (superuser), or as `user` looks at it."""
        printer = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        printer = printer.with_user(user) if user else printer.sudo()
        return printer._render_qweb_pdf(report, reminders.ids)[0]
