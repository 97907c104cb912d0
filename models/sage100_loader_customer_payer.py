from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class Sage100LoaderCustomer(models.AbstractModel):
    """Payers of Sage (*tiers payeur*) → the payers of the customers' follow-up."""

    _inherit = "sage100.loader.customer"

    def _link_payers(self, job):
        """Sage overwrites the payer of a customer only while it still is the one that Sage gave."""
        before = self._get_payers(job)
        result = super()._link_payers(job)
        for number, (partner_id, payer_id) in self._get_payers(job).items():
            known = before.get(number, (partner_id, None))[1]
            if payer_id != known:
                self._set_payer(job, number, partner_id, known, payer_id)
        return result

    def _get_payers(self, job):
        """{Sage number: (partner id, id of its payer or None)}."""
        self.env["sage100.customer"].flush_model(["number", "partner_id", "payer_id", "database_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT customer.number, customer.partner_id, payer.partner_id FROM sage100_customer customer "
                "LEFT JOIN sage100_customer payer ON payer.id = customer.payer_id WHERE customer.database_id = %s",
                job.database.id,
            )
        )
        return {number: (partner_id, payer_id) for number, partner_id, payer_id in rows}

    def _set_payer(self, job, number, partner_id, known, payer_id):
        partner = self.env["res.partner"].with_company(job.company).browse(partner_id)
        if (partner.followup_payer_id.id or None) != known or payer_id == partner_id:
            return
        try:
            with self.env.cr.savepoint():
                partner.followup_payer_id = payer_id
                self.env.flush_all()
        except ValidationError as error:
            message = self.env._("Customer %(number)s: payer left out. %(reason)s", number=number, reason=str(error))
            job.issue(
                "warning",
                "payer",
                message,
                scope="customer",
                customer_number=number,
                sage_table="F_COMPTET",
                sage_key=number,
            )
