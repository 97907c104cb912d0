from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_story import StoryCase


@tagged("post_install", "-at_install")
class TestStoryLatePayer(StoryCase):
    """An ordinary late payer, from the courtesy before the due date to the thanks after the payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"followup_schedule": True, "followup_hour": 8.25})
        cls.thanks = cls.plan.with_context(active_test=False).level_ids.filtered_domain([("phase", "=", "thanks")])
        cls.thanks.active = True

    def test_from_the_prevention_notice_to_the_thanks(self):
        """The schedule prepares each step on its day; a person confirms; each level counts when it really left."""
        line = self._entry(1200, due="2026-09-30", ref="FA-0930")

        with self.on("2026-09-21"):
            self.assertFalse(self._schedule().reminder_ids, "nine days before: nothing")

        with self.on("2026-09-22") as day:
            run = self._schedule()
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.prevention.id, "state": "sent"}])
            self.assertEqual((line.followup_level_id, line.followup_date), (self.prevention, day))
            self.assertFalse(run.activity_ids, "automatic: nobody has to do anything")

        with self.on("2026-09-30"):
            self.assertFalse(self._schedule().reminder_ids, "due today is not late")

        with self.on("2026-10-05"):
            run = self._schedule()
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "state": "prepared"}])
            self.assertEqual(run.activity_ids.user_id, self.user, "she is told that something waits for her")
            self.assertEqual(line.followup_level_id, self.prevention, "nothing has left yet")
        with self.on("2026-10-06") as day:
            late, run = run, self._schedule()
            self.assertEqual(late.reminder_ids.state, "cancelled", "today's run asks the same again")
            self.assertFalse(late.activity_ids)
            self._release_by_hand(run)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.first.id, "state": "sent"}])
            self.assertEqual((line.followup_level_id, line.followup_date), (self.first, day))

        with self.on("2026-10-15"):
            self.assertFalse(self._schedule().reminder_ids, "nine days after the first reminder")

        with self.on("2026-10-16"):
            run = self._schedule()
            self._release_by_hand(run)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.second.id, "state": "sent", "to_call": True}])
            run.reminder_ids._record_outcome("message", "Answering machine")
            self.assertIn("Answering machine", self.customer.message_ids[0].body)

        with self.on("2026-10-26"):
            run = self._schedule()
            self._release_by_hand(run)
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.third.id, "state": "printed"}])
            self.assertEqual(line.followup_level_id, self.second, "printed is not posted")
        with self.on("2026-10-27") as day:
            run.reminder_ids._mark_posted(day)
            self.assertEqual((line.followup_level_id, line.followup_date), (self.third, day))

        with self.on("2026-11-05"):
            self.assertFalse(self._schedule().reminder_ids, "ten days from the post, not from the printer")
        with self.on("2026-11-06") as day:
            run = self._schedule()
            notice = run.reminder_ids
            with self.assertRaisesRegex(UserError, "Nothing is ready"):
                self._release_by_hand(run)
            self.assertRecordValues(
                notice, [{"level_id": self.notice.id, "state": "prepared", "ask_reason": "manual_level"}]
            )
            notice.with_user(self.user).action_accept()
            self._release_by_hand(run)
            self.assertRecordValues(notice, [{"state": "printed", "channel": "registered"}])
            self.assertIn("1,200.00", self._letter(notice))
            notice._mark_posted(day)

        with self.on("2026-11-17"):
            run = self._schedule()
            self.assertFalse(run.reminder_ids, "after the last level nothing is sent every week")
            self.assertEqual(run.excluded_line_ids.move_line_id, line, "it is listed, with its reason")

        self._receive(line, "2026-11-18")
        with self.on("2026-11-19"):
            self.assertFalse(self._schedule().reminder_ids)
        with self.on("2026-11-20"):
            run = self._schedule()
            self.assertRecordValues(run.reminder_ids, [{"level_id": self.thanks.id, "amount_due": 0}])
            self._release_by_hand(run)
            self.assertEqual(run.reminder_ids.state, "sent")
        with self.on("2026-11-30"):
            self.assertFalse(self._schedule().reminder_ids, "thanked once")

        subjects = ("coming due dates", "Payment reminder", "Second reminder", "Thank you")
        self.assertEqual(len(self._subjects()), len(subjects))
        for subject, words in zip(self._subjects(), subjects, strict=True):
            self.assertIn(words, subject)
        sent = line.followup_reminder_line_ids.reminder_id.filtered(lambda reminder: reminder.state == "sent")
        self.assertEqual(sent.level_id, self.levels | self.thanks, "the history of the invoice is whole")
        self.assertEqual(line.followup_count, 5)

    def test_thanks_only_when_nothing_is_late_any_more(self):
        """Two late invoices: thanks wait for both, and name only the one that was chased."""
        chased = self._entry(1000, due="2026-10-01", ref="FA-CHASED")
        with self.on("2026-10-06") as day:
            self._leave(day)
        other = self._entry(300, due="2026-10-12", ref="FA-OTHER")
        self._receive(chased, "2026-10-12")
        with self.on("2026-10-15"):
            self.assertFalse(self._schedule().reminder_ids, "the other one is late")
        self._receive(other, "2026-10-19")
        with self.on("2026-10-20"):
            run = self._schedule()
            self.assertEqual(run.reminder_ids.level_id, self.thanks)
            self.assertEqual(run.reminder_ids.line_ids.move_line_id, chased)
        late_again = self._entry(80, due="2026-10-19", ref="FA-LATE")
        with self.on("2026-10-20"):
            self._release_by_hand(run)
            self.assertEqual(run.reminder_ids.state, "cancelled", "late again since: nobody is thanked")
            self.assertEqual(len(self._subjects()), 1)
        self._receive(late_again, "2026-10-21")
        with self.on("2026-10-22"):
            run = self._schedule()
            self._release_by_hand(run)
            self.assertIn("Thank you", self._subjects()[-1])
            self.assertEqual(len(self._subjects()), 2)
