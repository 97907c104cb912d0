import datetime
import os
import uuid

import psycopg2
from psycopg2 import sql

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..demo.sage100 import generate_small
from ..demo.sage100.load import load

REFERENCE = datetime.date(2026, 11, 20)
PASSWORD = "p;w}d = 1"  # whatever a connection string could trip on


class Sage100Common(AccountTestInvoicingCommon):
    """A small Sage 100 base in a scratch PostgreSQL database, read through psqlODBC
    with a login that may only SELECT."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.name = f"sage_{uuid.uuid4().hex[:12]}"
        cls._admin("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", cls.name)
        cls.addClassCleanup(cls._drop)
        cls.base = generate_small(REFERENCE)
        cls._restore()
        cls.database = cls.env["sage100.database"].create(cls._settings())

    def setUp(self):
        super().setUp()
        if self.changed:
            self._restore()  # Odoo's changes are rolled back: so must be Sage's

    @classmethod
    def _restore(cls):
        load(cls.base, f"dbname={cls.name}", cls.name, PASSWORD)
        cls.changed = False

    @classmethod
    def _settings(cls, **values):
        return {
            "name": "BIJOU",
            "company_id": cls.company.id,
            "driver": os.environ["FOLLOWUP_ODBC_POSTGRESQL"],
            "server": "127.0.0.1",
            "port": int(os.environ["PGPORT"]),
            "database_name": cls.name,
            "login": cls.name,
            "password": PASSWORD,
            "encryption": "no",
            "start_date": "2024-01-01",
            **values,
        }

    @classmethod
    def _admin(cls, statement, *names):
        """Run a statement of the cluster's owner, outside of any transaction."""
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                cr.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pylint: disable=sql-injection
        finally:
            connection.close()

    @classmethod
    def _drop(cls):
        cls._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", cls.name)
        cls._admin("DROP ROLE IF EXISTS {}", cls.name)

    @classmethod
    def _sage(cls, statement, parameters=None):
        """Change the Sage base, as an accountant would; return the rows if any."""
        cls.changed = True
        connection = psycopg2.connect(dbname=cls.name)
        try:
            with connection, connection.cursor() as cr:
                cr.execute(statement, parameters)
                return cr.fetchall() if cr.description else None
        finally:
            connection.close()

    def _synchronise(self, state=("done", "warning")):
        sync = self.database._synchronise()
        self.assertIn(sync.state, state, sync.message)
        self.env.flush_all()
        return sync

    def _line(self, number):
        return self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "=", number)]
        )

    def _insert_entry(self, number, **values):
        """Add an entry copied from number ``values['like']``, other columns replaced."""
        like = values.pop("like")
        columns = [
            row[0]
            for row in self._sage(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'dbo' AND table_name = 'f_ecriturec'"
            )
        ]
        values = {"ec_no": number, "cbmarq": number + 90000} | {name.lower(): value for name, value in values.items()}
        chosen = sql.SQL(", ").join(
            sql.Placeholder(name) if name in values else sql.Identifier(name) for name in columns
        )
        self._sage(
            sql.SQL("INSERT INTO dbo.f_ecriturec ({}) SELECT {} FROM dbo.f_ecriturec WHERE ec_no = {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                chosen,
                sql.Literal(like),
            ),
            values,
        )
