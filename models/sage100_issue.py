from odoo import api, fields, models

#: Why a row is to be looked at.
REASONS = [
    # Rows of Sage that cannot be used
    ("no_key", "Entry without number"),
    ("no_period", "Entry without period"),
    ("bad_side", "Entry neither debit nor credit"),
    ("no_customer", "Entry without customer"),
    ("unsettled", "Entries changed while they were read"),
    ("missing_free_field", "Free field gone from the base"),
    # Opening entries and lettering
    ("not_carried", "Open entry absent from the opening of the next fiscal year"),
    ("balance_differs", "Opening balance that is not the sum of the open entries"),
    ("stale_opening", "Opening entry of an entry settled since"),
    ("unbalanced_history", "Settled entries of a closed year that do not balance"),
    ("unbalanced", "Matching code whose entries do not balance"),
    # Writing in Odoo
    ("locked", "Date locked in Odoo"),
    ("refused", "Refused by Odoo"),
    ("unreconciled", "Reconciliation made in Odoo and undone"),
    ("unknown_currency", "Unknown currency"),
    # Customers
    ("invalid_vat", "VAT number that is not valid"),
    ("invalid_bank", "Bank account that is not valid"),
    ("unknown_country", "Unknown country"),
    ("ambiguous", "Several customers share a SIRET or VAT number"),
    ("many_gone", "Many contacts gone from Sage at once"),
    ("payer", "Payer that pays for itself through others"),
    # Control totals
    ("control", "Balance that differs from Sage"),
]


class Sage100Issue(models.Model):
    """Something a person should look at after a synchronisation: a row left out, a doubt, a difference."""

    _name = "sage100.issue"
    _description = "Row to look at after a Sage 100 synchronisation"
    _order = "database_id, kind, id"
    _rec_name = "message"

    sync_id = fields.Many2one("sage100.sync", string="Synchronisation", required=True, index=True, ondelete="cascade")
    database_id = fields.Many2one(related="sync_id.database_id", store=True, index=True)
    company_id = fields.Many2one(related="sync_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("control", "Balance that differs from Sage"),
            ("rejected", "Row left out"),
            ("warning", "To check"),
        ],
        required=True,
        index=True,
    )
    reason = fields.Selection(REASONS, required=True, index=True)
    scope = fields.Selection(
        [("read", "Reading"), ("customer", "Customers"), ("entry", "Entries"), ("control", "Control totals")],
        string="Found by",
        required=True,
        default="entry",
        help="Step that notes it, and withdraws it when it examines the same thing again.",
    )
    message = fields.Char(required=True)
    sage_table = fields.Char(string="Sage table")
    sage_key = fields.Char(string="Sage number", help="EC_No of the entry, or number of the customer.")
    customer_number = fields.Char(string="Customer in Sage")
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null", ondelete="set null")
    currency_id = fields.Many2one(related="company_id.currency_id")
    sage_amount = fields.Monetary(string="In Sage")
    odoo_amount = fields.Monetary(string="In Odoo")
    difference = fields.Monetary(compute="_compute_difference")

    @api.depends("sage_amount", "odoo_amount")
    def _compute_difference(self):
        for issue in self:
            issue.difference = issue.odoo_amount - issue.sage_amount

    @api.model
    def _selection_reason(self):
        """Reasons in the reader's language."""
        return self._fields["reason"]._description_selection(self.env)
