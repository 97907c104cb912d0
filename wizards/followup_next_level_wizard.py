from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import levels as rules


class FollowupNextLevelWizard(models.TransientModel):
    """“Change the next level”: the one that the next message has, for the selected customers or due lines."""

    _name = "followup.next.level.wizard"
    _inherit = ["followup.selection.mixin"]
    _description = "Change the next level"

    plan_id = fields.Many2one("followup.plan", string="Follow-up plan", required=True, readonly=True)
    level_id = fields.Many2one(
        "followup.level",
        string="Next level",
        domain="[('plan_id', '=', plan_id), ('phase', '!=', 'thanks'), ('active', '=', True)]",
        help="Empty: back to the level that the plan gives.",
    )
    reason = fields.Char(required=True, help="Kept in the history of the customers.")

    @api.model
    def _get_defaults(self, records):
        plans = self._get_plans(records)
        if len(plans) != 1:
            raise UserError(
                self.env._("These customers do not have the same follow-up plan: select those of one plan at a time.")
            )
        return {"plan_id": plans.id}

    @api.model
    def _get_plans(self, records):
        """Plans that the customers of these situations or lines follow."""
        if records._name == "followup.situation":
            return records.plan_id
        Situation = self.env["followup.situation"]
        Situation._refresh(records.company_id)
        return Situation.search(
            [
                ("partner_id", "in", records.partner_id.commercial_partner_id.ids),
                ("company_id", "in", records.company_id.ids),
            ]
        ).plan_id

    def action_apply(self):
        """Set the next level, and note it on the customers."""
        self._check_may_apply()
        if self.level_id:
            self._check_order()
        values = {"followup_forced_level_id": self.level_id.id}
        for company, situations in self.situation_ids.grouped("company_id").items():
            partners = situations.partner_id.with_company(company)
            partners.with_context(tracking_disable=True).write(values)  # noted below, with the reason
            for partner in partners:
                partner.sudo()._message_log(body=self._describe(), author_id=self.env.user.partner_id.id)
        self._write_lines(values)
        return {"type": "ir.actions.act_window_close"}

    def _describe(self):
        if self.level_id:
            return self.env._(
                "Next level set by hand: %(level)s. Reason: %(reason)s", level=self.level_id.name, reason=self.reason
            )
        return self.env._("Next level as the plan gives it again. Reason: %(reason)s", reason=self.reason)

    def _check_order(self):
        """With a strict order, refuse at once a level whose previous one was never sent."""
        situations, lines = self.situation_ids.grouped("company_id"), self.line_ids.grouped("company_id")
        for company in situations.keys() | lines.keys():
            partners = self.env["res.partner"]
            if company in situations:
                partners |= situations[company].partner_id
            if company in lines:
                partners |= lines[company].partner_id.commercial_partner_id
            today = company.sudo()._followup_today()
            customers = self.env["followup.facts"].sudo()._get_customers(company, partners.ids)
            for customer in customers.values():
                self._check_customer_order(customer, today)

    def _check_customer_order(self, customer, today):
        level = next((level for level in customer.plan.levels if level.id == self.level_id.id), None)
        chosen = set(self.line_ids.ids)
        lines = [line for line in customer.lines if not chosen or line.id in chosen]
        if not level or not lines:
            return
        refusals = {rules.refusal(line, customer.plan, level, today) for line in lines}
        late = rules.Reason.PREVIOUS_NOT_DONE
        # Chosen lines must all be able to take the level; for a customer, one of its lines is enough.
        if late in refusals and (chosen or None not in refusals):
            raise UserError(
                self.env._(
                    "The plan “%(plan)s” keeps a strict order: “%(level)s” cannot be sent before the level before it "
                    "has been sent, on a known day.",
                    plan=self.plan_id.name,
                    level=self.level_id.name,
                )
            )
