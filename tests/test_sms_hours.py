from datetime import datetime
from unittest.mock import patch

import pytz

from odoo import fields
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.sms.tests.common import MockSMS

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestSmsHours(FollowupCommon, MockSMS, CronMixinCase):
    """An SMS leaves between 8:00 and 20:00 on the company's clock, neither on Sundays nor on public holidays (T35)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user")
        cls.company.followup_sms = True
        cls.env["iap.account"].get("sms")
        cls.levels[1].write({"channel": "sms", "sms_text": "{company}: {amount}"})
        cls.company.country_id = cls.env.ref("base.fr")
        cls.customer.phone = "06 12 34 56 78"

    def _at(self, moment):
        """A block in which it is this local time in Paris."""
        now = pytz.timezone("Europe/Paris").localize(datetime.fromisoformat(moment))
        return patch.object(type(self.company), "_followup_now", lambda company: now)

    def _released(self, moment):
        self._entry(1000, days_late=10)
        run = self._run(user=self.user)
        with self._at(moment), self.mockSMSGateway():
            run.reminder_ids._release()
            return run, run.reminder_ids, len(self._sms)

    def test_decent_hour(self):
        _run, reminder, sent = self._released("2026-11-20 19:59")
        self.assertEqual((reminder.state, sent), ("sent", 1))

    def test_waits_for_the_morning(self):
        """Nothing leaves, no level counts; in the morning the release takes it up again, once."""
        run, reminder, sent = self._released("2026-11-20 20:00")
        self.assertEqual((reminder.state, sent), ("queued", 0))
        self.assertEqual(reminder.retry_at, fields.Datetime.to_datetime("2026-11-21 07:00:00"), "8:00 in Paris")
        self.assertIn("waits until", reminder.failure_reason)
        self.assertEqual(reminder.tries, 0)
        reminder.sudo().retry_at = fields.Datetime.to_datetime("2020-01-01")
        with self._at("2026-11-21 08:00"), self.mockSMSGateway():
            self.env["followup.release"]._for_chunk(reminder.sudo())._treat()
            self.assertEqual(len(self._sms), 1)
        self.assertRecordValues(reminder, [{"state": "sent", "failure_reason": False}])

    def test_days_off(self):
        """From Saturday night to Monday morning; 11 November is a public holiday."""
        for moment, expected in (
            ("2026-11-21 21:00", "2026-11-23 07:00:00"),
            ("2026-11-22 12:00", "2026-11-23 07:00:00"),
            ("2026-11-11 10:00", "2026-11-12 07:00:00"),
            ("2026-07-13 22:00", "2026-07-15 06:00:00"),
        ):
            with self.subTest(moment=moment), self._at(moment):
                self.assertEqual(self.company._followup_next_contact(), fields.Datetime.to_datetime(expected))

    def test_local_holidays(self):
        with self._at("2026-12-26 10:00"):
            self.assertIsNone(self.company._followup_next_contact())
            self.company.followup_holiday_region = "alsace_moselle"
            self.assertTrue(self.company._followup_next_contact())

    def test_the_release_wakes_up_in_time(self):
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_release")
        with self.capture_triggers(cron.id) as triggers:
            self._released("2026-11-22 12:00")
        self.assertIn(fields.Datetime.to_datetime("2026-11-23 07:00:00"), triggers.records.mapped("call_at"))

    def test_progress_says_why(self):
        run, reminder, _sent = self._released("2026-11-20 22:00")
        reminder.sudo().retry_at = fields.Datetime.to_datetime("2100-01-01")
        self.env.invalidate_all()
        self.assertEqual(run.release_state, "running")
        self.assertIn("decent hour", run.release_text)

    def test_other_channels_do_not_wait(self):
        self.levels[1].write({"channel": "letter"})
        _run, reminder, _sent = self._released("2026-11-22 23:00")
        self.assertEqual(reminder.state, "printed")
