from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestRunPrepare(FollowupCommon, MockEmail):
    """What a preparation writes: set-wise, and the same as one message at a time would."""

    def setUp(self):
        super().setUp()
        self.first, self.second, self.third, self.notice = self.levels[1:5]

    # Set-wise

    def _queries(self, partners=None):
        self.env["followup.situation"]._refresh(self.company)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        run = self._run(partners=partners)
        self.env.flush_all()
        return self.env.cr.sql_log_count - start, run

    def test_queries_do_not_depend_on_the_number_of_customers(self):
        """Figure of the issue: ten customers or two hundred, as many queries."""
        few = [self._customer(f"Client {number}") for number in range(10)]
        for partner in few:
            self._entry(100, days_late=10, partner=partner)
            self._entry(50, days_late=-3, partner=partner)
        self._queries()  # warms what is cached once and for all
        count, run = self._queries()
        self.assertEqual(run.reminder_count, 10)
        for number in range(190):
            self._entry(100, days_late=10, partner=self._customer(f"Autre {number}"))
        many, run = self._queries()
        self.assertEqual(run.reminder_count, 200)
        self.assertLessEqual(many, count)

    def test_snapshot_is_the_line_as_it_is(self):
        """The rows inserted by SQL say what the ORM says of the same lines."""
        self._entry(1000, days_late=10, ref="FA-1")
        line = self._entry(500, days_late=40, ref="FA-2")
        (line + self._entry(-200, days_late=1, ref="VIR")).reconcile()
        self._entry(300, days_late=15, ref="")
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.TODAY - timedelta(days=60),
                "invoice_date_due": self.TODAY - timedelta(days=30),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [(0, 0, {"name": "Joists", "price_unit": 80, "tax_ids": []})],
            }
        )
        invoice.action_post()
        reminder = self._run().reminder_ids
        self.assertEqual(len(reminder.line_ids), 4)
        for line in reminder.line_ids:
            move_line = line.move_line_id
            with self.subTest(document=line.document):
                self.assertEqual(line.document, move_line.followup_document)
                self.assertEqual(line.label, move_line.name)
                self.assertEqual(line.document_date, move_line.invoice_date or move_line.date)
                self.assertEqual(line.due_date, move_line.date_maturity)
                self.assertEqual(line.amount, move_line.amount_currency)
                self.assertEqual(line.paid, line.amount - move_line.amount_residual_currency)
                self.assertEqual(line.residual, move_line.amount_residual_currency)
                self.assertEqual(line.days_late, (self.TODAY - move_line.date_maturity).days)
                self.assertEqual(line.partner_id, self.customer)
                self.assertEqual(line.company_id, self.company)
        self.assertEqual(reminder.amount_due, 1680)
        self.assertEqual(reminder.line_count, 4)
        self.assertEqual(reminder.days_late, 40)
        self.assertTrue(reminder.create_date)

    def test_defaults_and_stored_computed_fields_of_other_modules_are_filled(self):
        """The rows are not made by create(): what it would have filled is filled all the same."""
        self._entry(1000, days_late=10)
        reminder = self._run().reminder_ids.sudo()
        copy = reminder.copy()
        for name, field in reminder._fields.items():
            if field.store and field.type in ("selection", "boolean", "integer") and field.copy and name != "id":
                with self.subTest(field=name):
                    self.assertEqual(reminder[name], copy[name])

    def test_totals_are_the_sums_of_the_lines(self):
        """Promise 7: what the preparation wrote equals what the database sums, each line at its own rate."""
        other = self.setup_other_currency("EUR")  # two for one
        self._entry(1000, days_late=40)
        self._entry(-300.33, days_late=1, ref="VIR")
        for amount in (305.55, -61.11):
            line = self._entry(amount, days_late=20, currency_id=other.id, amount_currency=2 * amount)
            self.assertEqual(line.currency_id, other)
        reminder = self._run().reminder_ids
        names = ["amount_due", "line_count", "days_late", "promised_amount", "disputed_amount"]
        written = reminder.read(names)
        self.assertAlmostEqual(reminder.amount_due, 1000 - 300.33 + 305.55 - 61.11)
        self.assertAlmostEqual(reminder.amount_due, sum(reminder.line_ids.mapped("claimed_company")))
        reminder._sum_lines()
        self.assertEqual(reminder.read(names), written)

    # Texts

    def test_text_follows_the_template_while_it_waits(self):
        self._entry(1000, days_late=10)
        reminder = self._run().reminder_ids
        self.assertFalse(reminder.kept_body)
        self.assertIn("FA001", reminder.body)
        self.first.template_id.body_html = "<p>Another text</p>"
        reminder.invalidate_recordset()
        self.assertIn("Another text", reminder.body)
        with self.mock_mail_gateway():
            reminder.action_release()
        self.first.template_id.body_html = "<p>A third text</p>"
        reminder.invalidate_recordset()
        self.assertIn("Another text", reminder.body)
        self.assertEqual(reminder.kept_body, reminder.body)

    def test_typed_subject_leaves_the_text_as_it_was_shown(self):
        self._entry(1000, days_late=10)
        reminder = self._run(user=self._user("user")).reminder_ids
        shown = reminder.body
        reminder.write({"subject": "Typed"})
        reminder.invalidate_recordset()
        self.assertEqual((reminder.subject, reminder.body), ("Typed", shown))
        self.assertTrue(reminder.text_edited)

    def test_text_added_is_said_once_above_the_table(self):
        self._entry(1000, days_late=10)
        run = self._run()
        run.extra_text = "We are closed on 24 & 31 December."
        reminder = run.reminder_ids
        reminder.extra_text = "Thank you for your call."
        self.assertEqual(reminder.body.count("We are closed on 24 &amp; 31 December."), 1)
        self.assertLess(reminder.body.index("We are closed"), reminder.body.index("Thank you for your call."))
        self.assertLess(reminder.body.index("Thank you for your call."), reminder.body.index("FA001"))
        self.first.template_id.body_html = "<p>No table here</p>"
        reminder.invalidate_recordset()
        self.assertEqual(reminder.body.count("We are closed"), 1)

    def test_a_text_that_fails_says_so_before_anything_leaves(self):
        """R12: a text that fails for one customer says so on that one, and the others leave."""
        other = self._customer("Garage Perrin")
        for partner in (self.customer, other, other):
            self._entry(1000, days_late=10, partner=partner)
        run = self._run()
        self.first.template_id.body_html = "<p>Share: <t t-out='100 / (object.line_count - 1)'/></p>"
        run.reminder_ids.invalidate_recordset()
        alone = run.reminder_ids.filtered(lambda r: r.partner_id == self.customer)
        self.assertIn("cannot be used", alone.text_problem)
        self.assertFalse(alone.body)
        self.assertFalse((run.reminder_ids - alone).text_problem)
        with self.mock_mail_gateway():
            run.action_release()
        self.assertEqual(alone.state, "failed")
        self.assertEqual((run.reminder_ids - alone).state, "sent")

    # Parts not claimed

    def test_disputed_and_promised_parts_are_shown_apart(self):
        line = self._entry(1000, days_late=10, ref="FA-1")
        run = self._run()
        decided = run._decide()
        customer, decision = decided[self.customer.id]
        partly = replace(
            customer.lines[0],
            disputed=True,
            disputed_amount=Decimal(300),
            promised_until=self.TODAY + timedelta(days=5),
            promised_amount=Decimal(100),
        )
        customer = replace(customer, lines=(partly,))
        decision = self._rules().decide_customer(customer, self.TODAY)
        reminder = run.reminder_ids
        reminder._rewrite({reminder: (customer, decision, decision.messages[0])})
        self.assertRecordValues(
            reminder, [{"amount_due": 600, "disputed_amount": 300, "promised_amount": 100, "line_count": 1}]
        )
        self.assertRecordValues(
            reminder.line_ids,
            [{"move_line_id": line.id, "residual": 1000, "disputed": 300, "promised": 100, "claimed": 600}],
        )
        self.assertEqual(reminder.line_ids.claimed_company, 600)
        for text in ("Disputed", "300.00", "Promised", "100.00", "600.00"):
            self.assertIn(text, reminder.body)

    def _rules(self):
        from ..lib import levels

        return levels

    # Who decides

    def test_a_manual_level_waits_for_a_person(self):
        """Per level: the formal notice waits, the others leave with the run."""
        late = self._entry(1000, days_late=90)
        self._deliver(late, self.third, self.TODAY - timedelta(days=12))
        other = self._customer("Garage Perrin")
        self._entry(500, days_late=10, partner=other)
        run = self._run()
        notice = run.reminder_ids.filtered(lambda r: r.partner_id == self.customer)
        self.assertRecordValues(
            notice, [{"level_id": self.notice.id, "mode": "manual", "to_decide": True, "ask_reason": "manual_level"}]
        )
        self.assertEqual(run.release_label, "Send one e-mail (%s)" % run.currency_id.format(500))
        self.assertEqual(run.decision_label, "One message waits for your decision (%s)." % run.currency_id.format(1000))
        with self.mock_mail_gateway():
            run.action_release()
        self.assertEqual(notice.state, "prepared")
        notice.with_user(self._user("user")).action_accept()
        self.assertEqual(notice.decided_by_id.login, "followup_user")
        self.assertFalse(run.decision_count)
        self.assertEqual(run.release_label, "Print one letter (%s)" % run.currency_id.format(1000))

    def test_who_chose_this_very_customer_has_decided(self):
        late = self._entry(1000, days_late=90)
        self._deliver(late, self.third, self.TODAY - timedelta(days=12))
        reminder = self._run(partners=self.customer).reminder_ids
        self.assertEqual(reminder.level_id, self.notice)
        self.assertFalse(reminder.to_decide)

    def test_above_the_ceiling_a_person_decides(self):
        self.plan.customer_ceiling = 5000
        self._entry(6000, days_late=10)
        reminder = self._run().reminder_ids
        self.assertTrue(reminder.to_decide)
        self.assertEqual(reminder.ask_reason, "above_ceiling")

    def test_viewers_accept_nothing(self):
        self.plan.customer_ceiling = 5000
        self._entry(6000, days_late=10)
        reminder = self._run().reminder_ids.with_user(self._user("viewer"))
        for refused in (reminder.action_accept, reminder.action_restore, reminder.line_ids.action_take_out):
            with self.assertRaises(UserError):  # AccessError is one
                refused()

    # Several messages, several channels

    def test_grouping_by_document(self):
        """Two invoices, two messages; the first refreshes without the other."""
        self.plan.grouping = "document"
        self._entry(1000, days_late=10, ref="FA-1")
        paid = self._entry(500, days_late=12, ref="FA-2")
        run = self._run()
        self.assertEqual(sorted(run.reminder_ids.mapped("amount_due")), [500, 1000])
        self.assertEqual(len(set(run.reminder_ids.mapped("message_key"))), 2)
        (paid + self._entry(-500, days_late=1, ref="VIR")).reconcile()
        with self.mock_mail_gateway():
            run.action_release()
        self.assertEqual({r.amount_due: r.state for r in run.reminder_ids}, {1000: "sent", 500: "cancelled"})

    def test_companions_leave_with_the_message_and_count_once(self):
        """R15: a letter goes with the e-mail of the same level; the amount is chased once."""
        self.first.also_letter = True
        self._entry(1000, days_late=10)
        run = self._run()
        letter = run.reminder_ids.filtered("companion_of_id")
        email = run.reminder_ids - letter
        self.assertEqual((email.channel, letter.channel), ("email", "letter"))
        self.assertEqual(letter.companion_of_id, email)
        self.assertFalse(any(letter.line_ids.mapped("raises")))
        self.assertEqual(letter.amount_due, 1000)
        self.assertEqual(run.amount_due, 1000)
        self.assertEqual(run.release_label, "Send one e-mail and print one letter (%s)" % run.currency_id.format(1000))
        email.action_skip()
        self.assertEqual(letter.state, "cancelled")
        email.action_restore()
        self.assertEqual(letter.state, "prepared")

    def test_fallback_channel_of_the_plan(self):
        """No e-mail address: the letter of the plan's fallback, else the line is listed."""
        self.customer.email = False
        self._entry(1000, days_late=10)
        self.assertFalse(self._run().reminder_ids)
        self.plan.fallback_channel = "letter"
        self.assertEqual(self._run().reminder_ids.channel, "letter")

    # Left out for this run only

    def test_a_line_is_left_out_of_this_run_only(self):
        """F043, R13: the message goes on without the line, which comes back next time."""
        old = self._entry(1000, days_late=40, ref="FA-OLD")
        self._deliver(old, self.first, self.TODAY - timedelta(days=12))
        self._entry(500, days_late=6, ref="FA-NEW")
        run = self._run(user=self._user("user"))
        reminder = run.reminder_ids
        self.assertEqual(reminder.level_id, self.second)
        reminder.line_ids.filtered(lambda line: line.document == "FA-OLD").action_take_out()
        self.assertRecordValues(
            reminder, [{"amount_due": 500, "line_count": 1, "level_id": self.first.id, "state": "prepared"}]
        )
        taken = run.excluded_line_ids
        self.assertRecordValues(taken, [{"document": "FA-OLD", "reason": "skipped"}])
        self.assertNotIn("FA-OLD", reminder.body)
        with self.mock_mail_gateway():
            reminder.action_release()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(old.followup_level_id, self.first)
        self.assertEqual(old.followup_date, self.TODAY - timedelta(days=12))

    def test_a_line_taken_out_comes_back(self):
        self._entry(1000, days_late=40, ref="FA-OLD")
        self._entry(500, days_late=6, ref="FA-NEW")
        run = self._run(user=self._user("user"))
        reminder = run.reminder_ids
        while reminder.line_ids:
            reminder.line_ids[0].action_take_out()
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(run.excluded_count, 2)
        run.excluded_line_ids[0].action_restore()
        run.invalidate_recordset()
        self.assertEqual(reminder.state, "prepared")
        run.excluded_line_ids.action_restore()
        self.assertEqual(reminder.amount_due, 1500)
        self.assertFalse(reminder.line_ids.filtered("reason"))

    def test_a_line_taken_out_stays_out_when_amounts_are_read_again(self):
        self._entry(1000, days_late=40, ref="FA-OLD")
        other = self._entry(500, days_late=6, ref="FA-NEW")
        run = self._run()
        run.reminder_ids.line_ids.filtered(lambda line: line.document == "FA-OLD").action_take_out()
        (other + self._entry(-100, days_late=1, ref="VIR")).reconcile()
        with self.mock_mail_gateway():
            run.action_release()
        self.assertEqual(run.reminder_ids.line_ids.mapped("document"), ["FA-NEW"])
        self.assertEqual(run.reminder_ids.amount_due, 400)

    # Level by hand

    def test_level_changed_on_one_message(self):
        """F037, F052: a person changes the level; the lines follow, also when amounts are read again."""
        line = self._entry(1000, days_late=10)
        reminder = self._run(user=self._user("user")).reminder_ids
        self.assertEqual(reminder.level_id, self.first)
        reminder.write({"level_id": self.second.id})
        self.assertRecordValues(
            reminder, [{"level_id": self.second.id, "level_by_hand": True, "level_name": self.second.name}]
        )
        self.assertEqual(reminder.line_ids.level_id, self.second)
        with self.mock_mail_gateway():
            reminder.action_release()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(line.followup_level_id, self.second)

    def test_strict_order_refuses_a_level_clearly(self):
        """F051: no second reminder without the date of the first."""
        self.plan.strict_order = True
        self._entry(1000, days_late=10)
        reminder = self._run(user=self._user("user")).reminder_ids
        with self.assertRaisesRegex(UserError, "cannot be sent to Menuiserie Baudry: previous level not done"):
            reminder.write({"level_id": self.second.id})

    def test_level_of_another_plan_is_refused(self):
        self._entry(1000, days_late=10)
        reminder = self._run(user=self._user("user")).reminder_ids
        plan = self.env["followup.plan"].create({"name": "Other", "level_ids": [(0, 0, {"name": "One"})]})
        with self.assertRaisesRegex(UserError, "is not a level of the plan"):
            reminder.write({"level_id": plan.level_ids.id})

    # Prepared again

    def test_prepare_again(self):
        """Payments came in since: everything is decided anew."""
        line = self._entry(1000, days_late=10)
        other = self._customer("Garage Perrin")
        self._entry(500, days_late=10, partner=other)
        run = self._run(user=self._user("user"))
        (line + self._entry(-1000, days_late=1, ref="VIR")).reconcile()
        run.action_prepare_again()
        self.assertEqual(run.reminder_ids.partner_id, other)
        with self.mock_mail_gateway():
            run.action_release()
        with self.assertRaises(UserError):
            run.action_prepare_again()
