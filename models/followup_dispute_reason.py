from odoo import fields, models


class FollowupDisputeReason(models.Model):
    """Why a customer contests what it is asked to pay."""

    _name = "followup.dispute.reason"
    _description = "Reason of a dispute"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
