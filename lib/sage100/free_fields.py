"""Free fields of a Sage 100 base (*informations libres*): columns that bear the names that users gave them.

They stand in the data table itself, and ``cbSysLibre`` lists them. The codes of its CB_Type are not documented, so the
type comes from the column. What is found here is offered to the user; the reader then selects, quoted, only names that
are columns of the table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .catalog import Catalog
from .connection import pyodbc, translate
from .values import text

CUSTOMERS, ENTRIES = "F_COMPTET", "F_ECRITUREC"
LIST = "cbSysLibre"
# How Sage names its own columns: CT_Num, EC_No, N_Devise, SAC_id, cbMarq. A user's label with such a look is not
# offered when the base has no list: better a field missing from it than a technical column in it.
_STANDARD = re.compile(r"cb\w*|[A-Za-z]{1,4}_\w+", re.IGNORECASE)


class Kind(StrEnum):
    """What a free field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FreeField:
    """A free field of a table: its column's exact name, what it holds, its greatest length (0 unless a text)."""

    name: str
    kind: Kind
    length: int = 0


def is_standard(name: str) -> bool:
    """Return whether a column looks like one of Sage's own.

    Examples:
        >>> [is_standard(name) for name in ("CT_Num", "cbMarq", "cbCT_Num", "SAC_id")]
        [True, True, True, True]
        >>> [is_standard(name) for name in ("CATEGORISATION NIV 1", "N° DOSSIER ASSURANCE", "ZONE")]
        [False, False, False]
    """
    return bool(_STANDARD.fullmatch(name))


def label(name: str) -> str:
    """Return a name fit for a screen: capitals become small letters, a name already in small letters is kept.

    Examples:
        >>> label("N° DOSSIER ASSURANCE"), label("CHANTIER LIVRÉ"), label("Code  NAF")
        ('N° dossier assurance', 'Chantier livré', 'Code NAF')
    """
    words = " ".join(name.split())
    return words.capitalize() if words == words.upper() else words


def _kind(column_type: Any) -> Kind | None:
    """Return what a column of that Python type holds, None for what no screen can show (binaries)."""
    if issubclass(column_type, str):
        return Kind.TEXT
    if issubclass(column_type, (int, float, Decimal)):
        return Kind.NUMBER
    return Kind.DATE if issubclass(column_type, dt.date) else None


def available(catalog: Catalog, table: str) -> list[FreeField]:
    """Return the free fields of a table, in the order of its columns.

    A free field is a column that the base lists in cbSysLibre. A base without that list, or whose list is empty, gives
    the columns that do not look like Sage's own.
    """
    listed = _listed(catalog)
    found = []
    for name, column_type, size in _describe(catalog, table):
        kind = _kind(column_type)
        free = (table.lower(), name.lower()) in listed if listed else not is_standard(name)
        if free and kind:
            found.append(FreeField(name, kind, size if kind is Kind.TEXT else 0))
    return found


def _listed(catalog: Catalog) -> set[tuple[str, str]]:
    """Return what cbSysLibre lists, as (table, column) in small letters; nothing when the base has no such table."""
    names = catalog.select(LIST)
    if not names:
        return set()
    columns = ", ".join(catalog.quoted(LIST, ("CB_File", "CB_Name")))
    rows = _run(catalog, f"SELECT {columns} FROM {catalog.source(LIST)}", LIST)  # noqa: S608 (no outside text)
    return {(text(table).lower(), text(name).lower()) for table, name in rows[1]}


def _describe(catalog: Catalog, table: str) -> list[tuple[str, Any, int]]:
    """Return the name, Python type and size of every column of a table."""
    if not catalog.columns(table):
        return []
    statement = f"SELECT * FROM {catalog.source(table)} WHERE 1 = 0"  # noqa: S608 (no outside text)
    return [(column[0], column[1], column[3] or 0) for column in _run(catalog, statement, table)[0]]


def _run(catalog: Catalog, statement: str, table: str) -> tuple[Sequence[Any], list[Any]]:
    """Return the description and the rows of a statement."""
    try:
        cursor = catalog.connection.cursor()
        try:
            cursor.execute(statement)
            return cursor.description, cursor.fetchall()
        finally:
            cursor.close()
    except pyodbc.Error as error:
        failure = translate(error, catalog.settings, subject=table)
    raise failure
