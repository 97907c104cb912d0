import contextlib

from odoo import models
from odoo.exceptions import UserError, ValidationError

from .sage100_job import chunks
from .sage100_loader_customer import SIZE, normalise, split_emails


class Sage100LoaderContact(models.AbstractModel):
    """Contacts and bank accounts of Sage customers → child contacts and partner bank accounts."""

    _name = "sage100.loader.contact"
    _description = "Sage 100 import: contacts and bank accounts"

    def _load(self, job, customers):
        """Bring contacts and bank accounts up to date."""
        known = {
            item.sage_key: item for item in self.env["sage100.contact"].search([("database_id", "=", job.database.id)])
        }
        wanted = self._get_contacts(job, customers)
        new = [values for values in wanted if values["sage_key"] not in known]
        for chunk in chunks(new, SIZE):
            self._create_contacts(job, chunk)
        for values in wanted:
            record = known.get(values["sage_key"])
            if record and record.partner_id:
                self._update_contact(job, record, values)
        self._load_banks(job, customers)
        job.checkpoint(self.env._("Contacts"))

    def _get_contacts(self, job, customers):
        """Return what each contact must be: Sage's contacts, and the e-mail addresses beyond a customer's first."""
        wanted = []
        for contact in job.snapshot.contacts:
            if contact.customer in customers and contact.name:
                service = job.snapshot.services.get(contact.service, "")
                emails = split_emails(contact.email)
                partner = {
                    "name": contact.name,
                    "function": contact.function or service,
                    "phone": contact.phone,
                    "email": emails[0] if emails else "",
                    "followup_contact": "COMPTA" in normalise(service),
                }
                wanted.append(self._prepare_contact(customers[contact.customer], contact.key, service, partner))
        addresses = {(values["customer"].number, values["partner"]["email"]) for values in wanted}
        for number, customer in job.snapshot.customers.items():
            for address in split_emails(customer.email)[1:]:
                if number in customers and (number, address) not in addresses:
                    wanted.append(
                        self._prepare_contact(
                            customers[number], f"{number}/{address}", "", {"name": address, "email": address}
                        )
                    )
        return wanted

    def _prepare_contact(self, customer, key, service, partner):
        return {
            "customer": customer,
            "sage_key": key,
            "service": service or False,
            "partner": {name: value or False for name, value in partner.items()},
        }

    def _create_contacts(self, job, batch):
        try:
            with self.env.cr.savepoint():
                partners = self.env["res.partner"].create(
                    [
                        {"type": "contact", "parent_id": values["customer"].partner_id.id, **values["partner"]}
                        for values in batch
                    ]
                )
                remember = self.env["sage100.loader.customer"]._remember
                self.env["sage100.contact"].create(
                    [
                        {
                            "customer_id": values["customer"].id,
                            "sage_key": values["sage_key"],
                            "service": values["service"],
                            "partner_id": partner.id,
                            "last_values": remember(partner, values["partner"]),
                        }
                        for values, partner in zip(batch, partners, strict=True)
                    ]
                )
        except (UserError, ValidationError) as error:
            if len(batch) > 1:
                for values in batch:
                    self._create_contacts(job, [values])
                return
            self._reject(job, batch[0], error)
        else:
            job.count("contacts_created", len(batch))

    def _update_contact(self, job, record, values):
        loader = self.env["sage100.loader.customer"]
        news = loader._get_news(record, values["partner"])
        try:
            with self.env.cr.savepoint() if news else contextlib.nullcontext():
                if news:
                    loader._write_partner(job, None, record, news)
                if (record.service or False) != values["service"]:
                    record.service = values["service"]
        except (UserError, ValidationError) as error:
            self._reject(job, values, error)

    def _reject(self, job, values, error):
        number = values["customer"].number
        message = self.env._(
            "Contact %(key)s of customer %(number)s refused: %(reason)s",
            key=values["sage_key"],
            number=number,
            reason=str(error),
        )
        job.issue("rejected", "refused", message, customer_number=number, sage_table="F_CONTACTT")

    def _load_banks(self, job, customers):
        """Add the bank accounts not known yet. They are never changed nor removed: payments may refer to them."""
        Bank = self.env["res.partner.bank"]
        partners = {customer.partner_id.id for customer in customers.values()}
        known = {
            (bank.partner_id.id, bank.sanitized_acc_number)
            for bank in Bank.search([("partner_id", "in", list(partners))])
        }
        for account in job.snapshot.banks:
            customer = customers.get(account.customer)
            if not customer or not account.iban or (customer.partner_id.id, account.iban) in known:
                continue
            known.add((customer.partner_id.id, account.iban))
            try:
                with self.env.cr.savepoint():
                    Bank.create(
                        {
                            "partner_id": customer.partner_id.id,
                            "acc_number": account.iban,
                            "bank_id": self._get_bank(account),
                        }
                    )
            except (UserError, ValidationError) as error:
                message = self.env._(
                    "Customer %(number)s: bank account left out, %(reason)s", number=account.customer, reason=str(error)
                )
                job.issue("warning", "invalid_bank", message, customer_number=account.customer, sage_table="F_BANQUET")

    def _get_bank(self, account):
        """Return the bank of that BIC, made when unknown."""
        if not account.bic:
            return False
        Bank = self.env["res.bank"]
        bank = Bank.search([("bic", "=ilike", account.bic)], limit=1)
        return (bank or Bank.create({"name": account.name or account.bic, "bic": account.bic})).id
