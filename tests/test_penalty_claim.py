from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_penalties import PenaltyCommon


@tagged("post_install", "-at_install")
class TestPenaltyClaims(PenaltyCommon):
    """Penalties are claims, followed until they are paid or waived; nothing is booked."""

    def _claimed(self, **kwargs):
        """Claims of a formal notice that left, by kind, and that notice."""
        line = self._late(**kwargs)
        reminder = self._prepared()
        self._leave(reminder)
        return self._claims(line), reminder

    def _claims(self, line):
        return self.Claim.search([("move_line_id", "=", line.id)], order="kind desc")

    def _dialog(self, claims, action, **values):
        """The dialog of these claims, for the person in charge, filled and applied."""
        found = getattr(claims.with_user(self.user), action)()
        form = Form(self.env[found["res_model"]].with_user(self.user).with_context(**found["context"]))
        for name, value in values.items():
            setattr(form, name, value)
        form.save().action_apply()

    def test_made_when_the_notice_leaves(self):
        moves = self.env["account.move"].search_count([])
        line = self._late()
        reminder = self._prepared()
        reminder.action_accept()
        reminder._release()
        self.assertFalse(self._claims(line), "printed is not posted")
        reminder._mark_posted(self.company._followup_today())
        self.assertRecordValues(
            self._claims(line),
            [
                {"kind": "interest", "amount": 716.85, "rest": 716.85, "state": "claimed", "reminder_id": reminder.id},
                {"kind": "indemnity", "amount": 40, "rest": 40, "state": "claimed", "reminder_id": reminder.id},
            ],
        )
        self.assertEqual(self.env["account.move"].search_count([]), moves + 1)  # the invoice alone

    def test_shown_is_not_claimed(self):
        line = self._late(level=self.levels[2])
        self._leave(self._prepared())
        self.assertFalse(self._claims(line))

    def test_claimed_again(self):
        """A later notice counts up to its own day: the same claims, with the new amounts."""
        claims, first = self._claimed()
        first.line_ids.move_line_id.followup_forced_level_id = self.notice
        second = self._prepared(date(2026, 4, 10))
        self.assertEqual(second.interest_amount, 838.35)
        self._leave(second)
        self.assertRecordValues(
            self._claims(first.line_ids.move_line_id),
            [
                {"id": claims[0].id, "amount": 838.35, "reminder_id": second.id, "last_date": date(2026, 4, 10)},
                {"id": claims[1].id, "amount": 40, "reminder_id": second.id, "last_date": date(2026, 4, 10)},
            ],
        )
        self.assertEqual(claims[0].first_date, self.DAY)
        second._mark_not_posted("Lost")
        self.assertRecordValues(
            claims,
            [{"amount": 716.85, "reminder_id": first.id}, {"amount": 40, "reminder_id": first.id}],
        )

    def test_undone_with_the_message(self):
        """A letter not posted after all claims nothing."""
        claims, reminder = self._claimed()
        reminder._mark_not_posted("Wrong address")
        self.assertFalse(claims.exists())

    def test_paid_stays_when_undone(self):
        """What was paid is history, whatever becomes of the letter."""
        claims, reminder = self._claimed()
        self._dialog(claims[1], "action_pay")
        reminder._mark_not_posted("Wrong address")
        self.assertEqual(claims.exists(), claims[1])

    def test_payments(self):
        """In part, then whole; the next message deducts what was paid."""
        claims, reminder = self._claimed()
        interest = claims[0]
        self._dialog(interest, "action_pay", amount=700, day=date(2026, 4, 1))
        self.assertRecordValues(interest, [{"state": "part", "paid_amount": 700, "rest": 16.85}])
        with self.assertRaises(UserError):
            self._dialog(interest, "action_pay", amount=20)
        reminder.line_ids.move_line_id.followup_forced_level_id = self.notice
        later = self._prepared(date(2026, 4, 10))
        self.assertEqual((later.interest_amount, later.indemnity_amount), (138.35, 40))
        self.assertEqual(later.line_ids.penalty_detail["paid"], 700)
        self._leave(later)
        self.assertRecordValues(interest, [{"amount": 838.35, "rest": 138.35, "state": "part"}])
        self._dialog(claims, "action_pay")
        self.assertEqual(claims.mapped("state"), ["paid", "paid"])
        self.assertIn("paid on", interest.message_ids[:1].body)

    def test_paid_in_the_future_is_refused(self):
        claims, _reminder = self._claimed()
        with self.assertRaises(UserError):
            self._dialog(claims, "action_pay", day=date(2999, 1, 1))

    def test_waived(self):
        """With a reason; the next message claims it no more; it can be claimed again."""
        claims, reminder = self._claimed()
        with self.assertRaises(UserError):
            claims.with_user(self.user)._open_dialog("waiver", "x") and self.env["followup.penalty.wizard"].with_user(
                self.user
            ).create({"kind": "waiver", "claim_ids": claims.ids}).action_apply()
        self._dialog(claims, "action_waive", reason="Goodwill")
        self.assertRecordValues(
            claims,
            [
                {"state": "waived", "rest": 0, "waiver_reason": "Goodwill", "waived_by_id": self.user.id},
                {"state": "waived", "rest": 0, "waiver_reason": "Goodwill", "waived_by_id": self.user.id},
            ],
        )
        reminder.line_ids.move_line_id.followup_forced_level_id = self.notice
        later = self._prepared(date(2026, 4, 10))
        self.assertEqual((later.interest_amount, later.indemnity_amount), (0, 0))
        claims.with_user(self.user).action_reopen()
        self.assertEqual(claims.mapped("state"), ["claimed", "claimed"])

    def test_public_buyers_cannot_be_let_off(self):
        self.customer.followup_debtor_regime = "public"
        claims, _reminder = self._claimed()
        with self.assertRaises(UserError):
            self._dialog(claims, "action_waive", reason="Town hall")

    def test_access(self):
        """Who reads decides nothing; nobody writes a claim by hand; no company sees another's."""
        claims, _reminder = self._claimed()
        viewer = self._user("viewer")
        self.assertTrue(self.Claim.with_user(viewer).search([]))
        for refused in (
            claims.with_user(viewer).action_pay,
            claims.with_user(viewer).action_waive,
            claims.with_user(viewer).action_reopen,
            lambda: claims.with_user(self.user).write({"amount": 1}),
            lambda: claims.with_user(self.user).unlink(),
            lambda: self.Claim.with_user(self._user("")).search([]),
        ):
            with self.assertRaises(AccessError):
                refused()
        other = self.env["res.company"].create({"name": "Other"})
        self.user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.Claim.with_user(self.user).search([]))

    def test_views(self):
        """The screens open for the person in charge."""
        claims, reminder = self._claimed()
        Form(claims[0].with_user(self.user))
        Form(reminder.with_user(self.user))
        with Form(self.plan) as plan:
            plan.penalty_mode = "show"
        with Form(self.customer.with_user(self.user).with_company(self.company)) as partner:
            partner.followup_debtor_regime = "public"
        self.assertEqual(claims[0].with_user(self.user).action_open_reminder()["res_id"], reminder.id)
