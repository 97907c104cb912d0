from odoo.fields import Command
from odoo.tests import tagged

from .common_story import StoryCase


@tagged("post_install", "-at_install")
class TestStoryPayments(StoryCase):
    """Money that comes, in part, at the wrong moment, or goes back."""

    def test_part_payment_then_dispute(self):
        """What is contested waits; settled, the rest is chased from the level where it stood, after some days."""
        invoice = self._invoice(2000, invoice_date="2026-09-01", due="2026-10-01")
        line = self._due_lines(invoice)
        with self.on("2026-10-06") as day:
            self._leave(day)
            self.assertEqual(line.followup_level_id, self.first)

        self._receive(line, "2026-10-12", 1200)
        with self.on("2026-10-14"):
            reason = self.env.ref("account_receivable_followup.followup_dispute_reason_quality")
            dispute = (
                self.env["followup.dispute"].with_user(self.user)._make(self.customer, self.company, reason, note="Wet")
            )
            self.assertEqual(dispute.amount, 800, "what was paid is not contested")
        with self.on("2026-10-16") as day:
            run = self._leave(day)
            self.assertFalse(run.reminder_ids)
            self.assertEqual(self._reasons(run), {line: "disputed"})
        other = self._entry(400, due="2026-10-20", ref="FA-OTHER")
        with self.on("2026-10-26") as day:
            run = self._leave(day)
            self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 400})
            self.assertEqual(run.reminder_ids.line_ids.filtered("raises").move_line_id, other, "the rest is chased")
            self._receive(other, "2026-10-27")

        with self.on("2026-10-28"):
            refund = self._invoice(300, move_type="out_refund", invoice_date="2026-10-28", due="2026-10-28")
            (line | self._due_lines(refund)).reconcile()
            dispute.action_settle()
        with self.on("2026-10-30") as day:
            self.assertEqual(self._reasons(self._run(day)), {line: "grace"})
        with self.on("2026-11-02") as day:
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 500}])
            mail = self.sink.received[-1].text("html").replace("\xa0", " ")
            for amount in ("2,000.00", "500.00"):
                self.assertIn(amount, mail)
        self._receive(line, "2026-11-04")
        with self.on("2026-11-12") as day:
            run = self._leave(day)
            self.assertFalse(run.reminder_ids.ids + run.excluded_line_ids.ids, "paid: out of the runs")

    def test_payments_between_preview_and_release(self):
        """At nine she looks at the preview and writes a word to one customer; at ten the bank's file comes in; at
        eleven she presses the button: whoever paid hears nothing, and nobody reads an amount that is not true."""
        lines = {
            name: self._entry(1000, due="2026-11-10", ref=f"FA-{name}", partner=self._customer(name))
            for name in ("Paid", "Partly", "Edited", "Late")
        }
        with self.on("2026-11-16") as day:
            run = self._run(day)
            reminders = {reminder.partner_id.name: reminder for reminder in run.reminder_ids}
            self.assertIn("4,000.00", run.release_label)
            edited = reminders["Edited"].with_user(self.user)
            edited.body = edited.body + "<p>As agreed, Anne</p>"

            self._receive(lines["Paid"], "2026-11-16")
            self._receive(lines["Partly"], "2026-11-16", 700)
            self._receive(lines["Edited"], "2026-11-16", 250)

            self._release_by_hand(run)
            self.assertEqual(
                {name: reminder.state for name, reminder in reminders.items()},
                {"Paid": "cancelled", "Partly": "sent", "Edited": "failed", "Late": "sent"},
            )
            self.assertEqual(self._reasons(run), {lines["Paid"]: "paid"})
            self.assertRecordValues(reminders["Partly"], [{"amount_due": 300, "amount_prepared": 1000}])
            [partly] = self.sink.to("compta@partly.example")
            self.assertIn("300.00", partly.text("html"))
            [late] = self.sink.to("compta@late.example")
            self.assertIn("1,000.00", late.text("html"))
            self.assertIn("look at the text again", edited.failure_reason)
            self.assertFalse(lines["Edited"].followup_level_id)

            edited.action_retry()
            edited.body = edited.body.replace("1,000.00", "750.00")
            self._release_by_hand(run)
            self.assertRecordValues(edited, [{"state": "sent", "amount_due": 750}])
            [mail] = self.sink.to("compta@edited.example")
            self.assertIn("As agreed, Anne", mail.text("html"))
            self.assertEqual(lines["Edited"].followup_level_id, self.first)

    def test_direct_debit_that_bounces(self):
        """Collected by ourselves, so not chased; it came in, then back: chased from where it stood, nobody thanked."""
        thanks = self.plan.with_context(active_test=False).level_ids.filtered_domain([("phase", "=", "thanks")])
        thanks.active = True
        line = self._entry(1000, due="2026-10-01", ref="FA-DEBIT")
        with self.on("2026-10-06") as day:
            self._leave(day)
        line.followup_automatic_payment = True  # the customer signed a mandate since
        with self.on("2026-10-16") as day:
            run = self._leave(day)
            self.assertEqual(self._reasons(run), {line: "automatic_payment"})
        with self.on("2026-10-19"):
            debit = self._receive(line, "2026-10-19", ref="PRLV")
            self.assertEqual(self._situation().overdue, 0)
        with self.on("2026-10-21") as day:
            run = self._run(day)
            self.assertEqual(run.reminder_ids.level_id, thanks)
            line.remove_move_reconcile()  # the bank takes the money back
            (debit | self._entry(1000, due="2026-11-20", ref="PRLV REJ")).reconcile()
            self._release_by_hand(run)
            self.assertEqual(run.reminder_ids.state, "cancelled", "nobody is thanked for money that went back")
            self.assertEqual(len(self._subjects()), 1)
        line.followup_automatic_payment = False
        with self.on("2026-10-22") as day:
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 1000}])
            self.assertEqual((line.followup_level_id, line.followup_count), (self.second, 2))
            self.assertRecordValues(self._situation(), [{"overdue": 1000, "level_id": self.second.id}])

    def test_instalments(self):
        """Three instalments, each late in its turn: the level of one is not the level of the next."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Three times",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                    for share, days in ((40, 30), (30, 60), (30, 90))
                ],
            }
        )
        invoice = self._invoice(3000, invoice_date="2026-09-01", due=False, invoice_payment_term_id=term.id)
        october, november, december = self._due_lines(invoice)  # 1 October, 31 October, 30 November
        for day, level in (("2026-10-06", self.first), ("2026-10-16", self.second)):
            with self.on(day) as day:
                run = self._leave(day)
                self.assertRecordValues(run.reminder_ids, [{"level_id": level.id, "amount_due": 1200}])
        with self.on("2026-10-26") as day:
            run = self._leave(day)
            run.reminder_ids._mark_posted(day)
            self.assertEqual(october.followup_level_id, self.third)

        with self.on("2026-11-05") as day:
            run = self._run(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.notice.id, "amount_due": 2100}])
            levels = {line.move_line_id: line.level_id for line in run.reminder_ids.line_ids}
            self.assertEqual(levels, {october: self.notice, november: self.first})
            self._receive(october, "2026-11-05")
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 900}])

        with self.on("2026-11-09") as day:
            Promise = self.env["followup.promise"].with_user(self.user)
            promise = Promise._make(self.customer, self.company, day.replace(day=20))
            self.assertEqual(promise.amount, 900, "the one that is late, not the one to come")
        with self.on("2026-11-16") as day:
            self.assertEqual(self._reasons(self._run(day)), {november: "promised"})
        self._receive(november, "2026-11-19")
        with self.on("2026-12-07") as day:
            self.assertEqual(promise.state, "kept")
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 900}])
            self.assertEqual(run.reminder_ids.line_ids.move_line_id, december)
            self.assertRecordValues(
                october | november | december,
                [{"followup_level_id": level.id} for level in (self.third, self.first, self.first)],
            )
