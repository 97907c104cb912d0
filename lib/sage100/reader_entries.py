"""Reading of F_ECRITUREC: the entries by chunks, and what tells without reading them whether they changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .exercises import Exercises
from .records import ZERO, Entry, EntryParser, EntryValues, Reject
from .values import NO_DATE_BEFORE, date, integer, moment, money, text

if TYPE_CHECKING:
    from . import connection as odbc
    from .catalog import Catalog

ENTRIES = "F_ECRITUREC"
ENTRY_CHUNK = 10_000
SITUATION_JOURNAL, CENTRALISATION, IFRS_ONLY = 4, 1, 2
FIRST_DAY = dt.datetime.combine(NO_DATE_BEFORE, dt.time())


@dataclass(slots=True)
class Fingerprint:
    """Number, balance and lettered number of some entries: they differ as soon as an entry came, went or was changed.

    ``openings`` counts the opening entries among them, which Sage writes anew each time it runs the opening again.
    """

    count: int = 0
    total: Decimal = ZERO
    lettered: int = 0
    openings: int = 0

    def add(self, other: Fingerprint) -> None:
        """Add the fingerprint of other entries."""
        self.count += other.count
        self.total += other.total
        self.lettered += other.lettered
        self.openings += other.openings


class EntryReader:
    """The part of a ``Reader`` that is about entries."""

    if TYPE_CHECKING:
        catalog: Catalog
        free: Mapping[str, Sequence[str]]
        settings: odbc.Settings

        def stream(self, statement: str, parameters: Sequence[Any], table: str, size: int = 0) -> Iterator[list[Any]]:
            """Provided by ``Reader``."""

        def columns(self, table: str) -> tuple[list[str], list[str], int]:
            """Provided by ``Reader``."""

        def column(self, table: str, name: str) -> str:
            """Provided by ``Reader``."""

        def value(self, statement: str, parameters: Sequence[Any], table: str) -> Any:
            """Provided by ``Reader``."""

    # Conditions

    def _entry_filter(self, prefixes: Sequence[str], start: dt.date | None) -> tuple[str, list[Any]]:
        """Return the conditions that make an entry a receivable: followed account, real, national, since ``start``.

        Situation journals hold simulated entries, centralisation lines repeat others, IFRS lines are not French books.
        """
        account = self.column(ENTRIES, "CG_Num")
        conditions = [f"({' OR '.join([f'{account} LIKE ?'] * len(prefixes))})"]
        parameters: list[Any] = [f"{prefix}%" for prefix in prefixes]
        journals = f"SELECT {self.column('F_JOURNAUX', 'JO_Num')} FROM {self.catalog.source('F_JOURNAUX')}"
        conditions.append(
            f"{self.column(ENTRIES, 'JO_Num')} NOT IN ({journals} WHERE {self.column('F_JOURNAUX', 'JO_Type')} = "
            f"{SITUATION_JOURNAL})"
        )
        for name, excluded in (("EC_CType", CENTRALISATION), ("EC_Norme", IFRS_ONLY)):
            if self.catalog.has(ENTRIES, name):
                column = self.column(ENTRIES, name)
                conditions.append(f"({column} IS NULL OR {column} <> {excluded})")
        if start:
            period, day = self.column(ENTRIES, "JM_Date"), self.column(ENTRIES, "EC_Jour")
            first = dt.datetime(start.year, start.month, 1)
            conditions.append(f"({period} > ? OR ({period} = ? AND {day} >= ?))" if start.day > 1 else f"{period} >= ?")
            parameters += [first, first, start.day] if start.day > 1 else [first]
        return " AND ".join(conditions), parameters

    def _usable_filter(self, prefixes: Sequence[str], start: dt.date | None) -> tuple[str, list[Any]]:
        """Return the same conditions, without the rows that ``EntryParser`` refuses."""
        condition, parameters = self._entry_filter(prefixes, start)
        names = ("CT_Num", "EC_No", "JM_Date", "EC_Sens")
        customer, key, period, side = (self.column(ENTRIES, name) for name in names)
        usable = f"{customer} IS NOT NULL AND {key} <> 0 AND {period} >= ? AND ({side} IS NULL OR {side} IN (0, 1))"
        return f"{condition} AND {usable}", [*parameters, FIRST_DAY]

    # Entries

    def entry_values(
        self,
        prefixes: Sequence[str],
        start: dt.date | None,
        after: int = 0,
        since: dt.datetime | None = None,
        customers: Sequence[str] = (),
        size: int = 0,
    ) -> Iterator[list[EntryValues | Reject]]:
        """Yield the entries by chunks as values of an ``Entry``, in the order of EC_No, after a given one.

        Args:
            prefixes: first digits of the followed accounts.
            start: first accounting day, None for all.
            after: EC_No of the last entry already read: a cut reading goes on there.
            since: only the entries modified at or after that moment of the server's clock.
            customers: only the entries of these customers (spelt as in the base).
            size: number of rows of a chunk, 0 for the usual one.
        """
        condition, parameters = self._entry_filter(prefixes, start)
        if since:
            # First: it leaves next to nothing, and some servers evaluate conditions in the order given.
            condition = f"{self.column(ENTRIES, 'cbModification')} >= ? AND {condition}"
            parameters.insert(0, since)
        if customers:
            condition += f" AND {self.column(ENTRIES, 'CT_Num')} IN ({', '.join('?' * len(customers))})"
            parameters += customers
        key = self.column(ENTRIES, "EC_No")
        # Changes are few: as an expression, the order does not tempt the server to walk through the index of EC_No.
        order = f"{key} + 0" if since else key
        names, quoted, free = self.columns(ENTRIES)
        parser = EntryParser(names, free)
        statement = (
            f"SELECT {', '.join(quoted)} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608 (names of the catalogue)
            f"WHERE {condition} AND {key} > ? ORDER BY {order}"
        )
        for chunk in self.stream(statement, [*parameters, after], ENTRIES, size or ENTRY_CHUNK):
            yield list(map(parser.parse, chunk))

    def entries(
        self, prefixes: Sequence[str], start: dt.date | None, after: int = 0, **options: Any
    ) -> Iterator[list[Entry | Reject]]:
        """Yield the same as ``entry_values``, as records."""
        for chunk in self.entry_values(prefixes, start, after, **options):
            yield [item if isinstance(item, Reject) else Entry(*item) for item in chunk]

    # What tells that something changed

    def mark(self) -> dt.datetime | None:
        """Return the moment, by the server's clock, of the latest modification; None for a base without that column."""
        if not self.catalog.has(ENTRIES, "cbModification"):
            return None
        column = self.column(ENTRIES, "cbModification")
        return moment(self.value(f"SELECT MAX({column}) FROM {self.catalog.source(ENTRIES)}", (), ENTRIES))  # noqa: S608

    def numbers(self, prefixes: Sequence[str], start: dt.date | None, customers: Sequence[str]) -> list[int]:
        """Return the EC_No of the entries of these customers (spelt as in the base)."""
        condition, parameters = self._usable_filter(prefixes, start)
        statement = (
            f"SELECT {self.column(ENTRIES, 'EC_No')} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608
            f"WHERE {condition} AND {self.column(ENTRIES, 'CT_Num')} IN ({', '.join('?' * len(customers))})"
        )
        return [row[0] for chunk in self.stream(statement, [*parameters, *customers], ENTRIES) for row in chunk]

    def modified(self, numbers: Sequence[int]) -> dict[int, dt.datetime | None]:
        """Return EC_No → moment of modification of those of the given entries that exist."""
        key, column = self.column(ENTRIES, "EC_No"), self.column(ENTRIES, "cbModification")
        statement = (
            f"SELECT {key}, {column} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608
            f"WHERE {key} IN ({', '.join('?' * len(numbers))})"
        )
        return {row[0]: moment(row[1]) for chunk in self.stream(statement, numbers, ENTRIES) for row in chunk}

    def _signed(self) -> str:
        """Return the amount as an expression, negative for a credit: with it the server sums, not this program."""
        side, amount = self.column(ENTRIES, "EC_Sens"), self.column(ENTRIES, "EC_Montant")
        return f"CASE WHEN {side} = 1 THEN -{amount} ELSE {amount} END"

    def _counted(self, name: str) -> str:
        """Return an expression that counts the entries where a column is not 0 (whatever is not 0 means lettered)."""
        if not self.catalog.has(ENTRIES, name):
            return "0"
        return f"SUM(CASE WHEN {self.column(ENTRIES, name)} <> 0 THEN 1 ELSE 0 END)"

    def sums(
        self, prefixes: Sequence[str], start: dt.date | None, open_from: dt.date | None
    ) -> tuple[dict[tuple[str, str], Fingerprint], dict[tuple[str, str], Decimal]]:
        """Return by (customer, account) the fingerprint of the entries since ``start``, and their ``totals`` since
        ``open_from``, in one walk of the server through its entries when a month begins that day."""
        keys = ", ".join(self.catalog.quoted(ENTRIES, ("CT_Num", "CG_Num")))
        condition, parameters = self._usable_filter(prefixes, start)
        recent = "0"
        if open_from and open_from.day == 1:
            recent = f"SUM(CASE WHEN {self.column(ENTRIES, 'JM_Date')} >= ? THEN {self._signed()} ELSE 0 END)"
            parameters = [dt.datetime(open_from.year, open_from.month, 1), *parameters]
        marks = f"COUNT(*), SUM({self._signed()}), {self._counted('EC_Lettre')}, {self._counted('EC_ANType')}"
        statement = (
            f"SELECT {keys}, {recent}, {marks} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608 (names of the catalogue)
            f"WHERE {condition} GROUP BY {keys}"
        )
        found: dict[tuple[str, str], Fingerprint] = {}
        totals: dict[tuple[str, str], Decimal] = {}
        for chunk in self.stream(statement, parameters, ENTRIES):
            for customer, account, since, count, total, lettered, openings in chunk:
                key = text(customer), text(account)
                mark = Fingerprint(count, money(total), integer(lettered), integer(openings))
                found.setdefault(key, Fingerprint()).add(mark)
                totals[key] = totals.get(key, ZERO) + (money(since) if open_from else mark.total)
        return found, self.totals(prefixes, open_from) if open_from and recent == "0" else totals

    def totals(self, prefixes: Sequence[str], start: dt.date | None) -> dict[tuple[str, str], Decimal]:
        """Return Sage's own sums: (customer, account) → debits less credits since ``start``. The control totals."""
        condition, parameters = self._usable_filter(prefixes, start)
        keys = ", ".join(self.catalog.quoted(ENTRIES, ("CT_Num", "CG_Num")))
        statement = (
            f"SELECT {keys}, SUM({self._signed()}) FROM {self.catalog.source(ENTRIES)} "  # noqa: S608
            f"WHERE {condition} GROUP BY {keys}"
        )
        sums: dict[tuple[str, str], Decimal] = {}
        for chunk in self.stream(statement, parameters, ENTRIES):
            for customer, account, total in chunk:
                key = text(customer), text(account)
                sums[key] = sums.get(key, ZERO) + money(total)
        return sums

    # Window

    def last_opening(self, prefixes: Sequence[str]) -> dt.date | None:
        """Return the month of the latest opening entries on followed accounts, None when there is none."""
        if not self.catalog.has(ENTRIES, "EC_ANType"):
            return None
        condition, parameters = self._entry_filter(prefixes, None)
        kind, period = self.column(ENTRIES, "EC_ANType"), self.column(ENTRIES, "JM_Date")
        statement = (
            f"SELECT MAX({period}) FROM {self.catalog.source(ENTRIES)} WHERE {condition} "  # noqa: S608
            f"AND {kind} IN (1, 2, 3)"
        )
        return date(self.value(statement, parameters, ENTRIES))

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
