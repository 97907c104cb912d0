from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common_traps import TrapCase


@tagged("post_install", "-at_install")
class TestTrapsLevels(TrapCase):
    """Traps 17 to 28: how levels rise, and when they do not."""

    def _in(self, days):
        return self.TODAY + timedelta(days=days)

    def test_t17_a_small_old_leftover_raises_nobody(self):
        """Levels are kept per line, the message has the highest: 3 € of last year must not bring the formal notice."""
        leftover = self._entry(3, days_late=300, ref="FA-OLD")
        self._deliver(leftover, self.third, self._in(-30))
        recent = self._entry(900, days_late=10, ref="FA-NEW")
        run = self._leave()
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 903, "state": "sent"}])
        self.assertEqual(run.reminder_ids.line_ids.filtered("raises").move_line_id, recent)
        self.assertEqual((leftover.followup_level_id, recent.followup_level_id), (self.third, self.first))
        self.notice.minimum_amount = 0
        self.assertEqual(self._run(self._in(8)).reminder_ids.level_id, self.notice, "the minimum made the difference")

    def test_t18_after_months_without_a_run_nobody_gets_the_notice_first(self):
        """Very late at the first run, as after an import: one level at a time, the first one first."""
        line = self._entry(5000, days_late=400)
        self.assertEqual(self._run().reminder_ids.level_id, self.first)
        by_date = self.plan.copy({"name": "By date"})
        for number, level in enumerate(by_date.level_ids.filtered(lambda level: level.phase != "prevention"), start=1):
            level.write({"trigger": "after_due", "delay": 10 * number})
        self.customer.with_company(self.company).sudo().followup_plan_id = by_date
        by_date.strict_order = True
        reminder = self._run(plan=by_date).reminder_ids
        self.assertEqual(reminder.level_id._get_rank(), 1, "a strict order starts at the beginning too")
        self._release(reminder.run_id)
        self.assertEqual(line.followup_level_id._get_rank(), 1)
        self.assertEqual(self._run(self._in(8), plan=by_date).reminder_ids.level_id._get_rank(), 2)

    def test_t19_twice_on_a_day_sends_once(self):
        """Four clicks do not climb four levels; the same message released by two persons leaves once."""
        self.plan.minimum_interval = 0  # two messages never leave on the same day, whatever the plan says
        self.levels.write({"delay": 0})
        line = self._entry(5000, days_late=60)
        one, two = self._run(), self._run()
        for run in (one, two, one, two):
            self._release(run)
        self.assertEqual((one.reminder_ids.state, two.reminder_ids.state), ("sent", "cancelled"))
        for _click in range(3):
            run = self._leave()
            self.assertFalse(run.reminder_ids)
        self.assertEqual(len(self.sink.received), 1)
        self.assertRecordValues(line, [{"followup_level_id": self.first.id, "followup_count": 1}])

    def test_t19_a_customer_is_in_one_hand_at_a_time(self):
        """Two workers: what one has claimed, the other passes over."""
        run, _line = self._prepared()
        run.reminder_ids.write({"state": "queued", "asked_at": "2026-11-20 08:00:00"})
        self.env.flush_all()
        key = (f"followup.release {self.company.id}", self.customer.id)
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)
            self.assertFalse(self.Release._take_in_hand())
        self._again(run.reminder_ids)
        self._again(run.reminder_ids)
        self.assertEqual(len(self.sink.received), 1)

    def test_t20_levels_are_those_that_were_delivered(self):
        """Refused: no level, and the same one is proposed again. Delivered, then something fails: the level counts
        all the same, once."""
        line = self._entry(1000, days_late=10)
        self.sink.refuse(self.customer.email, 550)
        run = self._leave()
        self.assertEqual(run.reminder_ids.state, "failed")
        self.assertRecordValues(line, [{"followup_level_id": False, "followup_date": False, "followup_count": 0}])
        self.assertTrue(self.customer.activity_ids)
        self.assertEqual(self._run().reminder_ids.level_id, self.first)
        self.sink.forget_rules()
        again = self._run()
        Reminder = type(self.env["followup.reminder"])
        with patch.object(Reminder, "_settle", lambda _reminders: None):  # the server dies once the mail has left
            again.reminder_ids._release()
        self.assertRecordValues(again.reminder_ids, [{"state": "sent", "to_settle": True}])
        self.assertFalse(line.followup_level_id)
        self._again(again.reminder_ids)
        self._again(again.reminder_ids)
        self.assertRecordValues(line, [{"followup_level_id": self.first.id, "followup_count": 1}])
        self.assertEqual(len(self.sink.received), 1)

    def test_t21_a_payment_between_preparing_and_sending(self):
        """Paid: nothing leaves. Partly paid: the mail claims what is left. Paid below the threshold: nothing."""
        self.plan.customer_threshold = 50
        cases = {"Paid": 1000, "Partly": 400, "Nearly": 960}
        lines = {name: self._entry(1000, days_late=10, partner=self._customer(name)) for name in cases}
        run = self._run()
        self.assertEqual(self._amounts(run), dict.fromkeys(cases, 1000))
        for name, amount in cases.items():
            self._pay(lines[name], amount)
        self._release(run)
        self.assertEqual(self._amounts(run), {"Partly": 600})
        self.assertEqual(self._reasons(run), {lines["Paid"]: "paid", lines["Nearly"]: "below_threshold"})
        self.assertIn("600.00", self._mail())

    def test_t22_paid_then_unpaid_again(self):
        """Paid: closed, its history kept. A bounced cheque re-opens it at its level. A new invoice begins at the
        beginning."""
        line = self._entry(1000, days_late=10, ref="FA-OLD")
        first = self._leave()
        cheque = self._pay(line)
        run = self._leave(self._in(12))
        self.assertFalse(run.reminder_ids)
        self.assertEqual(line.followup_reminder_line_ids.reminder_id, first.reminder_ids)
        fresh = self._entry(500, due=self._in(2), ref="FA-NEW")
        run = self._run(self._in(12))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "amount_due": 500}])
        line.remove_move_reconcile()
        cheque.move_id.button_draft()
        run = self._leave(self._in(12))
        self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "amount_due": 1500}])
        self.assertEqual((line.followup_level_id, fresh.followup_level_id), (self.second, self.first))

    def test_t23_levels_in_use(self):
        """A level that has served is archived, not deleted, and leaves no hole; levels follow their own order, not
        their numbers; a delay that changes applies to what is to come."""
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.first, self._in(-11))
        self._leave()
        self.assertEqual(line.followup_level_id, self.second)
        with self.assertRaisesRegex(UserError, "archive"), mute_logger("odoo.sql_db"):
            self.second.unlink()
        self.second.active = False
        self.assertFalse(self._run(self._in(9)).reminder_ids)
        self.assertEqual(self._run(self._in(10)).reminder_ids.level_id, self.third)
        self.third.delay = 9
        self.assertEqual(self._run(self._in(9)).reminder_ids.level_id, self.third)
        between = self.third.copy({"name": "Between", "sequence": self.second.sequence + 1, "delay": 8})
        self.assertGreater(between.id, self.notice.id)
        self.assertEqual(self._run(self._in(9)).reminder_ids.level_id, between)

    def test_t24_after_the_last_level_nothing_is_sent_every_day(self):
        """The last level hands the debt over: nothing leaves for it any more; without that, it is sent once."""
        other = self._customer("Garage Perrin")
        lines = self._entry(1000, days_late=90) | self._entry(1000, days_late=90, partner=other)
        self._deliver(lines, self.third, self._in(-15))
        self.notice.write({"hand_over": True, "channel": "email", "mode": "confirm"})
        self.customer.with_company(self.company).sudo().followup_plan_id = self.plan.copy({"name": "Without"})
        self.customer.with_company(self.company).followup_plan_id.level_ids.hand_over = False
        kept, handed = lines
        for partner in lines.partner_id:
            self._leave(partners=partner)
        self.assertEqual(len(self.sink.received), 2)
        self.assertEqual(lines.mapped("followup_handed_over"), [False, True])
        for days in (1, 30, 365):
            for line, reason in ((kept, "last_level_sent"), (handed, "handed_over")):
                run = self._leave(self._in(days), partners=line.partner_id)
                self.assertFalse(run.reminder_ids)
                self.assertEqual(self._reasons(run), {line: reason})
        self.assertEqual(len(self.sink.received), 2)

    def test_t25_a_call_is_a_contact_not_a_notice(self):
        """It holds the next message back for the interval; it is no level, unless the level says so."""
        self.customer.phone = "02 40 12 34 56"
        self.first.write({"channel": "phone", "call_counts": False})
        line = self._entry(1000, days_late=10)
        run = self._leave()
        self.assertEqual(run.reminder_ids.state, "todo")
        self.assertEqual(self._reasons(self._run(self._in(1))), {line: "minimum_interval"})
        run.reminder_ids._record_outcome("reached")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertFalse(line.followup_level_id, "a call has no proof")
        self.assertEqual(self._reasons(self._run(self._in(6))), {line: "minimum_interval"})
        self.first.call_counts = True
        run = self._leave(self._in(7))
        run.reminder_ids._record_outcome("reached")
        self.assertEqual(line.followup_level_id, self.first)

    def test_t26_a_missed_day_loses_nothing(self):
        """No run on the very day of the level: it is due on every later one."""
        line = self._entry(1000, days_late=5)
        for days in (0, 1, 3, 30):
            with self.subTest(days=days):
                self.assertEqual(self._run(self._in(days)).reminder_ids.level_id, self.first)
        self._leave(self._in(3))
        self.assertEqual(line.followup_date, self._in(3))
        self.assertFalse(self._run(self._in(12)).reminder_ids)
        for days in (13, 17, 60):
            self.assertEqual(self._run(self._in(days)).reminder_ids.level_id, self.second)

    @freeze_time("2026-11-20 10:00:00")
    def test_t27_dispute_freezes_the_level(self):
        """Disputed after a reminder: out of the total, told apart, somebody is to look at it; settled, it goes on from
        its level after the days of grace."""
        self.company.followup_dispute_grace = 5
        line = self._entry(1000, days_late=40, ref="FA-DISPUTED")
        other = self._entry(500, days_late=40, ref="FA-OTHER")
        self._deliver(line | other, self.first, self._in(-12))
        run = self._run()
        reason = self.env.ref("account_receivable_followup.followup_dispute_reason_quality")
        dispute = (
            self.env["followup.dispute"]
            .sudo()
            ._make(
                self.customer, self.company, reason, line_ids=[Command.create({"move_line_id": line.id, "amount": 300})]
            )
        )
        self.assertTrue(dispute.activity_ids)
        self._decide_again(run)
        self.assertRecordValues(run.reminder_ids, [{"amount_due": 1200, "disputed_amount": 300}])
        dispute.line_ids.amount = 1000
        self._decide_again(run)
        self.assertRecordValues(run.reminder_ids, [{"amount_due": 500}])
        other.followup_stop = True
        self.assertEqual(self._reasons(self._run()), {line: "disputed", other: "line_stop"})
        self.assertEqual(self._situation().disputed, 1000)
        dispute.action_settle()
        self.assertEqual(self._reasons(self._run())[line], "grace")
        self.assertEqual(self._decision(line, self._in(4)).reason.value, "grace")
        self.assertEqual(self._decision(line, self._in(5)).level.id, self.second.id)

    def _decide_again(self, run):
        """What the release does before anything leaves."""
        run.reminder_ids._read_amounts_again()
        run.reminder_ids.invalidate_recordset()

    @freeze_time("2026-11-20 10:00:00")
    def test_t28_promise_pauses_what_is_promised(self):
        """Its amount only, until its day and the grace; what was paid in time is kept, the last promise counts."""
        self.company.followup_promise_grace = 2
        line = self._entry(1000, days_late=10, ref="FA-PROMISED")
        self._entry(500, days_late=10, ref="FA-OTHER")
        Promise = self.env["followup.promise"].sudo()
        promise = Promise._make(self.customer, self.company, self._in(4), 600, line)
        run = self._run()
        self.assertRecordValues(run.reminder_ids, [{"amount_due": 900, "promised_amount": 600}])
        self._pay(line, 200)
        self.assertEqual(self._decision(line).claimed, 400, "what is paid is of the promise, not of the rest")
        self.assertEqual(self._decision(line, self._in(6)).claimed, 400, "the days of grace")
        self.assertEqual(self._decision(line, self._in(7)).claimed, 800)
        with freeze_time("2026-11-27 10:00:00"):
            promise.invalidate_recordset()
            self.assertEqual(promise.state, "partly_kept")
            later = Promise._make(self.customer, self.company, self._in(11), 800, line)
            self.assertFalse(self._decision(line, self._in(13)).level)
            self.assertEqual(self._decision(line, self._in(14)).claimed, 800)
            self._pay(line)
            (promise | later).invalidate_recordset()
            self.assertEqual(later.state, "kept")
            self.assertEqual(self._amounts(self._run(self._in(14))), {"Menuiserie Baudry": 500})
