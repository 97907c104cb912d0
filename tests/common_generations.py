"""Generations of the schema of Sage 100: what each has in less, in more or shorter than the demo base.

Drawn from public DDL of live bases. The demo base itself is of the recent generation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyodbc

from ..demo.sage100.schema import SCHEMA, TABLES
from .common_tds import columns_of
from .tds_server import Server
from .tds_sql import Database, Login, Settings, SqlError, as_python

Columns = dict[str, tuple[tuple[str, str], ...]]
DATA = tuple(name for name in TABLES if name.startswith("F_"))
SHORT = {
    ("F_COMPTET", "CT_Intitule"): "varchar(35)",
    ("F_ECRITUREC", "EC_Intitule"): "varchar(35)",
    ("F_ECRITUREC", "EC_Lettrage"): "varchar(3)",
    ("F_ECRITUREC", "EC_LettrageQ"): "varchar(3)",
    ("F_ECRITUREC", "EC_Pointage"): "varchar(3)",
    **{(table, "cbModification"): "smalldatetime" for table in DATA},
}
PAYMENT_FOLLOWUP = {
    "F_ECRITUREC": (("EC_StatusRegle", "smallint"), ("EC_RIB", "smallint"), ("EC_DateOp", "datetime")),
}
MODERN = {
    "F_COMPTET": (
        "CT_LangueISO2 CT_ExclureTrait CT_GDPR CT_Prospect CT_Facebook CT_LinkedIn CT_FactureElec CT_ProfilSoc "
        "CT_StatutContrat CT_BonAPayer CT_CessionCreance"
    ).split(),
    "F_CONTACTT": ["CT_Facebook", "CT_LinkedIn", "CT_Skype"],
    "F_ECRITUREC": ["EC_FactureGUID"],
}


@dataclass(frozen=True)
class Generation:
    """One shape of the base."""

    name: str
    types: dict[tuple[str, str], str] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    added: Columns = field(default_factory=dict)
    without: tuple[str, ...] = ()
    spelt: Callable[[str], str] = str
    padded: bool = False

    def columns(self, table: str) -> list[tuple[str, str, str]]:
        """Return (name in the demo base, name here, type here) of every column of a table."""
        found = []
        for name, sql_type in [*columns_of(table), *self.added.get(table, ())]:
            if name in self.dropped.get(table, ()):
                continue
            sql_type = self.types.get((table, name), sql_type)
            if self.padded and sql_type.startswith("varchar("):
                sql_type = sql_type.removeprefix("var")
            found.append((name, self.spelt(name), sql_type))
        return found

    def fill(self, database: Database, tables: dict[str, list[dict[str, Any]]]) -> None:
        """Put the rows of the demo base into a database of the stand-in, as this generation keeps them."""
        for table, rows in tables.items():
            if table in self.without:
                continue
            columns = self.columns(table)
            limits = {name: int(sql_type[8:-1]) for name, _here, sql_type in columns if sql_type.startswith("varchar(")}
            made = (
                {
                    here: row[name][: limits[name]]
                    if isinstance(row.get(name), str) and name in limits
                    else row.get(name)
                    for name, here, _type in columns
                }
                for row in rows
            )
            database.make(self.spelt(table), [(here, sql_type) for _name, here, sql_type in columns], made)

    def statements(self) -> Iterator[str]:
        """Yield the DDL that turns the demo base, in PostgreSQL, into this generation."""
        for table in self.without:
            yield f"DROP TABLE {SCHEMA}.{table}"
        for table in TABLES:
            actions = [f"DROP COLUMN {name}" for name in self.dropped.get(table, ()) if table not in self.without]
            actions += [f"ADD COLUMN {name} {sql_type}" for name, sql_type in self.added.get(table, ())]
            for (owner, name), sql_type in self.types.items():
                if owner != table or table in self.without:
                    continue
                if sql_type == "smalldatetime":
                    rounded = f"date_trunc('minute', {name} + interval '30 seconds')"
                    actions.append(f"ALTER COLUMN {name} TYPE timestamp USING {rounded}")
                else:
                    actions.append(f"ALTER COLUMN {name} TYPE {sql_type} USING left({name}, {sql_type[8:-1]})")
            if actions:
                yield f"ALTER TABLE {SCHEMA}.{table} {', '.join(actions)}".replace(" datetime", " timestamp")


_UNDATED = {table: ["cbCreation", "cbCreationUser"] for table in DATA}


def _both(*parts: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: [name for part in parts for name in part.get(table, ())] for table in TABLES}


OLDER = Generation(
    "older",
    types=SHORT,
    dropped=_both(_UNDATED, MODERN),
    added={**PAYMENT_FOLLOWUP, "F_COMPTET": (("CT_DateCreate", "datetime"),)},
    without=("F_MANDAT",),
)
ANCIENT = Generation(
    "ancient",
    types=SHORT,
    dropped=_both(_UNDATED, MODERN, {"F_COMPTET": ["CO_No"]}),
    added={"F_COMPTET": (("RE_No", "int"),)},
    without=("F_MANDAT", "F_COLLABORATEUR", "F_CONTACTT"),
)
MIDDLE = Generation(
    "middle",
    types=SHORT,
    dropped=_UNDATED,
    added={**PAYMENT_FOLLOWUP, "F_COMPTET": (("CT_DateCreate", "datetime"),)},
)
RECENT = Generation("recent")
NEWEST = Generation(
    "newest",
    added={
        "F_ECRITUREC": (
            *PAYMENT_FOLLOWUP["F_ECRITUREC"],
            ("EC_PayNowUrl", "varchar(249)"),
            ("EC_ExtProvenance", "smallint"),
            ("EC_ExtSequence", "int"),
            ("SAC_id", "int"),
        )
    },
)
GENERATIONS = (ANCIENT, OLDER, MIDDLE, RECENT, NEWEST)
LOGIN = Login("lecture", "lecture")


class Direct:
    """What a driver does, without a driver: an ODBC connection straight to a database of the stand-in.

    For what must be tried a hundred times over.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.description: list[tuple[Any, ...]] = []
        self.rows: list[tuple[Any, ...]] = []

    def cursor(self) -> Direct:
        """Return a cursor."""
        return Direct(self.database)

    def execute(self, statement: str, *parameters: Any) -> Direct:
        """Run a statement with its ``?`` parameters."""
        marks = iter(range(1, len(parameters) + 1))
        text = re.sub(r"\?", lambda _found: f"@P{next(marks)}", statement)
        values = {f"@P{number}": value for number, value in enumerate(parameters, start=1)}
        for _verb, answer in self.database.execute(text, values, LOGIN, Settings("x")):
            if isinstance(answer, SqlError):
                states = {207: "42S22", 208: "42S02"}
                raise pyodbc.ProgrammingError(states.get(answer.number, "42000"), f"{answer} ({answer.number})")
            self.description = [(column.name, str, None, 0) for column in answer.columns]
            self.rows = [
                tuple(as_python(value, column.type) for column, value in zip(answer.columns, row, strict=True))
                for row in answer.rows
            ]
        return self

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows."""
        found, self.rows = self.rows[:size], self.rows[size:]
        return found

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        return self.fetchmany(len(self.rows))

    def close(self) -> None:
        """Nothing to close."""


def serve(server: Server, generation: Generation, tables: dict[str, list[dict[str, Any]]]) -> Database:
    """Put a generation on a server of the stand-in, under its own name."""
    database = Database(generation.name)
    generation.fill(database, tables)
    server.databases[generation.name] = database
    server.logins[LOGIN.name] = LOGIN
    return database
