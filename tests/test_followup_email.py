from datetime import timedelta

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
