"""Reads a Sage 100 base with plain SELECT statements that any SQL engine understands, and nothing else.

One statement a table, columns listed, keyset paging on EC_No instead of TOP or OFFSET, no function, no hint: the same
text runs on SQL Server and on the PostgreSQL double of the tests. Everything is read before anything is written in
Odoo, so that no Odoo row waits for ODBC and so that entries and control totals are of the same moment.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from . import connection as odbc
from .catalog import Catalog
from .errors import Failure, Sage100Error
from .exercises import Exercises
from .records import Account, Company, Entry, Reject
from .records_tiers import BankAccount, Collaborator, Contact, Customer
from .values import integer, money, text

CHUNK = 2000
CUSTOMER, SITUATION_JOURNAL, CENTRALISATION, IFRS_ONLY = 0, 4, 1, 2

Record = TypeVar("Record")
Row = dict[str, Any]


@dataclass(slots=True)
class Snapshot:
    """Everything that one synchronisation read, as neutral records."""

    company: Company
    exercises: Exercises
    accounts: dict[str, Account] = field(default_factory=dict)
    collaborators: list[Collaborator] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    banks: list[BankAccount] = field(default_factory=list)
    currencies: dict[int, str] = field(default_factory=dict)
    payment_modes: dict[int, str] = field(default_factory=dict)
    risks: dict[int, str] = field(default_factory=dict)
    services: dict[int, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    totals: dict[tuple[str, str], Decimal] = field(default_factory=dict)


class Reader:
    """A base being read through an open ODBC connection."""

    def __init__(self, connection: Any, settings: odbc.Settings, schema: str = "dbo") -> None:
        self.connection = connection
        self.settings = settings
        self.catalog = Catalog(connection, settings, schema)

    # Statements

    def rows(self, table: str, where: str = "", order: str = "", parameters: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Yield the rows of a table by chunks, as dictionaries keyed by Sage's own column names."""
        try:
            names = self.catalog.select(table)
            if not names:
                return
            statement = (
                f"SELECT {', '.join(self.catalog.quoted(table, names))} FROM {self.catalog.source(table)}{where}{order}"
            )
            cursor = self.connection.cursor()
            try:
                cursor.execute(statement, *parameters)
                while chunk := cursor.fetchmany(CHUNK):
                    yield [dict(zip(names, row, strict=True)) for row in chunk]
            finally:
                cursor.close()
        except odbc.pyodbc.Error as error:
            failure = odbc.translate(error, self.settings, subject=table)
        else:
            return
        raise failure

    def all(self, table: str, make: Callable[[Row], Record]) -> list[Record]:
        """Return every row of a small table as records."""
        return [make(row) for chunk in self.rows(table) for row in chunk]

    def _column(self, table: str, name: str) -> str:
        return self.catalog.quoted(table, [name])[0]

    def _entry_filter(self, prefixes: Sequence[str], start: dt.date | None) -> tuple[str, list[Any]]:
        """Return the conditions that make an entry a receivable: followed account, real, national, since ``start``.

        Situation journals hold simulated entries, centralisation lines repeat others, IFRS lines are not French books.
        """
        table = "F_ECRITUREC"
        account = self._column(table, "CG_Num")
        conditions = [f"({' OR '.join([f'{account} LIKE ?'] * len(prefixes))})"]
        parameters: list[Any] = [f"{prefix}%" for prefix in prefixes]
        journals = f"SELECT {self._column('F_JOURNAUX', 'JO_Num')} FROM {self.catalog.source('F_JOURNAUX')}"
        conditions.append(
            f"{self._column(table, 'JO_Num')} NOT IN ({journals} WHERE {self._column('F_JOURNAUX', 'JO_Type')} = "
            f"{SITUATION_JOURNAL})"
        )
        for name, excluded in (("EC_CType", CENTRALISATION), ("EC_Norme", IFRS_ONLY)):
            if self.catalog.has(table, name):
                column = self._column(table, name)
                conditions.append(f"({column} IS NULL OR {column} <> {excluded})")
        if start:
            period, day = self._column(table, "JM_Date"), self._column(table, "EC_Jour")
            first = dt.datetime(start.year, start.month, 1)
            conditions.append(f"({period} > ? OR ({period} = ? AND {day} >= ?))" if start.day > 1 else f"{period} >= ?")
            parameters += [first, first, start.day] if start.day > 1 else [first]
        return " AND ".join(conditions), parameters

    # Tables

    def company(self) -> Company:
        """Return whose books these are; a base without P_DOSSIER's row is not a Sage 100 accounting base."""
        companies = self.all("P_DOSSIER", Company.from_row)
        if not companies:
            raise Sage100Error(Failure.NOT_SAGE, subject="P_DOSSIER")
        return companies[0]

    def labels(self, table: str, name: str) -> dict[int, str]:
        """Return a parameter table as index → label, unused rows left out."""
        rows = [row for chunk in self.rows(table) for row in chunk]
        return {integer(row["cbIndice"]): text(row.get(name)) for row in rows if text(row.get(name))}

    def currencies(self) -> dict[int, str]:
        """Return P_DEVISE as index → ISO code (old bases without the column give their symbol or label)."""
        rows = [row for chunk in self.rows("P_DEVISE") for row in chunk]
        return {
            integer(row["cbIndice"]): (text(row.get("D_CodeISO")) or text(row.get("D_Sigle"))).upper()
            for row in rows
            if text(row["D_Intitule"])
        }

    def customers(self) -> dict[str, Customer]:
        """Return the customers by number; suppliers, employees and others never leave Sage."""
        rows = self.rows("F_COMPTET", f" WHERE {self._column('F_COMPTET', 'CT_Type')} = {CUSTOMER}")
        found = (Customer.from_row(row) for chunk in rows for row in chunk)
        return {customer.number: customer for customer in found if customer.number}

    def entries(self, prefixes: Sequence[str], start: dt.date | None, after: int = 0) -> Iterator[list[Entry | Reject]]:
        """Yield the entries by chunks, in the order of EC_No, after a given one: a cut reading can go on."""
        condition, parameters = self._entry_filter(prefixes, start)
        key = self._column("F_ECRITUREC", "EC_No")
        chunks = self.rows("F_ECRITUREC", f" WHERE {key} > ? AND {condition}", f" ORDER BY {key}", [after, *parameters])
        for chunk in chunks:
            yield [Entry.from_row(row) for row in chunk]

    def _aggregate(self, columns: str, condition: str, group: str, parameters: Sequence[Any]) -> list[Any]:
        statement = f"SELECT {columns} FROM {self.catalog.source('F_ECRITUREC')} WHERE {condition}{group}"  # noqa: S608
        try:
            return self.connection.cursor().execute(statement, *parameters).fetchall()
        except odbc.pyodbc.Error as error:
            failure = odbc.translate(error, self.settings, subject="F_ECRITUREC")
        raise failure

    def last_opening(self, prefixes: Sequence[str]) -> dt.date | None:
        """Return the month of the latest opening entries on followed accounts, None when there is none."""
        if not self.catalog.has("F_ECRITUREC", "EC_ANType"):
            return None
        condition, parameters = self._entry_filter(prefixes, None)
        kind, period = self._column("F_ECRITUREC", "EC_ANType"), self._column("F_ECRITUREC", "JM_Date")
        rows = self._aggregate(f"MAX({period})", f"{condition} AND {kind} IN (1, 2, 3)", "", parameters)
        value = rows[0][0] if rows else None
        return value.date() if isinstance(value, dt.datetime) else value

    def totals(self, prefixes: Sequence[str], start: dt.date | None) -> dict[tuple[str, str], Decimal]:
        """Return Sage's own sums: (customer, account) → debits less credits since ``start``. The control totals."""
        condition, parameters = self._entry_filter(prefixes, start)
        customer, account, side, amount = self.catalog.quoted(
            "F_ECRITUREC", ("CT_Num", "CG_Num", "EC_Sens", "EC_Montant")
        )
        keys = f"{customer}, {account}, {side}"
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for number, code, credit, total in self._aggregate(
            f"{keys}, SUM({amount})", condition, f" GROUP BY {keys}", parameters
        ):
            sums[text(number), text(code)] += money(total) * (-1 if credit else 1)
        return dict(sums)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        try:
            return self.connection.cursor().execute(f"SELECT COUNT(*) FROM {self.catalog.source(table)}").fetchone()[0]  # noqa: S608
        except odbc.pyodbc.Error as error:
            failure = odbc.translate(error, self.settings, subject=table)
        raise failure

    # A whole base

    def window(
        self, prefixes: Sequence[str], exercises: Exercises, start: dt.date | None
    ) -> tuple[dt.date | None, dt.date | None]:
        """Return from when to read and from when Sage's sums hold (None: from the beginning).

        What is open always comes: ``start`` only limits the settled past. It goes back to the start of its fiscal
        year, because lettering codes and opening entries belong to a year.
        """
        opening = self.last_opening(prefixes)
        if opening is None:
            return None, None
        open_from = exercises.start_of(opening)
        return (min(exercises.start_of(start), open_from) if start else None), open_from

    def snapshot(self, prefixes: Sequence[str], start: dt.date | None) -> Snapshot:
        """Return everything that a synchronisation needs."""
        company = self.company()
        found = Snapshot(company, Exercises.of(company.periods))
        accounts = self.all("F_COMPTEG", Account.from_row)
        found.accounts = {account.code: account for account in accounts if account.code.startswith(tuple(prefixes))}
        found.collaborators = self.all("F_COLLABORATEUR", Collaborator.from_row)
        found.customers = self.customers()
        found.contacts = [c for c in self.all("F_CONTACTT", Contact.from_row) if c.customer in found.customers]
        found.banks = [bank for bank in self.all("F_BANQUET", BankAccount.from_row) if bank.customer in found.customers]
        found.currencies = self.currencies()
        found.payment_modes = self.labels("P_REGLEMENT", "R_Intitule")
        found.risks = self.labels("P_CRISQUE", "R_Intitule")
        found.services = self.labels("P_SERVICECPTA", "S_Intitule")
        read_from, open_from = self.window(prefixes, found.exercises, start)
        self._read_entries(found, prefixes, read_from)
        found.totals = {
            key: total for key, total in self.totals(prefixes, open_from).items() if key[0] in found.customers
        }
        return found

    def _read_entries(self, found: Snapshot, prefixes: Sequence[str], start: dt.date | None) -> None:
        """Keep the entries of customers and note those that cannot be used; other tiers stay in Sage."""
        for chunk in self.entries(prefixes, start):
            for item in chunk:
                if isinstance(item, Reject):
                    found.rejects.append(item)
                elif item.customer in found.customers:
                    found.entries.append(item)
