from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common_penalties import PenaltyCommon


@tagged("post_install", "-at_install")
class TestPenaltiesOfReminders(PenaltyCommon):
    """Interest and indemnity of the messages (F061 to F070, articles L441-10 and D441-5 of the Code de commerce)."""

    def test_formal_notice_claims(self):
        """59 days at 12.15 % of 36,500, and 40 once: added to what the notice asks for, never to the debt."""
        line = self._late()
        reminder = self._prepared()
        self.assertRecordValues(
            reminder,
            [
                {
                    "level_id": self.notice.id,
                    "penalty_mode": "claim",
                    "amount_due": 36500,
                    "interest_amount": 716.85,
                    "indemnity_amount": 40,
                    "claimed_total": 37256.85,
                }
            ],
        )
        self.assertRecordValues(
            reminder.line_ids, [{"interest": 716.85, "indemnity": 40, "penalty_rate": "12.15\xa0%"}]
        )
        [row] = reminder.line_ids._get_penalty_slices()
        self.assertEqual((row["first"], row["last"], row["days"]), (date(2026, 2, 1), date(2026, 3, 31), 59))
        self.assertEqual(line.amount_residual, 36500)

    def test_third_reminder_shows(self):
        """Shown for information: the amount asked for does not change."""
        self._late(level=self.levels[2])
        reminder = self._prepared()
        self.assertEqual((reminder.level_id, reminder.penalty_mode), (self.third, "show"))
        self.assertEqual((reminder.interest_amount, reminder.claimed_total), (716.85, 36500))
        self.assertTrue(reminder._has_penalty_annex())
        self.assertIn("for information", reminder.penalties_table)

    def test_first_reminder_says_nothing(self):
        self._entry(36500, due=self.DUE)
        reminder = self._prepared()
        self.assertEqual((reminder.level_id, reminder.penalty_mode), (self.levels[1], "none"))
        self.assertFalse(reminder._has_penalty_annex())
        self.assertFalse(reminder.penalties_table)
        self.assertFalse(reminder.line_ids.penalty_detail)

    def test_mode_of_the_plan(self):
        """A level without a mode of its own follows its plan; its own comes first."""
        self.plan.penalty_mode = "claim"
        self.third.penalty_mode = False
        self._late(level=self.levels[2])
        self.assertEqual(self._prepared().penalty_mode, "claim")
        self.third.penalty_mode = "none"
        self.assertEqual(self._prepared().penalty_mode, "none")

    def test_part_payments(self):
        """Ten days on 36,500, then 49 on what a payment left."""
        line = self._late()
        self._paid(line, 10000, "2026-02-10")
        reminder = self._prepared()
        self.assertEqual(reminder.interest_amount, 553.74)
        self.assertEqual(
            [(row["days"], row["base"], row["amount"]) for row in reminder.line_ids._get_penalty_slices()],
            [(10, 36500, 121.5), (49, 26500, 432.24)],
        )
        self.assertIn("set against the principal", self._annex(reminder))

    def test_imputation_on_the_interest(self):
        self.company.followup_imputation = "interest"
        line = self._late()
        self._paid(line, 10000, "2026-02-10")
        reminder = self._prepared()
        self.assertEqual(reminder.line_ids._get_penalty_slices()[1]["base"], 26621.5)
        self.assertIn("against the interest first", self._annex(reminder))

    def test_credit_note_is_no_payment(self):
        """What a credit note takes off was never owed: it bears nothing, even before its day."""
        line = self._late()
        credit = self._paid(line, 10000, "2026-02-10", ref="AV001")
        credit.journal_id.type = "sale"
        self.assertEqual(self._prepared().interest_amount, 520.45)

    def test_unmatched_payment_counts(self):
        """A payment that nobody matched yet stops the interest on what it covers, from its own day."""
        self._late()
        self._entry(-10000, due=date(2026, 3, 12), ref="VIR")  # dated 10 February
        reminder = self._prepared()
        self.assertEqual(reminder.amount_due, 26500)
        self.assertEqual(reminder.interest_amount, 553.74)

    def test_disputed_part_bears_nothing(self):
        """Nothing is asked on what is disputed."""
        line = self._late()
        line.write({"followup_disputed": True, "followup_disputed_amount": 16500})
        reminder = self._prepared()
        self.assertEqual(reminder.amount_due, 20000)
        self.assertEqual(reminder.interest_amount, 392.79)

    def test_not_due_bears_nothing(self):
        """A line listed before its due date has neither interest nor indemnity."""
        self._late()
        self._entry(5000, due=date(2026, 4, 15), ref="FA002")
        reminder = self._prepared()
        self.assertEqual((reminder.interest_amount, reminder.indemnity_amount), (716.85, 40))

    def test_currencies_apart(self):
        """Interest in the currency of the invoice; the indemnity, 40 €, in the company's."""
        dollar = self.env["res.currency"].create({"name": "XBB", "symbol": "B", "rounding": 0.01})
        dollar.rate_ids = [(0, 0, {"name": "2020-01-01", "rate": 2, "company_id": self.company.id})]
        self._late()
        self._late(18250, ref="FA002", amount_currency=36500, currency_id=dollar.id)
        reminder = self._prepared()
        self.assertEqual(reminder.interest_amount, 716.85 + 358.43)
        found = {currency.name: amounts for currency, *amounts in reminder._claimed_by_currency()}
        self.assertEqual(found["XBB"], [36500, 716.85, 0, 37216.85])
        self.assertEqual(found[self.company.currency_id.name], [36500, 716.85, 80, 37296.85])
        self.assertEqual(reminder.claimed_total, 36500 + 18250 + 716.85 + 358.43 + 80)

    def test_indemnity_once_an_invoice(self):
        """Two due dates of one invoice: 40 once, or twice when the company so chose; two invoices: 80."""
        move = self._late().move_id.copy({"ref": "FA003"})
        debit = move.line_ids.filtered("debit")
        move.line_ids = [
            Command.update(debit.id, {"debit": 18250}),
            Command.create(dict(debit.copy_data()[0], balance=18250, debit=18250, amount_currency=18250)),
        ]
        move.action_post()
        due = move.line_ids.filtered("debit")
        due.write({"date_maturity": self.DUE, "no_followup": False, "followup_level_id": self.third.id})
        due.followup_date = date(2026, 3, 15)
        self.assertEqual(len(due), 2)
        self.assertEqual(self._prepared().indemnity_amount, 80)
        self.company.followup_indemnity_per = "instalment"
        self.assertEqual(self._prepared().indemnity_amount, 120)

    def test_missing_half_year(self):
        """Rates that nobody typed are never guessed: interest stops with June, and every screen says so."""
        day = self.TODAY
        line = self._late(level=self.third)
        line.followup_date = date(2026, 11, 1)
        run = self._run(date=day).sudo()
        reminder = run.reminder_ids
        self.assertEqual(reminder.interest_amount, 1822.5)  # 150 days, to 30 June
        self.assertEqual(reminder._get_penalty_missing_since(), date(2026, 7, 1))
        self.assertEqual(reminder._get_penalty_until(), date(2026, 6, 30))
        self.assertIn("up to 06/30/2026", reminder.penalties_table)
        for record in (reminder, run):
            self.assertIn("07/01/2026", record.penalty_warning)
        self.assertIn("not known yet", self._annex(reminder))
        self.env["followup.interest.rate"].create({"date_from": "2026-07-01", "ecb_rate": 2, "legal_rate": 2.5})
        run = self._run(date=day).sudo()
        self.assertEqual(run.reminder_ids.interest_amount, 1822.5 + 1716)  # 143 days at 12 %
        self.assertFalse(run.penalty_warning)
        self.assertFalse(run.reminder_ids.penalty_warning)

    def test_frozen_when_it_left(self):
        """The rates and the terms of another day change nothing of a letter that left."""
        self._late()
        reminder = self._prepared()
        self._leave(reminder)
        detail, body = reminder.line_ids.penalty_detail, reminder.body
        self.company.followup_rate_margin = 20
        self.env["followup.interest.rate"].search([]).ecb_rate = 9
        self.env.invalidate_all()
        self.assertEqual(reminder.interest_amount, 716.85)
        self.assertEqual((reminder.line_ids.penalty_detail, reminder.body), (detail, body))

    def test_read_again_when_it_leaves(self):
        """Paid in part since the preparation: interest follows the amounts that leave."""
        line = self._late()
        reminder = self._prepared()
        self._paid(line, 10000, "2026-02-10")
        self._leave(reminder)
        self.assertEqual((reminder.amount_due, reminder.interest_amount), (26500, 553.74))

    def test_no_more_when_the_level_says_none(self):
        """Read again after the level stopped claiming: nothing of the penalties stays."""
        self._late()
        reminder = self._prepared()
        self.notice.penalty_mode = "none"
        reminder._read_again()
        self.assertRecordValues(
            reminder,
            [{"penalty_mode": "none", "interest_amount": 0, "indemnity_amount": 0, "claimed_total": 36500}],
        )
        self.assertFalse(reminder.line_ids.interest)
        self.assertFalse(reminder.penalties_table)

    def test_companion_says_the_same(self):
        """An e-mail and the letter that goes with it claim the same 40, not 40 each."""
        self.notice.write({"channel": "email", "also_letter": True})
        self._late()
        reminders = self._prepared().sorted("channel")
        self.assertEqual(reminders.mapped("channel"), ["email", "letter"])
        self.assertEqual(reminders.mapped("indemnity_amount"), [40, 40])
        self.assertEqual(reminders.mapped("interest_amount"), [716.85, 716.85])

    def test_queries_do_not_depend_on_customers(self):
        """One customer or twenty: the same number of queries."""
        for number in range(20):
            partner = self._customer(f"Firm {number}")
            self._late(partner=partner)
            self._late(partner=partner, ref="FA002")
        reminders = self._prepared()
        self.assertEqual(len(reminders), 20)
        counts = []
        for some in (reminders[:1], reminders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._set_penalties()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_none_costs_one_query(self):
        self._entry(36500, due=self.DUE)
        reminders = self._prepared()
        self.env.flush_all()
        with self.assertQueryCount(1):
            reminders._set_penalties()

    def test_annex(self):
        """Each day is in the detail, with its amount, its rate, and the law it comes from."""
        line = self._late(due=date(2025, 11, 30))
        self._paid(line, 10000, "2026-02-10")
        text = self._annex(self._prepared())
        for expected in ("12/31/2025", "01/01/2026", "02/10/2026", "L. 441-10", "365", "D. 441-5", "FA001", "12.15"):
            self.assertIn(expected, text)
        self.assertNotIn("<h", text)

    def test_names_stay_text(self):
        line = self._late(ref="<b>FA</b>")
        self.assertTrue(line)
        reminder = self._prepared()
        self.assertIn("&lt;b&gt;FA", self._annex(reminder))

    def _annex(self, reminder):
        return str(self.env["ir.qweb"]._render("account_receivable_followup.reminder_penalties_annex", {"o": reminder}))
