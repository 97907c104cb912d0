from odoo import fields, models


class ResCompany(models.Model):
    """What becomes of the payments that nobody lettered in Sage."""

    _inherit = "res.company"

    sage100_allot_credits = fields.Boolean(
        string="Deduct unmatched credits from the oldest due dates",
        help="Payments and credit notes that no matching code of Sage binds are set against the customer's oldest due "
        "dates, on the same account and in the same currency. Otherwise they stay apart, as unmatched credits. The "
        "balance is the same either way.",
    )


class Sage100Database(models.Model):
    """What the lines of this base depend on."""

    _inherit = "sage100.database"

    allot_credits = fields.Boolean(related="company_id.sage100_allot_credits", readonly=False)
    lines_context = fields.Text(
        string="Context of the due lines",
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What all the lines depended on when they were last made: another makes them all again.",
    )
