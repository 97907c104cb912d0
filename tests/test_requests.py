from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.modules import module
from odoo.tests import tagged

from .common_smtp import delivery_failure
from .common_story import StoryCase


@tagged("post_install", "-at_install")
class TestRequests(StoryCase):
    """What users of other follow-up software asked for most, one test a request, from the accounts to the mail."""

    def _in(self, days):
        return self.TODAY + timedelta(days=days)

    def test_r01_one_message_at_the_highest_level_with_all_due_lines(self):
        """Three late invoices at three levels, and one not due yet: one mail, at the highest; each line keeps its
        own level, and those that are only listed do not rise."""
        oldest, older, fresh, later = (
            self._entry(100 * number, days_late=days, ref=f"FA-{number}")
            for number, days in ((1, 60), (2, 30), (3, 10), (4, -10))
        )
        self._deliver(oldest, self.first, self._in(-12))
        self._deliver(older, self.first, self._in(-8))
        run = self._leave()
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "level_id": self.second.id, "amount_due": 600}])
        [received] = self.sink.received
        self.assertEqual(received.recipients, ("compta@baudry.example",))
        for ref in ("FA-1", "FA-2", "FA-3"):
            self.assertIn(ref, self._mail())
        self.assertNotIn("FA-4", self._mail())
        self.assertEqual(
            [line.followup_level_id for line in (oldest, older, fresh, later)],
            [self.second, self.first, self.first, self.env["followup.level"]],
        )
        self.assertEqual(older.followup_date, self._in(-8), "listed, not chased again")

    def test_r02_the_state_follows_the_real_mail(self):
        """Refused, then sent, then sent back: the level is the one of what really arrived."""
        line = self._entry(1000, days_late=10)
        self.sink.refuse("compta@baudry.example", 550, "5.1.1 Mailbox unknown")
        reminder = self._leave().reminder_ids
        self.assertRecordValues(reminder, [{"state": "failed", "delivery": "refused", "sent_at": False}])
        self.assertIn("Mailbox unknown", reminder.failure_reason)
        self.assertFalse(line.followup_level_id)
        self.assertTrue(self.customer.activity_ids, "somebody is told")
        self.sink.forget_rules()
        reminder.action_retry()
        self.assertEqual(reminder.state, "prepared")
        self._release(reminder.run_id)
        self.assertEqual((reminder.state, line.followup_level_id), ("sent", self.first))
        self.env["mail.thread"].message_process(None, delivery_failure(self.sink.received[0], "compta@baudry.example"))
        self.assertRecordValues(reminder, [{"state": "failed", "delivery": "bounced"}])
        self.assertRecordValues(line, [{"followup_level_id": False, "followup_date": False, "followup_count": 0}])

    def test_r03_part_payments_keep_the_history_and_lower_the_claim(self):
        """Each reminder keeps what it claimed; the next one and its letter claim, and print, what is left."""
        line = self._entry(1000, days_late=10, ref="FA-1")
        first = self._leave().reminder_ids
        self._pay(line, 400)
        second = self._leave(self._in(10)).reminder_ids
        self._pay(line, 150)
        third = self._leave(self._in(20)).reminder_ids
        self.assertEqual([reminder.amount_due for reminder in (first, second, third)], [1000, 600, 450])
        self.assertRecordValues(
            third.line_ids, [{"amount": 1000, "paid": 550, "residual": 450, "level_id": self.third.id}]
        )
        self.assertEqual(third.state, "printed")
        letter = self._letter(third)
        for amount in ("1,000.00", "550.00", "450.00"):
            self.assertIn(amount, letter)
        self.assertEqual(line.followup_reminder_line_ids.reminder_id, first | second | third)

    def test_r04_credit_notes_and_unmatched_payments(self):
        """Shown in the message and deducted; one that was cancelled since does not count any more."""
        self._due_lines(self._invoice(1000))
        refund = self._invoice(200, move_type="out_refund", invoice_date="2026-10-15", due="2026-10-15")
        self._entry(-300, days_late=2, ref="VIR 4711")
        run = self._run()
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 500})
        self.assertIn(refund.name, run.reminder_ids.body)
        self.assertIn("VIR 4711", run.reminder_ids.body)
        refund.button_draft()
        refund.button_cancel()
        self._release(run)
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 700})
        self.assertIn("VIR 4711", self._mail())
        self.assertNotIn(refund.name, self._mail())

    def test_r05_drafts_are_never_chased(self):
        """Neither prepared, nor sent when the invoice was cancelled after the preparation."""
        draft = self._invoice(1000)
        draft.button_draft()
        posted = self._invoice(300)
        partner = self._customer("Garage Perrin")
        cancelled = self._invoice(500, partner=partner)
        run = self._run()
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 300, "Garage Perrin": 500})
        cancelled.button_draft()
        cancelled.button_cancel()
        self._release(run)
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 300})
        self.assertEqual(len(self.sink.received), 1)
        self.assertIn(posted.name, self._mail())
        self.assertFalse(self._due_lines(cancelled).followup_level_id)

    def test_r06_each_instalment_is_chased_by_itself(self):
        """Half at 30 days, half at 60: the first is chased from its own day, long before the last one."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (30, 60)
                ],
            }
        )
        invoice = self._invoice(invoice_date="2026-09-01", due=False, invoice_payment_term_id=term.id)
        october, november = self._due_lines(invoice)
        day = october.date_maturity + timedelta(days=5)
        run = self._leave(day)
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "amount_due": 500}])
        self.assertEqual(run.reminder_ids.line_ids.move_line_id, october)
        self.assertEqual(run.reminder_ids.line_ids.days_late, 5)
        self.assertFalse(november.followup_level_id)
        self._pay(october)
        self.assertFalse(self._leave(november.date_maturity - timedelta(days=9)).reminder_ids)
        run = self._leave(november.date_maturity + timedelta(days=5))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 500}])

    def test_r07_due_today_is_not_late(self):
        """The prevention notice comes before the due date; a reminder from the day after, at the soonest."""
        self.first.delay = 1
        line = self._entry(1000, due=self.TODAY)
        for days, level in ((-9, None), (-8, self.prevention), (0, None), (1, self.first)):
            with self.subTest(days=days):
                run = self._leave(self._in(days))
                self.assertEqual(run.reminder_ids.level_id, level or self.env["followup.level"])
                self.assertEqual(self._decision(line, self._in(days)).overdue, days > 0)
        self.assertEqual(len(self.sink.received), 2)

    def test_r08_the_right_addressee(self):
        """Follow-up contact, else invoice contact, else company; the letter only when nobody has an address."""
        self.plan.fallback_channel = "letter"
        invoicing = self._contact("Invoices", type="invoice")
        chased = self._contact("Reminders", followup_contact=True)
        self._entry(1000, days_late=10)
        for gone, email in (
            (None, "reminders@baudry.example"),
            (chased, "invoices@baudry.example"),
            (invoicing, "compta@baudry.example"),
        ):
            if gone:
                gone.email = False
            with self.subTest(email=email):
                reminder = self._run().reminder_ids
                self.assertEqual((reminder.channel, reminder.recipient_ids.email), ("email", email))
        self.customer.email = False
        self.assertEqual(self._run().reminder_ids.channel, "letter")

    def test_r09_each_company_for_itself(self):
        """A customer of two companies: settings, levels, amounts and messages apart."""
        line = self._entry(1000, days_late=10)
        data = self.setup_other_company(name="Second House")
        company = data["company"]
        company.write({"followup_plan_id": self.plan.id, "email": "compta@second.example"})
        company.partner_id.tz = "Europe/Paris"
        with (
            patch.dict(self.company_data, data),
            patch.object(type(self), "receivable", data["default_account_receivable"]),
        ):
            other = self._entry(700, days_late=30)
        self.assertEqual(other.company_id, company)
        self.customer.with_company(company).followup_stop = True
        run = self._run()
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 1000})
        Run = self.env["followup.run"].sudo().with_context(allowed_company_ids=[company.id])
        there = Run._prepare_run(company, self.plan, self.TODAY)
        self.assertFalse(there.reminder_ids)
        self.assertEqual(there.excluded_line_ids.mapped("reason"), ["customer_stop"])
        self._release(run)
        self.assertEqual((line.followup_level_id, other.followup_level_id), (self.first, self.env["followup.level"]))
        self.assertNotIn("700", self._mail())
        self.customer.with_company(company).followup_stop = False
        there = self._release(Run._prepare_run(company, self.plan, self.TODAY))
        self.assertRecordValues(there.reminder_ids, [{"state": "sent", "amount_due": 700, "company_id": company.id}])

    def test_r10_currencies_are_never_added(self):
        """One total a currency, each invoice in its own; the company's currency is for our own figures."""
        other = self.setup_other_currency("EUR")  # two for one
        self._entry(1000, days_late=10, ref="FA-HOME")
        self._entry(100, days_late=10, ref="FA-AWAY-1", currency_id=other.id, amount_currency=200)
        self._entry(50, days_late=10, ref="FA-AWAY-2", currency_id=other.id, amount_currency=100)
        run = self._leave()
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "amount_due": 1150}])
        mail = self._mail()
        for amount in ("1,000.00", "200.00", "100.00", "300.00"):
            self.assertIn(amount, mail)
        for sum_of_two in ("1,150.00", "1,300.00"):
            self.assertNotIn(sum_of_two, mail)

    def test_r11_the_flag_of_the_accounts_is_kept(self):
        """Core's flag: on the invoice or on one instalment, it holds back both; a miscellaneous entry, which core
        leaves out by default, is listed with its reason, and chased once somebody says so."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (10, 20)
                ],
            }
        )
        invoice = self._invoice(invoice_date="2026-09-01", due=False, invoice_payment_term_id=term.id)
        halves = self._due_lines(invoice)
        misc = self._entry(300, days_late=10, partner=self._customer("Garage Perrin"), no_followup=True)
        for by in (invoice, halves[0], halves[1]):
            with self.subTest(by=by):
                by.no_followup = True
                run = self._run()
                self.assertFalse(run.reminder_ids)
                self.assertEqual(self._reasons(run), dict.fromkeys(halves | misc, "no_followup"))
                by.no_followup = False
                self.assertEqual(self._run().reminder_ids.line_ids.move_line_id, halves)
        misc.no_followup = False
        self.assertEqual(self._amounts(self._run()), {"Menuiserie Baudry": 1000, "Garage Perrin": 300})

    def test_r12_one_failure_stops_no_other(self):
        """One refused, one without address any more: each told on its own customer; the others leave."""
        names = ("Alpha", "Bravo", "Charlie", "Delta")
        lines = {name: self._entry(1000, days_late=10, partner=self._customer(name)) for name in names}
        run = self._run()
        self.sink.refuse("compta@bravo.example", 550, "5.1.1 Gone away")
        lines["Charlie"].partner_id.email = False
        self._release(run)
        self.assertEqual(
            {reminder.partner_id.name: (reminder.state, reminder.delivery) for reminder in run.reminder_ids},
            {
                "Alpha": ("sent", False),
                "Bravo": ("failed", "refused"),
                "Charlie": ("failed", "no_address"),
                "Delta": ("sent", False),
            },
        )
        told = {reminder.partner_id.name for reminder in run.reminder_ids if reminder.failure_reason}
        self.assertEqual(told, {"Bravo", "Charlie"})
        self.assertEqual({name for name in names if lines[name].partner_id.activity_ids}, told)
        self.assertEqual({name for name in names if lines[name].followup_level_id}, {"Alpha", "Delta"})

    def test_r13_chasing_one_invoice_does_not_silence_the_others(self):
        """One chosen by hand, then all of them at their own day and level; one line is taken out by one click."""
        chosen, other = (self._entry(500, days_late=10, ref=ref) for ref in ("FA-1", "FA-2"))
        run = self._leave(line_ids=[Command.set(chosen.ids)])
        self.assertEqual(run.reminder_ids.line_ids.move_line_id, chosen)
        self.assertNotIn("FA-2", self._mail())
        self.assertFalse(other.followup_level_id)
        run = self._run(self._in(8))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 1000}])
        self.assertEqual(run.reminder_ids.line_ids.filtered("raises").move_line_id, other)
        run.reminder_ids.line_ids.filtered(lambda line: line.move_line_id == chosen).action_take_out()
        self._release(run)
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "amount_due": 500}])
        self.assertEqual((chosen.followup_date, other.followup_date), (self.TODAY, self._in(8)))
        run = self._leave(self._in(18))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 1000}])

    def test_r14_paid_is_over_and_promises_end(self):
        """A kept promise is closed by its payment, a broken one chases again; paid, the next invoice starts anew."""
        line = self._entry(1000, due="2026-11-02", ref="FA-1")
        with self.on("2026-11-09") as day:
            self._leave(day)
            promise = self.env["followup.promise"].sudo()._make(self.customer, self.company, day + timedelta(days=4))
        with self.on("2026-11-16") as day:
            self.assertEqual(promise.state, "broken")
            self.assertFalse(self._reasons(self._run(day)).get(line) == "promised")
            again = self.env["followup.promise"].sudo()._make(self.customer, self.company, day + timedelta(days=4))
            self.assertEqual(self._reasons(self._run(day)), {line: "promised"})
        with self.on("2026-11-19") as day:
            self._pay(line, date=day + timedelta(days=30))
        with self.on("2026-11-24") as day:
            self.assertEqual((promise.state, again.state), ("broken", "kept"))
            fresh = self._entry(500, due="2026-11-16", ref="FA-2")
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 500}])
            self.assertEqual(run.reminder_ids.line_ids.move_line_id, fresh)
            self.assertRecordValues(self._situation(), [{"level_id": self.first.id, "promised": 0}])

    def test_r15_several_channels_at_a_level(self):
        """An e-mail, its letter and a call: three messages, one level, the debt claimed once."""
        self.customer.phone = "02 40 12 34 56"
        self.first.write({"also_letter": True, "call": True})
        line = self._entry(1000, days_late=10)
        run = self._leave()
        self.assertEqual(
            {reminder.channel: reminder.state for reminder in run.reminder_ids}, {"email": "sent", "letter": "printed"}
        )
        self.assertEqual(run.reminder_ids.filtered("to_call").channel, "email")
        run.reminder_ids._mark_posted(self.TODAY)
        run.reminder_ids.filtered("to_call")._record_outcome("reached")
        self.assertRecordValues(line, [{"followup_level_id": self.first.id, "followup_count": 1}])
        self.assertEqual(run.amount_due, 1000)

    def test_r15_sent_in_the_background(self):
        """More than a few: the request only marks them as released; the scheduled action, woken up at once, sends."""
        for number in range(21):
            self._entry(100, days_late=10, partner=self._customer(f"Client {number}"))
        run = self._run()
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_release")
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        with patch.object(module, "current_test", False):
            run.action_release()
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"queued"})
        self.assertRecordValues(run, [{"release_state": "running", "release_done": 0, "release_total": 21}])
        self.assertFalse(self.sink.received)
        self.assertEqual(len(triggers.search([("cron_id", "=", cron.id), ("call_at", "<=", fields.Datetime.now())])), 1)
        self._again(run.reminder_ids)
        self.assertEqual(len(self.sink.received), 21)
        self.assertRecordValues(run, [{"release_state": "done", "release_done": 21, "release_total": 21}])
