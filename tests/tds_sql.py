"""A SQL Server database in memory: T-SQL in, typed columns and rows out, refusals with SQL Server's own numbers.

The rows live in SQLite; sqlglot turns T-SQL into its dialect. Texts compare as under French_CI_AS (case and trailing
blanks ignored), NUMERIC stays exact, names keep their letter case. Only SELECT is ever executed for a client.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlglot
from pysqlbridge.tds.result import Column, ColumnType, DateTime, Integer, NVarChar, UniqueIdentifier, VarBinary
from sqlglot import exp

from .tds_types import Char, Numeric, SmallDateTime, VarChar, to_the_minute

Row = Mapping[str, Any]
ISOLATION = re.compile(r"\bISOLATION\s+LEVEL\s+(READ UNCOMMITTED|READ COMMITTED|REPEATABLE READ|SNAPSHOT)", re.I)
LOCK_TIMEOUT = re.compile(r"\bLOCK_TIMEOUT\s+(-?\d+)", re.I)

PROCEDURE = re.compile(r"\s*(?:EXEC(?:UTE)?\s+)?((?:\[?\w+\]?\.)*sp_\w+)\b", re.I)


class SqlError(Exception):
    """A refusal: SQL Server's error number and message."""

    def __init__(self, number: int, message: str, severity: int = 16) -> None:
        super().__init__(message)
        self.number = number
        self.severity = severity


@dataclass
class Login:
    """A SQL login: what it may open, and the tables that it may not read."""

    name: str
    password: str = field(repr=False)
    denied: set[str] = field(default_factory=set)


@dataclass
class Settings:
    """What a session has set for itself."""

    database: str = ""
    isolation: str = "READ COMMITTED"
    lock_timeout: int = -1


@dataclass
class Answer:
    """One result: its columns (none after SET), its rows, and the tables that it was read from."""

    columns: list[Column] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)


def kind(sql_type: str) -> ColumnType:
    """Return the wire type of a column, from its SQL type (PostgreSQL's names of the demo base are understood)."""
    name, _, details = sql_type.lower().rstrip(")").partition("(")
    sizes = [int(size) for size in details.split(",") if size]
    simple = {
        "smallint": Integer(2),
        "int": Integer(4),
        "timestamp": DateTime(),
        "datetime": DateTime(),
        "smalldatetime": SmallDateTime(),
        "uuid": UniqueIdentifier(),
        "uniqueidentifier": UniqueIdentifier(),
    }
    made = {"varchar": VarChar, "char": Char, "numeric": Numeric, "varbinary": VarBinary}
    return simple[name] if name in simple else made[name](*sizes)


def _stored(value: Any, wire: ColumnType) -> Any:
    """Return a value as SQLite keeps it, such that comparisons hold."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(wire, Numeric):
        return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-wire.scale)):f}"
    if isinstance(wire, SmallDateTime):
        value = to_the_minute(value)
    return _bound(value)


def _bound(value: Any) -> Any:
    """Return a parameter as SQLite compares it."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return f"{value.isoformat()} 00:00:00"
    return f"{value:f}" if isinstance(value, Decimal) else value


def as_python(value: Any, wire: ColumnType) -> Any:
    """Return a value as a driver would hand it over."""
    if value is None:
        return None
    if isinstance(wire, Numeric):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-wire.scale))
    if isinstance(wire, DateTime | SmallDateTime):
        return dt.datetime.fromisoformat(value)
    return value.ljust(wire.size) if isinstance(wire, Char) else value


def _french(left: str, right: str) -> int:
    one, other = left.rstrip(" ").casefold(), right.rstrip(" ").casefold()
    return (one > other) - (one < other)


def _decimal(left: str, right: str) -> int:
    one, other = Decimal(left), Decimal(right)
    return (one > other) - (one < other)


class _Sum:
    """SUM without binary fractions."""

    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: Any) -> None:
        """Add a value; NULL is skipped."""
        if value is not None:
            self.total = (self.total or Decimal(0)) + Decimal(str(value))

    def finalize(self) -> int | float | str | None:
        """Return a number that SQLite can compare, as long as it can keep it exactly."""
        if self.total is None:
            return None
        if self.total == self.total.to_integral_value() and abs(self.total) < 2**62:
            return int(self.total)
        return float(self.total) if abs(self.total) < 10**8 else f"{self.total:f}"


@functools.lru_cache(1024)
def _parse(text: str) -> list[exp.Expression | None]:
    """Return the statements of a batch; they are copied before any change."""
    return sqlglot.parse(text, read="tsql")


