from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupWizard(FollowupCommon, MockEmail):
    """Menu “Send reminders”, and what reaches whom."""

    def _prepare(self, **values):
        form = Form(self.env["followup.send.wizard"])
        for name, value in values.items():
            form[name] = value
        action = form.save().action_prepare()
        return self.env["followup.run"].browse(action["res_id"])

    def test_plan_and_date_are_proposed(self):
        form = Form(self.env["followup.send.wizard"])
        self.assertEqual(form.plan_id, self.plan)
        self.assertEqual(form.date, self.TODAY)

    def test_levels_are_those_of_the_date(self):
        """F059: levels are computed as of the date chosen."""
        self._entry(1000, days_late=2)
        self.assertFalse(self._prepare().reminder_ids)
        later = self._prepare(date="2026-11-30")
        self.assertEqual(later.reminder_ids.level_id, self.levels[1])
        self.assertEqual(later.reminder_ids.days_late, 12)

    def test_columns_of_the_preview(self):
        """F021: partner, balance, highest level, latest follow-up, last move."""
        line = self._entry(1000, days_late=40)
        self._entry(250, days_late=-10)
        self._deliver(line, self.levels[1], "2026-11-05")
        run = self._prepare()
        self.assertRecordValues(
            run.reminder_ids,
            [
                {
                    "partner_id": self.customer.id,
                    "balance": 1250,
                    "previous_level_id": self.levels[1].id,
                    "last_move_date": line.env["account.move.line"]
                    .search([("partner_id", "=", self.customer.id)])
                    .sorted("date")[-1]
                    .date,
                }
            ],
        )

    def test_only_the_chosen_customers(self):
        """From the situations: Chase prepares a run for two selected customers."""
        other, third = self._customer("Garage Perrin"), self._customer("Sarl Trois")
        for partner in (self.customer, other, third):
            self._entry(1000, days_late=10, partner=partner)
        self.env["followup.situation"]._refresh(self.company)
        situations = self.env["followup.situation"].search(
            [("partner_id", "in", (self.customer | other).ids)]
        )
        action = situations.action_remind()
        wizard = self.env["followup.send.wizard"].with_context(**action["context"])
        run = self.env["followup.run"].browse(
            wizard.create({}).action_prepare()["res_id"]
        )
        self.assertEqual(run.reminder_ids.partner_id, self.customer | other)

    def test_plan_without_level(self):
        plan = self.env["followup.plan"].create({"name": "Empty"})
        with self.assertRaisesRegex(UserError, "has no level"):
            self._prepare(plan_id=plan)

    def test_nobody_to_chase(self):
        run = self._prepare()
        self.assertFalse(run.reminder_ids)
        for action in (run.action_send_emails, run.action_print_letters):
            with self.assertRaises(UserError):
                action()

    def test_why_nobody_is_chased(self):
        """A second run just after the first one: what holds everybody is the minimum interval."""
        self.assertIn("nothing is overdue on this date", self._prepare().nobody_text)
        garage = self._customer("Garage Perrin")
        self._entry(1000, days_late=10)
        self._entry(500, days_late=10, partner=garage)
        first = self._prepare()
        self.assertFalse(first.nobody_text)
        first.reminder_ids.sudo()._mark_sent()
        again = self._prepare()
        self.assertEqual(set(again.excluded_line_ids.mapped("reason")), {"not_due"})
        self.assertIn("same for all: the minimum interval between two messages is not over", again.nobody_text)
        self.assertIn("(last message on 11/20/2026)", again.nobody_text)
        with self.assertRaisesRegex(UserError, "any of these customers: minimum interval not over"):
            self._prepare(level_id=self.levels[2])
        # Eight days later the interval is over, and the next level is not there yet.
        self.assertIn("same for all: “Nothing due today”", self._prepare(date="2026-11-28").nobody_text)

    def test_why_nobody_is_chased_most_often(self):
        stopped = self._customer("Garage Perrin", followup_stop=True)
        for _number in range(2):
            self._entry(1000, days_late=10, partner=stopped)
        self._entry(300, days_late=10).followup_disputed = True
        self.assertIn(
            "The most frequent reason, for 2 due lines out of 3: “Stop on the customer”.", self._prepare().nobody_text
        )

    def test_menu_opens_the_waiting_run(self):
        Run = self.env["followup.run"]
        self.assertEqual(Run.action_open_next()["res_model"], "followup.send.wizard")
        self._entry(1000, days_late=10)
        run = self._prepare()
        self.assertEqual(Run.action_open_next()["res_id"], run.id)

    def _recipient(self):
        """Whom the e-mails of the first level reach."""
        key = (self.customer.id, self.levels[1].id, False)
        found = self.env["followup.recipients"]._get([key])[key]
        return self.env["res.partner"].browse(found.email_ids)

    def test_recipients(self):
        """R08: follow-up contact, else invoice contact, else the company itself."""
        Partner = self.env["res.partner"]
        self.assertEqual(self._recipient(), self.customer)
        invoice = Partner.create(
            {
                "name": "Invoices",
                "type": "invoice",
                "email": "factures@baudry.example",
                "parent_id": self.customer.id,
            }
        )
        self.assertEqual(self._recipient(), invoice)
        contact = Partner.create(
            {
                "name": "Accountant",
                "followup_contact": True,
                "email": "comptable@baudry.example",
                "parent_id": self.customer.id,
            }
        )
        self.assertEqual(self._recipient(), contact)
        contact.email = False
        self.assertEqual(self._recipient(), invoice)
        self._entry(1000, days_late=10)
        with self.mock_mail_gateway():
            self._prepare().action_send_emails()
        self.assertEqual(len(self._mails), 1)
        self.assertIn("factures@baudry.example", self._mails[0]["email_to"][0])

    def test_history_is_on_the_customer_and_the_line(self):
        line = self._entry(1000, days_late=10)
        with self.mock_mail_gateway():
            self._prepare().action_send_emails()
        Reminder = self.env["followup.reminder"]
        sent = Reminder.search(line.action_followup_history()["domain"])
        self.assertEqual(sent.state, "sent")
        self.env["followup.situation"]._refresh(self.company)
        situation = self.customer.followup_situation_ids
        self.assertEqual(
            Reminder.search(situation.action_open_history()["domain"]), sent
        )
        self.assertEqual(situation.last_reminder_date, self.TODAY)
        messages = self.customer.message_ids.filtered(
            lambda message: message.subject == sent.subject
        )
        self.assertEqual(len(messages), 1)
        self.assertIn("FA001", messages.body)

    def test_call_is_planned(self):
        """The second reminder is an e-mail and a call."""
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.levels[1], "2026-11-05")
        with self.mock_mail_gateway():
            self._prepare().action_send_emails()
        call = self.env.ref("mail.mail_activity_data_call")
        self.assertEqual(self.customer.activity_ids.activity_type_id, call)

    def test_edited_text_is_what_leaves(self):
        self._entry(1000, days_late=10)
        run = self._prepare()
        run.reminder_ids.write({"subject": "Edited", "body": "<p>By hand</p>"})
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(self._mails[0]["subject"], "Edited")
        self.assertIn("By hand", self._mails[0]["body"])

    def test_edited_text_of_a_changed_account_waits(self):
        """What a person wrote is never lost, and never sent with wrong amounts."""
        line = self._entry(1000, days_late=10)
        run = self._prepare()
        run.reminder_ids.write({"body": "<p>By hand</p>"})
        (line + self._entry(-400, days_late=1, ref="VIR")).reconcile()
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertFalse(self._mails)
        self.assertEqual(run.reminder_ids.state, "failed")
        self.assertIn("By hand", run.reminder_ids.body)
        run.reminder_ids.action_retry()
        with self.mock_mail_gateway():
            run.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "sent")

    def test_freshness_is_said(self):
        """Promise 1: the preview says how old the entries are, and warns."""
        self._entry(1000, days_late=10)
        run = self._prepare()
        self.assertFalse(run.freshness)
        base = self._sage_base()
        for values, stale in (
            ({}, True),
            ({"state": "done", "last_success_at": "2026-11-20 08:00:00"}, False),
            ({"last_success_at": "2026-11-18 08:00:00"}, True),
            ({"last_success_at": "2026-11-20 08:00:00", "state": "failed"}, True),
        ):
            with self.subTest(values=values):
                base.write(values)
                run.invalidate_recordset()
                self.assertTrue(run.freshness)
                self.assertEqual(run.is_stale, stale)
