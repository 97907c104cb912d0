import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_sage100 import Sage100Common

GROUP = "account_receivable_followup.followup_group_%s"


@tagged("post_install", "-at_install")
class TestSage100Access(Sage100Common):
    """Who sees and does what, and the scheduled action."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sync = cls.database._synchronise()
        cls.users = {kind: cls._user(kind, cls.company, GROUP % kind) for kind in ("viewer", "user", "manager")}
        cls.users["system"] = cls._user("system", cls.company, "base.group_system")

    @classmethod
    def _user(cls, login, company, *groups):
        return new_test_user(
            cls.env,
            login=f"sage_{login}",
            groups=",".join(["base.group_user", *groups]),
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_readers_see_results_but_no_settings(self):
        for kind in ("viewer", "user"):
            sync = self.sync.with_user(self.users[kind])
            with self.subTest(kind=kind):
                self.assertTrue(sync.read(["state", "entries_created", "database_id"]))
                self.assertTrue(sync.issue_ids.mapped("message"))
                shown = sync.web_read({"database_id": {"fields": {"display_name": {}}}})
                self.assertEqual(shown[0]["database_id"]["display_name"], "BIJOU")
                with self.assertRaises(AccessError):
                    self.database.with_user(self.users[kind]).read(["server"])
                with self.assertRaises(AccessError):
                    sync.write({"state": "done"})

    def test_manager_reads_settings_without_password_and_synchronises(self):
        database = self.database.with_user(self.users["manager"])
        self.assertTrue(database.read(["server", "has_password"]))
        with self.assertRaises(AccessError):
            database.read(["password"])
        with self.assertRaises(AccessError):
            database.write({"server": "elsewhere"})
        with self.assertRaises(AccessError):
            database.action_test_connection()
        action = database.action_synchronise()
        sync = self.env["sage100.sync"].browse(action["res_id"])
        self.assertEqual((sync.state, sync.trigger), ("queued", "manual"))
        again = database.action_synchronise()
        self.assertEqual(again["res_id"], sync.id)

    def test_only_managers_synchronise(self):
        for kind in ("viewer", "user", "system"):
            with self.subTest(kind=kind), self.assertRaises(UserError):
                self.database.with_user(self.users[kind]).action_synchronise()

    def test_administrator_sets_up_but_reads_no_password(self):
        database = self.database.with_user(self.users["system"])
        database.write({"password": "changed"})
        self.assertFalse(database.read(["password"])[0]["password"])
        self.assertEqual(self.database._get_password(), "changed")
        self.assertTrue(database.read([]))

    def test_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("stranger", other, GROUP % "manager", "base.group_system")
        for model in ("database", "sync", "issue", "customer", "contact"):
            with self.subTest(model=model):
                records = self.env[f"sage100.{model}"]
                self.assertTrue(records.search_count([]))
                self.assertFalse(records.with_user(stranger).search_count([]))
        with self.assertRaises(AccessError):
            self.database.with_user(stranger).read(["name"])

    def test_base_with_entries_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "archive it"):
            self.database.unlink()

    def test_two_bases_never_share_a_journal(self):
        database = self.database.create(self._settings(server="localhost", name="B"))
        journal = database.env["sage100.loader.account"]._create_journal(
            type("Job", (), {"company": self.company, "database": database})
        )
        self.assertNotEqual(journal.code, self.database.journal_id.code)

    # Scheduled action

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("account_receivable_followup.ir_cron_sage100_sync").method_direct_trigger()

    def test_scheduled_action_does_the_waiting_synchronisation(self):
        waiting = self.database.sudo()._request_sync()
        self._run_cron()
        waiting.invalidate_recordset()
        self.assertIn(waiting.state, ("done", "warning"), waiting.message)
        self.assertTrue(self.database.last_success_at)

    def test_a_failing_base_stops_no_other(self):
        broken = self.database.create(self._settings(server="srv.invalid", name="A failing one"))
        self.database.tried_at = False
        self._run_cron()
        broken.invalidate_recordset()
        self.assertEqual(broken.state, "failed")
        self.assertEqual(broken.sync_ids.failure, "server_not_found")
        last = self.database.sync_ids[0]
        self.assertGreater(last.id, self.sync.id)
        self.assertIn(last.state, ("done", "warning"), last.message)

    def _other_session_locks(self, database):
        """Return whether another session could take the right to synchronise, and keep it."""
        connection = psycopg2.connect(dbname=self.env.cr.dbname)
        self.addCleanup(connection.close)
        with connection.cursor() as cr:
            cr.execute(
                "SELECT pg_try_advisory_lock(hashtext(%s), %s)",
                ("sage100.database", database.id),
            )
            return cr.fetchone()[0]

    def test_two_synchronisations_at_once(self):
        self.assertFalse(self._other_session_locks(self.database), "ours has it")
        other = self.database.create(self._settings(server="localhost", name="B"))
        self.assertTrue(self._other_session_locks(other))
        sync = other._synchronise()
        self.assertEqual((sync.state, sync.failure), ("failed", "busy"))
        self.assertIn("already running", sync.message)

    def test_interrupted_synchronisation_is_said_so(self):
        dead = self.env["sage100.sync"].sudo().create({"database_id": self.database.id, "state": "running"})
        self.database._synchronise()
        self.assertEqual((dead.state, dead.failure), ("failed", "interrupted"))
