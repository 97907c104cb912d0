import base64

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .test_followup_letter import text_of
from .test_followup_text import TextCommon


@tagged("post_install", "-at_install")
class TestFollowupTextPreview(TextCommon, HttpCase):
    """A text as a real customer reads it: the mail, its plain text, the letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["followup.situation"]._refresh(cls.company)
        cls.template = cls.first.template_id

    def _preview(self, user=None, **vals):
        template = self.template.with_user(user) if user else self.template
        action = template.action_followup_preview()
        self.assertEqual((action["res_model"], action["target"]), ("followup.text.preview", "new"))
        preview = self.env[action["res_model"]].with_user(user or self.env.user).browse(action["res_id"])
        preview.write(vals)
        return preview

    def test_mail(self):
        """On the customer who owes most, with the lines and the amount of today; nothing is kept."""
        small = self._customer("Petit")
        self._entry(10, days_late=10, partner=small)
        self.env["followup.situation"]._refresh(self.company)
        before = self.env["followup.reminder"].search_count([])
        preview = self._preview(self._user("user"))
        self.assertEqual(preview.partner_id, self.customer)
        self.assertEqual(preview.level_id, self.first)
        self.assertEqual(preview.subject, "Payment reminder – account 411BAUDRY")
        self.assertIn("FA2026-041", preview.body)
        self.assertIn("1,000.00", preview.body)
        self.assertIn("- FA2026-041", preview.plain_text)
        self.assertFalse(preview.problem or preview.letter)
        self.assertEqual(self.env["followup.reminder"].search_count([]), before)

    def test_from_the_screen_of_the_texts(self):
        """What that screen gives to a new text is not given to the preview."""
        template = self.template.with_context(default_lang="{{ object.lang }}", default_model="followup.reminder")
        action = template.action_followup_preview()
        preview = self.env["followup.text.preview"].browse(action["res_id"])
        self.assertFalse(preview.lang or preview.problem)

    def test_another_customer_and_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.template.with_context(lang="fr_FR").subject = "Rappel %(partner_name)s"
        other = self._customer("Garage Perrin")
        self._entry(77, days_late=10, partner=other, ref="PERRIN")
        preview = self._preview(partner_id=other.id, lang="fr_FR")
        preview.action_show()
        self.assertEqual(preview.subject, "Rappel Garage Perrin")
        self.assertIn("PERRIN", preview.body)
        self.assertEqual(other.lang, "en_US", "the customer keeps its language")

    def test_letter(self):
        preview = self._preview().with_context(force_report_rendering=True)
        preview.action_show_letter()
        text = text_of(base64.b64decode(preview.letter))
        for said in ("Menuiserie Baudry", "44000 NANTES", "FA2026-041"):
            self.assertIn(said, text)
        self.assertFalse(preview.problem or preview.body)

    def test_text_that_fails(self):
        """An expression that fails on this customer is told, and breaks nothing."""
        self.reminder.unlink()
        self.template.body_html = "<p t-out='1 / (object.line_count - object.line_count)'/>"
        preview = self._preview()
        self.assertIn("division by zero", preview.problem)
        self.assertFalse(preview.subject or preview.body)

    def test_nobody_owes_anything(self):
        self.env["followup.situation"].sudo().search([]).unlink()
        self.assertIn("Choose a customer", self._preview().problem)

    def test_rights(self):
        """Whoever sends reminders may look; who only consults, or works elsewhere, may not."""
        with self.assertRaises(AccessError):
            self._preview(self._user("viewer"))
        other = self.env["res.company"].create({"name": "Other"})
        preview = self._preview(self._user("user"))
        preview.sudo().company_id = other
        with self.assertRaises(AccessError):
            preview.action_show()
