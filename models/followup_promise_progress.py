from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .followup_facts_values import MOVED


class FollowupPromise(models.Model):
    """What becomes of promises, read from the reconciliations: never stored, never out of date."""

    _inherit = "followup.promise"

    @api.depends("cancelled", "deadline", "line_ids.amount")
    def _compute_progress(self):
        progress = self._fetch_progress()
        for promise in self:
            row = progress.get(promise._origin.id)
            promise.received = row["received"] if row else 0
            promise.state = row["state"] if row else "to_come"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_progress()
        query = SQL(
            "(SELECT promise_id FROM (%s) AS promises WHERE state = ANY(%s))", self._sql_progress(), list(value)
        )
        return Domain("id", "in", query)

    def _fetch_progress(self):
        """{promise id: state, received, {promise line id: received}}, by one query whatever their number."""
        ids = self._origin.ids
        if not ids:
            return {}
        self._flush_progress()
        rows = self.env.execute_query_dict(self._sql_progress(SQL("AND p.id = ANY(%s)", ids)))
        return {row["promise_id"]: row for row in rows}

    def _flush_progress(self):
        self.env["followup.promise.line"].flush_model()
        self.env["followup.promise"].flush_model()
        self.env["account.move.line"].flush_model(["amount_currency", "date"])
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.account"].flush_model(["followup_kind"])

    def _sql_progress(self, where=None):
        """One row a promise: its state on the company's day, what was received by its deadline.

        What was received on a line is what its balance lost since the promise, as of the deadline: payments and
        credit notes dated later do not keep a promise. Nor does an entry that moves the claim to the doubtful account
        (411 to 416): what is then paid on that account does. A promise all of whose lines are promised again before its
        day is replaced: the customer and we agreed on another day, it broke nothing. One without a line any more
        (entries deleted in Sage) is cancelled.
        """
        companies = self.env["res.company"].sudo().search([])
        days = SQL(", ").join(SQL("(%s, %s::date)", company.id, company._followup_today()) for company in companies)
        return SQL(
            """
            SELECT p.id AS promise_id,
                   COALESCE(SUM(d.received), 0) AS received,
                   COALESCE(JSONB_OBJECT_AGG(d.id, d.received) FILTER (WHERE d.id IS NOT NULL), '{}') AS received_lines,
                   CASE
                       WHEN p.cancelled OR COUNT(d.id) = 0 THEN 'cancelled'
                       WHEN BOOL_AND(d.received >= d.amount) THEN 'kept'
                       WHEN BOOL_AND(d.replaced) THEN 'replaced'
                       WHEN p.deadline >= t.today THEN 'to_come'
                       WHEN SUM(d.received) > 0 THEN 'partly_kept'
                       ELSE 'broken'
                   END AS state
              FROM followup_promise p
              JOIN (VALUES %(days)s) AS t (company_id, today) ON t.company_id = p.company_id
         LEFT JOIN (
                SELECT dl.id,
                       dl.promise_id,
                       dl.amount,
                       GREATEST(0, LEAST(
                           dl.amount,
                           dl.open_amount - l.amount_currency + COALESCE((
                               SELECT SUM(r.debit_amount_currency)
                                 FROM account_partial_reconcile r
                                 JOIN account_move_line c ON c.id = r.credit_move_id
                                WHERE r.debit_move_id = l.id
                                  AND c.date <= dp.deadline
                                  AND NOT EXISTS (SELECT 1 FROM account_move_line m WHERE %(moved)s)
                           ), 0) + COALESCE((
                               SELECT SUM(r.debit_amount_currency)
                                 FROM account_partial_reconcile r
                                 JOIN account_move_line paid ON paid.id = r.credit_move_id
                                WHERE paid.date <= dp.deadline
                                  AND r.debit_move_id IN (
                                      SELECT m.id
                                        FROM account_partial_reconcile moving
                                        JOIN account_move_line c ON c.id = moving.credit_move_id
                                        JOIN account_move_line m ON %(moved)s
                                       WHERE moving.debit_move_id = l.id
                                  )
                           ), 0)
                       )) AS received,
                       EXISTS (
                           SELECT 1
                             FROM followup_promise_line al
                             JOIN followup_promise ap ON ap.id = al.promise_id
                            WHERE al.move_line_id = dl.move_line_id
                              AND ap.id > dp.id
                              AND ap.made_on <= dp.deadline
                              AND ap.cancelled IS NOT TRUE
                       ) AS replaced
                  FROM followup_promise_line dl
                  JOIN followup_promise dp ON dp.id = dl.promise_id
                  JOIN account_move_line l ON l.id = dl.move_line_id
              ) AS d ON d.promise_id = p.id
             WHERE TRUE
                   %(where)s
          GROUP BY p.id, t.today
            """,
            days=days,
            moved=SQL(MOVED),
            where=where or SQL(""),
        )
