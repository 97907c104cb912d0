from odoo import models
from odoo.tools import SQL

from .sage100_job import chunks

# Account code of the mirror counterpart: the first free one after this.
COUNTERPART_CODE = "471900"
RECEIVABLE_PREFIXES = ("411", "413")


class Sage100LoaderAccount(models.AbstractModel):
    """Accounts, journal and currencies that the mirror entries need."""

    _name = "sage100.loader.account"
    _description = "Sage 100 import: accounts and journal"

    def _load(self, job):
        """Find or create the accounts that entries use, the mirror journal and its counterpart account."""
        job.accounts.update(self._get_accounts(job))
        database = job.database
        if not database.counterpart_account_id:
            database.counterpart_account_id = self._create_counterpart(job)
        if not database.journal_id:
            database.journal_id = self._create_journal(job)

    def _get_accounts(self, job):
        """Return code → account, for the codes that entries use."""
        job.used = self._get_used(job)
        codes = {code for code, _index in job.used} | {code for _customer, code in job.totals}
        codes = sorted(code for code in codes if code)
        Account = self.env["account.account"].with_company(job.company).with_context(active_test=False)
        found = {}
        for some in chunks(codes, 500):
            domain = [*Account._check_company_domain(job.company), ("code", "in", some)]
            found.update({account.code: account for account in Account.search(domain)})
        for code in codes:
            found[code] = self._prepare_account(job, code, found.get(code))
        return found

    def _get_used(self, job):
        """Return (account, number of the currency) of the entries, in one walk through them."""
        query = SQL(
            "SELECT DISTINCT account, COALESCE(sage_currency, 0) FROM sage100_entry WHERE database_id = %s",
            job.database.id,
        )
        return self.env.execute_query(query)

    def _prepare_account(self, job, code, account):
        """Return an account fit for customer lines: it exists, is active, can be reconciled, is followed up."""
        kind = self.env["account.account"].with_company(job.company)
        if account is None:
            source = job.snapshot.accounts.get(code)
            receivable = code.startswith(RECEIVABLE_PREFIXES)
            account = kind.create(
                {
                    "code": code,
                    "name": (source and source.name) or self.env._("Sage 100 account %s", code),
                    "account_type": "asset_receivable" if receivable else "asset_current",
                    "reconcile": True,
                }
            )
        if not account.active:
            account.active = True
        if not account.reconcile:
            account.reconcile = True
        if not account.followup_kind:
            account.followup_kind = "ordinary"
        return account

    def _create_counterpart(self, job):
        Account = self.env["account.account"].with_company(job.company)
        return Account.create(
            {
                "code": Account._search_new_account_code(COUNTERPART_CODE),
                "name": self.env._("Sage 100 counterpart"),
                "account_type": "asset_current",
                "reconcile": False,
            }
        )

    def _create_journal(self, job):
        """Return a new general journal, its code free in the company."""
        Journal = self.env["account.journal"].with_company(job.company)
        domain = Journal._check_company_domain(job.company)
        taken = set(Journal.with_context(active_test=False).search(domain).mapped("code"))
        code = next(code for code in ("SAGE", *(f"SAG{n}" for n in range(2, 100))) if code not in taken)
        return Journal.create(
            {
                "name": self.env._("Sage 100 (mirror) – %s", job.database.name),
                "code": code,
                "type": "general",
                "company_id": job.company.id,
                "show_on_dashboard": False,
            }
        )

    def _get_currencies(self, job):
        """Return Sage's currency index → currency; the company's for 0, its own index and unknown codes."""
        codes = {index: code for index, code in job.snapshot.currencies.items() if code}
        records = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "in", list(codes.values()))])
        )
        by_code = {currency.name: currency for currency in records}
        found = {}
        used = {index for _code, index in (self._get_used(job) if job.used is None else job.used)}
        job.forget("entry", keys=[f"N_Devise {index}" for index in used])
        for index in used:
            currency = by_code.get(codes.get(index, ""))
            if index in (0, job.snapshot.company.currency):
                currency = job.company.currency_id
            elif not currency:
                message = self.env._(
                    "Currency %(index)s of Sage is unknown: its amounts come in the company's currency.", index=index
                )
                job.issue(
                    "warning",
                    "unknown_currency",
                    message,
                    scope="entry",
                    sage_table="P_DEVISE",
                    sage_key=f"N_Devise {index}",
                )
                currency = job.company.currency_id
            elif not currency.active:
                currency.active = True
            found[index] = currency
        return found
