"""Which follow-up message is due for a customer: the one rule of the add-on.

Runs, the stored situation, the wizard's preview and the tests all call these functions;
there is no second copy of the rule. The date is always a parameter: nothing here reads
a clock or a database.

A customer gets one message, at the highest level due for a line (:mod:`line_levels`),
that lists every overdue line that may be chased. Credits are set against debts currency
by currency, and no message leaves within the plan's minimum interval. What comes next
is found by asking the same question on each later day that can change the answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .followup_facts import (
    FOLLOWED_KINDS,
    ZERO,
    Customer,
    CustomerDecision,
    Level,
    Line,
    LineDecision,
    Phase,
    Plan,
    Reason,
    Trigger,
    document_date,
    effective_due_date,
)
from .line_levels import (
    NEVER,
    Track,
    decide_line,
    exclusion,
    level_at,
    line_decision,
    next_day,
    refusal,
    track_line,
)
from .working_days import DayUnit, Region, add_days

__all__ = [
    "FOLLOWED_KINDS",
    "Customer",
    "CustomerDecision",
    "DayUnit",
    "Level",
    "Line",
    "LineDecision",
    "Phase",
    "Plan",
    "Reason",
    "Region",
    "Trigger",
    "add_days",
    "after_delivery",
    "decide_customer",
    "decide_line",
    "document_date",
    "effective_due_date",
    "exclusion",
    "next_message_day",
    "refusal",
]

# The reasons of the lines, from the one that tells most about a customer.
_TELLING = (
    Reason.CREDITS_COVER,
    Reason.PREVIOUS_NOT_DONE,
    Reason.NOT_DUE,
    Reason.LAST_LEVEL_SENT,
    Reason.PROMISED,
    Reason.DISPUTED,
    Reason.LINE_STOP,
    Reason.NO_FOLLOWUP,
    Reason.AUTOMATIC_PAYMENT,
    Reason.ACCOUNT_NOT_FOLLOWED,
    Reason.BELOW_LINE_MINIMUM,
    Reason.CREDIT,
    Reason.PAID,
)


class _Message(NamedTuple):
    """What a day's message would be, and the lines that cannot be in it.

    ``covered`` lines are paid by credits; ``small`` ones do not reach the threshold.
    """

    level: Level | None
    listed: tuple[Track, ...]
    covered: frozenset[int]
    small: frozenset[int] = frozenset()


def decide_customer(customer: Customer, on: date) -> CustomerDecision:
    """The one message due to a customer: highest level, all overdue lines to chase.

    >>> reminder = Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 5)
    >>> plan = Plan(1, (reminder,), minimum_interval=10)
    >>> today, amount = date(2026, 6, 29), Decimal(100)
    >>> lines = tuple(
    ...     Line(n, date(2026, 6, day), date(2026, 5, 1), None, amount, "EUR", amount)
    ...     for n, day in enumerate((10, 20, 28), start=1)
    ... )
    >>> decision = decide_customer(Customer(1, lines, plan), today)
    >>> decision.listed, decision.due
    ((1, 2, 3), (1, 2))
    >>> written = Customer(1, lines, plan, last_message_on=date(2026, 6, 20))
    >>> decide_customer(written, today).reason
    <Reason.MINIMUM_INTERVAL: 'minimum_interval'>
    """
    plan = customer.plan
    tracks = [track_line(line, plan, on) for line in customer.lines]
    if customer.stop:
        return _stopped(tracks, plan, on)
    credits = _credits(customer.lines)
    message = _message(tracks, credits, plan, on)
    start = next_message_day(customer, on)
    if message.level and start <= on:
        return _sent(tracks, message, plan, on)
    decisions = tuple(_held(track, message, plan, on, start) for track in tracks)
    if message.level:
        reason = Reason.MINIMUM_INTERVAL
    elif message.small:
        reason = Reason.BELOW_THRESHOLD
    else:
        reason = _summary(decisions)
    level, day = _coming(tracks, credits, plan, max(start, next_day(on)))
    return CustomerDecision(None, reason, decisions, next_level=level, next_date=day)


def next_message_day(customer: Customer, on: date) -> date:
    """The first day, ``on`` or later, that the minimum interval leaves free.

    It is of one day at least: nothing leaves twice on a day (F054, trap 19).

    >>> plan = Plan(1, (), minimum_interval=10)
    >>> written = Customer(1, (), plan, last_message_on=date(2026, 6, 20))
    >>> next_message_day(written, date(2026, 6, 29))
    datetime.date(2026, 6, 30)
    """
    if customer.last_message_on is None:
        return on
    return max(on, _after_interval(customer.plan, customer.last_message_on))


def after_delivery(customer: Customer, decision: CustomerDecision, on: date) -> Customer:
    """The customer once the decided message has really left, for previews and tests.

    Only the lines that were due rise, each to its own level; the others were listed.

    >>> plan = Plan(1, (Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 5),))
    >>> amount, day = Decimal(100), date(2026, 6, 29)
    >>> line = Line(1, date(2026, 6, 10), day, None, amount, "EUR", amount)
    >>> customer = Customer(1, (line,), plan)
    >>> customer = after_delivery(customer, decide_customer(customer, day), day)
    >>> customer.lines[0].delivered_rank, customer.last_message_on.isoformat()
    (1, '2026-06-29')
    """
    if decision.level is None:
        return customer
    ranks = {item.line_id: item.level.rank for item in decision.lines if item.level}
    lines = tuple(
        replace(line, delivered_rank=ranks[line.id], delivered_on=on) if line.id in ranks else line
        for line in customer.lines
    )
    return replace(customer, lines=lines, last_message_on=on)


# The message of a day


def _message(tracks: Iterable[Track], credits: Mapping[str, Decimal], plan: Plan, day: date) -> _Message:
    """The message of a day, the minimum interval left aside.

    Reminders come first. A prevention notice leaves only when no reminder does, and
    lists only the lines it announces; credits pay what is overdue before those.
    """
    strict = plan.strict_order
    late: list[Track] = []
    soon: list[Track] = []
    for track in tracks:
        if not _chased_on(track, day):
            continue
        if track.due_date < day:
            late.append(track)
        elif level_at(track.steps, strict, day):
            soon.append(track)
    debts: dict[str, Decimal] = {}
    covered: frozenset[int] = frozenset()
    small: frozenset[int] = frozenset()
    for group in (late, soon):
        debts = _debts(group, debts)
        listed, paid = _set_credits_against(group, debts, credits)
        covered |= paid
        top = _highest(listed, strict, day)
        if top and _total(listed) >= plan.customer_threshold:
            return _Message(top, listed, covered, small)
        if top:
            small |= _ids(listed)
    return _Message(None, (), covered, small)


def _chased_on(track: Track, day: date) -> bool:
    """Whether the line may be chased on that day: a promise ends, the rest stays."""
    if track.reason is None:
        return True
    until = track.line.promised_until
    return track.reason == Reason.PROMISED and until is not None and until < day


def _credits(lines: Iterable[Line]) -> dict[str, Decimal]:
    """Unallocated credits of the followed accounts by currency, positive (trap 2).

    A "no follow-up" flag or a stop on a payment does not make it disappear: who has
    paid is never chased because the payment's own entry was flagged.
    """
    totals: dict[str, Decimal] = {}
    for line in lines:
        if line.residual_currency < ZERO and line.account_kind in FOLLOWED_KINDS:
            totals[line.currency] = totals.get(line.currency, ZERO) - line.residual_currency
    return totals


def _debts(tracks: Iterable[Track], before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What the lines and the debts ``before`` them come to, each currency apart."""
    totals = dict(before)
    for track in tracks:
        line = track.line
        totals[line.currency] = totals.get(line.currency, ZERO) + line.residual_currency
    return totals


