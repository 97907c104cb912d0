from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_sage100_incremental import ADDON, Sage100Common

CRON = "account_receivable_followup.ir_cron_sage100_sync"


@tagged("post_install", "-at_install")
class TestSage100Several(Sage100Common):
    """Several bases, on one company or not: when each is synchronised, for how long, and one failing."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.env["sage100.database"].create(
            [cls._settings(name=f"B{n}", server=server) for n, server in enumerate(("localhost", "127.1"), 1)]
        )
        cls.databases = cls.database + cls.others
        cls.env.user.group_ids += cls.env.ref("account_receivable_followup.followup_group_manager")
        cls.env["sage100.database"].search([("id", "not in", cls.databases.ids)]).active = False
        cls.env["sage100.sync"].sudo().search([]).unlink()
        cls.databases.schedule = "manual"

    def setUp(self):
        super().setUp()
        self.Sync = type(self.env["sage100.sync"])

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(CRON).method_direct_trigger()
        self.env.invalidate_all()

    def _order(self):
        return self.env["sage100.sync"].search([], order="id").mapped("database_id.name")

    # When

    def test_on_demand_only(self):
        self._run_cron()
        self.assertFalse(self.databases.sync_ids)
        self.assertFalse(self.database.next_sync_at)
        self.database.sudo()._request_sync()
        self._run_cron()
        self.assertEqual(self._order(), ["BIJOU"])

    def test_each_base_has_its_interval(self):
        now = fields.Datetime.now()
        self.databases.write({"schedule": "interval", "interval_hours": 2})
        for database, hours in zip(self.databases, (3, 1, 5), strict=True):
            database.tried_at = now - timedelta(hours=hours)
        due = self.env["sage100.database"]._get_due()
        self.assertEqual(due, self.others[1] + self.database, "the one tried longest ago first")
        self.assertEqual(self.others[0].next_sync_at, now + timedelta(hours=1))

    # One failing

    def test_several_bases_on_one_company_one_failing(self):
        self.others[0].server = "srv.invalid"
        for database in self.databases:
            database.sudo()._request_sync()
        self._run_cron()
        self.assertEqual(self.others[0].state, "failed")
        self.assertIn("B1", self.others[0].sync_ids.message)
        for database in self.database + self.others[1]:
            self.assertIn(database.state, ("done", "warning"), database.sync_ids.message)
            self.assertFalse(database.sync_ids.customers_differing)
        counts = [
            self.env["account.move.line"].search_count([("sage_database_id", "=", database.id)])
            for database in self.databases
        ]
        self.assertEqual(counts[0], counts[2])
        self.assertFalse(counts[1])

    def test_a_statement_that_postgresql_refuses_stops_no_other_base(self):
        loader = type(self.env["sage100.loader.customer"])
        load = loader._load

        def broken(model, job):
            if job.database == self.database:
                model.env.cr.execute("SELECT 1 / 0")
            load(model, job)

        for database in self.databases:
            database.sudo()._request_sync()
        with patch.object(loader, "_load", broken), self.assertLogs(f"{ADDON}.models.sage100_sync_run", "ERROR"):
            self._run_cron()
        sync = self.database.sync_ids
        self.assertEqual((sync.state, sync.failure), ("failed", "error"))
        self.assertIn("DivisionByZero", sync.message)
        self.assertTrue(sync.entries_read, "what the reading committed is kept")
        for database in self.others:
            self.assertIn(database.state, ("done", "warning"), database.sync_ids.message)

    def test_a_conflict_with_a_user_is_tried_again(self):
        loader = type(self.env["sage100.loader.customer"])
        load, tries = loader._load, []

        def conflicting(model, job):
            tries.append(job)
            if len(tries) < 3:
                raise psycopg2.errors.SerializationFailure("could not serialize access")
            load(model, job)

        self.database.sudo()._request_sync()
        with patch.object(loader, "_load", conflicting):
            self._run_cron()
        self.assertEqual(len(tries), 3)
        self.assertIn(self.database.state, ("done", "warning"), self.database.sync_ids.message)

    # For how long

    def test_out_of_time_it_pauses_and_goes_on(self):
        sync = self.database.sudo()._request_sync()
        triggers = self.env["ir.cron.trigger"].search_count([])
        with patch.object(type(self.database), "_get_deadline", lambda database: 0):
            self._run_cron()
        self.assertEqual(sync.state, "paused")
        self.assertFalse(sync.ended_at)
        self.assertGreater(self.env["ir.cron.trigger"].search_count([]), triggers)
        self._run_cron()
        self.assertIn(sync.state, ("done", "warning"), sync.message)
        self.assertEqual(self.database.sync_ids, sync)

    def test_budget_and_server_limit(self):
        self.database.budget_minutes = 5
        clock = f"{ADDON}.models.sage100_database_schedule.time.monotonic"
        with patch(clock, return_value=1000.0):
            self.assertEqual(self.database._get_deadline(), 1300.0)
            cron = self.database.with_context(cron_end_time=1010.0)  # begun at 1000, 10 s being Odoo's least
            with patch.dict(
                f"{ADDON}.models.sage100_database_schedule.config.options",
                {"limit_time_real_cron": 100},
            ):
                self.assertEqual(cron._get_deadline(), 1080.0)
        self.database.budget_minutes = 0
        self.assertEqual(self.database._get_deadline(), float("inf"))

    # Cancelling

    def test_waiting_synchronisation_is_cancelled_at_once(self):
        sync = self.database.sudo()._request_sync()
        sync.action_cancel()
        self.assertEqual(sync.state, "cancelled")
        self._run_cron()
        self.assertFalse(self.database.reading_ids)

    def test_running_synchronisation_stops_at_the_next_checkpoint(self):
        checkpoint, calls = self.Sync._checkpoint, []

        def asked(sync, *args):
            calls.append(args)
            if len(calls) == 3:
                sync.action_cancel()
                self.assertTrue(sync.stopping)
            checkpoint(sync, *args)

        sync = self.database.sudo()._request_sync()
        with patch.object(self.Sync, "_checkpoint", asked):
            self._run_cron()
        self.assertEqual((sync.state, len(calls)), ("cancelled", 3))
        self.assertTrue(sync.message)
        self.assertTrue(self.database.reading_ids, "what was read is kept")
        self.assertEqual(self.database.state, "new")
        self.database.sudo()._request_sync()
        self._run_cron()
        self.assertIn(self.database.state, ("done", "warning"), self.database.sync_ids.mapped("message"))

    def test_only_a_manager_cancels(self):
        sync = self.database.sudo()._request_sync()
        viewer = new_test_user(
            self.env,
            "sage-viewer",
            groups="account_receivable_followup.followup_group_viewer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(UserError):
            sync.with_user(viewer).action_cancel()
