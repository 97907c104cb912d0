import hashlib
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models import ir_actions_report_batch
from ..models.letter_printer import PrinterError, PrintJob
from .common_letters import LetterCommon, text_of

LOGGER = "odoo.addons.account_receivable_followup.models.followup_run_letters"


class PowerCut(BaseException):
    """The server stops: nothing catches it."""


@tagged("post_install", "-at_install")
class TestLetterBatch(LetterCommon, HttpCase):
    """Letters by the chunk: one call of the printer, one kept file each, nothing printed twice."""

    def setUp(self):
        super().setUp()
        self.calls = []
        start = PrintJob.start

        def count(job):
            self.calls.append(job.count)
            start(job)

        patcher = patch.object(PrintJob, "start", count)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _printed(self, *numbers, **vals):
        """Letters to several customers, printed together; numbers of lines of each."""
        letters = self.env["followup.reminder"].sudo()
        for number, lines in enumerate(numbers):
            partner = self._customer(f"Client C{number:02}", zip=f"{90000 - number}")
            lines = [self._line(f"C{number:02}-{line:03}", 100 + line) for line in range(lines)]
            letters |= self._reminder(lines, partner=partner, **vals)
        letters.state = "queued"
        self.calls.clear()
        return letters.with_context(force_report_rendering=True)

    def _run_of(self, letters):
        run = self.env["followup.run"].create(
            {"company_id": self.company.id, "plan_id": self.plan.id, "date": self.TODAY}
        )
        letters.write({"run_id": run.id})
        return run

    def test_one_call_a_chunk(self):
        """Letters of one page and of several: each keeps its own pages, and no other's."""
        letters = self._printed(1, 80, 2, 1)
        letters._keep_pdfs()
        self.assertEqual(self.calls, [4])
        for number, letter in enumerate(letters):
            text = text_of(letter.attachment_id.raw)
            self.assertEqual([n for n in range(4) if f"C{n:02}-" in text], [number])
            self.assertEqual(letter.pdf_sha256, hashlib.sha256(letter.attachment_id.raw).hexdigest())
        self.assertGreater(len(PdfReader(BytesIO(letters[1].attachment_id.raw)).pages), 1)

    def test_printed_while_the_next_are_written(self):
        """A chunk goes to the printer some letters after others: each keeps its own."""
        letters = self._printed(1, 60, 1, 1, 2)
        with patch.object(ir_actions_report_batch, "PART", 2):
            letters._keep_pdfs()
        self.assertEqual(self.calls, [2, 2, 1])
        for number, letter in enumerate(letters):
            text = text_of(letter.attachment_id.raw)
            self.assertEqual([n for n in range(5) if f"C{n:02}-" in text], [number])

    def test_printer_fails(self):
        """What the printer says is told, and the files of the job go."""
        letters = self._printed(1, 1)
        with patch.object(PrintJob, "result", side_effect=PrinterError("wkhtmltopdf -11: no memory")):
            letters._keep_pdfs()
        self.assertEqual(self.calls, [2, 1, 1])  # together, then each alone
        self.assertEqual(letters.mapped("state"), ["failed"] * 2)
        self.assertIn("no memory", letters[0].failure_reason)

    def test_name_of_the_file(self):
        """Odoo finds the kept file by its name when the letter is printed again."""
        letter = self._printed(1)
        letter._keep_pdfs()
        letter.state = "sent"
        self.calls.clear()
        again = letter.env["ir.actions.report"]._render_qweb_pdf(
            "account_receivable_followup.report_followup_letter", letter.ids
        )[0]
        self.assertEqual((again, self.calls), (letter.attachment_id.raw, []))

    def test_headings_in_a_text(self):
        """A person who types headings hides where the letters begin: each still keeps its own."""
        letters = self._printed(1, 1, 60)
        letters[0].kept_body = "<h1>Bonjour</h1><p>C00-000</p><h1>Merci</h1>"
        letters._keep_pdfs()
        for number, letter in enumerate(letters):
            text = text_of(letter.attachment_id.raw)
            self.assertEqual([n for n in range(3) if f"C{n:02}-" in text], [number])

    def test_stopped_and_resumed(self):
        """The server stops in the middle of a run: what is printed stays, what is not is printed, once."""
        letters = self._printed(1, 1, 1, 1)
        run = self._run_of(letters)
        first, second = letters[:2], letters[2:]
        first._hand_over_letter()
        keep = type(letters)._print

        def stop(reminders):
            keep(reminders)
            raise PowerCut

        with patch.object(type(letters), "_print", stop), self.assertRaises(PowerCut), self.cr.savepoint():
            second._hand_over_letter()
        self.env.invalidate_all()
        self.assertEqual(first.mapped("state"), ["printed"] * 2)
        self.assertEqual(second.mapped("state"), ["queued"] * 2)
        self.assertFalse(second.attachment_id)
        kept = first.mapped("pdf_sha256")
        second._hand_over_letter()
        (first | second)._settle()
        self.assertEqual(first.mapped("pdf_sha256"), kept)
        self.assertEqual(self.calls, [2, 2, 2])
        text = text_of(run.letters_attachment_id.raw)
        self.assertEqual([text.count(f"C{n:02}-000") for n in range(4)], [1] * 4)

    def test_both_sides_of_the_paper(self):
        """Each letter begins on a new sheet when the company prints on both sides; in address order, as ever."""
        letters = self._printed(1, 60, 1)
        run = self._run_of(letters)
        letters._hand_over_letter()
        letters._settle()
        counts = [len(PdfReader(BytesIO(letter.attachment_id.raw)).pages) for letter in letters]
        self.assertEqual(self._starts(run), [counts[2] + counts[1], counts[2], 0], "postcodes go down")
        self.company.followup_duplex = True
        run._gather_letters()
        even = [count + count % 2 for count in counts]
        self.assertEqual(self._starts(run), [even[2] + even[1], even[2], 0])
        before = run.letters_attachment_id.raw
        run._gather_letters()
        self.assertEqual(run.letters_attachment_id.raw, before)

    def _starts(self, run):
        """Number of the page, from 0, on which each letter of the run begins."""
        texts = [page.extract_text() for page in PdfReader(BytesIO(run.letters_attachment_id.raw)).pages]
        return [next(n for n, text in enumerate(texts) if f"C{number:02}-000" in text) for number in range(3)]

    def test_lighter_than_its_parts(self):
        """What the letters share stands once in the PDF of the run."""
        letters = self._printed(*[1] * 8)
        run = self._run_of(letters)
        letters._hand_over_letter()
        letters._settle()
        sizes = [len(letter.attachment_id.raw) for letter in letters]
        self.assertLess(len(run.letters_attachment_id.raw), sum(sizes) / 2)
        self.assertEqual(len(PdfReader(BytesIO(run.letters_attachment_id.raw)).pages), 8)

    def test_damaged_file(self):
        """One kept file that cannot be read again holds no letter back: they are printed, and counted as such."""
        letters = self._printed(1, 1)
        run = self._run_of(letters)
        letters._hand_over_letter()
        with patch.object(type(letters), "_read_kept_pdfs", lambda reminders: iter([b"no PDF"])), mute_logger(LOGGER):
            letters._settle()
        self.assertEqual((set(letters.mapped("state")), any(letters.mapped("to_settle"))), ({"printed"}, False))
        self.assertFalse(run.letters_attachment_id)
        run._gather_letters()
        self.assertTrue(run.letters_attachment_id)

    def test_queries_of_a_chunk(self):
        """A letter more costs no query more."""
        counts = []
        for size in 2, 6:
            letters = self._printed(*[1] * size)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            letters._hand_over_letter()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
        self.assertLessEqual(counts[1] - counts[0], 4, counts)

    def test_statements_together(self):
        letters = self._printed(1, 1)
        for letter in letters:
            self._entry(250, days_late=60, partner=letter.partner_id, ref=f"ST-{letter.partner_id.name}")
        printed = letters._print_statements()
        self.assertEqual(self.calls, [2])
        for letter in letters:
            text = text_of(printed[letter.id].raw)
            self.assertIn(f"ST-{letter.partner_id.name}", text)
            self.assertEqual(text.count("ST-Client"), 1)

    def test_days_after(self):
        """A letter put back is printed anew, with its new date."""
        letter = self._printed(1)
        letter._keep_pdfs()
        first = letter.attachment_id
        letter.date = self.TODAY + timedelta(days=9)
        letter._keep_pdfs()
        self.assertFalse(first.exists())
        self.assertIn("29 November 2026", text_of(letter.attachment_id.raw))
