from odoo import fields, models


class Sage100Contact(models.Model):
    """Contact of a Sage customer ↔ child contact of the partner."""

    _name = "sage100.contact"
    _description = "Sage 100 contact"
    _order = "customer_id, id"
    _rec_name = "sage_key"

    customer_id = fields.Many2one("sage100.customer", required=True, index=True, ondelete="cascade")
    database_id = fields.Many2one(
        related="customer_id.database_id", store=True, precompute=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="customer_id.company_id", store=True, precompute=True, index=True)
    sage_key = fields.Char(string="Key in Sage", required=True, help="CT_No, or what stands for it.")
    service = fields.Char()
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null", ondelete="set null")
    missing = fields.Boolean(string="Gone from Sage")
    archived = fields.Boolean(
        string="Archived by the synchronisation", help="It comes back by itself if Sage has it again."
    )
    digest = fields.Char(help="Digest of what was last read.")
    last_values = fields.Json(string="Values last written", help="What the last synchronisation wrote, field by field.")

    _key_uniq = models.UniqueIndex("(database_id, sage_key)", "This contact is already known.")
