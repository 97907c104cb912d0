import re
import unicodedata

from markupsafe import escape

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize

from .sage100_job import chunks

SIZE = 200
# Labels that users type in Sage and that are no country name in Odoo's French or English lists.
COUNTRY_ALIASES = {
    "ANGLETERRE": "GB",
    "GRANDE BRETAGNE": "GB",
    "ROYAUME UNI": "GB",
    "UK": "GB",
    "HOLLANDE": "NL",
    "PAYS BAS": "NL",
    "USA": "US",
    "ETATS UNIS": "US",
    "ETATS UNIS D AMERIQUE": "US",
    "REPUBLIQUE TCHEQUE": "CZ",
    "TCHEQUIE": "CZ",
}
FRENCH_SPEAKING = ("FR", "MC", "BE", "LU", "CH", "GP", "MQ", "GF", "RE", "YT", "NC", "PF", "MA", "TN", "DZ", "SN", "CI")
LANGUAGES = {"fr": "fr_FR", "en": "en_US", "de": "de_DE", "es": "es_ES", "it": "it_IT", "nl": "nl_NL"}


def normalise(label):
    """Return a label without accents, punctuation nor case, to compare what people typed."""
    text = unicodedata.normalize("NFKD", label or "").encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", " ", text.upper()).strip()


def split_emails(text):
    """Return the addresses of a field where several are separated by ; or , or spaces."""
    found = (email_normalize(part) for part in re.split(r"[;,\s]+", text or "") if part)
    return list(dict.fromkeys(address for address in found if address))


