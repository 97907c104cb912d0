from odoo import fields, models


class Sage100Collaborator(models.Model):
    """Salesperson or collector of a Sage base, and the Odoo user it is (found by e-mail)."""

    _name = "sage100.collaborator"
    _description = "Sage 100 salesperson or collector"
    _order = "database_id, name"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="database_id.company_id", store=True, index=True)
    number = fields.Integer(string="Number in Sage", required=True)
    name = fields.Char(required=True)
    function = fields.Char()
    email = fields.Char()
    phone = fields.Char()
    seller = fields.Boolean(string="Salesperson")
    collector = fields.Boolean(string="In charge of collection")
    user_id = fields.Many2one("res.users", string="Odoo user", index="btree_not_null", ondelete="set null")

    _number_uniq = models.Constraint("UNIQUE(database_id, number)", "This collaborator is already known.")
