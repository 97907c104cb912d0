from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .followup_window import window

KEPT = 500  # synchronisations kept for each base
STATES = [
    ("queued", "Waiting"),
    ("running", "Running"),
    ("paused", "Goes on later"),
    ("done", "Done"),
    ("warning", "Done, rows to look at"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
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
    step_done = fields.Integer(string="Done in this step", aggregator=None)
    step_total = fields.Integer(string="To do in this step", aggregator=None)
    progress = fields.Float(string="Progress (%)", compute="_compute_progress", help="Of the present step.")
    cancel_ids = fields.One2many("sage100.sync.cancel", "sync_id", groups="base.group_system")
    stopping = fields.Boolean(compute="_compute_stopping", help="A person asked to stop; it does so very soon.")
    full = fields.Boolean(string="Everything read again")
    accepted_by_id = fields.Many2one(
        "res.users",
        string="Base accepted by",
        readonly=True,
        ondelete="set null",
        help="Who had the base taken as it is, although it was refused.",
    )
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
    issue_count = fields.Integer(string="Number of rows to look at", compute="_compute_issue_count")
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

    @api.depends("step_done", "step_total")
    def _compute_progress(self):
        for sync in self:
            sync.progress = min(100.0 * sync.step_done / sync.step_total, 100.0) if sync.step_total else 0.0

    @api.depends("cancel_ids")
    def _compute_stopping(self):
        for sync in self:
            sync.stopping = bool(sync.sudo().cancel_ids)

    def _compute_issue_count(self):
        counts = dict(self.env["sage100.issue"]._read_group([("sync_id", "in", self.ids)], ["sync_id"], ["__count"]))
        for sync in self:
            sync.issue_count = counts.get(sync, 0)

    def action_view_issues(self):
        """Open the rows to look at."""
        self.ensure_one()
        return window(self.env, "sage100_issue_action", domain=[("sync_id", "=", self.id)])

    def action_cancel(self):
        """Cancel a synchronisation: at once if it has not begun, else as soon as what it is doing is complete.

        The running transaction writes on this record: the wish is a row of its own, which conflicts with nothing.
        """
        self.ensure_one()
        if not self.env.user.has_group("account_receivable_followup.followup_group_manager"):
            raise UserError(self.env._("Only a follow-up manager can cancel a synchronisation."))
        self.check_access("read")
        sync = self.sudo()
        if sync.state == "queued" and sync.try_lock_for_update():
            sync._stop("cancelled")
        elif sync.state in ("queued", "running", "paused") and not sync.cancel_ids:
            self.env["sage100.sync.cancel"].sudo().create({"sync_id": self.id})

    @api.autovacuum
    def _gc_syncs(self):
        """Forget the oldest synchronisations of each base."""
        for database in self.env["sage100.database"].with_context(active_test=False).search([]):
            self.search([("database_id", "=", database.id)], offset=KEPT).unlink()


class Sage100SyncCancel(models.Model):
    """A person's wish that a synchronisation stop. Only ever added."""

    _name = "sage100.sync.cancel"
    _description = "Sage 100 synchronisation to cancel"

    sync_id = fields.Many2one("sage100.sync", required=True, index=True, ondelete="cascade")
