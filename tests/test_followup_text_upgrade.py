from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.convert import convert_file

from .test_followup_text import TextCommon

ADDON = "account_receivable_followup"
FILE = "data/followup_mail_template_data.xml"


@tagged("post_install", "-at_install")
class TestFollowupTextUpgrade(TextCommon):
    """F141: the texts delivered follow the versions of the add-on, unless somebody has changed them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.template = cls.env.ref(f"{ADDON}.mail_template_reminder_1")
        cls.delivered = cls.template.body_html

    def _upgrade(self):
        """What updating the module does with the texts: its data, then its translations."""
        self.env.flush_all()
        convert_file(self.env, ADDON, FILE, {}, mode="update", noupdate=False)
        module = self.env["ir.module.module"].search([("name", "=", ADDON)])
        module._update_translations(["fr_FR"])
        self.env.invalidate_all()

    def _age(self, **vals):
        """Give the delivered text what an older version of the add-on had delivered."""
        self.template.with_context(followup_loading_texts=True).write(vals)

    def test_unchanged_text_follows(self):
        self._age(body_html="<p>Older</p>", subject="Older")
        self.assertEqual(self.template.followup_origin, "shipped")
        self._upgrade()
        self.assertEqual(self.template.body_html, self.delivered)
        self.assertNotEqual(self.template.subject, "Older")

    def test_its_translations_too(self):
        french = self.template.with_context(lang="fr_FR")
        french.with_context(followup_loading_texts=True).body_html = "<p>Ancien</p>"
        self._upgrade()
        self.assertNotIn("Ancien", french.body_html)

    def test_changed_text_is_spared(self):
        self.template.body_html = "<p>Ours</p>"
        self.assertEqual(self.template.followup_origin, "edited")
        self._upgrade()
        self.assertIn("Ours", self.template.body_html)

    def test_changed_translation_is_spared(self):
        """Whoever changes the French only has changed the text."""
        french = self.template.with_context(lang="fr_FR")
        french.body_html = "<p>Notre texte</p>"
        self.assertEqual(self.template.followup_origin, "edited")
        self._upgrade()
        self.assertIn("Notre texte", french.body_html)

    def test_translated_in_the_dialog_is_spared(self):
        self.template.update_field_translations("subject", {"fr_FR": "Notre objet"})
        self._upgrade()
        self.assertEqual(self.template.with_context(lang="fr_FR").subject, "Notre objet")

    def test_sender_is_no_change_of_the_text(self):
        """What the add-on does not deliver may be set: the text still follows."""
        self.template.email_from = "compta@example.com"
        self._age(body_html="<p>Older</p>")
        self._upgrade()
        self.assertEqual(self.template.body_html, self.delivered)
        self.assertEqual(self.template.email_from, "compta@example.com")

    def test_put_back(self):
        """A changed text is put back as delivered, in every language, and follows the versions again."""
        french = self.template.with_context(lang="fr_FR")
        delivered = french.body_html
        self.template.body_html = "<p>Ours</p>"
        french.body_html = "<p>Notre texte</p>"
        self.template.with_user(self._user("manager")).action_followup_put_back()
        self.env.invalidate_all()
        self.assertEqual(self.template.body_html, self.delivered)
        self.assertEqual(french.body_html, delivered)
        self.assertEqual(self.template.followup_origin, "shipped")
        self._age(body_html="<p>Older</p>")
        self._upgrade()
        self.assertEqual(self.template.body_html, self.delivered)

    def test_put_back_what_was_not_delivered(self):
        for template in self._text(), self.template:
            with self.assertRaisesRegex(UserError, "can be put back"):
                template.action_followup_put_back()

    def test_origin(self):
        self.assertEqual(self.template.followup_origin, "shipped")
        self.assertEqual(self._text().followup_origin, "own")
        self.assertEqual(self.template.copy().followup_origin, "own")
