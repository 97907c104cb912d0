"""Which follow-up message is due for a customer: the one rule of the add-on.

Runs, the stored situation, the wizard's preview and the tests all call these functions;
there is no second copy of the rule. The date is always a parameter: nothing here reads
a clock or a database.

A customer gets one message, at the highest level due for a line (:mod:`line_levels`),
that lists every overdue line that may be chased, or one for each level or document
(:mod:`messages`). Credits are set against debts currency by currency (:mod:`credits`),
and no message leaves within the plan's minimum interval, nor on a day without sending.
What comes next is found by asking the same question on each later day that can change
the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from .credits import add_debts, covered_currencies
from .followup_codes import CreditPolicy, Grouping, Mode, Phase, Reason, Trigger
from .followup_decisions import CustomerDecision, LineDecision, Message
from .followup_facts import (
    FOLLOWED_KINDS,
    ZERO,
    Customer,
    Level,
    Line,
    Plan,
    document_date,
    effective_due_date,
)
from .free_days import after_interval, free_day, next_message_day, plan_of
from .line_claims import exclusion
from .line_levels import Chased, Track, decide_line, line_decision, refusal
from .line_steps import sending_day
from .messages import Account, Day, all_debts, compose, highest, messages_of, open_account
from .thanks import PaidLine, ThanksDecision, decide_thanks
from .working_days import NEVER, DayUnit, Region, add_days, next_day

__all__ = [
    "FOLLOWED_KINDS",
    "CreditPolicy",
    "Customer",
    "CustomerDecision",
    "DayUnit",
    "Grouping",
    "Level",
    "Line",
    "LineDecision",
    "Message",
    "Mode",
    "PaidLine",
    "Phase",
    "Plan",
    "Reason",
    "Region",
    "ThanksDecision",
    "Trigger",
    "add_days",
    "after_delivery",
    "decide_customer",
    "decide_line",
    "decide_thanks",
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
    Reason.GRACE,
    Reason.DISPUTED,
    Reason.LINE_STOP,
    Reason.HANDED_OVER,
    Reason.PROCEEDINGS,
    Reason.IN_PROCESS,
    Reason.NO_FOLLOWUP,
    Reason.AUTOMATIC_PAYMENT,
    Reason.PRESCRIBED,
    Reason.NOT_IN_PLAN,
    Reason.ACCOUNT_NOT_FOLLOWED,
    Reason.BELOW_LINE_MINIMUM,
    Reason.CREDIT,
    Reason.PAID,
)
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_CREDITS_COVER = Reason.CREDITS_COVER
_BELOW_THRESHOLD = Reason.BELOW_THRESHOLD
_CUSTOMER_STOP = Reason.CUSTOMER_STOP
_MINIMUM_INTERVAL = Reason.MINIMUM_INTERVAL


def decide_customer(customer: Customer, on: date) -> CustomerDecision:
    """The messages due to a customer: highest level, all overdue lines to chase.

    >>> from decimal import Decimal
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
    plan = plan_of(customer)
    account = open_account(customer, plan, on)
    free, held = free_day(customer, plan, on)
    today = compose(account, on) if held != _CUSTOMER_STOP else Day(())
    if today.drafts and held is None:
        return _sent(account, today, on)
    decisions = tuple(_left_out(track, today, plan, on, free, held) for track in account.tracks)
    if held == _CUSTOMER_STOP or (held and today.drafts):
        reason = held
    elif today.small:
        reason = _BELOW_THRESHOLD
    else:
        reason = _summary(decisions)
    level, day = _coming(account, max(free, next_day(on)))
    return CustomerDecision((), reason, decisions, next_level=level, next_date=day)


def after_delivery(customer: Customer, decision: CustomerDecision, on: date) -> Customer:
    """The customer once the decided messages have really left, for previews and tests.

    Only the lines that were due rise, each to its own level; the others were listed.
    A level chosen by hand has served; after a last level the lines are handed over.

    >>> from decimal import Decimal
    >>> plan = Plan(1, (Level(1, 1, Phase.REMINDER, Trigger.AFTER_DUE, 5),))
    >>> amount, day = Decimal(100), date(2026, 6, 29)
    >>> line = Line(1, date(2026, 6, 10), day, None, amount, "EUR", amount)
    >>> customer = Customer(1, (line,), plan)
    >>> customer = after_delivery(customer, decide_customer(customer, day), day)
    >>> customer.lines[0].delivered_rank, customer.last_message_on.isoformat()
    (1, '2026-06-29')
    """
    if not decision.messages:
        return customer
    levels = {item.line_id: item.level for item in decision.lines if item.level}
    lines = tuple(_risen(line, levels[line.id], on) if line.id in levels else line for line in customer.lines)
    return replace(customer, lines=lines, last_message_on=on, forced_level_id=None)


