from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupCall(FollowupCommon):
    """Calls and other actions: planned by the release, their outcome noted in one dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user")
        cls.first = cls.levels[1]
        cls.first.write(
            {"channel": "phone", "call_counts": True, "call_script": "<p>Hello, I am calling about…</p>"}
        )
        cls.customer.write({"phone": "02 40 12 34 56", "followup_user_id": cls.user.id})
        cls.today = cls.company._followup_today()

    def _released(self, *partners, amount=1000):
        """A run whose calls are planned, and its due lines."""
        lines = self.env["account.move.line"]
        for partner in partners or (self.customer,):
            lines |= self._entry(amount, days_late=10, partner=partner, ref=f"FA {partner.name}")
        run = self._run(user=self.user)
        run.reminder_ids._release()
        return run, lines

    def _dialog(self, reminder, user=None):
        action = reminder.with_user(user or self.user).action_call()
        return self.env[action["res_model"]].with_user(user or self.user).browse(action["res_id"])

    def _note(self, reminder, outcome, **vals):
        """Note the outcome in the dialog, as a person does; what the last button returns."""
        field = "other_outcome" if reminder.channel == "other" else "outcome"
        with Form(self._dialog(reminder)) as form:
            form[field] = outcome
            for name, value in vals.items():
                form[name] = value
        return form.save().action_record()

    def test_planned(self):
        """An activity of the person in charge, with the number, the script and the lines; no level yet."""
        run, line = self._released()
        reminder = run.reminder_ids
        self.assertRecordValues(reminder, [{"state": "todo", "to_call": True, "call_number": "02 40 12 34 56"}])
        activity = reminder.call_activity_id
        self.assertRecordValues(
            activity,
            [{"user_id": self.user.id, "res_model": "res.partner", "res_id": self.customer.id}],
        )
        for expected in ("02 40 12 34 56", "I am calling about", "FA Menuiserie Baudry", "1,000.00"):
            self.assertIn(expected, activity.note)
        self.assertFalse(line.followup_level_id)
        self.assertEqual(run.call_count, 1)
        self.assertIn("1,000.00", run.call_label)

    def test_planned_call_holds_the_interval(self):
        self._released()
        self.assertEqual(
            self._run(date=self.TODAY + timedelta(days=1)).excluded_line_ids.reason, "minimum_interval"
        )

    def test_outcomes(self):
        """What each outcome makes of the message and of the level."""
        for counts, outcome, state, level in (
            (True, "reached", "sent", True),
            (True, "message", "sent", False),
            (True, "wrong_number", "failed", False),
            (True, "not_needed", "cancelled", False),
            (False, "reached", "sent", False),
            (False, "message", "sent", False),
        ):
            with self.subTest(counts=counts, outcome=outcome):
                self.first.call_counts = counts
                partner = self._customer(f"Client {counts} {outcome}", phone="01 23 45 67 89")
                run, line = self._released(partner)
                reminder = run.reminder_ids.filtered(lambda reminder, partner=partner: reminder.partner_id == partner)
                self._note(reminder, outcome, comment="Mrs Petit")
                self.assertEqual(reminder.state, state)
                self.assertEqual(line.followup_level_id, self.first if level else self.first.browse())
                self.assertRecordValues(
                    reminder,
                    [
                        {
                            "to_call": False,
                            "call_outcome": outcome,
                            "call_comment": "Mrs Petit",
                            "called_by_id": self.user.id,
                        }
                    ],
                )
                self.assertIn("Mrs Petit", "".join(partner.message_ids.mapped("body")))
                self.assertFalse(partner.activity_ids.filtered(lambda a: a.activity_type_id.category == "phonecall"))

    def test_call_that_does_not_count_is_a_contact(self):
        """T25: a call counts for the interval between two messages even when it is not the level."""
        self.first.call_counts = False
        run, line = self._released()
        self._note(run.reminder_ids, "reached")
        self.assertFalse(line.followup_level_id)
        self.assertEqual(
            self._run(date=self.TODAY + timedelta(days=1)).excluded_line_ids.reason, "minimum_interval"
        )

    def test_wrong_number_is_told(self):
        run, _line = self._released()
        self._note(run.reminder_ids, "wrong_number")
        self.assertEqual(run.reminder_ids.delivery, "wrong_number")
        self.assertIn("02 40 12 34 56", self.customer.activity_ids.note)
        self.assertTrue(self._run(date=self.TODAY + timedelta(days=1)).reminder_ids, "nobody was reached")

    def test_promise(self):
        """One dialog: amount and day; the lines wait for the promise, the level counts."""
        run, line = self._released()
        day = self.today + timedelta(days=6)
        dialog = self._dialog(run.reminder_ids)
        self.assertEqual((dialog.promise_amount, dialog.open_amount), (1000, 1000))
        self._note(run.reminder_ids, "promise", promise_amount=400, promise_date=day, comment="by transfer")
        promise = self.env["followup.promise"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            promise, [{"amount": 400, "date": day, "user_id": self.user.id, "note": "by transfer", "state": "to_come"}]
        )
        self.assertEqual(line.followup_promised_amount, 400)
        self.assertEqual(line.followup_level_id, self.first)
        self.assertIn("400.00", "".join(self.customer.message_ids.mapped("body")))

    def test_promise_refused(self):
        run, _line = self._released()
        dialog = self._dialog(run.reminder_ids)
        dialog.outcome = "promise"
        day = self.today + timedelta(days=6)
        for vals, message in (
            ({"promise_amount": 400, "promise_date": False}, "by which day"),
            ({"promise_amount": 0, "promise_date": day}, "how much"),
            ({"promise_amount": 1200, "promise_date": day}, "owes only"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, message):
                dialog.write(vals)
                dialog.action_record()
        self.assertEqual(run.reminder_ids.state, "todo")

    def test_promise_in_another_currency(self):
        """A customer who owes dollars promises dollars."""
        other = self.setup_other_currency("EUR")
        partner = self._customer("Boston Boats", phone="+1 617 555 0100")
        self._entry(900, days_late=10, partner=partner, currency_id=other.id, amount_currency=1800)
        run = self._run(user=self.user)
        run.reminder_ids._release()
        dialog = self._dialog(run.reminder_ids)
        self.assertEqual((dialog.promise_currency_id, dialog.promise_amount), (other, 1800))

    def test_dispute(self):
        run, lines = self._released()
        line = self._entry(300, days_late=12, ref="FA002")
        reason = self.env["followup.dispute.reason"].search([], limit=1)
        with Form(self._dialog(run.reminder_ids)) as form:
            form.outcome = "dispute"
            form.dispute_reason_id = reason
            form.dispute_line_ids.add(lines)
            form.comment = "two boards broken"
        form.save().action_record()
        dispute = self.env["followup.dispute"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            dispute, [{"reason_id": reason.id, "state": "open", "user_id": self.user.id, "note": "two boards broken"}]
        )
        self.assertTrue(lines.followup_disputed)
        self.assertFalse(line.followup_disputed, "the rest of the account is still chased")
        self.assertEqual(lines.followup_level_id, self.first)

    def test_call_back(self):
        """The call stays to be made, on another day; its activity follows."""
        run, line = self._released()
        reminder, day = run.reminder_ids, self.today + timedelta(days=2)
        self._note(reminder, "again", call_back_on=day, comment="away until Tuesday")
        self.assertRecordValues(reminder, [{"state": "todo", "to_call": True, "call_on": day}])
        self.assertEqual(reminder.call_activity_id.date_deadline, day)
        self.assertEqual(self._dialog(reminder).previous_comment, "away until Tuesday")
        self._note(reminder, "reached")
        self.assertEqual((reminder.state, line.followup_level_id), ("sent", self.first))

    def test_call_back_in_the_past(self):
        run, _line = self._released()
        dialog = self._dialog(run.reminder_ids)
        dialog.write({"outcome": "again", "call_back_on": self.today - timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "today or a later day"):
            dialog.action_record()

    def test_next_customer(self):
        """Recording a call brings the next customer, the largest debt first; calls left for later are not lost."""
        partners = [self._customer(f"Client {n}", phone="01 23 45 67 89") for n in range(3)]
        for n, partner in enumerate(partners):
            self._entry(1000 * (n + 1), days_late=10, partner=partner)
        run = self._run(user=self.user)
        run.reminder_ids._release()
        by_partner = run.reminder_ids.grouped("partner_id")
        first, second, third = (by_partner[partner] for partner in partners)
        dialog = self._dialog(third)
        self.assertEqual(dialog.waiting_count, 2)
        dialog.outcome = "reached"
        dialog = self._open(dialog.action_record_next())
        self.assertEqual(dialog.reminder_id, second)
        dialog = self._open(dialog.action_skip())
        self.assertEqual(dialog.reminder_id, first)
        self.assertFalse(dialog.waiting_count, "the second was left for later")
        dialog.outcome = "message"
        self.assertEqual(dialog.action_record_next()["tag"], "display_notification")
        self.assertTrue(second.to_call)

    def _open(self, action):
        return self.env[action["res_model"]].with_user(self.user).browse(action["res_id"])

    def test_next_is_mine_and_due(self):
        """Neither a colleague's calls nor those of another day."""
        colleague = self._user("manager")
        partners = [self._customer(f"Client {n}", phone="01 23 45 67 89") for n in range(3)]
        run, _lines = self._released(*partners)
        mine, theirs, later = run.reminder_ids.sudo()
        mine.user_id = self.user
        theirs.user_id = colleague
        later.write({"user_id": self.user.id, "call_on": self.today + timedelta(days=3)})
        self.assertFalse(self._dialog(mine).waiting_count)

    def test_no_number(self):
        """Listed before the run when no number is known; told apart when it went meanwhile."""
        self.customer.phone = False
        self._entry(1000, days_late=10)
        self.assertEqual(self._run().excluded_line_ids.reason, "no_address")
        self.customer.phone = "02 40 12 34 56"
        run = self._run(user=self.user)
        self.customer.phone = False
        run.reminder_ids._release()
        self.assertRecordValues(run.reminder_ids, [{"state": "failed", "delivery": "no_address", "to_call": False}])
        self.assertEqual(len(self.customer.activity_ids), 1)

    def test_call_besides_the_mail(self):
        """“And a call”: the e-mail made the level count; the call is noted without counting again."""
        self.first.write({"channel": "letter", "call": True})
        run, line = self._released()
        reminder = run.reminder_ids.sudo()
        self.assertFalse(reminder.to_call, "not before the letter is posted")
        reminder._mark_posted(self.today)
        self.assertTrue(reminder.to_call)
        self.assertIn("I am calling about", reminder.call_activity_id.note)
        self._note(reminder, "reached")
        self.assertRecordValues(reminder, [{"state": "sent", "to_call": False, "call_outcome": "reached"}])
        self.assertEqual(line.followup_count, 1)

    def test_other(self):
        """Another action, such as a visit: done, it counts as its level."""
        self.first.channel = "other"
        run, line = self._released()
        self.assertEqual(run.reminder_ids.call_activity_id.activity_type_id.category, "default")
        self._note(run.reminder_ids, "done")
        self.assertEqual((run.reminder_ids.state, line.followup_level_id), ("sent", self.first))

    def test_paid_meanwhile(self):
        """The caller sees today's debt, not that of the day of the run."""
        run, line = self._released()
        (line + self._entry(-1000, days_late=1, ref="VIR")).reconcile()
        dialog = self._dialog(run.reminder_ids)
        self.assertFalse(dialog.open_amount)
        self.assertIn("has been paid since", dialog.note)
        self._note(run.reminder_ids, "not_needed")
        self.assertRecordValues(run.reminder_ids, [{"state": "cancelled", "to_call": False}])

    def test_noted_once(self):
        """Two colleagues at the same call: the second is told that it was made."""
        run, line = self._released()
        dialogs = [self._dialog(run.reminder_ids) for _colleague in range(2)]
        for dialog in dialogs:
            dialog.outcome = "reached"
        dialogs[0].action_record()
        with self.assertRaisesRegex(UserError, "already been noted"):
            dialogs[1].action_record()
        self.assertEqual(line.followup_count, 1)

    def test_who_may(self):
        run, _line = self._released()
        with self.assertRaises(AccessError):
            self._dialog(run.reminder_ids, self._user("viewer"))
