"""Allotment: what no code binds, set against the oldest debts.

Sage keeps no residual by invoice: a payment that nobody lettered is a credit beside the invoices. Some firms want it
deducted from the oldest due dates, as their customers' statements do; others want it shown apart. The balance is the
same either way, so that this is a setting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable

from .lettering import Remainder, Share, share


def allot(remainders: Iterable[tuple[Hashable, Remainder]]) -> list[Share]:
    """Return how the credits left settle the debits left, oldest due date first, and reduce these by them.

    Args:
        remainders: what lettering left of each line, with what it may be set against: same customer, same account, same
            currency.

    Examples:
        >>> import datetime as dt
        >>> from decimal import Decimal
        >>> from .lettering import Item
        >>> def line(number, amount, day):
        ...     return "411", Remainder(Item(number, Decimal(amount), Decimal(amount), dt.date(2026, 1, day)))
        >>> shares = allot([line(1, 100, 31), line(2, 50, 15), line(3, -70, 20)])
        >>> [(s.debit, s.credit, str(s.amount)) for s in shares]
        [(2, 3, '50'), (1, 3, '20')]
    """
    piles: dict[Hashable, list[Remainder]] = defaultdict(list)
    for key, remainder in remainders:
        if remainder.left:
            piles[key].append(remainder)
    return [part for pile in piles.values() for part in share(_ordered(pile))]


def _ordered(pile: list[Remainder]) -> list[Remainder]:
    return sorted(pile, key=lambda remainder: (remainder.item.due_date, remainder.item.id))