def _risen(line: Line, level: Level, on: date) -> Line:
    return replace(
        line,
        delivered_rank=level.rank,
        delivered_on=on,
        forced_level_id=None,
        handed_over=line.handed_over or level.hand_over,
    )


def _sent(account: Account, today: Day, on: date) -> CustomerDecision:
    """The decision when messages leave today; lines that do not rise wait."""
    plan = account.plan
    messages = messages_of(account, today.drafts)
    rising = {number for message in messages for number in message.due}
    later = after_interval(plan, on)
    decisions = tuple(
        line_decision(track, plan, on, on)
        if track.line.id in rising
        else _left_out(track, today, plan, on, later, _MINIMUM_INTERVAL)
        for track in account.tracks
    )
    return CustomerDecision(messages, None, decisions, messages[0].level, on)


def _left_out(track: Track, today: Day, plan: Plan, on: date, free: date, held: Reason | None) -> LineDecision:
    """The decision for a line left aside: its own reason, else the customer's."""
    decision = line_decision(track, plan, on, free, held)
    number = track.line.id
    if number in today.covered:
        return _without_next(decision, _CREDITS_COVER)
    if number in today.small and (decision.level or decision.reason == held):
        return _without_next(decision, _BELOW_THRESHOLD)
    if held == _CUSTOMER_STOP and track.spans[0].reason is None:
        return replace(decision, level=None, reason=_CUSTOMER_STOP)
    return decision


def _without_next(decision: LineDecision, reason: Reason) -> LineDecision:
    """The decision with that reason: the line alone cannot tell what comes next."""
    return replace(decision, level=None, reason=reason, next_level=None, next_date=None)


def _summary(decisions: Sequence[LineDecision]) -> Reason:
    """The reason that tells most about a customer: overdue lines speak first."""
    late = {item.reason for item in decisions if item.overdue}
    found = late or {item.reason for item in decisions}
    return next((reason for reason in _TELLING if reason in found), Reason.PAID)


def _coming(account: Account, start: date) -> tuple[Level | None, date | None]:
    """The next message from ``start`` onwards, and its day, if nothing changes."""
    plan = account.plan
    first = sending_day(plan, start)
    if first == NEVER:
        return None, None
    drafts = compose(account, first).drafts
    if drafts:
        return highest(drafts), first
    if not _may_come(account, first):
        return None, None
    later = {day for day in _turning_days(account) if day > first}
    for day in sorted({sending_day(plan, day) for day in later} - {NEVER}):
        drafts = compose(account, day).drafts
        if drafts:
            return highest(drafts), day
    return None, None


def _may_come(account: Account, start: date) -> bool:
    """Whether the debts, once they are all late and claimed, are worth a message.

    Saves looking at every later day of an account that credits cover for ever.
    """
    plan = account.plan
    debtors = []
    for track in account.tracks:
        claimed = [span for span in track.spans if span.reason is None]
        if claimed:
            most = max(claimed, key=lambda span: span.claimed)
            debtors.append(Chased(track.line, track.due_date, most, None))
    if account.credits:
        debts = add_debts(debtors, {}) if plan.credit_policy == CreditPolicy.DEDUCT else all_debts(account)
        covered = covered_currencies(debts, account.book_on(start))
        debtors = [chased for chased in debtors if chased.line.currency not in covered]
    total = sum((chased.span.claimed_company for chased in debtors), ZERO)
    return bool(debtors) and total >= plan.customer_threshold


def _turning_days(account: Account) -> Iterator[date]:
    """The days on which a line becomes overdue, due or free again.

    A credit that falls due, or a debt that is prescribed, only takes a message away.
    """
    for track in account.tracks:
        yield next_day(track.due_date)
        for span in track.spans:
            yield span.start
            if span.ladder is not None:
                yield from span.ladder.openings
