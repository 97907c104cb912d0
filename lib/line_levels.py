"""Which follow-up level is due for one line, and on which day the next one comes.

A line is a short list of spans: from a day on, what is claimed of it
(:mod:`line_claims`) and the levels still to come (:mod:`line_steps`).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from .followup_codes import Phase, Reason
from .followup_decisions import LineDecision
from .followup_facts import Customer, Level, Line, Plan, effective_due_date
from .line_claims import Span, span_on, spans_of
from .line_steps import is_in_order, sending_day
from .working_days import NEVER

_NO_DEBT = (Reason.PAID, Reason.CREDIT)
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_PREVENTION = Phase.PREVENTION
_NOT_SENDING_DAY = Reason.NOT_SENDING_DAY


class Track(NamedTuple):
    """A line with what its decision needs on any day."""

    line: Line
    due_date: date
    spans: tuple[Span, ...]

    def on(self, day: date) -> Span:
        """The span of a day, which is not before the first one."""
        spans = self.spans
        found = spans[0]
        if len(spans) > 1:
            for span in spans:
                if span.start > day:
                    break
                found = span
        return found


class Chased(NamedTuple):
    """A line that may be chased on a day, and the level newly due for it, if any."""

    line: Line
    due_date: date
    span: Span
    level: Level | None


def decide_line(line: Line, plan: Plan, on: date) -> LineDecision:
    """The level newly due for a line taken alone, or the reason why none is.

    >>> from decimal import Decimal
    >>> from lib.levels import Trigger
    >>> reminder = Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 5)
    >>> amount, due = Decimal(100), date(2026, 6, 30)
    >>> line = Line(1, due, date(2026, 5, 31), None, amount, "EUR", amount)
    >>> decision = decide_line(line, Plan(1, (reminder,)), date(2026, 7, 5))
    >>> decision.level.rank, decision.days_late
    (1, 5)
    >>> decision = decide_line(line, Plan(1, (reminder,)), date(2026, 7, 4))
    >>> decision.reason.value, decision.overdue, decision.next_date.isoformat()
    ('not_due', True, '2026-07-05')
    """
    track = track_line(line, plan, on)
    free = sending_day(plan, on)
    return line_decision(track, plan, on, free, None if free <= on else _NOT_SENDING_DAY)


def refusal(line: Line, plan: Plan, level: Level, on: date, proceedings_on: date | None = None) -> Reason | None:
    """Why a level chosen by hand is refused for a line; None if it may be sent.

    Its own day is not looked at: choosing it by hand is the very purpose (F052). With a
    strict order the level before it must have been delivered, on a known date (F051).

    >>> import dataclasses
    >>> from decimal import Decimal
    >>> from lib.levels import Trigger
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
    span = span_on(line, plan, on, proceedings_on, None)
    if span.reason:
        return span.reason
    if level.phase != _PREVENTION and effective_due_date(line) >= on:
        return Reason.NOT_DUE
    if level.minimum_amount > span.claimed_company:
        return Reason.BELOW_LINE_MINIMUM
    return None if is_in_order(line, plan, level, span.claimed_company) else Reason.PREVIOUS_NOT_DONE


def track_line(line: Line, plan: Plan, on: date, customer: Customer | None = None) -> Track:
    """The line with its spans from ``on`` onwards; the customer adds what is common to all."""
    forced_id, proceedings_on = line.forced_level_id, None
    if customer is not None:
        forced_id = forced_id or customer.forced_level_id
        proceedings_on = customer.proceedings_on
    return Track(line, effective_due_date(line), spans_of(line, plan, on, proceedings_on, forced_id))


def chased_on(tracks: Iterable[Track], day: date) -> Iterator[Chased]:
    """The lines that may be chased on a day, late or not."""
    for track in tracks:
        spans = track.spans
        span = spans[0] if len(spans) == 1 else track.on(day)
        if span.ladder is not None:
            yield Chased(track.line, track.due_date, span, span.ladder.level_on(day))


def line_decision(track: Track, plan: Plan, on: date, free: date, held: Reason | None = None) -> LineDecision:
    """The decision for one line; what comes next is looked for from ``free`` on.

    ``held`` is why nothing leaves today, for a line that has a level due.
    """
    line, due_date, spans = track
    span = spans[0]
    ladder, reason = span.ladder, span.reason
    level = coming = day = None
    if ladder is not None:
        level = ladder.level_on(on)
        if level is None:
            reason = ladder.waiting(on)
        elif held is None:
            coming, day = level, on
        else:
            level, reason = None, held
    if day is None:
        if ladder is not None:
            coming, day = ladder.coming(free)
        if len(spans) > 1 and (day is None or day >= spans[1].start):
            coming, day = next_level(track, plan, free)
    late = 0 if reason in _NO_DEBT else (on - due_date).days
    return LineDecision(line.id, level, reason, late > 0, max(0, late), coming, day, span.claimed, span.claimed_company)


def next_level(track: Track, plan: Plan, free: date) -> tuple[Level | None, date | None]:
    """The first level of the line that can leave on ``free`` or later, and its day."""
    days = {
        sending_day(plan, max(opens, span.start, free))
        for span in track.spans
        if span.ladder
        for opens in span.ladder.openings
    }
    for day in sorted(days - {NEVER}):
        ladder = track.on(day).ladder
        level = ladder.level_on(day) if ladder else None
        if level:
            return level, day
    return None, None
