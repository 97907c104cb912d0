from odoo import api, fields, models

from .followup_window import window


class ResPartner(models.Model):
    """What the customer is in Sage 100."""

    _inherit = "res.partner"

    sage100_customer_ids = fields.One2many(
        "sage100.customer",
        "partner_id",
        string="Sage 100 customer accounts",
        readonly=True,
        groups="account_receivable_followup.followup_group_viewer,base.group_system",
    )
    sage100_conflict_count = fields.Integer(
        string="Number of conflicts with Sage",
        compute="_compute_sage100_conflict_count",
        compute_sudo=False,
        groups="account_receivable_followup.followup_group_viewer,base.group_system",
    )

    @api.depends("sage100_customer_ids.conflict_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sage100_conflict_count(self):
        """Count the conflicts that the user may see: those of his companies."""
        rows = self.env["sage100.conflict"]._read_group(
            [("customer_id.partner_id", "in", self.ids)], ["customer_id"], ["__count"]
        )
        counts = dict.fromkeys(self.ids, 0)
        for customer, count in rows:
            counts[customer.partner_id.id] += count
        for partner in self:
            partner.sage100_conflict_count = counts.get(partner._origin.id, 0)

    def action_view_sage100_conflicts(self):
        """Open the values on which Sage and Odoo disagree for this customer."""
        self.ensure_one()
        return window(self.env, "sage100_conflict_action", domain=[("customer_id.partner_id", "=", self.id)])
