from odoo import models


class AccountMoveLine(models.Model):
    """The free fields of the entry in Sage, under the names that users gave them."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "sage100.free.labels"]

    _free_target = "entry"
    _free_prefix = "sage_free_"
