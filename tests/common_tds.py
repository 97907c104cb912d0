import datetime
import importlib.util
import os
import platform
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..demo.sage100 import expected_balances, generate_small
from ..demo.sage100.schema import TABLES
from .tds_server import Server
from .tds_sql import Database, Login

REFERENCE = datetime.date(2026, 11, 20)
LOGIN, PASSWORD = "lecture", "p;w}d = 1"  # whatever a connection string could trip on
BASE = "BIJOU"
PREFIXES = ("411", "413", "416")
# Extra columns that no reading may ask for: the binary twins that Sage's indexes are built on.
TWINS = {"F_COMPTET": ("cbCT_Num", "varbinary(18)"), "F_ECRITUREC": ("cbEC_Piece", "varbinary(14)")}


def microsoft_driver():
    """Return the path of Microsoft's ODBC driver, named by the environment or in its wheel (mssql-python-odbc), if any.

    Its licence allows to test with it, not to hand it on: the project neither ships nor installs it.
    """
    if named := os.environ.get("FOLLOWUP_ODBC_MICROSOFT"):
        return named
    spec = importlib.util.find_spec("mssql_python_odbc")
    if spec is None or not spec.origin:
        return ""
    pattern = f"libs/linux/debian_ubuntu/{platform.machine()}/lib/libmsodbcsql-*.so*"
    return str(next(iter(sorted(Path(spec.origin).parent.glob(pattern))), ""))


def columns_of(table):
    """Return the columns of a table of the demo base, its types in SQL Server's words."""
    columns = [
        (column.name, column.sql_type.replace("timestamp", "datetime").replace("uuid", "uniqueidentifier"))
        for column in TABLES[table]
    ]
    return [*columns, *([TWINS[table]] if table in TWINS else [])]


def fill(database, base):
    """Put a demo base into a database of the stand-in."""
    for table, rows in base.tables.items():
        database.make(table, columns_of(table), rows)


class TdsCommon(AccountTestInvoicingCommon):
    """A small Sage 100 base on a SQL Server stand-in, read through a driver for SQL Server."""

    driver = os.environ.get("FOLLOWUP_ODBC_FREETDS", "FreeTDS")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.base = generate_small(REFERENCE)
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.stop)
        cls._restore()
        cls.database = cls.env["sage100.database"].create(cls._settings())

    def setUp(self):
        super().setUp()
        self._restore()

    @classmethod
    def _restore(cls):
        """Put the server as it was: Odoo's changes are rolled back, so must be Sage's."""
        cls.sage = Database(BASE)
        fill(cls.sage, cls.base)
        cls.server.databases = {BASE.lower(): cls.sage}
        cls.server.logins = {LOGIN: Login(LOGIN, PASSWORD)}
        cls.server.encryption = True
        cls.server.forget()

    @classmethod
    def _settings(cls, **values):
        return {
            "name": BASE,
            "company_id": cls.company.id,
            "driver": cls.driver,
            "server": "127.0.0.1",
            "port": cls.server.port,
            "database_name": BASE,
            "login": LOGIN,
            "password": PASSWORD,
            "encryption": "trust",
            "start_date": "2024-01-01",
            **values,
        }

    def _synchronise(self, state=("done", "warning")):
        sync = self.database._synchronise()
        self.assertIn(sync.state, state, sync.message)
        self.env.flush_all()
        self.env.invalidate_all()
        return sync

    def _line(self, number):
        return self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "=", number)]
        )

    def _balances(self):
        """Return (customer, account) → what is left to pay, in Odoo."""
        customers = self.env["sage100.customer"].search([("database_id", "=", self.database.id)])
        numbers = {customer.partner_id: customer.number for customer in customers}
        sums = defaultdict(Decimal)
        for line in self.env["account.move.line"].search([("sage_database_id", "=", self.database.id)]):
            sums[numbers[line.partner_id], line.account_id.code] += Decimal(f"{line.amount_residual:.2f}")
        return {key: amount for key, amount in sums.items() if amount}

    @classmethod
    def _expected(cls):
        """Return (customer, account) → what is left to pay, told by the story of the base."""
        return {
            key: amount for key, amount in expected_balances(cls.base).items() if key[1].startswith(PREFIXES) and amount
        }

    def _change(self, statement, *parameters):
        """Change entries as somebody would in Sage: what is touched is dated after all the rest."""
        latest = self.sage.change("SELECT MAX(cbModification) FROM F_ECRITUREC")[0][0]
        later = datetime.datetime.fromisoformat(latest) + datetime.timedelta(hours=1)
        dated = statement.replace(" WHERE", ", cbModification = ? WHERE")
        self.sage.change(dated, *parameters[:-1], later, parameters[-1])
