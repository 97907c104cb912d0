import base64
from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common_letters import LetterCommon, text_of


class DocumentCommon(LetterCommon):
    """A customer who was written to, promised and disputes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user")
        cls.viewer = cls._user("viewer")
        cls.due = cls._entry(1000, days_late=60, ref="FA001")
        cls._entry(-150, days_late=5, ref="AV001")
        cls.agency = cls._customer("Cabinet Recouvrement")

    def _situation(self, user=None):
        self.env["followup.situation"]._refresh(self.company)
        situation = self.env["followup.situation"].search([("partner_id", "=", self.customer.id)])
        return situation.with_user(user or self.user)

    def _document(self, kind, user=None, **values):
        action = self._situation(user).action_documents()
        Document = self.env["followup.document"].with_user(user or self.user)
        Document = Document.with_context(**action["context"], force_report_rendering=True)
        return Document.create({"kind": kind, "date": self.TODAY, **values})

    def _left(self, level=None, **values):
        reminder = self._reminder([self._line("FA001", 1000, days_late=60)], level)
        reminder.write({"state": "sent", "sent_to": "Menuiserie Baudry, Nantes", **values})
        return reminder


@tagged("post_install", "-at_install")
class TestDocuments(DocumentCommon):
    """Which document, of what: decided before anything is printed."""

    def test_duplicate_of_the_last_reminder_first(self):
        first, last = self._left(date=self.TODAY - timedelta(days=20)), self._left(self.notice)
        action = self._situation().action_documents()
        with Form(self.env["followup.document"].with_user(self.user).with_context(**action["context"])) as form:
            self.assertEqual(form.kind, "statement")
            form.kind = "duplicate"
            self.assertEqual(form.reminder_ids[:], last)
        self.assertEqual(form.record._get_history(), first | last)

    def test_nothing_to_duplicate(self):
        call = self._left(channel="phone")
        other = self._reminder([self._line("FA009", 10)], partner=self.agency)
        other.state = "sent"
        for reminders in (call, other, call.browse()):
            with self.subTest(reminders=reminders), self.assertRaisesRegex(UserError, "Choose reminders that left"):
                self._document("duplicate", reminder_ids=[(6, 0, reminders.ids)]).action_make()

    def test_third_party_is_named(self):
        with self.assertRaisesRegex(UserError, "handed to"):
            self._document("transmission").action_make()

    def test_only_the_person_in_charge_hands_over(self):
        with self.assertRaises(AccessError):
            self._document("transmission", self.viewer, third_party_id=self.agency.id).action_make()

    def test_strangers(self):
        with self.assertRaises(AccessError):
            self.env["followup.document"].with_user(self._user(None)).create({"kind": "statement"})


@tagged("post_install", "-at_install")
class TestDocumentsPrinted(DocumentCommon, HttpCase):
    """Real PDFs, made by wkhtmltopdf."""

    def _content(self, document):
        action = document.action_make()
        self.assertIn(f"id={document.id}&", action["url"])
        self.assertTrue(document.name.endswith(".pdf"))
        return base64.b64decode(document.file)

    def test_statement(self):
        """Everything open, at any time, for whoever may look at the account."""
        text = text_of(self._content(self._document("statement", self.viewer)))
        for expected in ("Menuiserie Baudry", "Statement of account", "FA001", "AV001", "850.00"):
            self.assertIn(expected, text)
        self.assertFalse(self.env["followup.reminder"].search([("partner_id", "=", self.customer.id)]))

    def test_duplicate(self):
        """The very pages that left, each marked; the file that is kept does not change."""
        reminder = self._left(self.notice, posted_on=self.TODAY - timedelta(days=3))
        reminder.write({"state": "queued"})
        reminder.with_context(force_report_rendering=True)._keep_pdfs()
        reminder.write({"state": "sent", "kept_body": "<p>Changed since</p>"})
        kept = reminder.attachment_id.raw
        content = self._content(self._document("duplicate", self.viewer, reminder_ids=[(6, 0, reminder.ids)]))
        pages = PdfReader(BytesIO(content)).pages
        marked = [page for page in pages if "DUPLICATE of the letter of 11/17/2026" in page.extract_text()]
        self.assertEqual(len(marked), len(PdfReader(BytesIO(kept)).pages))
        text = text_of(content)
        self.assertIn("formal notice to pay", text)
        self.assertNotIn("Changed since", text)
        self.assertEqual(reminder.attachment_id.raw, kept)
        self.assertNotIn("DUPLICATE", text_of(kept))

    def test_duplicate_of_an_email(self):
        """An e-mail that carried no letter is printed from the text that was kept, and nothing else is kept."""
        reminder = self._left(self.env.ref("account_receivable_followup.followup_level_default_1"))
        reminder.kept_body = "<p>What the customer read</p>"
        content = self._content(self._document("duplicate", reminder_ids=[(6, 0, reminder.ids)]))
        self.assertIn("What the customer read", text_of(content))
        files = self.env["ir.attachment"].search([("res_model", "=", reminder._name), ("res_id", "=", reminder.id)])
        self.assertFalse(files)

    def test_transmission(self):
        """All that a third party needs, in one file; the customer's history says to whom it went, and keeps it."""
        notice = self._left(
            self.notice, registered_number="2C12345678901", posted_on=self.TODAY - timedelta(days=20)
        )
        notice.write({"receipt": "received", "received_on": self.TODAY - timedelta(days=18)})
        self.env["followup.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": self.TODAY + timedelta(days=5),
                "line_ids": [(0, 0, {"move_line_id": self.due.id})],
            }
        )
        document = self._document("transmission", third_party_id=self.agency.id)
        content = self._content(document)
        text = text_of(content)
        for expected in (
            "Cabinet Recouvrement",
            "Menuiserie Baudry",
            "We entrust you with the recovery",
            "2C 123 456 7890 1",
            "Received",
            "Promise to pay",
            "850.00",
            "Statement of account",
            "FA001",
        ):
            self.assertIn(expected, text)
        message = self.customer.message_ids[0]
        self.assertIn("Cabinet Recouvrement", message.body)
        self.assertEqual(message.attachment_ids.raw, content)
