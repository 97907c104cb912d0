from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..lib import penalties
from .followup_interest_rate import DIGITS


class ResCompany(models.Model):
    """The company's own terms about late payment, for customers that are professionals.

    Public buyers and consumers owe what the law says, whatever the terms.
    """

    _inherit = "res.company"

    followup_rate_basis = fields.Selection(
        [("ecb", "The ECB's rate plus a margin"), ("fixed", "A rate of one's own")],
        string="Penalty rate",
        required=True,
        default="ecb",
        help="As the terms of sale say. Nothing in them: the ECB's rate plus ten points (article L441-10 of the Code "
        "de commerce).",
    )
    followup_rate_margin = fields.Float(string="Margin (points)", digits=DIGITS, default=10)
    followup_rate_fixed = fields.Float(string="Rate of the terms of sale (%)", digits=DIGITS)
    followup_rate_single = fields.Boolean(
        string="One rate for the whole delay",
        help="The rate of the half-year in which interest began, whatever happens next. Otherwise each half-year has "
        "its own.",
    )
    followup_indemnity = fields.Monetary(
        string="Fixed indemnity", default=40, help="For recovery costs, article D441-5 of the Code de commerce: 40 €."
    )
    followup_indemnity_per = fields.Selection(
        [("invoice", "Once an invoice"), ("instalment", "Once a due date of an invoice")],
        string="Indemnity due",
        required=True,
        default="invoice",
    )
    followup_imputation = fields.Selection(
        [("principal", "The invoice, as the books match it"), ("interest", "The interest, then the invoice")],
        string="A part payment pays first",
        required=True,
        default="principal",
        help="The law puts the interest first unless the creditor agrees otherwise (article 1343-1 of the Code civil). "
        "The detail of the penalties says which order was followed.",
    )

    _followup_penalties_positive = models.Constraint(
        "CHECK (followup_rate_margin >= 0 AND followup_rate_fixed >= 0 AND followup_indemnity >= 0)",
        "A rate, a margin or an indemnity cannot be negative.",
    )

    def _get_penalty_terms(self):
        """The terms as `lib.penalties` reads them."""
        self.ensure_one()
        return penalties.Terms(
            fixed=_exact(self.followup_rate_fixed) if self.followup_rate_basis == "fixed" else None,
            margin=_exact(self.followup_rate_margin),
            single_rate=self.followup_rate_single,
            indemnity=_exact(self.followup_indemnity),
            per_instalment=self.followup_indemnity_per == "instalment",
            imputation=penalties.Imputation(self.followup_imputation),
        )

    def _get_claim_key(self, kind, move_line, move, document):
        """What there is one claim for: a due line; an invoice for the indemnity, if so set.

        An entry imported from an accounting system may hold several invoices: the document tells them apart.
        """
        self.ensure_one()
        if kind == "indemnity" and self.followup_indemnity_per == "invoice":
            return kind, move.id, document or None
        return kind, move_line.id, None

    def _get_penalty_warning(self, day, terms=None):
        """What the screens that compute interest say: rates missing that day, a rate too low; False when all is well.

        :param terms: other terms than the company's own
        """
        self.ensure_one()
        Rate = self.env["followup.interest.rate"]
        terms, table = terms or self._get_penalty_terms(), Rate._get_table()
        texts = [Rate._get_warning(day)]
        if penalties.is_too_low(terms, day, table):
            texts.append(
                self.env._(
                    "The penalty rate of %(company)s (%(rate)s %%) is below the lowest one that the law allows: "
                    "%(floor)s %% on %(day)s, three times the legal rate.",
                    company=self.name,
                    rate=format_rate(self.env, penalties.rate_on(day, penalties.Regime.PROFESSIONAL, terms, table)),
                    floor=format_rate(self.env, penalties.floor_on(day, table)),
                    day=format_date(self.env, day),
                )
            )
        return " ".join(filter(None, texts)) or False


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_rate_basis = fields.Selection(related="company_id.followup_rate_basis", readonly=False)
    followup_rate_margin = fields.Float(related="company_id.followup_rate_margin", readonly=False)
    followup_rate_fixed = fields.Float(related="company_id.followup_rate_fixed", readonly=False)
    followup_rate_single = fields.Boolean(related="company_id.followup_rate_single", readonly=False)
    followup_indemnity = fields.Monetary(
        related="company_id.followup_indemnity", currency_field="currency_id", readonly=False
    )
    followup_indemnity_per = fields.Selection(related="company_id.followup_indemnity_per", readonly=False)
    followup_imputation = fields.Selection(related="company_id.followup_imputation", readonly=False)
    followup_penalty_warning = fields.Char(compute="_compute_followup_penalty_warning")

    @api.depends("company_id", "followup_rate_basis", "followup_rate_margin", "followup_rate_fixed")
    def _compute_followup_penalty_warning(self):
        """Of what is typed, before it is saved."""
        for settings in self:
            fixed = settings.followup_rate_basis == "fixed"
            terms = penalties.Terms(
                fixed=_exact(settings.followup_rate_fixed) if fixed else None,
                margin=_exact(settings.followup_rate_margin),
            )
            company = settings.company_id.sudo()
            settings.followup_penalty_warning = company._get_penalty_warning(company._followup_today(), terms)


def format_rate(env, rate):
    """A percentage as people write it: 12,15 or 7,125, in the language of `env`."""
    digits = 2 if rate == rate.quantize(Decimal("0.01")) else 3
    return formatLang(env, float(rate), digits=digits)


def _exact(number):
    return Decimal(str(number))
