"""What may be claimed of one line, day after day, and why nothing may be.

Stops, promises, the grace that follows a dispute and prescription all change on a known
day: a line is a short list of claims, each true until the next one starts. Parts that
are disputed or promised leave the rest of the line to be claimed (traps 27 and 28).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .followup_codes import Reason
from .followup_facts import FOLLOWED_KINDS, ZERO, Line, Plan, document_date

ONE_DAY = timedelta(days=1)
NEVER = date.max
_CENT = Decimal("0.01")
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_PRESCRIBED = Reason.PRESCRIBED
_NO_DEBT = (Reason.PAID, Reason.CREDIT)


class Claim(NamedTuple):
    """What is claimed from ``start`` on, in both currencies; or the reason of nothing."""

    start: date
    reason: Reason | None
    amount: Decimal
    amount_company: Decimal


def next_day(day: date) -> date:
    """The day after, or ``NEVER`` after the last day of the calendar.

    >>> next_day(date(2026, 6, 30)), next_day(NEVER) == NEVER
    (datetime.date(2026, 7, 1), True)
    """
    return day + ONE_DAY if day < NEVER else NEVER


def claims(line: Line, plan: Plan, on: date, proceedings_on: date | None = None) -> tuple[Claim, ...]:
    """The claims of a line from ``on`` onwards, the present one first.

    >>> day, amount = date(2026, 6, 1), Decimal(90)
    >>> promised = {"promised_until": date(2026, 6, 9), "promised_amount": Decimal(60)}
    >>> line = Line(1, day, day, None, amount, "EUR", amount, **promised)
    >>> [(f"{each.start:%d/%m}", each.amount) for each in claims(line, Plan(1, ()), day)]
    [('01/06', Decimal('30')), ('10/06', Decimal('90'))]
    """
    present = claim_on(line, plan, on, proceedings_on)
    if not (line.stop_until or line.promised_until or line.not_before):
        if present.reason or not plan.prescription_years:
            return (present,)
        day = prescription_day(line, plan)
        return (present, Claim(day, _PRESCRIBED, ZERO, ZERO)) if day < NEVER else (present,)
    if present.reason in _NO_DEBT:
        return (present,)
    days = sorted({day for day in _turning_days(line, plan) if day is not None and on < day < NEVER})
    if not days:
        return (present,)
    return (present, *(claim_on(line, plan, day, proceedings_on) for day in days))


def claim_on(line: Line, plan: Plan, day: date, proceedings_on: date | None = None) -> Claim:
    """The claim of a line on a day: nil when a reason excludes the line.

    The company's share of a part is in proportion, rounded to the cent.
    """
    reason = exclusion(line, plan, day, proceedings_on)
    if reason:
        return Claim(day, reason, ZERO, ZERO)
    if line.disputed or line.promised_until:
        amount = _unquestioned(line, plan, day)
        return Claim(day, None, amount, _in_company_currency(line, amount))
    return Claim(day, None, line.residual_currency, line.residual)


def exclusion(line: Line, plan: Plan, on: date, proceedings_on: date | None = None) -> Reason | None:
    """Why a line may not be chased on that day, whatever the levels; None if it may.

    No debt remains when either residual is nil, as after an exchange difference (trap
    5); a credit is known by its sign, not by its document (trap 3).

    >>> day, amount = date(2026, 6, 1), Decimal(-9)
    >>> exclusion(Line(1, day, day, None, amount, "EUR", amount), Plan(1, ()), day)
    <Reason.CREDIT: 'credit'>
    """
    residual = line.residual
    if not line.residual_currency or not residual:
        return Reason.PAID
    if line.residual_currency < ZERO or residual < ZERO:
        return Reason.CREDIT
    reason = _out_of_reach(line, plan, on, proceedings_on) or _held_back(line, plan, on)
    if reason:
        return reason
    if residual < plan.line_minimum:
        return Reason.BELOW_LINE_MINIMUM
    if line.disputed or line.promised_until:
        amount = _unquestioned(line, plan, on)
        if amount <= ZERO:
            return Reason.PROMISED
        if _in_company_currency(line, amount) < plan.line_minimum:
            return Reason.BELOW_LINE_MINIMUM
    return None


def _out_of_reach(line: Line, plan: Plan, on: date, proceedings_on: date | None) -> Reason | None:
    """The reasons that last: what the line is, and what the law forbids."""
    if line.in_process:
        return Reason.IN_PROCESS
    if line.account_kind not in FOLLOWED_KINDS:
        return Reason.ACCOUNT_NOT_FOLLOWED
    if not line.in_plan:
        return Reason.NOT_IN_PLAN
    if line.handed_over:
        return Reason.HANDED_OVER
    if line.no_followup:
        return Reason.NO_FOLLOWUP
    if proceedings_on is not None and document_date(line) < proceedings_on:
        return Reason.PROCEEDINGS
    if plan.prescription_years and on >= prescription_day(line, plan):
        return _PRESCRIBED
    return None


def _held_back(line: Line, plan: Plan, on: date) -> Reason | None:
    """The reasons that somebody set, and that end."""
    if line.stop and not (line.stop_until and line.stop_until < on):
        return Reason.LINE_STOP
    if line.disputed and (not line.disputed_amount or line.disputed_amount >= line.residual_currency):
        return Reason.DISPUTED
    if line.not_before and on < line.not_before:
        return Reason.GRACE
    if line.automatic_payment and plan.exclude_automatic_payment:
        return Reason.AUTOMATIC_PAYMENT
    return None


def prescription_day(line: Line, plan: Plan) -> date:
    """The first day on which the debt is prescribed; ``NEVER`` when the plan has no term.

    The term ends with its last day (Code civil, article 2229): five years from 10 June
    2021 leave 10 June 2026 to chase.

    >>> day, amount = date(2021, 6, 10), Decimal(9)
    >>> line = Line(1, day, day, None, amount, "EUR", amount)
    >>> prescription_day(line, Plan(1, (), prescription_years=5))
    datetime.date(2026, 6, 11)
    """
    if not plan.prescription_years:
        return NEVER
    start = document_date(line)
    known = plan.memo.prescription
    found = known.get(start)
    if found is None:
        found = known[start] = next_day(_years_later(start, plan.prescription_years))
    return found


def _years_later(day: date, years: int) -> date:
    """The same day, years later; 28 February after a 29th; ``NEVER`` past the calendar."""
    if day.year + years > NEVER.year:
        return NEVER
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _unquestioned(line: Line, plan: Plan, on: date) -> Decimal:
    """The residual without the part disputed and the part promised; never negative.

    A nil part is the whole line. The dispute of the whole line has its own reason.
    """
    left = line.residual_currency
    if line.disputed and line.disputed_amount:
        left -= line.disputed_amount
    if plan.exclude_promised and line.promised_until is not None and on <= line.promised_until:
        if not line.promised_amount:
            return ZERO
        left -= line.promised_amount
    return max(left, ZERO)


def _in_company_currency(line: Line, amount: Decimal) -> Decimal:
    if amount == line.residual_currency:
        return line.residual
    if line.residual == line.residual_currency:
        return amount
    return (line.residual * amount / line.residual_currency).quantize(_CENT)


def _turning_days(line: Line, plan: Plan) -> Iterator[date | None]:
    """The days on which the claim of a line may change."""
    if line.stop and line.stop_until:
        yield next_day(line.stop_until)
    if line.promised_until:
        yield next_day(line.promised_until)
    yield line.not_before
    if plan.prescription_years:
        yield prescription_day(line, plan)
