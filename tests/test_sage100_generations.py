import dataclasses
import datetime
import os
import uuid
from decimal import Decimal

import psycopg2
from psycopg2 import sql

from odoo.tests import BaseCase, tagged

from ..demo.sage100 import generate_small
from ..demo.sage100.load import load
from ..lib.sage100 import connection as odbc
from ..lib.sage100 import tables as spec
from ..lib.sage100.connection import Encryption
from ..lib.sage100.errors import Failure, Sage100Error
from ..lib.sage100.reader import Reader
from ..lib.sage100.reader_reminders import read_reminders
from ..lib.sage100.records import Entry, Reject
from .common_generations import GENERATIONS, LOGIN, MIDDLE, NEWEST, OLDER, RECENT, Direct, Generation, serve
from .common_tds import PREFIXES, REFERENCE, TdsCommon
from .tds_server import Server
from .tds_sql import Database, to_the_minute

# Tables that the demo base has not, and that some bases have.
OTHERS = {
    "F_PAYS": [("PA_Intitule", "varchar(35)"), ("PA_Code", "varchar(3)"), ("PA_CodeISO2", "varchar(3)")],
    "P_LETTRAGE": [("L_MaxDebit", "numeric(24,6)"), ("L_MaxCredit", "numeric(24,6)")],
    "F_COMPTETRAPPEL": [
        ("CT_Num", "varchar(17)"),
        ("CR_Date", "datetime"),
        ("CR_Impayes", "numeric(24,6)"),
        ("CR_Penal", "numeric(24,6)"),
        ("CR_Echeance", "datetime"),
        ("CR_SoldeRelance", "numeric(24,6)"),
        ("CR_RefRappel", "varchar(17)"),
    ],
    "F_DRECOUVREMENT": [
        ("DR_Num", "varchar(13)"),
        ("CT_Num", "varchar(17)"),
        ("DR_Statut", "smallint"),
        ("DR_DateDebut", "datetime"),
        ("DR_DateFin", "datetime"),
        ("DR_Resume", "varchar(35)"),
        ("CO_No", "int"),
        ("DR_Commentaire", "varchar(255)"),
        ("N_Litige", "smallint"),
    ],
    "F_DRECOUVREMENTEC": [("DR_Num", "varchar(13)"), ("EC_No", "int")],
    "F_DRECOUVREMENTIV": [
        ("DR_Num", "varchar(13)"),
        ("IV_Date", "datetime"),
        ("IV_Type", "smallint"),
        ("IV_Statut", "smallint"),
        ("IV_User", "varchar(35)"),
        ("IV_Raison", "varchar(69)"),
        ("IV_DatePromesse", "datetime"),
    ],
}
SAMPLE = {"varchar": "X", "numeric": Decimal("1.5"), "datetime": datetime.datetime(2026, 1, 2), "smallint": 1, "int": 1}


def read(reader):
    """Return everything that a synchronisation reads: the snapshot, the entries by number, the refused rows."""
    snapshot = reader.snapshot(PREFIXES, None)
    read_reminders(reader, snapshot)
    items = [item for chunk in reader.entry_values(PREFIXES, snapshot.read_from) for item in chunk]
    entries = {item[0]: Entry(*item) for item in items if not isinstance(item, Reject)}
    return snapshot, entries, [item for item in items if isinstance(item, Reject)]


