from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    followup_read_receipt = fields.Boolean(
        string="Ask for a read receipt",
        help="The recipient's mail program asks him whether he accepts to tell that he opened the message. Nothing "
        "is traced without his knowing: there is no hidden picture in the messages.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_read_receipt = fields.Boolean(related="company_id.followup_read_receipt", readonly=False)
