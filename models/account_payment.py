from odoo import api, models

#: Fields of a payment that say what is on its way (see `followup.facts._fetch_in_process`).
FACT_FIELDS = {
    "amount",
    "company_id",
    "currency_id",
    "invoice_ids",
    "journal_id",
    "move_id",
    "partner_id",
    "partner_type",
    "payment_type",
    "state",
}


class AccountPayment(models.Model):
    """Payment: without an entry yet, it already keeps its customer from being chased (T01)."""

    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments._followup_touch()
        return payments

    def write(self, vals):
        watched = not FACT_FIELDS.isdisjoint(vals)
        if watched:
            self._followup_touch()
        result = super().write(vals)
        if watched:
            self._followup_touch()
        return result

    def unlink(self):
        self._followup_touch()
        return super().unlink()

    def _followup_touch(self):
        self.env["followup.situation.queue"].sudo()._append(
            (payment.partner_id.commercial_partner_id.id, payment.company_id.id)
            for payment in self.sudo()
            if payment.partner_id and payment.company_id and payment.partner_type == "customer"
        )
