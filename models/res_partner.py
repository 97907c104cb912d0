from odoo import api, fields, models

from .account_move_line_followup import READERS

FOLLOWUP_FIELDS = {
    "followup_forced_level_id",
    "followup_mode",
    "followup_payer_id",
    "followup_plan_id",
    "followup_proceedings",
    "followup_proceedings_date",
    "followup_stop",
    "followup_stop_until",
    "followup_user_id",
    "is_company",
    "parent_id",
    "user_id",
}


class ResPartner(models.Model):
    """Customer: who chases it, how, and whether it is chased at all."""

    _inherit = "res.partner"

    followup_plan_id = fields.Many2one(
        "followup.plan",
        string="Follow-up plan",
        company_dependent=True,
        help="Empty: the company's default plan.",
    )
    followup_user_id = fields.Many2one(
        "res.users",
        string="Person in charge",
        company_dependent=True,
        domain=[("share", "=", False)],
    )
    followup_stop = fields.Boolean(
        string="Stop follow-up",
        company_dependent=True,
        groups=READERS,
        help="No reminder leaves for this customer until the stop is lifted.",
    )
    followup_stop_reason = fields.Char(
        string="Note on the stop", company_dependent=True, groups=READERS
    )
    followup_contact = fields.Boolean(
        string="Receives the reminders",
        help="Reminders are sent to this contact rather than to the company's "
        "general address.",
    )
    followup_situation_ids = fields.One2many(
        "followup.situation",
        "partner_id",
        string="Account situations",
        groups=READERS,
    )
    followup_balance = fields.Monetary(
        string="Balance followed up",
        compute="_compute_followup_amounts",
        currency_field="followup_currency_id",
        groups=READERS,
    )
    followup_overdue = fields.Monetary(
        string="Overdue",
        compute="_compute_followup_amounts",
        currency_field="followup_currency_id",
        groups=READERS,
    )
    followup_currency_id = fields.Many2one(
        "res.currency", string="Currency of the follow-up", compute="_compute_followup_amounts", groups=READERS
    )

    @api.depends_context("company")
    @api.depends("followup_situation_ids.balance", "followup_situation_ids.overdue")
    def _compute_followup_amounts(self):
        company = self.env.company
        situations = {
            situation.partner_id: situation
            for situation in self.env["followup.situation"].search(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", company.id),
                ]
            )
        }
        for partner in self:
            situation = situations.get(partner.commercial_partner_id)
            partner.followup_balance = situation.balance if situation else 0
            partner.followup_overdue = situation.overdue if situation else 0
            partner.followup_currency_id = company.currency_id

    def write(self, vals):
        watched = not FOLLOWUP_FIELDS.isdisjoint(vals)
        before = self.commercial_partner_id if watched else self.browse()
        result = super().write(vals)
        if watched:
            self._followup_touch(before)
        return result

    def _followup_touch(self, before):
        """Queue these customers, and those that were theirs `before`, where one of them has a situation: the lines of
        a contact follow it to another firm."""
        partners = self.commercial_partner_id | before
        situations = self.env["followup.situation"].sudo().search([("partner_id", "in", (self | partners).ids)])
        pairs = {(s.partner_id.id, s.company_id.id) for s in situations}
        pairs |= {(partner.id, company.id) for partner in partners for company in situations.company_id}
        self.env["followup.situation.queue"].sudo()._append(pairs)

    def action_open_followup_situation(self):
        """Open the customer's account situation in the current company."""
        self.ensure_one()
        return self.env["followup.situation"]._open_for(self.commercial_partner_id)