def _set_credits_against(
    tracks: list[Track], debts: Mapping[str, Decimal], credits: Mapping[str, Decimal]
) -> tuple[tuple[Track, ...], frozenset[int]]:
    """The lines left to chase, and those paid by the credits of their currency."""
    if not credits:
        return tuple(tracks), frozenset()
    paid = {currency for currency, debt in debts.items() if credits.get(currency, ZERO) >= debt}
    left = tuple(track for track in tracks if track.line.currency not in paid)
    return left, _ids(track for track in tracks if track.line.currency in paid)


def _ids(tracks: Iterable[Track]) -> frozenset[int]:
    return frozenset(track.line.id for track in tracks)


def _highest(tracks: Iterable[Track], strict: bool, day: date) -> Level | None:
    """The level of the message: the highest rank due, not the highest id (trap 23)."""
    top = None
    for track in tracks:
        level = level_at(track.steps, strict, day)
        if level and (top is None or level.rank > top.rank):
            top = level
    return top


def _total(tracks: Iterable[Track]) -> Decimal:
    return sum((track.line.residual for track in tracks), ZERO)


# The decision around it


def _sent(tracks: Iterable[Track], message: _Message, plan: Plan, on: date) -> CustomerDecision:
    """The decision when a message leaves today; lines that do not rise wait."""
    listed = tuple(track.line.id for track in message.listed)
    shown = frozenset(listed)
    later = _after_interval(plan, on)
    decisions = tuple(
        line_decision(track, plan, on, on)
        if track.line.id in shown and level_at(track.steps, plan.strict_order, on)
        else _held(track, message, plan, on, later)
        for track in tracks
    )
    due = tuple(item.line_id for item in decisions if item.level)
    return CustomerDecision(message.level, None, decisions, listed, due, message.level, on)


