import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB

WORKER_SHARE = 0.8  # of the time that the server gives a scheduled action: it stops by itself before being stopped
FOREVER = float("inf")


class Sage100Database(models.Model):
    """When a base is synchronised, how long a run may last, and starting it."""

    _inherit = "sage100.database"

    schedule = fields.Selection(
        [("interval", "At regular intervals"), ("manual", "On demand only")],
        string="Synchronisation",
        required=True,
        default="interval",
    )
    interval_hours = fields.Float(
        string="Every",
        default=1.0,
        help="Hours between the beginnings of two synchronisations. The scheduled action of Odoo looks every quarter "
        "of an hour which databases are due.",
    )
    full_hours = fields.Integer(
        string="Read everything again every",
        default=24,
        help="Hours. Only changes are read in between; a complete reading compares every entry, and finds what a "
        "program changed in Sage without dating it. 0: at each synchronisation.",
    )
    missing_percent = fields.Integer(
        string="Refuse when more than",
        default=20,
        help="Share of the known entries that may disappear from Sage at once (at least 50 may). Beyond, the base is "
        "probably another one, or was restored: nothing is imported until a person accepts it.",
    )
    budget_minutes = fields.Integer(
        string="Stop a run after",
        default=30,
        help="Minutes. The synchronisation then goes on where it was at the next run, after the other databases. "
        "0: no limit but the server's own.",
    )
    tried_at = fields.Datetime(string="Last tried", readonly=True, copy=False)
    next_sync_at = fields.Datetime(string="Next synchronisation", compute="_compute_next_sync_at")

    _interval_positive = models.Constraint(
        "CHECK(interval_hours >= 0 AND full_hours >= 0 AND budget_minutes >= 0)", "A duration cannot be negative."
    )
    _percent_range = models.Constraint(
        "CHECK(missing_percent >= 1 AND missing_percent <= 100)", "A share is a percentage from 1 to 100."
    )

    @api.depends("schedule", "interval_hours", "tried_at")
    def _compute_next_sync_at(self):
        now = fields.Datetime.now()
        for database in self:
            due = database.tried_at and database.tried_at + timedelta(hours=database.interval_hours)
            database.next_sync_at = False if database.schedule == "manual" else max(due or now, now)

    # Scheduled action

    @api.model
    def _cron_synchronise(self):
        """Synchronise the bases that are due or asked for, the one tried longest ago first.

        The failure of one is written on it and stops no other. When the server's time is over, the rest follows at once
        in a new run.
        """
        due = self._get_due()
        IrCron = self.env["ir.cron"]
        IrCron._commit_progress(remaining=len(due))
        limit = self._get_worker_limit()
        for database in due:
            if time.monotonic() >= limit:
                self.env.ref("account_receivable_followup.ir_cron_sage100_sync").sudo()._trigger()
                IrCron._commit_progress(remaining=0)
                return
            database._synchronise()
            IrCron._commit_progress(1)

    @api.model
    def _get_due(self):
        """Return the bases to synchronise now: asked for, paused, interrupted by a crash, or whose interval is over."""
        databases = self.search([])
        waiting = self.env["sage100.sync"].search([("state", "in", ("queued", "paused", "running"))]).database_id
        now = fields.Datetime.now()
        due = databases.filtered(lambda base: base in waiting or base._is_due(now))
        return due.sorted(lambda base: (base.tried_at or fields.Datetime.to_datetime("1970-01-01"), base.id))

    def _is_due(self, now):
        self.ensure_one()
        if self.schedule == "manual":
            return False
        return not self.tried_at or self.tried_at + timedelta(hours=self.interval_hours) <= now

    @api.model
    def _get_worker_limit(self):
        """Return when (monotonic clock) this scheduled action must give way, before the server kills it."""
        end = self.env.context.get("cron_end_time")
        seconds = config["limit_time_real_cron"] or 0
        seconds = config["limit_time_real"] if seconds < 0 else seconds
        return end - MIN_TIME_PER_JOB + WORKER_SHARE * seconds if end and seconds else FOREVER

    def _get_deadline(self):
        """Return when (monotonic clock) the synchronisation that begins now must stop."""
        self.ensure_one()
        budget = time.monotonic() + 60 * self.budget_minutes if self.budget_minutes else FOREVER
        return min(budget, self._get_worker_limit())

    # Starting

    def _synchronise(self, trigger="schedule"):
        """Synchronise this base now; return the synchronisation, its failure written on it."""
        self.ensure_one()
        database = self._for_synchronising()
        Sync = database.env["sage100.sync"]
        try:
            database._lock()
        except UserError as error:
            sync = Sync.create({"database_id": self.id, "trigger": trigger})
            sync._fail("busy", str(error))
            return sync
        sync = Sync.search([("database_id", "=", self.id), ("state", "in", ("queued", "paused"))], limit=1, order="id")
        sync = sync or Sync.create({"database_id": self.id, "trigger": trigger})
        database.tried_at = fields.Datetime.now()
        database._close_interrupted(sync)
        sync._run()
        return sync

    def _for_synchronising(self):
        """Return this base in the environment of its company: rights, language, no tracking."""
        database = self.sudo().with_company(self.company_id)
        return database.with_context(
            allowed_company_ids=self.company_id.ids,
            lang=self.company_id.partner_id.lang or self.env.lang,
            tracking_disable=True,
            mail_create_nolog=True,
            active_test=True,
        )

    def _lock(self):
        """Take the right to synchronise this base, until the end of the transaction."""
        self.ensure_one()
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", "sage100.database", self.id)
        if not self.env.execute_query(query)[0][0]:
            raise UserError(
                self.env._("Database %(name)s: a synchronisation is already running. Wait for its end.", name=self.name)
            )

    def _close_interrupted(self, current):
        """Say of the synchronisations that a crash left running that they did not end."""
        domain = [("database_id", "=", self.id), ("state", "=", "running"), ("id", "!=", current.id)]
        self.env["sage100.sync"].search(domain).write(
            {
                "state": "failed",
                "failure": "interrupted",
                "step": False,
                "message": self.env._(
                    "Interrupted: the server stopped. What was done is kept; the next synchronisation goes on."
                ),
            }
        )

    # Accepting a base that the guards refuse

    def action_accept_base(self):
        """Have the next synchronisation take the base as it is, and ask for it: everything is read again."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only an administrator can accept a base as it is."))
        self.check_access("write")
        self._get_reading().write({"accepted": True, "accepted_by_id": self.env.uid, "kind": False})
        return self._action_view_sync(self.sudo()._request_sync())

    def action_read_everything(self):
        """Ask for a synchronisation that reads everything again."""
        self.ensure_one()
        self.check_access("write")
        self._get_reading().write({"full_at": False, "kind": False})
        return self._action_view_sync(self.sudo()._request_sync())

    def _action_view_sync(self, sync):
        """Open a synchronisation."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Synchronisation"),
            "res_model": "sage100.sync",
            "res_id": sync.id,
            "view_mode": "form",
        }
