from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.followup_reminder_send import RETRY_MINUTES
from .common_release import ReleaseCommon

MAIL_LOGS = "odoo.addons.mail.models.mail_mail"
RELEASE_LOGS = "odoo.addons.account_receivable_followup.models.followup_release_treat"


@tagged("post_install", "-at_install")
class TestFollowupRelease(ReleaseCommon):
    """Released messages: what the accounts say at that moment, what the mail server answers, what follows."""

    def test_release_is_told(self):
        """Who released it and when, when it was begun and when it left."""
        run, line = self._prepared()
        user = self._user("user")
        reminder = run.reminder_ids
        reminder.with_user(user)._release()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.release_user_id, user)
        self.assertTrue(reminder.asked_at <= reminder.claimed_at <= reminder.attempted_at <= reminder.sent_at)
        self.assertFalse(reminder.to_settle)
        self.assertEqual(line.followup_level_id, self.first)
        self.assertEqual(len(self.sink.received), 1)

    def test_viewer_cannot_release(self):
        run, _line = self._prepared()
        viewer = self._user("viewer")
        for act in ("_release", "action_retry", "action_try_now", "action_confirm_sent", "action_confirm_not_sent"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(run.reminder_ids.with_user(viewer), act)()
        with self.assertRaises(AccessError):
            run.with_user(viewer).action_interrupt()
        self.assertFalse(self.sink.received)

    def test_what_waits_for_a_decision_stays(self):
        run, _line = self._prepared()
        run.reminder_ids.to_decide = True
        self.assertFalse(run.reminder_ids._release())
        self.assertEqual(run.reminder_ids.state, "prepared")

    def test_message_id_is_stable(self):
        """The same message keeps its Message-ID, whatever happens to its first attempt."""
        run, _line = self._prepared()
        reminder = run.reminder_ids
        self.sink.refuse(self.customer.email, 550)
        with mute_logger(MAIL_LOGS):
            reminder._release()
        self.sink.forget_rules()
        reminder.action_retry()
        reminder._release()
        [received] = self.sink.received
        self.assertEqual(received.message["Message-Id"], reminder._get_message_id())
        self.assertEqual(reminder.mail_mail_id.message_id, reminder._get_message_id())

    def test_refused_for_good(self):
        """T20: a 5xx answer is a failure: no level, an alert; the others leave through a new session if need be."""
        names = ["Alpha", "Bravo", "Charlie"]
        run, lines = self._prepared(names)
        self.sink.refuse("compta@bravo.example", 550)
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        states = {reminder.partner_id.name: reminder.state for reminder in run.reminder_ids}
        self.assertEqual(states, {"Alpha": "sent", "Bravo": "failed", "Charlie": "sent"})
        failed = run.reminder_ids.filtered(lambda reminder: reminder.state == "failed")
        self.assertEqual(failed.delivery, "refused")
        self.assertTrue(failed.partner_id.activity_ids)
        self.assertEqual(len(lines.filtered("followup_level_id")), 2)

    def test_refused_for_the_moment(self):
        """A 4xx answer is tried again by itself, later; after a few times, it is a failure."""
        run, line = self._prepared()
        reminder = run.reminder_ids
        self.sink.refuse(self.customer.email, 451, "4.7.1 Greylisted")
        with mute_logger(MAIL_LOGS):
            reminder._release()
        self.assertRecordValues(reminder, [{"state": "queued", "tries": 1, "delivery": False}])
        self.assertTrue(reminder.retry_at)
        self.assertIn("4.7.1", reminder.failure_reason)
        self.assertFalse(reminder.partner_id.activity_ids, "nobody has anything to do yet")
        self.assertEqual(run.release_state, "running")
        self.assertEqual(run.release_delayed, 1)
        with mute_logger(MAIL_LOGS):
            for _time in RETRY_MINUTES:
                self._again(reminder)
        self.assertRecordValues(reminder, [{"state": "failed", "delivery": "unreachable"}])
        self.assertTrue(reminder.partner_id.activity_ids)
        self.assertFalse(line.followup_level_id)

    def test_taken_at_the_second_try(self):
        run, line = self._prepared()
        self.sink.refuse(self.customer.email, 451)
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        self.sink.forget_rules()
        run.reminder_ids.action_try_now()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertFalse(run.reminder_ids.failure_reason)
        self.assertEqual(line.followup_level_id, self.first)
        self.assertEqual(len(self.sink.received), 1)

    def test_paid_before_the_second_try(self):
        """The accounts are read again at each try."""
        run, line = self._prepared()
        self.sink.refuse(self.customer.email, 451)
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        self.sink.forget_rules()
        (line + self._entry(-1000, days_late=1, ref="VIR")).reconcile()
        self._again(run.reminder_ids)
        self.assertEqual(run.reminder_ids.state, "cancelled")
        self.assertFalse(self.sink.received)

    def test_server_out_of_reach(self):
        """No connection: nothing has left, everything is tried again later."""
        run, lines = self._prepared(["Alpha", "Bravo"])
        self.sink.stop()
        run.reminder_ids._release()
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"queued"})
        self.assertTrue(all(reminder.retry_at for reminder in run.reminder_ids))
        self.assertFalse(lines.filtered("followup_level_id"))

    def test_cut_while_it_is_handed_over(self):
        """The connection is cut after the text went over: nobody knows. It is not sent again; the others leave."""
        names = ["Alpha", "Bravo", "Charlie"]
        run, lines = self._prepared(names)
        self.sink.drop_after("compta@bravo.example")
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        bravo = run.reminder_ids.filtered(lambda reminder: reminder.partner_id.name == "Bravo")
        self.assertEqual(bravo.state, "uncertain")
        self.assertEqual(set((run.reminder_ids - bravo).mapped("state")), {"sent"})
        self.assertEqual(len(self.sink.received), 3)
        self.assertEqual(len(lines.filtered("followup_level_id")), 2, "what is uncertain does not count")
        self.assertTrue(bravo.partner_id.activity_ids)
        self.assertEqual(run.uncertain_count, 1)
        self._again(bravo)
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(len(self.sink.received), 3)
        bravo.action_confirm_sent()
        self.assertEqual(bravo.state, "sent")
        self.assertEqual(len(lines.filtered("followup_level_id")), 3)

    def test_uncertain_did_not_leave(self):
        run, line = self._prepared()
        self.sink.drop(self.customer.email)
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        self.assertEqual(run.reminder_ids.state, "uncertain")
        self.sink.forget_rules()
        run.reminder_ids.action_confirm_not_sent()
        self.assertEqual(run.reminder_ids.state, "prepared")
        run.reminder_ids._release()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(line.followup_count, 1)
        self.assertEqual(len(self.sink.received), 1)

    def test_failed_mail_sent_again_from_odoo(self):
        """A person who sends the failed mail again from Odoo's own list: the reminder follows, its level counts."""
        run, line = self._prepared()
        self.sink.refuse(self.customer.email, 550)
        with mute_logger(MAIL_LOGS):
            run.reminder_ids._release()
        self.assertEqual(run.reminder_ids.state, "failed")
        self.sink.forget_rules()
        mail = run.reminder_ids.mail_mail_id
        mail.action_retry()
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(line.followup_level_id, self.first)
        self.assertEqual(len(self.sink.received), 1)

    def test_a_channel_that_fails_stops_no_other(self):
        """R12: what cannot be handed over fails alone, and says why."""
        names = ["Alpha", "Bravo", "Charlie"]
        run, lines = self._prepared(names)
        Reminder = type(self.env["followup.reminder"])
        prepare = Reminder._prepare_emails

        def failing(reminders):
            if "Bravo" in reminders.partner_id.mapped("name"):
                raise ValueError("No ink")
            return prepare(reminders)

        with patch.object(Reminder, "_prepare_emails", failing), mute_logger(RELEASE_LOGS):
            run.reminder_ids._release()
        states = {reminder.partner_id.name: reminder.state for reminder in run.reminder_ids}
        self.assertEqual(states, {"Alpha": "sent", "Bravo": "failed", "Charlie": "sent"})
        failed = run.reminder_ids.filtered(lambda reminder: reminder.state == "failed")
        self.assertIn("No ink", failed.failure_reason)
        self.assertEqual(len(lines.filtered("followup_level_id")), 2)

    def test_a_note_that_fails_undoes_nothing(self):
        """What really happened stays recorded, whatever befalls the activities and notes that tell of it."""
        run, line = self._prepared()
        self.first.call = True
        Reminder = type(self.env["followup.reminder"])
        with (
            patch.object(Reminder, "_plan_call", side_effect=ValueError("no activity")),
            mute_logger("odoo.addons.account_receivable_followup.models.followup_reminder_state"),
        ):
            run.reminder_ids._release()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(line.followup_level_id, self.first)

    def test_interrupt_and_resume(self):
        """T21, F049: interrupted messages wait again, their release can be resumed, and the run says so."""
        run, _lines = self._prepared(["Alpha", "Bravo"])
        with patch.object(type(self.Release), "_start", lambda *_args: None):
            run.reminder_ids._release()
        self.assertEqual((run.release_state, run.release_done, run.release_total), ("running", 0, 2))
        run.action_interrupt()
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"prepared"})
        self.assertEqual((run.release_state, run.interrupted_count), ("interrupted", 2))
        run.reminder_ids[0].action_skip()
        run.action_resume()
        self.assertEqual((run.release_state, run.release_done, run.release_total), ("done", 1, 1))
        self.assertEqual(len(self.sink.received), 1)
