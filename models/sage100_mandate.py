from odoo import api, fields, models


class Sage100Mandate(models.Model):
    """SEPA mandate of a Sage customer, for information: nothing here collects money."""

    _name = "sage100.mandate"
    _description = "Sage 100 SEPA mandate"
    _order = "customer_id, number"
    _rec_name = "reference"

    customer_id = fields.Many2one("sage100.customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, precompute=True, index=True)
    number = fields.Integer(string="Number in Sage", required=True, aggregator=None, help="MD_No.")
    reference = fields.Char(string="Reference (RUM)")
    signed_date = fields.Date(string="Signed on")
    business = fields.Boolean(string="Between companies (B2B)")
    revoked = fields.Boolean()
    sage_status = fields.Integer(string="Status in Sage", aggregator=None, help="MD_Statut, as Sage holds it.")
    state = fields.Selection(
        [("active", "In force"), ("revoked", "Revoked")], compute="_compute_state", string="Status"
    )

    @api.depends("revoked")
    def _compute_state(self):
        for mandate in self:
            mandate.state = "revoked" if mandate.revoked else "active"
