from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common_sage100 import Sage100Common

ADDON = "odoo.addons.account_receivable_followup"
COMPARE = f"{ADDON}.models.sage100_loader_read_compare"


class Sage100ReadingCommon(Sage100Common):
    """A base already imported once, and what tells whether the mirror holds what Sage holds."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.database._synchronise()
        cls.env.flush_all()
        cls.reading = cls.database._get_reading()
        cls.mark = cls.reading.mark

    def setUp(self):
        super().setUp()
        self.assertIn(self.first.state, ("done", "warning"), self.first.message)

    def _sage_entries(self, database=None):
        """Return what the mirror must hold, straight from the rows of the double."""
        since = (database or self.database)._get_reading().read_from or fields.Date.to_date("1901-01-02")
        rows = self._sage(
            """
            SELECT e.ec_no, e.ct_num, e.cg_num,
                   (CASE e.ec_sens WHEN 0 THEN 1 ELSE -1 END * e.ec_montant)::numeric(16, 2)::text,
                   COALESCE(e.ec_lettrage, ''), e.ec_lettre <> 0
              FROM dbo.f_ecriturec e
              JOIN dbo.f_comptet t ON t.ct_num = e.ct_num AND t.ct_type = 0
              JOIN dbo.f_journaux j ON j.jo_num = e.jo_num AND j.jo_type <> 4
             WHERE (e.cg_num LIKE '411%%' OR e.cg_num LIKE '413%%' OR e.cg_num LIKE '416%%')
               AND e.ec_ctype <> 1 AND e.ec_norme <> 2 AND e.jm_date >= %s
          ORDER BY e.ec_no
            """,
            [since],
        )
        return [(*row[:3], Decimal(row[3]), *row[4:]) for row in rows]

    def _mirror(self, database=None):
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT ec_no, customer, account, amount::text, COALESCE(lettering, ''), lettered
              FROM sage100_entry WHERE database_id = %s AND NOT gone AND NOT missing ORDER BY ec_no
            """,
            [(database or self.database).id],
        )
        return [(*row[:3], Decimal(row[3]), *row[4:]) for row in self.env.cr.fetchall()]

    def _assert_same(self, database=None):
        mirror, sage = self._mirror(database), self._sage_entries(database)
        self.assertFalse(set(mirror) ^ set(sage))
        self.assertEqual(len(mirror), len(sage))

    def _entry(self, **conditions):
        """Return the EC_No of an unlettered debit of the last fiscal year, alone in its piece."""
        entry = self.env["sage100.entry"].search(
            [
                ("database_id", "=", self.database.id),
                ("lettered", "=", False),
                ("lettering", "=", False),
                ("amount", ">", 0),
                ("opening", "=", 0),
                ("fate", "=", "open"),
                ("date", ">=", "2026-01-01"),
                *((name, "=", value) for name, value in conditions.items()),
            ],
            limit=1,
        )
        self.assertTrue(entry)
        return entry

    def _date(self, number, moment):
        """Date a change as Sage's triggers do."""
        self._sage("UPDATE dbo.f_ecriturec SET cbmodification = %s WHERE ec_no = %s", (moment, number))

    def _later(self, hours=1):
        return self.mark + timedelta(hours=hours)


