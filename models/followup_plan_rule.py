import logging
from ast import literal_eval
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class FollowupPlan(models.Model):
    """Which customers a plan is for, when it is chosen by rule."""

    _inherit = "followup.plan"

    use_rule = fields.Boolean(
        string="Chosen by rule",
        help="Customers that fit the rule get this plan, unless they have their own. Plans are tried in their order.",
    )
    partner_domain = fields.Char(
        string="Customers", default="[]", help="Category, country, salesperson, free fields of Sage…"
    )
    rule_amount_min = fields.Monetary(string="Balance from", help="Zero: no limit (company currency).")
    rule_amount_max = fields.Monetary(string="Balance below", help="Zero: no limit (company currency).")

    _rule_amounts_ordered = models.Constraint(
        "CHECK (rule_amount_max = 0 OR rule_amount_min < rule_amount_max)",
        "The balance from which a plan applies must be lower than the one from which it no longer does.",
    )

    @api.constrains("use_rule", "partner_domain")
    def _check_partner_domain(self):
        for plan in self.filtered("use_rule"):
            try:
                plan._get_partner_domain().validate(self.env["res.partner"].sudo())
            except (SyntaxError, TypeError, ValueError) as error:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s”: the condition on the customers cannot be read. %(why)s", plan=plan.name, why=error
                    )
                ) from error

    def _get_partner_domain(self):
        self.ensure_one()
        return Domain(literal_eval((self.partner_domain or "[]").strip()))

    def _search_fitting(self, company, domain=Domain.TRUE):
        """Query of the partners that fit the rule in `company`, its balance left aside; None when nobody can.

        A rule that cannot be read any more (its field is gone) fits nobody, and stops nobody's follow-up.
        """
        self.ensure_one()
        Partner = self.env["res.partner"].sudo().with_company(company).with_context(active_test=False)
        try:
            return Partner._search(self._get_partner_domain() & domain)
        except (SyntaxError, TypeError, ValueError) as error:
            _logger.warning("The rule of follow-up plan %s is left out: %s", self.id, error)
            return None

    def _match(self, company, partner_ids):
        """Ids of those of these customers that fit the rule in `company`, their balance left aside."""
        found = self._search_fitting(company, Domain("id", "in", list(partner_ids)))
        return {number for (number,) in self.env.execute_query(found.select())} if found else set()

    def _fits_balance(self, balance):
        """Whether an open balance (Decimal, company currency; None for none) is within the rule."""
        self.ensure_one()
        balance = balance or Decimal(0)
        if self.rule_amount_min and balance < Decimal(str(self.rule_amount_min)):
            return False
        return not self.rule_amount_max or balance < Decimal(str(self.rule_amount_max))
