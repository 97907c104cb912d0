from odoo import api, fields, models
from odoo.tools import SQL

from .followup_facts_plans import PlanFacts


class FollowupPlanMatch(models.Model):
    """Which customers fitted a plan's rule when their situation was last brought up to date.

    A rule may be on anything (a country's name, a free field of Sage, a date): no write can be watched for it. What
    the rules say now is compared with these rows instead.
    """

    _name = "followup.plan.match"
    _description = "Customers that fit the rule of a follow-up plan"
    _log_access = False

    plan_id = fields.Many2one("followup.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")

    _match_uniq = models.Constraint("UNIQUE(company_id, plan_id, partner_id)", "A customer fits a rule once.")

    @api.model
    def _refresh(self, company):
        """Keep what the rules say now; return the ids of the customers for whom it changed."""
        plans = PlanFacts(self.env, company)
        changed = set()
        if plans.with_rule:
            payers = self.env["followup.facts"]._fetch_payers(company) if plans.by_payer else {}
            for plan in plans.with_rule:
                changed |= self._refresh_plan(company, plan, sorted(set(payers.values())))
        return changed

    @api.model
    def _refresh_plan(self, company, plan, payer_ids):
        """The same for one plan, among customers with a situation and payers. Plain SQL: a table of ids only."""
        fitting = plan._search_fitting(company)
        return {
            number
            for (number,) in self.env.execute_query(
                SQL(
                    """
                    WITH fitting AS MATERIALIZED (
                        SELECT p.id
                          FROM res_partner p
                         WHERE (p.id IN (SELECT partner_id FROM followup_situation WHERE company_id = %(company)s)
                                OR p.id = ANY(%(payers)s))
                           AND %(fitting)s
                    ), gone AS (
                        DELETE FROM followup_plan_match
                         WHERE company_id = %(company)s
                           AND plan_id = %(plan)s
                           AND partner_id NOT IN (SELECT id FROM fitting)
                     RETURNING partner_id
                    ), found AS (
                        INSERT INTO followup_plan_match (company_id, plan_id, partner_id)
                        SELECT %(company)s, %(plan)s, id FROM fitting
                        ON CONFLICT DO NOTHING
                     RETURNING partner_id
                    )
                    SELECT partner_id FROM gone UNION SELECT partner_id FROM found
                    """,
                    company=company.id,
                    plan=plan.id,
                    payers=payer_ids,
                    fitting=SQL("p.id IN %s", fitting.subselect()) if fitting else SQL("FALSE"),
                )
            )
        }
