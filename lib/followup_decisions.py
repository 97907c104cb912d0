"""What a follow-up decision returns: a verdict for each line, the messages that leave."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .followup_codes import Mode, Reason
from .followup_facts import ZERO, Level


# Not frozen, for the reason given for a line: nothing changes one either.
@dataclass(slots=True, unsafe_hash=True)
class LineDecision:
    """What is due for a line, or why nothing is.

    Exactly one of ``level`` and ``reason`` is set.

    ``next_level`` and ``next_date`` say what comes next if nothing changes (the level
    itself, today, when it is due); both are None when nothing comes by itself.
    ``claimed`` is what a message may claim of the line today, in its own currency and in
    the company's: the residual without the parts disputed or promised, nil when the line
    is excluded.
    """

    line_id: int
    level: Level | None
    reason: Reason | None
    overdue: bool
    days_late: int
    next_level: Level | None = None
    next_date: date | None = None
    claimed: Decimal = ZERO
    claimed_company: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one customer.

    ``level`` is the highest one due. ``listed`` are the lines the message shows,
    ``due`` those among them whose own level rises when it is delivered: each to the
    level of its own decision. ``mode`` says who lets it go, ``ask`` why a person must
    decide. ``key`` tells the messages of a customer apart: 0 for the whole account, else
    the rank of the level or the document. ``credits`` are the credits it shows: (line,
    amount in the line's currency, positive).
    """

    level: Level
    listed: tuple[int, ...]
    due: tuple[int, ...]
    mode: Mode = Mode.CONFIRM
    ask: Reason | None = None
    key: int = 0
    credits: tuple[tuple[int, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerDecision:
    """The messages due to a customer, or why there is none.

    The highest level comes first. ``next_level`` and ``next_date`` as for a line.
    """

    messages: tuple[Message, ...]
    reason: Reason | None
    lines: tuple[LineDecision, ...]
    next_level: Level | None = None
    next_date: date | None = None

    @property
    def level(self) -> Level | None:
        """The level of the highest message; None when nothing leaves."""
        return self.messages[0].level if self.messages else None

    @property
    def listed(self) -> tuple[int, ...]:
        """The lines that the messages show, in the order of the account."""
        return self._in_order({number for message in self.messages for number in message.listed})

    @property
    def due(self) -> tuple[int, ...]:
        """The lines whose level rises, in the order of the account."""
        return self._in_order({number for message in self.messages for number in message.due})

    def _in_order(self, numbers: set[int]) -> tuple[int, ...]:
        return tuple(item.line_id for item in self.lines if item.line_id in numbers)