def _held(track: Track, message: _Message, plan: Plan, on: date, start: date) -> LineDecision:
    """The decision for a line left aside: its own reason, else the customer's."""
    decision = line_decision(track, plan, on, start)
    if track.line.id in message.covered:
        return _without_next(decision, Reason.CREDITS_COVER)
    if decision.level is None:
        return decision
    if track.line.id in message.small:
        return _without_next(decision, Reason.BELOW_THRESHOLD)
    return replace(decision, level=None, reason=Reason.MINIMUM_INTERVAL)


def _without_next(decision: LineDecision, reason: Reason) -> LineDecision:
    """The decision with that reason: the line alone cannot tell what comes next."""
    return replace(decision, level=None, reason=reason, next_level=None, next_date=None)


def _stopped(tracks: Iterable[Track], plan: Plan, on: date) -> CustomerDecision:
    """The decision for a customer on stop; a line excluded by itself says why."""
    decisions = tuple(
        _without_next(line_decision(track, plan, on, on), track.reason or Reason.CUSTOMER_STOP) for track in tracks
    )
    return CustomerDecision(None, Reason.CUSTOMER_STOP, decisions)


def _summary(decisions: Sequence[LineDecision]) -> Reason:
    """The reason that tells most about a customer: overdue lines speak first."""
    late = {item.reason for item in decisions if item.overdue}
    found = late or {item.reason for item in decisions}
    return next((reason for reason in _TELLING if reason in found), Reason.PAID)


def _coming(
    tracks: Iterable[Track], credits: Mapping[str, Decimal], plan: Plan, start: date
) -> tuple[Level | None, date | None]:
    """The next message from ``start`` onwards, and its day, if nothing changes.

    Lines that credits would cover even once all debts are late are never in a message.
    """
    suspended = (None, Reason.PROMISED)
    debtors = [track for track in tracks if track.reason in suspended]
    open_ones, _paid = _set_credits_against(debtors, _debts(debtors, {}), credits)
    if _total(open_ones) < plan.customer_threshold:
        return None, None
    for day in sorted(set(_turning_days(open_ones, start))):
        message = _message(open_ones, credits, plan, day)
        if message.level:
            return message.level, day
    return None, None


def _turning_days(tracks: Iterable[Track], start: date) -> Iterator[date]:
    """The days from ``start`` on which a line becomes overdue, due or free again."""
    for track in tracks:
        first = start
        if track.reason and track.line.promised_until:
            first = max(start, next_day(track.line.promised_until))
        yield max(first, next_day(track.due_date))
        for step in track.steps:
            if first <= step.closes and step.opens != NEVER:
                yield max(first, step.opens)


def _after_interval(plan: Plan, day: date) -> date:
    """The first day free for a message after the one sent on ``day``."""
    return day + timedelta(days=max(1, plan.minimum_interval))
