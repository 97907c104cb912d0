"""When to thank a customer: once, some days after a chased invoice was paid in full.

Thanks close a chase; they are no chase themselves. They never leave while the customer
still owes something overdue, never twice for the same invoice, and not weeks later: the
day somebody switches the thanks on, the payments of last year stay what they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .followup_codes import Phase, Reason
from .followup_decisions import Message
from .followup_facts import FOLLOWED_KINDS, ZERO, Customer, Level, effective_due_date
from .free_days import free_day, plan_of
from .line_steps import sending_day
from .messages import who_releases
from .working_days import NEVER, add_days

__all__ = ["TOO_LATE", "PaidLine", "ThanksDecision", "decide_thanks"]

# Calendar days after the day of the thanks: later than that they only surprise.
TOO_LATE = 15


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One receivable line that nothing is left of.

    ``paid_on`` is the day of the payment that settled it, ``reminded_rank`` the highest
    level really delivered for it and ``reminded_on`` its day, ``thanked`` whether a
    message of thanks has already mentioned it. ``amount`` is what the line was for, in
    the company's currency; ``document`` the entry that it belongs to.
    """

    id: int
    document: int
    amount: Decimal
    paid_on: date
    reminded_rank: int | None = None
    reminded_on: date | None = None
    thanked: bool = False


@dataclass(frozen=True, slots=True)
class ThanksDecision:
    """The message of thanks, or why there is none, and the day on which it can leave."""

    message: Message | None
    reason: Reason | None
    next_date: date | None = None


def decide_thanks(customer: Customer, paid: Iterable[PaidLine], level: Level, on: date) -> ThanksDecision:
    """The thanks due to a customer on a day, for all the invoices just paid together.

    ``customer`` has the lines still open; ``level`` is the thanks of its plan, whose
    delay counts from the payment and whose minimum is compared with each line.

    >>> from lib.levels import Plan, Trigger
    >>> level = Level(9, 9, Phase.THANKS, Trigger.AFTER_DUE, 2)
    >>> june = date(2026, 6, 10)
    >>> paid = PaidLine(1, 7, Decimal(100), june, 1, date(2026, 6, 1))
    >>> decision = decide_thanks(Customer(1, (), Plan(1, ())), [paid], level, june)
    >>> decision.reason.value, decision.next_date.isoformat()
    ('not_due', '2026-06-12')
    >>> decision = decide_thanks(Customer(1, (), Plan(1, ())), [paid], level, date(2026, 6, 12))
    >>> decision.message.listed
    (1,)
    """
    if level.phase != Phase.THANKS:
        raise ValueError("only a level of thanks can thank")
    plan = plan_of(customer)
    free, held = free_day(customer, plan, on)
    days = _thankable(customer, paid, level, free)
    if not days:
        return ThanksDecision(None, Reason.CUSTOMER_STOP if free == NEVER else Reason.PAID)
    if _owes_late(customer, on):
        return ThanksDecision(None, Reason.NOT_DUE)
    first = sending_day(plan, max(free, min(days.values())))
    if first > on:
        return ThanksDecision(None, held or Reason.NOT_DUE, first)
    listed = tuple(number for number, day in days.items() if day <= on)
    mode, ask = who_releases(level, customer, plan)
    return ThanksDecision(Message(level, listed, (), mode, ask), None, on)


def _thankable(customer: Customer, paid: Iterable[PaidLine], level: Level, free: date) -> dict[int, date]:
    """{line: the day of its thanks} of the invoices chased, then paid in full, not too late.

    A prevention notice is no chase, nor a reminder that left after the payment did.
    """
    unpaid = {line.document for line in customer.lines if line.document and line.residual > ZERO}
    found = {}
    for line in paid:
        chased = line.reminded_rank and line.reminded_on is not None and line.reminded_on <= line.paid_on
        if not chased or line.thanked or line.document in unpaid or line.amount < level.minimum_amount:
            continue
        day = add_days(line.paid_on, level.delay, level.unit, customer.plan.region)
        if free <= day + timedelta(days=TOO_LATE):
            found[line.id] = day
    return found


def _owes_late(customer: Customer, on: date) -> bool:
    """Whether anything is overdue, disputed or promised or not."""
    return any(
        line.residual > ZERO and line.account_kind in FOLLOWED_KINDS and effective_due_date(line) < on
        for line in customer.lines
    )
