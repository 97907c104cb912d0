"""Books that change: rows in memory, the clock of the SQL server, and the SQL of what changed since last time.

Everything is decided by the seed. Rows are those of ``schema.TABLES``; a ``LivingBooks`` can be given to ``load`` like
any demo base.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .dates import Exercises, midnight
from .parameters import parameter_tables
from .schema import SCHEMA, TABLES, complete

Row = dict[str, object]
Period = tuple[dt.date, dt.date]

SIRET = "73282932000074"
WATCHED = ("P_DOSSIER", "F_COMPTEG", "F_COMPTET", "F_ECRITUREC")
"""Tables that live: the others never change."""


@dataclass(frozen=True)
class Change:
    """One row to insert, update or delete, found by its cbMarq."""

    verb: str
    table: str
    mark: int
    values: Row

    def sql(self) -> tuple[str, list[object]]:
        """The statement and its parameters, in the style of psycopg2."""
        name = f"{SCHEMA}.{self.table}"
        identifiers = {column.name: column.identifier for column in TABLES[self.table]}
        columns = [identifiers[column] for column in self.values]
        values = list(self.values.values())
        if self.verb == "insert":
            marks = ", ".join(["%s"] * len(columns))
            return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values  # noqa: S608
        if self.verb == "update":
            pairs = ", ".join(f"{column} = %s" for column in columns)
            return f"UPDATE {name} SET {pairs} WHERE cbMarq = %s", [*values, self.mark]  # noqa: S608
        return f"DELETE FROM {name} WHERE cbMarq = %s", [self.mark]  # noqa: S608


class LivingBooks:
    """The tables of a base, and how a row is added, changed and removed.

    Attributes:
        tables: rows by table, as ``load`` wants them.
        periods: the exercises, oldest first; P_DOSSIER keeps the last five.
        now: the SQL server's local time.
        rounded: whether cbModification is a ``smalldatetime`` (rounded to the minute) or a ``datetime`` (cut to the
            second).
        recreates: whether an update deletes the row and makes it anew: another cbMarq, the same EC_No.
        silent: while true, triggers are off: cbModification is not kept.
    """

    def __init__(self, periods: Sequence[Period], seed: int | str, *, rounded: bool = False) -> None:
        self.rng = random.Random(f"living:{seed}")
        self.periods = list(periods)
        self.rounded = rounded
        self.recreates = False
        self.silent = False
        self.now = midnight(self.periods[0][0]) + dt.timedelta(days=40, hours=9)
        reference = self.periods[-1][1]
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.tables |= parameter_tables(Exercises(reference), {"D_Siret": SIRET})
        self._last_entry = 100
        self._write_periods()
        self._known: dict[str, dict[int, Row]] = {}
        self.changes()

    # Rows

    @property
    def entries(self) -> list[Row]:
        """Rows of F_ECRITUREC."""
        return self.tables["F_ECRITUREC"]

    @property
    def today(self) -> dt.date:
        """The day of the server's clock."""
        return self.now.date()

    def add(self, table: str, **values: object) -> Row:
        """A new row; an entry gets the next EC_No."""
        if table == "F_ECRITUREC":
            self._last_entry += 1
            values["EC_No"] = self._last_entry
        row = complete(table, **values) | {
            "cbMarq": self._next_mark(table),
            "cbCreateur": "COLS",
            "cbCreation": self.now.replace(microsecond=0),
            "cbModification": self.stamp(),
        }
        self.tables[table].append(row)
        return row

    def change(self, row: Row, table: str = "F_ECRITUREC", **values: object) -> None:
        """Change some columns of a row, as Sage does."""
        unknown = values.keys() - row.keys()
        if unknown:
            raise KeyError(f"{table} has no column {unknown}")
        row |= values
        if self.silent:
            return
        row["cbModification"] = self.stamp()
        if self.recreates:
            row["cbMarq"] = self._next_mark(table)

    def remove(self, row: Row, table: str = "F_ECRITUREC") -> None:
        """Delete a row, for good."""
        self.tables[table] = [other for other in self.tables[table] if other is not row]

    def stamp(self) -> dt.datetime:
        """The server's time as its column keeps it; a smalldatetime may lie 30 seconds ahead."""
        if self.rounded:
            moved = self.now + dt.timedelta(seconds=30)
            return moved.replace(second=0, microsecond=0)
        return self.now.replace(microsecond=0)

    def _next_mark(self, table: str) -> int:
        marks = [int(str(row["cbMarq"])) for row in self.tables[table]]
        known = getattr(self, "_known", {}).get(table, {})
        return max([*marks, *known, 0]) + 1

    # Exercises

    def period_of(self, day: dt.date) -> Period:
        """The exercise that holds a day."""
        return next(period for period in self.periods if period[0] <= day <= period[1])

    def before(self, period: Period) -> Period | None:
        """The exercise before another."""
        rank = self.periods.index(period)
        return self.periods[rank - 1] if rank else None

    def new_period(self) -> Period:
        """Add an exercise of twelve months; its opening entries come later."""
        start = self.periods[-1][1] + dt.timedelta(days=1)
        end = start.replace(year=start.year + 1) - dt.timedelta(days=1)
        self.periods.append((start, end))
        self._write_periods()
        return start, end

    def _write_periods(self) -> None:
        row = self.tables["P_DOSSIER"][0]
        for rank in range(1, 6):
            row[f"D_DebutExo{rank:02d}"] = row[f"D_FinExo{rank:02d}"] = None
        for rank, (start, end) in enumerate(self.periods[-5:], start=1):
            row[f"D_DebutExo{rank:02d}"] = midnight(start)
            row[f"D_FinExo{rank:02d}"] = midnight(end)

    # SQL

    def changes(self) -> list[Change]:
        """What changed since the last call: deletions first, since a re-created row keeps its EC_No."""
        found: list[Change] = []
        for table in WATCHED:
            now = {int(str(row["cbMarq"])): dict(row) for row in self.tables[table]}
            found += _differences(table, self._known.get(table, {}), now)
            self._known[table] = now
        return sorted(found, key=lambda change: ("delete", "update", "insert").index(change.verb))


def _differences(table: str, old: dict[int, Row], new: dict[int, Row]) -> Iterator[Change]:
    for mark in old.keys() - new.keys():
        yield Change("delete", table, mark, {})
    for mark, row in new.items():
        if mark not in old:
            yield Change("insert", table, mark, row)
        elif row != old[mark]:
            yield Change(
                "update", table, mark, {name: value for name, value in row.items() if value != old[mark][name]}
            )


def signed(row: Row) -> Decimal:
    """Amount of a row, debit positive."""
    amount = Decimal(str(row["EC_Montant"]))
    return -amount if row["EC_Sens"] else amount


def day_of(row: Row) -> dt.date:
    """Accounting date of a row: its month and its day."""
    month = row["JM_Date"]
    assert isinstance(month, dt.datetime)
    return month.date().replace(day=int(str(row["EC_Jour"])))


def number_of(row: Row) -> int:
    """EC_No of a row."""
    return int(str(row["EC_No"]))
