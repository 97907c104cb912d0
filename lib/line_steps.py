"""The levels still to come for one line, and the days on which they may be sent.

Each level opens on a day (:func:`_opening`); a prevention notice closes after the due
date. The highest open level above the one delivered is due; with a strict order, only
the next one. A day is reached when it is past too, so a day without a run loses nothing
(trap 26).

Thousands of lines share few dates and histories: those that do share one ladder, which
remembers its answers.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .followup_codes import Phase, Reason, Trigger
from .followup_facts import ZERO, Level, Line, Plan, document_date
from .working_days import NEVER, DayUnit, add_days, next_day, next_sending_day

# Bound once: with Python 3.11, reading a member costs five times its comparison.
_PREVENTION = Phase.PREVENTION
_BEFORE_DUE = Trigger.BEFORE_DUE
_AFTER_INVOICE = Trigger.AFTER_INVOICE
_AFTER_PREVIOUS = Trigger.AFTER_PREVIOUS
_END_OF_MONTH = Trigger.END_OF_MONTH


class Step(NamedTuple):
    """A level still to come for a line, and the days on which it may be sent."""

    opens: date
    closes: date
    level: Level


class Ladder:
    """The levels to come of the lines that have the same dates and history, in order."""

    __slots__ = ("_coming", "_delivered", "_levels", "_plan", "_waiting", "openings", "steps")

    def __init__(self, steps: tuple[Step, ...], plan: Plan, delivered: int | None) -> None:
        self.steps = steps
        self.openings = tuple(step.opens for step in steps if step.opens != NEVER)
        self._plan = plan
        self._delivered = delivered
        self._levels: dict[date, Level | None] = {}
        self._coming: dict[date, tuple[Level | None, date | None]] = {}
        self._waiting: dict[date, Reason] = {}

    def level_on(self, day: date) -> Level | None:
        """The level due on a day: the highest open one, or in a strict order the next."""
        try:
            return self._levels[day]
        except KeyError:
            found = self._levels[day] = self._level_on(day)
            return found

    def _level_on(self, day: date) -> Level | None:
        found = None
        for step in self.steps:
            if step.closes < day:
                continue
            if step.opens <= day:
                found = step.level
            if self._plan.strict_order:
                break
        return found

    def coming(self, free: date) -> tuple[Level | None, date | None]:
        """The first level that can leave on ``free`` or later, and its day."""
        found = self._coming.get(free)
        if found is None:
            found = self._coming[free] = self._coming_from(free)
        return found

    def _coming_from(self, free: date) -> tuple[Level | None, date | None]:
        for day in sorted({sending_day(self._plan, max(opens, free)) for opens in self.openings} - {NEVER}):
            level = self.level_on(day)
            if level:
                return level, day
        return None, None

    def waiting(self, on: date) -> Reason:
        """Why a line that may be chased has no new level on a day."""
        found = self._waiting.get(on)
        if found is None:
            found = self._waiting[on] = self._why_waiting(on)
        return found

    def _why_waiting(self, on: date) -> Reason:
        steps = [step for step in self.steps if step.closes >= on]
        if not steps:
            return self._why_exhausted()
        hidden = any(step.opens <= on for step in steps)
        if self._plan.strict_order:
            steps = steps[:1]
        if hidden or all(step.opens == NEVER for step in steps):
            return Reason.PREVIOUS_NOT_DONE
        return Reason.NOT_DUE

    def _why_exhausted(self) -> Reason:
        """Why no level remains: those above ask for more, or all were sent (trap 24)."""
        delivered = self._delivered
        above = [level for level in self._plan.levels if delivered is None or level.rank > delivered]
        if any(level.phase != _PREVENTION and not level.ignored for level in above):
            return Reason.BELOW_LINE_MINIMUM
        return Reason.NOT_DUE if delivered is None else Reason.LAST_LEVEL_SENT


def ladder_of(line: Line, plan: Plan, due_date: date, claimed: Decimal, forced_id: int | None) -> Ladder:
    """The levels to come for a line; ``NEVER`` opens one of unknown day.

    ``claimed`` is compared with the minimum of each level: an old leftover never climbs
    (trap 17).
    """
    memo = plan.memo
    if not memo.minimums:
        memo.minimums = sorted({ZERO} | {level.minimum_amount for level in plan.levels})
        memo.by_invoice = any(level.trigger == _AFTER_INVOICE for level in plan.levels)
    delivered = line.delivered_rank
    key = (
        due_date,
        document_date(line) if memo.by_invoice else None,
        delivered,
        line.delivered_on,
        forced_id,
        bisect_right(memo.minimums, claimed),
    )
    found: Ladder | None = memo.ladders.get(key)
    if found is None:
        steps = tuple(_steps(line, plan, due_date, claimed, forced_id))
        found = memo.ladders[key] = Ladder(steps, plan, delivered)
    return found


def applicable(plan: Plan, claimed: Decimal) -> list[Level]:
    """The levels that a line may climb: not ignored, their minimum reached."""
    return [level for level in plan.levels if not level.ignored and level.minimum_amount <= claimed]


def is_in_order(line: Line, plan: Plan, level: Level, claimed: Decimal) -> bool:
    """Whether a strict order lets a line have that level: the one before is dated."""
    if not plan.strict_order:
        return True
    before = [each for each in applicable(plan, claimed) if each.rank < level.rank and each.phase != _PREVENTION]
    if not before:
        return True
    return line.delivered_on is not None and (line.delivered_rank or 0) >= before[-1].rank


def _steps(line: Line, plan: Plan, due_date: date, claimed: Decimal, forced_id: int | None) -> Iterator[Step]:
    """A level chosen by hand replaces the others, once the order of the plan allows it."""
    chosen = next((level for level in plan.levels if level.id == forced_id), None)
    tomorrow = next_day(due_date)
    if chosen and chosen.minimum_amount <= claimed and is_in_order(line, plan, chosen, claimed):
        if chosen.phase != _PREVENTION:
            yield Step(tomorrow, NEVER, chosen)
            return
        yield Step(date.min, due_date, chosen)
    delivered = line.delivered_rank
    first = max(tomorrow, add_days(due_date, plan.first_delay, DayUnit.CALENDAR))
    previous: int | None = None
    for level in applicable(plan, claimed):
        waits = delivered is None or level.rank > delivered
        if level.phase != _PREVENTION:
            if waits:
                yield Step(max(first, _opening(line, level, previous, due_date, plan)), NEVER, level)
            previous = level.rank
        elif waits and level is not chosen:
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
    elif level.trigger == _END_OF_MONTH:
        start = month_end(due_date)
    elif level.trigger == _AFTER_PREVIOUS and (done or previous is not None):
        if not done or line.delivered_on is None:
            return NEVER
        start = line.delivered_on
    return add_days(start, level.delay, level.unit, plan.region)


def month_end(day: date) -> date:
    """The last day of the month of a day.

    >>> month_end(date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def sending_day(plan: Plan, day: date) -> date:
    """The first day, ``day`` or later, on which the plan sends.

    >>> mondays = Plan(1, (), sending_days=frozenset({0}), skip_holidays=True)
    >>> sending_day(mondays, date(2026, 4, 1)).isoformat()
    '2026-04-13'
    """
    if not plan.sending_days and not plan.skip_holidays:
        return day
    known = plan.memo.sending
    found = known.get(day)
    if found is None:
        found = known[day] = next_sending_day(day, plan.sending_days, plan.skip_holidays, plan.region)
    return found
