from datetime import timedelta

from odoo.tests import tagged

from .common_release import ReleaseCommon


@tagged("post_install", "-at_install")
class TestFollowupReleaseLevels(ReleaseCommon):
    """Levels count with what left, and go back with what came back."""

    def test_delivery_counts_once(self):
        run, line = self._prepared()
        line.followup_forced_level_id = self.second
        self.customer.with_company(self.company).followup_forced_level_id = self.second
        run = self._run()
        run.reminder_ids._release()
        self.assertRecordValues(
            line,
            [
                {
                    "followup_level_id": self.second.id,
                    "followup_date": self.TODAY,
                    "followup_count": 1,
                    "followup_forced_level_id": False,
                    "followup_handed_over": False,
                }
            ],
        )
        self.assertFalse(self.customer.with_company(self.company).followup_forced_level_id)
        run.reminder_ids._raise_levels()
        self.assertEqual(line.followup_count, 1)

    def test_hand_over(self):
        """The last level gives its lines to recovery: nothing leaves by itself any more."""
        self.first.hand_over = True
        run, line = self._prepared()
        run.reminder_ids._release()
        self.assertTrue(line.followup_handed_over)
        run.reminder_ids._undo_delivery("not posted")
        self.assertFalse(line.followup_handed_over)

    def test_undone_goes_back(self):
        """A message that came back: each line has the level, the day and the count that it had before."""
        before = self.TODAY - timedelta(days=12)
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.first, before)
        line.followup_count = 1
        fresh = self._entry(500, days_late=10, ref="FA002")
        run = self._run()
        run.reminder_ids._release()
        self.assertEqual((line.followup_level_id, fresh.followup_level_id), (self.second, self.first))
        run.reminder_ids._undo_delivery("came back")
        self.assertRecordValues(
            line + fresh,
            [
                {"followup_level_id": self.first.id, "followup_date": before, "followup_count": 1},
                {"followup_level_id": False, "followup_date": False, "followup_count": 0},
            ],
        )
        run.reminder_ids._undo_delivery("twice")
        self.assertEqual(line.followup_count, 1)
        situation = self.env["followup.situation"].sudo()
        situation._refresh(self.company)
        found = situation.search([("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)])
        self.assertEqual(found.level_id, self.first)

    def test_undone_after_the_next_one(self):
        """A bounce that comes after the next level was reached: the line keeps it, to fall back to what was before."""
        run, line = self._prepared()
        run.reminder_ids._release()
        later = self._run(self.TODAY + timedelta(days=11))
        later.reminder_ids._release()
        self.assertEqual(line.followup_level_id, self.second)
        run.reminder_ids._undo_delivery("came back late")
        self.assertRecordValues(
            line, [{"followup_level_id": self.second.id, "followup_date": later.date, "followup_count": 1}]
        )
        later.reminder_ids._undo_delivery("came back too")
        self.assertRecordValues(line, [{"followup_level_id": False, "followup_date": False, "followup_count": 0}])

    def test_companion_counts_nothing(self):
        """R15: the letter that goes with the e-mail of a level is the same reminder: it counts once."""
        run, line = self._prepared()
        companion = run.reminder_ids.copy(
            {"companion_of_id": run.reminder_ids.id, "run_id": run.id, "channel": "email"}
        )
        for one in run.reminder_ids.line_ids.filtered("raises"):
            one.copy({"reminder_id": companion.id, "raises": False})
        (run.reminder_ids | companion)._release()
        self.assertEqual(set((run.reminder_ids | companion).mapped("state")), {"sent"})
        self.assertEqual(line.followup_count, 1)

    def test_companion_is_dropped_with_its_principal(self):
        run, line = self._prepared()
        companion = run.reminder_ids.copy(
            {"companion_of_id": run.reminder_ids.id, "run_id": run.id, "channel": "email"}
        )
        for one in run.reminder_ids.line_ids:
            one.copy({"reminder_id": companion.id, "raises": False})
        (line + self._entry(-1000, days_late=1, ref="VIR")).reconcile()
        run.reminder_ids._release()
        self.assertEqual(set((run.reminder_ids | companion).mapped("state")), {"cancelled"})
        self.assertFalse(self.sink.received)

    def test_amount_refreshed_is_told(self):
        """T21: the amount chased is the one of the moment of sending; the one prepared is still shown."""
        run, line = self._prepared()
        (line + self._entry(-400, days_late=1, ref="VIR")).reconcile()
        run.reminder_ids._release()
        self.assertRecordValues(run.reminder_ids, [{"state": "sent", "amount_due": 600, "amount_prepared": 1000}])
        self.assertIn("600", self.sink.received[0].text("html"))

    def test_dropped_says_why(self):
        """Each message dropped at the moment of sending says why, on itself and on its lines."""
        stop = {"followup_stop": True}
        cases = {
            "Payeur": ("paid", self._pay),
            "Stoppé": ("customer_stop", lambda line: line.partner_id.with_company(self.company).write(stop)),
            "Ligne": ("line_stop", lambda line: line.write(stop)),
        }
        run, lines = self._prepared(list(cases))
        for line in lines:
            cases[line.partner_id.name][1](line)
        run.reminder_ids._release()
        for reminder in run.reminder_ids:
            with self.subTest(customer=reminder.partner_id.name):
                self.assertEqual(reminder.state, "cancelled")
                self.assertTrue(reminder.failure_reason)
        reasons = {line.partner_id.name: line.reason for line in run.excluded_line_ids}
        self.assertEqual(reasons, {name: code for name, (code, _act) in cases.items()})
        self.assertFalse(self.sink.received)

    def _pay(self, line):
        (line + self._entry(-line.amount_residual, partner=line.partner_id, ref="VIR")).reconcile()

    def test_two_runs_released_together(self):
        """The same customer in two runs released by two users: one message; the other run says why."""
        _run, line = self._prepared()
        one, two = _run, self._run()
        for run in (one, two):
            run.reminder_ids.write({"state": "queued", "asked_at": "2026-11-20 08:00:00"})
        self.env.flush_all()
        taken = self.Release._take_in_hand()
        self.assertEqual(taken, one.reminder_ids.ids, "a customer is in one hand at a time")
        self._again(one.reminder_ids)
        self._again(two.reminder_ids)
        self.assertEqual((one.reminder_ids.state, two.reminder_ids.state), ("sent", "cancelled"))
        self.assertEqual(len(self.sink.received), 1)
        self.assertEqual(line.followup_count, 1)
