from odoo import fields, models


class Sage100Database(models.Model):
    """How the customers of a base become partners."""

    _inherit = "sage100.database"

    customer_matching = fields.Selection(
        [
            ("both", "By SIRET, then by VAT number"),
            ("vat", "By VAT number only"),
            ("never", "Never: always make a new customer"),
        ],
        string="Recognise existing customers",
        required=True,
        default="both",
        help="The first time a customer of Sage is met, it is tied to the only customer of Odoo with the same number. "
        "Its values typed in Odoo stay. Never by name alone.",
    )
    accounting_services = fields.Char(
        string="Accounting services",
        default="compta",
        help="Words, separated by commas, that begin the name of a contact's service in Sage. "
        "The contacts of these services receive the reminders.",
    )
    payment_mode_ids = fields.One2many("sage100.payment.mode", "database_id", string="Payment modes")


class Sage100Sync(models.Model):
    """What became of customers in a synchronisation."""

    _inherit = "sage100.sync"

    customers_matched = fields.Integer(
        string="Customers recognised", help="Tied to a customer that Odoo already had, by SIRET or VAT number."
    )
    customers_renumbered = fields.Integer(string="Customers renumbered in Sage")
    customers_missing = fields.Integer(string="Customers gone from Sage")
    contacts_archived = fields.Integer(string="Contacts archived")
