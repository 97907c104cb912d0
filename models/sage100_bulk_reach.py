import datetime as dt
from collections import Counter, defaultdict

from odoo import models
from odoo.tools import SQL

from ..lib.sage100.opening_entries import KEPT
from ..lib.sage100.reach import reached


class Sage100LoaderEntry(models.AbstractModel):
    """What the changes of a customer's entries reach: the rest of its lines is neither read, planned nor compared.

    A day's work changes a few entries of customers who have thousands. ``lib.sage100.reach`` says why the plan of the
    others is the same; what follows says when their lines are what that plan made of them. Whenever this is not sure,
    everything of the customer is examined.
    """

    _inherit = "sage100.loader.entry"

    def _get_traces(self, run):
        """Return customer → its entries that changed, as they were and as they are.

        Not those with rows to look at: these are found again by planning everything. Nor when credits are allotted:
        what they are set against may be any debt of the customer.
        """
        if not run.has_lines or run.shared is not None or run.allot:
            return {}
        run.job.flush_issues()
        self.env["sage100.issue"].flush_model()
        query = SQL(
            """
            SELECT number, traces
              FROM sage100_pending pending
             WHERE database_id = %s AND traces IS NOT NULL
               AND NOT EXISTS (
                   SELECT 1 FROM sage100_issue issue
                    WHERE issue.database_id = pending.database_id AND issue.scope = 'entry'
                      AND issue.customer_number = pending.number
                   )
            """,
            run.database.id,
        )
        rows = [row for row in self.env.execute_query(query) if row[0] in run.job.partners]
        if rows:
            run.by_persons = self._get_reconciled_by_persons(run)
        return {
            number: [(trace[0], trace[1], dt.date.fromisoformat(trace[2]), *trace[3:]) for trace in traces]
            for number, traces in rows
        }

    def _get_reconciled_by_persons(self, run):
        """Return the EC_No of the lines that persons reconciled: they are always examined, with what they are bound
        to."""
        found = set()
        for side in ("debit_move_id", "credit_move_id"):
            query = SQL(
                "SELECT line.sage_ec_no FROM account_partial_reconcile partial"
                " JOIN account_move_line line ON line.id = %s"
                " WHERE partial.sage_database_id IS DISTINCT FROM %s"
                " AND line.sage_database_id = %s AND line.sage_ec_no <> 0",
                SQL.identifier("partial", side),
                run.database.id,
                run.database.id,
            )
            found.update(number for (number,) in self.env.execute_query(query))
        return found

    def _get_reached(self, run, traces):
        """Return customer → EC_No of its entries that the changes reach; without those whose lines are not as many as
        the last plan made."""
        made, odd = self._get_made(run, traces)
        entries, kept = defaultdict(list), Counter()
        query = SQL(
            "SELECT customer, fate, ec_no, account, date, lettering, round(amount, 2)::text, invoice, opening"
            " FROM sage100_entry WHERE database_id = %s AND customer = ANY(%s)",
            run.database.id,
            list(traces),
        )
        for row in self.env.execute_query(query):
            entries[row[0]].append(row[2:])
            if row[1] in KEPT:
                kept[run.job.partners[row[0]]] += 1
        seeds = odd | run.by_persons
        return {
            number: reached(entries[number], changes, seeds, run.context)
            for number, changes in traces.items()
            if made[run.job.partners[number]] == kept[run.job.partners[number]]
        }

    def _get_made(self, run, numbers):
        """Return partner → number of lines, and the EC_No of the lines that are not wholly settled by their code or,
        without code, wholly open: whether somebody undid a matching of theirs can only be told by matching them."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH line AS MATERIALIZED (
                    SELECT partner_id, sage_database_id, sage_ec_no,
                           CASE WHEN sage_lettering IS NULL
                                THEN matching_number IS NOT NULL OR amount_residual IS DISTINCT FROM balance
                                  OR amount_residual_currency IS DISTINCT FROM amount_currency
                                ELSE full_reconcile_id IS NULL END AS odd
                      FROM account_move_line WHERE partner_id = ANY(%s)
                )
                SELECT partner_id, count(*), array_agg(sage_ec_no) FILTER (WHERE odd)
                  FROM line WHERE sage_database_id = %s AND sage_ec_no <> 0 GROUP BY partner_id
                """,
                [run.job.partners[number] for number in numbers],
                run.database.id,
            )
        )
        made = Counter({partner_id: count for partner_id, count, _odd in rows})
        return made, {number for _partner_id, _count, odd in rows for number in odd or ()}
