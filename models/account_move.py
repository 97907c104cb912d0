from odoo import models

#: Fields of an entry that its lines copy without being written, or that decide what its lines are worth.
FACT_FIELDS = {
    "company_id",
    "date",
    "invoice_date",
    "journal_id",
    "matched_payment_ids",
    "no_followup",
    "partner_id",
    "payment_state",
    "state",
}


class AccountMove(models.Model):
    """Entry: posting or cancelling it changes what a customer owes."""

    _inherit = "account.move"

    def write(self, vals):
        watched = not FACT_FIELDS.isdisjoint(vals)
        if watched:
            self.line_ids._followup_touch()
        result = super().write(vals)
        if watched:
            self.line_ids._followup_touch()
        return result
