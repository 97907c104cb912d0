import logging
from dataclasses import dataclass

from odoo import models
from odoo.tools import SQL, email_normalize

from ..lib.collector import uncollected
from ..lib.sage100.tiers_matching import Tiers, find_renumbered
from .sage100_customer_lookup import CustomerLookup
from .sage100_job import chunks

_logger = logging.getLogger(__name__)

SIZE = 500


@dataclass(slots=True)
class Known:
    """A binding, as much as is needed to see that nothing changed."""

    id: int
    partner_id: int
    digest: str
    missing: bool
    mark: int
    siret: str
    name: str


class Sage100LoaderCustomer(models.AbstractModel):
    """Customers of Sage → partners. What a person typed in Odoo is never erased.

    A digest of what was read decides: nothing is fetched from Odoo, nor written, for a customer that did not change.
    """

    _name = "sage100.loader.customer"
    _inherit = "sage100.loader.partner"
    _description = "Sage 100 import: customers"

    def _load(self, job):
        """Bring payment modes, collaborators, customers, contacts and bank accounts up to date."""
        job.checkpoint(self.env._("Customers"))
        self.env["sage100.payment.mode"]._load_modes(job)
        lookup = CustomerLookup(self.env, job, self._load_collaborators(job))
        known = self._get_known(job)
        self._rename(job, known)
        self._mark_missing(job, known)
        with uncollected():
            new, changed = self._sort_out(job, known, lookup)
        # All at once: a partner that two customers of the base claim is for neither.
        decisions = self._match(job, [customer for customer, _digest in new])
        done = 0
        for chunk in chunks(new, SIZE):
            self._create_customers(job, chunk, lookup, decisions)
            done += len(chunk)
            job.checkpoint(self.env._("Customers"), done, len(new) + len(changed))
        for chunk in chunks(changed, SIZE):
            self._update_customers(job, chunk, lookup)
            done += len(chunk)
            job.checkpoint(self.env._("Customers"), done, len(new) + len(changed))
        self._link_payers(job)
        if new or changed:
            known = self._get_known(job)
        job.partners.update({number: item.partner_id for number, item in known.items()})
        self.env["sage100.loader.contact"]._load(job, known)
        self.env["sage100.loader.bank"]._load(job, known)
        self.env["sage100.conflict"]._refresh(job)

    def _get_known(self, job):
        """Return number → binding, in one query."""
        names = ["number", "id", "partner_id", "digest", "missing", "mark", "siret", "name"]
        self.env["sage100.customer"].flush_model()
        query = SQL(
            "SELECT %s FROM sage100_customer WHERE database_id = %s",
            SQL(", ").join(map(SQL.identifier, names)),
            job.database.id,
        )
        return {number: Known(*values) for number, *values in self.env.execute_query(query)}

    def _sort_out(self, job, known, lookup):
        """Return the customers to make, and those that changed with the id of their binding.

        A dormant customer without entries is of no use to anyone.
        """
        customers = job.snapshot.customers
        unknown = [customer for number, customer in customers.items() if number not in known]
        dormant = [customer.number for customer in unknown if customer.dormant]
        used = self._get_used(job, dormant) if dormant else ()
        new = [
            (customer, lookup.digest(customer))
            for customer in unknown
            if not customer.dormant or customer.number in used
        ]
        changed = []
        for number, item in known.items():
            customer = customers.get(number)
            mark = customer and lookup.digest(customer)
            if customer and (mark != item.digest or item.missing):
                changed.append((customer, mark, item.id))
        return new, changed

    def _get_used(self, job, numbers):
        """Return which of these customers have entries."""
        query = SQL(
            "SELECT DISTINCT customer FROM sage100_entry WHERE database_id = %s AND customer = ANY(%s) "
            "AND gone IS NOT TRUE",
            job.database.id,
            numbers,
        )
        return {row[0] for row in self.env.execute_query(query)}

    def _load_collaborators(self, job):
        """Create or update salespeople and collectors; return them by number, with their user found by e-mail."""
        Collaborator = self.env["sage100.collaborator"]
        known = {item.number: item for item in Collaborator.search([("database_id", "=", job.database.id)])}
        users = {}
        for user in self.env["res.users"].search([("share", "=", False), ("company_ids", "in", job.company.ids)]):
            for address in (user.login, user.email):
                if email_normalize(address or ""):
                    users.setdefault(email_normalize(address), user.id)
        for person in job.snapshot.collaborators:
            vals = {
                "name": person.name,
                "function": person.function or False,
                "email": person.email or False,
                "phone": person.phone or False,
                "seller": person.seller,
                "collector": person.collector,
            }
            user_id = users.get(email_normalize(person.email or "") or "")
            collaborator = known.get(person.number)
            if not collaborator:
                vals |= {"database_id": job.database.id, "number": person.number, "user_id": user_id}
                known[person.number] = Collaborator.create(vals)
                continue
            if user_id and not collaborator.user_id:
                vals["user_id"] = user_id
            changes = self._get_changes(collaborator, vals)
            if changes:
                collaborator.write(changes)
        return known

    # Numbers that changed or went

    def _rename(self, job, known):
        """Follow the customers whose number changed in Sage: same partner, same binding, entries under the new number.

        ``known`` is brought up to date. Rows already read again bear the new number; the others get it here.
        """
        customers = job.snapshot.customers
        gone = [
            Tiers(number, item.mark or 0, item.siret or "", item.name)
            for number, item in known.items()
            if number not in customers
        ]
        if not gone:
            return
        new = [
            Tiers(number, customer.mark, customer.siret, customer.name)
            for number, customer in customers.items()
            if number not in known
        ]
        for old, number in find_renumbered(gone, new).items():
            self._rename_one(job, known[old].id, old, number)
            known[number] = known.pop(old)
            job.count("customers_renumbered")
            _logger.info("Sage 100 base %s: customer %s is now %s", job.database.id, old, number)

    def _rename_one(self, job, customer_id, old, number):
        database_id = job.database.id
        self.env["sage100.customer"].browse(customer_id).number = number
        self.env["sage100.customer"].flush_model(["number"])
        for query in (
            SQL(
                "UPDATE sage100_entry SET customer = %s WHERE database_id = %s AND customer = %s",
                number,
                database_id,
                old,
            ),
            SQL(
                "UPDATE sage100_contact SET sage_key = %s || substr(sage_key, %s) "
                "WHERE customer_id = %s AND left(sage_key, %s) = %s",
                f"{number}/",
                len(old) + 2,
                customer_id,
                len(old) + 1,
                f"{old}/",
            ),
        ):
            self.env.cr.execute(query)
        self.env["sage100.contact"].invalidate_model(["sage_key"])
        self.env["sage100.entry"].invalidate_model(["customer"])
        job.pend([number])

    def _mark_missing(self, job, known):
        """Mark the bindings whose number is no longer in Sage. Their partner stays: it may be chased, or come back."""
        missing = [item for number, item in known.items() if number not in job.snapshot.customers and not item.missing]
        if missing:
            self.env["sage100.customer"].browse([item.id for item in missing]).write({"missing": True})
            job.count("customers_missing", len(missing))
            for item in missing:
                item.missing = True

    def _link_payers(self, job):
        """Tie every customer to its payer, all at once."""
        self.env["sage100.customer"].flush_model(["number", "payer_number", "payer_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE sage100_customer customer SET payer_id = payer.id FROM sage100_customer original "
                "LEFT JOIN sage100_customer payer ON payer.database_id = original.database_id "
                "AND payer.number = original.payer_number "
                "WHERE original.id = customer.id AND customer.database_id = %s "
                "AND customer.payer_id IS DISTINCT FROM payer.id",
                job.database.id,
            )
        )
        self.env["sage100.customer"].invalidate_model(["payer_id"])
