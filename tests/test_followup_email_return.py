from odoo.tests import tagged

from .common_smtp import delivery_failure, read_receipt
from .test_followup_email import EmailCase


@tagged("post_install", "-at_install")
class TestFollowupEmailReturn(EmailCase):
    """What Odoo's mail gateway receives about a reminder that had left (R02, F077)."""

    def setUp(self):
        super().setUp()
        self.plan.fallback_channel = "letter"

    def _sent(self):
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "sent")
        [received] = self.sink.received
        return reminder, received

    def _receive(self, message):
        """An incoming message, as the mail gateway hands it over."""
        return self.env["mail.thread"].message_process(None, message)

    def test_bounce_undoes_the_level(self):
        """The level, counted when the message left, is given back; an alert, and a letter to confirm."""
        reminder, received = self._sent()
        self.assertEqual(self.line.followup_level_id, self.first)
        self._receive(delivery_failure(received, "compta@baudry.example"))
        self.assertEqual((reminder.state, reminder.delivery), ("failed", "bounced"))
        self.assertFalse(self.line.followup_level_id)
        self.assertFalse(self.line.followup_date)
        self.assertIn("550 5.1.1 User unknown", reminder.failure_reason)
        self.assertIn("User unknown", self._alerts().note)
        self.assertRecordValues(
            reminder.fallback_ids, [{"channel": "letter", "state": "prepared", "level_id": self.first.id}]
        )

    def test_the_letter_counts_the_level_again(self):
        reminder, received = self._sent()
        self._receive(delivery_failure(received, "compta@baudry.example"))
        letter = self._send(reminder.fallback_ids)
        letter._mark_sent()
        self.assertEqual(self.line.followup_level_id, self.first)

    def test_bounce_twice_counts_once(self):
        reminder, received = self._sent()
        for _time in range(2):
            self._receive(delivery_failure(received, "compta@baudry.example"))
        self.assertEqual(len(reminder.fallback_ids), 1)
        self.assertEqual(len(self._alerts()), 1)

    def test_delay_is_no_bounce(self):
        """“Will be retried for five days”: the message is still on its way."""
        reminder, received = self._sent()
        self._receive(delivery_failure(received, "compta@baudry.example", status="4.4.1", text="connection timed out"))
        self.assertEqual((reminder.state, reminder.delivery), ("sent", False))
        self.assertEqual(self.line.followup_level_id, self.first)

    def test_bounce_of_one_contact_among_two(self):
        """The other one has it: the level stays, the person in charge knows."""
        self._contact("Anne", "anne@baudry.example")
        self._contact("Paul", "paul@baudry.example")
        reminder, received = self._sent()
        self._receive(delivery_failure(received, "paul@baudry.example"))
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.line.followup_level_id, self.first)
        self.assertIn("paul@baudry.example", reminder.email_problem)
        self.assertEqual(len(self._alerts()), 1)
        self._receive(delivery_failure(received, "anne@baudry.example"))
        self.assertEqual((reminder.state, reminder.delivery), ("failed", "bounced"))
        self.assertFalse(self.line.followup_level_id)

    def test_bounce_of_somebody_else_s_message(self):
        reminder, received = self._sent()
        received.message.replace_header("Message-Id", "<autre@lenoir.example>")
        self._receive(delivery_failure(received, "compta@baudry.example"))
        self.assertEqual(reminder.state, "sent")

    def test_bounce_in_prose(self):
        """An old server that sends the message back with a few words."""
        reminder, received = self._sent()
        words = (
            "From: MAILER-DAEMON@vieux.example\r\nTo: retours@lenoir.example\r\nSubject: Undeliverable\r\n"
            "Message-ID: <prose@vieux.example>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            "Content-Type: text/plain\r\n\r\nNo such user.\r\n"
            "--b\r\nContent-Type: message/rfc822\r\n\r\n" + received.message.as_string() + "\r\n--b--\r\n"
        )
        self._receive(words)
        self.assertEqual((reminder.state, reminder.delivery), ("failed", "bounced"))

    def test_absence_sent_to_the_return_path(self):
        """RFC 3834: absences go where failures go; Odoo takes whatever comes there for a bounce."""
        reminder, received = self._sent()
        absence = self._answer(received, "Auto-Submitted: auto-replied\r\n")
        self._receive(absence.replace("reponses@lenoir.example", "retours@lenoir.example"))
        self.assertEqual((reminder.state, reminder.delivery), ("sent", False))
        self.assertEqual(self.line.followup_level_id, self.first)

    def test_complaint_is_no_bounce(self):
        """An abuse report (RFC 5965) is a report too; the message was delivered."""
        reminder, received = self._sent()
        complaint = delivery_failure(received, "compta@baudry.example").replace(b"delivery-status", b"feedback-report")
        self._receive(complaint)
        self.assertEqual(reminder.state, "sent")

    def test_read_receipt(self):
        """Known when the customer says so; Odoo by itself would take the receipt for a bounce."""
        self.company.followup_read_receipt = True
        reminder, received = self._sent()
        self._receive(read_receipt(received, "compta@baudry.example"))
        self.assertEqual((reminder.state, reminder.delivery), ("sent", "opened"))
        self.assertTrue(reminder.opened_at)
        self.assertFalse(self.customer.message_bounce)

    def test_deleted_unread(self):
        self.company.followup_read_receipt = True
        reminder, received = self._sent()
        self._receive(read_receipt(received, "compta@baudry.example", disposition="deleted"))
        self.assertFalse(reminder.delivery)

    def _answer(self, received, headers=""):
        return (
            "From: compta@baudry.example\r\nTo: reponses@lenoir.example\r\nSubject: Re: rappel\r\n"
            f"Message-ID: <reponse@baudry.example>\r\nIn-Reply-To: {received.message['Message-Id']}\r\n{headers}"
            "Content-Type: text/plain\r\n\r\nNous payons vendredi.\r\n"
        )

    def test_answer(self):
        """An answer shows that the message was read, and joins the customer's history."""
        reminder, received = self._sent()
        self._receive(self._answer(received))
        self.assertEqual(reminder.delivery, "opened")
        self.assertIn("Nous payons vendredi", self.customer.message_ids[0].body)

    def test_answer_to_a_message_to_check(self):
        """The connection was cut while it went over: the answer proves that it arrived, the level counts."""
        self.sink.drop_after("compta@baudry.example")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "uncertain")
        self._receive(self._answer(self.sink.received[0]))
        self.assertEqual((reminder.state, reminder.delivery), ("sent", "opened"))
        self.assertEqual(self.line.followup_level_id, self.first)

    def test_bounce_of_a_message_to_check(self):
        """It had left, and did not arrive: no level, a letter."""
        self.sink.drop_after("compta@baudry.example")
        reminder = self._send(self._prepared())
        self._receive(delivery_failure(self.sink.received[0], "compta@baudry.example"))
        self.assertEqual((reminder.state, reminder.delivery), ("failed", "bounced"))
        self.assertFalse(self.line.followup_level_id)
        self.assertEqual(reminder.fallback_ids.channel, "letter")

    def test_absence_is_no_answer(self):
        reminder, received = self._sent()
        self._receive(self._answer(received, "Auto-Submitted: auto-replied\r\n"))
        self.assertFalse(reminder.delivery)
