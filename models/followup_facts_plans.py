from odoo.fields import Domain

from ..lib import levels as rules


class PlanFacts:
    """The plans of one company: which customer has which, and each as rules, computed once."""

    def __init__(self, env, company):
        self._env = env
        self._company = company.sudo()
        self._facts = {}
        plans = env["followup.plan"].sudo()
        self.default = plans._get_default_for(self._company)
        usable = Domain("company_id", "in", [False, company.id])
        self.with_rule = plans.search(usable & Domain("use_rule", "=", True))
        #: Whether a plan depends on what the customer owes.
        self.by_amount = any(plan.rule_amount_min or plan.rule_amount_max for plan in self.with_rule)
        #: Whether some plan, archived ones too, chases the payer of its customers.
        self.by_payer = bool(
            plans.with_context(active_test=False).search_count(usable & Domain("group_by_payer", "=", True), limit=1)
        )

    def choose(self, settings, balances):
        """{customer: plan}: its own, else the first whose rule fits, else the company's default.

        :param settings: {commercial partner id: its settings}
        :param balances: {commercial partner id: Decimal}, read when a rule is on the balance
        """
        plans = self._env["followup.plan"].sudo()
        chosen = {number: plans.browse(item.plan_id) for number, item in settings.items() if item.plan_id}
        left = settings.keys() - chosen.keys()
        for plan in self.with_rule:
            if not left:
                break
            found = {number for number in plan._match(self._company, left) if plan._fits_balance(balances.get(number))}
            chosen.update(dict.fromkeys(found, plan))
            left -= found
        chosen.update(dict.fromkeys(left, self.default))
        return chosen

    def facts_of(self, plan):
        if plan.id not in self._facts:
            self._facts[plan.id] = _OnePlan(self._env, self._company, plan)
        return self._facts[plan.id]


class _OnePlan:
    """One plan as rules; which lines it holds, which rank a level already delivered has in it."""

    def __init__(self, env, company, plan):
        self._levels = env["followup.level"].sudo().with_context(active_test=False)
        self._plan = plan
        self._ranks = {}
        own = plan.journal_ids.filtered(lambda journal: journal.company_id in company.parent_ids)
        self._journals = frozenset(own.ids)
        self._accounts = frozenset(plan.account_ids.ids)
        self.holds_all = not self._journals and not self._accounts
        region = company._followup_region()
        # Without plan: figures are right, nothing is ever due.
        self.rules = plan._get_rules(region) if plan else rules.Plan(id=0, levels=(), region=region)

    def holds(self, journal_id, account_id):
        return (not self._journals or journal_id in self._journals) and (
            not self._accounts or account_id in self._accounts
        )

    def rank_of(self, level_id):
        if not self._plan:
            return None
        if level_id not in self._ranks:
            self._ranks[level_id] = self._plan._rank_of(self._levels.browse(level_id))
        return self._ranks[level_id]
