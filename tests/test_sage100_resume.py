import contextlib
import threading
import time
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged

from .test_sage100_incremental import ADDON, Sage100Common, Sage100ReadingCommon

READ = f"{ADDON}.models.sage100_loader_read"
ENTRIES = f"{ADDON}.lib.sage100.reader_entries"
CRON = "account_receivable_followup.ir_cron_sage100_sync"


class Killed(BaseException):
    """The process is killed: no handler of the application sees it."""


class Sage100CutCommon(Sage100ReadingCommon):
    """Readings in small chunks, so that there are many of them."""

    def setUp(self):
        super().setUp()
        self.database.extra_options = "Fetch=10"
        self.startPatcher(patch(f"{ENTRIES}.ENTRY_CHUNK", 20))
        self.loader = type(self.env["sage100.loader.read"])

    def _terminate(self):
        """Cut the connections to the Sage base, as a restart of the server does."""
        self._admin_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [self.name])

    def _admin_execute(self, statement, parameters=None):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                cr.execute(statement, parameters)
        finally:
            connection.close()

    def _after_chunk(self, number, action):
        """Run ``action`` after the n-th merged chunk."""
        merge, chunks = self.loader._merge_chunk, []

        def merged(loader, *args):
            merge(loader, *args)
            chunks.append(args[-1])
            if len(chunks) == number:
                action()

        return patch.object(self.loader, "_merge_chunk", merged), chunks


@tagged("post_install", "-at_install")
class TestSage100Cut(Sage100CutCommon):
    """The connection is cut in the middle of a fetch."""

    def test_the_reading_goes_on_after_the_last_entry(self):
        self.reading.full_at = False
        total = len(self._sage_entries())
        cut, chunks = self._after_chunk(3, self._terminate)
        with cut:
            sync = self._synchronise()
        self.assertTrue(sync.full)
        self.assertGreater(len(chunks), 4)
        numbers = [item[0] for chunk in chunks for item in chunk if isinstance(item, tuple)]
        self.assertEqual(len(numbers), len(set(numbers)), "an entry was read twice")
        self.assertGreaterEqual(len(numbers), total)
        self._assert_same()

    def test_a_server_that_stays_away_fails_clearly_and_the_next_reading_resumes(self):
        self.reading.full_at = False

        def away():
            self._admin("ALTER ROLE {} NOLOGIN", self.name)
            self._terminate()

        cut, first = self._after_chunk(3, away)
        try:
            with cut:
                sync = self._synchronise(("failed",))
        finally:
            self._admin("ALTER ROLE {} LOGIN", self.name)
        self.assertIn(self.database.name, sync.message)
        # Another chunk may have come already, while the third one was merged.
        self.assertIn(len(first), (3, 4))
        self.assertEqual((self.reading.kind, self.reading.done), ("full", 20 * len(first)))
        cut, rest = self._after_chunk(0, None)
        with cut:
            sync = self._synchronise()
        self.assertGreater(min(item[0] for item in rest[0] if isinstance(item, tuple)), first[-1][-1][0])
        self.assertFalse(self.reading.kind)
        self._assert_same()


