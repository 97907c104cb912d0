from odoo import api, fields, models
from odoo.tools import SQL


class FollowupRun(models.Model):
    """The release of a run: how far it is, whatever page is open; interrupted and resumed by a person."""

    _inherit = "followup.run"

    release_at = fields.Datetime(
        string="Release begun on", readonly=True, copy=False, help="When the messages now on their way were released."
    )
    release_state = fields.Selection(
        [("none", "Nothing under way"), ("running", "On its way"), ("interrupted", "Interrupted"), ("done", "Over")],
        string="State of the sending",
        compute="_compute_release",
    )
    release_total = fields.Integer(string="Messages released", compute="_compute_release")
    release_done = fields.Integer(string="Messages done with", compute="_compute_release")
    release_delayed = fields.Integer(
        string="Tried again later", compute="_compute_release", help="The mail server could not take them."
    )
    interrupted_count = fields.Integer(string="Interrupted messages", compute="_compute_release")
    uncertain_count = fields.Integer(string="To check", compute="_compute_release")
    release_text = fields.Char(string="Progress of the sending", compute="_compute_release")

    @api.depends("reminder_ids.state", "reminder_ids.asked_at", "reminder_ids.retry_at", "release_at")
    @api.depends_context("lang")
    def _compute_release(self):
        counts = self._count_release()
        for run in self:
            total, waiting, delayed, interrupted, uncertain = counts.get(run.id, (0, 0, 0, 0, 0))
            run.release_total = total
            run.release_done = total - waiting
            run.release_delayed = delayed
            run.interrupted_count = interrupted
            run.uncertain_count = uncertain
            if waiting:
                run.release_state = "running"
            elif interrupted:
                run.release_state = "interrupted"
            else:
                run.release_state = "done" if total else "none"
            run.release_text = run._get_release_text()

    def _count_release(self):
        """{run id: (released since the beginning of the release, waiting, delayed, interrupted, to check)}."""
        self.env["followup.reminder"].flush_model(["state", "asked_at", "retry_at", "release_user_id", "run_id"])
        self.flush_model(["release_at"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.run_id,
                       count(*) FILTER (WHERE r.state <> 'prepared' AND r.asked_at >= run.release_at),
                       count(*) FILTER (WHERE r.state = 'queued'),
                       count(*) FILTER (WHERE r.state = 'queued' AND r.retry_at > now() AT TIME ZONE 'UTC'),
                       count(*) FILTER (WHERE r.state = 'prepared' AND r.release_user_id IS NOT NULL),
                       count(*) FILTER (WHERE r.state = 'uncertain')
                  FROM followup_reminder r JOIN followup_run run ON run.id = r.run_id
                 WHERE r.run_id = ANY(%s)
              GROUP BY r.run_id
                """,
                self.ids,
            )
        )
        return {row[0]: row[1:] for row in rows}

    def _get_release_text(self):
        """How far the release is, in words."""
        self.ensure_one()
        done = {"done": self.release_done, "total": self.release_total}
        if self.release_state == "running":
            if self.release_delayed:
                return self.env._(
                    "%(done)s of %(total)s done, %(delayed)s tried again later: the mail server could not take them.",
                    delayed=self.release_delayed,
                    **done,
                )
            return self.env._("%(done)s of %(total)s done", **done)
        if self.release_state == "interrupted" and self.interrupted_count == 1:
            return self.env._("Interrupted: one message released did not leave. Resume, or leave it out.")
        if self.release_state == "interrupted":
            return self.env._(
                "Interrupted: %(count)s messages released did not leave. Resume, or leave them out.",
                count=self.interrupted_count,
            )
        return False

    def _begin_release(self):
        """Count the progress from now on, unless messages of these runs are still on their way."""
        for run in self.sudo():
            busy = run.reminder_ids.filtered(lambda reminder: reminder.state == "queued" and reminder.claimed_at)
            if not run.release_at or not busy:
                run.release_at = min(
                    run.reminder_ids.filtered(lambda reminder: reminder.state == "queued").mapped("asked_at"),
                    default=fields.Datetime.now(),
                )

    def action_interrupt(self):
        """Stop the release: what nobody has in hand waits again; what is just leaving leaves."""
        self.ensure_one()
        self.check_access("read")
        self.env["followup.reminder"]._check_may_send()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM followup_reminder
                 WHERE run_id = %s AND state = 'queued' AND attempted_at IS NULL
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.id,
            )
        )
        waiting = self.env["followup.reminder"].sudo().browse(number for (number,) in rows)
        waiting._interrupt()
        return True

    def action_resume(self):
        """Release again what an interruption held back."""
        self.ensure_one()
        held = self.reminder_ids.filtered(lambda reminder: reminder.state == "prepared" and reminder.release_user_id)
        held._release()
        return True

    def action_open_uncertain(self):
        """The messages that nobody knows whether they left."""
        self.ensure_one()
        action = self.action_open_reminders()
        action["domain"] = [("run_id", "=", self.id), ("state", "=", "uncertain")]
        return action
