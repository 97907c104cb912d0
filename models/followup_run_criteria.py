from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class FollowupCriteriaMixin(models.AbstractModel):
    """Which customers a run is about: every criterion that is filled must be met."""

    _name = "followup.criteria.mixin"
    _description = "Criteria of a run"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    overdue_min = fields.Monetary(string="Overdue from", help="In the company currency. Zero: whatever the amount.")
    days_late_min = fields.Integer(string="Late by at least (days)", help="Of the oldest due line. Zero: any delay.")
    salesperson_ids = fields.Many2many("res.users", string="Salespeople", domain=[("share", "=", False)])
    category_ids = fields.Many2many("res.partner.category", string="Categories")
    country_ids = fields.Many2many("res.country", string="Countries")
    partner_domain = fields.Char(
        string="Other conditions",
        default="[]",
        help="On the customers: any of their fields, free fields of Sage included.",
    )

    @api.model
    def _get_criteria_fields(self):
        """Names of the fields that a favourite keeps."""
        return ["overdue_min", "days_late_min", "salesperson_ids", "category_ids", "country_ids", "partner_domain"]

    def _get_partner_conditions(self):
        """The conditions typed in the domain editor, as a domain on customers."""
        self.ensure_one()
        try:
            return Domain(literal_eval(self.partner_domain or "[]"))
        except (SyntaxError, ValueError, TypeError) as error:
            raise UserError(self.env._("“Other conditions” cannot be read: %(error)s", error=error)) from error

    def _is_any_customer(self):
        """Whether no criterion is filled."""
        self.ensure_one()
        return not any(
            (
                self.overdue_min,
                self.days_late_min,
                self.salesperson_ids,
                self.category_ids,
                self.country_ids,
                not self._get_partner_conditions().is_true(),
            )
        )

    def _get_situation_domain(self, day):
        """Domain of the account situations that meet the criteria on `day`."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain("overdue", ">", 0)
        if self.overdue_min:
            domain &= Domain("overdue", ">=", self.overdue_min)
        if self.days_late_min:
            domain &= Domain("oldest_due_date", "<=", day - timedelta(days=self.days_late_min))
        if self.salesperson_ids:
            domain &= Domain("salesperson_id", "in", self.salesperson_ids.ids)
        if self.category_ids:
            domain &= Domain("partner_id.category_id", "child_of", self.category_ids.ids)
        if self.country_ids:
            domain &= Domain("partner_id.country_id", "in", self.country_ids.ids)
        conditions = self._get_partner_conditions()
        if not conditions.is_true():
            domain &= Domain("partner_id", "any", conditions)
        return domain

    def _find_partners(self, day):
        """Customers that meet the criteria on `day`."""
        self.ensure_one()
        Situation = self.env["followup.situation"].with_company(self.company_id)
        Situation._refresh(self.company_id)
        return Situation.search(self._get_situation_domain(day)).partner_id

    def _describe_criteria(self):
        """The criteria in words, for the run that they gave."""
        self.ensure_one()
        texts = []
        if self.overdue_min:
            texts.append(self.env._("overdue from %(amount)s", amount=self.currency_id.format(self.overdue_min)))
        if self.days_late_min:
            texts.append(self.env._("late by %(days)s days or more", days=self.days_late_min))
        for records in (self.salesperson_ids, self.category_ids, self.country_ids):
            if records:
                texts.append(", ".join(records.mapped("display_name")))
        if not self._get_partner_conditions().is_true():
            texts.append(self.env._("other conditions"))
        return " · ".join(texts)


class FollowupRunCriteria(models.Model):
    """Criteria kept as a favourite: one's own, or shared with everybody."""

    _name = "followup.run.criteria"
    _inherit = ["followup.criteria.mixin"]
    _description = "Favourite criteria"
    _order = "name, id"

    name = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users", string="Whose", default=lambda self: self.env.user, help="Empty: shared with everybody."
    )
    criteria_text = fields.Char(string="Criteria", compute="_compute_criteria_text")

    _name_uniq = models.Constraint("UNIQUE (name, user_id, company_id)", "You already have a favourite with this name.")

    @api.depends(
        "overdue_min", "days_late_min", "salesperson_ids", "category_ids", "country_ids", "partner_domain", "company_id"
    )
    @api.depends_context("lang")
    def _compute_criteria_text(self):
        """Say the criteria in words; conditions that cannot be read must not close the list to its reader."""
        for criteria in self:
            try:
                criteria.criteria_text = criteria._describe_criteria()
            except UserError:
                criteria.criteria_text = self.env._("other conditions")
