from odoo import models
from odoo.tools import SQL

from ..lib.sage100.tiers_matching import Candidate, Candidates, Policy, Unknown, clean_siret, clean_vat


class Sage100LoaderCustomer(models.AbstractModel):
    """Recognising the partners that new customers of Sage already are."""

    _inherit = "sage100.loader.customer"

    def _match(self, job, customers):
        """Return number → decision, for the customers that a SIRET or a VAT number may identify."""
        policy = Policy(job.database.customer_matching)
        if policy == Policy.NEVER:
            return {}
        unknown = [Unknown(customer.number, customer.siret, customer.vat) for customer in customers]
        unknown = [item for item in unknown if clean_siret(item.siret) or clean_vat(item.vat)]
        if not unknown:
            return {}
        return Candidates(self._get_candidates(job, unknown)).decide_all(unknown, policy)

    def _get_candidates(self, job, unknown):
        """Return the commercial partners, visible to the company and not yet tied to this base, that have one of the
        numbers: as Odoo holds them, or as another Sage base bound to them does."""
        sirets = list({clean_siret(item.siret) for item in unknown} - {""})
        vats = list({clean_vat(item.vat) for item in unknown} - {""})
        self.env["res.partner"].flush_model(
            ["active", "commercial_partner_id", "company_id", "company_registry", "vat", "parent_id"]
        )
        self.env["sage100.customer"].flush_model(["partner_id", "siret", "vat", "missing", "database_id"])
        registry = SQL(r"regexp_replace(partner.company_registry, '\W', '', 'g')")
        vat = SQL(r"upper(regexp_replace(partner.vat, '[\s.-]', '', 'g'))")
        query = SQL(
            """
            WITH found AS (
                SELECT partner.commercial_partner_id AS id, %(registry)s AS siret, %(vat)s AS vat
                  FROM res_partner partner
                 WHERE %(registry)s = ANY(%(sirets)s) OR %(vat)s = ANY(%(vats)s)
                 UNION
                SELECT customer.partner_id, customer.siret, customer.vat
                  FROM sage100_customer customer
                 WHERE customer.database_id <> %(database)s
                   AND (customer.siret = ANY(%(sirets)s) OR customer.vat = ANY(%(vats)s))
            )
            SELECT found.id, found.siret, found.vat
              FROM found JOIN res_partner owner ON owner.id = found.id
             WHERE owner.active AND owner.id <> %(ourselves)s
               AND (owner.company_id IS NULL OR owner.company_id = ANY(%(companies)s))
               AND NOT EXISTS (
                   SELECT 1 FROM sage100_customer bound
                    WHERE bound.partner_id = owner.id AND bound.database_id = %(database)s
                      AND bound.missing IS NOT TRUE
               )
            """,
            registry=registry,
            vat=vat,
            sirets=sirets,
            vats=vats,
            database=job.database.id,
            ourselves=job.company.partner_id.id,
            companies=job.company.parent_ids.ids,
        )
        return [Candidate(row[0], row[1] or "", row[2] or "") for row in self.env.execute_query(query)]

    def _get_doubts(self, customer, decision):
        """Return the warning that several partners could be this customer."""
        if not decision or not decision.rivals:
            return []
        partners = self.env["res.partner"].browse(decision.rivals)
        message = self.env._(
            "Customer %(number)s: a new customer was made. Its SIRET or VAT number does not designate one customer of "
            "Odoo alone: %(partners)s.",
            number=customer.number,
            partners=", ".join(partners.mapped("display_name")),
        )
        return [self._prepare_warning(customer, "ambiguous", message)]
