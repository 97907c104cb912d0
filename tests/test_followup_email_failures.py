from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_followup_email import EmailCase


@tagged("post_install", "-at_install")
class TestFollowupEmailFailures(EmailCase):
    """A message that does not arrive: no level, an alert, and the plan's other channel (R02, T13, T20, T35)."""

    def setUp(self):
        super().setUp()
        self.plan.fallback_channel = "letter"

    def _assert_not_delivered(self, reminder, delivery, reason):
        self.assertEqual((reminder.state, reminder.delivery), ("failed", delivery))
        self.assertIn(reason, reminder.failure_reason)
        self.assertFalse(self.line.followup_level_id, "no level is counted")
        self.assertIn(reason, self._alerts()[-1].note)

    def _assert_letter_proposed(self, reminder):
        fallback = reminder.fallback_ids
        self.assertRecordValues(
            fallback,
            [
                {
                    "channel": "letter",
                    "state": "prepared",
                    "mode": "confirm",
                    "level_id": self.first.id,
                    "amount_due": 1000,
                    "run_id": reminder.run_id.id,
                }
            ],
        )
        self.assertEqual(fallback.line_ids.move_line_id, self.line)
        self.assertIn("Letter", self._alerts()[-1].note)
        self._send(fallback)
        self.assertIn(fallback.state, ("printed", "sent"))

    def test_refused_recipient(self):
        self.sink.refuse("compta@baudry.example", 550, "5.1.1 Unknown user")
        reminder = self._send(self._prepared())
        self.assertFalse(self.sink.received)
        self._assert_not_delivered(reminder, "refused", "Unknown user")
        self.assertEqual(reminder.failure_reason, "compta@baudry.example: 550 5.1.1 Unknown user")
        self._assert_letter_proposed(reminder)

    def test_refused_message(self):
        """The server takes the recipient and refuses the text (spam filter, size…)."""
        self.sink.refuse_data("compta@baudry.example", 554, "5.7.1 Looks like spam")
        reminder = self._send(self._prepared())
        self._assert_not_delivered(reminder, "refused", "Looks like spam")
        self._assert_letter_proposed(reminder)

    def test_refused_sender(self):
        """The settings are wrong, not the customer's address: no letter, and the sender is named."""
        self.sink.refuse_sender()
        reminder = self._send(self._prepared())
        self._assert_not_delivered(reminder, "unreachable", "Sender address rejected")
        self.assertIn(self.env.user.email, reminder.failure_reason)
        self.assertFalse(reminder.fallback_ids)

    def test_no_fallback_channel(self):
        self.plan.fallback_channel = False
        self.sink.refuse("*")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "failed")
        self.assertFalse(reminder.fallback_ids)
        self.assertEqual(len(self._alerts()), 1)

    def test_sender_refused_for_the_moment(self):
        """Too many messages at once (rate limit): tried again later."""
        self.sink.refuse_sender(450, "4.7.0 Too many messages")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "queued")
        self.assertTrue(reminder.retry_at)

    def test_sent_again_instead_of_its_letter(self):
        """The address was corrected: the e-mail goes, the letter that was to replace it does not."""
        self.sink.refuse("compta@baudry.example")
        reminder = self._send(self._prepared())
        letter = reminder.fallback_ids
        self.customer.email = "comptabilite@baudry.example"
        reminder.action_retry()
        self.assertEqual((reminder.state, letter.state), ("prepared", "cancelled"))
        self._send(reminder)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.sink.received[0].recipients, ("comptabilite@baudry.example",))

    def test_not_sent_again_once_the_letter_is_printed(self):
        self.sink.refuse("compta@baudry.example")
        reminder = self._send(self._prepared())
        self._send(reminder.fallback_ids)
        with self.assertRaisesRegex(UserError, "already gone by another channel"):
            reminder.action_retry()

    def test_fallback_without_post_address(self):
        """No letter is proposed to a customer who has no street: the alert alone says it."""
        self.customer.write({"street": False, "city": False})
        self.sink.refuse("*")
        reminder = self._send(self._prepared())
        self.assertFalse(reminder.fallback_ids)
        self.assertEqual(len(self._alerts()), 1)

    def test_temporary_refusal_is_tried_again(self):
        """4xx: the server asks for a later try; neither the address nor the channel is given up."""
        self.sink.refuse("*", 451, "4.7.1 Try again later")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "queued")
        self.assertTrue(reminder.retry_at)
        self.assertFalse(self._alerts())
        self.assertFalse(reminder.fallback_ids)

    def test_dropped_connection(self):
        """Cut while the text goes over: it may have arrived. Never sent again by itself."""
        self.sink.drop_after("compta@baudry.example")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "uncertain")
        self.assertEqual(len(self.sink.received), 1)
        self.assertFalse(self.line.followup_level_id)
        self.assertFalse(reminder.fallback_ids)

    def test_one_of_two_recipients_refused(self):
        """The message reached somebody: the level counts, and the one left out is told."""
        self._contact("Anne", "anne@baudry.example")
        self._contact("Paul", "paul@baudry.example")
        self.sink.refuse("paul@baudry.example", 550, "5.1.1 Paul has left")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.line.followup_level_id, self.first)
        self.assertIn("Paul has left", reminder.email_problem)
        self.assertIn("Paul has left", self._alerts().note)
        self.assertFalse(reminder.fallback_ids)

    def test_copies_alone_are_no_delivery(self):
        """The salesperson got the copy, the customer got nothing."""
        self.customer.user_id = self._user("viewer")
        self.first.cc_salesperson = True
        self.sink.refuse("compta@baudry.example", 550, "5.1.1 Unknown user")
        reminder = self._send(self._prepared())
        self._assert_not_delivered(reminder, "refused", "Unknown user")

    def test_slow_server(self):
        self.sink.delay = 0.5
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "sent")

    def test_one_failure_stops_no_other(self):
        """R12: each of the others is sent."""
        others = [self._customer(f"Client {name}") for name in ("Un", "Deux", "Trois")]
        for other in others:
            self._entry(1000, days_late=10, partner=other)
        self.sink.refuse("compta@deux.example")
        self.sink.refuse_data("compta@baudry.example")
        self._prepared()
        reminders = self._run().reminder_ids.sudo()
        self._send(reminders)
        self.assertEqual(
            {reminder.partner_id.email: reminder.state for reminder in reminders},
            {
                "compta@baudry.example": "failed",
                "compta@un.example": "sent",
                "compta@deux.example": "failed",
                "compta@trois.example": "sent",
            },
        )
        self.assertEqual(len(self.sink.received), 2)

    def test_blacklisted_since_the_preparation(self):
        """T35: an opposition is a failure to be handled, not silence."""
        reminder = self._prepared()
        self.env["mail.blacklist"]._add("compta@baudry.example")
        self._send(reminder)
        self.assertFalse(self.sink.received)
        self._assert_not_delivered(reminder, "blacklisted", "compta@baudry.example is on the blacklist")
        self._assert_letter_proposed(reminder)

    def test_one_of_two_contacts_blacklisted(self):
        self._contact("Anne", "anne@baudry.example")
        self._contact("Paul", "paul@baudry.example")
        reminder = self._prepared()
        self.env["mail.blacklist"]._add("paul@baudry.example")
        self._send(reminder)
        self.assertEqual(self.sink.received[0].recipients, ("anne@baudry.example",))
        self.assertEqual(reminder.state, "sent")
        self.assertIn("paul@baudry.example is on the blacklist", reminder.email_problem)
        self.assertEqual(len(self._alerts()), 1)

    def test_blacklisted_copy_is_not_written_to(self):
        self.customer.user_id = self._user("viewer")
        self.first.cc_salesperson = True
        self.env["mail.blacklist"]._add("viewer@example.com")
        self._send(self._prepared())
        self.assertEqual(self.sink.received[0].recipients, ("compta@baudry.example",))

    def test_malformed_since_the_preparation(self):
        reminder = self._prepared()
        self.customer.email = "compta@baudry"
        self._send(reminder)
        self._assert_not_delivered(reminder, "invalid", "“compta@baudry” is not an e-mail address")
        self._assert_letter_proposed(reminder)

    def test_address_gone_since_the_preparation(self):
        reminder = self._prepared()
        self.customer.email = False
        self._send(reminder)
        self._assert_not_delivered(reminder, "no_address", "No e-mail address is known")
        self._assert_letter_proposed(reminder)

    def test_the_chain_is_tried_again_before_giving_up(self):
        """T13: the follow-up contact lost its address, the customer has one."""
        anne = self._contact("Anne", "anne@baudry.example")
        reminder = self._prepared()
        anne.email = False
        self._send(reminder)
        self.assertEqual(self.sink.received[0].recipients, ("compta@baudry.example",))
        self.assertEqual(reminder.recipient_ids, self.customer)

    def test_no_address_is_listed_before_the_run(self):
        """Nobody can be reached by any channel: left out with its reason, never lost."""
        self.customer.write({"email": False, "street": False, "city": False})
        self.line = self._entry(1000, days_late=10)
        run = self._run(partners=self.customer)
        self.assertFalse(run.reminder_ids)
        self.assertEqual(run.excluded_line_ids.mapped("reason"), ["no_address"])

    def test_no_address_takes_the_fallback_channel(self):
        self.customer.email = False
        reminder = self._prepared()
        self.assertEqual((reminder.channel, reminder.state), ("letter", "prepared"))

    def test_server_out_of_reach_makes_one_alert(self):
        """A whole run that cannot leave for one cause is one alert, and no letters."""
        other = self._customer("Client Deux")
        self._entry(1000, days_late=10, partner=other)
        self._prepared()
        reminders = self._run().reminder_ids.sudo()
        user = self.env.user
        reminders._record_failure("Connection refused", "unreachable")
        reminders._settle()
        self.assertFalse(self._alerts() | other.activity_ids)
        self.assertFalse(reminders.fallback_ids)
        [alert] = self.company.partner_id.activity_ids
        self.assertEqual(alert.summary, "2 reminders not sent")
        self.assertEqual(alert.user_id, reminders[0].user_id or user)
