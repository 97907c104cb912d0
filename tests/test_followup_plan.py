from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupPlan(FollowupCommon):
    """Plans and levels as a manager sets them up."""

    def _tutorial_plan(self):
        """The plan of the tutorial, typed in the form: 15, 30, 45, 60 ouvrables."""
        with Form(self.env["followup.plan"]) as form:
            form.name = "Tutorial"
            for days in (15, 30, 45, 60):
                with form.level_ids.new() as level:
                    level.name = f"{days} days net"
                    level.delay = days
                    level.delay_unit = "six_day"
                    level.template_id = self.levels[1].template_id
            return form.save()

    def test_default_plan(self):
        """The plan that ships, level by level."""
        self.assertRecordValues(
            self.levels,
            [
                {
                    "phase": phase,
                    "trigger": trigger,
                    "delay": delay,
                    "minimum_amount": minimum,
                    "channel": channel,
                    "call": call,
                    "mode": mode,
                }
                for phase, trigger, delay, minimum, channel, call, mode in (
                    ("prevention", "before_due", 8, 1000, "email", False, "automatic"),
                    ("reminder", "after_due", 5, 0, "email", False, "confirm"),
                    ("reminder", "after_previous", 10, 0, "email", True, "confirm"),
                    ("reminder", "after_previous", 10, 0, "letter", False, "confirm"),
                    ("notice", "after_previous", 10, 150, "registered", False, "manual"),
                )
            ],
        )
        thanks = self.plan.level_ids - self.levels
        self.assertEqual((thanks.phase, thanks.active), ("thanks", False))

    def test_plans_ready_to_use(self):
        """F048: the tutorial's last level hands the debt over; the default plan's call has a script; the week-end is
        off, and automatic payments, promises and prescribed debts are left out."""
        four = self.env.ref("account_receivable_followup.followup_plan_four_levels")
        self.assertEqual(four.with_context(active_test=False).level_ids.mapped("hand_over"), [False] * 3 + [True])
        self.assertIn("promise", self.levels[2].call_script)
        self.assertRecordValues(
            self.plan,
            [
                {
                    "send_friday": True,
                    "send_saturday": False,
                    "send_sunday": False,
                    "skip_holidays": True,
                    "exclude_automatic_payment": True,
                    "exclude_promised": True,
                    "prescription_years": 5,
                    "grouping": "customer",
                    "credit_policy": "deduct",
                    "mode": "automatic",
                    "use_rule": False,
                }
            ],
        )

    def test_tutorial_plan_on_the_right_day(self):
        """F046, F047: due on 30/04/2026, 15 ouvrables later is 21/05/2026."""
        plan = self._tutorial_plan()
        self.customer.followup_plan_id = plan
        self._entry(1000, due=date(2026, 4, 30))
        for day, name in (
            (date(2026, 5, 20), None),
            (date(2026, 5, 21), "15 days net"),
            (date(2026, 6, 9), "30 days net"),
            (date(2026, 6, 26), "45 days net"),
            (date(2026, 7, 15), "60 days net"),
        ):
            with self.subTest(day=day):
                run = self._run(date=day, plan=plan)
                self.assertEqual(run.reminder_ids.level_id.name or None, name)
                run.unlink()

    def test_tutorial_plan_in_strasbourg(self):
        """Due on 27/03/2026, 30 ouvrables is a day later with Good Friday."""
        plan = self._tutorial_plan()
        self.customer.followup_plan_id = plan
        self._entry(1000, due=date(2026, 3, 27))
        for region, day, name in (
            ("metropole", date(2026, 5, 4), "30 days net"),
            ("alsace_moselle", date(2026, 5, 4), "15 days net"),
            ("alsace_moselle", date(2026, 5, 5), "30 days net"),
        ):
            with self.subTest(region=region, day=day):
                self.company.followup_holiday_region = region
                run = self._run(date=day, plan=plan)
                self.assertEqual(run.reminder_ids.level_id.name, name)
                run.unlink()

    def test_reordered_levels(self):
        """F044: the order is the one shown, whatever was created first."""
        plan = self._tutorial_plan()
        first, second = plan.level_ids[:2]
        first.sequence, second.sequence = 90, 5
        ranks = [level.id for level in plan._get_rules().levels]
        self.assertEqual(ranks[0], second.id)
        self.assertEqual(ranks[-1], first.id)

    def test_archived_level_keeps_its_rank(self):
        """T23: archiving a level in use neither repeats nor skips what follows."""
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.levels[2], date(2026, 11, 1))
        self.levels[2].active = False
        run = self._run()
        self.assertEqual(run.reminder_ids.level_id, self.levels[3])

    def test_level_in_use_cannot_be_deleted(self):
        self._entry(1000, days_late=10)
        level = self._run().reminder_ids.level_id
        with self.assertRaises(UserError):
            level.unlink()
        with self.assertRaises(UserError):
            self.plan.unlink()

    def test_changed_plan_restarts_nothing(self):
        """A customer given another plan goes on from the level it had."""
        line = self._entry(1000, days_late=60)
        self._deliver(line, self.levels[2], date(2026, 10, 1))
        plan = self._tutorial_plan()
        self.customer.followup_plan_id = plan
        run = self._run(plan=plan)
        self.assertEqual(run.reminder_ids.level_id.name, "45 days net")

    def test_strict_order(self):
        """Seed 004: no second level without a first one."""
        plan = self.env.ref("account_receivable_followup.followup_plan_three_levels")
        plan.active = True
        self.customer.followup_plan_id = plan
        self._entry(1000, days_late=200)
        run = self._run(plan=plan)
        self.assertEqual(
            run.reminder_ids.level_id, plan.level_ids.sorted("sequence")[0]
        )

    def test_nonsense_is_refused(self):
        with self.assertRaises(ValidationError):
            self.levels[1].trigger = "before_due"
        with self.assertRaises(ValidationError):
            self.plan.active = False

    def test_copy(self):
        copy = self.plan.copy()
        self.assertEqual(len(copy.level_ids), len(self.plan.level_ids))
        self.assertNotEqual(copy.name, self.plan.name)

    def test_levels_of_two_lines(self):
        """Each line rises to its own level with one message at the highest."""
        old, new = (
            self._entry(1000, days_late=40, ref="OLD"),
            self._entry(500, days_late=6, ref="NEW"),
        )
        self._deliver(old, self.levels[1], date(2026, 11, 1))
        reminder = self._run().reminder_ids
        self.assertEqual(reminder.level_id, self.levels[2])
        reminder.sudo()._mark_sent()
        self.assertEqual(old.followup_level_id, self.levels[2])
        self.assertEqual(new.followup_level_id, self.levels[1])

    def test_plan_of_another_company_is_refused(self):
        other = self.setup_other_company()["company"]
        plan = self.plan.copy({"company_id": other.id})
        with self.assertRaises(UserError):
            self.env["followup.run"].create(
                {
                    "company_id": self.company.id,
                    "plan_id": plan.id,
                    "date": self.TODAY,
                }
            )

    def test_levels_are_typed_in_the_plan(self):
        plan = self.env["followup.plan"].create(
            {"name": "x", "level_ids": [Command.create({"name": "One", "delay": 3})]}
        )
        self.assertEqual(plan.level_count, 1)
        plan.level_ids.active = False
        self.assertEqual(plan.level_count, 0)
