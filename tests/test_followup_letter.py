import base64
import hashlib
import re
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.fields import Date
from odoo.tests import tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from .common_letters import LetterCommon, text_of


@tagged("post_install", "-at_install")
class TestFollowupLetter(LetterCommon):
    """The letters as they leave the printer: real PDFs, made by wkhtmltopdf."""

    def _kept(self, reminder):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", reminder._name), ("res_id", "=", reminder.id)])
        )

    def test_content(self):
        """Recipient, invoices, payments deducted, total, IBAN, reference, signature."""
        self.customer.ref = "411BAUDRY"
        reminder = self._reminder(
            [self._line("FA001", 1200, paid=200), self._line("FA002", 34.5)]
        )
        text = text_of(self._print(reminder))
        for expected in (
            "Menuiserie Baudry",
            "12 rue des Acacias",
            "44000 NANTES",
            "Lyon, 20 November 2026",
            "FA001",
            "FA002",
            "10/31/2026",
            "1,200.00",
            "200.00",
            "1,000.00",
            "1,034.50",
            "FR76 3000 6000 0112 3456 7890 189",
            "411BAUDRY",
            self.env.user.name,
        ):
            self.assertIn(expected, text)

    def test_no_paid_column_without_payment(self):
        reminder = self._reminder([self._line("FA001", 1200)])
        self.assertNotIn("Paid", reminder.body)
        self.assertIn("Days late", reminder.body)

    def test_formal_notice(self):
        """What article 1344 of the Code civil and usage want to read."""
        self.customer.company_registry = "732829320"
        self.company.company_registry = "55208131700029"
        reminder = self._reminder([self._line("FA001", 500)], self.notice)
        text = text_of(self._print(reminder))
        for expected in (
            "Registered letter with acknowledgement of receipt",
            "FORMAL NOTICE TO PAY",
            "SIREN 732829320",
            "SIRET 55208131700029",
            "within eight days of receiving this letter",
            "L. 441-10",
            "article 1344",
        ):
            self.assertIn(expected, text)
        self.assertNotIn("has crossed", text)

    def test_consumer_owes_no_fixed_indemnity(self):
        """The 40 € and the commercial penalties are for professionals only."""
        person = self._customer("Marie Durand", is_company=False)
        for level in self.third, self.notice:
            with self.subTest(level=level.name):
                reminder = self._reminder(
                    [self._line("FA001", 500)], level, partner=person
                )
                self.assertNotIn("L. 441-10", reminder.body)
                self.assertNotIn("indemnity", reminder.body)

    def test_customer_name_stays_text(self):
        """A name is never markup, neither in the mail nor on paper."""
        self.customer.name = "Baudry <b>& Fils</b> <script>"
        reminder = self._reminder([self._line("FA001", 500)], self.notice)
        self.assertIn("&lt;b&gt;&amp; Fils", reminder.body)
        self.assertNotIn("<script", reminder.body)
        self.assertIn("Baudry <b>& Fils</b> <script>", text_of(self._print(reminder)))

    def test_currencies_are_never_added(self):
        dollar = self.env.ref("base.USD")
        euro = self.env.ref("base.EUR")
        reminder = self._reminder(
            [
                self._line("FA001", 1000, currency=euro),
                self._line("FA002", 500, currency=dollar),
                self._line("FA003", 250, currency=dollar),
            ]
        )
        text = text_of(self._print(reminder))
        self.assertEqual(text.count("Total due"), 2)
        self.assertIn("Amounts in EUR", text)
        self.assertIn("Amounts in USD", text)
        self.assertIn("750.00", text)
        self.assertNotIn("1,750.00", text)

    def test_language_of_the_recipient(self):
        """Each letter of a batch speaks its own recipient's language."""
        self.customer.lang = "fr_FR"
        french = self._reminder(
            [self._line("FA001", 1234.5)], date=Date.to_date("2026-12-01")
        )
        english = self._reminder(
            [self._line("FA002", 1234.5)], partner=self._customer("Smith")
        )
        self.assertRegex(french.body, r"1([\s\u202f\xa0]|&nbsp;)234,50")
        self.assertIn("1,234.50", english.body)
        text = text_of(self._print(french + english))
        self.assertIn("Lyon, le 1er décembre 2026", text)
        self.assertIn("Lyon, 20 November 2026", text)

    def test_one_call_and_one_kept_pdf_each(self):
        """Letters of one page and of several: printed together, cut by reminder."""
        long = self._reminder([self._line(f"LG{n:03}", n) for n in range(1, 81)])
        short = self._reminder(
            [self._line("SH001", 10)], partner=self._customer("Dupuis")
        )
        notice = self._reminder(
            [self._line("NO001", 500)], self.notice, self._customer("Martin")
        )
        letters = long + short + notice
        Report = self.env.registry["ir.actions.report"]
        with patch.object(
            Report,
            "_run_wkhtmltopdf",
            autospec=True,
            side_effect=Report._run_wkhtmltopdf,
        ) as wkhtmltopdf:
            content = self._print(letters)
        self.assertEqual(wkhtmltopdf.call_count, 1)
        pages = 0
        for letter, mine in (long, "LG080"), (short, "SH001"), (notice, "NO001"):
            kept = self._kept(letter)
            self.assertEqual(len(kept), 1)
            text = text_of(kept.raw)
            self.assertIn(mine, text)
            self.assertEqual(
                [number for number in ("LG080", "SH001", "NO001") if number in text],
                [mine],
            )
            pages += len(PdfReader(BytesIO(kept.raw)).pages)
        self.assertEqual(len(PdfReader(BytesIO(content)).pages), pages)

    def test_what_left_is_served_again(self):
        """Once sent, the kept PDF is what is printed, whatever became of the text."""
        reminder = self._reminder([self._line("FA001", 500)])
        self._print(reminder)
        kept = self._kept(reminder)
        reminder.state = "sent"
        reminder.body = "<p>Something else</p>"
        again = self._print(reminder, self._user("user"))
        self.assertEqual(
            hashlib.sha256(again).hexdigest(), hashlib.sha256(kept.raw).hexdigest()
        )

    def test_preview_is_not_kept(self):
        """Amounts may still change: a user's preview leaves nothing behind."""
        reminder = self._reminder([self._line("FA001", 500)])
        content = self._print(reminder, self._user("user"))
        self.assertIn("FA001", text_of(content))
        self.assertFalse(self._kept(reminder))

    def test_without_logo_nor_bank(self):
        self.bank.unlink()
        self.company.bank_journal_ids.bank_account_id = False
        self.company.logo = False
        for layout in "standard", "boxed", "bold", "folder":
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(
                    f"web.external_layout_{layout}"
                )
                reminder = self._reminder([self._line("FA001", 500)])
                text = text_of(self._print(reminder))
                self.assertIn("Menuiserie Baudry", text)
                self.assertIn("Page 1 / 1", text)
                self.assertNotIn("IBAN", text)

    def test_long_table(self):
        """200 lines: none lost, the head on each page, nothing off the sheet."""
        reminder = self._reminder(
            [self._line(f"FA{n:04}", 123456.78) for n in range(200)]
        )
        pages = PdfReader(BytesIO(self._print(reminder))).pages
        text = " ".join(page.extract_text() for page in pages)
        numbers = re.findall(r"FA\d{4}", text)
        self.assertEqual(sorted(set(numbers)), [f"FA{n:04}" for n in range(200)])
        for page in pages:
            text = page.extract_text()
            if re.search(r"FA\d{4}", text):
                self.assertIn("Balance due", text)
        self.assertGreater(min(self._places(pages)), 0)
        self.assertLess(max(self._places(pages)), float(pages[0].mediabox.width))

    def _places(self, pages):
        """Where each piece of text starts, from the left edge of its page."""
        places = []

        def note(text, page, line, _font, _size):
            if text.strip():
                places.append(line[4] * page[0] + line[5] * page[2] + page[4])

        for page in pages:
            page.extract_text(visitor_text=note)
        return places

    def test_released_letter_is_kept(self):
        """The whole way: the run prints its letters, each reminder keeps its own."""
        line = self._entry(500, days_late=60)
        self._deliver(line, self.levels[2], self.TODAY - timedelta(days=15))
        run = self._run()
        reminder = run.reminder_ids
        self.assertEqual(reminder.level_id, self.third)
        reminder.with_context(force_report_rendering=True)._release()
        self.assertEqual(reminder.state, "printed")
        kept = reminder.attachment_id
        self.assertIn("Menuiserie Baudry", text_of(kept.raw))
        self.assertEqual(reminder.pdf_sha256, hashlib.sha256(kept.raw).hexdigest())
        self.assertIn(
            "Menuiserie Baudry",
            text_of(base64.b64decode(run.letters_attachment_id.datas)),
        )

    def test_second_attempt_prints_again(self):
        """A failed reminder put back to send is printed anew: its first PDF holds
        amounts that have changed since."""
        line = self._entry(500, days_late=10)
        reminder = self._run().reminder_ids.with_context(force_report_rendering=True)
        reminder.sudo()._keep_pdfs()
        self.assertIn("500.00", text_of(reminder.attachment_id.raw))
        reminder.sudo()._mark_mail_failed("refused")
        (line + self._entry(-200, days_late=1, ref="VIR")).reconcile()
        reminder.action_retry()
        reminder.sudo()._read_amounts_again()
        reminder.sudo()._keep_pdfs()
        self.assertIn("300.00", text_of(reminder.attachment_id.raw))
        self.assertEqual(len(self._kept(reminder)), 1)

    def test_one_that_cannot_be_printed_stops_no_other(self):
        """R12: the printer refuses one letter; the others leave, that one says why."""
        other = self._customer("Garage Perrin")
        for partner in (self.customer, other):
            line = self._entry(500, days_late=60, partner=partner)
            self._deliver(line, self.levels[2], self.TODAY - timedelta(days=15))
        run = self._run().with_context(force_report_rendering=True)
        broken = run.reminder_ids.filtered(lambda r: r.partner_id == other)
        render = IrActionsReport._pre_render_qweb_pdf

        def refuse(report, name, res_ids=None, **kwargs):
            if broken.id in res_ids:
                raise ValueError("no font")
            return render(report, name, res_ids, **kwargs)

        with patch.object(IrActionsReport, "_pre_render_qweb_pdf", refuse):
            run.action_print_letters()
        self.assertEqual(broken.state, "failed")
        self.assertIn("no font", broken.failure_reason)
        self.assertEqual((run.reminder_ids - broken).state, "printed")
        self.assertIn(
            "Menuiserie Baudry", text_of(run.sudo().letters_attachment_id.raw)
        )

    def test_each_run_keeps_its_own_letters(self):
        """Letters of two runs released together: neither PDF holds the other's."""
        other = self._customer("Garage Perrin")
        runs = []
        for partner in (self.customer, other):
            line = self._entry(500, days_late=60, partner=partner)
            self._deliver(line, self.levels[2], self.TODAY - timedelta(days=15))
            runs.append(self._run(partners=partner))
        both = runs[0].reminder_ids + runs[1].reminder_ids
        both.with_context(force_report_rendering=True)._release()
        for run, mine, theirs in (
            (runs[0], "Menuiserie Baudry", "Garage Perrin"),
            (runs[1], "Garage Perrin", "Menuiserie Baudry"),
        ):
            text = text_of(run.sudo().letters_attachment_id.raw)
            self.assertIn(mine, text)
            self.assertNotIn(theirs, text)

    def test_mail_fits_a_phone(self):
        """By e-mail the table has three columns, and the text no remote image."""
        first = self.env.ref("account_receivable_followup.followup_level_default_1")
        reminder = self._reminder(
            [self._line("FA001", 1200, paid=200, days_late=1)], first
        )
        self.assertEqual(reminder.body.count("<th "), 3)
        self.assertIn("1 day late", reminder.body)
        self.assertIn("1,200.00", reminder.body)
        self.assertIn("1,000.00", reminder.body)
        self.assertNotIn("<img", reminder.body)
        self.assertIn("has crossed", reminder.body)
