from odoo import api, models
from odoo.tools import SQL

from .followup_facts_values import MOVED, LineRow

#: The line that was moved, then its columns, in the order of `COLUMNS` and named as the fields of `LineRow`.
FACTS = (
    "origin_id",
    "level_id",
    "reminded_on",
    "stop",
    "stop_until",
    "promised_until",
    "promised_amount",
    "promised_rest",
    "disputed",
    "disputed_amount",
    "not_before",
    "handed_over",
)
COLUMNS = """
    o.id, o.followup_level_id, o.followup_date, COALESCE(o.followup_stop, FALSE), o.followup_stop_until,
    o.followup_promised_until, NULLIF(o.followup_promised_amount, 0)::text, o.followup_promised_rest::text,
    COALESCE(o.followup_disputed, FALSE), NULLIF(o.followup_disputed_amount, 0)::text, o.followup_not_before,
    COALESCE(o.followup_handed_over, FALSE)
"""
#: What follows together, and only where the line itself says nothing: its first fact tells.
GROUPS = (
    ("level_id", "reminded_on"),
    ("stop", "stop_until"),
    ("promised_until", "promised_amount", "promised_rest"),
    ("disputed", "disputed_amount"),
    ("not_before",),
    ("handed_over",),
)


class FollowupFacts(models.AbstractModel):
    """Claims moved to the doubtful account (411 to 416): the entry makes another line of the same debt, which goes on
    from the level that the first one had reached, stopped, promised or disputed as it was (T10)."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_open_lines(self, company, partner_ids=None):
        books = super()._fetch_open_lines(company, partner_ids)
        doubtful = [row.id for row in books.rows if books.kinds[row.account_id] == "doubtful"]
        moved = self._fetch_moved_facts(doubtful) if doubtful else {}
        if not moved:
            return books
        return books._replace(
            rows=[_resume(row, moved[row.id]) if row.id in moved else row for row in books.rows],
        )

    @api.model
    def _fetch_moved_facts(self, line_ids):
        """{line id: {fact: value}} of those of these doubtful lines whose entry settles an ordinary line.

        Of several lines moved by one entry, the one of the same amount comes first.
        """
        self.env["account.partial.reconcile"].flush_model(["debit_move_id", "credit_move_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (m.id) m.id, %(columns)s
                  FROM account_move_line m
                  JOIN account_move_line c ON %(moved)s AND c.balance < 0
                  JOIN account_partial_reconcile r ON r.credit_move_id = c.id
                  JOIN account_move_line o ON o.id = r.debit_move_id
                 WHERE m.id = ANY(%(ids)s)
              ORDER BY m.id, o.balance = m.balance DESC, o.followup_date DESC NULLS LAST, o.id
                """,
                columns=SQL(COLUMNS),
                moved=SQL(MOVED),
                ids=line_ids,
            )
        )
        return {line_id: dict(zip(FACTS, facts, strict=True)) for line_id, *facts in rows}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _followup_moved_from(self):
        """Lines that the doubtful ones among these were moved from: what was decided there still holds."""
        doubtful = self.sudo().filtered(lambda line: line.followup_kind == "doubtful")
        moved = self.env["followup.facts"].sudo()._fetch_moved_facts(doubtful.ids) if doubtful else {}
        return self.browse(facts["origin_id"] for facts in moved.values())


def _resume(row: LineRow, origin: dict) -> LineRow:
    """The row of a moved line, with what the line that it was moved from says where it says nothing itself."""
    taken = {}
    for group in GROUPS:
        if not getattr(row, group[0]) and origin[group[0]]:
            taken |= {name: origin[name] for name in group}
    return row._replace(**taken)
