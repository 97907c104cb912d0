from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.models.mail_mail import MailMail
from odoo.addons.mail.tests.common import MockEmail

from ..lib.levels import Reason
from .common import FollowupCommon


@tagged("post_install", "-at_install", "odoo_runner")
class TestFollowupRun(FollowupCommon, MockEmail):
    """Preparing and releasing a run of the default plan."""

    def setUp(self):
        super().setUp()
        # The report engine yields HTML in these tests; real PDFs are tested apart.
        self.first, self.second = self.levels[1], self.levels[2]

    def test_one_message_at_the_highest_level(self):
        """R01: one message a customer, at the highest level due, with every due line."""
        old = self._entry(1000, days_late=40, ref="FA-OLD")
        self._deliver(old, self.first, self.TODAY - timedelta(days=12))
        self._entry(500, days_late=6, ref="FA-NEW")
        self._entry(300, days_late=-20, ref="FA-LATER")
        run = self._run()
        self.assertRecordValues(
            run.reminder_ids,
            [
                {
                    "partner_id": self.customer.id,
                    "level_id": self.second.id,
                    "amount_due": 1500,
                    "line_count": 2,
                    "channel": "email",
                    "state": "prepared",
                }
            ],
        )
        self.assertEqual(run.reminder_ids.line_ids.mapped("document"), ["FA-OLD", "FA-NEW"])
        self.assertIn("FA-OLD", run.reminder_ids.body)
        self.assertIn("FA-NEW", run.reminder_ids.body)

    def test_level_counts_only_when_the_mail_left(self):
        """Promise 3: the level rises with the mail, not with the preparation."""
        line = self._entry(1000, days_late=10)
        run = self._run()
        self.assertFalse(line.followup_level_id)
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(line.followup_level_id, self.first)
        self.assertEqual(line.followup_date, self.TODAY)
        self.assertEqual(run.state, "done")
        self.assertSentEmail(
            run.user_id.email_formatted or self.company.email_formatted,
            self.customer,
        )

    def test_failed_mail_counts_no_level(self):
        """T20: a refused mail raises an alert and no level."""
        line = self._entry(1000, days_late=10)
        run = self._run()
        refusal = SMTPRecipientsRefused({self.customer.email: (550, b"unknown")})
        with (
            self.mock_mail_gateway(),
            patch.object(IrMail_Server, "send_email", side_effect=refusal),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "failed")
        self.assertTrue(run.reminder_ids.failure_reason)
        self.assertFalse(line.followup_level_id)
        self.assertTrue(self.customer.activity_ids)

    def test_cancelled_mail_counts_no_level(self):
        """A mail taken out of Odoo's queue did not leave; sent again, it leaves once."""
        line = self._entry(1000, days_late=10)
        run = self._run()
        with (
            self.mock_mail_gateway(),
            patch.object(MailMail, "send", lambda mails, **_options: True),
        ):
            run.action_send_emails()
        reminder = run.reminder_ids
        self.assertEqual(reminder.state, "queued")
        first = reminder.mail_mail_id
        first.cancel()
        self.assertEqual(reminder.state, "failed")
        reminder.action_retry()
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(line.followup_level_id, self.first)
        self.assertNotEqual(reminder.mail_mail_id, first)
        self.assertEqual(first.state, "cancel")

    def test_every_reason_has_its_words(self):
        codes = dict(self.env["followup.reminder.line"]._selection_reason())
        self.assertLessEqual({str(reason) for reason in Reason}, set(codes))

    def test_again_the_same_day_sends_nothing(self):
        """T19: doing it again the same day changes nothing."""
        self._entry(1000, days_late=60)
        with self.mock_mail_gateway():
            self._run().action_send_emails()
        again = self._run()
        self.assertFalse(again.reminder_ids)
        self.assertEqual(again.excluded_line_ids.mapped("reason"), ["not_due"])

    def test_two_runs_prepared_send_once(self):
        """Two users prepare the same customers: the second release drops them."""
        self._entry(1000, days_late=10)
        one, two = self._run(), self._run()
        with self.mock_mail_gateway():
            one.action_send_emails()
            two.action_send_emails()
        self.assertEqual(one.reminder_ids.state, "sent")
        self.assertEqual(two.reminder_ids.state, "cancelled")
        self.assertEqual(two.reminder_ids.line_ids.reason, "not_due")

    def test_paid_between_preparation_and_release(self):
        """T21: whoever paid since the preparation receives nothing."""
        line = self._entry(1000, days_late=10)
        run = self._run()
        payment = self._entry(-1000, days_late=1, ref="VIR")
        (line + payment).reconcile()
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "cancelled")
        self.assertFalse(self._mails)
        self.assertFalse(line.followup_level_id)

    def test_partly_paid_between_preparation_and_release(self):
        """T21: the amount is read again at the moment of sending."""
        line = self._entry(1000, days_late=10)
        run = self._run()
        self.assertEqual(run.amount_due, 1000)
        payment = self._entry(-400, days_late=1, ref="VIR")
        (line + payment).reconcile()
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(run.amount_due, 600)
        self.assertIn("600", run.reminder_ids.body)

    def test_no_address_is_listed(self):
        """A customer without e-mail is listed with the reason, never lost."""
        self.customer.email = False
        self._entry(1000, days_late=10)
        run = self._run()
        self.assertFalse(run.reminder_ids)
        self.assertEqual(run.excluded_line_ids.reason, "no_address")
        self.assertFalse(run.excluded_line_ids.level_id, "it has reached no level")
        self.assertEqual(run.excluded_amount, 1000)

    def test_credit_covers_the_debt(self):
        """T02: unallocated credits of the customer are looked at before chasing."""
        self._entry(1000, days_late=10)
        self._entry(-1000, days_late=1, ref="VIR")
        run = self._run()
        self.assertFalse(run.reminder_ids)
        self.assertEqual(run.excluded_line_ids.reason, "credits_cover")

    def test_part_payment_is_shown_and_deducted(self):
        """R04: a payment not matched yet appears in the table and in the total."""
        self._entry(1000, days_late=10, ref="FA001")
        self._entry(-400, days_late=1, ref="VIR 12/11")
        run = self._run()
        self.assertEqual(run.reminder_ids.amount_due, 600)
        self.assertEqual(run.reminder_ids.line_count, 1)
        self.assertEqual(run.reminder_ids.line_ids.mapped("document"), ["FA001", "VIR 12/11"])
        self.assertIn("VIR 12/11", run.reminder_ids.body)
        self.assertIn("600.00", run.reminder_ids.body)
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(run.reminder_ids.amount_due, 600)

    def test_prevention_deducts_nothing(self):
        """A notice announces invoices: credits count from the first reminder."""
        self._entry(5000, days_late=-5)
        self._entry(-400, days_late=1, ref="VIR")
        reminder = self._run().reminder_ids
        self.assertEqual(reminder.level_id, self.levels[0])
        self.assertEqual(reminder.amount_due, 5000)

    def test_left_out_for_this_run_only(self):
        """F043: a customer left out of a run comes back in the next one."""
        self._entry(1000, days_late=10)
        run = self._run()
        run.reminder_ids.action_skip()
        self.assertEqual(run.reminder_ids.state, "cancelled")
        self.assertEqual(run.reminder_count, 0)
        self.assertTrue(self._run().reminder_ids)
        run.reminder_ids.action_restore()
        self.assertEqual(run.reminder_ids.state, "prepared")

    def test_one_failing_text_does_not_stop_the_others(self):
        """R12: a broken template fails its own reminders only."""
        other = self._customer("Garage Perrin")
        broken = self._entry(1000, days_late=40)
        self._deliver(broken, self.first, self.TODAY - timedelta(days=12))
        self._entry(500, days_late=10, partner=other)
        self.second.template_id.body_html = "<p t-out='1 / (object.line_count - object.line_count)'/>"
        run = self._run()
        states = {r.partner_id: r.state for r in run.reminder_ids}
        self.assertEqual(states, {self.customer: "failed", other: "prepared"})

    def test_preparation_queries_do_not_depend_on_customers(self):
        """Decisions are taken on facts fetched set-wise."""
        for number in range(3):
            self._entry(100, days_late=10, partner=self._customer(f"Client {number}"))
        self._count_queries()  # warms what is cached once and for all
        few = self._count_queries()
        for number in range(20):
            self._entry(100, days_late=10, partner=self._customer(f"Autre {number}"))
        self.assertEqual(self._count_queries(), few)

    def _count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.env["followup.facts"]._get_customers(self.company)
        return self.env.cr.sql_log_count - start
