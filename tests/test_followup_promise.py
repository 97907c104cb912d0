from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupPromise(FollowupCommon):
    """A promise pauses what was promised, and its state follows what was received by its day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.followup_promise_grace = 2
        cls.old = cls._entry(1000, days_late=40, ref="FA001")
        cls.recent = cls._entry(500, days_late=20, ref="FA002")
        cls.friday = cls.TODAY + timedelta(days=7)
        cls.Promise = cls.env["followup.promise"]

    def _promise(self, amount=None, date=None, lines=None, **vals):
        return self.Promise._make(self.customer, self.company, date or self.friday, amount, lines, **vals)

    def _pay(self, line, amount, date=None):
        """A payment of that day, reconciled with the line."""
        payment = self._entry(-amount, due=(date or self.TODAY) + timedelta(days=30), ref="RGLT")
        payment.move_id.button_draft()
        payment.move_id.date = date or self.TODAY
        payment.move_id.action_post()
        (line | payment).reconcile()
        return payment

    def _reason(self, line, on=None):
        decisions = self.env["followup.facts"]._decide_lines(self.company, on or self.TODAY, self.customer.ids)
        decision = decisions[line.id]
        return str(decision.reason) if decision.reason else None

    def test_whole_line_is_not_chased_until_its_day_and_the_grace(self):
        promise = self._promise(lines=self.old)
        self.assertRecordValues(promise, [{"amount": 1000, "deadline": self.friday + timedelta(days=2)}])
        self.assertRecordValues(
            self.old,
            [
                {
                    "followup_promised_until": self.friday + timedelta(days=2),
                    "followup_promised_amount": 0,
                    "followup_promised_rest": 0,
                }
            ],
        )
        self.assertEqual(self._reason(self.old), "promised")
        self.assertFalse(self._reason(self.recent), "the rest of the account is chased")
        self.assertEqual(self._reason(self.old, self.friday + timedelta(days=2)), "promised")
        self.assertFalse(self._reason(self.old, self.friday + timedelta(days=3)))

    def test_amount_is_spread_over_the_oldest(self):
        promise = self._promise(1200)
        self.assertEqual(
            [(line.move_line_id, line.amount) for line in promise.line_ids], [(self.old, 1000), (self.recent, 200)]
        )
        self.assertRecordValues(self.recent, [{"followup_promised_amount": 200, "followup_promised_rest": 300}])
        reminder = self._run().reminder_ids
        self.assertEqual(reminder.line_ids.move_line_id & (self.old | self.recent), self.recent)

    def test_states_follow_the_payments(self):
        """What counts is what was received by the last day, whenever it was reconciled."""
        late = self.friday + timedelta(days=3)
        for day, paid, paid_on, state, received in (
            (self.TODAY, 0, None, "to_come", 0),
            (self.TODAY, 400, self.TODAY, "to_come", 400),
            (self.TODAY, 1000, self.TODAY, "kept", 1000),
            (self.friday + timedelta(days=2), 0, None, "to_come", 0),
            (late, 0, None, "broken", 0),
            (late, 400, self.friday, "partly_kept", 400),
            (late, 1000, self.friday + timedelta(days=2), "kept", 1000),
            (late, 1000, late, "broken", 0),
        ):
            with self.subTest(day=day, paid=paid, paid_on=paid_on), self.env.cr.savepoint() as savepoint:
                promise = self._promise(lines=self.old)
                if paid:
                    self._pay(self.old, paid, paid_on)
                with freeze_time(f"{day} 10:00:00"):
                    self.env.invalidate_all()
                    self.assertEqual((promise.state, promise.received), (state, received))
                    for searched in ("to_come", "kept", "partly_kept", "broken", "cancelled", "replaced"):
                        found = self.Promise.search([("state", "=", searched), ("id", "=", promise.id)])
                        self.assertEqual(found, promise if searched == state else self.Promise)
                    self.assertFalse(self.Promise.search([("state", "!=", state), ("id", "=", promise.id)]))
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_what_was_paid_before_does_not_keep_a_promise(self):
        self._pay(self.old, 600)
        promise = self._promise(lines=self.old)
        self.assertRecordValues(promise, [{"amount": 400, "received": 0, "state": "to_come"}])

    def test_undone_reconciliation_opens_the_promise_again(self):
        """A direct debit that bounces: the promise is not kept after all (trap 22)."""
        promise = self._promise(lines=self.old)
        self._pay(self.old, 1000)
        self.assertEqual(promise.state, "kept")
        self.old.remove_move_reconcile()
        self.env.invalidate_all()
        self.assertEqual(promise.state, "to_come")
        self.assertEqual(self._reason(self.old), "promised")

    def test_a_payment_lowers_what_is_promised_and_not_the_rest(self):
        """1,000 due, 600 promised: once the 600 came, the 400 left are chased without waiting for the day."""
        self._promise(600, lines=self.old)
        self._pay(self.old, 200)
        claimed = self._claimed(self.old)
        self.assertEqual(claimed, 400)
        self._pay(self.old, 400)
        self.assertEqual(self._claimed(self.old), 400)
        self.assertFalse(self._reason(self.old))

    def _claimed(self, line):
        decisions = self.env["followup.facts"]._decide_lines(self.company, self.TODAY, self.customer.ids)
        return decisions[line.id].claimed

    def test_the_last_promise_counts(self):
        first = self._promise(lines=self.old)
        sooner = self._promise(date=self.TODAY + timedelta(days=3), lines=self.old)
        self.assertEqual(self.old.followup_promised_until, self.TODAY + timedelta(days=5))
        self.assertEqual((first.state, sooner.state), ("replaced", "to_come"))
        sooner.action_cancel()
        self.assertEqual(self.old.followup_promised_until, self.friday + timedelta(days=2))
        self.assertEqual((first.state, sooner.state), ("to_come", "cancelled"))
        sooner.action_restore()
        self.assertEqual(self.old.followup_promised_until, self.TODAY + timedelta(days=5))

    def test_a_broken_promise_is_not_replaced(self):
        """A customer who promises again after its day broke the first promise."""
        first = self._promise(lines=self.old)
        with freeze_time("2026-12-10 10:00:00"):
            second = self._promise(date=self.TODAY + timedelta(days=30), lines=self.old)
            self.env.invalidate_all()
            self.assertEqual((first.state, second.state), ("broken", "to_come"))
            with self.assertRaisesRegex(UserError, "kept as it was made"):
                first.date = self.TODAY + timedelta(days=60)
            with self.assertRaisesRegex(UserError, "kept as it was made"):
                first.action_cancel()
            with self.assertRaisesRegex(UserError, "kept as it was made"):
                first.line_ids.amount = 1

    def test_new_day_and_amount(self):
        promise = self._promise(lines=self.old | self.recent)
        promise.date = self.friday + timedelta(days=7)
        self.assertEqual(self.old.followup_promised_until, self.friday + timedelta(days=9))
        promise.amount = 1100
        self.assertEqual(promise.line_ids.mapped("amount"), [1000, 100])
        self.assertEqual(self.recent.followup_promised_amount, 100)
        promise.line_ids[1].unlink()
        self.assertFalse(self.recent.followup_promised_until)
        self.assertEqual(promise.amount, 1000)
        promise.unlink()
        self.assertFalse(self.old.followup_promised_until)

    def test_what_cannot_be_promised(self):
        other = self._entry(300, days_late=10, partner=self._customer("Garage Perrin"))
        credit = self._entry(-50, days_late=10)
        for lines, vals, message in (
            (other, {}, "not a debt of"),
            (credit, {}, "not an open due line"),
            (self.old, {"line_ids": [Command.create({"move_line_id": self.old.id, "amount": 1001})]}, "at most"),
            (self.old, {"line_ids": [Command.create({"move_line_id": self.old.id, "amount": 0})]}, "more than zero"),
            (self.old, {"line_ids": []}, "which due lines"),
            (self.old, {"date": self.TODAY - timedelta(days=1)}, "or a later one"),
            (self.old, {"made_on": self.TODAY + timedelta(days=1)}, "in the future"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValidationError, message):
                self.Promise.create(
                    {
                        "partner_id": self.customer.id,
                        "date": self.friday,
                        "line_ids": [Command.create({"move_line_id": line.id, "amount": 10}) for line in lines],
                        **vals,
                    }
                )

    def test_one_currency(self):
        foreign = self._foreign_entry(self.env.ref("base.CHF"))
        with self.assertRaisesRegex(ValidationError, "in one currency"):
            self._promise(lines=self.old | foreign)
        with self.assertRaisesRegex(UserError, "in one currency"):
            (self.old | foreign).action_followup_promise()
        promise = self._promise(40, lines=foreign)
        self.assertRecordValues(promise, [{"currency_id": foreign.currency_id.id, "amount": 40, "amount_company": 36}])
        self.assertEqual(foreign.followup_promised_rest, 60)

    def _foreign_entry(self, currency):
        """100 in that currency, worth 90."""
        currency.active = True
        accounts = self.receivable, self.company_data["default_account_revenue"]
        move = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": self.TODAY - timedelta(days=45),
                "ref": "CH1",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "date_maturity": self.TODAY - timedelta(days=15),
                            "currency_id": currency.id,
                            "amount_currency": sign * 100,
                            "balance": sign * 90,
                            "no_followup": False,
                        }
                    )
                    for account, sign in zip(accounts, (1, -1), strict=True)
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def test_payer_answers_for_those_it_pays_for(self):
        payer = self._customer("Groupe Baudry")
        self.customer.with_company(self.company).followup_payer_id = payer
        promise = self.Promise._make(payer, self.company, self.friday)
        self.assertEqual(promise.line_ids.move_line_id, self.old | self.recent)

    def test_dialog_from_the_situation(self):
        """Three fields: the amount, the day, a comment."""
        self.env["followup.situation"]._refresh(self.company)
        situation = self.env["followup.situation"].search([("partner_id", "=", self.customer.id)])
        user = self._user("user")
        action = situation.with_user(user).action_promise()
        form = Form(self.Promise.with_user(user).with_context(**action["context"]))
        self.assertEqual(form.amount, 1500)
        form.amount = 1200
        form.date = self.friday
        form.note = "Told Claire on the phone"
        promise = form.save()
        self.assertEqual(promise.line_ids.mapped("amount"), [1000, 200])
        self.assertEqual(promise.user_id, user)
        self.assertEqual(situation.promise_count, 1)
        self.assertEqual(self.Promise.search(situation.action_open_promises()["domain"]), promise)

    def test_dialog_from_due_lines(self):
        user = self._user("user")
        action = self.recent.with_user(user).action_followup_promise()
        form = Form(self.Promise.with_user(user).with_context(**action["context"]))
        self.assertEqual(form.amount, 500)
        form.date = self.friday
        with form.line_ids.edit(0) as line:
            line.amount = 120
        self.assertEqual(form.amount, 120)
        self.assertEqual(form.save().line_ids.move_line_id, self.recent)
        other = self._entry(300, days_late=10, partner=self._customer("Garage Perrin"))
        with self.assertRaisesRegex(UserError, "of one customer"):
            (self.recent | other).action_followup_promise()
        with self.assertRaisesRegex(UserError, "credits and settled"):
            self._entry(-50).action_followup_promise()

    def test_who_promises_and_who_reads(self):
        """T16: promises are for those who follow up; nobody else reads them, not even on the line."""
        viewer, user, manager, nobody = (self._user(kind) for kind in ("viewer", "user", "manager", ""))
        promise = self.Promise.with_user(user)._make(self.customer, self.company, self.friday, lines=self.old)
        self.assertTrue(promise.with_user(viewer).read(["state", "amount", "line_ids"]))
        self.assertTrue(promise.line_ids.with_user(viewer).read(["amount", "received"]))
        for refused in (
            lambda: promise.with_user(viewer).write({"note": "x"}),
            lambda: promise.line_ids.with_user(viewer).write({"amount": 1}),
            lambda: self.Promise.with_user(viewer)._make(self.customer, self.company, self.friday),
            lambda: self.recent.with_user(viewer).action_followup_promise(),
            lambda: promise.with_user(user).unlink(),
            lambda: promise.with_user(nobody).read(["date"]),
            lambda: self.old.with_user(nobody).read(["followup_promised_until"]),
        ):
            with self.assertRaises(AccessError):
                refused()
        nobody.group_ids += self.env.ref("account.group_account_invoice")
        self.assertTrue(self.old.with_user(nobody).read(["balance"]), "he keeps the books")
        with self.assertRaises(AccessError):
            self.old.with_user(nobody).read(["followup_promised_until"])
        self.assertNotIn("followup_disputed", self.old.with_user(nobody).fields_get())
        promise.with_user(manager).unlink()

    def test_other_company_sees_nothing(self):
        promise = self._promise(lines=self.old)
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("user")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.assertFalse(self.Promise.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            promise.line_ids.with_user(stranger).read(["amount"])

    def test_states_of_many_by_one_query(self):
        promises = self.Promise
        for number in range(8):
            partner = self._customer(f"Client {number}")
            line = self._entry(100, days_late=10, partner=partner)
            promises |= self.Promise._make(partner, self.company, self.friday, lines=line)
        self.env.flush_all()
        counts = []
        for some in (promises[:2], promises):
            self.env.invalidate_all()
            some.mapped("company_id.partner_id.tz")
            before = self.env.cr.sql_log_count
            some._fetch_progress()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
