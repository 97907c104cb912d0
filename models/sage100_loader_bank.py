from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .sage100_job import chunks

SIZE = 500


class Sage100LoaderBank(models.AbstractModel):
    """Bank accounts of Sage customers → partner bank accounts.

    Those that are not known yet are added. They are never changed nor removed: payments may refer to them.
    """

    _name = "sage100.loader.bank"
    _description = "Sage 100 import: bank accounts"

    def _load(self, job, known):
        """Add the bank accounts not known yet."""
        wanted = []
        present = self._get_present(job)
        for account in job.snapshot.banks:
            customer = known.get(account.customer)
            key = customer and (customer.partner_id, account.iban)
            if customer and account.iban and key not in present:
                present.add(key)
                wanted.append((account, customer.partner_id))
        job.forget("customer", keys=[self._get_key(account) for account, _partner_id in wanted])
        banks = self._get_banks(account for account, _partner_id in wanted)
        for chunk in chunks(wanted, SIZE):
            self._create(job, chunk, banks)
            job.checkpoint(self.env._("Bank accounts"))

    def _get_present(self, job):
        """Return (partner, account number) of the accounts that Odoo has, archived ones included."""
        self.env["res.partner.bank"].flush_model(["partner_id", "sanitized_acc_number"])
        query = SQL(
            "SELECT bank.partner_id, bank.sanitized_acc_number FROM res_partner_bank bank WHERE bank.partner_id IN "
            "(SELECT partner_id FROM sage100_customer WHERE database_id = %s)",
            job.database.id,
        )
        return set(self.env.execute_query(query))

    def _get_banks(self, accounts):
        """Return BIC → bank, made when unknown."""
        wanted = {account.bic: account.name or account.bic for account in accounts if account.bic}
        Bank = self.env["res.bank"].with_context(active_test=False)
        found = {bank.bic.upper(): bank.id for bank in Bank.search([("bic", "in", list(wanted))])}
        missing = [bic for bic in wanted if bic not in found]
        created = Bank.create([{"name": wanted[bic], "bic": bic} for bic in missing])
        return found | dict(zip(missing, created.ids, strict=True))

    def _create(self, job, batch, banks):
        vals = [
            {"partner_id": partner_id, "acc_number": account.iban, "bank_id": banks.get(account.bic, False)}
            for account, partner_id in batch
        ]
        try:
            with self.env.cr.savepoint():
                self.env["res.partner.bank"].create(vals)
        except (UserError, ValidationError) as error:
            if len(batch) > 1:
                for item in batch:
                    self._create(job, [item], banks)
                return
            account = batch[0][0]
            message = self.env._(
                "Customer %(number)s: bank account left out, %(reason)s", number=account.customer, reason=str(error)
            )
            job.issue(
                "warning",
                "invalid_bank",
                message,
                scope="customer",
                customer_number=account.customer,
                sage_table="F_BANQUET",
                sage_key=self._get_key(account),
            )

    @staticmethod
    def _get_key(account):
        return f"{account.customer}/{account.number}"
