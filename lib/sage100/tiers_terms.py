"""Payment terms of a customer (F_REGLEMENTT) in words that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .records_tiers import Term

END_OF_CALENDAR_MONTH, END_OF_MONTH = 1, 2
PERCENT, BALANCE, AMOUNT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Wording:
    """The words, in one language; the names between brackets are replaced."""

    cash: str = "on receipt"
    net: str = "%(days)s days"
    calendar_month: str = "%(days)s days, end of calendar month"
    month: str = "%(days)s days, end of month"
    end_of_month: str = "end of month"
    falls: str = "%(delay)s, on the %(days)s"
    percent: str = "%(value)s %%: %(delay)s"
    amount: str = "%(value)s: %(delay)s"
    balance: str = "balance: %(delay)s"
    mode: str = "%(delay)s (%(mode)s)"
    many: str = "%(number)s due dates – %(parts)s"


ENGLISH = Wording()


def delay_of(term: Term, words: Wording = ENGLISH) -> str:
    """Return when it falls due.

    Examples:
        >>> delay_of(Term("C", days=30)), delay_of(Term("C"))
        ('30 days', 'on receipt')
        >>> delay_of(Term("C", condition=2, days=30, falls=(10,)))
        '30 days, end of month, on the 10'
    """
    if term.condition in (END_OF_CALENDAR_MONTH, END_OF_MONTH):
        calendar = term.condition == END_OF_CALENDAR_MONTH
        form = (words.calendar_month if calendar else words.month) if term.days else words.end_of_month
    else:
        form = words.net if term.days else words.cash
    delay = form % {"days": term.days}
    if term.falls:
        delay = words.falls % {"delay": delay, "days": ", ".join(str(day) for day in term.falls)}
    return delay


def describe(terms: Sequence[Term], modes: Mapping[int, str], words: Wording = ENGLISH) -> str:
    """Return the payment terms in one sentence, empty when there are none.

    The balance comes last, whatever the order of the rows: it is what the others leave.

    Examples:
        >>> describe([Term("C", mode=1, condition=2, days=30)], {1: "Virement"})
        '30 days, end of month (Virement)'
        >>> from decimal import Decimal
        >>> describe([Term("C", share=1, days=60), Term("C", share=0, value=Decimal("30.00"))], {})
        '2 due dates – 30 %: on receipt; balance: 60 days'
    """
    parts = []
    for term in sorted(terms, key=lambda item: item.share == BALANCE):
        delay = delay_of(term, words)
        if len(terms) > 1:
            form = {PERCENT: words.percent, AMOUNT: words.amount}.get(term.share, words.balance)
            delay = form % {"value": f"{term.value.normalize():f}", "delay": delay}
        if modes.get(term.mode):
            delay = words.mode % {"delay": delay, "mode": modes[term.mode]}
        parts.append(delay)
    if len(parts) < 2:
        return "".join(parts)
    return words.many % {"number": len(parts), "parts": "; ".join(parts)}
