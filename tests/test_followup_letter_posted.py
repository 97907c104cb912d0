import hashlib
from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import FollowupCommon


class LetterCommon(FollowupCommon):
    """Customers on their way to the third reminder, which is a letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user")
        cls.second, cls.third = cls.levels[2], cls.levels[3]
        cls.today = cls.company._followup_today()

    def _printed(self, *partners, **context):
        """A run whose letters are printed, and its due lines."""
        lines = self.env["account.move.line"]
        for partner in partners or (self.customer,):
            line = self._entry(500, days_late=60, partner=partner, ref=f"FA {partner.name}")
            self._deliver(line, self.second, self.TODAY - timedelta(days=15))
            lines |= line
        run = self._run(user=self.user)
        run.reminder_ids.with_context(**context)._release()
        return run, lines

    def _wizard(self, records, action):
        """The dialog that an action of these records opens, for the person in charge."""
        action = getattr(records.with_user(self.user), action)()
        return self.env[action["res_model"]].with_user(self.user).with_context(**action["context"]).create({})


@tagged("post_install", "-at_install")
class TestLettersPosted(LetterCommon):
    """Printed is not posted: the level counts when a person says that the letter left."""

    def test_printed_counts_no_level(self):
        run, line = self._printed()
        self.assertRecordValues(
            run.reminder_ids, [{"state": "printed", "channel": "letter", "sent_at": False, "posted_on": False}]
        )
        self.assertTrue(run.reminder_ids.printed_at)
        self.assertEqual(line.followup_level_id, self.second)
        self.assertEqual(run.printed_count, 1)
        self.assertIn("500.00", run.printed_label)

    def test_printed_holds_the_interval(self):
        """A letter that lies on the desk is a message: nothing else leaves meanwhile."""
        self._printed()
        run = self._run(date=self.TODAY + timedelta(days=1))
        self.assertFalse(run.reminder_ids)
        self.assertEqual(run.excluded_line_ids.reason, "minimum_interval")

    def test_posted_by_run(self):
        other = self._customer("Garage Perrin")
        run, lines = self._printed(self.customer, other)
        wizard = self._wizard(run, "action_letters_posted")
        self.assertEqual(wizard.reminder_ids, run.reminder_ids)
        self.assertIn("2 letters", wizard.summary)
        self.assertIn("1,000.00", wizard.summary)
        self.assertEqual(wizard.day, self.today)
        wizard.action_apply()
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"sent"})
        self.assertEqual(lines.followup_level_id, self.third)
        self.assertEqual(lines.mapped("followup_date"), [self.today] * 2)
        self.assertEqual(lines.mapped("followup_count"), [1, 1])
        self.assertFalse(run.printed_count)
        self.assertIn("posted on", self.customer.message_ids[0].body)

    def test_posted_by_selection(self):
        other = self._customer("Garage Perrin")
        run, _lines = self._printed(self.customer, other)
        mine = run.reminder_ids.filtered(lambda reminder: reminder.partner_id == other)
        self._wizard(mine, "action_letters_posted").action_apply()
        self.assertEqual((mine.state, (run.reminder_ids - mine).state), ("sent", "printed"))

    def test_level_counts_from_the_day_of_posting(self):
        """T32: the days to the next level run from the day when the letter was posted, not printed."""
        run, line = self._printed()
        run.reminder_ids.sudo().printed_at = fields.Datetime.now() - timedelta(days=10)
        wizard = self._wizard(run, "action_letters_posted")
        wizard.day = self.today - timedelta(days=3)
        wizard.action_apply()
        self.assertEqual(line.followup_date, self.today - timedelta(days=3))
        self.assertEqual(run.reminder_ids.posted_on, self.today - timedelta(days=3))

    def test_impossible_days(self):
        run, line = self._printed()
        wizard = self._wizard(run, "action_letters_posted")
        for day, message in (
            (self.today + timedelta(days=1), "choose today or a past day"),
            (self.today - timedelta(days=30), "not posted before"),
            (False, "on which day"),
        ):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, message):
                wizard.day = day
                wizard.action_apply()
        self.assertEqual(line.followup_level_id, self.second)

    def test_posted_once(self):
        """Two colleagues say it: the level counts once."""
        run, line = self._printed()
        wizards = [self._wizard(run, "action_letters_posted") for _colleague in range(2)]
        for wizard in wizards:
            wizard.action_apply()
        self.assertEqual(line.followup_count, 1)
        with self.assertRaisesRegex(UserError, "waiting to be posted"):
            run.reminder_ids.with_user(self.user).action_letters_posted()

    def test_not_posted_after_all(self):
        """Printed, then thrown away: no level, the reason is kept, and it may be sent again."""
        run, line = self._printed()
        wizard = self._wizard(run.reminder_ids, "action_not_posted")
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_apply()
        wizard.reason = "paid at the counter"
        wizard.action_apply()
        self.assertRecordValues(run.reminder_ids, [{"state": "failed", "delivery": "not_posted"}])
        self.assertIn("paid at the counter", run.reminder_ids.failure_reason)
        self.assertIn("paid at the counter", self.customer.message_ids[0].body)
        self.assertEqual(line.followup_level_id, self.second)
        self.assertFalse(self.customer.activity_ids, "whoever says it needs no alert")
        self.assertTrue(self._run(date=self.TODAY + timedelta(days=1)).reminder_ids, "the interval is free again")
        run.reminder_ids.with_user(self.user).action_retry()
        self.assertEqual(run.reminder_ids.state, "prepared")

    def test_posted_then_not(self):
        """Said to be posted by mistake: level, date and count are put back."""
        run, line = self._printed()
        before = self.TODAY - timedelta(days=15)
        self._wizard(run, "action_letters_posted").action_apply()
        self.assertEqual(line.followup_level_id, self.third)
        wizard = self._wizard(run.reminder_ids, "action_not_posted")
        wizard.reason = "came back: moved"
        wizard.action_apply()
        self.assertRecordValues(
            line, [{"followup_level_id": self.second.id, "followup_date": before, "followup_count": 0}]
        )
        self.assertFalse(run.reminder_ids.posted_on)
        again = run.reminder_ids.with_user(self.user)
        again.action_retry()
        again._release()
        self._wizard(run, "action_letters_posted").action_apply()
        self.assertEqual((line.followup_level_id, line.followup_count), (self.third, 1))

    def test_no_address(self):
        """A letter without a street goes nowhere: it is not printed, and somebody is told."""
        line = self._entry(500, days_late=60)
        self._deliver(line, self.second, self.TODAY - timedelta(days=15))
        run = self._run(user=self.user)
        self.customer.write({"street": False, "city": False})
        run.reminder_ids._release()
        self.assertRecordValues(run.reminder_ids, [{"state": "failed", "delivery": "no_address", "printed_at": False}])
        self.assertEqual(len(self.customer.activity_ids), 1)
        self.assertEqual(line.followup_level_id, self.second)

    def test_companion_letter_counts_nothing(self):
        """R15: the letter of an e-mail level is posted too; the e-mail alone made the level count."""
        self.levels[1].write({"channel": "other", "also_letter": True})
        line = self._entry(500, days_late=10)
        run = self._run(user=self.user)
        letter = run.reminder_ids.filtered(lambda reminder: reminder.channel == "letter")
        run.reminder_ids._release()
        self._wizard(letter, "action_letters_posted").action_apply()
        self.assertEqual((letter.state, line.followup_count), ("sent", 0))
        (run.reminder_ids - letter).sudo()._record_outcome("done")
        self.assertEqual((line.followup_level_id, line.followup_count), (self.levels[1], 1))

    def test_who_may(self):
        run, _line = self._printed()
        with self.assertRaises(AccessError):
            run.reminder_ids.with_user(self._user("viewer")).action_letters_posted()


@tagged("post_install", "-at_install")
class TestLettersInOrder(LetterCommon, HttpCase):
    """Real PDFs, made by wkhtmltopdf."""

    def test_one_pdf_in_address_order(self):
        """Country, postcode, name, whatever the chunks; what was not posted leaves the PDF of the run."""
        self.env["ir.config_parameter"].sudo().set_param("report.print_delay", "50")
        belgium = self.env.ref("base.be").id
        partners = [
            self._customer("Zephyr Nantes"),
            self._customer("Arnaud Nantes"),
            self._customer("Lyon Bois", zip="69001", city="Lyon"),
            self._customer("Brest Marine", zip="01000"),
            self._customer("Tournai Pierre", zip="99999", country_id=belgium),
        ]
        expected = ["Tournai Pierre", "Brest Marine", "Arnaud Nantes", "Zephyr Nantes", "Lyon Bois"]
        for partner in partners:
            line = self._entry(500, days_late=60, partner=partner)
            self._deliver(line, self.second, self.TODAY - timedelta(days=15))
        run = self._run(user=self.user)
        reminders = run.reminder_ids.with_context(force_report_rendering=True)
        for chunk in (reminders[:3], reminders[3:]):
            chunk._release()
        self.assertEqual(self._names(run, expected), expected)
        for reminder in run.reminder_ids:
            kept = reminder.sudo().attachment_id.raw
            self.assertEqual(reminder.pdf_sha256, hashlib.sha256(kept).hexdigest())
        lost = run.reminder_ids.filtered(lambda reminder: reminder.partner_id == partners[3])
        lost.sudo()._mark_not_posted("moved")
        run.with_user(self.user).action_open_letters()
        self.assertEqual(self._names(run, expected), [name for name in expected if name != "Brest Marine"])

    def _names(self, run, names):
        """Whom the pages of the run's PDF are for, in their order."""
        texts = [page.extract_text() for page in PdfReader(BytesIO(run.sudo().letters_attachment_id.raw)).pages]
        return [name for text in texts for name in names if name in text]
