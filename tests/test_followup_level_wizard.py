from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupLevelWizard(FollowupCommon):
    """“Set the level reached”: reminders sent by other means, with a past date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls._entry(1000, days_late=40, ref="FA001")
        cls.recent = cls._entry(500, days_late=3, ref="FA002")
        cls.credit = cls._entry(-100, days_late=30, ref="AV001")
        cls.day = cls.TODAY - timedelta(days=10)

    def _wizard(self, lines, user=None, **values):
        action = lines.with_user(user or self.env.user).action_followup_set_level()
        wizard = self.env["followup.level.wizard"].with_user(user or self.env.user)
        form = Form(wizard.with_context(**action["context"]))
        for name, value in ({"level_id": self.levels[2], "date": self.day, "reason": "Old software"} | values).items():
            form[name] = value
        return form

    def test_level_and_date_are_set_and_logged(self):
        form = self._wizard(self.late | self.recent | self.credit)
        self.assertEqual(form.kept_count, 1)
        self.assertIn("credits", form.left_out)
        self.assertIn("not overdue", form.left_out)
        form.save().action_apply()
        self.assertRecordValues(
            self.late | self.recent | self.credit,
            [
                {"followup_level_id": self.levels[2].id, "followup_date": self.day},
                {"followup_level_id": False, "followup_date": False},
                {"followup_level_id": False, "followup_date": False},
            ],
        )
        note = self.customer.message_ids[0].body
        for text in ("FA001", self.levels[2].name, "Old software", "11/10/2026"):
            self.assertIn(text, note)

    def test_the_next_level_follows_and_the_interval_holds(self):
        """With a strict order, level 2 may only be sent once level 1 has a date (seed of the demand)."""
        plan = self.env.ref("account_receivable_followup.followup_plan_default").copy({"strict_order": True})
        self.customer.with_company(self.company).followup_plan_id = plan
        levels = plan._get_active_levels()
        self._wizard(self.late, level_id=levels[1], date=self.TODAY - timedelta(days=2)).save().action_apply()
        facts = self.env["followup.facts"]._get_customers(self.company, self.customer.ids)[self.customer.id]
        self.assertEqual(facts.last_message_on, self.TODAY - timedelta(days=2))
        run = self._run(plan=plan)
        self.assertFalse(run.reminder_ids)
        self._wizard(self.late, level_id=levels[1], date=self.TODAY - timedelta(days=12)).save().action_apply()
        self.assertEqual(self._run(plan=plan).reminder_ids.level_id, levels[2])

    def test_never_in_the_future(self):
        wizard = self._wizard(self.late, date=self.TODAY + timedelta(days=1)).save()
        with self.assertRaisesRegex(UserError, "in the past"):
            wizard.action_apply()
        self.assertFalse(self.late.followup_level_id)

    def test_nothing_to_set_is_said(self):
        wizard = self._wizard(self.credit).save()
        with self.assertRaisesRegex(UserError, "None of the selected"):
            wizard.action_apply()

    def test_by_customers(self):
        other = self._customer("Garage Perrin")
        line = self._entry(700, days_late=20, partner=other)
        self._entry(700, days_late=-5, partner=other)
        self.env["followup.situation"]._refresh(self.company)
        situations = self.env["followup.situation"].search([("partner_id", "in", (self.customer | other).ids)])
        action = situations.action_set_level()
        self.assertEqual(set(action["context"]["default_line_ids"]), set((self.late | self.recent | line).ids))

    def test_only_managers(self):
        """The person in charge of reminders is told why; a mere accountant or viewer neither sees nor does it."""
        manager, user, viewer = (self._user(kind) for kind in ("manager", "user", "viewer"))
        self._wizard(self.late, user=manager).save().action_apply()
        self.assertEqual(self.late.followup_level_id, self.levels[2])
        self.assertEqual(self.customer.message_ids[0].author_id, manager.partner_id)
        for other in (user, viewer):
            with self.subTest(user=other.login):
                with self.assertRaisesRegex(UserError, "Only a manager"):
                    self.recent.with_user(other).action_followup_set_level()
                with self.assertRaises(AccessError):
                    self.env["followup.level.wizard"].with_user(other).create(
                        {
                            "line_ids": [(6, 0, self.recent.ids)],
                            "level_id": self.levels[1].id,
                            "date": self.day,
                            "reason": "-",
                        }
                    )
