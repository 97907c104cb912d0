import re
from decimal import Decimal

from odoo.tests import tagged

from .common_letters import LetterCommon, text_of, words_of


def pages_of(content):
    """Words of each page, on one line, in the order in which they are read."""
    words = words_of(content)
    return [" ".join(w[1] for w in words if w[0] == page) for page in range(1, max(w[0] for w in words) + 1)]


def amounts(pattern, text):
    """The figures after what `pattern` finds."""
    return [Decimal(found.replace(",", "")) for found in re.findall(pattern + r"\D*?(-?[\d,]+\.\d\d)", text)]


@tagged("post_install", "-at_install")
class TestLetterPages(LetterCommon):
    """A table over several pages: heads, carried totals, nothing lost, nothing off the sheet."""

    def test_carried_totals(self):
        """200 lines: each page says what it carries, the next one takes it up, and the last total is their sum."""
        figures = [Decimal(n * 37 + 1) / 100 * 311 for n in range(200)]
        reminder = self._reminder([self._line(f"FA{n:04}", float(figure)) for n, figure in enumerate(figures)])
        pages = pages_of(self._print(reminder))
        self.assertGreater(len(pages), 5)
        seen = []
        for page in pages:
            if seen and len(seen) < 200:
                self.assertEqual(amounts("Brought forward", page)[0], sum(figures[: len(seen)]), page)
            found = [int(word) for word in re.findall(r"FA(\d{4})", page)]
            self.assertEqual("Balance due" in page, bool(found), page)
            seen += found
            if len(seen) < 200:
                self.assertEqual(amounts("Carried forward", page)[0], sum(figures[: len(seen)]), page)
            else:
                self.assertNotIn("Carried forward", page)
        self.assertEqual(seen, list(range(200)))
        last = next(page for page in pages if "Total due" in page)
        self.assertIn("FA0199", last)
        self.assertEqual(amounts("Total due", last)[0], sum(figures))

    def test_every_number_of_lines(self):
        """Around the end of a page: no blank page, no page with the total alone."""
        for count in range(12, 32):
            with self.subTest(count=count):
                reminder = self._reminder([self._line(f"FA{n:04}", 10) for n in range(count)])
                pages = pages_of(self._print(reminder))
                self.assertEqual(sum(len(re.findall(r"FA\d{4}", page)) for page in pages), count)
                self.assertLessEqual(len(pages), 2)
                total = next(page for page in pages if "Total due" in page)
                self.assertRegex(total, r"FA\d{4}")
                for page in pages[1:]:
                    self.assertTrue("Brought forward" in page or not re.search(r"FA\d{4}", page), page)

    def test_short_table_is_not_cut(self):
        content = self._print(self._reminder([self._line("FA001", 10)]))
        self.assertNotIn("arried forward", " ".join(pages_of(content)))

    def test_two_currencies_over_pages(self):
        """Each currency carries its own total: they are never added."""
        dollar, euro = self.env.ref("base.USD"), self.env.ref("base.EUR")
        lines = [self._line(f"EU{n:04}", 1000, currency=euro) for n in range(40)]
        lines += [self._line(f"US{n:04}", 10, currency=dollar) for n in range(70)]
        pages = pages_of(self._print(self._reminder(lines)))
        carried = []
        euros = dollars = 0
        for page in pages:
            euros += len(re.findall(r"EU\d{4}", page))
            dollars += len(re.findall(r"US\d{4}", page))
            for found in amounts("Carried forward", page):
                carried.append(found)
                self.assertIn(found, (euros * 1000, dollars * 10))
        self.assertGreaterEqual(len(carried), 3)
        self.assertEqual((euros, dollars), (40, 70))

    def test_figures_of_twelve_digits(self):
        """Three columns of twelve digits: smaller letters, no figure cut."""
        reminder = self._reminder(
            [self._line(f"FA{n:04}", 999_999_999_999.98, paid=111_111_111_111.11) for n in range(30)]
        )
        content = self._print(reminder)
        text = " ".join(pages_of(content))
        self.assertEqual(text.count("999,999,999,999.98"), 30)
        self.assertEqual(text.count("111,111,111,111.11"), 30)
        self.assertEqual(text.count("888,888,888,888.87"), 30)
        for word in words_of(content):
            self.assertLess(word[4], 201, word)

    def test_endless_document_number(self):
        number = "INVOICE-WITHOUT-END-2026-00000000000000000000000000001"
        content = self._print(self._reminder([self._line(number, 500, paid=20)]))
        self.assertIn(number, "".join(text_of(content).split()))
        for word in words_of(content):
            self.assertLess(word[4], 201, word)
