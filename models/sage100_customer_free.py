from odoo import models


class Sage100Customer(models.Model):
    """The free fields of the customer's record in Sage, under the names that users gave them."""

    _name = "sage100.customer"
    _inherit = ["sage100.customer", "sage100.free.labels"]

    _free_target = "customer"
    _free_prefix = "free_"
