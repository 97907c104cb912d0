"""What a follow-up decision reads and returns: plain values, without Odoo.

The rule itself is in :mod:`levels`. Amounts are exact decimals, signed as in the books:
a debt of the customer is positive, a credit note or an unallocated payment negative.
Days are dates, never times.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .working_days import DayUnit, Region

ZERO = Decimal(0)
# Accounts that are chased. A bill (413) is not late before it is presented, nor a
# retention (4117) before it is released; a debt moved to 416 stays chased (trap 10).
FOLLOWED_KINDS = frozenset({"ordinary", "doubtful"})


class Phase(StrEnum):
    """The time of a plan. A notice is a reminder with a legal tone."""

    PREVENTION = "prevention"
    REMINDER = "reminder"
    NOTICE = "notice"
    THANKS = "thanks"


class Trigger(StrEnum):
    """The day a level's delay is counted from."""

    BEFORE_DUE = "before_due"
    AFTER_DUE = "after_due"
    AFTER_PREVIOUS = "after_previous"
    AFTER_INVOICE = "after_invoice"


class Reason(StrEnum):
    """Why a line or a customer is left out.

    Codes are stored: never rename one.
    """

    NOT_DUE = "not_due"
    BELOW_LINE_MINIMUM = "below_minimum"
    BELOW_THRESHOLD = "below_threshold"
    CREDITS_COVER = "credits_cover"
    MINIMUM_INTERVAL = "minimum_interval"
    PREVIOUS_NOT_DONE = "previous_not_done"
    CUSTOMER_STOP = "customer_stop"
    LINE_STOP = "line_stop"
    NO_FOLLOWUP = "no_followup"
    DISPUTED = "disputed"
    PROMISED = "promised"
    AUTOMATIC_PAYMENT = "automatic_payment"
    ACCOUNT_NOT_FOLLOWED = "account_not_followed"
    NO_ADDRESS = "no_address"
    LAST_LEVEL_SENT = "last_level_sent"
    CREDIT = "credit"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a plan.

    ``rank`` is its place: 0 for prevention, then 1, 2… in the order of the plan.
    """

    id: int
    rank: int
    phase: Phase
    trigger: Trigger
    delay: int
    unit: DayUnit = DayUnit.CALENDAR
    minimum_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules common to the levels, and its active levels in order, without thanks.

    ``minimum_interval`` is in calendar days; amounts are in the company's currency.
    """

    id: int
    levels: tuple[Level, ...]
    strict_order: bool = False
    minimum_interval: int = 0
    customer_threshold: Decimal = ZERO
    line_minimum: Decimal = ZERO
    region: Region = Region.METROPOLE

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


@dataclass(frozen=True, slots=True)
class Line:
    """One open receivable line.

    ``residual`` is in the company's currency, ``residual_currency`` in the line's own
    (the same when it is the company's). ``delivered_rank`` is the highest level really
    delivered for this line and ``delivered_on`` the day of that delivery, not of a
    later message that only listed the line. ``promised_until`` is the last day on which
    the promise is still waited for, grace included.
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


@dataclass(frozen=True, slots=True)
class Customer:
    """One commercial partner in one company, with all its open lines, credits too."""

    id: int
    lines: tuple[Line, ...]
    plan: Plan
    last_message_on: date | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What is due for a line, or why nothing is.

    Exactly one of ``level`` and ``reason`` is set.

    ``next_level`` and ``next_date`` say what comes next if nothing changes (the level
    itself, today, when it is due); both are None when nothing comes by itself.
    """

    line_id: int
    level: Level | None
    reason: Reason | None
    overdue: bool
    days_late: int
    next_level: Level | None = None
    next_date: date | None = None


@dataclass(frozen=True, slots=True)
class CustomerDecision:
    """The one message due to a customer, or why there is none.

    ``level`` is the highest one due. ``listed`` are the lines the message shows,
    ``due`` those among them whose own level rises when it is delivered: each to the
    level of its own decision.
    """

    level: Level | None
    reason: Reason | None
    lines: tuple[LineDecision, ...]
    listed: tuple[int, ...] = ()
    due: tuple[int, ...] = ()
    next_level: Level | None = None
    next_date: date | None = None


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
