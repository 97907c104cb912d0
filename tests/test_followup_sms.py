from datetime import datetime
from unittest.mock import patch

import pytz

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sms.tests.common import MockSMS

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupSms(FollowupCommon, MockSMS):
    """Reminders by SMS: Odoo's own machinery, up to the provider's door (its hook `mockSMSGateway` stands there)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user")
        cls.company.followup_sms = True
        cls.account = cls.env["iap.account"].get("sms")
        cls.first = cls.levels[1]
        cls.first.write({"channel": "sms", "sms_text": "{company}: {amount} overdue for {days} days. {phone}"})
        cls.company.write({"phone": "02 40 00 00 00", "country_id": cls.env.ref("base.fr").id})
        cls.customer.phone = "06 12 34 56 78"
        # A Friday morning: SMS leave at decent hours only.
        now = pytz.timezone("Europe/Paris").localize(datetime(2026, 11, 20, 10, 0))
        clock = patch.object(type(cls.company), "_followup_now", lambda company: now)
        cls.startClassPatcher(clock)

    def _prepared(self, *partners):
        lines = self.env["account.move.line"]
        for partner in partners or (self.customer,):
            lines |= self._entry(1000, days_late=10, partner=partner, ref=f"FA {partner.name}")
        return self._run(user=self.user), lines

    def _released(self, *partners, **gateway):
        run, lines = self._prepared(*partners)
        reminders = run.reminder_ids.filtered(lambda reminder: reminder.partner_id in lines.partner_id)
        with self.mockSMSGateway(**gateway):
            reminders._release()
        return reminders, lines

    def _report(self, reminder, status):
        """What the provider says later of this SMS."""
        tracker = self.env["sms.tracker"].sudo().search([("sms_uuid", "=", reminder.sudo().sms_uuid)])
        state = self.env["sms.sms"].IAP_TO_SMS_STATE_SUCCESS.get(status)
        if state:
            tracker._action_update_from_sms_state(state)
        else:
            tracker._action_update_from_provider_error(status)

    def test_sent(self):
        reminder, line = self._released()
        self.assertEqual([(sms["number"]) for sms in self._sms], ["+33612345678"])
        text = self._sms[0]["body"]
        self.assertIn(f"{self.company.name}: $ 1,000.00 overdue for 10 days. 02 40 00 00 00", text)
        self.assertRecordValues(reminder, [{"state": "sent", "failure_reason": False}])
        self.assertEqual((line.followup_level_id, line.followup_count), (self.first, 1))
        message = self.customer.message_ids.filtered(lambda message: message.message_type == "sms")
        self.assertEqual(len(message), 1)
        self.assertEqual(message.notification_ids.notification_status, "pending")

    def test_one_call_for_a_chunk(self):
        partners = [self._customer(f"Client {n}", phone=f"06 12 34 56 7{n}") for n in range(4)]
        reminders, _lines = self._released(*partners)
        self.assertEqual(self._sms_api_contact_iap_mock.call_count, 1)
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
        self.assertEqual(len(self._sms), 4)

    def test_failures(self):
        """What the provider refuses: no level, an alert, and what is known of it."""
        for error, delivery in (
            ("wrong_number_format", "no_address"),
            ("credit", "unreachable"),
            ("server_error", "unreachable"),
            ("jsonrpc_exception", "unreachable"),
        ):
            with self.subTest(error=error):
                partner = self._customer(f"Client {error}", phone="06 12 34 56 78")
                reminder, line = self._released(partner, sim_error=error)
                self.assertRecordValues(reminder, [{"state": "failed", "delivery": delivery}])
                self.assertTrue(reminder.failure_reason)
                self.assertFalse(line.followup_level_id)
                self.assertEqual(len(partner.activity_ids), 1)

    def test_one_failure_stops_no_other(self):
        """R12: of two customers, the provider refuses one."""
        other = self._customer("Garage Perrin", phone="06 99 99 99 99")
        reminders, _lines = self._released(
            self.customer, other, nbr_t_error={"+33699999999": "wrong_number_format"}
        )
        states = {reminder.partner_id: reminder.state for reminder in reminders}
        self.assertEqual(states, {self.customer: "sent", other: "failed"})

    def test_delivered(self):
        reminder, line = self._released()
        self._report(reminder, "delivered")
        self.assertRecordValues(reminder, [{"state": "sent", "delivery": "delivered"}])
        self.assertEqual(line.followup_count, 1)

    def test_not_delivered_after_all(self):
        """The provider took it, the phone never got it: the level is put back, somebody is told."""
        reminder, line = self._released()
        self.assertEqual(line.followup_level_id, self.first)
        self._report(reminder, "invalid_destination")
        self.assertRecordValues(reminder, [{"state": "failed", "delivery": "not_delivered"}])
        self.assertFalse(line.followup_level_id)
        self.assertEqual(line.followup_count, 0)
        self.assertEqual(len(self.customer.activity_ids), 1)

    def test_sent_by_the_queue(self):
        """This server stopped before it called the provider: Odoo's queue sends the SMS, and the reminder follows."""
        run, line = self._prepared()
        reminder = run.reminder_ids.sudo()
        sms = self.env["sms.sms"]
        with self.mockSMSGateway():
            reminder._ensure_texts()
            reminder.sms_uuid = reminder._create_sms().uuid
            reminder._record_uncertain()
            self.assertFalse(self._sms)
            sms.sudo().search([("uuid", "=", reminder.sms_uuid)]).send()
        self.assertEqual(len(self._sms), 1)
        self.assertEqual((reminder.state, line.followup_level_id), ("sent", self.first))

    def test_put_back(self):
        """A failed SMS that is sent again is another one: the first can no longer leave."""
        reminder, line = self._released(sim_error="server_error")
        first = self.env["sms.sms"].sudo().search([("uuid", "=", reminder.sudo().sms_uuid)])
        reminder.with_user(self.user).action_retry()
        self.assertEqual((reminder.state, first.state), ("prepared", "canceled"))
        with self.mockSMSGateway():
            reminder._release()
        self.assertEqual((reminder.state, len(self._sms), line.followup_count), ("sent", 1, 1))

    def test_off_until_set(self):
        """Off by default; without a provider, or switched off, nobody gets an SMS, and the run says why."""
        self.assertFalse(self.env["res.company"].create({"name": "New"}).followup_sms)
        for name, switch in (
            ("off", lambda: self.company.write({"followup_sms": False})),
            ("banned", lambda: self.account.write({"state": "banned"})),
        ):
            with self.subTest(name=name):
                self.company.followup_sms = True
                self.account.state = False
                partner = self._customer(f"Client {name}", phone="06 12 34 56 78")
                run, line = self._prepared(partner)
                reminder = run.reminder_ids.filtered(lambda reminder, partner=partner: reminder.partner_id == partner)
                switch()
                with self.mockSMSGateway():
                    reminder._release()
                self.assertFalse(self._sms)
                self.assertRecordValues(reminder, [{"state": "failed", "delivery": "unreachable"}])
                self.assertFalse(line.followup_level_id)
                again = self._run(partners=partner)
                self.assertFalse(again.reminder_ids)
                self.assertEqual(again.excluded_line_ids.reason, "no_address")

    def test_numbers(self):
        """Missing or malformed: listed before the run; spoilt since, told apart at its release."""
        line = self._entry(1000, days_late=10)
        for phone in (False, "secretariat", "36 31"):
            with self.subTest(phone=phone):
                self.customer.phone = phone
                self.assertEqual(self._run().excluded_line_ids.reason, "no_address")
        for phone in (False, "secretariat"):
            with self.subTest(phone=phone, when="release"):
                self.customer.phone = "06 12 34 56 78"
                run = self._run(user=self.user)
                self.customer.phone = phone
                with self.mockSMSGateway():
                    run.reminder_ids._release()
                self.assertFalse(self._sms)
                self.assertRecordValues(run.reminder_ids, [{"state": "failed", "delivery": "no_address"}])
                run.reminder_ids.sudo().state = "cancelled"
        self.assertFalse(line.followup_level_id)

    def test_blacklist(self):
        """T35: who does not want SMS gets none, and that is said."""
        self.env["phone.blacklist"].create({"number": "+33612345678"})
        reminder, line = self._released()
        self.assertFalse(self._sms)
        self.assertRecordValues(reminder, [{"state": "failed", "delivery": "blacklisted"}])
        self.assertFalse(line.followup_level_id)

    def test_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.first.with_context(lang="fr_FR").sms_text = "{customer} : {amount} échus"
        self._released()
        text = self._sms[0]["body"]
        self.assertIn("Menuiserie Baudry : $ 1 000,00 échus", text)

    def test_text(self):
        """The preview shows the very text; a typed one leaves as typed; without a text, a plain sentence."""
        run, _line = self._prepared()
        reminder = run.reminder_ids.with_user(self.user)
        self.assertIn("overdue for 10 days", reminder.body)
        self.assertFalse(reminder.text_problem)
        reminder.body = "<p>Call us, please.</p>"
        with self.mockSMSGateway():
            reminder._release()
        self.assertEqual(self._sms[0]["body"], "Call us, please.")
        self.first.sms_text = False
        self._released(self._customer("Garage Perrin", phone="06 99 99 99 99"))
        self.assertIn("1,000.00 overdue on your account", self._sms[0]["body"])

    def test_unknown_placeholder(self):
        with self.assertRaisesRegex(ValidationError, "cannot name {salary}"):
            self.first.sms_text = "You owe {amount} of your {salary}"

    def test_companion(self):
        """R15: an SMS announces the letter of the same level; the level counts once, with the letter."""
        self.first.write({"channel": "letter", "also_sms": True})
        reminders, line = self._released()
        sms = reminders.filtered(lambda reminder: reminder.channel == "sms")
        self.assertEqual(len(self._sms), 1)
        self.assertEqual(sms.state, "sent")
        self.assertFalse(line.followup_level_id, "the letter is not posted yet")
        (reminders - sms).sudo()._mark_posted(self.company._followup_today())
        self.assertEqual((line.followup_level_id, line.followup_count), (self.first, 1))

    def test_no_companion_while_off(self):
        self.first.write({"channel": "letter", "also_sms": True})
        self.company.followup_sms = False
        run, _line = self._prepared()
        self.assertEqual(run.reminder_ids.mapped("channel"), ["letter"])

    def test_contact_of_the_level(self):
        """The follow-up contact gets the SMS on its own number."""
        contact = self.env["res.partner"].create(
            {
                "name": "Anne Petit",
                "parent_id": self.customer.id,
                "phone": "07 61 22 33 44",
                "followup_contact": True,
                "followup_contact_level_ids": [Command.set(self.first.ids)],
            }
        )
        reminder, _line = self._released()
        self.assertEqual(reminder.recipient_id, contact)
        self.assertEqual(self._sms[0]["number"], "+33761223344")

    def test_outcome_of_no_call(self):
        """An SMS is no call to make."""
        reminder, _line = self._released()
        with self.assertRaises(UserError):
            reminder.with_user(self.user).action_call()
