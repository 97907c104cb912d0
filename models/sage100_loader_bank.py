from odoo import models
from odoo.tools import SQL

from .sage100_bulk_copy import copy_rows, next_ids
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
        valid = []
        for account, partner_id in wanted:
            if self._is_valid(account):
                valid.append((account, partner_id))
            else:
                self._reject(job, account)
        banks = self._get_banks(account for account, _partner_id in valid)
        for chunk in chunks(valid, SIZE):
            self._create(chunk, banks)
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

    def _create(self, batch, banks):
        """Make bank accounts by COPY: through the ORM, each costs a search and a message.

        Stored fields that other add-ons compute are left to the ORM.
        """
        Bank = self.env["res.partner.bank"]
        stored = [(name, field) for name, field in Bank._fields.items() if field.store and field.column_type]
        plain = [name for name, field in stored if not field.compute and name != "id"]
        defaults = Bank.default_get(plain)
        ids = next_ids(self.env, "res_partner_bank", len(batch))
        rows = []
        for bank_id, (account, partner_id) in zip(ids, batch, strict=True):
            vals = defaults | {
                "partner_id": partner_id,
                "acc_number": " ".join(account.iban[n : n + 4] for n in range(0, len(account.iban), 4)),
                "bank_id": banks.get(account.bic, False),
                "allow_out_payment": False,
            }
            row = {name: Bank._fields[name].convert_to_column_insert(vals[name], Bank, vals) for name in vals}
            rows.append([bank_id, *row.values()])
        now = self.env.cr.now()
        stamps = {"create_uid": self.env.uid, "write_uid": self.env.uid, "create_date": now, "write_date": now}
        copy_rows(self.env, "res_partner_bank", ["id", *vals], rows, stamps)
        created = Bank.browse(ids)
        for name, field in stored:
            if field.compute and name not in vals:
                self.env.add_to_compute(field, created)
        created.flush_recordset()
        self.env["res.partner"].invalidate_model(["bank_ids"], flush=False)

    def _is_valid(self, account):
        """Return whether an account number can be kept: an IBAN, where Odoo checks them."""
        Bank = self.env["res.partner.bank"]
        checked = any(kind == "iban" for kind, _label in Bank.get_supported_account_types())
        return not checked or Bank.retrieve_acc_type(account.iban) == "iban"

    def _reject(self, job, account):
        message = self.env._(
            "Customer %(number)s: bank account « %(iban)s » left out, it is not a valid IBAN.",
            number=account.customer,
            iban=account.iban,
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
