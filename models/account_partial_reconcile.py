from odoo import api, fields, models


class AccountPartialReconcile(models.Model):
    """Matching (lettrage): it changes residuals without writing on the lines."""

    _inherit = "account.partial.reconcile"

    # Tells what Sage settled from what a person reconciled, which no synchronisation undoes.
    sage_database_id = fields.Many2one(
        "sage100.database", string="Sage 100 database", ondelete="restrict", copy=False, readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._followup_touch()
        return partials

    def unlink(self):
        self._followup_touch()
        return super().unlink()

    def _followup_touch(self):
        (self.debit_move_id | self.credit_move_id)._followup_touch()
