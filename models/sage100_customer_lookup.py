"""What labels and numbers of Sage mean in Odoo. Plain Python: it lives as long as one synchronisation."""

from collections import defaultdict
from functools import cached_property

from ..lib.sage100.tiers_terms import Wording, describe
from ..lib.sage100.tiers_values import digest, normalise

# To be raised when customers or contacts become something else in Odoo: all are then examined again.
LAYOUT = 1
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


class CustomerLookup:
    """Translates the labels of one base; what an unchanged base does not need is never fetched."""

    def __init__(self, env, job, collaborators):
        self.env = env
        self.snapshot = job.snapshot
        self.company = job.company
        self.collaborators = collaborators
        self.people = {
            number: (person.id, person.user_id.id, person.seller, person.collector)
            for number, person in collaborators.items()
        }
        self.terms, self.mandates = defaultdict(list), defaultdict(list)
        for term in job.snapshot.terms:
            self.terms[term.customer].append(term)
        for mandate in job.snapshot.mandates:
            self.mandates[mandate.customer].append(mandate)
        self.languages = {iso: code for iso, code in LANGUAGES.items() if code in self.installed}
        self._salt = digest(
            LAYOUT,
            env.lang,
            sorted(self.installed),
            self.company.account_use_credit_limit,
            sorted(job.snapshot.payment_modes.items()),
            sorted(job.snapshot.countries.items()),
        )

    @cached_property
    def installed(self):
        """Codes of the installed languages."""
        return [code for code, _name in self.env["res.lang"].get_installed()]

    def digest(self, customer):
        """Return a digest of all that the partner and the facts of a customer come from."""
        number = customer.number
        return digest(
            self._salt,
            customer,
            self.people.get(customer.collaborator),
            self.snapshot.risks.get(customer.risk),
            self.terms.get(number),
            self.mandates.get(number),
        )

    @cached_property
    def _country_by_code(self):
        return {country.code: country.id for country in self.env["res.country"].search([])}

    @cached_property
    def _country_by_label(self):
        """Label → country. The table of the base (F_PAYS) comes first, then the names that Odoo knows."""
        by_code, found = self._country_by_code, {}
        for label, code in self.snapshot.countries.items():
            if code in by_code:
                found.setdefault(normalise(label), by_code[code])
        for lang in dict.fromkeys([*self.installed, "en_US"]):
            for country in self.env["res.country"].with_context(lang=lang).search([]):
                found.setdefault(normalise(country.name), country.id)
        for code, country_id in by_code.items():
            found.setdefault(code, country_id)
        for alias, code in COUNTRY_ALIASES.items():
            if code in by_code:
                found.setdefault(alias, by_code[code])
        return found

    def country(self, customer):
        """Return the id of a customer's country, False when its label is unknown; no label means France."""
        return self._country_by_label.get(normalise(customer.country) or "FR", False)

    @cached_property
    def _french_speaking(self):
        return {self._country_by_code.get(code) for code in FRENCH_SPEAKING} | {False}

    def language(self, customer):
        """Return the customer's language when installed; Sage rarely knows it, so the country tells."""
        french = self.country(customer) in self._french_speaking
        return self.languages.get(customer.language or ("fr" if french else "en")) or self.languages.get("fr", False)

    def payment_terms(self, customer):
        """Return the payment terms in words, in the language of the synchronisation."""
        return describe(self.terms.get(customer.number, ()), self.snapshot.payment_modes, self._wording)

    def payment_modes(self, customer):
        """Return the names of the modes in which a customer pays."""
        modes = (self.snapshot.payment_modes.get(term.mode) for term in self.terms.get(customer.number, ()))
        return ", ".join(dict.fromkeys(filter(None, modes)))

    @cached_property
    def _wording(self):
        env = self.env
        return Wording(
            cash=env._("on receipt"),
            net=env._("%(days)s days net"),
            calendar_month=env._("%(days)s days, end of calendar month"),
            month=env._("%(days)s days, end of month"),
            end_of_month=env._("end of month"),
            falls=env._("%(delay)s, on the %(days)s"),
            percent=env._("%(value)s %%: %(delay)s"),
            amount=env._("%(value)s: %(delay)s"),
            balance=env._("balance: %(delay)s"),
            mode=env._("%(delay)s (%(mode)s)"),
            many=env._("%(number)s due dates – %(parts)s"),
        )