@tagged("post_install", "-at_install")
class TestSage100Incremental(Sage100ReadingCommon):
    """After the first reading only changes are read, and nothing is missed for all that."""

    def test_first_reading_is_complete(self):
        self.assertTrue(self.first.full)
        self.assertTrue(self.reading.full_at)
        self.assertFalse(self.reading.kind)
        (mark,) = self._sage("SELECT max(cbmodification) FROM dbo.f_ecriturec")[0]
        self.assertEqual(self.mark, mark.replace(microsecond=0))
        self._assert_same()
        self.assertFalse(self.env["sage100.pending"].search_count([("database_id", "=", self.database.id)]))

    def test_new_entry_is_read_with_the_few_around_the_mark(self):
        entry = self._entry()
        self._insert_entry(900001, like=entry.ec_no, ec_piece="NEW1", cbmodification=self._later())
        sync = self._synchronise()
        self.assertFalse(sync.full)
        self.assertEqual(sync.entries_created, 1)
        self.assertLess(sync.entries_read, self.first.entries_read / 2)
        self.assertEqual(self.reading.mark, self._later())
        self._assert_same()
        self.assertTrue(self._line(900001))

    def test_overlap_catches_what_was_dated_before_the_mark(self):
        """A smalldatetime is rounded, a transaction dates its rows before it shows them, an hour comes twice."""
        entry = self._entry()
        moment = self.mark - timedelta(minutes=125)
        with patch(f"{COMPARE}.ROUNDS", 0):  # by its date alone
            self._insert_entry(900002, like=entry.ec_no, ec_piece="LATE", cbmodification=moment)
            self.database._synchronise()
        self._assert_same()

    def test_changed_lettered_unlettered(self):
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant + 1 WHERE ec_no = %s", [entry.ec_no])
        self._date(entry.ec_no, self._later())
        self._insert_entry(900003, like=entry.ec_no, ec_sens=1, ec_piece="REG3", cbmodification=self._later())
        self._synchronise()
        self._assert_same()
        for hours, code, lettered in ((2, "ZZZ", 1), (3, "", 0)):
            self._sage(
                "UPDATE dbo.f_ecriturec SET ec_lettrage = %s, ec_lettre = %s, cbmodification = %s WHERE ec_no IN %s",
                (code, lettered, self._later(hours), (entry.ec_no, 900003)),
            )
            sync = self._synchronise()
            self.assertFalse(sync.full)
            self._assert_same()
            self.assertEqual(self._line(entry.ec_no).reconciled, bool(lettered))

    def test_deleted_then_entered_again(self):
        entry = self._entry()
        number, customer = entry.ec_no, entry.customer
        before = self._mirror()
        self._sage("CREATE TABLE dbo.kept AS SELECT * FROM dbo.f_ecriturec WHERE ec_no = %s", [number])
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no = %s", [number])
        sync = self._synchronise()
        self.assertFalse(sync.full)
        self.assertEqual(sync.entries_removed, 1)
        self.assertFalse(self._line(number))
        self._assert_same()
        self._sage("INSERT INTO dbo.f_ecriturec SELECT * FROM dbo.kept")
        self._synchronise()
        self.assertEqual(self._mirror(), before)
        self.assertEqual(self._line(number).partner_id, self._customer(customer).partner_id)

    def _customer(self, number):
        return self.env["sage100.customer"].search([("database_id", "=", self.database.id), ("number", "=", number)])

    def test_changes_that_nothing_dates(self):
        """Programs that disable Sage's triggers: neither date nor trace, but the sums differ."""
        entry = self._entry()
        number, customer = entry.ec_no, self._other_customer(entry.customer)
        for statement in (
            "UPDATE dbo.f_ecriturec SET ec_montant = ec_montant + 7 WHERE ec_no = %(number)s",
            "UPDATE dbo.f_ecriturec SET ct_num = %(customer)s WHERE ec_no = %(number)s",
            "UPDATE dbo.f_ecriturec SET cg_num = '416000' WHERE ec_no = %(number)s",
            "UPDATE dbo.f_ecriturec SET ec_lettre = 1, ec_lettrage = 'XXX' WHERE ec_no = %(number)s",
            "UPDATE dbo.f_ecriturec SET cg_num = '512000' WHERE ec_no = %(number)s",
        ):
            with self.subTest(statement=statement):
                self._sage(statement, {"number": number, "customer": customer})
                sync = self._synchronise()
                self.assertFalse(sync.full)
                self._assert_same()
        self.assertFalse(self._line(number))

    def _other_customer(self, number):
        found = self.env["sage100.entry"].search(
            [("database_id", "=", self.database.id), ("customer", "!=", number), ("fate", "=", "open")]
        )
        usable = found.filtered(lambda e: e.amount > 0 and not e.lettering and not e.opening and e.date.year == 2026)
        return usable[0].customer

    def test_what_the_sums_do_not_show_is_found_by_the_next_complete_reading(self):
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ec_intitule = 'AUTRE LIBELLE' WHERE ec_no = %s", [entry.ec_no])
        self.assertFalse(self._synchronise().full)
        self.assertNotEqual(self._line(entry.ec_no).name, "AUTRE LIBELLE")
        self.reading.full_at -= timedelta(hours=self.database.full_hours)
        self.assertTrue(self._synchronise().full)
        self.assertEqual(self._line(entry.ec_no).name, "AUTRE LIBELLE")
        self._assert_same()

    def test_many_customers_that_differ_mean_a_complete_reading(self):
        self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant * 2 WHERE cg_num LIKE '411%'")
        with patch(f"{COMPARE}.FEW", 2):
            sync = self._synchronise()
        self.assertTrue(sync.full)
        self._assert_same()

    def test_base_that_dates_nothing_is_read_entirely_each_time(self):
        self._sage("ALTER TABLE dbo.f_ecriturec DROP COLUMN cbmodification")
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ec_intitule = 'AUTRE LIBELLE' WHERE ec_no = %s", [entry.ec_no])
        for _time in (1, 2):
            self.assertTrue(self._synchronise().full)
        self.assertEqual(self._line(entry.ec_no).name, "AUTRE LIBELLE")
        self.assertFalse(self.database.sage_mark)

    def test_missing_required_column_is_named(self):
        self._sage("ALTER TABLE dbo.f_ecriturec DROP COLUMN ec_lettrage")
        sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "missing_column")
        self.assertIn("EC_Lettrage", sync.message)

    def test_entries_spell_their_customer_in_any_case(self):
        """The collation of SQL Server makes no difference, so Sage does not always write a number in the same way."""
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ct_num = lower(ct_num) || '  ' WHERE ec_no = %s", [entry.ec_no])
        sync = self._synchronise()
        self.assertFalse(sync.customers_differing)
        self.assertEqual(self._line(entry.ec_no).partner_id, self._customer(entry.customer).partner_id)

    def test_nothing_new_costs_the_same_whatever_the_volume(self):
        self._synchronise()
        costs = []
        for start in (0, 800000):
            if start:
                self._multiply(start)
                self._synchronise()
            self.env.flush_all()
            self.env.invalidate_all()  # what an earlier synchronisation left in memory is not what is compared
            before = self.cr.sql_log_count
            sync = self._synchronise()
            costs.append(self.cr.sql_log_count - before)
            self.assertEqual((sync.entries_created, sync.entries_updated, sync.matchings_made), (0, 0, 0))
        self.assertLessEqual(costs[1], costs[0] + 10)
        self.assertLess(costs[0], 150)

    def _multiply(self, start):
        """Add a copy of every entry of this year on the followed accounts."""
        columns = [
            row[0]
            for row in self._sage(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'dbo' AND table_name = 'f_ecriturec'"
            )
        ]
        replaced = {"ec_no": f"ec_no + {start}", "cbmarq": f"cbmarq + {start}", "ec_piece": "'C' || left(ec_piece, 11)"}
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(replaced.get(name, f'"{name}"') for name in columns)
        self._sage(
            f"INSERT INTO dbo.f_ecriturec ({names}) SELECT {values} FROM dbo.f_ecriturec "
            "WHERE cg_num LIKE '411%' AND ec_antype = 0 AND ec_lettrage = '' AND jm_date >= '2026-01-01'"
        )

    def test_entries_typed_during_the_reading(self):
        """Sums and entries never agree: what was read stands, it is said, and the next reading settles it."""
        entry = self._entry()
        read = type(self.env["sage100.loader.read"])._read_sums

        def typing(loader, state, reader):
            self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant + 1 WHERE ec_no = %s", [entry.ec_no])
            read(state, reader)

        with patch.object(type(self.env["sage100.loader.read"]), "_read_sums", typing):
            sync = self._synchronise(("warning",))
        issue = sync.issue_ids.filtered(lambda item: item.reason == "unsettled")
        self.assertEqual(issue.customer_number, entry.customer)
        sync = self._synchronise()
        self.assertNotIn("unsettled", sync.issue_ids.mapped("reason"))
        self._assert_same()

    # Rows to look at

    def test_rows_to_look_at_stay_until_examined_again(self):
        rejected = self.first.issue_ids.filtered(lambda item: item.reason == "no_customer")
        self.assertTrue(rejected)
        sync = self._synchronise()
        self.assertEqual(rejected.sync_id, sync)
        self.assertEqual(sync.rejected, len(rejected))
        self.assertEqual(sync.state, "warning")
        customer = self._entry().customer
        self._sage(
            "UPDATE dbo.f_ecriturec SET ct_num = %s, cbmodification = %s WHERE ec_no IN %s",
            (customer, self._later(), tuple(int(key) for key in rejected.mapped("sage_key"))),
        )
        sync = self._synchronise()
        self.assertFalse(rejected.exists())
        self.assertFalse(sync.rejected)

    # Control totals

    def test_what_a_user_settled_outside_sage_is_no_difference(self):
        line = self._line(self._entry().ec_no)
        move = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    (0, 0, {"account_id": line.account_id.id, "balance": -5, "partner_id": line.partner_id.id}),
                    (0, 0, {"account_id": self.company_data["default_account_revenue"].id, "balance": 5}),
                ],
            }
        )
        move.action_post()
        (line + move.line_ids[0]).reconcile()
        sync = self._synchronise()
        self.assertFalse(sync.customers_differing)
        self.assertAlmostEqual(sync.difference, 0)
        self.assertAlmostEqual(line.amount_residual, line.balance - 5)

    def test_a_line_changed_in_odoo_is_a_difference(self):
        line = self._line(self._entry().ec_no)
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance + 3, amount_residual = amount_residual + 3 WHERE id = %s",
            [line.id],
        )
        sync = self._synchronise(("failed",))
        self.assertEqual((sync.failure, sync.customers_differing), ("control", 1))
        issue = sync.issue_ids.filtered(lambda item: item.kind == "control")
        self.assertEqual(issue.partner_id, line.partner_id)
        self.assertAlmostEqual(issue.difference, 3)

    def test_a_residual_alone_is_a_difference(self):
        line = self._line(self._entry().ec_no)
        self.env.cr.execute(
            "UPDATE account_move_line SET amount_residual = amount_residual - 2 WHERE id = %s", [line.id]
        )
        sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "control")
        self.assertAlmostEqual(sync.difference, -2)
