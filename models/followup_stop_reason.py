from odoo import fields, models


class FollowupStopReason(models.Model):
    """Why the follow-up of a customer or of a due line is stopped."""

    _name = "followup.stop.reason"
    _description = "Reason of a stop"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
