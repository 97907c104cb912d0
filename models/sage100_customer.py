from odoo import api, fields, models


class Sage100Customer(models.Model):
    """Customer account (*tiers*) of a Sage base ↔ partner, with what only Sage knows of it."""

    _name = "sage100.customer"
    _description = "Sage 100 customer"
    _order = "database_id, number"
    _rec_names_search = ["number", "name"]

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="database_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(string="Number in Sage", required=True)
    name = fields.Char(string="Name in Sage", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    # Facts of Sage
    payer_number = fields.Char(string="Payer in Sage", help="Another account that pays for this customer.")
    payer_id = fields.Many2one("sage100.customer", index="btree_not_null", ondelete="set null")
    collaborator_id = fields.Many2one(
        "sage100.collaborator", string="Salesperson or collector", index="btree_not_null", ondelete="set null"
    )
    risk = fields.Char(string="Risk code")
    credit_limit = fields.Monetary(string="Authorised outstanding")
    credit_control = fields.Selection([("0", "Automatic control"), ("1", "By risk code"), ("2", "Account blocked")])
    no_reminder = fields.Boolean(string="Excluded from reminders in Sage")
    no_penalty = fields.Boolean(string="Excluded from penalties in Sage")
    dormant = fields.Boolean(string="Dormant in Sage")
    # Named by the user among the free fields of the base
    free_1 = fields.Char(string="Free field 1")
    free_2 = fields.Char(string="Free field 2")
    free_3 = fields.Char(string="Free field 3")
    free_4 = fields.Char(string="Free field 4")
    free_5 = fields.Char(string="Free field 5")
    free_6 = fields.Char(string="Free field 6")
    free_7 = fields.Char(string="Free field 7")
    free_8 = fields.Char(string="Free field 8")
    free_9 = fields.Char(string="Free field 9")
    free_10 = fields.Char(string="Free field 10")
    contact_ids = fields.One2many("sage100.contact", "customer_id", string="Contacts")
    last_values = fields.Json(
        help="For each field of the partner: the value in Sage, and the value then written in Odoo. "
        "Sage overwrites a field only "
        "while it still holds the latter."
    )

    _number_uniq = models.Constraint("UNIQUE(database_id, number)", "This customer is already known.")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for customer in self:
            customer.display_name = f"{customer.number} – {customer.name}"

    def action_view_partner(self):
        """Open the partner."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
