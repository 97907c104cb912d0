from odoo import api, fields, models
from odoo.exceptions import UserError

from .sage100_bulk_run import LOADER


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

    # A mirror shows Sage: it changes with Sage, and by nobody else

    def button_draft(self):
        self._check_sage_mirror()
        return super().button_draft()

    def button_cancel(self):
        self._check_sage_mirror()
        return super().button_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sage_mirror(self):
        self._check_sage_mirror()

    def _check_sage_mirror(self):
        """Refuse to undo the mirror of a base that is still synchronised: the two would no longer agree.

        Once the base is archived nothing brings its entries any more: they may go.
        """
        if self.env.context.get(LOADER):
            return
        mirrors = self.filtered(lambda move: move.sage_database_id.active)
        if mirrors:
            raise UserError(
                self.env._(
                    "« %(name)s » mirrors an entry of Sage 100: change it in Sage, the next synchronisation brings the "
                    "change here. To remove the entries of a database that is no longer used, archive that database "
                    "first.",
                    name=mirrors[0].name,
                )
            )
