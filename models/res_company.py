from datetime import datetime

import pytz

from odoo import api, fields, models

from ..lib.working_days import Region

#: Settings that the decision depends on.
RULE_FIELDS = {"followup_holiday_region", "followup_plan_id"}


class ResCompany(models.Model):
    """Company-wide settings of the follow-up."""

    _inherit = "res.company"

    followup_plan_id = fields.Many2one(
        "followup.plan",
        string="Default follow-up plan",
        domain="[('company_id', 'in', [False, id])]",
        default=lambda self: self.env.ref(
            "account_receivable_followup.followup_plan_default",
            raise_if_not_found=False,
        ),
    )
    followup_holiday_region = fields.Selection(
        [("metropole", "Mainland France"), ("alsace_moselle", "Alsace-Moselle")],
        string="Public holidays",
        default="metropole",
        required=True,
        help="Alsace-Moselle adds Good Friday and 26 December.",
    )
    followup_user_id = fields.Many2one(
        "res.users",
        string="Person in charge of follow-ups",
        help="Signs the reminders of customers who have no person in charge.",
    )
    # The schedule
    followup_schedule = fields.Boolean(
        string="Prepare the reminders every day",
        help="Every sending day at this hour, the reminders due are prepared, and the automatic ones leave.",
    )
    followup_hour = fields.Float(
        string="Hour of the preparation", default=8.25, help="Local hour of the company: 8.25 is a quarter past eight."
    )
    # Days of grace, in calendar days
    followup_promise_grace = fields.Integer(
        string="Grace after a promise (days)",
        default=2,
        help="A promise is broken, and the line chased again, when nothing came so long after its day.",
    )
    followup_dispute_grace = fields.Integer(
        string="Grace after a dispute (days)",
        default=5,
        help="A line is not chased so long after its dispute was settled.",
    )
    # Messages
    followup_sms = fields.Boolean(string="Send SMS", help="Needs an SMS provider.")
    followup_sender = fields.Selection(
        [("responsible", "The person in charge"), ("company", "The company")],
        string="Reminders come from",
        required=True,
        default="responsible",
    )
    followup_reply_to = fields.Char(string="Answers go to", help="Empty: to the sender.")
    #: Day of the last full rebuild of the situations; written by SQL only.
    followup_situation_date = fields.Date(string="Account situations of", readonly=True, copy=False)

    def write(self, vals):
        if not RULE_FIELDS.isdisjoint(vals):
            self._followup_expire_situations()
        return super().write(vals)

    def _followup_today(self):
        """Today in the company's own time zone, the same for whoever asks: a technical
        user works in UTC and would chase an invoice a day early or late."""
        self.ensure_one()
        return self._followup_now().date()

    def _followup_zone(self):
        """The company's own time zone."""
        self.ensure_one()
        return pytz.timezone(self.partner_id.tz or "Europe/Paris")

    def _followup_now(self):
        """This moment on the company's own clock."""
        return datetime.now(self._followup_zone())

    def _followup_localize(self, moment):
        """A moment (UTC, without zone) on the company's own clock."""
        return pytz.utc.localize(moment).astimezone(self._followup_zone())

    @api.model
    def _followup_to_utc(self, moment):
        """A moment with its zone as Odoo stores it: UTC, without zone."""
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def _followup_region(self):
        self.ensure_one()
        return Region(self.followup_holiday_region)

    @api.model
    def _followup_expire_situations(self):
        """Have every situation rebuilt before it is next read: a rule has changed.

        Plain SQL: a shared row must not be held by whoever edits a plan.
        """
        self.env.cr.execute(
            "UPDATE res_company SET followup_situation_date = NULL"
            " WHERE followup_situation_date IS NOT NULL"
        )
        self.invalidate_model(["followup_situation_date"])
