import datetime
import json
from decimal import Decimal

from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..lib.sage100.exercises import Exercises
from ..lib.sage100.reader import Snapshot
from ..lib.sage100.records import Account, Company, Entry
from ..models.sage100_bulk_copy import Printed, copy_rows
from ..models.sage100_job import Job

YEARS = (2024, 2025, 2026)
MIRROR_COLUMNS = (
    "ec_no",
    "journal",
    "date",
    "piece",
    "account",
    "customer",
    "label",
    "amount",
    "due_date",
    "invoice",
    "reference",
    "payment_mode",
    "sage_currency",
    "amount_currency",
    "lettered",
    "lettering",
    "opening",
    "reminders",
    "reminded_on",
    "closed",
    "free_1",
    "free_2",
    "free_3",
)

CUSTOMER = MIRROR_COLUMNS.index("customer")


def day(text):
    return datetime.date.fromisoformat(text)


class BulkCommon(AccountTestInvoicingCommon):
    """The mirror of a base is filled directly, as its reading would: what comes out of it is what is tested."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("fr")
    @AccountTestInvoicingCommon.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.env = cls.env(user=cls.env.ref("base.user_root"), context={"allowed_company_ids": cls.company.ids})
        cls.env["res.currency"].search([("name", "=", "USD")]).active = True
        cls.database = cls.env["sage100.database"].create(
            {
                "name": "BIJOU",
                "company_id": cls.company.id,
                "driver": "none",
                "server": "none",
                "database_name": "none",
                "login": "none",
            }
        )
        cls.snapshot = Snapshot(
            company=Company("BIJOU", "", ()),
            exercises=Exercises.of([(day(f"{year}-01-01"), day(f"{year}-12-31")) for year in YEARS]),
            accounts={"411000": Account("411000", "Clients", 2), "416000": Account("416000", "Clients douteux", 2)},
            currencies={1: "EUR", 2: "USD"},
            payment_modes={1: "Virement", 2: "LCR acceptée"},
        )
        cls.sync = cls.env["sage100.sync"].create({"database_id": cls.database.id})
        cls.partners = {}

    @classmethod
    def _partner(cls, number, **values):
        partner = cls.env["res.partner"].create({"name": f"Client {number}", "is_company": True, **values})
        cls.partners[number] = partner.id
        return partner

    def _job(self):
        job = Job(self.database, self.sync, lambda *_args: None)
        job.snapshot, job.partners = self.snapshot, dict(self.partners)
        job.automatic_modes = {2}
        return job

    def _entry(self, ec_no, amount, **values):
        base = {
            "journal": "VTE",
            "date": day("2026-03-02"),
            "piece": f"P{ec_no}",
            "account": "411000",
            "customer": "DUPONT",
            "label": f"Pièce {ec_no}",
        }
        values = {name: day(v) if name in ("date", "due_date", "reminded_on") else v for name, v in values.items()}
        return Entry(ec_no=ec_no, amount=Decimal(str(amount)).quantize(Decimal("0.01")), **{**base, **values})

    def _mirror(self, entries):
        """Make the mirror hold these entries and no other, those that disappear being gone; note who is concerned."""
        columns = SQL(", ").join(map(SQL.identifier, MIRROR_COLUMNS))
        query = SQL("SELECT %s FROM sage100_entry WHERE database_id = %s", columns, self.database.id)
        before = {row["ec_no"]: tuple(row.values()) for row in self.env.execute_query_dict(query)}
        owners = {number: row[CUSTOMER] for number, row in before.items()}
        query = SQL("SELECT ec_no, fate FROM sage100_entry WHERE database_id = %s", self.database.id)
        fates = self.env.execute_query(query)
        rows = {entry.ec_no: self._mirror_row(entry) for entry in entries}
        lost = [number for number in before if number not in rows]
        query = SQL(
            "UPDATE sage100_entry SET gone = TRUE WHERE database_id = %s AND ec_no = ANY(%s)", self.database.id, lost
        )
        self.env.cr.execute(query)
        self.env.cr.execute(
            SQL("DELETE FROM sage100_entry WHERE database_id = %s AND ec_no = ANY(%s)", self.database.id, list(rows))
        )
        constants = {"database_id": self.database.id, "gone": False}
        copy_rows(self.env, "sage100_entry", MIRROR_COLUMNS, list(rows.values()), constants)
        self.env.cr.execute_values(
            "UPDATE sage100_entry entry SET fate = known.fate FROM (VALUES %s) known (ec_no, fate)"
            f" WHERE entry.ec_no = known.ec_no AND entry.database_id = {self.database.id}",
            fates or [(0, None)],
        )
        after = {
            row["ec_no"]: tuple(row.values())
            for row in self.env.execute_query_dict(SQL("%s AND gone IS NOT TRUE", query_of(columns, self.database.id)))
        }
        concerned = {owners[number] for number in lost}
        for entry in entries:
            if before.get(entry.ec_no) != after[entry.ec_no]:
                concerned |= {entry.customer, owners.get(entry.ec_no, entry.customer)}
        changed = [number for number in {**before, **after} if before.get(number) != after.get(number)]
        moved = {
            side[number][CUSTOMER]
            for number in changed
            if self._has_moved(before, after, number)
            for side in (before, after)
        }
        for number in concerned:
            rows = [
                side[key]
                for key in changed
                for side in (before, after)
                if key in side and side[key][CUSTOMER] == number
            ]
            self._pend(number, None if number in moved else rows)
        return concerned

    @staticmethod
    def _has_moved(before, after, number):
        return number in before and number in after and before[number][CUSTOMER] != after[number][CUSTOMER]

    def _pend(self, customer, rows):
        """Have a customer made again as the reading does: with what the entries that changed were and are."""
        traces = [] if rows else None
        for row in rows or ():
            values = dict(zip(MIRROR_COLUMNS, row, strict=True))
            amount = f"{values['amount']:.2f}"
            trace = [values[name] for name in ("ec_no", "account", "date", "lettering")]
            traces.append([*trace, amount, values["invoice"], values["opening"]])
        self.env.cr.execute(
            "INSERT INTO sage100_pending AS known (database_id, number, traces) VALUES (%s, %s, %s)"
            " ON CONFLICT (database_id, number) DO UPDATE SET traces = known.traces || EXCLUDED.traces",
            [self.database.id, customer, traces and json.dumps(traces, default=str)],
        )

    @staticmethod
    def _mirror_row(entry):
        return (
            entry.ec_no,
            entry.journal,
            entry.date,
            entry.piece,
            Printed(entry.account),  # empty, it is not NULL
            entry.customer,
            entry.label,
            entry.amount,
            entry.due_date,
            entry.invoice,
            entry.reference,
            entry.payment_mode,
            entry.currency,
            entry.amount_currency,
            entry.lettered,
            entry.lettering,
            int(entry.opening),
            entry.reminders,
            entry.reminded_on,
            entry.closed,
            *(*entry.free, None, None, None)[:3],
        )

    def _load(self, entries=None):
        """Load the pending customers; return the job."""
        if entries is not None:
            self._mirror(entries)
        job = self._job()
        self.env["sage100.loader.entry"]._load(job)
        self.env.flush_all()
        self.env.invalidate_all()
        return job

    def _issues(self, job):
        """Return the rows to look at."""
        job.flush_issues()
        return self.env["sage100.issue"].search([("database_id", "=", self.database.id)], order="id")

    def _line(self, number):
        return self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "=", number)]
        )

    # Every column of what was written, ids made names

    def _columns(self):
        """Return table → key → column → value, of the mirror moves: ids replaced by what they stand for."""
        moves = self._rows("account_move", SQL("sage_database_id = %s", self.database.id))
        ids = [row["id"] for row in moves]
        lines = self._rows("account_move_line", SQL("move_id = ANY(%s)", ids))
        partials = self._rows("account_partial_reconcile", SQL("debit_move_id = ANY(%s)", [row["id"] for row in lines]))
        fulls = self._rows("account_full_reconcile", SQL("id = ANY(%s)", [row["full_reconcile_id"] for row in lines]))
        names = {row["id"]: row["name"] for row in moves}
        keys = {row["id"]: (names[row["move_id"]], row["sage_ec_no"] or 0) for row in lines}
        groups, numbers = {}, {}
        for row in lines:
            groups.setdefault(row["full_reconcile_id"], []).append(keys[row["id"]])
            numbers.setdefault(row["matching_number"], []).append(keys[row["id"]])
        full_keys = {number: tuple(sorted(members)) for number, members in groups.items() if number}
        for row in lines:
            row["move_id"] = names[row["move_id"]]
            row["full_reconcile_id"] = full_keys.get(row["full_reconcile_id"])
            number = row["matching_number"]
            if number:
                row["matching_number"] = (number[0] == "P", tuple(sorted(numbers[number])))
        for row in partials:
            row["debit_move_id"], row["credit_move_id"] = keys[row["debit_move_id"]], keys[row["credit_move_id"]]
            row["full_reconcile_id"] = full_keys.get(row["full_reconcile_id"])
        return {
            "account_move": {row["name"]: row for row in moves},
            "account_move_line": {keys[row["id"]]: row for row in lines},
            "account_partial_reconcile": {(row["debit_move_id"], row["credit_move_id"]): row for row in partials},
            "account_full_reconcile": {full_keys[row["id"]]: row for row in fulls},
        }

    def _rows(self, table, condition):
        query = SQL("SELECT * FROM %s WHERE %s ORDER BY id", SQL.identifier(table), condition)
        return self.env.execute_query_dict(query)

    def assertSameColumns(self, found, expected, exceptions=()):  # noqa: N802 (as unittest names its own)
        """Compare every column of every row of every table."""
        differences = []
        for table, rows in expected.items():
            self.assertEqual(found[table].keys(), rows.keys(), table)
            for key, row in rows.items():
                other = found[table][key]
                self.assertEqual(other.keys(), row.keys())
                differences += [
                    f"{table} {key}: {name} is {other[name]!r} instead of {value!r}"
                    for name, value in row.items()
                    if name not in ("id", *exceptions) and other[name] != value
                ]
        self.assertFalse(differences, "\n".join([f"{len(differences)} differences", *differences[:40]]))


def query_of(columns, database_id):
    return SQL("SELECT %s FROM sage100_entry WHERE database_id = %s", columns, database_id)
