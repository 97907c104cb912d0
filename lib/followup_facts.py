"""What a follow-up decision reads: plain values, without Odoo.

The rule itself is in :mod:`levels`. Amounts are exact decimals, signed as in the books:
a debt of the customer is positive, a credit note or an unallocated payment negative.
Days are dates, never times.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .followup_codes import CreditPolicy, Grouping, Mode, Phase, Trigger
from .working_days import DayUnit, Region

ZERO = Decimal(0)
# Accounts that are chased. A bill (413) is not late before it is presented, nor a
# retention (4117) before it is released; a debt moved to 416 stays chased (trap 10).
FOLLOWED_KINDS = frozenset({"ordinary", "doubtful"})
_WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a plan.

    ``rank`` is its place: 0 for prevention, then 1, 2… in the order of the plan. An
    ``ignored`` level is passed over, also in a strict order; a person may still choose
    it. After a ``hand_over`` level the lines leave the follow-up.
    """

    id: int
    rank: int
    phase: Phase
    trigger: Trigger
    delay: int
    unit: DayUnit = DayUnit.CALENDAR
    minimum_amount: Decimal = ZERO
    ignored: bool = False
    mode: Mode = Mode.CONFIRM
    hand_over: bool = False


@dataclass(slots=True)
class Memo:
    """Answers already found for a plan, shared by the lines that ask the same."""

    minimums: list[Decimal] = field(default_factory=list)
    by_invoice: bool = False
    ladders: dict[Any, Any] = field(default_factory=dict)
    sending: dict[date, date] = field(default_factory=dict)
    prescription: dict[date, date] = field(default_factory=dict)
    by_hand: "Plan | None" = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules common to the levels, and its active levels in order, without thanks.

    ``minimum_interval`` and ``first_delay`` (after the due date, before any reminder)
    are in calendar days; amounts are in the company's currency. ``sending_days`` are
    weekdays, 0 for Monday; none means all. Above ``ceiling`` a person decides.
    ``ignore_future_credits`` leaves out the credits that are not due yet (F040).
    ``prescription_years`` count from the document's date, which is the prudent start.
    """

    id: int
    levels: tuple[Level, ...]
    strict_order: bool = False
    minimum_interval: int = 0
    customer_threshold: Decimal = ZERO
    line_minimum: Decimal = ZERO
    region: Region = Region.METROPOLE
    grouping: Grouping = Grouping.CUSTOMER
    first_delay: int = 0
    sending_days: frozenset[int] = frozenset()
    skip_holidays: bool = False
    ceiling: Decimal | None = None
    exclude_automatic_payment: bool = True
    exclude_promised: bool = True
    credit_policy: CreditPolicy = CreditPolicy.DEDUCT
    ignore_future_credits: bool = False
    prescription_years: int | None = None
    mode: Mode = Mode.AUTOMATIC
    # Not an argument, so that `replace` starts a new one.
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse levels out of order, and thanks among the reminders.

        >>> ranks = {"first": 2, "second": 1}
        >>> levels = [
        ...     Level(rank, rank, Phase.REMINDER, Trigger.AFTER_DUE, 5)
        ...     for rank in ranks.values()
        ... ]
        >>> Plan(1, tuple(levels))
        Traceback (most recent call last):
        ValueError: the levels of a plan must be in the order of their ranks
        """
        ranks = [level.rank for level in self.levels]
        if ranks != sorted(ranks):
            raise ValueError("the levels of a plan must be in the order of their ranks")
        if any(level.phase == Phase.THANKS for level in self.levels):
            raise ValueError("thanks are not a level that a debt can reach")
        if not self.sending_days <= _WEEKDAYS:
            raise ValueError("a weekday is a number from 0, Monday, to 6, Sunday")


# Not frozen: with Python 3.11 a frozen one takes eight times as long to build, and there
# are tens of thousands of them. Nothing here changes a line; use `replace`.
@dataclass(slots=True, unsafe_hash=True)
class Line:
    """One open receivable line.

    ``residual`` is in the company's currency, ``residual_currency`` in the line's own
    (the same when it is the company's). ``delivered_rank`` is the highest level really
    delivered for this line and ``delivered_on`` the day of that delivery, not of a
    later message that only listed the line.

    ``promised_until`` is the last day on which the promise is still waited for, grace
    included; ``stop_until`` the last day of the stop; ``not_before`` the first day
    after the grace of a dispute that was settled. Parts disputed, promised or whose
    payment is on its way (``in_process``, trap 1) are in the line's currency; none, or
    nil, means the whole line. ``forced_level_id`` is a next
    level chosen by hand. ``document`` is the entry that the line belongs to.
    """

    id: int
    due_date: date | None
    entry_date: date
    invoice_date: date | None
    residual: Decimal
    currency: str
    residual_currency: Decimal
    account_kind: str = "ordinary"
    delivered_rank: int | None = None
    delivered_on: date | None = None
    no_followup: bool = False
    stop: bool = False
    automatic_payment: bool = False
    disputed: bool = False
    promised_until: date | None = None
    document: int = 0
    in_plan: bool = True
    in_process: bool = False
    in_process_amount: Decimal | None = None
    handed_over: bool = False
    stop_until: date | None = None
    disputed_amount: Decimal | None = None
    promised_amount: Decimal | None = None
    not_before: date | None = None
    forced_level_id: int | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """One commercial partner in one company, with all its open lines, credits too.

    ``stop_until`` is the last day of the stop. Debts whose document is older than
    ``proceedings_on`` (sauvegarde, redressement, liquidation) may not be chased.
    ``by_hand``: a person chose this customer, so neither the ceiling nor the weekday
    holds it back; the interval, the stops and the exclusions do.
    """

    id: int
    lines: tuple[Line, ...]
    plan: Plan
    last_message_on: date | None = None
    stop: bool = False
    stop_until: date | None = None
    proceedings_on: date | None = None
    mode: Mode | None = None
    forced_level_id: int | None = None
    by_hand: bool = False


def effective_due_date(line: Line) -> date:
    """The line's own due date, else its entry date: never today (traps 6 and 7).

    >>> ten = Decimal(10)
    >>> effective_due_date(Line(1, None, date(2026, 5, 4), None, ten, "EUR", ten))
    datetime.date(2026, 5, 4)
    """
    return line.due_date or line.entry_date


def document_date(line: Line) -> date:
    """The invoice date, else the entry date: what AFTER_INVOICE counts from.

    >>> entry, invoice, ten = date(2026, 5, 4), date(2026, 4, 30), Decimal(10)
    >>> document_date(Line(1, None, entry, invoice, ten, "EUR", ten))
    datetime.date(2026, 4, 30)
    """
    return line.invoice_date or line.entry_date
