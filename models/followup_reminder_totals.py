from odoo import models
from odoo.tools import SQL


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _sql_followup_document(self):
        """`followup_document` of the line `l` of the entry `m`: the two are compared by a test."""
        return SQL(
            "CASE WHEN m.move_type = 'entry' THEN COALESCE(NULLIF(m.ref, ''), NULLIF(l.name, ''), m.name)"
            " ELSE m.name END"
        )


class FollowupReminder(models.Model):
    """Lines and totals of reminders, set-wise."""

    _inherit = "followup.reminder"

    def _sum_lines(self):
        """Give these reminders the totals of their lines; credits count as they are shown.

        Plain SQL: one statement for any number of them. The formula is the one of `claimed_company`.
        """
        if not self:
            return
        self.flush_recordset()
        self.env["followup.reminder.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE followup_reminder r
                   SET line_count = COALESCE(t.number, 0),
                       amount_due = COALESCE(t.claimed, 0),
                       promised_amount = COALESCE(t.promised, 0),
                       disputed_amount = COALESCE(t.disputed, 0),
                       days_late = COALESCE(t.days_late, 0)
                  FROM UNNEST(%(ids)s) wanted (id)
             LEFT JOIN (
                    SELECT l.reminder_id,
                           COUNT(*) FILTER (WHERE l.residual > 0) AS number,
                           MAX(l.days_late) FILTER (WHERE l.residual > 0) AS days_late,
                           SUM(ROUND(l.residual_company * (
                               l.residual - COALESCE(l.promised, 0) - COALESCE(l.disputed, 0)
                                   - COALESCE(l.in_process, 0)
                           ) / NULLIF(l.residual, 0), y.decimal_places))
                               FILTER (WHERE l.shown_only IS NOT TRUE) AS claimed,
                           SUM(ROUND(l.residual_company * l.promised / NULLIF(l.residual, 0), y.decimal_places))
                               AS promised,
                           SUM(ROUND(l.residual_company * l.disputed / NULLIF(l.residual, 0), y.decimal_places))
                               AS disputed
                      FROM followup_reminder_line l
                      JOIN res_company c ON c.id = l.company_id
                      JOIN res_currency y ON y.id = c.currency_id
                     WHERE l.reminder_id = ANY(%(ids)s)
                  GROUP BY l.reminder_id
                  ) t ON t.reminder_id = wanted.id
                 WHERE r.id = wanted.id
                """,
                ids=self.ids,
            )
        )
        self.invalidate_recordset()

    def _get_signatures(self):
        """{reminder id: what it claims, as a value to compare}."""
        self.flush_recordset()
        self.env["followup.reminder.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id,
                       r.level_id,
                       ARRAY_AGG(
                           CONCAT_WS('|', l.move_line_id, TRIM_SCALE(l.residual), l.raises, l.level_id,
                                     TRIM_SCALE(l.promised), TRIM_SCALE(l.disputed), TRIM_SCALE(l.in_process),
                                     TRIM_SCALE(l.interest), TRIM_SCALE(l.indemnity))
                           ORDER BY l.move_line_id
                       )
                  FROM followup_reminder r
             LEFT JOIN followup_reminder_line l ON l.reminder_id = r.id
                 WHERE r.id = ANY(%s)
              GROUP BY r.id
                """,
                self.ids,
            )
        )
        return {reminder_id: rest for reminder_id, *rest in rows}

    def _clear_lines(self):
        """Remove the lines of these messages, those taken out by hand excepted: they are no longer theirs."""
        self.env["followup.reminder.line"].flush_model()
        self.env.cr.execute(SQL("DELETE FROM followup_reminder_line WHERE reminder_id = ANY(%s)", self.ids))
        self.env["followup.reminder.line"].invalidate_model()
        self.invalidate_recordset(["line_ids"])
