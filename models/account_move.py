from odoo import models


class AccountMove(models.Model):
    """Entry: posting or cancelling it changes what a customer owes."""

    _inherit = "account.move"

    def write(self, vals):
        watched = not {"state", "partner_id", "company_id"}.isdisjoint(vals)
        if watched:
            self.line_ids._followup_touch()
        result = super().write(vals)
        if watched:
            self.line_ids._followup_touch()
        return result
