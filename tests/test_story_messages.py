from odoo.tests import tagged

from .common_smtp import delivery_failure
from .common_story import StoryCase


@tagged("post_install", "-at_install")
class TestStoryMessages(StoryCase):
    """Messages that do not arrive, and persons who press the same button."""

    def test_bounced_mail_then_letter(self):
        """The mail leaves, and comes back the next day: the level is given back, a letter takes its place and counts
        from the day when it is posted; the address is mended, the next mail arrives."""
        self.plan.fallback_channel = "letter"
        line = self._entry(1000, due="2026-10-01", ref="FA-1")
        with self.on("2026-10-06") as day:
            mail = self._leave(day).reminder_ids
            self.assertEqual((mail.state, line.followup_level_id), ("sent", self.first))
        with self.on("2026-10-07") as day:
            self._report(delivery_failure(self.sink.received[0], "compta@baudry.example"))
            self.assertRecordValues(mail, [{"state": "failed", "delivery": "bounced"}])
            self.assertRecordValues(line, [{"followup_level_id": False, "followup_date": False, "followup_count": 0}])
            [alert] = self.customer.activity_ids
            self.assertEqual(alert.user_id, self.user)
            letter = mail.fallback_ids
            self.assertRecordValues(letter, [{"channel": "letter", "state": "prepared", "level_id": self.first.id}])

            letter.with_user(self.user).action_release()
            self.assertEqual(letter.state, "printed")
            self.assertIn("1,000.00", self._letter(letter))
            run = self._run(day)
            self.assertFalse(run.reminder_ids, "the letter on the desk is a message")
            self.assertEqual(self._reasons(run), {line: "minimum_interval"})
        with self.on("2026-10-08") as day:
            letter._mark_posted(day)
            self.assertEqual((line.followup_level_id, line.followup_date), (self.first, day))

        with self.on("2026-10-16") as day:
            self.assertFalse(self._run(day).reminder_ids, "ten days from the letter, not from the mail")
        with self.on("2026-10-19") as day:
            run = self._run(day)
            self.assertEqual(run.reminder_ids.level_id, self.second)
            run.reminder_ids.with_user(self.user).followup_email = "direction@baudry.example"
            self._release(run)
            self.assertEqual(run.reminder_ids.state, "sent")
            self.assertEqual(len(self.sink.to("direction@baudry.example")), 1)
            self.assertEqual((line.followup_level_id, line.followup_count), (self.second, 2))

    def test_two_persons_and_a_mail_server_that_stops(self):
        """Anne and Paul prepare the same customers, and both press the button. The mail server stops in the middle of
        one message: a person asks the customer, and that one alone goes again."""
        paul = self._user("manager", name="Paul Lenoir")
        lines = {
            name: self._entry(1000, due="2026-10-01", ref=f"FA-{name}", partner=self._customer(name))
            for name in ("Alpha", "Bravo", "Charlie")
        }
        with self.on("2026-10-06") as day:
            hers, his = self._run(day), self._run(day, user=paul)
            self.assertEqual(self._amounts(hers), self._amounts(his))
            self.sink.drop("compta@bravo.example")
            self._release_by_hand(hers)
            states = {reminder.partner_id.name: reminder.state for reminder in hers.reminder_ids}
            self.assertEqual(states, {"Alpha": "sent", "Bravo": "uncertain", "Charlie": "sent"})
            self.sink.forget_rules()

            his.with_user(paul).action_release()
            self.assertEqual(set(his.reminder_ids.mapped("state")), {"cancelled"})
            self.assertEqual(
                {line.partner_id.name: reason for line, reason in self._reasons(his).items()},
                {"Alpha": "not_due", "Bravo": "minimum_interval", "Charlie": "not_due"},
            )
            self.assertEqual(len(self.sink.received), 2, "two messages arrived, whoever pressed the button")

        bravo = hers.reminder_ids.filtered(lambda reminder: reminder.state == "uncertain")
        with self.on("2026-10-07") as day:
            run = self._run(day)
            self.assertFalse(run.reminder_ids, "what may have left is not sent again by itself")
            self.assertTrue(bravo.partner_id.activity_ids)
            bravo.with_user(self.user).action_confirm_not_sent()
            self._release_by_hand(hers)
            self.assertEqual(bravo.state, "sent")
        for name, line in lines.items():
            with self.subTest(customer=name):
                self.assertEqual((line.followup_level_id, line.followup_count), (self.first, 1))
                self.assertEqual(len(self.sink.to(f"compta@{name.lower()}.example")), 1)
