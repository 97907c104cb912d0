from odoo import api, models
from odoo.tools import SQL


class FollowupFacts(models.AbstractModel):
    """Claims moved to the doubtful account (411 to 416): the entry makes another line of the same debt, which goes on
    from the level that the first one had reached (T10)."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_open_lines(self, company, partner_ids=None):
        books = super()._fetch_open_lines(company, partner_ids)
        never_chased = [
            row.id for row in books.rows if row.level_id is None and books.kinds[row.account_id] == "doubtful"
        ]
        moved = self._fetch_moved_levels(never_chased) if never_chased else {}
        if not moved:
            return books
        return books._replace(
            rows=[
                row._replace(level_id=moved[row.id][0], reminded_on=moved[row.id][1]) if row.id in moved else row
                for row in books.rows
            ]
        )

    @api.model
    def _fetch_moved_levels(self, line_ids):
        """{line id: (level id, day of the reminder)} of those of these doubtful lines whose entry settles an ordinary
        line that was chased.

        Of several lines moved by one entry, the one of the same amount comes first.
        """
        self.env["account.partial.reconcile"].flush_model(["debit_move_id", "credit_move_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (l.id) l.id, origin.followup_level_id, origin.followup_date
                  FROM account_move_line l
                  JOIN account_move_line back
                    ON back.move_id = l.move_id AND back.partner_id = l.partner_id AND back.balance < 0
                  JOIN account_partial_reconcile r ON r.credit_move_id = back.id
                  JOIN account_move_line origin ON origin.id = r.debit_move_id
                 WHERE l.id = ANY(%s) AND l.balance > 0 AND origin.followup_level_id IS NOT NULL
              ORDER BY l.id, origin.balance = l.balance DESC, origin.followup_date DESC NULLS LAST, origin.id
                """,
                line_ids,
            )
        )
        return {line_id: (level_id, day) for line_id, level_id, day in rows}
