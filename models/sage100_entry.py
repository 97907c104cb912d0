from odoo import api, fields, models

#: What became of an entry (lib.sage100.opening_entries.Fate), written by the loader.
FATES = [
    ("open", "Due line"),
    ("history", "Settled in a closed year"),
    ("alias", "Opening entry of a line kept"),
    ("stale", "Opening entry of an entry settled since"),
    ("late", "Due line, typed after the opening of the next year"),
    ("late_settled", "Settled, typed after the opening of the next year"),
    ("dropped", "Left out"),
]


class Sage100Entry(models.Model):
    """Entry (F_ECRITUREC) as it was last read, whatever becomes of it: what the next reading is compared with.

    Filled by set-based SQL, in the same transaction as ``sage100.pending``, which says whose lines must be made again.
    """

    _name = "sage100.entry"
    _description = "Entry read in Sage 100"
    _order = "database_id, customer, date, ec_no"
    _rec_name = "ec_no"
    _log_access = False

    database_id = fields.Many2one("sage100.database", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="database_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    ec_no = fields.Integer(string="Sage entry number", required=True, aggregator=None, help="EC_No.")
    customer = fields.Char(string="Customer in Sage", required=True, help="CT_Num.")
    account = fields.Char(required=True, help="CG_Num.")
    journal = fields.Char(required=True, help="JO_Num.")
    date = fields.Date(required=True, help="JM_Date and EC_Jour.")
    piece = fields.Char(help="EC_Piece.")
    label = fields.Char(help="EC_Intitule.")
    amount = fields.Monetary(required=True, help="EC_Montant, negative for a credit.")
    due_date = fields.Date(string="Due date", help="EC_Echeance.")
    invoice = fields.Char(string="Invoice number in Sage", help="EC_RefPiece.")
    reference = fields.Char(help="EC_Reference.")
    payment_mode = fields.Integer(string="Payment mode number", aggregator=None, help="N_Reglement.")
    sage_currency = fields.Integer(string="Currency number", aggregator=None, help="N_Devise.")
    # Two decimals whatever the currency: so are they in Sage's books.
    amount_currency = fields.Float(
        string="Amount in currency", digits=(24, 2), aggregator=None, help="EC_Devise, negative for a credit."
    )
    lettered = fields.Boolean(help="EC_Lettre.")
    lettering = fields.Char(string="Matching code", help="EC_Lettrage.")
    opening = fields.Integer(string="Opening entry kind", aggregator=None, help="EC_ANType.")
    reminders = fields.Integer(string="Reminder level in Sage", aggregator=None, help="EC_Rappel.")
    reminded_on = fields.Date(string="Last reminder in Sage", help="EC_DateRelance.")
    closed = fields.Boolean(string="Closed in Sage", help="EC_Cloture.")
    # The Sage server's own local time, never converted.
    modified_at = fields.Datetime(string="Modified in Sage", help="cbModification.")
    free_1 = fields.Char(string="Free field 1")
    free_2 = fields.Char(string="Free field 2")
    free_3 = fields.Char(string="Free field 3")
    # Written by the loader
    fate = fields.Selection(FATES, string="What became of it", readonly=True)
    missing = fields.Boolean(
        readonly=True, help="Not found by the reading in progress, which is still to be confirmed."
    )
    gone = fields.Boolean(string="Gone from Sage", readonly=True, help="Its line is about to be removed.")

    _ec_no_uniq = models.UniqueIndex("(database_id, ec_no)", "This entry has already been read.")
    _customer_index = models.Index("(database_id, customer)")
    # A few rows of many, looked for at each synchronisation; none bears the fate, so that writing it moves no row.
    _missing_index = models.Index("(database_id) WHERE missing")
    _opening_index = models.Index("(database_id, date, account, opening, ec_no) WHERE opening <> 0")

    def init(self):
        """Leave room in the table's pages: each entry is updated soon after it came, when its fate is known.

        Less than half is filled, so that the second version of all the rows of a page stays in it and no index is
        written again; in full pages, these versions take as much room elsewhere.
        """
        self.env.cr.execute("ALTER TABLE sage100_entry SET (fillfactor = 46)")

    @api.depends("ec_no", "journal", "piece")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = f"{entry.journal} {entry.piece or ''} ({entry.ec_no})"


class Sage100Pending(models.Model):
    """Customer whose entries, or whatever their lines depend on, changed: lines and matching are to be made again.

    Added in the transaction that changes an entry, removed in the one that makes the lines: a crash between the two
    loses nothing.
    """

    _name = "sage100.pending"
    _description = "Sage 100 customer whose lines are to be made again"
    _log_access = False

    database_id = fields.Many2one("sage100.database", required=True, ondelete="cascade")
    number = fields.Char(required=True)
    # Entries that changed, as they were and as they are (lib.sage100.reach): what they do not reach is left as it is.
    # NULL has everything of the customer examined again, and stays so: it absorbs what PostgreSQL joins to it.
    traces = fields.Json(string="Changed entries")

    _number_uniq = models.UniqueIndex("(database_id, number)")
