from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupRecipients(FollowupCommon):
    """Follow-up contacts of the level → invoice contact → the customer (R08, T13, F067, F101)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_data_2 = cls.setup_other_company()
        cls.first, cls.second = cls.levels[1], cls.levels[2]

    def _contact(self, name, email=None, customer=None, **vals):
        return self.env["res.partner"].create(
            {"name": name, "parent_id": (customer or self.customer).id, "email": email, "type": "contact", **vals}
        )

    def _found(self, level=None, customer=None, user=None):
        key = ((customer or self.customer).id, (level or self.first).id, user and user.id)
        return self.env["followup.recipients"]._get([key])[key]

    def _names(self, **kwargs):
        return self.env["res.partner"].browse(self._found(**kwargs).email_ids).mapped("name")

    def test_company_alone(self):
        found = self._found()
        self.assertEqual(found.email_ids, (self.customer.id,))
        self.assertEqual(found.email_to, '"Menuiserie Baudry" <compta@baudry.example>')
        self.assertIsNone(found.problem("email"))

    def test_invoice_contact_before_company(self):
        self._contact("Factures", "factures@baudry.example", type="invoice")
        self.assertEqual(self._names(), ["Factures"])

    def test_follow_up_contacts_before_invoice_contact(self):
        """All the contacts of the level receive it; one of another level does not."""
        self._contact("Factures", "factures@baudry.example", type="invoice")
        self._contact("Anne", "anne@baudry.example", followup_contact=True)
        self._contact(
            "Patron", "patron@baudry.example", followup_contact=True, followup_contact_level_ids=self.second.ids
        )
        self.assertEqual(self._names(level=self.first), ["Anne"])
        self.assertEqual(self._names(level=self.second), ["Anne", "Patron"])
        self.assertEqual(
            self._found(level=self.second).email_to,
            '"Anne" <anne@baudry.example>, "Patron" <patron@baudry.example>',
        )

    def test_who_cannot_be_reached_is_passed_over(self):
        """No address, a malformed and a blacklisted one: the whole chain is tried before giving up."""
        self._contact("Sans adresse", followup_contact=True)
        self._contact("Mal écrite", "compta@baudry", followup_contact=True)
        self._contact("Opposé", "non@baudry.example", followup_contact=True)
        self.env["mail.blacklist"]._add("non@baudry.example")
        self.assertEqual(self._names(), ["Menuiserie Baudry"])
        self.customer.email = False
        self.assertEqual(self._found().problem("email"), "blacklisted")
        self.assertEqual(self._found().email_to, "")
        self.env["mail.blacklist"]._remove("non@baudry.example")
        self.assertEqual(self._names(), ["Opposé"])

    def test_no_address_at_all(self):
        self.customer.write({"email": False, "phone": False})
        found = self._found()
        self.assertEqual(found.problem("email"), "no_address")
        self.assertEqual(found.problem("phone"), "no_address")
        self.assertIsNone(found.problem("letter"))
        self.assertEqual(found.choose("email", "letter"), "letter")
        self.assertEqual(found.choose("email", "phone"), "email", "a fallback that reaches nobody is no fallback")
        self.assertEqual(found.choose("email"), "email")
        self.customer.city = False
        self.assertEqual(self._found().problem("registered"), "no_address")

    def test_archived_contact_receives_nothing(self):
        self._contact("Partie", "partie@baudry.example", followup_contact=True).active = False
        self.assertEqual(self._names(), ["Menuiserie Baudry"])

    def test_archived_customer_is_still_written_to(self):
        self.customer.active = False
        self.assertEqual(self._names(), ["Menuiserie Baudry"])

    def test_child_company_is_another_customer(self):
        """T12: a contact that is a firm of its own has its own account and its own reminders."""
        self._contact("Filiale", "compta@filiale.example", is_company=True, followup_contact=True)
        self.assertEqual(self._names(), ["Menuiserie Baudry"])

    def test_contact_of_another_company_receives_nothing(self):
        """T15: the customer is shared; the contact is only the other company's."""
        self._contact("Anne", "anne@baudry.example", followup_contact=True).company_id = self.company_data_2["company"]
        key = (self.customer.id, self.first.id, False)
        Recipients = self.env["followup.recipients"]
        self.assertEqual(Recipients._get([key], self.company)[key].email_ids, (self.customer.id,))

    def test_name_with_a_line_break(self):
        """It would end the header of the mail."""
        self.customer.name = "Menuiserie\nBcc: autre@example.com"
        self.assertEqual(self._found().email_to, '"Menuiserie Bcc: autre@example.com" <compta@baudry.example>')

    def test_several_addresses_in_one_field(self):
        """Sage users separate them with semicolons; each is written to once."""
        self.customer.email = "compta@baudry.example; gerance@baudry.example;compta@baudry.example"
        self.assertEqual(
            self._found().email_to,
            '"Menuiserie Baudry" <compta@baudry.example>, "Menuiserie Baudry" <gerance@baudry.example>',
        )

    def test_copies(self):
        seller = self._user("viewer", name="Vendeur")
        responsible = self._user("user", name="Responsable")
        self.customer.user_id = seller
        self.first.write({"cc_salesperson": True, "cc_user": True})
        self.assertEqual(
            self._found(user=responsible).email_cc,
            '"Vendeur" <viewer@example.com>, "Responsable" <user@example.com>',
        )
        self.assertEqual(self._found(level=self.second, user=responsible).email_cc, "")

    def test_letter_addressee(self):
        """The contact of the level when the letter finds its way, with the customer's street if need be."""
        anne = self._contact("Anne", followup_contact=True)
        self.assertEqual(self._found().ids("letter"), (anne.id,))
        self.assertIsNone(self._found().problem("letter"))

    def test_constant_number_of_queries(self):
        """R12 of the figures: as many queries for 200 customers as for 10."""
        customers = self.env["res.partner"].create(
            [
                {"name": f"Client {number}", "email": f"c{number}@example.com", "is_company": True}
                for number in range(200)
            ]
        )
        self.env["res.partner"].create(
            [
                {
                    "name": "Relances",
                    "parent_id": customer.id,
                    "email": f"r{customer.id}@example.com",
                    "followup_contact": True,
                    "followup_contact_level_ids": self.first.ids,
                }
                for customer in customers
            ]
        )
        counts = []
        for chosen in (customers[:10], customers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = self.env["followup.recipients"]._get(
                [(customer_id, self.first.id, self.env.uid) for customer_id in chosen.ids]
            )
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(found), len(chosen))
            self.assertTrue(all(recipients.email_to.endswith("@example.com>") for recipients in found.values()))
        self.assertEqual(counts[0], counts[1])

    # On the reminder

    def _reminder(self, **vals):
        return (
            self.env["followup.reminder"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "date": self.TODAY,
                    "level_id": self.first.id,
                    "channel": "email",
                    **vals,
                }
            )
        )

    def test_reminder_finds_its_recipients(self):
        anne = self._contact("Anne", "anne@baudry.example", followup_contact=True)
        paul = self._contact("Paul", "paul@baudry.example", followup_contact=True)
        reminder = self._reminder()
        self.assertEqual(reminder.recipient_ids, anne | paul)
        self.assertEqual(reminder.recipient_id, anne)
        self.assertEqual(reminder.email_to, '"Anne" <anne@baudry.example>, "Paul" <paul@baudry.example>')

    def test_reminder_recipients_follow_the_level_and_the_channel(self):
        patron = self._contact(
            "Patron", "patron@baudry.example", followup_contact=True, followup_contact_level_ids=self.second.ids
        )
        reminder = self._reminder()
        self.assertEqual(reminder.recipient_ids, self.customer)
        reminder.level_id = self.second
        self.assertEqual(reminder.recipient_ids, patron)
        reminder.channel = "letter"
        self.assertFalse(reminder.email_to)

    def test_reminder_recipients_chosen_by_hand(self):
        anne = self._contact("Anne", "anne@baudry.example")
        paul = self._contact("Paul", "paul@baudry.example")
        reminder = self._reminder()
        reminder.recipient_ids = anne | paul
        self.assertIn(reminder.recipient_id, anne | paul)
        self.assertIn("anne@baudry.example", reminder.email_to)
        reminder.recipient_id = paul
        self.assertEqual(reminder.recipient_ids, paul)

    def test_address_follows_the_contact_until_it_leaves(self):
        """What waits goes to the new address; what has left keeps the one that it left for."""
        waiting, sent = self._reminder(), self._reminder()
        sent.state = "sent"
        self.customer.email = "nouvelle@baudry.example"
        self.assertIn("nouvelle@", waiting.email_to)
        self.assertIn("compta@", sent.email_to)

    # Follow-up address of the customer (seed 004): one field, both ways

    def test_follow_up_address_from_the_customer(self):
        self.assertFalse(self.customer.followup_email)
        self.customer.followup_email = "relances@baudry.example"
        contact = self.customer.child_ids
        self.assertRecordValues(contact, [{"email": "relances@baudry.example", "followup_contact": True}])
        self.assertEqual(self._names(), [contact.name])
        contact.email = "autre@baudry.example"
        self.assertEqual(self.customer.followup_email, "autre@baudry.example")

    def test_follow_up_address_from_the_reminder(self):
        """Typed on the screen of the reminder, it is the customer's, and the message follows."""
        self._contact("Anne", "anne@baudry.example", followup_contact=True)
        reminder = self._reminder()
        user = self._user("user")
        reminder.with_user(user).followup_email = "relances@baudry.example"
        self.assertEqual(self.customer.followup_email, "relances@baudry.example")
        self.assertEqual(reminder.email_to, '"Anne" <relances@baudry.example>')

    def test_first_follow_up_address_moves_the_waiting_message(self):
        """The customer had no follow-up contact: the message that waits goes to the new one."""
        reminder = self._reminder()
        reminder.followup_email = "relances@baudry.example"
        self.assertIn("relances@baudry.example", reminder.email_to)

    def test_follow_up_address_of_several_contacts(self):
        anne = self._contact("Anne", "anne@baudry.example", followup_contact=True)
        paul = self._contact("Paul", "paul@baudry.example", followup_contact=True)
        self.assertEqual(self.customer.followup_email, "anne@baudry.example, paul@baudry.example")
        self.customer.followup_email = "anne@baudry.example, marc@baudry.example, lise@baudry.example"
        self.assertEqual(anne.email, "anne@baudry.example")
        self.assertEqual(paul.email, "marc@baudry.example, lise@baudry.example")
        self.customer.followup_email = "lise@baudry.example"
        self.assertFalse(anne.email)
        self.assertEqual(paul.email, "lise@baudry.example")

    def test_follow_up_address_from_the_situation(self):
        self._entry(1000, days_late=10)
        self.env["followup.situation"]._refresh(self.company)
        situation = self.env["followup.situation"].search([("partner_id", "=", self.customer.id)])
        action = situation.action_edit_followup_email()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.customer.id))
        with Form(self.customer.with_user(self._user("user")), view=action["views"][0][0]) as form:
            form.followup_email = "relances@baudry.example"
        self.assertEqual(situation.followup_email, "relances@baudry.example")

    def test_malformed_follow_up_address_is_refused(self):
        with self.assertRaisesRegex(UserError, "compta@baudry"):
            self.customer.followup_email = "compta@baudry"
