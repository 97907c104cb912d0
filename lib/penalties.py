"""Late-payment penalties under French law, exact to the cent.

Three regimes. Between professionals (Code de commerce, article L441-10 II): interest from the day after the due date,
at the rate of the creditor's terms or, without one, at the European Central Bank's refinancing rate plus ten points;
the rate of 1 January holds for the first half-year, that of 1 July for the second. Public buyers (Code de la commande
publique, article R2192-31): that same bank rate plus eight points, the one of the half-year in which interest began,
for the whole delay. Consumers (Code civil, articles 1231-6 and 1344-1): the legal rate, from the formal notice only.

Interest = unpaid amount including tax × rate × calendar days / 365, in leap years too. One interest only: penalties and
legal interest are never added (Cass. com., 24 April 2024, 22-24.275). Amounts are exact and rounded once, at the end.
A rate that is not known is never guessed: its days bear nothing, and the result says since when.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from .semesters import ONE_DAY, semester_of, split

ZERO = Decimal(0)
#: Days of a year and hundredths of a percentage.
YEAR = 365 * 100
#: Points above the bank's rate, in percent, that public buyers owe (article R2192-31).
PUBLIC_MARGIN = Decimal(8)
#: Points above the bank's rate when the terms say nothing (article L441-10 II).
DEFAULT_MARGIN = Decimal(10)
#: A rate agreed upon is at least so many times the legal rate (article L441-10 II).
FLOOR = 3


class Regime(StrEnum):
    """The law that the lateness of a debt falls under."""

    PROFESSIONAL = "professional"
    PUBLIC = "public"
    CONSUMER = "consumer"
    #: Insolvency proceedings: interest has stopped (article L622-28), nothing may be claimed.
    PROCEEDINGS = "proceedings"


class Imputation(StrEnum):
    """What a part payment pays first: the invoice, as the books match it, or the interest (Code civil, 1343-1)."""

    PRINCIPAL = "principal"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one half-year, in percent a year; None for one that is not known."""

    ecb: Decimal | None = None
    legal: Decimal | None = None


#: {first day of the half-year: its rates}.
Table = Mapping[date, Rates]


@dataclass(frozen=True, slots=True)
class Terms:
    """The creditor's terms for professionals.

    ``fixed``: a rate in percent a year that needs no table; None for the bank's rate plus ``margin`` points.
    ``single_rate``: the rate of the half-year in which interest began holds for the whole delay.
    ``indemnity``: for recovery costs (article D441-5), once an invoice, or a due date of it (``per_instalment``).
    """

    fixed: Decimal | None = None
    margin: Decimal = DEFAULT_MARGIN
    single_rate: bool = False
    indemnity: Decimal = Decimal(40)
    per_instalment: bool = False
    imputation: Imputation = Imputation.PRINCIPAL


