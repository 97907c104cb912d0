import base64
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_followup_letter_posted import LetterCommon

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
NUMBER = "2C12345678901"


class RegisteredCommon(LetterCommon):
    """Formal notices by registered letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls.levels[4]
        cls.notice.mode = "confirm"

    def _notices(self, *partners):
        """A run whose formal notices are printed, and its due lines."""
        lines = self.env["account.move.line"]
        for partner in partners or (self.customer,):
            line = self._entry(500, days_late=90, partner=partner, ref=f"FA {partner.name}")
            self._deliver(line, self.third, self.TODAY - timedelta(days=15))
            lines |= line
        run = self._run(user=self.user)
        run.reminder_ids._release()
        self.assertEqual(set(run.reminder_ids.mapped("channel")), {"registered"})
        return run, lines

    def _posted(self, days_ago=20):
        run, line = self._notices()
        run.reminder_ids.sudo().posted_on = self.today - timedelta(days=days_ago)
        run.reminder_ids.sudo()._mark_posted(self.today - timedelta(days=days_ago))
        return run.reminder_ids.with_user(self.user), line


@tagged("post_install", "-at_install")
class TestRegistered(RegisteredCommon):
    """The number of a registered letter, what came of it, and the delay that runs from its receipt."""

    def test_number(self):
        """Scanned or typed, before or after it is posted; no other letter bears it."""
        other = self._customer("Garage Perrin")
        run, _lines = self._notices(self.customer, other)
        first, second = run.reminder_ids.sorted(lambda one: one.partner_id == other).with_user(self.user)
        first.registered_number = " 2c 123 456 7890 1\r\n"
        self.assertEqual((first.registered_number, first.registered_label), (NUMBER, "2C 123 456 7890 1"))
        with self.assertRaisesRegex(ValidationError, "not the number of a registered letter"):
            second.registered_number = "12"
        with self.assertRaisesRegex(ValidationError, "already bears the number 2C 123 456 7890 1: .*Baudry"):
            second.registered_number = NUMBER
        first.registered_number = False
        self.assertFalse(first.registered_number)

    def test_only_letters_that_were_printed(self):
        run, _line = self._printed()
        with self.assertRaisesRegex(UserError, "Only a registered letter that was printed"):
            run.reminder_ids.with_user(self.user).registered_number = NUMBER
        line = self._entry(500, days_late=90, partner=self._customer("Garage Perrin"))
        self._deliver(line, self.third, self.TODAY - timedelta(days=15))
        waiting = self._run(partners=line.partner_id).reminder_ids.with_user(self.user)
        with self.assertRaisesRegex(UserError, "Only a registered letter that was printed"):
            waiting.registered_number = NUMBER

    def test_who_may(self):
        letter, _line = self._posted()
        with self.assertRaises(AccessError):
            letter.with_user(self._user("viewer")).registered_number = NUMBER
        with self.assertRaises(UserError):
            letter.write({"registered_number": NUMBER, "notice_days": 0})

    def test_delay_runs_from_the_receipt(self):
        """Eight days, as the level says when the letter leaves: the day after the receipt is the first (art. 1344)."""
        letter, _line = self._posted()
        self.assertEqual(letter.notice_days, 8)
        self.assertFalse(letter.notice_end)
        self.notice.notice_days = 15
        day = self.today - timedelta(days=5)
        letter.received_on = day
        self.assertRecordValues(letter, [{"receipt": "received", "notice_end": day + timedelta(days=8)}])
        self.assertIn("Received", self.customer.message_ids[0].body)

    def test_outcomes(self):
        """Not claimed or refused, the letter was presented: the delay runs. At a wrong address, it does not."""
        letter, _line = self._posted()
        day = self.today - timedelta(days=5)
        for receipt, end in (
            ("unclaimed", day + timedelta(days=8)),
            ("refused", day + timedelta(days=8)),
            ("unknown", False),
            ("received", day + timedelta(days=8)),
        ):
            with self.subTest(receipt=receipt):
                letter.write({"receipt": receipt, "received_on": day})
                self.assertEqual(letter.notice_end, end)

    def test_level_that_is_no_notice(self):
        self.third.channel = "registered"
        run, _line = self._printed()
        self.assertEqual((run.reminder_ids.channel, run.reminder_ids.notice_days), ("registered", 0))

    def test_impossible_receipts(self):
        letter, _line = self._posted(days_ago=10)
        for values, message in (
            ({"received_on": self.today + timedelta(days=1)}, "choose today or a past day"),
            ({"received_on": self.today - timedelta(days=11)}, "not received before"),
            ({"receipt": "received"}, "on which day"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                letter.write(values)
        run, _lines = self._notices(self._customer("Garage Perrin"))
        with self.assertRaisesRegex(ValidationError, "Say first on which day"):
            run.reminder_ids.with_user(self.user).received_on = self.today

    def test_dialog(self):
        """Number, receipt and proof at once; the file is kept with the letter, and stays."""
        letter, _line = self._posted()
        action = letter.action_note_receipt()
        Wizard = self.env[action["res_model"]].with_user(self.user).with_context(**action["context"])
        with Form(Wizard) as form:
            form.registered_number = "2C 123 456 7890 1"
            form.receipt = "received"
            form.received_on = self.today - timedelta(days=3)
            form.proof = PIXEL
        form.record.proof_name = "AR.png"
        form.record.action_apply()
        self.assertRecordValues(letter, [{"registered_number": NUMBER, "receipt": "received"}])
        proof = letter.proof_ids
        self.assertEqual((proof.name, proof.mimetype, proof.raw), ("AR.png", "image/png", base64.b64decode(PIXEL)))
        with self.assertRaises(UserError):
            proof.sudo().unlink()
        again = letter.action_note_receipt()
        wizard = Wizard.with_context(**again["context"]).create({})
        self.assertEqual((wizard.registered_number, wizard.receipt), ("2C 123 456 7890 1", "received"))
        wizard.proof = base64.b64encode(b"<html><script>alert(1)</script></html>")
        with self.assertRaisesRegex(UserError, "a PDF or a picture"):
            wizard.action_apply()

    def test_told_when_the_delay_is_over(self):
        """The person in charge finds an activity the day after the last one, once, with what is still open."""
        letter, line = self._posted()
        letter.received_on = self.today - timedelta(days=9)
        Reminder = self.env["followup.reminder"]
        before = self.customer.activity_ids
        Reminder._tell_notices_over(self.company, letter.notice_end)
        self.assertEqual(self.customer.activity_ids, before, "the last day is still the debtor's")
        Reminder._tell_notices_over(self.company, letter.notice_end + timedelta(days=1))
        told = self.customer.activity_ids - before
        self.assertIn("without effect", told.summary)
        self.assertIn("500.00", told.note)
        Reminder._tell_notices_over(self.company, letter.notice_end + timedelta(days=2))
        self.assertEqual(self.customer.activity_ids - before, told)
        self.assertTrue(line.amount_residual)

    def test_paid_notices_tell_nothing(self):
        letter, line = self._posted()
        letter.received_on = self.today - timedelta(days=9)
        (line + self._entry(-500, days_late=1, ref="VIR")).reconcile()
        before = self.customer.activity_ids
        found = self.env["followup.reminder"]._tell_notices_over(self.company, self.today)
        self.assertEqual(found, letter.sudo())
        self.assertEqual(self.customer.activity_ids, before)

    def test_scheduled_action(self):
        letter, _line = self._posted()
        letter.received_on = self.today - timedelta(days=10)
        with self.enter_registry_test_mode():
            self.env.ref("account_receivable_followup.ir_cron_followup_notice").method_direct_trigger()
        self.assertTrue(letter.notice_told)

    def test_receipt_corrected(self):
        """A receipt that was wrongly noted runs again: the person in charge is told at its new end."""
        letter, _line = self._posted()
        letter.received_on = self.today - timedelta(days=10)
        self.env["followup.reminder"]._tell_notices_over(self.company, self.today)
        self.assertTrue(letter.notice_told)
        letter.received_on = self.today - timedelta(days=2)
        self.assertFalse(letter.notice_told)

    def test_not_posted_after_all(self):
        """Thrown away and printed again: number and receipt are free for the next one."""
        letter, _line = self._posted()
        letter.write({"registered_number": NUMBER, "received_on": self.today})
        letter.sudo()._mark_not_posted("wrong envelope")
        self.assertRecordValues(letter, [{"registered_number": False, "receipt": False, "notice_end": False}])

    def test_list_for_the_counter(self):
        """Addressees, references and numbers in address order; what is no registered letter is left out."""
        self.customer.ref = "411BAUDRY"
        lyon = self._customer("Bois <b>du</b> Rhône", zip="69001", city="Lyon")
        brest = self._customer("Brest Marine", zip="29200", city="Brest")
        run, _lines = self._notices(self.customer, lyon, brest)
        letter = run.reminder_ids.filtered(lambda one: one.partner_id == self.customer)
        letter.with_user(self.user).registered_number = NUMBER
        self.assertEqual(run.registered_count, 3)
        plain, _line = self._printed(self._customer("Garage Perrin"))
        selected = (run.reminder_ids | plain.reminder_ids).with_user(self.user)
        action = selected.action_registered_list()
        report = self.env["ir.actions.report"].with_user(self.user)
        page = report._render_qweb_html(action["report_name"], action["context"]["active_ids"])[0].decode()
        places = [page.index(name) for name in ("Brest Marine", "Menuiserie Baudry", "du&lt;/b&gt; Rhône")]
        self.assertEqual(places, sorted(places))
        for expected in ("2C 123 456 7890 1", "411BAUDRY", "3<", "12 rue des Acacias, 44000 NANTES"):
            self.assertIn(expected, page)
        self.assertNotIn("Garage Perrin", page)
        with self.assertRaisesRegex(UserError, "None of the selected"):
            plain.reminder_ids.with_user(self.user).action_registered_list()