class Sage100LoaderCustomer(models.AbstractModel):
    """Customers of Sage → partners. What a person typed in Odoo is never erased."""

    _name = "sage100.loader.customer"
    _description = "Sage 100 import: customers"

    def _load(self, job):
        """Bring collaborators, customers, contacts and bank accounts up to date."""
        job.checkpoint(self.env._("Customers"))
        collaborators = self._load_collaborators(job)
        lookup = self._get_lookup(job, collaborators)
        known = self._get_known(job)
        used = {entry.customer for entry in job.snapshot.entries}
        new, old = [], []
        for customer in job.snapshot.customers.values():
            if customer.number in known:
                old.append(customer)
            elif customer.number in used or not customer.dormant:
                new.append(customer)
        for chunk in chunks(new, SIZE):
            self._create_customers(job, chunk, lookup)
            job.checkpoint(self.env._("Customers"))
        for chunk in chunks(old, SIZE):
            self._update_customers(job, chunk, known, lookup)
            job.checkpoint(self.env._("Customers"))
        known = self._get_known(job)
        job.partners.update({number: customer.partner_id.id for number, customer in known.items()})
        self._link_payers(job, known)
        self.env["sage100.loader.contact"]._load(job, known)

    def _get_known(self, job):
        customers = self.env["sage100.customer"].search([("database_id", "=", job.database.id)])
        return {customer.number: customer for customer in customers}

    # What labels and numbers of Sage mean in Odoo

    def _get_lookup(self, job, collaborators):
        """Return what translates Sage's labels: countries, languages, collaborators."""
        countries = {}
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for lang in {*installed, "en_US"}:
            for country in self.env["res.country"].with_context(lang=lang).search([]):
                countries.setdefault(normalise(country.name), country.id)
                countries.setdefault(country.code, country.id)
        by_code = {country.code: country.id for country in self.env["res.country"].search([])}
        countries.update({alias: by_code[code] for alias, code in COUNTRY_ALIASES.items() if code in by_code})
        languages = {iso: code for iso, code in LANGUAGES.items() if code in installed}
        return {
            "countries": countries,
            "french_speaking": {by_code.get(code) for code in FRENCH_SPEAKING} | {None},
            "languages": languages,
            "collaborators": collaborators,
        }

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

    @staticmethod
    def _get_changes(record, vals):
        """Return the values that differ from the record's."""
        fields = record._fields
        return {
            name: value
            for name, value in vals.items()
            if fields[name].convert_to_write(record[name], record) != (value or False)
        }

    def _prepare_facts(self, job, customer, lookup):
        """Return what sage100.customer keeps of a customer."""
        collaborator = lookup["collaborators"].get(customer.collaborator)
        return {
            "name": customer.name,
            "payer_number": customer.payer or False,
            "collaborator_id": collaborator.id if collaborator else False,
            "risk": job.snapshot.risks.get(customer.risk) or False,
            "credit_limit": float(customer.credit_limit),
            "credit_control": str(customer.credit_control) if customer.credit_control in (0, 1, 2) else False,
            "no_reminder": customer.no_reminder,
            "no_penalty": customer.no_penalty,
            "dormant": customer.dormant,
        }

    def _prepare_partner(self, customer, lookup):
        """Return the partner's fields as Sage has them (plain values, so that they can be remembered and compared)."""
        collaborator = lookup["collaborators"].get(customer.collaborator)
        user = collaborator.user_id if collaborator else self.env["res.users"]
        emails = split_emails(customer.email)
        country = normalise(customer.country) or "FR"
        vals = {
            "name": customer.name,
            "ref": customer.number,
            "street": customer.address,
            "street2": customer.complement,
            "zip": customer.zip,
            "city": customer.city,
            "country_id": lookup["countries"].get(country, False),
            "vat": customer.vat,
            "company_registry": customer.siret,
            "phone": customer.phone,
            "website": customer.website,
            "email": emails[0] if emails else "",
            "comment": str(escape(customer.comment)),
            "lang": self._get_language(customer, country, lookup),
            "user_id": user.id if user and collaborator.seller else False,
            "followup_user_id": user.id if user and collaborator.collector else False,
            "followup_stop": customer.no_reminder,
            "followup_stop_reason": self.env._("Excluded from reminders in Sage") if customer.no_reminder else "",
        }
        return {name: value or False for name, value in vals.items()}

    @staticmethod
    def _get_language(customer, country, lookup):
        """Return the customer's language when installed; Sage rarely knows it, so the country tells."""
        languages = lookup["languages"]
        french = lookup["countries"].get(country) in lookup["french_speaking"]
        return languages.get(customer.language or ("fr" if french else "en")) or languages.get("fr", False)

    def _check_values(self, job, customer, vals, country=None):
        """Drop what Odoo would refuse (it is noted, never a reason to lose the customer)."""
        if vals.get("vat"):
            country = (
                self.env["res.country"].browse(vals.get("country_id") or []) or country or self.env.company.country_id
            )
            checked, _code = self.env["res.partner"]._run_vat_checks(country, vals["vat"], validation="setnull")
            if not checked:
                vals["vat"] = False
                message = self.env._(
                    "Customer %(number)s: VAT number « %(vat)s » is not valid, it was left out.",
                    number=customer.number,
                    vat=customer.vat,
                )
                job.issue("warning", "invalid_vat", message, customer_number=customer.number, sage_table="F_COMPTET")
        if customer.country and not vals.get("country_id", True):
            message = self.env._(
                "Customer %(number)s: country « %(label)s » is unknown.", number=customer.number, label=customer.country
            )
            job.issue("warning", "unknown_country", message, customer_number=customer.number, sage_table="F_COMPTET")
        return vals

    # Writing

    def _create_customers(self, job, customers, lookup):
        """Create partners and their bindings, all at once, else one by one so that a refused one stops no other."""
        values = [self._prepare_partner(customer, lookup) for customer in customers]
        checked = [
            self._check_values(job, customer, dict(vals)) for customer, vals in zip(customers, values, strict=True)
        ]
        try:
            with self.env.cr.savepoint():
                self._create_batch(job, customers, values, checked, lookup)
        except (UserError, ValidationError) as error:
            if len(customers) == 1:
                self._reject(job, customers[0], error)
                return
            for customer in customers:
                # The warnings are already noted: those of a second check would be doubles.
                before = len(job.issues)
                self._create_customers(job, [customer], lookup)
                job.issues[before:] = [issue for issue in job.issues[before:] if issue["kind"] == "rejected"]

    def _reject(self, job, customer, error):
        message = self.env._("Customer %(number)s refused: %(reason)s", number=customer.number, reason=str(error))
        job.issue(
            "rejected",
            "refused",
            message,
            customer_number=customer.number,
            sage_table="F_COMPTET",
            sage_key=customer.number,
        )

    def _create_batch(self, job, customers, values, checked, lookup):
        partners = self.env["res.partner"].create([{"is_company": True, **vals} for vals in checked])
        self.env["sage100.customer"].create(
            [
                {
                    "database_id": job.database.id,
                    "number": customer.number,
                    "partner_id": partner.id,
                    "last_values": self._remember(partner, vals),
                    **self._prepare_facts(job, customer, lookup),
                }
                for customer, partner, vals in zip(customers, partners, values, strict=True)
            ]
        )
        job.count("customers_created", len(customers))

    @staticmethod
    def _remember(partner, vals):
        """Return field → [value in Sage, value now in Odoo]: Odoo reformats some (VAT, phone, HTML)."""
        return {
            name: [value, partner._fields[name].convert_to_write(partner[name], partner)]
            for name, value in vals.items()
        }

    def _update_customers(self, job, customers, known, lookup):
        """Write what changed in Sage; an unchanged customer costs no query."""
        for customer in customers:
            record = known[customer.number]
            facts = self._get_changes(record, self._prepare_facts(job, customer, lookup))
            vals = self._get_news(record, self._prepare_partner(customer, lookup))
            if not facts and not vals:
                continue
            try:
                with self.env.cr.savepoint():
                    record.write(facts)
                    self._write_partner(job, customer, record, vals)
            except (UserError, ValidationError) as error:
                self._reject(job, customer, error)
            else:
                job.count("customers_updated")

    @staticmethod
    def _get_news(record, vals):
        """Return the values that changed in Sage since the last synchronisation."""
        last = record.last_values or {}
        return {name: value for name, value in vals.items() if name not in last or last[name][0] != value}

    def _write_partner(self, job, customer, record, news):
        """Write new values on the fields that nobody changed in Odoo, and remember them all.

        A field that someone changed stays theirs: it keeps the last imported value as its mark.
        """
        partner, last = record.partner_id, dict(record.last_values or {})
        now = self._remember(partner, news)
        before = {name: last[name][1] if name in last else False for name in news}
        free = {name: value for name, value in news.items() if before[name] == now[name][1]}
        if customer is not None:
            free = self._check_values(job, customer, free, partner.country_id)
        if free:
            partner.write(free)
        after = self._remember(partner, news)
        last.update({name: after[name] if name in free else [value, before[name]] for name, value in news.items()})
        record.last_values = last

    def _link_payers(self, job, known):
        for number, customer in job.snapshot.customers.items():
            record, payer = known.get(number), known.get(customer.payer)
            if record and record.payer_id != (payer or record.browse()):
                record.payer_id = payer
