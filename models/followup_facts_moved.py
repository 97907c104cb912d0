from odoo import api, models
from odoo.tools import SQL


class FollowupFacts(models.AbstractModel):
    """Claims moved to the doubtful account (411 to 416): the entry makes another line of the same debt, which goes on
    from the level that the first one had reached (T10)."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_open_lines(self, company, partner_ids=None):
        books = super()._fetch_open_lines(company, partner_ids)
        moved = {row[0]: row for row in self._fetch_moved_levels(company, partner_ids)}
        if not moved:
            return books
        return books._replace(
            rows=[
                row._replace(level_id=moved[row.id][2], reminded_on=moved[row.id][3]) if row.id in moved else row
                for row in books.rows
            ]
        )

    @api.model
    def _fetch_moved_levels(self, company, partner_ids=None):
        """[(line id, commercial partner id, level id, day of the reminder)] of the open doubtful lines that were never
        chased themselves, but whose entry settles an ordinary line that was.

        Of several lines moved by one entry, the one of the same amount comes first.
        """
        self.env["account.partial.reconcile"].flush_model(["debit_move_id", "credit_move_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (l.id) l.id, p.commercial_partner_id, origin.followup_level_id, origin.followup_date
                  FROM account_move_line l
                  JOIN res_partner p ON p.id = l.partner_id
                  JOIN account_move_line back
                    ON back.move_id = l.move_id AND back.partner_id = l.partner_id AND back.balance < 0
                  JOIN account_partial_reconcile r ON r.credit_move_id = back.id
                  JOIN account_move_line origin ON origin.id = r.debit_move_id
                 WHERE l.company_id = %s
                   AND l.account_id IN (SELECT id FROM account_account WHERE followup_kind = 'doubtful')
                   AND l.parent_state = 'posted'
                   AND (l.reconciled IS NULL OR l.reconciled = FALSE)
                   AND l.balance > 0
                   AND l.followup_level_id IS NULL
                   AND origin.followup_level_id IS NOT NULL
                   %s
              ORDER BY l.id, origin.balance = l.balance DESC, origin.followup_date DESC NULLS LAST, origin.id
                """,
                company.id,
                SQL("") if partner_ids is None else SQL("AND p.commercial_partner_id = ANY(%s)", list(partner_ids)),
            )
        )


class FollowupSituation(models.Model):
    _inherit = "followup.situation"

    @api.model
    def _fetch_accounts(self, company, partner_ids=None):
        """The highest level is also looked for among the claims moved to the doubtful account."""
        accounts = super()._fetch_accounts(company, partner_ids)
        for _line_id, partner_id, level_id, _day in self.env["followup.facts"]._fetch_moved_levels(
            company, partner_ids
        ):
            levels = self.env["followup.level"].browse({level_id, accounts[partner_id]["level_id"] or level_id})
            highest = levels.sorted(lambda level: (level.phase != "prevention", level.sequence, level.id))[-1]
            accounts[partner_id]["level_id"] = highest.id
        return accounts
