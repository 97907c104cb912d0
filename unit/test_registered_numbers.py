import unittest

from lib.registered_numbers import clean_number, is_number, show_number


class TestRegisteredNumbers(unittest.TestCase):
    def test_typed_pasted_scanned(self):
        for text in (
            "2C12345678901",
            "2c 123 456 7890 1",
            "2C\N{NO-BREAK SPACE}123\N{NARROW NO-BREAK SPACE}456 7890 1\r\n",
            "2C.123.456-7890/1",
        ):
            with self.subTest(text=text):
                self.assertEqual(clean_number(text), "2C12345678901")

    def test_what_is_none(self):
        for text in ("", "1234567", "LETTRE", "2C1234567890é1", "é" * 13, "1" * 36):
            with self.subTest(text=text):
                self.assertFalse(is_number(clean_number(text)))

    def test_shown_in_groups(self):
        self.assertEqual(show_number(clean_number("2C12345678901")), "2C 123 456 7890 1")
        self.assertEqual(clean_number(show_number("RR123456785FR")), "RR123456785FR")
