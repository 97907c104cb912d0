from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib import levels as rules
from .followup_facts_values import Settings

#: Fields of the customer, in the order of `Settings`.
FIELDS = (
    "followup_plan_id",
    "followup_user_id",
    "user_id",
    "followup_stop",
    "followup_stop_until",
    "followup_mode",
    "followup_proceedings",
    "followup_proceedings_date",
    "followup_forced_level_id",
)


class FollowupFacts(models.AbstractModel):
    """What persons set for the customers, and what left already."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_settings(self, company, partner_ids):
        """{partner id: Settings} in `company`."""
        Partner = self.env["res.partner"].sudo().with_company(company)
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id, %s FROM res_partner p WHERE p.id = ANY(%s)",
                SQL(", ").join(Partner._field_to_sql("p", name) for name in FIELDS),
                list(partner_ids),
            )
        )
        return {number: self._make_settings(*values) for number, *values in rows}

    @staticmethod
    def _make_settings(plan, user, seller, stop, stop_until, mode, proceedings, opened_on, level):
        return Settings(
            plan or None,
            user or None,
            seller or None,
            bool(stop),
            stop_until or None,
            rules.Mode(mode) if mode else None,
            # Without the court's day, every debt may be older: none is chased.
            (opened_on or date.max) if proceedings else None,
            level or None,
        )

    @api.model
    def _browse_customers(self, company, partner_ids):
        """These partners in `company`, with nothing in memory but what the follow-up asks of them."""
        partners = self.env["res.partner"].sudo().with_company(company).browse(partner_ids)
        partners.fetch(list(FIELDS))
        return partners

    @api.model
    def _fetch_payers(self, company):
        """{commercial partner id: that of who pays for it in the end} in `company`."""
        Partner = self.env["res.partner"].sudo().with_company(company)
        payers = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT p.id, payer.commercial_partner_id
                      FROM res_partner p
                      JOIN res_partner payer ON payer.id = %s
                     WHERE p.followup_payer_id IS NOT NULL
                       AND p.commercial_partner_id = p.id
                       AND payer.commercial_partner_id <> p.id
                    """,
                    Partner._field_to_sql("p", "followup_payer_id"),
                )
            )
        )
        return {number: self._find_root(number, payers) for number in payers}

    @staticmethod
    def _find_root(number, payers):
        seen = {number}
        while number in payers and payers[number] not in seen:
            number = payers[number]
            seen.add(number)
        return number

    @api.model
    def _expand(self, partner_ids, payers):
        """These entities with all those that share their payer; None stays None: all of them."""
        if partner_ids is None or not payers:
            return partner_ids
        roots = {payers.get(number, number) for number in partner_ids}
        return {*partner_ids, *roots, *(number for number, root in payers.items() if root in roots)}

    @api.model
    def _fetch_last_messages(self, company, partner_ids, states):
        """{partner id: day of the last message in one of these states}."""
        domain = self._get_last_messages_domain(company, partner_ids, states)
        groups = self.env["followup.reminder"].sudo()._read_group(domain, ["partner_id"], ["date:max"])
        return {partner.id: day for partner, day in groups}

    @api.model
    def _get_last_messages_domain(self, company, partner_ids, states):
        mine = Domain("company_id", "=", company.id) & Domain("partner_id", "in", partner_ids)
        return mine & Domain("state", "in", states)
