import base64
from datetime import timedelta
from io import BytesIO

from docx import Document

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_letters import LetterCommon


@tagged("post_install", "-at_install")
class TestEditableCopy(LetterCommon):
    """One letter as a word processor opens it."""

    def _open(self, action, user=None):
        """The document that an action downloads, and its name."""
        document = self.env["followup.document"].browse(int(action["url"].split("&id=")[1].split("&")[0]))
        document = document.with_user(user) if user else document
        return Document(BytesIO(base64.b64decode(document.file))), document.name

    def test_same_text_table_and_address(self):
        self.company.write({"name": "Bois du Rhône", "phone": "04 72 00 00 00", "company_registry": "55208131700029"})
        reminder = self._reminder([self._line("FA001", 1200, paid=200), self._line("FA002", 34.5)], self.notice)
        document, name = self._open(reminder.action_editable_copy())
        self.assertEqual(name, f"{self.notice.name} - Menuiserie Baudry.docx")
        texts = [paragraph.text for paragraph in document.paragraphs]
        self.assertIn("Lyon, 20 November 2026", texts)
        self.assertIn("Registered letter with acknowledgement of receipt", texts)
        self.assertIn(f"Subject: {reminder.subject}", texts)
        self.assertTrue(any("formal notice to pay" in text for text in texts))
        cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
        for expected in ("FA001", "FA002"):
            self.assertTrue(any(expected in text for text in cells), expected)
        self.assertTrue(any("1,034.50" in text for text in cells))
        head = [paragraph.text for paragraph in document.sections[0].first_page_header.paragraphs]
        for expected in ("Bois du Rhône", "04 72 00 00 00", *self.customer._get_address_lines()):
            self.assertIn(expected, head)
        self.assertFalse(self.env["ir.attachment"].search([("res_model", "=", reminder._name)]), "nothing is kept")

    def test_language_of_the_recipient(self):
        self.customer.lang = "fr_FR"
        reminder = self._reminder([self._line("FA001", 1234.5)])
        document, _name = self._open(reminder.action_editable_copy())
        self.assertIn("Lyon, le 20 novembre 2026", [paragraph.text for paragraph in document.paragraphs])

    def test_what_left_is_what_is_copied(self):
        reminder = self._reminder([self._line("FA001", 500)])
        reminder.state = "sent"
        reminder.level_id._get_template(self.company).body_html = "<p>Something else</p>"
        document, _name = self._open(reminder.action_editable_copy())
        self.assertNotIn("Something else", [paragraph.text for paragraph in document.paragraphs])

    def test_names_stay_text(self):
        self.customer.name = "Baudry <b>& Fils</b>/Nantes"
        document, name = self._open(self._reminder([self._line("FA001", 500)]).action_editable_copy())
        self.assertNotIn("/", name)
        head = [paragraph.text for paragraph in document.sections[0].first_page_header.paragraphs]
        self.assertIn("Baudry <b>& Fils</b>/Nantes", head)

    def test_who_may(self):
        """Whoever reads the reminder has a copy of it, and only of their own copies."""
        reminder = self._reminder([self._line("FA001", 500)])
        viewer = self._user("viewer")
        action = reminder.with_user(viewer).action_editable_copy()
        self._open(action, viewer)
        with self.assertRaises(AccessError):
            self._open(action, self._user("user"))
        with self.assertRaises(AccessError):
            reminder.with_user(self._user(None)).action_editable_copy()

    def test_calls_have_no_copy(self):
        reminder = self._reminder([self._line("FA001", 500)], channel="phone")
        with self.assertRaisesRegex(UserError, "has a text to edit"):
            reminder.action_editable_copy()

    def test_day_of_the_letter(self):
        reminder = self._reminder([self._line("FA001", 500)], date=self.TODAY + timedelta(days=11))
        document, _name = self._open(reminder.action_editable_copy())
        self.assertIn("Lyon, 1 December 2026", [paragraph.text for paragraph in document.paragraphs])