@tagged("post_install", "-at_install")
class TestSage100Generations(BaseCase):
    """Every generation of the schema gives the same books, through both doubles of a Sage base."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = generate_small(REFERENCE)
        cls.sage = Database("x")
        RECENT.fill(cls.sage, cls.base.tables)
        cls.reference = read(cls._direct(cls.sage))

    @staticmethod
    def _direct(database):
        return Reader(Direct(database), odbc.Settings("Direct", "", ""))

    def _base(self, generation=RECENT):
        database = Database("x")
        generation.fill(database, self.base.tables)
        return database

    def _as(self, generation, entry):
        """Return an entry of the reference as a generation keeps it."""
        if generation.types:
            entry = dataclasses.replace(
                entry,
                label=entry.label[:35].strip(),
                lettering=entry.lettering[:3],
                modified_at=to_the_minute(entry.modified_at),
            )
        return entry

    def _check(self, generation, found):
        snapshot, entries, rejects = found
        wanted, wanted_entries, wanted_rejects = self.reference
        self.assertEqual(entries, {number: self._as(generation, entry) for number, entry in wanted_entries.items()})
        self.assertEqual([item.key for item in rejects], [item.key for item in wanted_rejects])
        for name in (
            "company",
            "exercises",
            "accounts",
            "currencies",
            "payment_modes",
            "risks",
            "services",
            "open_from",
        ):
            self.assertEqual(getattr(snapshot, name), getattr(wanted, name), name)
        self.assertEqual(list(snapshot.customers), list(wanted.customers))
        gone = {"language": ""} if "CT_LangueISO2" in generation.dropped.get("F_COMPTET", ()) else {}
        gone |= {"collaborator": 0} if "CO_No" in generation.dropped.get("F_COMPTET", ()) else {}
        short = 35 if generation.types else 69
        for number, customer in wanted.customers.items():
            same = dataclasses.replace(customer, name=customer.name[:short].strip(), **gone)
            self.assertEqual(snapshot.customers[number], same)
        for table, name in (("F_COLLABORATEUR", "collaborators"), ("F_CONTACTT", "contacts"), ("F_MANDAT", "mandates")):
            absent = table in generation.without
            self.assertEqual(getattr(snapshot, name), [] if absent else getattr(wanted, name), name)
        self.assertEqual((snapshot.banks, snapshot.terms), (wanted.banks, wanted.terms))

    # Generations

    def test_sql_server(self):
        """Through the protocol of SQL Server."""
        server = Server().start()
        self.addCleanup(server.stop)
        for generation in GENERATIONS:
            with self.subTest(generation=generation.name):
                serve(server, generation, self.base.tables)
                settings = odbc.Settings(
                    os.environ["FOLLOWUP_ODBC_FREETDS"],
                    "127.0.0.1",
                    generation.name,
                    server.port,
                    LOGIN.name,
                    LOGIN.password,
                    Encryption.TRUST,
                )
                with odbc.connect(settings, "read_uncommitted") as connection:
                    self._check(generation, read(Reader(connection, settings)))

    def test_postgresql(self):
        name, password = f"sage_{uuid.uuid4().hex[:12]}", "lecture"
        self._admin(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        self.addCleanup(self._admin, sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
        self.addCleanup(self._admin, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        settings = odbc.Settings(
            os.environ["FOLLOWUP_ODBC_POSTGRESQL"],
            "127.0.0.1",
            name,
            int(os.environ["PGPORT"]),
            name,
            password,
            Encryption.NO,
        )
        for generation in GENERATIONS:
            with self.subTest(generation=generation.name):
                load(self.base, f"dbname={name}", name, password)
                self._admin(*map(sql.SQL, generation.statements()), dbname=name)
                with odbc.connect(settings, "read_uncommitted") as connection:
                    self._check(generation, read(Reader(connection, settings)))

    @staticmethod
    def _admin(*statements, dbname="postgres"):
        connection = psycopg2.connect(dbname=dbname)
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                for statement in statements:
                    cr.execute(statement)
        finally:
            connection.close()

    def test_names_in_any_case(self):
        for spelt in (str.lower, str.upper, str.swapcase):
            with self.subTest(spelt=spelt.__name__):
                self._check(RECENT, read(self._direct(self._base(Generation("x", spelt=spelt)))))

    def test_padded_texts(self):
        generation = Generation("x", padded=True)
        self.assertIn(("CT_Num", "CT_Num", "char(17)"), generation.columns("F_COMPTET"))
        self._check(generation, read(self._direct(self._base(generation))))

    # Columns

    def test_without_any_optional_column(self):
        """One after the other: what it held is lost, and nothing else."""
        database = self._base()
        for table, columns in OTHERS.items():
            row = {name: SAMPLE[sql_type.partition("(")[0]] for name, sql_type in columns}
            database.make(table, columns, [row])
        tried = 0
        for table in spec.TABLES.values():
            known = {name.lower() for name in database.columns(table.name)}
            for column in table.optional:
                if column.lower() not in known:
                    continue
                with self.subTest(table=table.name, column=column):
                    self._without(database, table, column)
                    tried += 1
        self.assertGreater(tried, 100)

    def _without(self, database, table, column):
        hidden = database.hide(table.name, column)
        try:
            reader = self._direct(database)
            self.assertNotIn(column, reader.catalog.select(table.name))
            snapshot, entries, _rejects = read(reader)
        finally:
            database.show(table.name, hidden)
        excluded = table.name == "F_ECRITUREC" and column in ("EC_CType", "EC_Norme")
        self.assertEqual(
            entries.keys() >= self.reference[1].keys() if excluded else entries.keys(),
            True if excluded else self.reference[1].keys(),
        )
        self.assertEqual(snapshot.customers.keys(), self.reference[0].customers.keys())

    def test_a_missing_required_column_is_named(self):
        database = self._base()
        for table, columns in OTHERS.items():
            database.make(table, columns)
        for table in spec.TABLES.values():
            for column in table.required:
                with self.subTest(table=table.name, column=column):
                    hidden = database.hide(table.name, column)
                    try:
                        with self.assertRaises(Sage100Error) as caught:
                            self._direct(database).catalog.select(table.name)
                    finally:
                        database.show(table.name, hidden)
                    self.assertIs(caught.exception.code, Failure.MISSING_COLUMN)
                    self.assertEqual(caught.exception.subject, f"{table.name}: {column}")

    def test_a_missing_table(self):
        for table in spec.TABLES.values():
            with self.subTest(table=table.name):
                database = self._base()
                database.drop(table.name)
                if not table.mandatory:
                    read(self._direct(database))
                    continue
                with self.assertRaises(Sage100Error) as caught:
                    read(self._direct(database))
                self.assertEqual((caught.exception.code, caught.exception.subject), (Failure.MISSING_TABLE, table.name))

    # Values

    def test_null_wherever_sage_allows_it(self):
        database = self._base()
        for table in self.base.tables:
            keys = {
                "CT_Num",
                "CT_Type",
                "EC_No",
                "JM_Date",
                "JO_Num",
                "CG_Num",
                "cbIndice",
                "D_RaisonSoc",
                "CO_No",
                "MD_No",
            }
            names = [name for name in database.columns(table) if name not in keys]
            sets = ", ".join(f'"{name}" = NULL' for name in names)
            database.change(f"UPDATE {table} SET {sets}")
        snapshot, entries, _rejects = read(self._direct(database))
        self.assertEqual(snapshot.customers.keys(), self.reference[0].customers.keys())
        self.assertLessEqual(self.reference[1].keys(), entries.keys())
        self.assertEqual({entry.amount for entry in entries.values()}, {Decimal("0.00")})
        self.assertEqual({entry.due_date for entry in entries.values()}, {None})

    def test_dates_that_mean_none(self):
        database = self._base()
        numbers = list(self.reference[1])[:5]
        moments = [None, *(datetime.datetime(*day) for day in ((1753, 1, 1), (1900, 1, 1), (1901, 1, 1), (1901, 1, 2)))]
        for number, moment in zip(numbers, moments, strict=True):
            database.change(
                "UPDATE F_ECRITUREC SET EC_Echeance = ?, EC_DateRelance = ? WHERE EC_No = ?", moment, moment, number
            )
        entries = read(self._direct(database))[1]
        self.assertEqual([entries[number].due_date for number in numbers], [None] * 4 + [datetime.date(1901, 1, 2)])
        self.assertEqual([entries[number].reminded_on for number in numbers], [None] * 4 + [datetime.date(1901, 1, 2)])

    def test_unused_rows_of_parameters(self):
        """These tables always have all their rows; those without a label are not in use."""
        database = self._base()
        for table, label in (
            ("P_REGLEMENT", "R_Intitule"),
            ("P_CRISQUE", "R_Intitule"),
            ("P_DEVISE", "D_Intitule"),
            ("P_SERVICECPTA", "S_Intitule"),
        ):
            database.insert(
                table, [{"cbIndice": 30 + number, label: value} for number, value in enumerate(("", "   ", None))]
            )
        snapshot = read(self._direct(database))[0]
        for name in ("payment_modes", "risks", "currencies", "services"):
            self.assertEqual(getattr(snapshot, name), getattr(self.reference[0], name), name)


@tagged("post_install", "-at_install")
class TestSage100Upgrade(TdsCommon):
    """A company updates Sage: the base gets another shape between two synchronisations."""

    @classmethod
    @TdsCommon.setup_country("fr")
    @TdsCommon.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()

    def test_from_the_oldest_to_the_newest(self):
        known = None
        for generation in (OLDER, MIDDLE, NEWEST):
            with self.subTest(generation=generation.name):
                self.sage = Database("BIJOU")
                generation.fill(self.sage, self.base.tables)
                self.server.databases["bijou"] = self.sage
                self.database._read_entries_again()
                sync = self._synchronise()
                self.assertEqual(self._balances(), self._expected())
                lines = self.env["account.move.line"].search([("sage_database_id", "=", self.database.id)])
                self.assertEqual(lines, known or lines, "the same lines, with their history")
                self.assertEqual(bool(sync.entries_created), known is None)
                known = lines
        line = known.filtered(lambda line: line.amount_residual > 0 and line.sage_ec_no)[:1]
        self._change(
            "UPDATE F_ECRITUREC SET EC_Echeance = ? WHERE EC_No = ?", datetime.datetime(2031, 5, 6), line.sage_ec_no
        )
        self._synchronise()
        self.assertEqual(line.date_maturity, datetime.date(2031, 5, 6))

    def test_a_change_dated_to_the_minute(self):
        """A smalldatetime may lie half a minute ahead, or behind a change that was already read."""
        self.sage = Database("BIJOU")
        OLDER.fill(self.sage, self.base.tables)
        self.server.databases["bijou"] = self.sage
        self._synchronise()
        line = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("amount_residual", ">", 0), ("sage_ec_no", ">", 0)], limit=1
        )
        latest = self.sage.change("SELECT MAX(cbModification) FROM F_ECRITUREC")[0][0]
        for day in (5, 6):
            self.sage.change(
                "UPDATE F_ECRITUREC SET EC_Echeance = ?, cbModification = ? WHERE EC_No = ?",
                datetime.datetime(2031, 5, day),
                datetime.datetime.fromisoformat(latest),
                line.sage_ec_no,
            )
            self._synchronise()
            self.assertEqual(line.date_maturity, datetime.date(2031, 5, day))
