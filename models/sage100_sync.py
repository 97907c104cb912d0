import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ..lib.sage100.errors import Sage100Error
from ..lib.sage100.opening_entries import plan_openings
from .sage100_job import Job

_logger = logging.getLogger(__name__)

KEPT = 500  # synchronisations kept for each base
MANY = 500  # rows written at once from which PostgreSQL's statistics are worth refreshing
STATES = [
    ("queued", "Waiting"),
    ("running", "Running"),
    ("done", "Done"),
    ("warning", "Done, rows to look at"),
    ("failed", "Failed"),
]


class Sage100Sync(models.Model):
    """One synchronisation of a Sage base: what was read and written, how long it took, whether the totals agree."""

    _name = "sage100.sync"
    _description = "Sage 100 synchronisation"
    _order = "id desc"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="database_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    trigger = fields.Selection(
        [("schedule", "Scheduled"), ("manual", "On request")], string="Started by", default="schedule", required=True
    )
    state = fields.Selection(STATES, default="queued", required=True, index=True)
    step = fields.Char(help="What it is doing now.")
    message = fields.Text()
    failure = fields.Char(help="Code of the failure, for filters.")
    # Dates
    started_at = fields.Datetime(string="Started")
    ended_at = fields.Datetime(string="Ended")
    duration = fields.Float(string="Duration (s)", compute="_compute_duration", store=True, aggregator="avg")
    # Counts
    customers_read = fields.Integer(string="Customers read", aggregator=None)
    customers_created = fields.Integer(string="Customers created")
    customers_updated = fields.Integer(string="Customers updated")
    contacts_created = fields.Integer(string="Contacts created")
    entries_read = fields.Integer(string="Entries read", aggregator=None)
    entries_kept = fields.Integer(
        string="Entries kept", aggregator=None, help="Opening entries stand for others: they are not kept."
    )
    entries_created = fields.Integer(string="Entries created")
    entries_updated = fields.Integer(string="Entries updated")
    entries_removed = fields.Integer(string="Entries removed")
    matchings_made = fields.Integer(string="Matchings made")
    matchings_undone = fields.Integer(string="Matchings undone")
    rejected = fields.Integer(string="Rows left out")
    issue_ids = fields.One2many("sage100.issue", "sync_id", string="Rows to look at")
    issue_count = fields.Integer(compute="_compute_issue_count")
    # Control totals
    sage_total = fields.Monetary(string="Balance in Sage", aggregator=None)
    odoo_total = fields.Monetary(string="Balance in Odoo", aggregator=None)
    difference = fields.Monetary(aggregator=None)
    customers_differing = fields.Integer(string="Customers that differ")

    @api.depends("database_id", "started_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for sync in self:
            moment = format_datetime(self.env, sync.started_at or sync.create_date, dt_format="short")
            sync.display_name = f"{sync.database_id.sudo().name} – {moment}"

    @api.depends("started_at", "ended_at")
    def _compute_duration(self):
        for sync in self:
            both = sync.started_at and sync.ended_at
            sync.duration = (sync.ended_at - sync.started_at).total_seconds() if both else 0

    def _compute_issue_count(self):
        counts = dict(self.env["sage100.issue"]._read_group([("sync_id", "in", self.ids)], ["sync_id"], ["__count"]))
        for sync in self:
            sync.issue_count = counts.get(sync, 0)

    def action_view_issues(self):
        """Open the rows to look at."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_receivable_followup.sage100_issue_action")
        action["domain"] = [("sync_id", "=", self.id)]
        return action

    # Running

    def _run(self):
        """Do this synchronisation; whatever goes wrong is written on it."""
        self.ensure_one()
        self.write({"state": "running", "started_at": fields.Datetime.now(), "message": False})
        try:
            self._checkpoint(self.env._("Reading Sage"))
            job = self._read()
            self._load(job)
            self._finish(job)
        except Sage100Error as error:
            self._fail(error.code.value, self.database_id._explain(error))
        except UserError as error:
            self._fail("refused", str(error))
        except psycopg2.Error as error:
            if not self.env.context.get("cron_id"):
                raise  # the transaction is lost, and it is not ours to roll back
            self.env.cr.rollback()
            _logger.exception("Sage 100 synchronisation %s of base %s failed", self.id, self.database_id.id)
            self._fail("error", self._explain_defect(error))
        except Exception as error:
            # A defect must not stop the other bases. Its trace goes to the log; it cannot hold the password, which only
            # the connection string has.
            _logger.exception("Sage 100 synchronisation %s of base %s failed", self.id, self.database_id.id)
            self._fail("error", self._explain_defect(error))

    def _checkpoint(self, step):
        """Show where we are, and keep what is done so far when a scheduled action runs us.

        The lock ends with each transaction: taking it again also tells if somebody else took it meanwhile.
        """
        self.step = step
        if self.env.context.get("cron_id"):
            self.env["ir.cron"]._commit_progress()
            self.database_id._lock()

    def _read(self):
        """Return the job, with everything read from Sage, the connection already closed."""
        database = self.database_id
        with database._connect() as reader:
            snapshot = reader.snapshot(database._get_prefixes(), database.start_date or None)
        job = Job(database, self, snapshot, self._checkpoint)
        job.plan = plan_openings(
            snapshot.entries, snapshot.exercises, {code: account.report for code, account in snapshot.accounts.items()}
        )
        job.count("customers_read", len(snapshot.customers))
        job.count("entries_read", len(snapshot.entries))
        return job

    def _load(self, job):
        """Write the job in Odoo, step after step, each in small units that succeed or fail alone."""
        self._check_same_company(job)
        self.env["sage100.loader.customer"]._load(job)
        self.env["sage100.loader.entry"]._load(job)
        if job.counts.get("entries_created", 0) >= MANY:
            self._refresh_statistics()
        self.env["sage100.loader.matching"]._load(job)
        if job.counts.get("matchings_made", 0) >= MANY:
            self._refresh_statistics()
        self.env["sage100.loader.control"]._load(job)

    @api.model
    def _refresh_statistics(self):
        """Tell PostgreSQL what the tables now hold: until autovacuum comes, it plans as if they were nearly empty,
        and a join of Odoo's own on reconciliations then takes seconds."""
        self.env.flush_all()
        self.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile")

    def _check_same_company(self, job):
        """Refuse a base that is not the one imported so far: its entries would replace the others."""
        company, database = job.snapshot.company, self.database_id
        # A firm may change its name or move: its SIREN stays.
        siren, known = company.siret[:9], (database.sage_siret or "")[:9]
        same = siren == known if siren and known else company.name == database.sage_company
        if database.sage_company and not same:
            raise UserError(
                self.env._(
                    "Database %(name)s: it now holds the books of « %(now)s » instead of « %(before)s ». "
                    "Nothing was imported. Check the name of the SQL database, or set up a new database.",
                    name=database.name,
                    now=f"{company.name} {company.siret}",
                    before=f"{database.sage_company} {database.sage_siret or ''}",
                )
            )
        if (database.sage_company, database.sage_siret or "") != (company.name, company.siret):
            database.write({"sage_company": company.name, "sage_siret": company.siret})
        code = job.snapshot.currencies.get(company.currency)
        currency = self.company_id.currency_id.name
        if code and code != currency:
            raise UserError(
                self.env._(
                    "Database %(name)s: its books are in %(sage)s and the company « %(company)s » keeps its own "
                    "in %(odoo)s. "
                    "Choose a company with the same currency.",
                    name=database.name,
                    sage=code,
                    company=self.company_id.name,
                    odoo=currency,
                )
            )

    def _finish(self, job):
        """Write the result; rebuild the account situations of the customers that changed."""
        issues = [{"sync_id": self.id, **values} for values in job.issues]
        self.env["sage100.issue"].create(issues)
        job.counts["rejected"] = sum(issue["kind"] == "rejected" for issue in issues)
        self.env["followup.situation"].sudo()._drain_queue(self.company_id)
        if self.customers_differing:
            self.write(job.counts)
            self._fail("control", self._explain_control(job))
            return
        state = "warning" if issues else "done"
        now = fields.Datetime.now()
        self.write({**job.counts, "state": state, "ended_at": now, "step": False, "message": False})
        self.database_id.write({"state": state, "last_success_at": now})

    def _explain_defect(self, error):
        return self.env._(
            "Database %(name)s: unexpected error (%(error)s). The other databases are not concerned. "
            "See the server's log.",
            name=self.database_id.name,
            error=type(error).__name__,
        )

    def _explain_control(self, job):
        return self.env._(
            "Database %(name)s: the balance of %(number)s customers differs from Sage (%(difference)s in all). "
            "They are listed below: check them before sending any reminder.",
            name=self.database_id.name,
            number=self.customers_differing,
            difference=self.currency_id.format(self.difference),
        )

    def _fail(self, code, message):
        self.write(
            {"state": "failed", "failure": code, "message": message, "ended_at": fields.Datetime.now(), "step": False}
        )
        self.database_id.state = "failed"
        _logger.info("Sage 100 base %s: synchronisation failed (%s)", self.database_id.id, code)

    @api.autovacuum
    def _gc_syncs(self):
        """Forget the oldest synchronisations of each base."""
        for database in self.env["sage100.database"].with_context(active_test=False).search([]):
            self.search([("database_id", "=", database.id)], offset=KEPT).unlink()


class Sage100Database(models.Model):
    """Starting a synchronisation."""

    _inherit = "sage100.database"

    def _synchronise(self, trigger="schedule"):
        """Synchronise this base now; return the synchronisation, its failure written on it."""
        self.ensure_one()
        database = self.sudo().with_company(self.company_id)
        context = {
            "allowed_company_ids": self.company_id.ids,
            "lang": self.company_id.partner_id.lang or self.env.lang,
            "tracking_disable": True,
            "mail_create_nolog": True,
            "active_test": True,
        }
        database = database.with_context(**context)
        Sync = database.env["sage100.sync"]
        sync = Sync.search([("database_id", "=", self.id), ("state", "=", "queued")], limit=1)
        sync = sync or Sync.create({"database_id": self.id, "trigger": trigger})
        try:
            database._lock()
        except UserError as error:
            sync._fail("busy", str(error))
            return sync
        database._close_interrupted(sync)
        sync._run()
        return sync

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
