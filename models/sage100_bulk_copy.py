"""Rows → COPY. Plain Python."""

from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from odoo.tools import SQL

NULL = r"\N"
#: Rows given to PostgreSQL at once, which enters them while the next ones are being printed.
SLICE = 200
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\x00": None})


class Printed(str):
    """A value as PostgreSQL prints it, empty texts included."""

    __slots__ = ()


def _escape(value):
    if value.isprintable() and "\\" not in value:  # nearly all are, and looking costs a tenth of translating
        return value or NULL
    return value.translate(ESCAPES)


class _Formats(dict):
    """Functions by type; a type that is not listed is written as the nearest of its parents."""

    def __missing__(self, kind):
        self[kind] = next(self[parent] for parent in kind.__mro__ if parent in self)
        return self[kind]


#: How COPY reads each type. None is NULL; so is an empty text, as the columns of Odoo's optional texts mean it.
FORMATS = _Formats(
    {
        type(None): lambda _value: NULL,
        bool: lambda value: "t" if value else "f",
        str: _escape,
        int: str,
        float: str,
        Decimal: str,
        date: date.isoformat,
        datetime: str,
        Printed: lambda value: value.translate(ESCAPES),
    }
)


def text(row):
    """Return a row as COPY reads it."""
    return "\t".join([FORMATS[value.__class__](value) for value in row])


class _Printer:
    """Lines to be read as a file, made on the way."""

    def __init__(self, lines):
        self._lines = iter(lines)

    def read(self, _size=-1):  # pylint: disable=method-required-super
        """Return some lines, nothing after the last one; the size asked for is an advice."""
        return "".join(islice(self._lines, SLICE))


def copy_rows(env, table, columns, rows, constants=None):
    """Add rows to a table: sequences of values in the order of ``columns``, and columns that are the same in all.

    The ORM is bypassed: no default, no compute, no constraint but PostgreSQL's own.
    """
    if not rows:
        return
    constants = constants or {}
    tail = f"\t{text(constants.values())}\n" if constants else "\n"
    names = SQL(", ").join(map(SQL.identifier, [*columns, *constants]))
    statement = SQL("COPY %s (%s) FROM STDIN", SQL.identifier(table), names)
    env.cr._obj.copy_expert(statement.code, _Printer(text(row) + tail for row in rows))


def rows_as_table(rows, kinds):
    """Return SQL that gives rows of numbers, dates, booleans and codes (texts that need no quote) as a table.

    :param rows: sequences of values in the order of ``kinds``, at least one
    :param kinds: {column: PostgreSQL type}
    """
    arrays = [
        SQL("%s::%s[]", "{%s}" % ",".join(["NULL" if value is None else str(value) for value in values]), SQL(kind))
        for values, kind in zip(zip(*rows, strict=True), kinds.values(), strict=True)
    ]
    return SQL("UNNEST(%s)", SQL(", ").join(arrays))


def stage_rows(env, table, columns, rows):
    """Fill a temporary table with rows; return its name. Column types are those of the named table."""
    name = f"sage100_{table}"
    env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
    env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA",
            SQL.identifier(name),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL.identifier(table),
        )
    )
    copy_rows(env, name, columns, rows)
    return name


def update_rows(env, table, columns, rows, stamp=True):
    """Update rows by id, the first of ``columns``; the ORM is bypassed."""
    if not rows:
        return
    staged = SQL.identifier(stage_rows(env, table, columns, rows))
    sets = [SQL("%s = staged.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns[1:]]
    if stamp:
        sets.append(SQL("write_uid = %s, write_date = %s", env.uid, env.cr.now()))
    target = SQL.identifier(table)
    env.cr.execute(
        SQL("UPDATE %s target SET %s FROM %s staged WHERE target.id = staged.id", target, SQL(", ").join(sets), staged)
    )


def next_ids(env, table, number):
    """Take ids from the sequence of a table."""
    if not number:
        return []
    rows = env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{table}_id_seq", number))
    return [row[0] for row in rows]
