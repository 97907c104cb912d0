from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..lib.sage100.opening_entries import Fate

STALE, LATE = (Fate.STALE,), (Fate.LATE, Fate.LATE_SETTLED)
LISTED = 500  # differences listed, the greatest first: more would help nobody


class Sage100LoaderControl(models.AbstractModel):
    """Control totals: every customer's balance, account by account, against Sage's own sums, to the cent.

    Sums leave PostgreSQL as texts: Odoo reads its numeric values as floats, which are not exact.
    """

    _name = "sage100.loader.control"
    _description = "Sage 100 import: control totals"

    def _load(self, job):
        """Compare, note the differences; the synchronisation fails on any."""
        job.checkpoint(self.env._("Comparing balances"))
        job.forget("control")
        expected, found = self._get_expected(job), self._get_found(job)
        differences = [
            (key, sage, odoo)
            for key in expected.keys() | found.keys()
            if (sage := expected.get(key, Decimal(0))) != (odoo := self._get_differing(sage, found.get(key)))
        ]
        self._note(job, differences)
        sage_total = sum(expected.values(), Decimal(0))
        odoo_total = sum((settled for _balance, settled in found.values()), Decimal(0))
        job.sync.write(
            {
                "sage_total": float(sage_total),
                "odoo_total": float(odoo_total),
                "difference": float(odoo_total - sage_total),
                "customers_differing": len({key[0] for key, _sage, _odoo in differences}),
            }
        )

    @staticmethod
    def _get_differing(sage, amounts):
        """Return the balance, unless it agrees and what is left open does not: then the latter."""
        balance, settled = amounts or (Decimal(0), Decimal(0))
        return settled if balance == sage else balance

    # In Sage

    def _get_expected(self, job):
        """Return Sage's sums by (partner, account), corrected for what happened in the old year since its opening.

        Opening entries whose original has been settled since are taken off, entries typed since are added.
        """
        sums = dict(job.totals)
        sums.update(self._get_unsettled(job))
        expected = defaultdict(Decimal)
        for fates, find, sign in ((STALE, self._get_stale, -1), (LATE, self._get_late, 1)):
            # Rare: when they were just counted and there is none, no walk through all the entries.
            rows = find(job) if job.fates is None or any(map(job.fates.get, fates)) else ()
            for number, code, amount in rows:
                sums[number, code] = sums.get((number, code), Decimal(0)) + sign * amount
        for (number, code), amount in sums.items():
            account = job.accounts.get(code)
            expected[job.partners.get(number, False), account.id if account else False] += amount
        return {key: amount for key, amount in expected.items() if all(key) or amount}

    def _get_stale(self, job):
        """Return the opening entries that stand for nothing any more: Sage still counts them, Odoo must not."""
        return self._sum_entries(job, SQL("fate = ANY(%s)", list(STALE)))

    def _get_late(self, job):
        """Return what was typed in the old year since its opening: Sage counts it only once that is run again."""
        return self._sum_entries(job, SQL("fate = ANY(%s)", list(LATE)), since=False)

    def _get_unsettled(self, job):
        """Return the sums of the customers whose entries changed while they were read, from the entries read."""
        if not job.unsettled:
            return {}
        sums = {key: Decimal(0) for key in job.totals if key[0] in job.unsettled}
        rows = self._sum_entries(job, SQL("customer = ANY(%s)", list(job.unsettled)))
        return sums | {(number, code): amount for number, code, amount in rows}

    def _sum_entries(self, job, condition, since=None):
        since = job.snapshot.open_from if since is None else since
        rows = self.env.execute_query(
            SQL(
                "SELECT customer, account, SUM(amount)::text FROM sage100_entry "
                "WHERE database_id = %s AND NOT gone AND %s AND %s GROUP BY customer, account",
                job.database.id,
                SQL("date >= %s", since) if since else SQL("TRUE"),
                condition,
            )
        )
        return [(number, code, Decimal(amount)) for number, code, amount in rows]

    # In Odoo

    def _get_found(self, job):
        """Return (balance, what is left open) in Odoo by (partner, account) of the lines of this base.

        What a user settled with entries of another origin is given back to what is left open: Sage knows nothing of it.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, account_id, SUM(balance)::text, SUM(amount_residual)::text
                  FROM account_move_line
                 WHERE sage_database_id = %s AND parent_state = 'posted' AND sage_ec_no <> 0
              GROUP BY partner_id, account_id
                """,
                job.database.id,
            )
        )
        outside = self._get_settled_outside(job)
        return {
            (partner_id, account_id): (Decimal(balance), Decimal(residual) + outside.get((partner_id, account_id), 0))
            for partner_id, account_id, balance, residual in rows
        }

    def _get_settled_outside(self, job):
        """Return by (partner, account) what lines of this base settled with lines that are not of it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.partner_id, line.account_id,
                       SUM(CASE WHEN line.id = partial.debit_move_id THEN partial.amount ELSE -partial.amount END)::text
                  FROM account_partial_reconcile partial
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move_line line ON line.id = CASE WHEN debit.sage_database_id = %(database)s
                                                                THEN debit.id ELSE credit.id END
                 WHERE partial.sage_database_id IS NULL
                   AND debit.sage_database_id IS DISTINCT FROM credit.sage_database_id
                   AND line.sage_database_id = %(database)s
              GROUP BY line.partner_id, line.account_id
                """,
                database=job.database.id,
            )
        )
        return {(partner_id, account_id): Decimal(amount) for partner_id, account_id, amount in rows}

    # Differences

    def _note(self, job, differences):
        names = {}
        for number, partner_id in job.partners.items():
            names.setdefault(partner_id, number)
        accounts = self.env["account.account"].with_company(job.company).browse({key[1] for key, _s, _o in differences})
        codes = {account.id: account.code for account in accounts if account}
        differences.sort(key=lambda item: (-abs(item[2] - item[1]), names.get(item[0][0], "")))
        for (partner_id, account_id), sage, odoo in differences[:LISTED]:
            number = names.get(partner_id, "")
            job.issue(
                "control",
                "control",
                self.env._(
                    "Customer %(number)s, account %(account)s: the balances differ.",
                    number=number,
                    account=codes.get(account_id, "?"),
                ),
                "control",
                customer_number=number,
                partner_id=partner_id,
                sage_amount=float(sage),
                odoo_amount=float(odoo),
            )
