"""Puts a demo base into a PostgreSQL database, under a login that can only read it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from .generator import Base
from .schema import SCHEMA, TABLES, create_statements


def load(base: Base, dsn: str, login: str, password: str) -> None:
    """Replace schema ``dbo`` of the database by the base, and let ``login`` read it.

    ``dsn`` is a libpq connection string of a superuser to an existing database, meant
    for this use alone: temporary tables are withdrawn from everybody there. All is done
    in one transaction, so that nobody reads half a base; doing it again gives the same.
    """
    with (
        closing(psycopg2.connect(dsn)) as connection,
        connection,
        connection.cursor() as cr,
    ):
        cr.execute("SET client_encoding TO 'UTF8'")
        cr.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cr.execute(f"CREATE SCHEMA {SCHEMA}")
        for statement in create_statements():
            cr.execute(statement)
        for table in TABLES:
            _copy(cr, table, base.tables[table])
        _grant(cr, login, password)
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            for table in TABLES:
                cr.execute(f"ANALYZE {SCHEMA}.{table}")


def _copy(cr: Cursor, table: str, rows: Iterable[dict[str, object]]) -> None:
    """Insert the rows with COPY."""
    columns = TABLES[table]
    text = "".join(
        "\t".join(_text(row[column.name]) for column in columns) + "\n" for row in rows
    )
    names = ", ".join(column.identifier for column in columns)
    cr.copy_expert(f"COPY {SCHEMA}.{table} ({names}) FROM STDIN", io.StringIO(text))


def _text(value: object) -> str:
    """The value in COPY's text format."""
    if value is None:
        return r"\N"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    escapes = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
    return "".join(escapes.get(char, char) for char in str(value))


def _grant(cr: Cursor, login: str, password: str) -> None:
    """Make the login able to connect and to SELECT in the schema, and nothing else."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [login])
    found = cr.fetchone()
    if found and found[0]:
        raise ValueError(f"{login} is a superuser: choose another login for reading")
    cr.execute("SELECT current_database()")
    (database,) = cr.fetchone() or ("",)
    names = {
        "login": sql.Identifier(login),
        "database": sql.Identifier(database),
        "schema": sql.Identifier(SCHEMA),
        "verb": sql.SQL("ALTER" if found else "CREATE"),
    }
    cr.execute(
        sql.SQL(
            "{verb} ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
            " NOREPLICATION NOBYPASSRLS PASSWORD %s"
        ).format(**names),
        [password],
    )
    for statement in (
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM {login}",
        "GRANT CONNECT ON DATABASE {database} TO {login}",
        "GRANT USAGE ON SCHEMA {schema} TO {login}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {login}",
        "ALTER ROLE {login} IN DATABASE {database} SET search_path TO {schema}",
    ):
        cr.execute(sql.SQL(statement).format(**names))
