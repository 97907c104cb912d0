from odoo import api, fields, models
from odoo.fields import Domain

#: What P_CRISQUE.R_Type says to do with an order.
EFFECTS = [("0", "Deliver"), ("1", "Watch"), ("2", "Block")]


class Sage100Customer(models.Model):
    """Customer account (*tiers*) of a Sage base ↔ partner, with what only Sage knows of it."""

    _name = "sage100.customer"
    _description = "Sage 100 customer"
    _order = "database_id, number"
    _rec_names_search = ["number", "name"]

    # Identity
    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="database_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(string="Number in Sage", required=True)
    name = fields.Char(string="Name in Sage", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    matched_by = fields.Selection(
        [("siret", "SIRET"), ("vat", "VAT number")],
        string="Recognised by",
        help="How a partner that Odoo already had was recognised. Empty: the partner was made from Sage.",
    )
    missing = fields.Boolean(
        string="Gone from Sage", help="This number is no longer in Sage: deleted, or merged with another."
    )
    siret = fields.Char(string="SIRET in Sage", index="btree_not_null")
    vat = fields.Char(string="VAT number in Sage", index="btree_not_null")
    main_contact = fields.Char(string="Main contact")
    # Who pays, who sells
    payer_number = fields.Char(string="Payer in Sage", help="Another account that pays for this customer.")
    payer_id = fields.Many2one("sage100.customer", index="btree_not_null", ondelete="set null")
    collaborator_id = fields.Many2one(
        "sage100.collaborator", string="Salesperson or collector", index="btree_not_null", ondelete="set null"
    )
    # Payment and credit
    payment_terms = fields.Char(
        string="Payment terms", help="Terms agreed in Sage; the due dates of entries already follow them."
    )
    payment_modes = fields.Char(string="Payment modes")
    risk = fields.Char(string="Risk code")
    risk_effect = fields.Selection(EFFECTS, string="Effect of the risk code")
    credit_limit = fields.Monetary(string="Authorised outstanding")
    credit_control = fields.Selection(
        [("0", "Automatic control"), ("1", "By risk code"), ("2", "Account blocked")], string="Credit control"
    )
    blocked = fields.Boolean(
        string="Blocked in Sage",
        compute="_compute_blocked",
        search="_search_blocked",
        help="The account is blocked, or its credit is decided by a risk code that blocks.",
    )
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
    # What belongs to it
    contact_ids = fields.One2many("sage100.contact", "customer_id", string="Contacts")
    mandate_ids = fields.One2many("sage100.mandate", "customer_id", string="SEPA mandates")
    bank_ids = fields.One2many(related="partner_id.bank_ids", string="Bank accounts")
    conflict_ids = fields.One2many("sage100.conflict", "customer_id", string="Conflicts")
    conflict_count = fields.Integer(string="Number of conflicts", compute="_compute_conflict_count")
    # Kept by the synchronisation
    mark = fields.Integer(help="cbMarq: recognises a customer whose number changed.", aggregator=None)
    digest = fields.Char(help="Digest of what was last read: the same means that nothing is to be written.")
    last_values = fields.Json(
        string="Values last written",
        help="For each field of the partner: the value in Sage, and the value then written in Odoo. "
        "Sage overwrites a field only while it still holds the latter.",
    )

    _number_uniq = models.Constraint("UNIQUE(database_id, number)", "This customer is already known.")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for customer in self:
            customer.display_name = f"{customer.number} – {customer.name}"

    @api.depends("credit_control", "risk_effect")
    def _compute_blocked(self):
        for customer in self:
            by_risk = customer.credit_control == "1" and customer.risk_effect == "2"
            customer.blocked = customer.credit_control == "2" or by_risk

    def _search_blocked(self, operator, value):
        if operator != "in":
            return NotImplemented
        by_risk = Domain("credit_control", "=", "1") & Domain("risk_effect", "=", "2")
        blocked = Domain("credit_control", "=", "2") | by_risk
        return Domain.OR(blocked if wanted else ~blocked for wanted in value)

    @api.depends("conflict_ids")
    def _compute_conflict_count(self):
        counts = dict(
            self.env["sage100.conflict"]._read_group([("customer_id", "in", self.ids)], ["customer_id"], ["__count"])
        )
        for customer in self:
            customer.conflict_count = counts.get(customer, 0)

    def action_view_partner(self):
        """Open the partner."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
