import logging
import os

import pyodbc

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..lib.sage100 import connection as odbc
from ..lib.sage100.errors import Failure, Sage100Error
from ..lib.sage100.reader import Reader
from .common_sage100 import PASSWORD, Sage100Common

WRONG = "wr0ng-s3cret"


class Watched:
    """A connection, or a cursor, that writes down every statement before sending it."""

    def __init__(self, inner, statements):
        vars(self).update(inner=inner, statements=statements)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __setattr__(self, name, value):
        setattr(self.inner, name, value)

    def cursor(self):
        return Watched(self.inner.cursor(), self.statements)

    def execute(self, statement, *parameters):
        self.statements.append(statement)
        return self.inner.execute(statement, *parameters)

    def executemany(self, statement, parameters):
        self.statements.append(statement)
        return self.inner.executemany(statement, parameters)


@tagged("post_install", "-at_install", "odoo_runner")
class TestSage100Connection(Sage100Common):
    """Settings of a base: what each failure says, and the password that nobody reads."""

    def _refusal(self, **values):
        """Return the sentence given by « Test the connection » with other settings."""
        self.database.write(values)
        with self.assertRaises(UserError) as caught:
            self.database.action_test_connection()
        return str(caught.exception)

    # What each failure says

    def test_success_tells_whose_books_these_are(self):
        params = self.database.action_test_connection()["params"]
        company = self.base.tables["P_DOSSIER"][0]["D_RaisonSoc"]
        self.assertIn(company, params["message"])
        self.assertIn(str(len(self.base.tables["F_ECRITUREC"])), params["message"])

    def test_wrong_password(self):
        message = self._refusal(password=WRONG)
        self.assertIn("BIJOU", message)
        self.assertIn("password refused by server 127.0.0.1", message)
        self.assertNotIn(WRONG, message)

    def test_unknown_base(self):
        message = self._refusal(database_name="no_such_base")
        self.assertIn("no SQL database « no_such_base »", message)

    def test_closed_port(self):
        self.assertIn("nothing listens on port 9", self._refusal(port=9))

    def test_freetds_says_the_same_of_a_closed_port(self):
        """FreeTDS's own words do not tell a closed port from an unknown server."""
        message = self._refusal(driver=os.environ["FOLLOWUP_ODBC_FREETDS"], port=9)
        self.assertIn("nothing listens on port 9", message)

    def test_unknown_server(self):
        message = self._refusal(server="srv-sage.invalid")
        self.assertIn("no server is called « srv-sage.invalid »", message)

    def test_unknown_driver_lists_those_installed(self):
        message = self._refusal(driver="No such driver")
        self.assertIn("« No such driver » is not installed", message)
        self.assertIn(self.database.installed_drivers, message)

    def test_missing_right_names_the_table(self):
        self._sage(f'REVOKE SELECT ON dbo.f_comptet FROM "{self.name}"')
        message = self._refusal()
        self.assertIn("may not read table F_COMPTET", message)

    def test_not_a_sage_base(self):
        self._sage("DROP TABLE dbo.p_dossier")
        self.assertIn("table P_DOSSIER is missing", self._refusal())

    def test_missing_required_column_is_named(self):
        self._sage("ALTER TABLE dbo.f_ecriturec DROP COLUMN ec_lettrage")
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "missing_column")
        self.assertIn("F_ECRITUREC: EC_Lettrage", sync.message)

    def test_missing_optional_columns_and_tables_do_not_matter(self):
        """An older generation of Sage 100."""
        self._sage(
            "ALTER TABLE dbo.f_ecriturec DROP COLUMN ec_rappel, DROP COLUMN ec_cloture;"
            "DROP TABLE dbo.f_banquet; DROP TABLE dbo.p_servicecpta"
        )
        sync = self.database._synchronise()
        self.assertIn(sync.state, ("done", "warning"), sync.message)

    def _cut(self):
        """Have the server go away just before entries are asked for, ``self.cuts`` times."""
        stream = Reader.stream

        def cut(reader, statement, parameters, table, *args, **kwargs):
            if table == "F_ECRITUREC" and self.cuts:
                self.cuts -= 1
                self._sage(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
                    (self.name,),
                )
            return stream(reader, statement, parameters, table, *args, **kwargs)

        self.patch(Reader, "stream", cut)

    def test_connection_cut_in_the_middle(self):
        """Made up for when it happens once; when it lasts, said, and nothing written."""
        self.cuts = 1000
        self._cut()
        sync = self.database._synchronise()
        self.assertEqual(sync.failure, "connection_cut", sync.message)
        self.assertIn("was cut", sync.message)
        self.assertFalse(self.database.journal_id)
        self.cuts = 1
        self.assertIn(self.database._synchronise().state, ("done", "warning"))

    def test_every_failure_has_its_sentence(self):
        for code in Failure:
            with self.subTest(code=code):
                message = self.database._explain(Sage100Error(code, detail="as told", subject="F_X"))
                self.assertIn("BIJOU", message)
                quoting = code in (Failure.OTHER, Failure.LOGIN_REFUSED, Failure.BASE_UNAVAILABLE)
                self.assertIs("as told" in message, quoting)
                self.assertIs("the driver says" in message, code is Failure.OTHER, "a sentence of its own")

    # Reading only

    def test_nothing_but_select_and_set_is_ever_sent(self):
        """Whatever the add-on does with a base goes through one connection; this one writes everything down."""
        statements = []
        opened = odbc._open
        self.patch(odbc, "_open", lambda settings: Watched(opened(settings), statements))
        self.database.action_test_connection()
        self.database.action_read_free_fields()
        self.database.isolation = "read_committed"
        for _time in range(2):
            self.assertIn(self.database._synchronise().state, ("done", "warning"))
        self.assertGreater(len(statements), 50)
        for statement in statements:
            self.assertRegex(statement, r"^(SELECT |SET TRANSACTION ISOLATION LEVEL |SET lock_timeout = \d+$)")
            self.assertNotIn(";", statement)

    def test_the_login_of_the_tests_can_only_select(self):
        with self.database._connect() as reader, self.assertRaises(pyodbc.Error):
            reader.connection.execute("DELETE FROM dbo.f_ecriturec")

    # The password

    def test_password_is_readable_by_nobody(self):
        database = self.database
        self.assertTrue(database.has_password)
        self.assertEqual(database._get_password(), PASSWORD)
        database.invalidate_recordset()
        self.assertFalse(database.password)
        self.assertFalse(database.sudo().password)
        self.assertFalse(database.read(["password"])[0]["password"])
        self.assertNotIn(PASSWORD, str(database.read()))
        exported = database.export_data(["name", "password"])
        self.assertNotIn(PASSWORD, str(exported))
        with self.assertRaises(UserError):
            database.search([("password", "=", PASSWORD)])
        self.assertNotIn(PASSWORD, str(database.copy_data()))
        self.assertNotIn(PASSWORD, str(database._get_settings()))

    def test_password_is_not_in_clear_in_the_table(self):
        self.env.cr.execute("SELECT * FROM sage100_database WHERE id = %s", (self.database.id,))
        self.assertNotIn(PASSWORD, str(self.env.cr.fetchall()))

    def test_freshly_written_password_is_not_in_the_cache(self):
        self.database.password = "another one"
        self.assertFalse(self.database.password)
        self.assertEqual(self.database._get_password(), "another one")
        record = self.database.create(self._settings(server="localhost", name="B"))
        self.assertFalse(record.password)

    def test_empty_box_keeps_the_password(self):
        self.database.write({"password": "", "name": "BIJOU 2"})
        self.assertEqual(self.database._get_password(), PASSWORD)

    def test_copied_database_with_another_secret_asks_for_it_again(self):
        self.env["ir.config_parameter"].set_param("database.secret", "another")
        with self.assertRaisesRegex(UserError, "Type it again"):
            self.database._get_password()
        self.assertEqual(self.database._synchronise().state, "failed")

    def test_wrong_password_never_reaches_a_log(self):
        self.database.password = WRONG
        with self.assertLogs("odoo", level=logging.DEBUG) as logs:
            sync = self.database._synchronise()
        self.assertEqual(sync.failure, "wrong_password")
        text = "\n".join(logs.output) + str(sync.read())
        self.assertNotIn(WRONG, text)

    def test_unexpected_error_leaves_no_password_in_the_trace(self):
        def broken(reader, *args):
            raise ValueError("defect")

        self.patch(Reader, "snapshot", broken)
        with self.assertLogs("odoo", level=logging.DEBUG) as logs:
            sync = self.database._synchronise()
        self.assertEqual(sync.failure, "error")
        self.assertNotIn(PASSWORD, "\n".join(logs.output) + str(sync.read()))

    def test_nothing_waits_for_ever(self):
        for name in ("login_timeout", "query_timeout", "lock_timeout"):
            for seconds in (0, -1, 3601):
                with self.subTest(name=name, seconds=seconds), self.assertRaises(ValidationError):
                    self.database[name] = seconds
        self.database.write({"login_timeout": 7, "query_timeout": 70})
        settings = self.database._get_settings()
        self.assertEqual((settings.login_timeout, settings.query_timeout), (7, 70))

    def test_no_secret_in_the_free_options(self):
        with self.assertRaises(ValidationError):
            self.database.extra_options = "PWD=secret"

    def test_followed_accounts_are_checked(self):
        for text in ("", "411'--", "41%"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.database.account_prefixes = text
