from odoo import fields, models


class FollowupDisputeLine(models.Model):
    """Due line, or part of one, that a customer contests."""

    _name = "followup.dispute.line"
    _inherit = ["followup.debt.line.mixin"]
    _description = "Disputed due line"
    _order = "dispute_id, id"
    _check_company_auto = True
    _holder = "dispute_id"

    dispute_id = fields.Many2one("followup.dispute", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id")
    open_amount = fields.Monetary(help="What was open when the dispute was opened, in the currency of the line.")
    amount = fields.Monetary(string="Disputed")

    _line_uniq = models.UniqueIndex("(dispute_id, move_line_id)", "This due line is already in the dispute.")

    def _describe_not_open(self, document):
        return self.env._("%(document)s is not an open due line: nothing of it can be disputed.", document=document)

    def _describe_wrong_amount(self, document, amount):
        return self.env._(
            "%(document)s: dispute more than zero and at most %(amount)s.", document=document, amount=amount
        )
