"""Reads a Sage 100 base with plain SELECT statements that any SQL engine understands, and nothing else.

One statement a table, columns listed, keyset paging on EC_No instead of TOP or OFFSET, no function, no hint: the same
text runs on SQL Server and on the PostgreSQL double of the tests. Parameters and third parties are small and read at
once; entries come by chunks (``reader_entries``), so that nothing grows with their number.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from . import connection as odbc
from .cancelling import NoWatch, Watch
from .catalog import Catalog, quote
from .errors import Failure, Sage100Error
from .exercises import Exercises
from .reader_entries import EntryReader
from .reader_tiers import read_tiers
from .records import Account, Company, free_text
from .records_tiers import BankAccount, Collaborator, Contact, Customer, Mandate, Risk, Term
from .values import integer, money, text

CHUNK = 2000
CUSTOMER = 0

Record = TypeVar("Record")
Row = dict[str, Any]


@dataclass(slots=True)
class Snapshot:
    """What one synchronisation keeps in memory of a base: its parameters and third parties, as neutral records."""

    company: Company
    exercises: Exercises
    accounts: dict[str, Account] = field(default_factory=dict)
    collaborators: list[Collaborator] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    banks: list[BankAccount] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    countries: dict[str, str] = field(default_factory=dict)
    currencies: dict[int, str] = field(default_factory=dict)
    payment_modes: dict[int, str] = field(default_factory=dict)
    risks: dict[int, Risk] = field(default_factory=dict)
    services: dict[int, str] = field(default_factory=dict)
    tolerance: tuple[Decimal, Decimal] | None = None  # differences that lettering accepts: debit, credit
    reminders: Any = None
    read_from: dt.date | None = None  # first day of what is read, None for everything
    open_from: dt.date | None = None  # first day of the open fiscal years, None when no opening entry exists


class Reader(EntryReader):
    """A base being read through an open ODBC connection.

    Args:
        connection: open, in autocommit.
        settings: what it was opened with, to word its failures.
        schema: owner of Sage's tables.
        free: table → names of the free fields wanted; those that the base has not are left out.
        watch: cancels a question when somebody wishes so.
    """

    def __init__(
        self,
        connection: Any,
        settings: odbc.Settings,
        schema: str = "dbo",
        free: Mapping[str, Sequence[str]] | None = None,
        watch: Watch | NoWatch | None = None,
    ) -> None:
        self.connection = connection
        self.watch = watch or NoWatch()
        self.settings = settings
        self.catalog = Catalog(connection, settings, schema, self.watch)
        self.free = free or {}

    # Statements

    def stream(self, statement: str, parameters: Sequence[Any], table: str, size: int = CHUNK) -> Iterator[list[Any]]:
        """Yield the rows of a statement by chunks; a failure of the driver is raised as ``Sage100Error``."""
        try:
            cursor = self.connection.cursor()
            try:
                with self.watch.over(cursor):
                    cursor.execute(statement, *parameters)
                    while chunk := cursor.fetchmany(size):
                        self.watch.check()
                        yield chunk
                    self.watch.check()
            finally:
                with contextlib.suppress(odbc.pyodbc.Error):  # the connection may be gone
                    cursor.close()
        except odbc.pyodbc.Error as error:
            failure = odbc.translate(error, self.settings, subject=table)
        else:
            return
        self.watch.check()
        raise failure

    def columns(self, table: str) -> tuple[list[str], list[str], int]:
        """Return the wanted columns that a table has, as Sage names them and quoted, free ones last, and their number.

        A free field that the base lost keeps its place: it is read as the constant NULL.
        """
        names = self.catalog.select(table)
        quoted = self.catalog.quoted(table, names)
        free = list(self.free.get(table, ())) if names else []
        found = self.catalog.columns(table)
        quoted += [quote(found[name.lower()]) if name.lower() in found else "NULL" for name in free]
        return [*names, *free], quoted, len(free)

    def rows(self, table: str, where: str = "", order: str = "", parameters: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Yield the rows of a table by chunks, as dictionaries keyed by Sage's own column names, and ``free``."""
        names, quoted, free = self.columns(table)
        if not names:
            return
        width = len(names) - free
        statement = f"SELECT {', '.join(quoted)} FROM {self.catalog.source(table)}{where}{order}"  # noqa: S608
        for chunk in self.stream(statement, parameters, table):
            rows = []
            for values in chunk:
                row = dict(zip(names[:width], values[:width], strict=True))
                if free:
                    row["free"] = tuple(map(free_text, values[width:]))
                rows.append(row)
            yield rows

    def all(self, table: str, make: Callable[[Row], Record]) -> list[Record]:
        """Return every row of a small table as records."""
        return [make(row) for chunk in self.rows(table) for row in chunk]

    def column(self, table: str, name: str) -> str:
        """Return one column, quoted."""
        return self.catalog.quoted(table, [name])[0]

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
        rows = self.rows("F_COMPTET", f" WHERE {self.column('F_COMPTET', 'CT_Type')} = {CUSTOMER}")
        found = (Customer.from_row(row, row.get("free", ())) for chunk in rows for row in chunk)
        return {customer.number: customer for customer in found if customer.number}

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return self.value(f"SELECT COUNT(*) FROM {self.catalog.source(table)}", (), table)  # noqa: S608

    def value(self, statement: str, parameters: Sequence[Any], table: str) -> Any:
        """Return the only value of a statement."""
        return next(self.stream(statement, parameters, table))[0][0]

    # A whole base, but for its entries

    def tolerance(self) -> tuple[Decimal, Decimal] | None:
        """Return the differences that lettering accepts (P_LETTRAGE), debit and credit; None when not readable."""
        rows = [row for chunk in self.rows("P_LETTRAGE") for row in chunk]
        if not rows:
            return None
        return abs(money(rows[0].get("L_MaxDebit"))), abs(money(rows[0].get("L_MaxCredit")))

    def snapshot(self, prefixes: Sequence[str], start: dt.date | None) -> Snapshot:
        """Return the parameters, the third parties and from when entries are to be read."""
        company = self.company()
        found = Snapshot(company, Exercises.of(company.periods))
        accounts = self.all("F_COMPTEG", Account.from_row)
        found.accounts = {account.code: account for account in accounts if account.code.startswith(tuple(prefixes))}
        found.currencies = self.currencies()
        found.tolerance = self.tolerance()
        read_tiers(self, found)
        found.read_from, found.open_from = self.window(prefixes, found.exercises, start)
        return found