@dataclass(frozen=True, slots=True)
class Debt:
    """One due date of an invoice: what was to be paid, including tax, and what was, on which days.

    ``notice_on``: the day of the formal notice, from which a consumer owes interest.
    """

    due: date
    amount: Decimal
    payments: tuple[tuple[date, Decimal], ...] = ()
    regime: Regime = Regime.PROFESSIONAL
    notice_on: date | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Days, both included, during which neither the amount nor the rate changed; no rate: not known.

    ``interest`` is exact, in the currency of the debt.
    """

    first: date
    last: date
    days: int
    base: Fraction
    rate: Decimal | None
    interest: Fraction


@dataclass(frozen=True, slots=True)
class Interest:
    """The interest of one debt, cut into slices."""

    slices: tuple[Slice, ...] = ()

    @property
    def exact(self) -> Fraction:
        return sum((each.interest for each in self.slices), Fraction(0))

    @property
    def missing_since(self) -> date | None:
        """The first day whose rate is not known."""
        return next((each.first for each in self.slices if each.rate is None), None)

    def total(self, digits: int = 2) -> Decimal:
        """Rounded once, half up, to so many decimals."""
        return rounded(self.exact, digits)

    def rows(self, digits: int = 2) -> list[tuple[Slice, Decimal]]:
        """Each slice with its rounded amount; together they make the total to the cent.

        The sum so far is rounded, not each row: a row may differ by a cent from its own rounding.
        """
        rows, so_far, before = [], Fraction(0), ZERO
        for each in self.slices:
            so_far += each.interest
            after = rounded(so_far, digits)
            rows.append((each, after - before))
            before = after
        return rows


def rounded(value: Fraction, digits: int = 2) -> Decimal:
    """An exact amount to so many decimals, halves away from zero.

    >>> rounded(Fraction(261205, 1000)), rounded(Fraction(1, 3), 0)
    (Decimal('261.21'), Decimal('0'))
    """
    # Integers only: the quotient is compared exactly with a half.
    whole, rest = divmod(abs(value.numerator) * 10**digits, value.denominator)
    whole += 2 * rest >= value.denominator
    return Decimal(-whole if value < 0 else whole).scaleb(-digits)


def rate_on(day: date, regime: Regime, terms: Terms, table: Table) -> Decimal | None:
    """The rate of a day, in percent a year; None when the table does not have it.

    >>> table = {date(2025, 7, 1): Rates(Decimal("2.15"), Decimal("2.76"))}
    >>> [str(rate_on(date(2025, 8, 1), regime, Terms(), table)) for regime in Regime]
    ['12.15', '10.15', '2.76', '0']
    >>> rate_on(date(2026, 8, 1), Regime.PROFESSIONAL, Terms(), table) is None
    True
    """
    if regime == Regime.PROCEEDINGS:
        return ZERO
    if regime == Regime.PROFESSIONAL and terms.fixed is not None:
        return terms.fixed
    known = table.get(semester_of(day), Rates())
    if regime == Regime.CONSUMER:
        return known.legal
    margin = PUBLIC_MARGIN if regime == Regime.PUBLIC else terms.margin
    return None if known.ecb is None else known.ecb + margin


def compute(debt: Debt, on: date, terms: Terms, table: Table) -> Interest:
    """The interest of a debt up to a day included.

    Interest runs from the day after the due date; a payment stops it, on what it pays, from the day after it.

    >>> table = {date(2025, 1, 1): Rates(Decimal("3.15")), date(2025, 7, 1): Rates(Decimal("2.15"))}
    >>> paid = (date(2025, 8, 15), Decimal(10000)),
    >>> found = compute(Debt(date(2025, 5, 31), Decimal(10000), paid), date(2026, 1, 31), Terms(), table)
    >>> found.total(), [(each.days, str(each.rate), str(amount)) for each, amount in found.rows()]
    (Decimal('261.21'), [(30, '13.15', '108.08'), (46, '12.15', '153.13')])
    """
    start = _begins_on(debt)
    if start is None or start > on:
        return Interest()
    first_rate = rate_on(start, debt.regime, terms, table)
    slices: list[Slice] = []
    base, accrued, first = Fraction(debt.amount), Fraction(0), start
    for paid_on, amount in sorted(debt.payments):
        if paid_on >= on:
            break
        if paid_on >= first:
            found = _slices(first, paid_on, base, first_rate, debt.regime, terms, table)
            slices += found
            accrued += sum((each.interest for each in found), Fraction(0))
            first = paid_on + ONE_DAY
        paid = Fraction(amount)
        if terms.imputation == Imputation.INTEREST:
            on_interest = max(min(accrued, paid), Fraction(0))
            accrued, paid = accrued - on_interest, paid - on_interest
        base -= paid
    slices += _slices(first, on, base, first_rate, debt.regime, terms, table)
    return Interest(tuple(slices))


def _begins_on(debt: Debt) -> date | None:
    """The first day that bears interest."""
    if debt.regime == Regime.PROCEEDINGS:
        return None
    if debt.regime == Regime.CONSUMER:
        return debt.notice_on and max(debt.notice_on, debt.due) + ONE_DAY
    return debt.due + ONE_DAY


def _slices(
    first: date, last: date, base: Fraction, first_rate: Decimal | None, regime: Regime, terms: Terms, table: Table
) -> list[Slice]:
    """Days during which the amount does not change, cut where the rate does."""
    if base <= 0 or first > last:
        return []
    one_rate = regime == Regime.PROFESSIONAL and (terms.single_rate or terms.fixed is not None)
    if one_rate or regime == Regime.PUBLIC:
        return [_slice(first, last, base, first_rate)]
    return [_slice(start, end, base, rate_on(start, regime, terms, table)) for start, end in split(first, last)]


def _slice(first: date, last: date, base: Fraction, rate: Decimal | None) -> Slice:
    days = (last - first).days + 1
    number, unit = (rate or ZERO).as_integer_ratio()
    # One fraction rather than four: thousands of lines are computed at once.
    interest = Fraction(base.numerator * number * days, base.denominator * unit * YEAR)
    return Slice(first, last, days, base, rate, interest)


def bears_indemnity(regime: Regime) -> bool:
    """Whether late payment of such a debt makes the fixed indemnity due.

    >>> [str(regime) for regime in Regime if bears_indemnity(regime)]
    ['professional', 'public']
    """
    return regime in (Regime.PROFESSIONAL, Regime.PUBLIC)


def spread(
    credits: Iterable[tuple[date, Decimal]], debts: Sequence[tuple[int, date, Decimal]]
) -> dict[int, list[tuple[date, Decimal]]]:
    """Payments matched with nothing, as part payments of the debts: the oldest first (Code civil, article 1342-10).

    :param credits: (day, amount)
    :param debts: (key, due date, unpaid amount)
    :return: {key of a debt: [(day, amount)]}

    >>> debts = [(7, date(2026, 2, 1), Decimal(100)), (6, date(2026, 1, 1), Decimal(70))]
    >>> spread([(date(2026, 3, 1), Decimal(150))], debts)
    {6: [(datetime.date(2026, 3, 1), Decimal('70'))], 7: [(datetime.date(2026, 3, 1), Decimal('80'))]}
    """
    found: dict[int, list[tuple[date, Decimal]]] = {}
    left = sorted(credits)
    for key, _due, unpaid in sorted(debts, key=lambda debt: (debt[1], debt[0])):
        while left and unpaid > ZERO:
            day, amount = left.pop(0)
            used = min(amount, unpaid)
            found.setdefault(key, []).append((day, used))
            unpaid -= used
            if amount > used:
                left.insert(0, (day, amount - used))
    return found


def floor_on(day: date, table: Table) -> Decimal | None:
    """The lowest rate that terms may agree upon that day, in percent a year; None when the legal rate is not known.

    >>> floor_on(date(2024, 2, 1), {date(2024, 1, 1): Rates(Decimal("4.50"), Decimal("5.07"))})
    Decimal('15.21')
    """
    legal = table.get(semester_of(day), Rates()).legal
    return None if legal is None else FLOOR * legal


def is_too_low(terms: Terms, day: date, table: Table) -> bool:
    """Whether the rate agreed upon is below the floor of that day.

    The bank's rate plus ten points is the law's own, agreed upon or not: it stands even where the floor is higher.
    """
    if terms.fixed is None and terms.margin >= DEFAULT_MARGIN:
        return False
    floor, rate = floor_on(day, table), rate_on(day, Regime.PROFESSIONAL, terms, table)
    return floor is not None and rate is not None and rate < floor
