from decimal import Decimal

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_sage100_bulk import BulkCommon, day


@tagged("post_install", "-at_install")
class TestSage100BulkGuards(BulkCommon):
    """What the bulk path must respect: other add-ons, users, lock dates, customers that cannot be written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dupont = cls._partner("DUPONT")
        cls.martin = cls._partner("MARTIN")

    def _other_move(self, line, amount):
        """An entry of Odoo's own, with a line on the customer's account."""
        move = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": "2026-05-01",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance, "partner_id": partner})
                    for account, balance, partner in (
                        (line.account_id, amount, line.partner_id.id),
                        (self.company_data["default_account_revenue"], -amount, False),
                    )
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda item: item.account_id == line.account_id)

    # Users

    def test_what_a_person_reconciled_is_kept(self):
        """Its amount is no longer there for Sage's own matching."""
        self._load([self._entry(1, 100)])
        line = self._line(1)
        other = self._other_move(line, -40)
        (line + other).reconcile()
        entries = [
            self._entry(1, 100, lettering="aa"),
            self._entry(2, -70, journal="BNQ", lettering="aa"),
        ]
        self._load(entries)
        line.invalidate_recordset()
        self.assertEqual(line.amount_residual, 0)
        self.assertEqual(sorted(line.matched_credit_ids.mapped("amount")), [40, 60])
        self.assertEqual(line.sage_lettering, "aa")
        self.assertEqual(self._line(2).amount_residual, -10)
        self.assertTrue(other.reconciled)
        self.assertEqual(len(set((line + other + self._line(2)).mapped("matching_number"))), 1)
        self._load([self._entry(1, 100), self._entry(2, -70, journal="BNQ")])
        line.invalidate_recordset()
        self.assertEqual(line.amount_residual, 60)
        self.assertEqual(line.matched_credit_ids.mapped("amount"), [40])
        self.assertFalse(line.sage_lettering)

    def test_what_a_person_reconciled_is_kept_when_the_amount_still_covers_it(self):
        self._load([self._entry(1, 100)])
        line = self._line(1)
        other = self._other_move(line, -100)
        (line + other).reconcile()
        self.assertTrue(line.full_reconcile_id)
        self._load([self._entry(1, 120)])
        line.invalidate_recordset()
        self.assertEqual(line.amount_residual, 20)
        self.assertFalse(line.full_reconcile_id or line.reconciled)
        self.assertEqual(line.matched_credit_ids.amount, 100)
        self.assertTrue(line.matching_number.startswith("P"))
        self._load([self._entry(1, 100)])
        line.invalidate_recordset()
        self.assertTrue(line.full_reconcile_id)

    def test_what_no_longer_fits_is_undone_and_said(self):
        self._load([self._entry(1, 100)])
        line = self._line(1)
        other = self._other_move(line, -100)
        (line + other).reconcile()
        job = self._load([self._entry(1, 60)])
        (line + other).invalidate_recordset()
        self.assertEqual((line.amount_residual, other.amount_residual), (60, -100))
        self.assertFalse(other.matching_number or other.full_reconcile_id)
        self.assertIn("unreconciled", self._issues(job).mapped("reason"))

    def test_reconciled_entry_that_goes_is_said(self):
        self._load([self._entry(1, 100), self._entry(2, 5)])
        line = self._line(1)
        other = self._other_move(line, -100)
        (line + other).reconcile()
        job = self._load([self._entry(2, 5)])
        other.invalidate_recordset()
        self.assertEqual(other.amount_residual, -100)
        self.assertIn("unreconciled", self._issues(job).mapped("reason"))

    def test_users_cannot_break_the_mirror(self):
        self._load([self._entry(1, 100)])
        move = self._line(1).move_id
        for refused in (move.button_draft, move.button_cancel, move.with_context(force_delete=True).unlink):
            with self.assertRaisesRegex(UserError, "Sage 100"), self.env.cr.savepoint():
                refused()
        self.database.active = False
        move.button_draft()
        move.unlink()

    # Lock dates

    def test_nothing_is_written_before_a_lock_date(self):
        entries = [self._entry(1, 100), self._entry(2, 50), self._entry(3, 30, date="2026-07-01")]
        self._load(entries)
        self.company.fiscalyear_lock_date = "2026-06-30"
        before = self._columns()
        changed = [
            self._entry(1, 999),
            self._entry(4, 10),
            self._entry(3, 30, date="2026-05-01"),
        ]
        job = self._load(changed)
        self.assertEqual(self._columns(), before)
        self.assertEqual(set(self._issues(job).mapped("reason")), {"locked"})
        self.assertEqual(
            len(self._issues(job)), 4, self._issues(job).mapped("message")
        )  # changed, removed, new, moved back
        self.company.fiscalyear_lock_date = False
        job = self._load()
        self.assertFalse(self._issues(job))
        self.assertEqual(self._line(1).balance, 999)
        self.assertFalse(self._line(2))
        self.assertEqual(self._line(3).date, day("2026-05-01"))

    def test_the_rest_of_a_locked_customer_goes_on(self):
        self.company.fiscalyear_lock_date = "2026-06-30"
        job = self._load([self._entry(1, 100), self._entry(2, 70, date="2026-07-01")])
        self.assertFalse(self._line(1))
        self.assertEqual(self._line(2).balance, 70)
        self.assertEqual(job.counts["entries_created"], 1)

    # What cannot be written

    def test_an_unusable_entry_stops_no_other(self):
        absurd = self._entry(1, Decimal("12345678901234567"))
        nowhere = self._entry(2, 10, account="")
        job = self._load([absurd, nowhere, self._entry(3, 10), self._entry(4, 20, customer="MARTIN")])
        self.assertEqual(self._issues(job).mapped("sage_key"), ["1", "2"])
        self.assertFalse(self._line(1) or self._line(2))
        self.assertEqual((self._line(3).balance, self._line(4).balance), (10, 20))

    def test_a_customer_that_cannot_be_written_stops_no_other(self):
        """A move of somebody else's already bears the name: PostgreSQL refuses the piece."""
        self.env["sage100.loader.account"]._load(self._job())
        self.env["account.move"].create(
            {
                "journal_id": self.database.journal_id.id,
                "date": "2026-03-02",
                "sage_database_id": False,
                "line_ids": [],
            }
        )
        self.env.cr.execute(
            "UPDATE account_move SET name = 'VTE/2026-03-02/P1', state = 'posted' WHERE journal_id = %s",
            [self.database.journal_id.id],
        )
        self.env.invalidate_all()
        job = self._load([self._entry(1, 100), self._entry(2, 20, customer="MARTIN")])
        self.assertEqual(self._issues(job).mapped("customer_number"), ["DUPONT"])
        self.assertFalse(self._line(1))
        self.assertEqual(self._line(2).balance, 20)
        pending = self.env["sage100.pending"].search([("database_id", "=", self.database.id)])
        self.assertEqual(pending.mapped("number"), ["DUPONT"])

    # Settings and context

    def test_credits_are_allotted_or_not(self):
        entries = [
            self._entry(1, 100, due_date="2026-05-31"),
            self._entry(2, 50, due_date="2026-04-30"),
            self._entry(3, -70, journal="BNQ"),
        ]
        self._load(entries)
        self.assertEqual([self._line(n).amount_residual for n in (1, 2, 3)], [100, 50, -70])
        self.company.sage100_allot_credits = True
        self._load()
        self.assertEqual([self._line(n).amount_residual for n in (1, 2, 3)], [80, 0, 0])
        self.company.sage100_allot_credits = False
        self._load()
        self.assertEqual([self._line(n).amount_residual for n in (1, 2, 3)], [100, 50, -70])
        self.assertFalse(self._line(1).matching_number)

    def test_a_year_opened_for_others_closes_the_lines_of_all(self):
        """MARTIN has no opening entry: once the year is opened for DUPONT, his old line is not open any more."""
        old = {"date": "2025-06-01", "piece": "OLD"}
        entries = [self._entry(1, 100, **old), self._entry(2, 40, customer="MARTIN", **old)]
        self._load(entries)
        self.assertTrue(self._line(2))
        copy = self._entry(3, 100, journal="RAN", date="2026-01-01", opening=1, piece="OLD")
        job = self._load([*entries, copy])
        self.assertFalse(self._line(2))
        self.assertIn("not_carried", self._issues(job).mapped("reason"))
        self.assertEqual(self._line(1).sage_current_ec_no, 3)

    def test_original_that_leaves_hands_its_line_over_to_its_copy(self):
        """The old year is archived in Sage: the copy alone is left. Levels and stops stay."""
        old = self._entry(1, 100, date="2025-06-01", piece="OLD")
        copy = self._entry(3, 100, journal="RAN", date="2026-01-01", opening=1, piece="OLD")
        self._load([old, copy])
        line = self._line(1)
        line.followup_stop = True
        self._load([copy])
        self.assertEqual(self._line(3), line)
        self.assertTrue(line.followup_stop)
        self.assertEqual(line.move_id.name, "RAN/2026-01-01/OLD")

    def test_fates_are_noted(self):
        full = {"lettering": "AAA", "lettered": True, "date": "2025-06-01"}
        entries = [
            self._entry(1, 100, piece="OLD", **full),
            self._entry(2, -100, journal="BNQ", **full),
            self._entry(3, 100, journal="RAN", date="2026-01-01", opening=1, piece="OLD"),
            self._entry(4, 10),
        ]
        self._load(entries)
        fates = self.env["sage100.entry"].search([("database_id", "=", self.database.id)])
        self.assertEqual(
            {entry.ec_no: entry.fate for entry in fates}, {1: "history", 2: "history", 3: "stale", 4: "open"}
        )

    def test_situations_are_queued(self):
        self.env["followup.situation.queue"].search([]).unlink()
        self._load([self._entry(1, 100)])
        queued = self.env["followup.situation.queue"].search([("company_id", "=", self.company.id)])
        self.assertEqual(queued.partner_id, self.dupont)

    def test_tolerance_of_sage_is_said(self):
        self.snapshot.tolerance = (Decimal("0.05"), Decimal("0.05"))
        self.addCleanup(setattr, self.snapshot, "tolerance", None)
        job = self._load(
            [
                self._entry(1, 100, lettering="AAA", lettered=True),
                self._entry(2, "-99.97", lettering="AAA", lettered=True, journal="BNQ"),
            ]
        )
        self.assertIn("tolerance", self._issues(job).message)
        self.assertEqual(self._line(1).amount_residual, 0.03)