@tagged("post_install", "-at_install")
class TestSage100Resume(Sage100Common):
    """Killed at any checkpoint, a first import ends as if it had never been interrupted."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sage100.database"].search([("id", "!=", cls.database.id)]).active = False

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f"{ENTRIES}.ENTRY_CHUNK", 80))
        self.startPatcher(patch(f"{ADDON}.models.sage100_loader_entry.SIZE", 80))
        self.Sync = type(self.env["sage100.sync"])

    def _run_cron(self, killed_at=0):
        """Run the scheduled action; die just after the n-th checkpoint. Return how many there were."""
        checkpoint, calls = self.Sync._checkpoint, []

        def dying(sync, *args):
            checkpoint(sync, *args)
            calls.append(args[2])
            if len(calls) == killed_at:
                raise Killed

        with patch.object(self.Sync, "_checkpoint", dying), self.enter_registry_test_mode():
            with contextlib.suppress(Killed):
                self.env.ref(CRON).method_direct_trigger()
        self.env.invalidate_all()
        return calls

    def _result(self):
        """Return what was imported, independent of the numbers that Odoo gives."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT l.sage_ec_no, c.number, a.code_store::text, m.name, l.balance::text, l.amount_residual::text,
                   l.sage_current_ec_no, l.sage_lettering, l.reconciled,
                   (SELECT min(o.sage_ec_no) FROM account_move_line o WHERE o.full_reconcile_id = l.full_reconcile_id)
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN account_account a ON a.id = l.account_id
              JOIN sage100_customer c ON c.partner_id = l.partner_id AND c.database_id = l.sage_database_id
             WHERE l.sage_database_id = %s AND l.sage_ec_no <> 0
          ORDER BY l.sage_ec_no
            """,
            [self.database.id],
        )
        return self.env.cr.fetchall()

    def _undone(self):
        """A block whose writings in Odoo are forgotten."""
        return self.env.cr.savepoint(flush=True)

    def test_killed_at_every_checkpoint(self):
        savepoint = self._undone()
        steps = self._run_cron()
        expected = self._result()
        savepoint.rollback()
        self.env.invalidate_all()
        self.assertTrue(expected)
        self.assertGreater(len(steps), 8)
        for number, step in enumerate(steps, 1):
            with self.subTest(number=number, step=step):
                self._run_cron(killed_at=number)
                self._run_cron()
                last, killed = self.env["sage100.sync"].search([("database_id", "=", self.database.id)], limit=2)
                self.assertIn(last.state, ("done", "warning"), last.message)
                self.assertIn(killed.state, ("failed", "done", "warning"))
                self.assertEqual(self._result(), expected)
                self.assertFalse(self.env["sage100.pending"].search_count([]))
                savepoint.rollback()
                self.env.invalidate_all()
        savepoint.close(rollback=True)

    def test_written_issues_and_counts_are_kept_at_each_checkpoint(self):
        savepoint = self._undone()
        self._run_cron(killed_at=4)
        sync = self.env["sage100.sync"].search([("database_id", "=", self.database.id)], limit=1)
        self.assertEqual(sync.state, "running")
        self.assertTrue(sync.entries_read)
        self.assertTrue(sync.step)
        self.assertGreater(sync.progress, 0)
        savepoint.close(rollback=True)


@tagged("post_install", "-at_install", "odoo_runner")
class TestSage100NoLock(Sage100Common):
    """While Sage is waited for, nothing of Odoo is locked: seen from other connections, with committed records."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()

    def test_nothing_is_locked_while_a_fetch_hangs(self):
        with self._committed() as env:
            company = env.ref("base.main_company")
            database = env["sage100.database"].create(self._settings(name="LOCK", company_id=company.id))
            sync = env["sage100.sync"].create({"database_id": database.id})
            partner = env["res.partner"].create({"name": "LOCK"})
            self.addCleanup(self._forget, database.id, partner.id)
        blocker = psycopg2.connect(dbname=self.name)
        self.addCleanup(blocker.close)
        blocker.cursor().execute("LOCK TABLE dbo.f_ecriturec IN ACCESS EXCLUSIVE MODE")
        # Odoo's runner holds the lock of the registries all along; its own tests with threads do without it too.
        self.patch(Registry, "_lock", DummyRLock())
        thread = threading.Thread(target=self._synchronise_apart, args=(database.id,))
        thread.start()
        try:
            self._wait_until_blocked()
            self._assert_free(database.id, sync.id, partner.id)
        finally:
            blocker.rollback()
            thread.join(60)
        self.assertFalse(thread.is_alive())
        with self._committed() as env:
            self.assertEqual(env["sage100.sync"].browse(sync.id).state, "cancelled")

    @contextlib.contextmanager
    def _committed(self, **context):
        """Yield an environment of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, context)

    def _synchronise_apart(self, database_id):
        with self._committed(cron_id=self.env.ref(CRON).id) as env:
            env["sage100.database"].browse(database_id)._synchronise()

    def _wait_until_blocked(self):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cr:
            for _time in range(200):
                cr.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND usename = %s AND wait_event_type = 'Lock'",
                    (self.name, self.name),
                )
                if cr.fetchone():
                    break
                time.sleep(0.1)
            else:
                self.fail("Sage was never waited for")
        connection.close()

    def _assert_free(self, database_id, sync_id, partner_id):
        """Another person saves the base, the synchronisation and a partner, and asks to stop."""
        connection = psycopg2.connect(dbname=self.env.cr.dbname)
        try:
            with connection, connection.cursor() as cr:
                cr.execute("INSERT INTO sage100_sync_cancel (sync_id) VALUES (%s)", [sync_id])
            with connection, connection.cursor() as cr:
                cr.execute(
                    """
                    SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                      JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
                     WHERE l.mode NOT IN ('AccessShareLock', 'RowShareLock') AND l.pid <> pg_backend_pid()
                       AND l.pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = d.oid)
                       AND c.relname !~ '^pg_'
                    """
                )
                self.assertEqual(cr.fetchall(), [])
                cr.execute("SET LOCAL lock_timeout = '2s'")
                cr.execute("UPDATE sage100_database SET name = 'LOCK2' WHERE id = %s", [database_id])
                cr.execute("UPDATE sage100_sync SET message = 'x' WHERE id = %s", [sync_id])
                cr.execute("UPDATE res_partner SET color = 3 WHERE id = %s", [partner_id])
        finally:
            connection.close()

    def _forget(self, database_id, partner_id):
        with self._committed() as env:
            env["sage100.database"].browse(database_id).unlink()
            env["res.partner"].browse(partner_id).unlink()
