from odoo import fields, models


class ResPartner(models.Model):
    """What the customer is in Sage 100."""

    _inherit = "res.partner"

    sage100_customer_ids = fields.One2many(
        "sage100.customer", "partner_id", string="Sage 100 customer accounts", readonly=True
    )
