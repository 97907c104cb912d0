from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    """What a due line is in Sage 100: its number, its piece, its matching code, the reminders that Sage sent."""

    _inherit = "account.move.line"

    # EC_No is an SQL Server int, hence 32 bits like this Integer.
    sage_database_id = fields.Many2one(
        "sage100.database",
        string="Sage 100 database",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        readonly=True,
    )
    sage_ec_no = fields.Integer(
        string="Sage entry number", copy=False, readonly=True, aggregator=None, help="EC_No of the original."
    )
    sage_current_ec_no = fields.Integer(
        string="Current Sage entry number",
        copy=False,
        readonly=True,
        aggregator=None,
        help="EC_No of the opening entry that stands for it in the open fiscal year, when there is one.",
    )
    sage_journal = fields.Char(string="Sage journal", copy=False, readonly=True)
    sage_piece = fields.Char(string="Sage piece", copy=False, readonly=True)
    sage_document = fields.Char(string="Invoice number in Sage", copy=False, readonly=True)
    sage_reference = fields.Char(string="Sage reference", copy=False, readonly=True)
    sage_lettering = fields.Char(string="Sage matching code", copy=False, readonly=True)
    sage_payment_mode = fields.Char(string="Payment mode in Sage", copy=False, readonly=True)
    sage_reminders = fields.Integer(string="Reminder level in Sage", copy=False, readonly=True, aggregator=None)
    sage_reminded_on = fields.Date(string="Last reminder in Sage", copy=False, readonly=True)
    sage_closed = fields.Boolean(string="Closed in Sage", copy=False, readonly=True)
    # Named by the user among the free fields of the base
    sage_free_1 = fields.Char(string="Sage free field 1", copy=False, readonly=True)
    sage_free_2 = fields.Char(string="Sage free field 2", copy=False, readonly=True)
    sage_free_3 = fields.Char(string="Sage free field 3", copy=False, readonly=True)
    # Bookkeeping of the synchronisation
    sage_hash = fields.Char(
        string="Fingerprint of the Sage entry",
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What was imported, to tell what changed.",
    )

    # The identity of an imported line: nothing is ever imported twice.
    _sage_ec_no_uniq = models.UniqueIndex(
        "(sage_database_id, sage_ec_no) WHERE sage_database_id IS NOT NULL AND sage_ec_no <> 0",
        "This Sage entry is already imported.",
    )

    @api.depends("sage_document", "sage_piece")
    def _compute_followup_document(self):
        """Prefer the line's own invoice number: one piece may hold several invoices."""
        result = super()._compute_followup_document()
        for line in self:
            if line.sage_database_id:
                line.followup_document = line.sage_document or line.sage_piece or line.followup_document
        return result

    def _search_followup_document(self, operator, value):
        domain = super()._search_followup_document(operator, value)
        if domain is NotImplemented:
            return domain
        return Domain(domain) | Domain("sage_document", operator, value)
