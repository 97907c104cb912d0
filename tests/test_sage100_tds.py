import datetime
import logging
import os
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_tds import BASE, LOGIN, PASSWORD, TdsCommon, microsoft_driver
from .tds_sql import Login
from .tds_wire import certificate

WRONG = "wr0ng-s3cret"
DEADLOCK = (
    "Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the "
    "deadlock victim. Rerun the transaction."
)
FOR_EVER = 1000


class Reading:
    """What must hold whatever the driver."""

    @classmethod
    @TdsCommon.setup_country("fr")
    @TdsCommon.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.database._synchronise()
        cls.env.flush_all()
        cls.asked = list(cls.server.statements)

    # What arrives

    def test_every_balance_agrees_to_the_cent(self):
        self.assertIn(self.first.state, ("done", "warning"), self.first.message)
        self.assertEqual(self._balances(), self._expected())
        self.assertFalse(self.first.customers_differing)

    def test_second_synchronisation_brings_nothing(self):
        second = self._synchronise()
        self.assertRecordValues(
            second,
            [{"entries_created": 0, "entries_updated": 0, "entries_removed": 0, "customers_created": 0}],
        )
        reread = [asked for asked in self.server.statements if "EC_Montant" in asked.text and "SUM" not in asked.text]
        self.assertTrue(all("cbModification" in asked.text for asked in reread), "only changes are read again")

    def test_a_change_arrives(self):
        line = self._open_invoice()
        self._change(
            "UPDATE F_ECRITUREC SET EC_Echeance = ? WHERE EC_No = ?", datetime.datetime(2031, 5, 6), line.sage_ec_no
        )
        self._synchronise()
        self.assertEqual(line.date_maturity, datetime.date(2031, 5, 6))
        self.assertEqual(self._balances(), self._expected())

    def test_texts_keep_their_letters(self):
        name = self.env["sage100.customer"].search([("number", "=", "OEUVRES")]).partner_id.name
        self.assertEqual(name, "Les Œuvres d’Épicéa – Cœur de Hêtre")
        line = self._open_invoice()
        label = "€ Œuvre d’été – ÇÀÙ"
        self._change("UPDATE F_ECRITUREC SET EC_Intitule = ? WHERE EC_No = ?", f"{label}   ", line.sage_ec_no)
        self._synchronise()
        self.assertEqual(line.name, label)

    def test_every_digit_and_every_date_is_read(self):
        exact = Decimal("123456789012345678.123456")
        number = self.base.entries[0]["EC_No"]
        self.sage.change("UPDATE F_ECRITUREC SET EC_Montant = ?, EC_Echeance = NULL WHERE EC_No = ?", exact, number)
        with self.database._connect() as reader:
            row = next(chunk[0] for chunk in reader.rows("F_ECRITUREC", ' WHERE "EC_No" = ?', "", [number]))
            self.assertEqual(row["EC_Montant"], exact)
            self.assertIsNone(row["EC_Echeance"])
            cursor = reader.connection.cursor()
            statement = 'SELECT "cbCreateur", "EC_Date", "EC_Sens" FROM dbo.F_ECRITUREC WHERE "EC_Montant" = ?'
            creator, typed, side = cursor.execute(statement, exact).fetchone()
            self.assertEqual((creator, side), ("COLS", self.base.entries[0]["EC_Sens"]))
            self.assertEqual(typed, self.base.entries[0]["EC_Date"])
            cursor.execute("SELECT COUNT(*) FROM [dbo].[F_COMPTET] WHERE [CT_Num] = ?", "oeuvres  ")
            self.assertEqual(cursor.fetchone()[0], 1, "neither case nor trailing blanks count, as under French_CI_AS")

    def test_values_travel_apart_from_the_statement(self):
        """What somebody typed, here or in Sage, is never a part of a statement."""
        with self.database._connect() as reader:
            cursor = reader.connection.cursor()
            statement = 'SELECT "CT_Intitule" FROM dbo.F_COMPTET WHERE "CT_Num" = ?'
            self.assertFalse(cursor.execute(statement, "x' OR 'a' = 'a").fetchall())
            cursor.executemany(statement, [("OEUVRES",), ("SCAMREDON",)])
        asked = [asked for asked in self.server.statements if "CT_Intitule" in asked.text]
        self.assertEqual({asked.text for asked in asked}, {statement.replace("?", "@P1")})
        values = [value for one in asked for value in one.parameters.values()]
        self.assertEqual(values, ["x' OR 'a' = 'a", "OEUVRES", "SCAMREDON"])

    # Only reading

    def test_nothing_but_select_and_set_is_ever_sent(self):
        self.database.action_test_connection()
        self.database.action_read_free_fields()
        self._synchronise()
        for asked in [*self.asked, *self.server.statements]:
            # The driver itself may ask the server which types it has, once.
            with self.subTest(statement=asked.text):
                self.assertIn(asked.verb, ("SELECT", "SET") if "sp_datatype_info" not in asked.text else ("EXEC",))
                self.assertNotIn(";", asked.text)
                self.assertFalse([twin for twin in ("cbCT_Num", "cbEC_Piece") if twin in asked.text])

    def test_what_would_write_is_refused_by_the_server(self):
        with self.database._connect() as reader, self.assertRaisesRegex(Exception, "permission was denied"):
            reader.connection.execute("DELETE FROM dbo.F_ECRITUREC")
        self.assertEqual(len(self.sage.change("SELECT 1 FROM F_ECRITUREC")), len(self.base.entries))

    def test_names_of_columns_never_become_statements(self):
        """Free fields bear what users typed."""
        hostile = [
            'x" FROM dbo.F_COMPTET; DROP TABLE dbo.F_COMPTET; --',
            "x' OR 'a' = 'a",
            "A ?",
            "[a]]b",
            "{fn now()} {d '2026-01-01'}",
            "-- a /* b",
            "N° DE CONTRAT €",
        ]
        for name in hostile:
            self.sage.add_column("F_COMPTET", name, "varchar(35)", f"kept {len(name)}")
        with self.database._connect() as reader:
            reader.free = {"F_COMPTET": [*hostile, "no such column", 'CT_Num" FROM dbo.F_COMPTET --']}
            rows = next(reader.rows("F_COMPTET", ' WHERE "CT_Num" = ?', "", ["OEUVRES"]))
        self.assertEqual(rows[0]["free"], (*(f"kept {len(name)}" for name in hostile), "", ""))
        self.assertEqual({asked.verb for asked in self.server.statements if "DROP" in asked.text}, {"SELECT"})

    # Encryption

    def test_the_link_is_encrypted_when_asked_for(self):
        for encryption, encrypted in (("trust", True), ("no", False)):
            with self.subTest(encryption=encryption):
                self.database.encryption = encryption
                self.database.action_test_connection()
                self.assertIs(self.server.encrypted[-1], encrypted)

    def test_a_server_without_encryption(self):
        self.server.encryption = False
        self._refused("encryption", "no encryption that both know")
        self.database.encryption = "no"
        self.database.action_test_connection()

    # What each failure says

    def _open_invoice(self):
        return self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("amount_residual", ">", 0), ("sage_ec_no", ">", 0)], limit=1
        )

    def _refused(self, code, words, secret=PASSWORD, **values):
        """Check what a synchronisation and « Test the connection » say, and that the password shows nowhere."""
        self.database.write(values)
        with self.assertLogs("odoo", level=logging.DEBUG) as logs:
            sync = self.database._synchronise()
            with self.assertRaises(UserError) as caught:
                self.database.action_test_connection()
        self.assertEqual((sync.state, sync.failure), ("failed", code), sync.message)
        self.assertIn(words, sync.message)
        self.assertIn(BASE, sync.message)
        self.assertEqual(str(caught.exception), sync.message)
        told = "\n".join(logs.output) + str(sync.read()) + str(caught.exception)
        self.assertNotIn(secret, told)
        return sync

    def test_wrong_password(self):
        self._refused("wrong_password", "password refused by server 127.0.0.1", secret=WRONG, password=WRONG)

    def test_unknown_login(self):
        self._refused("wrong_password", "for « nobody »", login="nobody")

    def test_unknown_base(self):
        self._refused("unknown_base", "no SQL database « NOPE »", database_name="NOPE")

    def test_closed_port(self):
        self._refused("port_closed", "nothing listens on port 9", port=9, login_timeout=1)

    def test_unknown_server(self):
        self._refused("server_not_found", "« srv-sage.invalid »", server="srv-sage.invalid", login_timeout=1)

    def test_missing_right(self):
        self.server.logins[LOGIN].denied.add("F_COMPTET")
        sync = self._refused("missing_right", "may not read table F_COMPTET")
        self.assertIn("db_datareader", sync.message)

    def test_a_table_that_may_not_be_read_is_not_an_absent_one(self):
        """Contacts would vanish from Odoo if their table, not essential, were taken for absent."""
        self.server.logins[LOGIN].denied.add("F_CONTACTT")
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "missing_right", sync.message)
        self.assertIn("F_CONTACTT", sync.message)

    def test_missing_table(self):
        self.sage.drop("F_COMPTET")
        self._refused("missing_table", "table F_COMPTET is missing")

    def test_password_as_odd_as_can_be(self):
        for password in ("a;b", "a}b", "{a}", "a;}b", " a ", "é€'\"=@!?*,[]()"):
            with self.subTest(password=password):
                self.server.logins[LOGIN] = Login(LOGIN, password)
                self.database.password = password
                self.database.action_test_connection()

    # In the middle of a reading

    def test_a_cut_in_the_middle_is_made_up_for(self):
        self.database._read_entries_again()
        fault = self.server.fail("F_ECRITUREC", cut=True, after=40)
        sync = self._synchronise()
        self.assertFalse(fault.times)
        self.assertGreater(len(self.server.encrypted), 1, "connected again")
        self.assertEqual(self._balances(), self._expected())
        self.assertFalse(sync.failure)

    def test_a_lasting_cut_fails_and_the_next_synchronisation_goes_on(self):
        line = self._open_invoice()
        self._change("UPDATE F_ECRITUREC SET EC_Intitule = ? WHERE EC_No = ?", "Changed", line.sage_ec_no)
        fault = self.server.fail("F_ECRITUREC", cut=True, after=1, times=FOR_EVER)
        sync = self.database._synchronise()
        self.assertEqual((sync.state, sync.failure), ("failed", "connection_cut"), sync.message)
        self.assertIn("was cut", sync.message)
        self.assertEqual(self._balances(), self._expected(), "nothing is half-written")
        fault.times = 0
        self._synchronise()
        self.assertEqual(line.name, "Changed")

    def test_victim_of_a_deadlock_asks_again(self):
        self.database._read_entries_again()
        fault = self.server.fail("F_ECRITUREC", number=1205, message=DEADLOCK, after=40)
        self._synchronise()
        self.assertFalse(fault.times)
        self.assertEqual(self._balances(), self._expected())
        self.server.fail("F_ECRITUREC", number=1205, message=DEADLOCK, times=FOR_EVER)
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "deadlock", sync.message)
        self.assertIn("F_ECRITUREC", sync.message)

    def test_a_lock_that_lasts(self):
        self.server.fail("F_ECRITUREC", number=1222, message="Lock request time out period exceeded.", times=FOR_EVER)
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "locked", sync.message)
        self.assertIn("writing in Sage for too long", sync.message)

    def test_a_server_that_does_not_answer_any_more(self):
        self.database.query_timeout = 1
        self.server.fail("F_ECRITUREC", after=3, times=FOR_EVER)
        begun = time.monotonic()
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "timeout", sync.message)
        self.assertIn("did not answer in time", sync.message)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertTrue(self.server.cancellations, "the question is cancelled on the server, not only forgotten")

    def test_cancelled_while_the_server_is_answering(self):
        begun = time.monotonic()
        wish = lambda sync: lambda: time.monotonic() > begun + 0.5  # noqa: E731
        self.patch(self.env.registry["sage100.sync"], "_get_wish", wish)
        Loader = self.env.registry["sage100.loader.read"]
        walk = Loader._walk_once

        def ask_to_cancel(loader, job, *args):
            loader.env["sage100.sync.cancel"].create({"sync_id": job.sync.id})
            loader.env.flush_all()
            self.server.fail("F_ECRITUREC", after=3)
            return walk(loader, job, *args)

        self.patch(Loader, "_walk_once", ask_to_cancel)
        sync = self.database._synchronise()
        self.assertEqual(sync.state, "cancelled", sync.message)
        self.assertTrue(self.server.cancellations)
        self.assertLess(time.monotonic() - begun, 20)

    # Isolation

    def _isolated(self, isolation):
        self.database.isolation = isolation
        return self._synchronise()

    def test_read_uncommitted_by_default(self):
        self.assertTrue([asked for asked in self.asked if asked.text.endswith("LEVEL READ UNCOMMITTED")])
        self.assertFalse(self.first.note)

    def test_read_committed_waits_for_so_long(self):
        self.database.lock_timeout = 7
        self.assertFalse(self._isolated("read_committed").note)
        told = [asked.text for asked in self.server.statements if asked.verb == "SET"]
        self.assertIn("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", told)
        self.assertIn("SET LOCK_TIMEOUT 7000", told)

    def test_snapshot_refused_is_only_noted(self):
        sync = self._isolated("snapshot")
        self.assertIn("snapshot isolation is not allowed", sync.note)
        self.assertNotEqual(sync.state, "failed")

    def test_snapshot_allowed(self):
        self.sage.snapshot_allowed = True
        self.assertFalse(self._isolated("snapshot").note)
        self.assertEqual({session.settings.isolation for session in self.server.sessions}, {"SNAPSHOT"})
        self.assertEqual({session.began for session in self.server.sessions}, {True}, "all of one moment")


