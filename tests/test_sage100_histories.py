import random
from collections import defaultdict
from decimal import Decimal

import psycopg2

from odoo.tests import tagged
from odoo.tools import SQL

from ..demo.sage100.dates import NULL_DATE
from ..demo.sage100.living_books import number_of
from ..demo.sage100.living_history import History
from ..demo.sage100.living_oracle import Owed, carried, truth
from ..demo.sage100.load import load
from ..models.followup_situation import COLUMNS
from .common_sage100 import PASSWORD, Sage100Common

#: What a synchronisation of an unchanged base leaves as it is, row by row.
TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_full_reconcile",
    "followup_situation",
    "res_partner",
    "sage100_customer",
    "sage100_entry",
)
STEPS = 40


@tagged("post_install", "-at_install")
class TestSage100Histories(Sage100Common):
    """A base that lives, synchronised at random moments: Odoo owes and claims exactly what the rows say.

    Whatever fails tells its seed and everything that was done to the base before.
    """

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.levels = cls.env["followup.plan"].sudo().search([], limit=1).level_ids.filtered("active")

    def test_first_history(self):
        self._live(1)

    def test_second_history(self):
        self._live(2)

    def test_third_history(self):
        self._live(3)

    def test_imported_from_a_later_year(self):
        """The settled past stays in Sage; opening entries come without their originals, then with them."""
        self.database.start_date = "2025-06-01"
        self._live(4)

    def test_credits_set_against_the_oldest_debts(self):
        """With the allotment, the same balances; no account is left with both debits and credits."""
        self.company.sudo().sage100_allot_credits = True
        self._live(5)

    # One history

    def _live(self, seed):
        self.history = history = History(seed)
        self.rng = random.Random(f"synchronisations:{seed}")
        self.marks = {}
        for _step in range(self.rng.randint(5, 20)):
            history.step()
        load(history.base, f"dbname={self.name}", self.name, PASSWORD)
        history.base.changes()
        history.hidden = False
        self._check_synchronised()
        while len(history.log) < STEPS:
            for _step in range(self.rng.choice((1, 2, 4, 8))):
                history.step()
            self._apply(history.base.changes())
            self._check_synchronised()
        self._check_situations()

    def _apply(self, changes):
        """Do in the Sage base what the accountant did."""
        connection = psycopg2.connect(dbname=self.name)
        try:
            with connection, connection.cursor() as cr:
                for change in changes:
                    cr.execute(*change.sql())
        finally:
            connection.close()

    def _told(self, *facts):
        """The history that led to a failure, then what is wrong."""
        return "\n".join([f"seed {self.history.seed}", *self.history.log, *map(str, facts)])

    def _check_synchronised(self):
        sync = self._synchronise_now()
        self.assertIn(sync.state, ("done", "warning"), self._told(sync.message, *sync.issue_ids.mapped("message")))
        self.assertFalse(sync.customers_differing, self._told(*sync.issue_ids.mapped("message")))
        expected = truth(self.history.base)
        gaps = self._get_gaps(expected)
        self.assertFalse(gaps, self._told(*gaps))
        self._check_due_dates()
        self._check_marks(expected)
        if self.rng.random() < 0.4:
            self._check_nothing_written()
        if self.rng.random() < 0.3:
            self._check_situations()
        self._mark(expected)

    def _synchronise_now(self):
        """Synchronise; completely when no date and perhaps no sum tells what changed."""
        if self.history.hidden:
            self.database._get_reading().full_at = False
        self.history.hidden = False
        sync = self._synchronise(("done", "warning", "failed"))
        self.assertFalse(
            self.env["sage100.pending"].sudo().search_count([("database_id", "=", self.database.id)]),
            self._told("customers still pending", sync.message, *sync.issue_ids.mapped("message")),
        )
        return sync

    # What Odoo holds

    def _get_lines(self):
        return self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "!=", 0)]
        )

    def _get_gaps(self, expected):
        owed = self._get_owed()
        if not self.company.sage100_allot_credits:
            return expected.gaps(owed)
        return expected.gaps_of_allotted(owed)

    def _get_owed(self):
        numbers = {
            customer.partner_id: customer.number
            for customer in self.env["sage100.customer"].search([("database_id", "=", self.database.id)])
        }
        self.env.invalidate_all()
        return [
            Owed(
                line.sage_ec_no,
                line.sage_current_ec_no,
                numbers.get(line.partner_id, line.partner_id.name),
                line.account_id.code,
                Decimal(str(line.amount_residual)).quantize(Decimal("0.01")),
            )
            for line in self._get_lines()
        ]

    def _check_due_dates(self):
        """A due date put off on the entry in force is the one that is claimed."""
        dues = {number_of(row): row["EC_Echeance"] for row in self.history.base.entries if row["EC_ANType"] != 2}
        for line in self._get_lines().filtered("amount_residual"):
            due = dues.get(line.sage_current_ec_no)
            if due and due > NULL_DATE:
                self.assertEqual(line.date_maturity, due.date(), self._told(f"due date of {line.sage_ec_no}"))

    # Levels

    def _mark(self, expected):
        """Remind some open lines: their level must follow them."""
        opened = self._get_lines().filtered(lambda line: line.amount_residual > 0 and not line.followup_level_id)
        for line in self.rng.sample(opened, min(3, len(opened))):
            number = self.history.base.root_of(line.sage_ec_no)
            if number not in self.marks and carried(self.history.base, number, expected):
                line.write({"followup_level_id": self.rng.choice(self.levels).id, "followup_date": "2026-01-15"})
                self.marks[number] = line.followup_level_id

    def _check_marks(self, expected):
        """Every reminded line still bears its level, unless its entry is gone or is no longer the same."""
        lines = defaultdict(list)
        for line in self._get_lines():
            lines[self.history.base.root_of(line.sage_ec_no)].append(line)
        for number, level in list(self.marks.items()):
            if not carried(self.history.base, number, expected):
                del self.marks[number]
                continue
            # A copy settled a second time is a line beside its original.
            same = [line for line in lines[number] if line.sage_ec_no == number] or lines[number]
            numbers = [(line.sage_ec_no, line.sage_current_ec_no) for line in lines[number]]
            self.assertEqual(
                [line.followup_level_id for line in same], [level], self._told(f"level of {number}, lines {numbers}")
            )

    # Nothing more than needed

    def _check_nothing_written(self):
        """Not even when everything of all customers is examined: what changes reach was enough."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO sage100_pending (database_id, number)"
                " SELECT DISTINCT database_id, customer FROM sage100_entry WHERE database_id = %s",
                self.database.id,
            )
        )
        before, issues = self._get_places(), self._get_issues()
        sync = self._synchronise_now()
        self.assertEqual(self._get_issues(), issues, self._told("rows to look at"))
        counts = sync.entries_created, sync.entries_updated, sync.entries_removed, sync.matchings_made
        self.assertEqual(counts, (0, 0, 0, 0), self._told("written without a change"))
        after = self._get_places()
        for table in TABLES:
            self.assertEqual(after[table], before[table], self._told(f"{table} written without a change"))

    def _get_issues(self):
        found = self.env["sage100.issue"].search([("database_id", "=", self.database.id), ("scope", "=", "entry")])
        # That something was undone is told once, by the synchronisation that did it.
        return {
            (issue.reason, issue.customer_number, issue.sage_key, issue.message)
            for issue in found
            if issue.reason != "unreconciled"
        }

    def _get_places(self):
        """Where PostgreSQL keeps each row: elsewhere as soon as it is written."""
        self.env.flush_all()
        return {
            table: dict(self.env.execute_query(SQL("SELECT id, ctid::text FROM %s", SQL.identifier(table))))
            for table in TABLES
        }

    def _check_situations(self):
        """What was kept up to date equals what a rebuild from nothing gives."""
        Situation, company = self.env["followup.situation"].sudo(), self.company.sudo()
        Situation._drain_queue(company)
        kept = self._get_situations()
        Situation._rebuild_company(company, company._followup_today())
        gaps = kept ^ self._get_situations()
        self.assertFalse(gaps, self._told("situations", *sorted(gaps, key=str)))

    def _get_situations(self):
        self.env.flush_all()
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        query = SQL("SELECT %s FROM followup_situation WHERE company_id = %s", names, self.company.id)
        return set(self.env.execute_query(query))
