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
    followup_schedule = fields.Boolean(
        related="company_id.followup_schedule", readonly=False
    )
    followup_hour = fields.Float(
        related="company_id.followup_hour", readonly=False
    )
    followup_promise_grace = fields.Integer(
        related="company_id.followup_promise_grace", readonly=False
    )
    followup_dispute_grace = fields.Integer(
        related="company_id.followup_dispute_grace", readonly=False
    )
    followup_sms = fields.Boolean(
        related="company_id.followup_sms", readonly=False
    )
    followup_sender = fields.Selection(
        related="company_id.followup_sender", readonly=False
    )
    followup_reply_to = fields.Char(
        related="company_id.followup_reply_to", readonly=False
    )