class Database:
    """One database: its tables, changed freely by the tests, only read by clients."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.snapshot_allowed = False
        self._lock = threading.RLock()
        self._kinds: dict[str, dict[str, tuple[str, ColumnType]]] = {}
        self._names: dict[str, str] = {}
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._sqlite.create_collation("FRENCH", _french)
        self._sqlite.create_collation("DECIMAL", _decimal)
        self._sqlite.create_aggregate("sum", 1, _Sum)

    # What a test does

    def make(self, table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row] = ()) -> None:
        """Make a table (replacing the former one) with its rows; a column that a row lacks is NULL."""
        self.drop(table)
        kinds = {name: kind(sql_type) for name, sql_type in columns}
        lines = ", ".join(f"{self._quote(name)} {self._affinity(wire)}" for name, wire in kinds.items())
        with self._lock:
            self._sqlite.execute(f"CREATE TABLE {self._quote(table)} ({lines})")
            self._names[table.lower()] = table
            self._kinds[table.lower()] = {name.lower(): (name, wire) for name, wire in kinds.items()}
            self.insert(table, rows)
            if "EC_No" in kinds:
                self._sqlite.execute(f"CREATE INDEX I_{table} ON {self._quote(table)} (EC_No)")

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        kinds = self._kinds[table.lower()].values()
        marks = ", ".join("?" for _kind in kinds)
        values = [[_stored(row.get(name), wire) for name, wire in kinds] for row in rows]
        with self._lock:
            self._sqlite.executemany(f"INSERT INTO {self._quote(table)} VALUES ({marks})", values)

    def drop(self, table: str) -> None:
        """Remove a table."""
        with self._lock:
            self._sqlite.execute(f"DROP TABLE IF EXISTS {self._quote(table)}")
            self._kinds.pop(table.lower(), None)

    def hide(self, table: str, column: str) -> dict[str, tuple[str, ColumnType]]:
        """Make as if a table had not that column; return what ``show`` needs to undo it."""
        before = self._kinds[table.lower()]
        self._kinds[table.lower()] = {name: pair for name, pair in before.items() if name != column.lower()}
        return before

    def show(self, table: str, hidden: dict[str, tuple[str, ColumnType]]) -> None:
        """Undo ``hide``."""
        self._kinds[table.lower()] = hidden

    def add_column(self, table: str, column: str, sql_type: str, value: Any = None) -> None:
        """Add a column, with the same value in every row."""
        wire, name = kind(sql_type), self._quote(column)
        with self._lock:
            self._sqlite.execute(f"ALTER TABLE {self._quote(table)} ADD COLUMN {name} {self._affinity(wire)}")
            self._sqlite.execute(f"UPDATE {self._quote(table)} SET {name} = ?", [_stored(value, wire)])
            self._kinds[table.lower()][column.lower()] = column, wire

    def change(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run an accountant's statement (SQLite's dialect, ``?`` parameters); return its rows."""
        with self._lock:
            return self._sqlite.execute(statement, [_bound(value) for value in parameters]).fetchall()

    def columns(self, table: str) -> list[str]:
        """Return the column names of a table."""
        return [name for name, _kind in self._kinds[table.lower()].values()]

    @staticmethod
    def _quote(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    @staticmethod
    def _affinity(wire: ColumnType) -> str:
        if isinstance(wire, Integer):
            return "INTEGER"
        if isinstance(wire, VarBinary):
            return "BLOB"
        collation = " COLLATE DECIMAL" if isinstance(wire, Numeric) else ""
        return f"TEXT{' COLLATE FRENCH' if isinstance(wire, VarChar) else collation}"

    # What a client does

    def execute(
        self, text: str, parameters: Mapping[str, Any], login: Login, settings: Settings
    ) -> Iterable[tuple[str, Answer | SqlError]]:
        """Yield, for each statement of a batch, its verb and its result; the first refusal ends the batch."""
        if found := PROCEDURE.match(text):
            yield "EXEC", SqlError(2812, f"Could not find stored procedure '{found[1]}'.")
            return
        if re.match(r"\s*(SET|USE)\b", text, re.I) and not re.search(r";\s*\w", text):
            yield "SET", self._set(text, settings)
            return
        try:
            statements = _parse(text)
        except sqlglot.errors.SqlglotError as error:
            yield "?", SqlError(102, f"Incorrect syntax near '{text[:20]}'. {type(error).__name__}", 15)
            return
        for tree in filter(None, statements):
            try:
                if not isinstance(tree, exp.Query):
                    raise self._refused(tree)
                yield "SELECT", self._select(tree, parameters, login, settings)
            except SqlError as error:
                yield tree.key.upper(), error
                return

    def _set(self, text: str, settings: Settings) -> Answer:
        if found := ISOLATION.search(text):
            settings.isolation = found[1].upper()
        if found := LOCK_TIMEOUT.search(text):
            settings.lock_timeout = int(found[1])
        return Answer()

    def _refused(self, tree: exp.Expression) -> SqlError:
        table = tree.find(exp.Table)
        name = table.name if table else "?"
        return SqlError(
            229,
            f"The {tree.key.upper()} permission was denied on the object '{name}', database '{self.name}', "
            "schema 'dbo'.",
            14,
        )

    def _select(self, tree: exp.Expression, parameters: Mapping[str, Any], login: Login, settings: Settings) -> Answer:
        tables = self._check_tables(tree, login)
        if tables and settings.isolation == "SNAPSHOT" and not self.snapshot_allowed:
            raise SqlError(
                3952,
                f"Snapshot isolation transaction failed accessing database '{self.name}' because snapshot isolation is "
                "not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.",
            )
        kinds = {name: pair for table in tables for name, pair in self._kinds[table.lower()].items()}
        self._check_columns(tree, kinds)
        columns = self._result_columns(tree, kinds)
        text = self._translate(self._expanded(tree, columns))
        bound = {name.lstrip("@"): _bound(value) for name, value in parameters.items()}
        try:
            with self._lock:
                rows = self._sqlite.execute(text, bound).fetchall()
        except sqlite3.Error as error:
            raise SqlError(102, f"Incorrect syntax: {error}", 15) from error
        return Answer(columns, rows, tables)

    def _check_tables(self, tree: exp.Expression, login: Login) -> list[str]:
        found = []
        for table in tree.find_all(exp.Table):
            if table.name.lower() not in self._kinds or table.db.lower() not in ("", "dbo"):
                raise SqlError(208, f"Invalid object name '{'.'.join(filter(None, [table.db, table.name]))}'.")
            name = self._names[table.name.lower()]
            if name in login.denied:
                raise SqlError(
                    229,
                    f"The SELECT permission was denied on the object '{name}', database '{self.name}', schema 'dbo'.",
                    14,
                )
            found.append(name)
        return found

    @staticmethod
    def _check_columns(tree: exp.Expression, kinds: Mapping[str, Any]) -> None:
        aliases = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
        for column in tree.find_all(exp.Column):
            if not isinstance(column.this, exp.Star) and column.name.lower() not in kinds.keys() | aliases:
                raise SqlError(207, f"Invalid column name '{column.name}'.")

    def _result_columns(self, tree: exp.Expression, kinds: Mapping[str, tuple[str, ColumnType]]) -> list[Column]:
        columns = []
        for node in tree.selects:
            if node.is_star:
                first = self._kinds[tree.args["from_"].find(exp.Table).name.lower()]
                columns += [Column(name, wire, flags=0x0009) for name, wire in first.values()]
            else:
                columns.append(Column(node.alias_or_name, self._kind(node, kinds), flags=0x0009))
        return columns

    def _kind(self, node: exp.Expression, kinds: Mapping[str, tuple[str, ColumnType]]) -> ColumnType:
        """Return the type of an expression, as SQL Server derives it."""
        if isinstance(node, exp.Column):
            return kinds[node.name.lower()][1] if node.name.lower() in kinds else Integer(4)
        if isinstance(node, exp.Sum):
            return Numeric(38, 6) if isinstance(self._kind(node.this, kinds), Numeric) else Integer(4)
        if isinstance(node, exp.Subquery):
            return self._kind(node.this.selects[0], kinds)
        if isinstance(node, exp.Case):
            return self._kind(node.args["ifs"][0].args["true"], kinds)
        if isinstance(node, exp.Binary):
            both = [self._kind(side, kinds) for side in (node.left, node.right)]
            return next((side for side in both if isinstance(side, Numeric)), both[0])
        if isinstance(node, exp.Alias | exp.Paren | exp.Neg | exp.Max | exp.Min | exp.Coalesce | exp.Abs):
            return self._kind(node.this, kinds)
        if isinstance(node, exp.Literal) and node.is_string:
            return NVarChar(max(len(node.this), 1))
        return Integer(4)

    @staticmethod
    def _expanded(tree: exp.Expression, columns: list[Column]) -> exp.Expression:
        """Return the statement with its star replaced by the columns that are known."""
        if not any(node.is_star for node in tree.selects):
            return tree
        plain = tree.copy()
        plain.set("expressions", [exp.column(column.name, quoted=True) for column in columns])
        return plain

    @staticmethod
    def _translate(tree: exp.Expression) -> str:
        """Return the statement for SQLite: no schema, no hint, plain strings."""
        plain = tree.copy()
        for table in plain.find_all(exp.Table):
            table.set("db", None)
            table.set("hints", None)
        for text in list(plain.find_all(exp.National)):
            text.replace(exp.Literal.string(text.this))
        return plain.sql(dialect="sqlite")
