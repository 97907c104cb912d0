"""What an import must find, drawn from the business story, not from the rows.

The story says which lines were posted and which settled each other. It knows nothing of
opening entries, lettrage codes or exercises, so it is an independent witness.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from .accounts import COLLECTIVES
from .generator import Base
from .story import Line


@dataclass(frozen=True)
class OpenItem:
    """A line of a customer that nothing has settled at the reference date."""

    ct_num: str
    cg_num: str
    amount: Decimal
    """In euros, debit positive, credit negative."""
    date: dt.date
    due: dt.date | None
    ref: str
    piece: str
    currency: str
    currency_amount: Decimal
    first_no: int
    """EC_No of the line as first posted."""
    current_no: int
    """EC_No of the row that stands for it in the latest exercise: itself, its last
    copy in detail, or the opening balance line of the tiers."""
    prelettered: bool
    """Set against another line by a pre-lettrage (lower case)."""


def _lines(base: Base) -> list[tuple[Line, str]]:
    """Lines of customers on their collectives, each with its piece number."""
    return [
        (line, piece.number)
        for piece in base.story.pieces
        for line in piece.lines
        if line.tiers in base.story.customers
        and line.account in COLLECTIVES
        and not line.excluded
    ]


def expected_open_items(base: Base) -> list[OpenItem]:
    """Items open at the reference date, sorted by customer, account and first EC_No."""
    pre = {
        id(line)
        for match in base.story.matches
        if not match.full
        for line in match.lines
    }
    items = [
        OpenItem(
            ct_num=line.tiers,
            cg_num=line.account,
            amount=line.signed,
            date=line.date,
            due=line.due,
            ref=line.ref,
            piece=number,
            currency="USD" if line.foreign else "EUR",
            currency_amount=_currency_amount(line),
            first_no=line.first_no,
            current_no=line.current_no,
            prelettered=id(line) in pre,
        )
        for line, number in _lines(base)
        if line.settled is None
    ]
    return sorted(items, key=lambda item: (item.ct_num, item.cg_num, item.first_no))


def expected_balances(base: Base) -> dict[tuple[str, str], Decimal]:
    """Balance of each customer on each collective it has used, nil ones included."""
    balances = {
        (line.tiers, line.account): Decimal(0) for line, _number in _lines(base)
    }
    for item in expected_open_items(base):
        balances[item.ct_num, item.cg_num] += item.amount
    return dict(sorted(balances.items()))


def expected_overdue(base: Base) -> dict[str, Decimal]:
    """Overdue debits of each customer who has some: due before the reference date."""
    overdue: dict[str, Decimal] = {}
    for item in expected_open_items(base):
        if item.amount > 0 and item.due and item.due < base.reference_date:
            overdue[item.ct_num] = overdue.get(item.ct_num, Decimal(0)) + item.amount
    return dict(sorted(overdue.items()))


def _currency_amount(line: Line) -> Decimal:
    if line.foreign is None:
        return line.signed
    return line.foreign.amount if line.debit else -line.foreign.amount
