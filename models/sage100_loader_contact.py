from dataclasses import dataclass

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, email_normalize

from ..lib.collector import uncollected
from ..lib.sage100.tiers_values import digest, has_word, split_emails
from .sage100_job import chunks

SIZE = 500
# Beyond this share of the known contacts (and this number), contacts gone from Sage look like a table that could not
# be read.
MISSING_SHARE, MISSING_NUMBER = 0.2, 50


@dataclass(slots=True)
class Wanted:
    """A contact as Sage has it."""

    key: str
    number: str
    name: str
    function: str = ""
    phone: str = ""
    email: str = ""
    service: str = ""
    accounting: bool = False

    @property
    def partner(self):
        """The values of the partner."""
        return {
            "name": self.name,
            "function": self.function or self.service or False,
            "phone": self.phone or False,
            "email": self.email or False,
            "followup_contact": self.accounting,
        }


class Sage100LoaderContact(models.AbstractModel):
    """Contacts of Sage customers → child contacts; as for customers, a digest decides and what was typed stays."""

    _name = "sage100.loader.contact"
    _inherit = "sage100.loader.partner"
    _description = "Sage 100 import: contacts"

    def _load(self, job, customers):
        """Bring contacts up to date; ``customers``: number → binding."""
        with uncollected():
            known = self._get_known(job)
            wanted = self._get_wanted(job, customers)
        new, changed = [], []
        for key, (item, mark) in wanted.items():
            record = known.get(key)
            if record is None:
                new.append((item, mark))
            elif record["digest"] != mark or record["missing"]:
                changed.append((item, mark, record["id"]))
        job.forget("customer", keys=[self._get_issue_key(item) for item, *_rest in (*new, *changed)])
        for chunk in chunks(new, SIZE):
            self._create_contacts(job, chunk, customers)
            job.checkpoint(self.env._("Contacts"))
        for chunk in chunks(changed, SIZE):
            self._update_contacts(job, chunk, customers)
            job.checkpoint(self.env._("Contacts"))
        self._archive_gone(job, known, wanted, customers)

    def _get_known(self, job):
        """Return key → what is needed to see that nothing changed, in one query."""
        self.env["sage100.contact"].flush_model()
        query = SQL(
            "SELECT contact.sage_key, contact.id, contact.digest, contact.missing, customer.number "
            "FROM sage100_contact contact JOIN sage100_customer customer ON customer.id = contact.customer_id "
            "WHERE contact.database_id = %s",
            job.database.id,
        )
        return {row["sage_key"]: row for row in self.env.execute_query_dict(query)}

    def _get_wanted(self, job, customers):
        """Return key → (contact, digest): Sage's contacts, and the e-mail addresses beyond a customer's first."""
        words = job.database.accounting_services or ""
        services = {number: (label, has_word(label, words)) for number, label in job.snapshot.services.items()}
        items = []
        for contact in job.snapshot.contacts:
            if contact.customer in customers and contact.name:
                service, accounting = services.get(contact.service, ("", False))
                emails = split_emails(contact.email)
                items.append(
                    Wanted(
                        contact.key,
                        contact.customer,
                        contact.name,
                        contact.function,
                        contact.phone,
                        emails[0] if emails else "",
                        service,
                        accounting,
                    )
                )
        items += self._get_other_addresses(job, customers, items)
        return {item.key: (item, digest(item, customers[item.number].id)) for item in items}

    def _get_other_addresses(self, job, customers, items):
        """Return a contact for each address of a customer beyond its first, unless a contact already has it."""
        several = {
            number: split_emails(customer.email)[1:]
            for number, customer in job.snapshot.customers.items()
            if number in customers and customer.email.count("@") > 1
        }
        taken = {(item.number, item.email) for item in items if item.number in several}
        return [
            Wanted(f"{number}/{address}", number, address, email=address)
            for number, addresses in several.items()
            for address in addresses
            if (number, address) not in taken
        ]

    # Writing

    def _create_contacts(self, job, batch, customers):
        """Create contacts, all at once, else one by one; one that the partner already has (same address) is kept."""
        try:
            with self.env.cr.savepoint():
                self._create_batch(job, batch, customers)
        except (UserError, ValidationError) as error:
            if len(batch) > 1:
                for item in batch:
                    self._create_contacts(job, [item], customers)
                return
            self._reject(job, batch[0][0], error)
        else:
            job.count("contacts_created", len(batch))

    def _create_batch(self, job, batch, customers):
        present = self._get_present({customers[item.number].partner_id for item, _mark in batch})
        kept = {}
        for item, _mark in batch:
            partner_id = item.email and present.pop((customers[item.number].partner_id, item.email), None)
            if partner_id:
                kept[item.key] = self.env["res.partner"].browse(partner_id)
        new = [item for item, _mark in batch if item.key not in kept]
        created = self._create_children([(customers[item.number].partner_id, item.partner) for item in new])
        partners = kept | {item.key: partner for item, partner in zip(new, created, strict=True)}
        records = self.env["sage100.bulk.partner"]._create_bindings(
            "sage100.contact",
            [
                {
                    "customer_id": customers[item.number].id,
                    "database_id": job.database.id,
                    "company_id": job.company.id,
                    "sage_key": item.key,
                    "service": item.service or False,
                    "digest": mark,
                    "partner_id": partners[item.key].id,
                    "last_values": None if item.key in kept else self._get_marks(partners[item.key], item.partner),
                }
                for item, mark in batch
            ],
        )
        for record, (item, _mark) in zip(records, batch, strict=True):
            if item.key in kept:
                self._apply(self._plan(record, item.partner))

    def _create_children(self, items):
        """Return new contacts of these partners."""
        return self.env["sage100.bulk.partner"]._create(
            [
                {
                    "type": "contact",
                    "parent_id": parent_id,
                    **{name: value for name, value in vals.items() if value},
                }
                for parent_id, vals in items
            ]
        )

    def _get_present(self, parent_ids):
        """Return (customer, address) → contact, for the contacts of these customers that no base knows yet."""
        children = self.env["res.partner"].search_fetch(
            [("parent_id", "in", list(parent_ids)), ("email", "!=", False)], ["parent_id", "email"]
        )
        bound = self.env["sage100.contact"].search([("partner_id", "in", children.ids)]).partner_id
        found, twice = {}, set()
        for child in children - bound:
            key = child.parent_id.id, email_normalize(child.email) or ""
            twice |= {key} & found.keys()
            found[key] = child.id
        return {key: child_id for key, child_id in found.items() if key not in twice}

    def _update_contacts(self, job, batch, customers):
        """Write what changed in Sage, all at once, else one by one."""
        records = self.env["sage100.contact"].browse([record_id for *_rest, record_id in batch])
        try:
            with self.env.cr.savepoint():
                for (item, mark, _id), record in zip(batch, records, strict=True):
                    self._update_contact(record, item, mark, customers[item.number])
                self.env.flush_all()
        except (UserError, ValidationError) as error:
            if len(batch) > 1:
                for one in batch:
                    self._update_contacts(job, [one], customers)
                return
            self._reject(job, batch[0][0], error)

    def _update_contact(self, record, item, mark, customer):
        facts = self._get_changes(
            record, {"service": item.service, "digest": mark, "missing": False, "customer_id": customer.id}
        )
        partner = record.partner_id
        if record.archived:
            partner.active = True
            facts["archived"] = False
        if "customer_id" in facts and partner.parent_id == record.customer_id.partner_id:
            partner.parent_id = customer.partner_id
        if not partner:  # deleted in Odoo: nobody wants it back
            record.write(facts)
            return
        plan = self._plan(record, item.partner)
        plan.facts = facts
        self._apply(plan)

    def _archive_gone(self, job, known, wanted, customers):
        """Archive the contacts that Sage no longer has, but for those that somebody changed in Odoo.

        The contacts of a customer that is itself gone stay with it.
        """
        gone = [
            row["id"]
            for key, row in known.items()
            if key not in wanted and not row["missing"] and not customers[row["number"]].missing
        ]
        live = sum(not row["missing"] for row in known.values())
        if len(gone) > max(MISSING_NUMBER, MISSING_SHARE * live):
            message = self.env._(
                "%(gone)s of the %(live)s contacts are no longer in Sage: none was archived. "
                "Check that the login may read the table of contacts.",
                gone=len(gone),
                live=live,
            )
            job.forget("customer", keys=["F_CONTACTT"])
            job.issue("warning", "many_gone", message, scope="customer", sage_table="F_CONTACTT", sage_key="F_CONTACTT")
            return
        job.forget("customer", keys=["F_CONTACTT"])
        for record in self.env["sage100.contact"].browse(gone):
            untouched = self._is_untouched(record)
            if untouched:
                record.partner_id.active = False
                job.count("contacts_archived")
            record.write({"missing": True, "archived": untouched})

    def _is_untouched(self, record):
        """Return whether a contact is active and still what the synchronisation wrote."""
        partner, last = record.partner_id, record.last_values or {}
        if not partner.active or partner.user_ids or not last:
            return False
        now = self._remember(partner, last)
        return all((value[1] or False) == (now[name] or False) for name, value in last.items())

    def _reject(self, job, item, error):
        message = self.env._(
            "Contact %(key)s of customer %(number)s refused: %(reason)s",
            key=item.key,
            number=item.number,
            reason=str(error),
        )
        job.issue(
            "rejected",
            "refused",
            message,
            scope="customer",
            customer_number=item.number,
            sage_table="F_CONTACTT",
            sage_key=self._get_issue_key(item),
        )

    @staticmethod
    def _get_issue_key(item):
        return item.key if "/" in item.key else f"CT_No {item.key}"
