from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon

MODELS = (
    "followup.plan",
    "followup.level",
    "followup.situation",
    "followup.run",
    "followup.reminder",
    "followup.reminder.line",
)


@tagged("post_install", "-at_install", "odoo_runner")
class TestSecurity(FollowupCommon, MockEmail):
    """Who may do what, as the real groups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.viewer = cls._user("viewer")
        cls.user = cls._user("user")
        cls.manager = cls._user("manager")
        cls.nobody = cls._user("")
        cls.line = cls._entry(1000, days_late=10)
        cls.run_record = cls._run()

    def test_reading(self):
        for model in MODELS:
            records = self.env[model].sudo().search([])
            for reader in (self.viewer, self.user, self.manager):
                with self.subTest(model=model, reader=reader.login):
                    self.assertTrue(self.env[model].with_user(reader).search([]))
            with self.subTest(model=model), self.assertRaises(AccessError):
                records.with_user(self.nobody).read(["display_name"])

    def test_viewer_changes_and_sends_nothing(self):
        run = self.run_record.with_user(self.viewer)
        reminder = run.reminder_ids
        for refused in (
            run.action_send_emails,
            reminder.action_skip,
            reminder.action_release,
            self.line.with_user(self.viewer).action_followup_stop,
            lambda: reminder.write({"subject": "x"}),
            lambda: run.unlink(),
            lambda: self._run(user=self.viewer),
            lambda: self.env["followup.send.wizard"].with_user(self.viewer).create({}),
            lambda: self.levels.with_user(self.viewer).write({"delay": 1}),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_user_prepares_and_sends(self):
        run = self._run(user=self.user)
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertTrue(self.line.followup_level_id)

    def test_user_stops_a_line(self):
        action = self.line.with_user(self.user).action_followup_stop()
        wizard = self.env["followup.stop.wizard"].with_user(self.user).with_context(**action["context"])
        reason = self.env.ref("account_receivable_followup.followup_stop_reason_schedule")
        wizard.create({"reason_id": reason.id}).action_apply()
        self.assertTrue(self.line.followup_stop)
        self.assertEqual(self._run().excluded_line_ids.reason, "line_stop")

    def test_user_sets_no_plan_up(self):
        with self.assertRaises(AccessError):
            self.levels.with_user(self.user).write({"delay": 1})
        with self.assertRaises(AccessError):
            self.plan.with_user(self.user).unlink()

    def test_user_forges_no_history(self):
        """What is said to have left cannot be typed by hand."""
        Reminder = self.env["followup.reminder"].with_user(self.user)
        reminder = Reminder.browse(self.run_record.reminder_ids.ids)
        with self.assertRaises(AccessError):
            Reminder.create({"partner_id": self.customer.id})
        with self.assertRaises(UserError):
            reminder.write({"state": "sent"})
        with self.assertRaises(UserError):
            reminder.write({"amount_due": 1})
        with self.assertRaises(AccessError):
            reminder.line_ids.write({"residual": 1})
        with self.assertRaises(AccessError):
            self.line.with_user(self.user).write(
                {"followup_level_id": self.levels[2].id}
            )

    def test_what_left_is_kept(self):
        """Promise 6: neither text nor amounts of a sent reminder change any more."""
        with self.mock_mail_gateway():
            self.run_record.action_send_emails()
        reminder = self.run_record.reminder_ids
        for vals in ({"body": "x"}, {"subject": "x"}, {"channel": "letter"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                reminder.with_user(self.manager).write(vals)
        with self.assertRaises(UserError):
            reminder.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            self.run_record.with_user(self.manager).unlink()

    def test_manager_sets_plans_up(self):
        plan = self.env["followup.plan"].with_user(self.manager)
        plan = plan.create({"name": "Mine", "level_ids": [(0, 0, {"name": "One"})]})
        plan.level_ids.delay = 3
        plan.unlink()

    def test_company_rules(self):
        """Promise 8: no company sees another's data."""
        other = self.setup_other_company()["company"]
        stranger = self.manager.copy(
            {
                "login": "stranger",
                "company_id": other.id,
                "company_ids": [(6, 0, other.ids)],
            }
        )
        self.plan.copy({"company_id": self.company.id})
        for model in MODELS:
            mine = self.env[model].sudo().search([])
            if model in ("followup.plan", "followup.level"):
                mine = mine.filtered("company_id")
            with self.subTest(model=model):
                self.assertTrue(mine)
                seen = self.env[model].with_user(stranger).search([])
                self.assertFalse(seen & mine)

    def test_bookkeeper_without_any_right_here_is_not_hindered(self):
        """Invoicing and matching work for people who know nothing of follow-ups."""
        bookkeeper = new_test_user(
            self.env,
            login="bookkeeper",
            groups="account.group_account_invoice,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        lines = self.line + self._entry(-1000, days_late=1, ref="VIR")
        lines.with_user(bookkeeper).reconcile()
        self.customer.with_user(bookkeeper).write({"email": "new@baudry.example"})
        move = self.line.move_id.with_user(bookkeeper)
        move.button_draft()
        move.line_ids[0].date_maturity = self.TODAY
        move.action_post()
        self.env["followup.situation"]._refresh(self.company)
        self.assertEqual(self.customer.followup_situation_ids.balance, 0)

    def test_customer_name_is_text(self):
        """Nothing that a user typed becomes HTML."""
        nasty = self._customer("<img src=x onerror=alert(1)> SARL")
        self._entry(100, days_late=10, partner=nasty)
        reminder = self._run(partners=nasty).reminder_ids
        self.assertNotIn("<img", reminder.body)
