"""Reading of F_ECRITUREC: the entries by chunks, and what tells without reading them whether they changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .exercises import Exercises
from .records import ZERO, Entry, EntryParser, EntryValues, Reject
from .values import NO_DATE_BEFORE, date, moment, money, text

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
        key, period, side = (self.column(ENTRIES, name) for name in ("EC_No", "JM_Date", "EC_Sens"))
        usable = f"{key} <> 0 AND {period} >= ? AND ({side} IS NULL OR {side} IN (0, 1))"
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
            condition += f" AND {self.column(ENTRIES, 'cbModification')} >= ?"
            parameters.append(since)
        if customers:
            condition += f" AND {self.column(ENTRIES, 'CT_Num')} IN ({', '.join('?' * len(customers))})"
            parameters += customers
        key = self.column(ENTRIES, "EC_No")
        names, quoted, free = self.columns(ENTRIES)
        parser = EntryParser(names, free)
        statement = (
            f"SELECT {', '.join(quoted)} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608 (names of the catalogue)
            f"WHERE {key} > ? AND {condition} ORDER BY {key}"
        )
        for chunk in self.stream(statement, [after, *parameters], ENTRIES, size or ENTRY_CHUNK):
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

    def modified(self, numbers: Sequence[int]) -> dict[int, dt.datetime | None]:
        """Return EC_No → moment of modification of those of the given entries that exist."""
        key, column = self.column(ENTRIES, "EC_No"), self.column(ENTRIES, "cbModification")
        statement = (
            f"SELECT {key}, {column} FROM {self.catalog.source(ENTRIES)} "  # noqa: S608
            f"WHERE {key} IN ({', '.join('?' * len(numbers))})"
        )
        return {row[0]: moment(row[1]) for chunk in self.stream(statement, numbers, ENTRIES) for row in chunk}

    def fingerprints(self, prefixes: Sequence[str], start: dt.date | None) -> dict[tuple[str, str], Fingerprint]:
        """Return (customer, account) → fingerprint of the entries.

        Counted by EC_Lettre rather than summed: whatever is not 0 means lettered.
        """
        names = ["CT_Num", "CG_Num", "EC_Sens", "EC_Lettre"]
        names += ["EC_ANType"] if self.catalog.has(ENTRIES, "EC_ANType") else []
        keys = ", ".join(self.catalog.quoted(ENTRIES, names))
        condition, parameters = self._usable_filter(prefixes, start)
        statement = (
            f"SELECT COUNT(*), SUM({self.column(ENTRIES, 'EC_Montant')}), {keys} "  # noqa: S608
            f"FROM {self.catalog.source(ENTRIES)} WHERE {condition} GROUP BY {keys}"
        )
        found: dict[tuple[str, str], Fingerprint] = {}
        for chunk in self.stream(statement, parameters, ENTRIES):
            for count, total, customer, account, side, lettre, *kind in chunk:
                amount = -money(total) if side else money(total)
                group = Fingerprint(count, amount, count if lettre else 0, count if kind and kind[0] else 0)
                found.setdefault((text(customer), text(account)), Fingerprint()).add(group)
        return found

    def totals(self, prefixes: Sequence[str], start: dt.date | None) -> dict[tuple[str, str], Decimal]:
        """Return Sage's own sums: (customer, account) → debits less credits since ``start``. The control totals."""
        condition, parameters = self._usable_filter(prefixes, start)
        keys = ", ".join(self.catalog.quoted(ENTRIES, ("CT_Num", "CG_Num", "EC_Sens")))
        statement = (
            f"SELECT SUM({self.column(ENTRIES, 'EC_Montant')}), {keys} "  # noqa: S608
            f"FROM {self.catalog.source(ENTRIES)} WHERE {condition} GROUP BY {keys}"
        )
        sums: dict[tuple[str, str], Decimal] = {}
        for chunk in self.stream(statement, parameters, ENTRIES):
            for total, customer, account, side in chunk:
                key = text(customer), text(account)
                sums[key] = sums.get(key, ZERO) + money(total) * (-1 if side else 1)
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
