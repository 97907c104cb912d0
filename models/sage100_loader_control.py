from collections import defaultdict
from decimal import Decimal

from odoo import models


class Sage100LoaderControl(models.AbstractModel):
    """Control totals: every customer's balance, account by account, against Sage's own sums."""

    _name = "sage100.loader.control"
    _description = "Sage 100 import: control totals"

    def _load(self, job):
        """Compare, note the differences; the synchronisation fails on any."""
        job.checkpoint(self.env._("Comparing balances"))
        expected, found = self._get_expected(job), self._get_found(job)
        currency = job.company.currency_id
        differing = set()
        names = self._get_names(job)
        for key in sorted(expected.keys() | found.keys()):
            sage = float(expected.get(key, 0))
            balance, residual = found.get(key, (0.0, 0.0))
            if not currency.compare_amounts(sage, balance) and not currency.compare_amounts(sage, residual):
                continue
            partner_id, account_id = key
            differing.add(partner_id)
            odoo = residual if currency.compare_amounts(sage, residual) else balance
            number, account = names.get(partner_id, ""), self.env["account.account"].browse(account_id).code
            job.issue(
                "control",
                "control",
                self.env._(
                    "Customer %(number)s, account %(account)s: the balances differ.", number=number, account=account
                ),
                customer_number=number,
                partner_id=partner_id,
                sage_amount=sage,
                odoo_amount=odoo,
            )
        sage_total = float(sum(expected.values(), Decimal(0)))
        odoo_total = sum(residual for _balance, residual in found.values())
        job.sync.write(
            {
                "sage_total": sage_total,
                "odoo_total": odoo_total,
                "difference": odoo_total - sage_total,
                "customers_differing": len(differing),
            }
        )

    def _get_expected(self, job):
        """Return Sage's sums by (partner, account), less the opening entries whose original has been settled since."""
        expected = defaultdict(Decimal)
        for sums, sign in ((job.snapshot.totals, 1), (job.plan.stale, -1)):
            for (number, code), amount in sums.items():
                account = job.accounts.get(code)
                expected[job.partners.get(number), account.id if account else False] += sign * amount
        return {key: amount for key, amount in expected.items() if all(key) or amount}

    def _get_found(self, job):
        """Return (balance, residual) in Odoo by (partner, account) of the lines of this base."""
        rows = self.env["account.move.line"]._read_group(
            [("sage_database_id", "=", job.database.id), ("parent_state", "=", "posted")],
            ["partner_id", "account_id"],
            ["balance:sum", "amount_residual:sum"],
        )
        return {(partner.id, account.id): (balance, residual) for partner, account, balance, residual in rows}

    def _get_names(self, job):
        names = {}
        for number, partner_id in job.partners.items():
            names.setdefault(partner_id, number)
        return names
