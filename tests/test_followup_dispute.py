from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupDispute(FollowupCommon):
    """What is disputed is not chased; the rest of the account is (F082, F083, trap 27)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.followup_dispute_grace = 5
        cls.old = cls._entry(1000, days_late=40, ref="FA001")
        cls.recent = cls._entry(500, days_late=20, ref="FA002")
        cls.Dispute = cls.env["followup.dispute"]
        cls.reason = cls.env.ref("account_receivable_followup.followup_dispute_reason_price")

    def _dispute(self, lines=None, **vals):
        return self.Dispute._make(self.customer, self.company, self.reason, lines, **vals)

    def _decision(self, line, on=None):
        return self.env["followup.facts"]._decide_lines(self.company, on or self.TODAY, self.customer.ids)[line.id]

    def _reason(self, line, on=None):
        reason = self._decision(line, on).reason
        return str(reason) if reason else None

    def test_disputed_line_is_left_out_and_listed_apart(self):
        self._dispute(self.old)
        self.assertTrue(self.old.followup_disputed)
        self.assertEqual((self._reason(self.old), self._reason(self.recent)), ("disputed", None))
        run = self._run()
        self.assertIn((self.old, "disputed"), [(line.move_line_id, line.reason) for line in run.excluded_line_ids])
        listed = run.reminder_ids.line_ids.filtered(lambda line: not line.reason)
        self.assertEqual(listed.move_line_id, self.recent)

    def test_a_part_is_disputed(self):
        dispute = self._dispute(line_ids=[Command.create({"move_line_id": self.old.id, "amount": 300})])
        self.assertEqual((self.old.followup_disputed_amount, dispute.amount), (300, 300))
        self.assertFalse(self._reason(self.old))
        self.assertEqual(self._decision(self.old).claimed, 700)
        dispute.line_ids.amount = 1000
        self.assertEqual(self.old.followup_disputed_amount, 0, "the whole line")
        self.assertEqual(self._reason(self.old), "disputed")

    def test_whole_account(self):
        """Without a chosen line, everything open that day; what is invoiced later is chased."""
        dispute = self._dispute()
        self.assertEqual(dispute.line_ids.move_line_id, self.old | self.recent)
        later = self._entry(200, days_late=15, ref="FA003")
        self.assertFalse(later.followup_disputed)

    def test_settled_with_grace(self):
        dispute = self._dispute(self.old)
        dispute.action_settle()
        self.assertRecordValues(dispute, [{"state": "settled", "settled_on": self.TODAY}])
        self.assertFalse(self.old.followup_disputed)
        free = self.TODAY + timedelta(days=5)
        self.assertEqual(self.old.followup_not_before, free)
        self.assertEqual(self._reason(self.old), "grace")
        self.assertEqual(self._reason(self.old, free - timedelta(days=1)), "grace")
        self.assertFalse(self._reason(self.old, free))

    def test_opened_again(self):
        dispute = self._dispute(self.old, review_date=self.TODAY + timedelta(days=2))
        dispute.action_settle()
        with freeze_time("2026-11-30 10:00:00"):
            dispute.action_reopen()
            self.assertRecordValues(dispute, [{"state": "open", "settled_on": False}])
            self.assertEqual(dispute.review_date, self.TODAY + timedelta(days=40), "the day of the review had passed")
        self.assertRecordValues(self.old, [{"followup_disputed": True, "followup_not_before": False}])
        self.assertEqual(dispute.activity_ids.date_deadline, dispute.review_date)

    def test_two_disputes_on_a_line(self):
        first = self._dispute(line_ids=[Command.create({"move_line_id": self.old.id, "amount": 300})])
        second = self._dispute(line_ids=[Command.create({"move_line_id": self.old.id, "amount": 200})])
        self.assertEqual(self.old.followup_disputed_amount, 500)
        first.action_settle()
        self.assertRecordValues(
            self.old,
            [{"followup_disputed": True, "followup_disputed_amount": 200, "followup_not_before": False}],
        )
        second.unlink()
        self.assertFalse(self.old.followup_disputed)
        self.assertEqual(self.old.followup_not_before, self.TODAY + timedelta(days=5))

    def test_somebody_is_reminded(self):
        """A dispute without an end would be forgotten with its money: it lasts, but somebody looks at it again."""
        user = self._user("user")
        dispute = self._dispute(self.old, user_id=user.id)
        self.assertRecordValues(
            dispute.activity_ids, [{"user_id": user.id, "date_deadline": self.TODAY + timedelta(days=30)}]
        )
        dispute.review_date = self.TODAY + timedelta(days=10)
        self.assertEqual(dispute.activity_ids.mapped("date_deadline"), [self.TODAY + timedelta(days=10)])
        self.assertEqual(self._reason(self.old, self.TODAY + timedelta(days=11)), "disputed", "not lifted by itself")
        dispute.action_settle()
        self.assertFalse(dispute.activity_ids)

    def test_what_cannot_be_disputed(self):
        other = self._entry(300, days_late=10, partner=self._customer("Garage Perrin"))
        credit = self._entry(-50, days_late=10)
        for lines, vals, message in (
            (other, {}, "not a debt of"),
            (credit, {}, "not an open due line"),
            (self.old, {"line_ids": [Command.create({"move_line_id": self.old.id, "amount": 1001})]}, "at most"),
            (self.old, {"line_ids": []}, "which due lines"),
            (self.old, {"review_date": self.TODAY - timedelta(days=1)}, "reviewed after"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValidationError, message):
                self._dispute(lines, **vals)

    def test_dialogs(self):
        user = self._user("user")
        self.env["followup.situation"]._refresh(self.company)
        situation = self.env["followup.situation"].search([("partner_id", "=", self.customer.id)]).with_user(user)
        for action, lines in (
            (situation.action_dispute(), self.old | self.recent),
            (self.recent.with_user(user).action_followup_dispute(), self.recent),
        ):
            form = Form(self.Dispute.with_user(user).with_context(**action["context"]))
            form.reason_id = self.reason
            dispute = form.save()
            self.assertEqual(dispute.line_ids.move_line_id, lines)
            self.assertEqual(dispute.user_id, user)
        self.assertEqual(situation.dispute_count, 2)
        self.assertEqual(len(self.Dispute.search(situation.action_open_disputes()["domain"])), 2)

    def test_who_disputes_and_who_reads(self):
        """T16: neither a salesperson nor a bookkeeper reads what is disputed, or what was said of it."""
        viewer, user, manager, nobody = (self._user(kind) for kind in ("viewer", "user", "manager", ""))
        nobody.group_ids += self.env.ref("account.group_account_invoice")
        dispute = self.Dispute.with_user(user)._make(self.customer, self.company, self.reason, self.old, note="Secret")
        self.assertTrue(dispute.with_user(viewer).read(["note", "amount"]))
        for refused in (
            lambda: dispute.with_user(viewer).action_settle(),
            lambda: dispute.with_user(viewer).write({"note": "x"}),
            lambda: dispute.with_user(user).unlink(),
            lambda: self.reason.with_user(user).write({"name": "x"}),
            lambda: dispute.with_user(nobody).read(["note"]),
            lambda: dispute.line_ids.with_user(nobody).read(["amount"]),
            lambda: self.old.with_user(nobody).read(["followup_disputed"]),
        ):
            with self.assertRaises(AccessError):
                refused()
        self.assertFalse(any("Secret" in (message.body or "") for message in self.customer.message_ids))
        self.assertFalse(self.customer.activity_ids, "the activity is on the dispute, not on the customer")
        self.reason.with_user(manager).name = "Price"
        dispute.with_user(manager).unlink()

    def test_other_company_sees_nothing(self):
        dispute = self._dispute(self.old)
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("user")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.assertFalse(self.Dispute.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            dispute.line_ids.with_user(stranger).read(["amount"])
