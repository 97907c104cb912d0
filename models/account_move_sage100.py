from odoo import api, fields, models


class AccountMove(models.Model):
    """Mirror of a Sage piece. Its name is Sage's: no sequence of Odoo owns it, none can get a hole from it."""

    _inherit = "account.move"

    sage_database_id = fields.Many2one(
        "sage100.database",
        string="Sage 100 database",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        readonly=True,
    )

    @api.depends("sage_database_id")
    def _compute_split_sequence(self):
        """Keep Sage's numbers out of Odoo's numbering: a piece number may hold anything, and be missing."""
        mirrors = self.filtered("sage_database_id")
        for move in mirrors:
            move.sequence_prefix = f"{move.journal_id.code}/"
            move.sequence_number = 0
        return super(AccountMove, self - mirrors)._compute_split_sequence()

    def _compute_made_sequence_gap(self):
        mirrors = self.filtered("sage_database_id")
        mirrors.made_sequence_gap = False
        return super(AccountMove, self - mirrors)._compute_made_sequence_gap()

    def _set_next_made_sequence_gap(self, made_gap):
        others = self.filtered(lambda move: not move.sage_database_id)
        return super(AccountMove, others)._set_next_made_sequence_gap(made_gap)

    def _sequence_matches_date(self):
        return bool(self.sage_database_id) or super()._sequence_matches_date()
