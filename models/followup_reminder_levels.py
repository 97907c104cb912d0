from odoo import fields, models
from odoo.tools import SQL

#: Columns of a due line that a delivery writes.
LINE_FIELDS = (
    "followup_level_id",
    "followup_date",
    "followup_count",
    "followup_forced_level_id",
    "followup_handed_over",
)


class FollowupReminderLine(models.Model):
    _inherit = "followup.reminder.line"

    raised = fields.Boolean(
        string="Level has risen", readonly=True, copy=False, help="Since the message left; undone if it came back."
    )
    level_before_id = fields.Many2one(
        "followup.level", string="Level before", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    date_before = fields.Date(string="Reminder before", readonly=True, copy=False)
    handed_over = fields.Boolean(string="Handed over by it", readonly=True, copy=False)


class FollowupReminder(models.Model):
    """Levels count when a message really left, and are put back when it came back.

    Set-wise, on the columns themselves: `account.move.line` checks tax and lock dates at each write, which the columns
    of the follow-up have nothing to do with. The situations concerned are queued here, as its `write` would.
    """

    _inherit = "followup.reminder"

    def _raise_levels(self):
        """Each line that was due rises to its own level; the others were only listed."""
        self._flush_levels()
        self.env.cr.execute(
            SQL(
                """
                UPDATE followup_reminder_line rl
                   SET raised = TRUE,
                       level_before_id = l.followup_level_id,
                       date_before = l.followup_date,
                       handed_over = level.hand_over AND NOT COALESCE(l.followup_handed_over, FALSE)
                  FROM account_move_line l, followup_level level
                 WHERE l.id = rl.move_line_id AND level.id = rl.level_id
                   AND rl.raises AND rl.raised IS NOT TRUE AND rl.reminder_id = ANY(%s)
             RETURNING rl.id
                """,
                self.ids,
            )
        )
        raised = [number for (number,) in self.env.cr.fetchall()]
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line l
                   SET followup_level_id = rl.level_id,
                       followup_date = COALESCE(r.posted_on, r.date),
                       followup_count = COALESCE(l.followup_count, 0) + 1,
                       followup_forced_level_id = NULL,
                       followup_handed_over = NULLIF(COALESCE(l.followup_handed_over, FALSE) OR rl.handed_over, FALSE)
                  FROM followup_reminder_line rl
                  JOIN followup_reminder r ON r.id = rl.reminder_id
                 WHERE l.id = rl.move_line_id AND rl.id = ANY(%s)
                """,
                raised,
            )
        )
        self._levels_written()
        self._forget_forced_levels()

    def _undo_delivery(self, reason):
        """The messages did not arrive after all, for this reason: their lines go back to the level they had.

        A line that has risen again since keeps its level; what it would fall back to is corrected instead.
        """
        self.failure_reason = reason
        self._flush_levels()
        self.env.cr.execute(
            SQL(
                """
                WITH undone AS (
                    UPDATE followup_reminder_line rl
                       SET raised = FALSE
                      FROM followup_reminder r
                     WHERE r.id = rl.reminder_id AND rl.raised AND r.id = ANY(%(ids)s)
                 RETURNING rl.move_line_id, rl.level_id, rl.level_before_id, rl.date_before, rl.handed_over,
                           COALESCE(r.posted_on, r.date) AS date, r.id AS reminder_id
                ), later AS (
                    UPDATE followup_reminder_line rl
                       SET level_before_id = undone.level_before_id, date_before = undone.date_before
                      FROM undone
                     WHERE rl.move_line_id = undone.move_line_id AND rl.raised AND rl.reminder_id <> undone.reminder_id
                       AND rl.level_before_id = undone.level_id AND rl.date_before = undone.date
                )
                UPDATE account_move_line l
                   SET followup_count = GREATEST(COALESCE(l.followup_count, 0) - 1, 0),
                       followup_handed_over = CASE WHEN undone.handed_over THEN NULL ELSE l.followup_handed_over END,
                       followup_level_id = CASE
                           WHEN l.followup_level_id = undone.level_id AND l.followup_date = undone.date
                           THEN undone.level_before_id ELSE l.followup_level_id END,
                       followup_date = CASE
                           WHEN l.followup_level_id = undone.level_id AND l.followup_date = undone.date
                           THEN undone.date_before ELSE l.followup_date END
                  FROM undone
                 WHERE l.id = undone.move_line_id
                """,
                ids=self.ids,
            )
        )
        self._levels_written()

    def _flush_levels(self):
        self.flush_recordset()
        self.env["followup.reminder.line"].flush_model()
        self.env["followup.level"].flush_model(["hand_over"])
        self.env["account.move.line"].flush_model(LINE_FIELDS)

    def _levels_written(self):
        """What the columns written just above entail."""
        self.env["followup.reminder.line"].invalidate_model(["raised", "level_before_id", "date_before", "handed_over"])
        lines = self.line_ids.move_line_id
        lines.invalidate_recordset(LINE_FIELDS, flush=False)
        lines.modified(LINE_FIELDS)
        self._queue_situations()

    def _queue_situations(self):
        """Have the situations of these customers made again."""
        customers = {(reminder.partner_id.id, reminder.company_id.id) for reminder in self}
        for reminder in self:  # a payer is chased for the lines of others
            entities = reminder.line_ids.move_line_id.partner_id.commercial_partner_id
            customers.update((entity.id, reminder.company_id.id) for entity in entities)
        self.env["followup.situation.queue"]._append(customers)

    def _forget_forced_levels(self):
        """A next level chosen by hand on a customer serves once."""
        for company, reminders in self.grouped("company_id").items():
            partners = reminders.partner_id.with_company(company).sudo()
            partners.filtered("followup_forced_level_id").write({"followup_forced_level_id": False})
