from odoo import fields, models


class Sage100Customer(models.Model):
    """Credit insurance and solvency, as they are kept in Sage (CT_Assurance, CT_Coface, CT_Sv…)."""

    _inherit = "sage100.customer"

    insured_amount = fields.Monetary(string="Credit insurance ceiling")
    coface_number = fields.Char(string="COFACE number")
    watched = fields.Boolean(string="Under watch")
    legal_form = fields.Char(string="Legal form")
    headcount = fields.Char()
    turnover = fields.Monetary(aggregator=None)
    net_result = fields.Monetary(string="Result", aggregator=None)
    incident = fields.Boolean(string="Payment incident")
    incident_date = fields.Date(string="Date of the incident")
    liens = fields.Boolean(string="Liens registered", help="Privileges registered by the tax office or social bodies.")
    payment_regularity = fields.Char(string="Regularity of payments")
    rating = fields.Char()
    solvency_date = fields.Date(string="Updated on")
    solvency_subject = fields.Char(string="Subject of the update")

    def _prepare_solvency(self, customer):
        """Return the values of this block for a customer read in Sage."""
        solvency = customer.solvency
        return {
            "insured_amount": float(customer.insured),
            "coface_number": customer.coface or False,
            "watched": solvency.watched,
            "legal_form": solvency.legal_form or False,
            "headcount": solvency.headcount or False,
            "turnover": float(solvency.turnover),
            "net_result": float(solvency.result),
            "incident": solvency.incident,
            "incident_date": solvency.incident_on or False,
            "liens": solvency.liens,
            "payment_regularity": solvency.regularity or False,
            "rating": solvency.rating or False,
            "solvency_date": solvency.updated_on or False,
            "solvency_subject": solvency.subject or False,
        }
