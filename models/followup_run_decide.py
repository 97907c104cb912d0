from dataclasses import replace

from odoo import api, models

from ..lib import levels as rules
from ..lib.collector import uncollected


class FollowupRun(models.Model):
    """What a run decides, and what was asked of it: the same question at its preparation and when it is released."""

    _inherit = "followup.run"

    @api.model
    def _prepare_run(self, company, plan, date, partners=None, **vals):
        """Create a run: the messages due, and every overdue line left out with its reason.

        :param partners: customers that a person chose, each with its own plan; None: all those of `plan`
        :param vals: other values of the run (due lines chosen, level by hand, text added, criteria…)
        """
        vals = {
            "company_id": company.id,
            "plan_id": plan.id,
            "date": date,
            "by_hand": bool(partners or vals.get("line_ids")),
            "partner_ids": [(6, 0, partners.commercial_partner_id.ids)] if partners else False,
            **vals,
        }
        run = self.create(vals)
        run._compose()
        return run

    @uncollected()
    def _compose(self):
        """Write the messages of the run, and the lines that it leaves out."""
        self.ensure_one()
        decided = self._decide()
        self.env["followup.reminder"].sudo()._create_for_run(self, decided)
        self.sudo()._thank([key for key, (_customer, decision) in decided.items() if decision.messages])

    def _decide(self, partner_ids=None):
        """Decide on the customers of the run, the facts being read now.

        :param partner_ids: customers to look at again; None: all those that the run is about
        :return: {customer id: (lib.levels.Customer, lib.levels.CustomerDecision)}
        """
        self.ensure_one()
        run = self.sudo()
        plan = None
        if partner_ids is None:
            partner_ids = run._get_asked_partners()
            plan = run.plan_id if partner_ids is None else None
        facts = run.env["followup.facts"].with_context(followup_releasing_run_id=run.id)
        customers = facts._get_customers(run.company_id, partner_ids, plan)
        wishes = _Wishes(run)
        decided = {}
        for partner_id, customer in customers.items():
            asked = wishes.apply(customer)
            decided[partner_id] = asked, rules.decide_customer(asked, run.date)
        return decided

    def _get_asked_partners(self):
        """Ids of the customers that the run is about, None for all those of its plan."""
        if self.line_ids:
            return (self.line_ids.partner_id.commercial_partner_id | self.partner_ids).ids
        return self.partner_ids.ids or ([] if self.criteria_text else None)


class _Wishes:
    """What persons asked of a run, said to the rule as facts."""

    def __init__(self, run):
        """Read once what applies to all the customers of `run`."""
        self.by_hand = run.by_hand
        self.level_id = run.level_id.id or None
        self.chosen = frozenset(run.line_ids.ids)
        # A person who prepares a run on a Sunday has decided so.
        self.any_day = run.origin == "hand"
        Line = run.env["followup.reminder.line"]
        taken = Line.search_fetch(
            [("run_id", "=", run.id), ("reminder_id", "=", False), ("taken_from_id", "!=", False)], ["move_line_id"]
        )
        self.taken_out = frozenset(taken.move_line_id.ids)
        forced = Line.search_fetch(
            [("run_id", "=", run.id), ("reminder_id.level_by_hand", "=", True)], ["move_line_id", "reminder_id"]
        )
        self.forced = {line.move_line_id.id: line.reminder_id.level_id.id for line in forced}
        self._plans = {}

    def apply(self, customer):
        """The customer as the run looks at it."""
        lines = customer.lines
        if self.chosen:
            lines = tuple(line for line in lines if line.id in self.chosen or line.residual <= 0)
        if self.taken_out:
            lines = tuple(line for line in lines if line.id not in self.taken_out)
        if self.forced:
            lines = tuple(
                replace(line, forced_level_id=self.forced[line.id]) if line.id in self.forced else line
                for line in lines
            )
        changes = {}
        if lines is not customer.lines:
            changes["lines"] = lines
        if self.by_hand:
            changes["by_hand"] = True
        if self.level_id:
            changes["forced_level_id"] = self.level_id
        if self.any_day and (customer.plan.sending_days or customer.plan.skip_holidays):
            changes["plan"] = self._without_days(customer.plan)
        return replace(customer, **changes) if changes else customer

    def _without_days(self, plan):
        key = id(plan)
        if key not in self._plans:
            self._plans[key] = replace(plan, sending_days=frozenset(), skip_holidays=False)
        return self._plans[key]