@tagged("post_install", "-at_install")
class TestSage100OtherAddons(BulkCommon):
    """Fields of other add-ons on the tables that the bulk path writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dupont = cls._partner("DUPONT")
        cls.martin = cls._partner("MARTIN")

    def _invoice_and_payment(self, code="AAA", lettered=True):
        values = {"lettering": code, "lettered": lettered}
        return [
            self._entry(1, 100, invoice="FA1", due_date="2026-04-30", **values),
            self._entry(2, -100, journal="BNQ", **values),
        ]

    def _field(self, model, name, **values):
        self.addCleanup(self.registry.reset_changes)
        return self.env["ir.model.fields"].create(
            {"model_id": self.env["ir.model"]._get_id(model), "name": name, "field_description": name, **values}
        )

    def test_stored_computed_fields_of_others_are_computed(self):
        self._field(
            "account.move.line",
            "x_double",
            ttype="float",
            store=True,
            depends="balance",
            compute="for line in self: line['x_double'] = 2 * line.balance",
        )
        self._field(
            "account.partial.reconcile",
            "x_double",
            ttype="float",
            store=True,
            depends="amount",
            compute="for partial in self: partial['x_double'] = 2 * partial.amount",
        )
        entries = self._invoice_and_payment()
        self._load(entries)
        line = self._line(1)
        self.assertEqual(line.x_double, 200)
        self.assertEqual(line.move_id.line_ids.mapped("x_double"), [200, -200])
        self.assertEqual(line.matched_credit_ids.x_double, 200)
        self._load([self._entry(1, 130, invoice="FA1")])
        self.assertEqual(self._line(1).x_double, 260)

    def test_defaults_of_others_are_filled(self):
        self._field("account.move.line", "x_origin", ttype="char", store=True)
        self._field("account.move", "x_weight", ttype="integer", store=True)
        self.env["ir.default"].set("account.move.line", "x_origin", "Sage\t100")
        self.env["ir.default"].set("account.move", "x_weight", 7)
        self._load(self._invoice_and_payment())
        line = self._line(1)
        self.assertEqual(set(line.move_id.line_ids.mapped("x_origin")), {"Sage\t100"})
        self.assertEqual(line.move_id.x_weight, 7)

    def test_computed_fields_of_other_models_follow(self):
        self._field(
            "res.partner",
            "x_lines",
            ttype="one2many",
            relation="account.move.line",
            relation_field="partner_id",
        )
        self._field(
            "res.partner",
            "x_due",
            ttype="float",
            store=True,
            depends="x_lines.amount_residual",
            compute="for partner in self: partner['x_due'] = sum(partner.x_lines.mapped('amount_residual'))",
        )
        self._load([self._entry(1, 100)])
        self.assertEqual(self.dupont.x_due, 100)
        self._load([self._entry(1, 100, customer="MARTIN")])
        self.assertEqual((self.dupont.x_due, self.martin.x_due), (0, 100))
