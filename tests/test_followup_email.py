from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FollowupCommon
from .common_smtp import SmtpMixin

MAIL_LOGGERS = ("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")


class EmailCase(SmtpMixin, FollowupCommon):
    """A customer who owes an invoice, and a mail server that tells what it got."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = cls.levels[1], cls.levels[2]
        cls.levels.attach_letter = False
        cls.company.write({"name": "Fournitures Lenoir", "email": "compta@lenoir.example"})
        cls.company.alias_domain_id = cls.env["mail.alias.domain"].create(
            {"name": "lenoir.example", "bounce_alias": "retours", "catchall_alias": "reponses"}
        )

    def setUp(self):
        super().setUp()
        # The server takes senders of these domains: Odoo keeps their addresses as they are.
        self.mail_server.from_filter = "lenoir.example,example.com"

    def _contact(self, name, email=None, customer=None, **vals):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": (customer or self.customer).id,
                "email": email,
                "type": "contact",
                "followup_contact": True,
                **vals,
            }
        )

    def _prepared(self, **vals):
        """The reminder of a run on a customer who owes 1,000 since ten days."""
        self.line = self._entry(1000, days_late=10, **vals)
        return self._run(partners=self.customer).reminder_ids.sudo()

    def _send(self, reminder):
        with mute_logger(*MAIL_LOGGERS):
            reminder._release()
        return reminder

    def _alerts(self, partner=None):
        return (partner or self.customer).activity_ids.sorted("id")


@tagged("post_install", "-at_install")
class TestFollowupEmail(EmailCase):
    """One mail a customer, from the right sender, with what goes with it (R01, R08, R14, F063, F067)."""

    def test_one_mail_for_all_contacts(self):
        """F067: exactly one message, to all the follow-up contacts, which they can answer."""
        self._contact("Anne", "anne@baudry.example")
        self._contact("Paul", "paul@baudry.example")
        reminder = self._send(self._prepared())
        self.assertEqual(reminder.state, "sent")
        [received] = self.sink.received
        self.assertEqual(received.recipients, ("anne@baudry.example", "paul@baudry.example"))
        self.assertEqual(received.message["To"], "Anne <anne@baudry.example>, Paul <paul@baudry.example>")
        self.assertEqual(received.message["Message-Id"], reminder._get_message_id())
        self.assertEqual(received.sender, "retours@lenoir.example", "failures come back to Odoo")
        self.assertEqual(self.line.followup_level_id, self.first)

    def test_sender(self):
        """The person in charge signs and receives the answers, or the company does, by its setting."""
        anne = self._user("user", name="Anne Martin")
        self.customer.with_company(self.company).followup_user_id = anne
        self._send(self._prepared())
        self.assertEqual(self.sink.received[-1].message["From"], "Anne Martin <user@example.com>")
        self.assertEqual(self.sink.received[-1].message["Reply-To"], "Anne Martin <user@example.com>")
        self.company.write({"followup_sender": "company", "followup_reply_to": "relances@lenoir.example"})
        self.line.write({"followup_level_id": False, "followup_date": False})
        reminder = self._run(date=self.TODAY + timedelta(days=8)).reminder_ids
        self._send(reminder)
        self.assertEqual(self.sink.received[-1].message["From"], "Fournitures Lenoir <compta@lenoir.example>")
        self.assertEqual(self.sink.received[-1].message["Reply-To"], "relances@lenoir.example")

    def test_sender_of_the_text(self):
        """What the text of a level says of its sender goes first."""
        self.first.template_id.email_from = "Contentieux <contentieux@lenoir.example>"
        self._send(self._prepared())
        self.assertEqual(self.sink.received[-1].message["From"], "Contentieux <contentieux@lenoir.example>")

    def test_copies(self):
        seller = self._user("viewer", name="Vendeur")
        self.customer.user_id = seller
        self.first.cc_salesperson = True
        self._send(self._prepared())
        [received] = self.sink.received
        self.assertEqual(received.message["Cc"], "Vendeur <viewer@example.com>")
        self.assertEqual(received.recipients, ("compta@baudry.example", "viewer@example.com"))

    def test_several_addresses_of_one_customer(self):
        self.customer.email = "compta@baudry.example; gerance@baudry.example"
        self._send(self._prepared())
        self.assertEqual(self.sink.received[0].recipients, ("compta@baudry.example", "gerance@baudry.example"))

    def test_readable_without_html_and_on_a_phone(self):
        """The plain text says all that the page says; the page has the width of the screen that shows it."""
        self._prepared(ref="FA2026-041")
        self._entry(250.5, days_late=10, ref="FA2026-042")
        reminder = self._send(self._run(partners=self.customer).reminder_ids)
        [received] = self.sink.received
        text = received.text().replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("- FA2026-041 – of 10/11/2026", text)
        self.assertIn("  Due date: 11/10/2026 – 10 days late", text)
        self.assertIn("  Balance due: $ 1,000.00", text)
        self.assertIn("Total due: $ 1,250.50", text)
        self.assertNotIn("<", text)
        page = received.text("html")
        self.assertIn('<meta name="viewport" content="width=device-width', page)
        self.assertIn('<html lang="en">', page)
        self.assertNotIn("<img", page, "no remote image: nobody is traced")
        parts = [part.get_content_type() for part in received.message.walk()]
        self.assertEqual(parts, ["multipart/alternative", "text/plain", "text/html"])
        self.assertEqual(reminder.state, "sent")

    def test_language_of_the_recipient(self):
        """R14: the contact's language, not that of the customer nor of who sends."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self._contact("Anne", "anne@baudry.example", lang="fr_FR")
        template = self.first.template_id
        template.with_context(lang="fr_FR").subject = "Rappel de règlement"
        self._send(self._prepared())
        [received] = self.sink.received
        self.assertEqual(received.message["Subject"], "Rappel de règlement")
        self.assertIn('<html lang="fr">', received.text("html"))

    def test_in_the_history_once_it_has_left(self):
        """The message stands in the customer's history when it left, and nothing does when it did not."""
        reminder = self._prepared()
        self.sink.refuse("*", 550)
        self._send(reminder)
        self.assertEqual(reminder.state, "failed")
        self.assertNotIn(reminder.subject, self.customer.message_ids.mapped("subject"))
        self.sink.forget_rules()
        reminder.action_retry()
        self._send(reminder)
        self.assertEqual(reminder.state, "sent")
        message = self.customer.message_ids.filtered(lambda message: message.subject == reminder.subject)
        self.assertEqual(len(message), 1)
        self.assertEqual(message.message_type, "email_outgoing")

    def test_statement_shows_all_that_is_open(self):
        """Debts and credits, due or not, by currency: not only what is chased."""
        self._prepared(ref="FA-DUE")
        self._entry(300, days_late=-20, ref="FA-LATER")
        self._entry(-100, ref="AV-1")
        reminder = self._run(partners=self.customer).reminder_ids
        [(currency, lines, total)] = reminder._statement_by_currency()
        self.assertEqual(currency, self.company.currency_id)
        self.assertEqual(lines.mapped("followup_document"), ["FA-DUE", "AV-1", "FA-LATER"])
        self.assertEqual(total, 1200)

    def test_read_receipt_only_when_asked_for(self):
        self._send(self._prepared())
        self.assertNotIn("Disposition-Notification-To", self.sink.received[0].message)
        self.company.followup_read_receipt = True
        self.line.write({"followup_level_id": False, "followup_date": False})
        self._send(self._run(date=self.TODAY + timedelta(days=8)).reminder_ids)
        self.assertEqual(self.sink.received[1].message["Disposition-Notification-To"], "reponses@lenoir.example")


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
