"""What the tables of one base really hold: columns differ with the generation, the country and the edition of Sage 100.

Nothing but the names found here is ever written into a statement, quoted, so no text from a setting can become SQL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .cancelling import NoWatch, Watch
from .connection import Settings, pyodbc, translate
from .errors import Failure, Sage100Error
from .tables import TABLES


def quote(identifier: str) -> str:
    """Return an identifier in double quotes, as SQL Server (ODBC's default), PostgreSQL and SQLite all understand.

    Examples:
        >>> quote('CATEGORISATION NIV 1')
        '"CATEGORISATION NIV 1"'
        >>> quote('a"b')
        '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(slots=True)
class Catalog:
    """The columns of one base, read once a table, found whatever the case of their letters."""

    connection: Any
    settings: Settings
    schema: str = "dbo"
    watch: Watch | NoWatch = field(default_factory=NoWatch)
    _columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def source(self, table: str) -> str:
        """Return the table's name for a FROM clause; only known tables have one."""
        return f"{self.schema}.{TABLES[table].name}"

    def columns(self, table: str) -> dict[str, str]:
        """Return lower-case name → real name of every column of a table, {} when an unessential table is absent.

        An empty SELECT says it through every driver, with no need of a right on the system views.
        """
        if table not in self._columns:
            self._columns[table] = self._read_columns(table)
        return self._columns[table]

    def _read_columns(self, table: str) -> dict[str, str]:
        failure = None
        cursor = self.connection.cursor()
        try:
            with self.watch.over(cursor):
                cursor.execute(f"SELECT * FROM {self.source(table)} WHERE 1 = 0")  # noqa: S608 (no outside text)
        except pyodbc.Error as error:
            failure = translate(error, self.settings, subject=table)
            # Only its absence: a table that may not be read today is not one that the base lacks.
            if failure.code is Failure.MISSING_TABLE and not TABLES[table].mandatory:
                return {}
        else:
            return {column[0].lower(): column[0] for column in cursor.description}
        finally:
            with contextlib.suppress(pyodbc.Error):  # the connection may be gone
                cursor.close()
        self.watch.check()
        raise failure

    def select(self, table: str) -> list[str]:
        """Return the wanted columns that this base has (in Sage's own spelling); a missing required one is an error."""
        found = self.columns(table)
        spec = TABLES[table]
        if not found:
            return []
        missing = [name for name in spec.required if name.lower() not in found]
        if missing:
            raise Sage100Error(Failure.MISSING_COLUMN, subject=f"{table}: {', '.join(missing)}")
        return [*spec.required, *(name for name in spec.optional if name.lower() in found)]

    def has(self, table: str, column: str) -> bool:
        """Return whether this base has that column."""
        return column.lower() in self.columns(table)

    def quoted(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the real names of wanted columns, quoted; one that the base has not is an error that names it."""
        found, names = self.columns(table), list(names)
        missing = [name for name in names if name.lower() not in found]
        if missing:
            raise Sage100Error(Failure.MISSING_COLUMN, subject=f"{table}: {', '.join(missing)}")
        return [quote(found[name.lower()]) for name in names]
