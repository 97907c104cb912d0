from odoo.tests import tagged

from .common_letters import STATEMENT, LetterCommon, text_of

#: Words that a document says in each language, whatever its text.
FRENCH = ("Lyon, le 20 novembre 2026", "1 234,50", "31/10/2026", "Objet :", "Menuiserie Baudry")
ENGLISH = ("Lyon, 20 November 2026", "1,234.50", "10/31/2026", "Subject:", "Menuiserie Baudry")


@tagged("post_install", "-at_install")
class TestLetterDocuments(LetterCommon):
    """Every document, in both languages, as a real PDF."""

    def _letters(self, lang):
        """One letter of each level of the plans shipped, in that language."""
        self.customer.lang = lang
        levels = self.env["followup.level"].with_context(active_test=False).search([("template_id", "!=", False)])
        euro = self.env.ref("base.EUR")
        return [
            self._reminder([self._line("FA001", 1234.5, currency=euro)], level, channel="letter", recipient_id=False)
            for level in levels.sorted("id")
        ]

    def test_every_level_in_both_languages(self):
        for lang, expected, foreign in (("fr_FR", FRENCH, ENGLISH), ("en_US", ENGLISH, FRENCH)):
            letters = self._letters(lang)
            self.assertGreaterEqual(len(letters), 10)
            for letter in letters:
                with self.subTest(lang=lang, level=letter.level_id.name, plan=letter.level_id.plan_id.name):
                    text = text_of(self._print(letter)).replace("\xa0", " ")
                    thanks = letter.level_id.phase == "thanks"
                    for word in expected:
                        # A word of thanks lists nothing that is due.
                        if not thanks or word in (expected[0], expected[3], expected[4]):
                            self.assertIn(word, text)
                    for word in foreign[:4]:
                        self.assertNotIn(word, text)
                    self.assertRegex(text, r"Page 1 / [1-3]")

    def test_statement_in_both_languages(self):
        self._entry(1234.5, days_late=20)
        for lang, expected in (("fr_FR", FRENCH), ("en_US", ENGLISH)):
            with self.subTest(lang=lang):
                self.customer.lang = lang
                reminder = self._reminder([self._line("FA001", 1234.5)], recipient_id=False)
                text = text_of(self._print(reminder, report=STATEMENT)).replace("\xa0", " ")
                for word in (*expected[:3], expected[4]):
                    self.assertIn(word, text)
