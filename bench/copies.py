"""Copies of a database to measure on, and the settings that keep measures comparable."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config


def administer(statement: str, database: str = "postgres") -> None:
    """Run a statement that no transaction may hold."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(statement)


def undisturbed() -> None:
    """Have nothing interfere with the measures."""
    # Not stopped by the server's time limit, after which the next scheduled action goes on.
    config["limit_time_real_cron"] = 0
    # Autovacuum would come during one measure and not during another.
    administer("ALTER SYSTEM SET autovacuum = off")
    administer("SELECT pg_reload_conf()")


@contextmanager
def copy_of(template: str, name: str) -> Iterator[Any]:
    """The environment of a copy of a database; the copy stays, closed."""
    administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    registry = Registry(name)
    try:
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        Registry.delete(name)
        sql_db.close_db(name)
