from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..lib.penalties import Rates
from ..lib.semesters import next_semester, semester_of

#: Decimals of a rate, in percent.
DIGITS = (6, 3)


class FollowupInterestRate(models.Model):
    """The rates of one half-year, from which late-payment penalties are computed.

    Facts of the law, the same for every company, published twice a year: the European Central Bank's main refinancing
    rate on 1 January and 1 July, and the legal rate that applies when the creditor is a firm (order of the minister of
    the economy). They are typed here, and never guessed.
    """

    _name = "followup.interest.rate"
    _description = "Penalty rate"
    _order = "date_from DESC"
    _rec_name = "date_from"

    date_from = fields.Date(
        string="From", required=True, help="First day of the half-year: 1 January or 1 July.", copy=False
    )
    date_to = fields.Date(string="To", compute="_compute_date_to")
    ecb_rate = fields.Float(
        string="ECB rate (%)",
        digits=DIGITS,
        help="Main refinancing rate of the European Central Bank on the first day of the half-year, in percent. The "
        "law's own penalty rate is this one plus ten points (article L441-10 of the Code de commerce).",
    )
    legal_rate = fields.Float(
        string="Legal rate (%)",
        digits=DIGITS,
        help="Legal interest rate, in percent, for creditors that are firms: neither the one for private persons nor "
        "the one that follows a judgment. A rate agreed upon may not be below three times it.",
    )
    default_rate = fields.Float(string="Penalty rate by law (%)", digits=DIGITS, compute="_compute_others")
    public_rate = fields.Float(string="Public buyers (%)", digits=DIGITS, compute="_compute_others")
    floor_rate = fields.Float(string="Lowest rate allowed (%)", digits=DIGITS, compute="_compute_others")
    source = fields.Char(help="Where the rates were read, so that anybody can check them.")
    note = fields.Text()

    _date_from_uniq = models.Constraint("UNIQUE(date_from)", "The rates of this half-year are already there.")
    _rates_sensible = models.Constraint(
        "CHECK (ecb_rate BETWEEN 0 AND 50 AND legal_rate BETWEEN 0 AND 50)",
        "A rate is a percentage a year: 2.15 for 2,15 %.",
    )

    @api.depends("date_from")
    def _compute_date_to(self):
        for rate in self:
            rate.date_to = rate.date_from and fields.Date.subtract(next_semester(rate.date_from), days=1)

    @api.depends("ecb_rate", "legal_rate")
    def _compute_others(self):
        for rate in self:
            rate.default_rate = rate.ecb_rate + 10
            rate.public_rate = rate.ecb_rate + 8
            rate.floor_rate = 3 * rate.legal_rate

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for rate in self:
            rate.display_name = self.env._(
                "From %(start)s to %(end)s",
                start=format_date(self.env, rate.date_from),
                end=format_date(self.env, rate.date_to),
            )

    @api.constrains("date_from")
    def _check_date_from(self):
        for rate in self:
            if rate.date_from != semester_of(rate.date_from):
                raise ValidationError(
                    self.env._(
                        "The law fixes these rates twice a year: choose 1 January or 1 July, not %(day)s.",
                        day=format_date(self.env, rate.date_from),
                    )
                )

    @api.constrains("date_from", "legal_rate")
    def _check_legal_rate(self):
        """A legal rate is never zero; the bank's has been."""
        for rate in self:
            if not rate.legal_rate:
                raise ValidationError(
                    self.env._("%(half_year)s: type the legal rate as well.", half_year=rate.display_name)
                )

    @api.model
    def _get_table(self):
        """The table as `lib.penalties` reads it: {first day of the half-year: Rates}."""
        found = self.sudo().search_fetch([], ["date_from", "ecb_rate", "legal_rate"])
        return {rate.date_from: Rates(_exact(rate.ecb_rate), _exact(rate.legal_rate)) for rate in found}

    @api.model
    def _get_missing(self, day):
        """First day of the half-year of `day` when its rates are missing; None when they are there."""
        start = semester_of(day)
        return None if self.sudo().search_count([("date_from", "=", start)], limit=1) else start

    @api.model
    def _get_warning(self, day):
        """What the screens that compute interest say when the rates of `day` are missing; False otherwise."""
        start = self._get_missing(day)
        if not start:
            return False
        return self.env._(
            "The penalty rates of the half-year that began on %(day)s are missing: interest stops the day before. Type "
            "them in Configuration ⇒ Penalty rates.",
            day=format_date(self.env, start),
        )


def _exact(rate):
    """A percentage as it was typed."""
    return Decimal(str(round(rate, DIGITS[1])))
