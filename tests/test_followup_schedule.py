from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupSchedule(FollowupCommon, MockEmail):
    """The schedule prepares the runs at the company's hour, and lets what is automatic leave."""

    # Friday 20 November 2026, in UTC; Paris is one hour ahead.
    BEFORE, AFTER, LATER = "2026-11-20 07:10:00", "2026-11-20 07:15:00", "2026-11-20 09:00:00"
    SATURDAY, MONDAY = "2026-11-21 09:00:00", "2026-11-23 09:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._user("user")
        cls.company.write({"followup_schedule": True, "followup_hour": 8.25, "followup_user_id": cls.boss.id})
        cls.env.ref("account_receivable_followup.followup_plan_default")
        cls.first = cls.levels[1]

    def _pass(self, moment):
        """One pass of the schedule over the company at a moment (UTC)."""
        with freeze_time(moment), self.mock_mail_gateway():
            return self.env["followup.run"].sudo()._prepare_scheduled(self.company)

    def _runs(self):
        return self.env["followup.run"].search([("company_id", "=", self.company.id), ("origin", "=", "schedule")])

    def test_at_the_hour_of_the_company(self):
        """A quarter past eight in Paris, whoever's clock: not a minute before (T29)."""
        self._entry(1000, days_late=10)
        self.assertFalse(self._pass(self.BEFORE))
        run = self._pass(self.AFTER)
        self.assertRecordValues(
            run, [{"origin": "schedule", "plan_id": self.plan.id, "date": self.TODAY, "user_id": self.boss.id}]
        )
        self.assertEqual(run.reminder_ids.partner_id, self.customer)

    def test_twice_on_a_day_changes_nothing(self):
        """Promise 4."""
        self._entry(1000, days_late=10)
        run = self._pass(self.AFTER)
        reminder = run.reminder_ids
        self._entry(1000, days_late=10, partner=self._customer("Garage Perrin"))
        self.assertEqual(self._pass(self.LATER), run)
        self.assertEqual(self._runs(), run)
        self.assertEqual(run.reminder_ids, reminder)

    def test_automatic_leaves_and_the_rest_waits(self):
        """Per level: what is automatic leaves by itself, what is to confirm waits and its person is told."""
        line = self._entry(1000, days_late=10)
        other = self._customer("Garage Perrin")
        late = self._entry(500, days_late=40, partner=other)
        self._deliver(late, self.first, self.TODAY - timedelta(days=12))
        self.first.mode = "automatic"
        run = self._pass(self.AFTER)
        states = {reminder.partner_id: reminder.state for reminder in run.reminder_ids}
        self.assertEqual(states, {self.customer: "sent", other: "prepared"})
        self.assertEqual(line.followup_level_id, self.first)
        self.assertEqual(run.activity_ids.user_id, self.boss)
        self.assertIn("1 messages wait", run.activity_ids.summary)

    def test_strictest_of_plan_level_and_customer(self):
        self._entry(1000, days_late=10)
        self.first.mode = "automatic"
        for record, values in ((self.plan, {"mode": "confirm"}), (self.plan, {"mode": "manual"})):
            record.write(values)
            run = self._pass(self.AFTER)
            self.assertEqual(run.reminder_ids.state, "prepared", values)
            run.unlink()
        self.plan.mode = "automatic"
        self.customer.with_company(self.company).followup_mode = "manual"
        run = self._pass(self.AFTER)
        self.assertRecordValues(
            run.reminder_ids, [{"state": "prepared", "to_decide": True, "ask_reason": "not_automatic"}]
        )

    def test_not_on_a_day_that_is_not_a_sending_day(self):
        self._entry(1000, days_late=10)
        self.assertFalse(self._pass(self.SATURDAY))
        self.assertTrue(self._pass(self.MONDAY))

    def test_not_on_a_public_holiday(self):
        """Wednesday 11 November; in Strasbourg, the 26th of December is one too."""
        self._entry(1000, days_late=30)
        self.assertFalse(self._pass("2026-11-11 09:00:00"))
        self.plan.skip_holidays = False
        self.assertTrue(self._pass("2026-11-11 09:00:00"))

    def test_held_while_the_entries_are_out_of_date(self):
        """Promise 1: prepared all the same, nothing leaves, and it says why; it leaves once the entries are right."""
        self._entry(1000, days_late=10)
        self.first.mode = "automatic"
        base = self._sage_base()
        base.write({"state": "done", "last_success_at": "2026-11-18 08:00:00"})
        run = self._pass(self.AFTER)
        self.assertIn("payments may have come in since", run.held_reason)
        self.assertEqual(run.reminder_ids.state, "prepared")
        self.assertIn("on hold", run.activity_ids.summary)
        base.last_success_at = "2026-11-20 08:00:00"
        self._pass(self.LATER)
        self.assertFalse(run.held_reason)
        self.assertEqual(run.reminder_ids.state, "sent")

    def test_what_waited_is_replaced_the_next_day(self):
        """The run of the day asks the same again; what a person wrote is kept."""
        self._entry(1000, days_late=10)
        written = self._customer("Garage Perrin")
        self._entry(1000, days_late=10, partner=written)
        friday = self._pass(self.AFTER)
        kept = friday.reminder_ids.filtered(lambda r: r.partner_id == written)
        kept.with_user(self.boss).write({"subject": "Typed"})
        monday = self._pass(self.MONDAY)
        self.assertEqual(kept.state, "prepared")
        replaced = friday.reminder_ids - kept
        self.assertEqual(replaced.state, "cancelled")
        self.assertEqual(replaced.line_ids.reason, "replaced")
        self.assertEqual(monday.reminder_count, 2)
        self.assertFalse(friday.activity_ids)
        self.assertTrue(monday.activity_ids)

    def test_one_run_a_plan(self):
        """Several plans: each has its run; one that nobody follows has none."""
        self._entry(1000, days_late=10)
        other = self.plan.copy({"name": "Large accounts"})
        self.plan.copy({"name": "Nobody's"})
        partner = self._customer("Garage Perrin")
        partner.with_company(self.company).followup_plan_id = other
        self._entry(1000, days_late=10, partner=partner)
        runs = self._pass(self.AFTER)
        self.assertEqual(runs.plan_id, self.plan | other)
        self.assertEqual(
            {run.plan_id: run.reminder_ids.partner_id for run in runs}, {self.plan: self.customer, other: partner}
        )

    def test_scheduled_action(self):
        """The action itself, for the companies that want it; one company's trouble stops no other."""
        self._entry(1000, days_late=10)
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_schedule")
        with freeze_time(self.LATER), self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.company.followup_schedule = False
            cron.method_direct_trigger()
            self.assertFalse(self._runs())
            self.company.followup_schedule = True
            cron.method_direct_trigger()
        self.assertTrue(self._runs())

    def test_wakes_up_to_the_minute(self):
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_schedule")
        with freeze_time("2026-11-20 06:30:00"):
            self.company._followup_wake_schedule()
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        self.assertEqual(str(trigger.call_at), "2026-11-20 07:15:00")

    def test_hour_is_an_hour(self):
        for hour in (-1, 24, 30):
            with self.assertRaises(ValidationError):
                self.company.followup_hour = hour
