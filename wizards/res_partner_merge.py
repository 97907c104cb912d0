from odoo import models


class BasePartnerMerge(models.TransientModel):
    """Merging customers merges their accounts."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        situations = (
            self.env["followup.situation"].sudo().search([("partner_id", "in", partners.commercial_partner_id.ids)])
        )
        companies = situations.company_id
        before = (partners | partners.commercial_partner_id).ids
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        left = self.env["res.partner"].sudo().browse(before).exists()
        self.env["followup.situation.queue"].sudo()._append(
            (partner.id, company.id) for partner in left.commercial_partner_id for company in companies
        )
        return result
