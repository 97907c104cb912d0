"""What may be claimed of one line, day after day, and why nothing may be.

Stops, promises, the grace that follows a dispute and prescription all change on a known
day: a line is a short list of spans, each true until the next one starts. Parts that
are disputed or promised leave the rest of the line to be claimed (traps 27 and 28).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .followup_codes import Reason
from .followup_facts import FOLLOWED_KINDS, ZERO, Line, Plan, document_date, effective_due_date
from .line_steps import Ladder, ladder_of
from .working_days import NEVER, next_day

_CENT = Decimal("0.01")
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_PRESCRIBED = Reason.PRESCRIBED
_NO_DEBT = (Reason.PAID, Reason.CREDIT)


class Span(NamedTuple):
    """From ``start`` on: what is claimed, in both currencies, and the levels to come.

    Or the reason that excludes the line, and no ladder.
    """

    start: date
    reason: Reason | None
    claimed: Decimal
    claimed_company: Decimal
    ladder: Ladder | None


def spans_of(
    line: Line, plan: Plan, on: date, proceedings_on: date | None = None, forced_id: int | None = None
) -> tuple[Span, ...]:
    """The spans of a line from ``on`` onwards, the present one first.

    >>> day, amount = date(2026, 6, 1), Decimal(90)
    >>> promised = {"promised_until": date(2026, 6, 9), "promised_amount": Decimal(60)}
    >>> line = Line(1, day, day, None, amount, "EUR", amount, **promised)
    >>> [(f"{each.start:%d/%m}", each.claimed) for each in spans_of(line, Plan(1, ()), day)]
    [('01/06', Decimal('30')), ('10/06', Decimal('90'))]
    """
    present = span_on(line, plan, on, proceedings_on, forced_id)
    if not (line.stop_until or line.promised_until or line.not_before):
        if present.reason is not None or not plan.prescription_years:
            return (present,)
        day = prescription_day(line, plan)
        return (present, Span(day, _PRESCRIBED, ZERO, ZERO, None)) if day < NEVER else (present,)
    if present.reason in _NO_DEBT:
        return (present,)
    days = sorted({day for day in _turning_days(line, plan) if day is not None and on < day < NEVER})
    return (present, *(span_on(line, plan, day, proceedings_on, forced_id) for day in days))


def span_on(line: Line, plan: Plan, day: date, proceedings_on: date | None, forced_id: int | None) -> Span:
    """The span of a line that starts on a day: nil when a reason excludes the line.

    The company's share of a part is in proportion, rounded to the cent.
    """
    reason = exclusion(line, plan, day, proceedings_on)
    if reason is not None:
        return Span(day, reason, ZERO, ZERO, None)
    amount, company = line.residual_currency, line.residual
    if line.disputed or line.promised_until or line.in_process:
        amount = _unquestioned(line, plan, day)
        company = _in_company_currency(line, amount)
    return Span(day, None, amount, company, ladder_of(line, plan, effective_due_date(line), company, forced_id))


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
    if line.disputed or line.promised_until or line.in_process:
        amount = _unquestioned(line, plan, on)
        if amount <= ZERO:
            return Reason.PROMISED if _is_promised(line, plan, on) else Reason.IN_PROCESS
        if _in_company_currency(line, amount) < plan.line_minimum:
            return Reason.BELOW_LINE_MINIMUM
    return None


def _out_of_reach(line: Line, plan: Plan, on: date, proceedings_on: date | None) -> Reason | None:
    """The reasons that last: what the line is, and what the law forbids."""
    if line.in_process and _is_whole(line, line.in_process_amount):
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
    if line.disputed and _is_whole(line, line.disputed_amount):
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


def _is_whole(line: Line, part: Decimal | None) -> bool:
    """Whether a part is the whole line: none or nil says so too."""
    return not part or part >= line.residual_currency


def _is_promised(line: Line, plan: Plan, on: date) -> bool:
    return plan.exclude_promised and line.promised_until is not None and on <= line.promised_until


def _unquestioned(line: Line, plan: Plan, on: date) -> Decimal:
    """The residual without its parts disputed, promised or being paid; never negative.

    A dispute or a payment of the whole line has its own reason.
    """
    left = line.residual_currency
    if line.disputed:
        left -= line.disputed_amount or ZERO
    if line.in_process:
        left -= line.in_process_amount or ZERO
    if _is_promised(line, plan, on):
        left = ZERO if _is_whole(line, line.promised_amount) else left - (line.promised_amount or ZERO)
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
