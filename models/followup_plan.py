from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..lib import levels as rules
from ..lib.working_days import Region

#: Fields of the sending days, Monday first.
WEEKDAYS = (
    "send_monday",
    "send_tuesday",
    "send_wednesday",
    "send_thursday",
    "send_friday",
    "send_saturday",
    "send_sunday",
)


class FollowupPlan(models.Model):
    """A scenario: the rules common to its levels, and the levels themselves."""

    _name = "followup.plan"
    _inherit = ["followup.rule.mixin"]
    _description = "Follow-up plan"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: the plan serves every company.",
    )
    level_ids = fields.One2many(
        "followup.level",
        "plan_id",
        string="Levels",
        context={"active_test": False},
        copy=True,
    )
    level_count = fields.Integer(string="Number of levels", compute="_compute_level_count")
    strict_order = fields.Boolean(
        string="Strict order",
        help="A level may only be sent when the level before it has been sent.",
    )
    minimum_interval = fields.Integer(
        string="Minimum interval (days)",
        default=7,
        help="Calendar days between two messages to the same customer, whatever "
        "the level. Two messages never leave on the same day.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    # Amounts are compared in the company currency; a plan shared by several
    # companies holds the same figure for each of them.
    line_minimum = fields.Monetary(
        string="Minimum per line",
        help="Lines below this amount are not chased (company currency).",
    )
    customer_threshold = fields.Monetary(
        string="Threshold per customer",
        help="A customer owing less than this in total is not chased "
        "(company currency).",
    )

    customer_ceiling = fields.Monetary(
        string="Ceiling per customer",
        help="Above this total a person decides: the message is proposed and never leaves by itself. "
        "Zero: no ceiling (company currency).",
    )
    # Grouping
    grouping = fields.Selection(
        [
            ("customer", "One message a customer"),
            ("level", "One message a level"),
            ("document", "One message a document"),
        ],
        string="Messages",
        required=True,
        default="customer",
        help="One message a customer: at the highest level due, it lists every overdue line with its own level.",
    )
    group_by_payer = fields.Boolean(
        string="Chase the payer",
        help="The lines of the customers that a same payer pays for are chased together, at the payer.",
    )
    # Days
    first_delay = fields.Integer(
        string="First delay (days)",
        help="Calendar days after the due date before any reminder, whatever its level.",
    )
    send_monday = fields.Boolean(string="Monday", default=True)
    send_tuesday = fields.Boolean(string="Tuesday", default=True)
    send_wednesday = fields.Boolean(string="Wednesday", default=True)
    send_thursday = fields.Boolean(string="Thursday", default=True)
    send_friday = fields.Boolean(string="Friday", default=True)
    send_saturday = fields.Boolean(string="Saturday")
    send_sunday = fields.Boolean(string="Sunday")
    skip_holidays = fields.Boolean(
        string="Never on a public holiday", default=True, help="The public holidays of the company's region."
    )
    # Which entries
    journal_ids = fields.Many2many(
        "account.journal",
        string="Journals",
        help="Only the entries of these journals are chased; empty: those of every journal. A company none of whose "
        "journals is listed keeps all of its own.",
    )
    account_ids = fields.Many2many(
        "account.account",
        string="Accounts",
        domain=[("followup_kind", "!=", False)],
        help="Only the entries of these accounts are chased; empty: those of every account that is followed up.",
    )
    credit_policy = fields.Selection(
        [
            ("deduct", "Set against the debts"),
            ("show", "Shown only"),
        ],
        string="Payments and credit notes not matched",
        required=True,
        default="deduct",
        help="Set against the debts: a customer whose credits cover what is overdue gets no message. Shown only: the "
        "message lists them without deducting them; who owes nothing in total gets no message either.",
    )
    ignore_future_credits = fields.Boolean(
        string="Leave out credit notes not yet due",
        help="A credit note whose due date is to come does not lower what is chased.",
    )
    exclude_automatic_payment = fields.Boolean(
        string="Leave out what is collected automatically", default=True, help="Direct debits, LCR…"
    )
    exclude_promised = fields.Boolean(
        string="Wait for promises", default=True, help="What is promised is not chased until the day of the promise."
    )
    prescription_years = fields.Integer(
        string="Prescription (years)",
        default=5,
        help="Older documents are no longer chased, even when a person asks for it. Zero: no limit. Article L110-4 of "
        "the Code de commerce: five years between merchants.",
    )
    # Sending
    mode = fields.Selection(
        [
            ("automatic", "As each level says"),
            ("confirm", "Everything to confirm"),
            ("manual", "Everything by hand"),
        ],
        string="Sending",
        required=True,
        default="automatic",
        help="The strictest of the plan, the level and the customer applies.",
    )
    fallback_channel = fields.Selection(
        [
            ("letter", "Letter"),
            ("registered", "Registered letter"),
            ("phone", "Phone call"),
            ("other", "Other"),
        ],
        string="When an e-mail cannot be delivered",
        help="No address, refused or bounced: the same message is proposed through this channel. Empty: it is only "
        "listed.",
    )

    _minimum_interval_positive = models.Constraint(
        "CHECK (minimum_interval >= 0)",
        "The minimum interval cannot be negative.",
    )
    _delays_positive = models.Constraint(
        "CHECK (first_delay >= 0 AND prescription_years >= 0)",
        "A number of days or of years cannot be negative.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (line_minimum >= 0 AND customer_threshold >= 0 AND customer_ceiling >= 0)",
        "Minimum amounts cannot be negative.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = (plan.company_id or self.env.company).currency_id

    @api.depends("level_ids.active")
    def _compute_level_count(self):
        for plan in self:
            plan.level_count = len(plan.level_ids.filtered("active"))

    @api.constrains("active")
    def _check_default_plan_active(self):
        archived = self.filtered(lambda plan: not plan.active)
        used = (
            self.env["res.company"]
            .sudo()
            .search([("followup_plan_id", "in", archived.ids)], limit=1)
        )
        if used:
            raise ValidationError(
                self.env._(
                    "“%(plan)s” is the default plan of %(company)s. Choose another "
                    "default plan in the settings before archiving it.",
                    plan=used.followup_plan_id.name,
                    company=used.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["followup.run"].sudo().search([("plan_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "A plan that has already served cannot be deleted: "
                    "archive it, its history stays readable."
                )
            )

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%(name)s (copy)", name=plan.name))
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.model
    def _get_default_for(self, company):
        """The default plan of `company`: its setting, else the first plan it can use."""
        return company.followup_plan_id or self.search(
            Domain("company_id", "in", [False, company.id]), order="use_rule, sequence, id", limit=1
        )

    def _get_active_levels(self):
        """Levels that a message can use, in order: archived ones and thanks excluded."""
        self.ensure_one()
        return self.level_ids.filtered(
            lambda level: level.active and level.phase != "thanks"
        ).sorted(lambda level: (level.phase != "prevention", level.sequence, level.id))

    def _get_rules(self, region=Region.METROPOLE):
        """The plan as the plain facts that `lib.levels` decides on."""
        self.ensure_one()
        rank = 0
        levels = []
        for level in self._get_active_levels():
            if level.phase != "prevention":
                rank += 1
            levels.append(level._get_rules(rank))
        return rules.Plan(
            id=self.id,
            levels=tuple(levels),
            strict_order=self.strict_order,
            minimum_interval=self.minimum_interval,
            customer_threshold=Decimal(str(self.customer_threshold)),
            line_minimum=Decimal(str(self.line_minimum)),
            region=region,
            grouping=rules.Grouping(self.grouping),
            first_delay=self.first_delay,
            sending_days=frozenset(day for day, name in enumerate(WEEKDAYS) if self[name]),
            skip_holidays=self.skip_holidays,
            ceiling=Decimal(str(self.customer_ceiling)) if self.customer_ceiling else None,
            exclude_automatic_payment=self.exclude_automatic_payment,
            exclude_promised=self.exclude_promised,
            credit_policy=rules.CreditPolicy(self.credit_policy),
            ignore_future_credits=self.ignore_future_credits,
            prescription_years=self.prescription_years or None,
            mode=rules.Mode(self.mode),
        )

    def _rank_of(self, level):
        """Rank in this plan of a level already delivered, 0 for prevention.

        The level may have been archived since, or belong to a plan that the
        customer had before: it then counts as the last active level that does
        not come after it, so that nothing starts again from zero.
        """
        self.ensure_one()
        if level.phase == "prevention":
            return 0
        actives = self._get_active_levels().filtered(
            lambda active: active.phase != "prevention"
        )
        if level.plan_id == self:
            return len(
                actives.filtered(
                    lambda active: (active.sequence, active.id)
                    <= (level.sequence, level.id)
                )
            )
        return min(level._get_rank(), len(actives))
