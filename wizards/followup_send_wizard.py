from odoo import api, fields, models
from odoo.exceptions import UserError


class FollowupSendWizard(models.TransientModel):
    """“Send reminders”: choose a plan and a date, then look at what would leave."""

    _name = "followup.send.wizard"
    _description = "Send reminders"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    plan_id = fields.Many2one(
        "followup.plan",
        string="Follow-up plan",
        required=True,
        check_company=True,
        compute="_compute_plan_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    date = fields.Date(
        string="Sending date",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
        help="Levels are those due on this day.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only these customers",
        help="Empty: every customer that the plan applies to.",
    )

    freshness = fields.Char(compute="_compute_freshness")
    is_stale = fields.Boolean(compute="_compute_freshness")

    @api.depends("company_id")
    def _compute_freshness(self):
        for wizard in self:
            freshness = wizard.company_id.sudo()._followup_freshness()
            wizard.freshness = freshness["text"]
            wizard.is_stale = freshness["state"] not in ("none", "fresh")

    @api.depends("company_id")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = self.env["followup.plan"]._get_default_for(
                wizard.company_id
            )

    @api.depends("company_id")
    def _compute_date(self):
        for wizard in self:
            wizard.date = wizard.company_id.sudo()._followup_today()

    def action_prepare(self):
        """Prepare the run and open its preview; nothing leaves yet."""
        self.ensure_one()
        if not self.plan_id.level_ids.filtered("active"):
            raise UserError(
                self.env._(
                    "The plan “%(plan)s” has no level. Add its levels in "
                    "Follow-ups ⇒ Configuration ⇒ Follow-up plans.",
                    plan=self.plan_id.name,
                )
            )
        run = self.env["followup.run"]._prepare_run(
            self.company_id, self.plan_id, self.date, self.partner_ids or None
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_receivable_followup.followup_run_action"
        )
        action.update(
            views=[(False, "form")], view_mode="form", res_id=run.id, target="current"
        )
        return action
