import logging
import time

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..lib.sage100.errors import Sage100Error
from .sage100_job import Job

_logger = logging.getLogger(__name__)

ATTEMPTS = 4  # a user's writing at the very same moment undoes a chunk: it is simply done again


class Stop(Exception):  # noqa: N818 (not an error)
    """The synchronisation must stop here: ``state`` is what becomes of it."""

    def __init__(self, state):
        self.state = state
        super().__init__(state)


class Sage100Sync(models.Model):
    """Running a synchronisation: steps, checkpoints, result."""

    _inherit = "sage100.sync"

    def _run(self):
        """Do this synchronisation; whatever goes wrong is written on it."""
        self.ensure_one()
        deadline = self.database_id._get_deadline()
        started_at = self.started_at or fields.Datetime.now()
        for attempt in range(1, ATTEMPTS + 1):
            self.write({"state": "running", "started_at": started_at, "ended_at": False, "message": False})
            try:
                self._do(deadline)
                break
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                if not self._is_committing():
                    raise  # the transaction is lost, and it is not ours to roll back
                self.env.cr.rollback()
                self.database_id._lock()
                if attempt == ATTEMPTS:
                    self._fail_by_defect(error)
            except Exception as error:
                self._handle(error)
                break

    def _handle(self, error):
        """Write on the synchronisation what stopped it, all that was not complete undone first."""
        if self._is_committing():
            self.env.cr.rollback()
        elif isinstance(error, psycopg2.Error):
            raise error  # the transaction is lost, and it is not ours to roll back
        if isinstance(error, Stop):
            self._stop(error.state)
        elif isinstance(error, Sage100Error):
            self._fail(error.code.value, self.database_id._explain(error))
        elif isinstance(error, UserError):
            self._fail("refused", str(error))
        else:
            self._fail_by_defect(error)

    def _do(self, deadline):
        """Read Sage, then write in Odoo, step after step, in chunks that leave everything right."""
        job = Job(self.database_id, self, lambda *args: self._checkpoint(deadline, *args))
        self.env["sage100.loader.read"]._load(job)
        self.env["sage100.loader.customer"]._load(job)
        self.env["sage100.loader.entry"]._load(job)
        self.env["sage100.loader.takeover"]._load(job)
        self.env["sage100.loader.control"]._load(job)
        self._finish(job)

    # Checkpoints

    def _is_committing(self):
        """Whether the scheduled action runs us: only then is the transaction ours."""
        return bool(self.env.context.get("cron_id"))

    def _checkpoint(self, deadline, job, step, done=None, total=None):
        """Show where we are, keep what is done so far, stop if a person or the time says so.

        The lock ends with each transaction: taking it again also tells if somebody else took it meanwhile.
        """
        job.flush_issues()
        self.write({**job.counts, "step": step, "step_done": done or 0, "step_total": total or 0})
        if self._is_committing():
            self.env["ir.cron"]._commit_progress()
            self.env.invalidate_all(flush=False)
            self.database_id._lock()
            if time.monotonic() >= deadline:
                raise Stop("paused")
        query = SQL("SELECT 1 FROM sage100_sync_cancel WHERE sync_id = %s LIMIT 1", self.id)
        if self.env.execute_query(query):
            raise Stop("cancelled")

    # Result

    def _finish(self, job):
        """Write the result; rebuild the account situations of the customers that changed."""
        job.flush_issues()
        self._carry_issues_over()
        self.env["followup.situation"].sudo()._drain_queue(self.company_id)
        self.write(job.counts)
        if self.customers_differing:
            self._fail("control", self._explain_control())
            return
        state = "warning" if self.issue_ids else "done"
        now = fields.Datetime.now()
        self._end({"state": state, "message": False})
        self.database_id.write({"state": state, "last_success_at": now})
        self._tell("_sync_passed")

    def _carry_issues_over(self):
        """Attach to this synchronisation the rows to look at that it did not examine again: they still stand."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE sage100_issue SET sync_id = %s WHERE database_id = %s AND sync_id <> %s",
                self.id,
                self.database_id.id,
                self.id,
            )
        )
        self.env["sage100.issue"].invalidate_model(["sync_id"])
        self.invalidate_recordset(["issue_ids", "issue_count"])
        self.rejected = self.env["sage100.issue"].search_count([("sync_id", "=", self.id), ("kind", "=", "rejected")])

    def _end(self, values):
        self.write({**values, "ended_at": fields.Datetime.now(), "step": False, "step_done": 0, "step_total": 0})

    def _stop(self, state):
        """Stop before the end, everything done so far being right and kept."""
        if state == "paused":
            self.write({"state": "paused"})
            self.env.ref("account_receivable_followup.ir_cron_sage100_sync").sudo()._trigger()
            return
        self._carry_issues_over()
        message = self.env._("Cancelled. What was done is kept; the next synchronisation goes on from there.")
        self._end({"state": state, "failure": state, "message": message})

    def _fail(self, code, message):
        self._carry_issues_over()
        self._end({"state": "failed", "failure": code, "message": message})
        if code != "busy":
            self.database_id.state = "failed"
        _logger.info("Sage 100 base %s: synchronisation failed (%s)", self.database_id.id, code)
        self._tell("_control_failed" if code == "control" else "_sync_failed")

    def _fail_by_defect(self, error):
        """A defect must not stop the other bases. Its trace goes to the log; it cannot hold the password, which only
        the connection string has."""
        _logger.error("Sage 100 synchronisation %s of base %s failed", self.id, self.database_id.id, exc_info=error)
        self._fail("error", self._explain_defect(error))

    def _tell(self, hook):
        """Tell the base of the result, now that it is written."""
        getattr(self.database_id, hook)(self)

    def _explain_defect(self, error):
        return self.env._(
            "Database %(name)s: unexpected error (%(error)s). The other databases are not concerned. "
            "See the server's log.",
            name=self.database_id.name,
            error=type(error).__name__,
        )

    def _explain_control(self):
        return self.env._(
            "Database %(name)s: the balance of %(number)s customers differs from Sage (%(difference)s in all). "
            "They are listed below: check them before sending any reminder.",
            name=self.database_id.name,
            number=self.customers_differing,
            difference=self.currency_id.format(self.difference),
        )
