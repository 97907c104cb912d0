from odoo import api, fields, models
from odoo.fields import Domain

from .sage100_free_field import PLACES

GROUP = "account_receivable_followup.followup_group_viewer"
SLOTS = range(1, PLACES["customer"] + 1)


def _free_field(slot):
    """Return the field of one place: not stored, since it differs with the company."""
    return fields.Char(
        string=f"Sage free field {slot}",
        compute="_compute_sage_free",
        search=lambda records, operator, value: records._search_sage_free(slot, operator, value),
        compute_sudo=True,
        groups=GROUP,
    )


class ResPartner(models.Model):
    """The free fields of the customer in Sage, for filters and for the texts of reminders."""

    _name = "res.partner"
    _inherit = ["res.partner", "sage100.free.labels"]

    _free_target = "customer"
    _free_prefix = "sage_free_"

    sage_free_1 = _free_field(1)
    sage_free_2 = _free_field(2)
    sage_free_3 = _free_field(3)
    sage_free_4 = _free_field(4)
    sage_free_5 = _free_field(5)
    sage_free_6 = _free_field(6)
    sage_free_7 = _free_field(7)
    sage_free_8 = _free_field(8)
    sage_free_9 = _free_field(9)
    sage_free_10 = _free_field(10)

    @api.model
    def _get_free_companies(self):
        """Return the current company, as the values do. A screen that names no company (the choice of the columns of
        an export) gets the names of all the user's."""
        return self.env.company if self.env.context.get("allowed_company_ids") else self.env.companies

    @api.depends("sage100_customer_ids", *(f"sage100_customer_ids.free_{slot}" for slot in SLOTS))
    @api.depends_context("company")
    def _compute_sage_free(self):
        """Read the accounts of the current company; a partner with several (two bases, two numbers) shows each value
        once."""
        company = self.env.company
        for partner in self:
            customers = partner.sage100_customer_ids.filtered(lambda customer: customer.company_id == company)
            for slot in SLOTS:
                values = dict.fromkeys(filter(None, customers.mapped(f"free_{slot}")))
                partner[f"sage_free_{slot}"] = ", ".join(values) or False

    def _search_sage_free(self, slot, operator, value):
        """Search the accounts of the current company; « not set » also finds customers that Sage does not know."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented  # the ORM asks for the others and takes the rest
        name = f"free_{slot}"
        own = Domain("company_id", "=", self.env.company.id)
        if operator == "in" and not all(value):
            others = Domain(f"sage_{name}", "in", [item for item in value if item])
            return others | ~Domain("sage100_customer_ids", "any", own & Domain(name, "not in", [False, ""]))
        return Domain("sage100_customer_ids", "any", own & Domain(name, operator, value))
