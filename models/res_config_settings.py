from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Follow-up block of the settings page."""

    _inherit = "res.config.settings"

    followup_plan_id = fields.Many2one(
        related="company_id.followup_plan_id", readonly=False
    )
    followup_holiday_region = fields.Selection(
        related="company_id.followup_holiday_region", readonly=False
    )
    followup_user_id = fields.Many2one(
        related="company_id.followup_user_id", readonly=False
    )
    followup_freshness_hours = fields.Integer(
        related="company_id.followup_freshness_hours", readonly=False
    )
