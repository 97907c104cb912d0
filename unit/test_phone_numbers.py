import unittest

from lib.phone_numbers import international


class TestPhoneNumbers(unittest.TestCase):
    def test_table(self):
        for number, country, expected in (
            ("06 12 34 56 78", 33, "+33612345678"),
            ("06.12.34.56.78", 33, "+33612345678"),
            ("06\u00a012\u202f34 56 78", 33, "+33612345678"),
            ("+33 6 12 34 56 78", 32, "+33612345678"),
            ("+33 (0)6 12 34 56 78", 33, "+33612345678"),
            ("0033612345678", 33, "+33612345678"),
            ("0475/12.34.56", 32, "+32475123456"),
            ("06 1234 5678", 39, "+390612345678"),
            ("3631", 33, ""),
            ("06 12 34 56 78 poste 3", 33, ""),
            ("compta@client.example", 33, ""),
            ("+336123456789012345", 33, ""),
            ("", 33, ""),
            (None, 33, ""),
        ):
            with self.subTest(number=number, country=country):
                self.assertEqual(international(number, country), expected)