@tagged("post_install", "-at_install")
class TestSage100Freetds(Reading, TdsCommon):
    """SQL Server's own protocol, through FreeTDS."""

    allow_inherited_tests_method = True  # Odoo\'s runner passes inherited tests over otherwise
    def test_another_service_on_that_port(self):
        self._refused("wrong_port", "is not SQL Server", port=int(os.environ["PGPORT"]), login_timeout=1)

    def test_unknown_driver_lists_those_installed(self):
        sync = self._refused("unknown_driver", "« No such driver » is not installed", driver="No such driver")
        self.assertIn(self.database.installed_drivers, sync.message)

    def test_certificate(self):
        """FreeTDS checks a certificate only for a server that freetds.conf describes."""
        self._refused("certificate_unchecked", "freetds.conf", encryption="yes")
        with tempfile.TemporaryDirectory() as folder:
            conf, authority = Path(folder, "freetds.conf"), Path(folder, "ca.pem")
            authority.write_bytes(certificate().cert_pem)
            before = os.environ.get("FREETDSCONF")
            os.environ["FREETDSCONF"] = str(conf)
            try:
                text = f"[sage]\n\thost = localhost\n\tport = {self.server.port}\n\ttds version = 7.4\n"
                conf.write_text(f"{text}\tca file = system\n")
                self._refused("certificate", "certificate of server sage was refused", server="sage")
                conf.write_text(f"{text}\tca file = {authority}\n")
                self.database.action_test_connection()
            finally:
                os.environ.pop("FREETDSCONF")
                if before is not None:
                    os.environ["FREETDSCONF"] = before


if microsoft_driver():

    @tagged("post_install", "-at_install")
    class TestSage100Microsoft(Reading, TdsCommon):
        """The same, through Microsoft's driver, where somebody has installed it."""

        allow_inherited_tests_method = True  # Odoo\'s runner passes inherited tests over otherwise
        driver = microsoft_driver()

        def test_certificate(self):
            self._refused("certificate", "was refused", encryption="yes")
            self._refused("certificate", "was refused", encryption="default")
