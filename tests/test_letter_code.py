from odoo.tests import tagged

from ..models.followup_reminder_letter_layout import _qr_matrix
from .common_letters import LetterCommon, pictures_of, text_of, words_of

IBAN = "FR7630006000011234567890189"


@tagged("post_install", "-at_install")
class TestLetterCode(LetterCommon):
    """The EPC code beside the bank details."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.customer.ref = "411BAUDRY"

    def _euros(self, *amounts, **vals):
        return self._reminder([self._line(f"FA{n}", a, currency=self.euro) for n, a in enumerate(amounts)], **vals)

    def test_what_it_says(self):
        """The words of the European Payments Council, made by Odoo: the total, the account, the reference."""
        words = self._euros(1000.1, 34.4)._get_payment_code_text().split("\n")
        self.assertEqual(words[0], "BCD")
        self.assertEqual(words[3], "SCT")
        self.assertEqual(words[5:8], [self.company.partner_id.name, IBAN, "EUR1034.5"])
        self.assertIn("411BAUDRY", words)

    def test_claimed_penalties_are_paid_with_it(self):
        self.company.currency_id = self.euro
        reminder = self._euros(1000)
        reminder.line_ids.write({"interest": 12.5, "indemnity": 40})
        reminder.penalty_mode = "show"
        self.assertIn("EUR1000.0", reminder._get_payment_code_text().split("\n"))
        reminder.penalty_mode = "claim"
        self.assertIn("EUR1052.5", reminder._get_payment_code_text().split("\n"))

    def test_when_there_is_none(self):
        """Without IBAN, in another currency, for a credit, to say thank you, where the text gives no bank details."""
        self.assertFalse(self._reminder([self._line("FA1", 10, currency=self.env.ref("base.USD"))])._get_payment_code())
        self.assertFalse(self._euros(-10)._get_payment_code())
        self.assertFalse(self._euros(1_000_000_000)._get_payment_code())
        thanks = self.env["followup.level"].with_context(active_test=False).search([("phase", "=", "thanks")], limit=1)
        self.assertFalse(self._euros(10, level=thanks)._get_payment_code())
        reminder = self._euros(10)
        self.assertTrue(reminder._get_payment_code())
        reminder.kept_body = "<p>Madame, Monsieur,</p>"
        self.assertEqual(reminder._get_letter_body(), "<p>Madame, Monsieur,</p>")
        self.bank.acc_number = "12345"
        self.assertFalse(reminder._get_payment_code())

    def test_it_can_be_read_on_paper(self):
        """Each square of the code, dark or light, at its place on the page."""
        reminder = self._euros(1034.5)
        content = self._print(reminder)
        self.assertIn("Scan to pay", text_of(content))
        scan = next(word for word in words_of(content) if word[1] == "Scan")
        scale, side, middle = 400 / 25.4, 80 / 96 * 25.4, (scan[3] + scan[5]) / 2
        page = pictures_of(content, dpi=400)[0]
        place = (199 - side - 2, middle - side / 2 - 1, 201, middle + side / 2 + 1)
        part = page.crop(tuple(round(x * scale) for x in place)).point(lambda x: 255 * (x < 100))
        part = part.crop(part.getbbox())
        self.assertAlmostEqual(part.width / scale, side, delta=0.3)
        self.assertAlmostEqual(part.height / scale, side, delta=0.3)
        matrix = _qr_matrix(reminder._get_payment_code_text())
        step = part.width / len(matrix)
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                found = part.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) > 0
                self.assertEqual(found, dark, (x, y))

    def test_mails_have_none(self):
        """Nobody scans the telephone they read on."""
        first = self.env.ref("account_receivable_followup.followup_level_default_1")
        self.assertNotIn("<svg", self._euros(10, level=first).body)
