from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: What is set for a payer decides for all those it pays for.
PAYER_FIELDS = {
    "followup_forced_level_id",
    "followup_mode",
    "followup_plan_id",
    "followup_proceedings",
    "followup_proceedings_date",
    "followup_stop",
    "followup_stop_until",
    "is_company",
    "parent_id",
}


class ResPartner(models.Model):
    """Customer whose invoices another one pays (*tiers payeur*)."""

    _inherit = "res.partner"

    followup_payer_id = fields.Many2one(
        "res.partner",
        string="Payer",
        company_dependent=True,
        index="btree_not_null",
        domain=[("parent_id", "=", False)],
        help="Customer that pays for this one: a plan may chase the payer for all those it pays for.",
    )

    @api.constrains("followup_payer_id")
    def _check_followup_payer(self):
        for partner in self:
            seen = partner
            payer = partner.followup_payer_id.commercial_partner_id
            while payer:
                if payer in seen:
                    raise ValidationError(
                        self.env._("%(customer)s cannot pay for itself, even through others.", customer=partner.name)
                    )
                seen |= payer
                payer = payer.followup_payer_id.commercial_partner_id

    def write(self, vals):
        before = self._followup_get_payers() if "followup_payer_id" in vals else self.browse()
        result = super().write(vals)
        if "followup_payer_id" in vals:
            payers = before | self._followup_get_payers()
            self._followup_queue((payer.id, self.env.company.id) for payer in payers)
        if not PAYER_FIELDS.isdisjoint(vals):
            self._followup_queue(self._followup_fetch_paid_for())
        return result

    def _followup_get_payers(self):
        return self.sudo().followup_payer_id.commercial_partner_id

    @api.model
    def _followup_queue(self, pairs):
        self.env["followup.situation.queue"].sudo()._append(pairs)

    def _followup_fetch_paid_for(self):
        """(id, company id) of these payers where they pay for others: they may have no entry of their own."""
        plans = self.env["followup.plan"].sudo().with_context(active_test=False)
        if not plans.search_count([("group_by_payer", "=", True)], limit=1):
            return ()
        self.env["res.partner"].flush_model(["followup_payer_id", "commercial_partner_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT payer.commercial_partner_id, company.id
                  FROM res_partner p
            CROSS JOIN LATERAL jsonb_each_text(p.followup_payer_id) AS own(company_id, payer_id)
                  JOIN res_partner payer ON payer.id = own.payer_id::int
                  JOIN res_company company ON company.id = own.company_id::int
                 WHERE p.followup_payer_id IS NOT NULL
                   AND payer.commercial_partner_id = ANY(%s)
                """,
                self.commercial_partner_id.ids,
            )
        )
