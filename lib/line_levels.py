"""Which follow-up level is due for one line, and on which day the next one comes.

Each level opens on a day (:func:`_opening`); a prevention notice closes after the due
date. The highest open level above the one delivered is due; with a strict order, only
the next one. A day is reached when it is past too, so a day without a run loses nothing
(trap 26).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from .followup_facts import (
    FOLLOWED_KINDS,
    ZERO,
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
from .working_days import add_days

ONE_DAY = timedelta(days=1)
NEVER = date.max
_NO_DEBT = (Reason.PAID, Reason.CREDIT)
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_PREVENTION = Phase.PREVENTION
_BEFORE_DUE = Trigger.BEFORE_DUE
_AFTER_INVOICE = Trigger.AFTER_INVOICE
_AFTER_PREVIOUS = Trigger.AFTER_PREVIOUS
_PROMISED = Reason.PROMISED


class Step(NamedTuple):
    """A level still to come for a line, and the days on which it may be sent."""

    opens: date
    closes: date
    level: Level


class Track(NamedTuple):
    """A line with what its decision needs on any day.

    ``reason`` excludes it; ``steps`` are the levels still to come.
    """

    line: Line
    due_date: date
    reason: Reason | None
    steps: tuple[Step, ...]


def decide_line(line: Line, plan: Plan, on: date) -> LineDecision:
    """The level newly due for a line taken alone, or the reason why none is.

    >>> reminder = Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 5)
    >>> from decimal import Decimal
    >>> amount, due = Decimal(100), date(2026, 6, 30)
    >>> line = Line(1, due, date(2026, 5, 31), None, amount, "EUR", amount)
    >>> decision = decide_line(line, Plan(1, (reminder,)), date(2026, 7, 5))
    >>> decision.level.rank, decision.days_late
    (1, 5)
    >>> decision = decide_line(line, Plan(1, (reminder,)), date(2026, 7, 4))
    >>> decision.reason.value, decision.overdue, decision.next_date.isoformat()
    ('not_due', True, '2026-07-05')
    """
    return line_decision(track_line(line, plan, on), plan, on, on)


def exclusion(line: Line, plan: Plan, on: date) -> Reason | None:
    """Why a line may not be chased on that day, whatever the levels; None if it may.

    No debt remains when either residual is nil, as after an exchange difference (trap
    5); a credit is known by its sign, not by its document (trap 3).

    >>> from decimal import Decimal
    >>> day, amount = date(2026, 6, 1), Decimal(-9)
    >>> exclusion(Line(1, day, day, None, amount, "EUR", amount), Plan(1, ()), day)
    <Reason.CREDIT: 'credit'>
    """
    if not line.residual_currency or not line.residual:
        return Reason.PAID
    if line.residual_currency < ZERO or line.residual < ZERO:
        return Reason.CREDIT
    if line.account_kind not in FOLLOWED_KINDS:
        return Reason.ACCOUNT_NOT_FOLLOWED
    if line.no_followup:
        return Reason.NO_FOLLOWUP
    if line.stop:
        return Reason.LINE_STOP
    if line.disputed:
        return Reason.DISPUTED
    if line.automatic_payment:
        return Reason.AUTOMATIC_PAYMENT
    if line.residual < plan.line_minimum:
        return Reason.BELOW_LINE_MINIMUM
    if line.promised_until is not None and on <= line.promised_until:
        return Reason.PROMISED
    return None


def refusal(line: Line, plan: Plan, level: Level, on: date) -> Reason | None:
    """Why a level chosen by hand is refused for a line; None if it may be sent.

    Its own day is not looked at: choosing it by hand is the very purpose (F052). With a
    strict order the level before it must have been delivered, on a known date (F051).

    >>> import dataclasses
    >>> from decimal import Decimal
    >>> first = Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 10)
    >>> second = dataclasses.replace(first, id=2, rank=2, delay=20)
    >>> plan = Plan(1, (first, second), strict_order=True)
    >>> amount, due = Decimal(100), date(2026, 6, 30)
    >>> line = Line(1, due, date(2026, 5, 31), None, amount, "EUR", amount)
    >>> refusal(line, plan, second, date(2026, 7, 15))
    <Reason.PREVIOUS_NOT_DONE: 'previous_not_done'>
    >>> warned = dataclasses.replace(
    ...     line, delivered_rank=1, delivered_on=date(2026, 7, 12)
    ... )
    >>> refusal(warned, plan, second, date(2026, 7, 15))
    """
    reason = exclusion(line, plan, on)
    if reason:
        return reason
    if level.phase != _PREVENTION and effective_due_date(line) >= on:
        return Reason.NOT_DUE
    if level.minimum_amount > line.residual:
        return Reason.BELOW_LINE_MINIMUM
    if not plan.strict_order:
        return None
    before = [step for step in _applicable(line, plan) if step.rank < level.rank and step.phase != _PREVENTION]
    if before and (line.delivered_on is None or line.delivered_rank is None or line.delivered_rank < before[-1].rank):
        return Reason.PREVIOUS_NOT_DONE
    return None


def next_day(day: date) -> date:
    """The day after, or ``NEVER`` after the last day of the calendar.

    >>> next_day(date(2026, 6, 30)), next_day(NEVER) == NEVER
    (datetime.date(2026, 7, 1), True)
    """
    return day + ONE_DAY if day < NEVER else NEVER


def track_line(line: Line, plan: Plan, on: date) -> Track:
    """The line, its exclusion on that day and its levels to come.

    A promise only suspends the levels; any other exclusion ends them.
    """
    reason = exclusion(line, plan, on)
    due_date = effective_due_date(line)
    steps = () if reason and reason != _PROMISED else tuple(_steps(line, plan, due_date, on))
    return Track(line, due_date, reason, steps)


def _applicable(line: Line, plan: Plan) -> list[Level]:
    """The levels whose minimum is reached: an old leftover never climbs (trap 17)."""
    residual = line.residual
    return [level for level in plan.levels if level.minimum_amount <= residual]


def _steps(line: Line, plan: Plan, due_date: date, on: date) -> Iterator[Step]:
    """The levels to come from ``on``, in order; ``NEVER`` opens one of unknown day."""
    delivered = line.delivered_rank
    tomorrow = next_day(due_date)
    previous: int | None = None
    for level in _applicable(line, plan):
        waits = delivered is None or level.rank > delivered
        if level.phase != _PREVENTION:
            if waits:
                opens = _opening(line, level, previous, due_date, plan)
                yield Step(opens if opens > tomorrow else tomorrow, NEVER, level)
            previous = level.rank
        elif waits and on <= due_date:
            opens = _opening(line, level, previous, due_date, plan)
            if opens <= due_date:
                yield Step(opens, due_date, level)


def _opening(line: Line, level: Level, previous: int | None, due_date: date, plan: Plan) -> date:
    """The day a level's delay ends; ``previous``: rank of the nearest reminder below.

    "After the previous" counts from the due date when nothing was sent and nothing
    below can be: a plan may begin so. A strict order asks for a date on the previous
    level (seed 004), whatever the trigger.
    """
    if level.trigger == _BEFORE_DUE:
        return add_days(due_date, -level.delay, level.unit, plan.region)
    delivered = line.delivered_rank
    done = delivered is not None and (previous is None or delivered >= previous)
    if plan.strict_order and previous is not None and done and line.delivered_on is None:
        return NEVER
    start = due_date
    if level.trigger == _AFTER_INVOICE:
        start = document_date(line)
    elif level.trigger == _AFTER_PREVIOUS and (done or previous is not None):
        if not done or line.delivered_on is None:
            return NEVER
        start = line.delivered_on
    return add_days(start, level.delay, level.unit, plan.region)


def level_at(steps: Iterable[Step], strict: bool, day: date) -> Level | None:
    """The level due on a day: the highest open one, or in a strict order the next."""
    found = None
    for step in steps:
        if step.closes < day:
            continue
        if step.opens <= day:
            found = step.level
        if strict:
            break
    return found


def _next(steps: Iterable[Step], strict: bool, start: date) -> tuple[Level | None, date | None]:
    """The first level that comes on ``start`` or later, and its day."""
    opens = min((step.opens for step in _awaited(steps, strict, start)), default=NEVER)
    if opens == NEVER:
        return None, None
    day = max(opens, start)
    return level_at(steps, strict, day), day


def _awaited(steps: Iterable[Step], strict: bool, day: date) -> list[Step]:
    """The steps not closed by that day; in a strict order, only the first."""
    waiting = [step for step in steps if step.closes >= day]
    return waiting[:1] if strict else waiting


def line_decision(track: Track, plan: Plan, on: date, start: date) -> LineDecision:
    """The decision for one line; what comes next is looked for from ``start``."""
    line, due_date, reason, steps = track
    level = None
    if reason is None:
        level = level_at(steps, plan.strict_order, on)
        if level is None:
            reason = _waiting(track, plan, on)
    elif reason == _PROMISED and line.promised_until is not None:
        start = max(start, next_day(line.promised_until))
    coming, day = _next(steps, plan.strict_order, start)
    late = 0 if reason in _NO_DEBT else (on - due_date).days
    return LineDecision(line.id, level, reason, late > 0, max(0, late), coming, day)


def _waiting(track: Track, plan: Plan, on: date) -> Reason:
    """Why a line that may be chased has no new level."""
    line, _due_date, _reason, steps = track
    if not steps:
        return _exhausted(line, plan)
    hidden = any(step.opens <= on <= step.closes for step in steps)
    awaited = _awaited(steps, plan.strict_order, on)
    if hidden or all(step.opens == NEVER for step in awaited):
        return Reason.PREVIOUS_NOT_DONE
    return Reason.NOT_DUE


def _exhausted(line: Line, plan: Plan) -> Reason:
    """Why no level remains: those above ask for more, or all were sent (trap 24)."""
    delivered = line.delivered_rank
    above = [level for level in plan.levels if delivered is None or level.rank > delivered]
    if any(level.phase != _PREVENTION for level in above):
        return Reason.BELOW_LINE_MINIMUM
    return Reason.NOT_DUE if delivered is None else Reason.LAST_LEVEL_SENT
