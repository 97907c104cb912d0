"""*Lettrage*: which entries settle each other, and by how much.

Sage stores a code on the entries and nothing else: no table, no date, no residual. The same code comes back in another
fiscal year and on another account of the same customer, and a case-insensitive collation would merge ``a``
(pre-lettered) with ``A`` (lettered): so the groups are made here, never by the server.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .exercises import Exercises
from .records import Entry

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class Kind(StrEnum):
    """What a group of entries bearing the same code amounts to."""

    FULL = "full"
    PARTIAL = "partial"
    UNBALANCED = "unbalanced"  # Sage calls it settled, but its debits and credits differ


class GroupKey(NamedTuple):
    """The scope of a lettering code."""

    exercise: dt.date
    account: str
    customer: str
    code: str

    def __str__(self) -> str:
        return f"{self.exercise:%Y-%m-%d}/{self.account}/{self.customer}/{self.code}"


def group_key(entry: Entry, exercises: Exercises) -> GroupKey | None:
    """Return the group that an entry belongs to, None when it bears no code.

    Examples:
        >>> entry = Entry(1, "VE", dt.date(2026, 3, 9), "12", "411000", "DUPONT", "", Decimal(10), lettering="AAA")
        >>> str(group_key(entry, Exercises.of([])))
        '2026-01-01/411000/DUPONT/AAA'
    """
    if not entry.lettering:
        return None
    return GroupKey(exercises.start_of(entry.date), entry.account, entry.customer, entry.lettering)


def groups(entries: Iterable[Entry], exercises: Exercises) -> dict[GroupKey, list[Entry]]:
    """Return the entries by group, in the order given."""
    found: dict[GroupKey, list[Entry]] = defaultdict(list)
    for entry in entries:
        key = group_key(entry, exercises)
        if key is not None:
            found[key].append(entry)
    return dict(found)


def kind_of(entries: Sequence[Entry]) -> Kind:
    """Return what a group amounts to. EC_Lettre counts as settled only if the group balances.

    Examples:
        >>> def entry(number: int, amount: int, lettered: bool) -> Entry:
        ...     day = dt.date(2026, 3, 9)
        ...     return Entry(number, "VE", day, "", "411000", "DUPONT", "", Decimal(amount), lettered=lettered)
        >>> kind_of([entry(1, 10, True), entry(2, -10, True)]).value
        'full'
        >>> kind_of([entry(1, 10, False), entry(2, -4, False)]).value
        'partial'
        >>> kind_of([entry(1, 10, True), entry(2, -4, True)]).value
        'unbalanced'
    """
    if not sum(entry.amount for entry in entries):
        return Kind.FULL
    return Kind.UNBALANCED if any(entry.lettered for entry in entries) else Kind.PARTIAL


@dataclass(frozen=True, slots=True)
class Item:
    """What the allocation needs to know of a line."""

    id: int
    amount: Decimal
    amount_currency: Decimal
    due_date: dt.date


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a debit settled by a part of a credit: company currency, then each line's own currency (all
    positive)."""

    debit: int
    credit: int
    amount: Decimal
    debit_currency: Decimal
    credit_currency: Decimal


def allocate(items: Iterable[Item]) -> list[Share]:
    """Return how the credits of a group settle its debits, oldest due date first.

    The company currency rules, because it is in this currency that Sage balances a group; a line's own currency
    follows in proportion, and its last share takes what is left, so that a settled line is settled in both.

    Examples:
        >>> day = dt.date(2026, 1, 31)
        >>> items = [Item(n, Decimal(a), Decimal(a), day) for n, a in ((1, 100), (2, 50), (3, -120))]
        >>> [(s.debit, s.credit, str(s.amount)) for s in allocate(items)]
        [(1, 3, '100'), (2, 3, '20')]
    """
    return share([Remainder(item) for item in items])


class Remainder:
    """A line being settled: what is left of it, in both currencies."""

    __slots__ = ("item", "left", "left_currency")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.left = abs(item.amount)
        self.left_currency = abs(item.amount_currency)

    @property
    def settled(self) -> bool:
        """Return whether nothing is left, in either currency."""
        return not self.left and not self.left_currency

    def take(self, amount: Decimal) -> Decimal:
        """Reduce the line by an amount of company currency; return the same in the line's currency."""
        if amount == self.left:
            taken = self.left_currency
        else:
            taken = (self.left_currency * amount / self.left).quantize(CENT)
        self.left -= amount
        self.left_currency -= taken
        return taken


def share(remainders: Sequence[Remainder]) -> list[Share]:
    """Return the shares between some lines, and reduce these by them."""
    if len(remainders) > 2:
        remainders = sorted(remainders, key=_order)
    debits = deque(line for line in remainders if line.left and line.item.amount > 0)
    credits_ = deque(line for line in remainders if line.left and line.item.amount < 0)
    shares = []
    while debits and credits_:
        debit, credit = debits[0], credits_[0]
        amount = min(debit.left, credit.left)
        shares.append(Share(debit.item.id, credit.item.id, amount, debit.take(amount), credit.take(amount)))
        if not debit.left:
            debits.popleft()
        if not credit.left:
            credits_.popleft()
    return shares


def _order(remainder: Remainder) -> tuple[dt.date, int]:
    return remainder.item.due_date, remainder.item.id


@dataclass(frozen=True, slots=True)
class Matching:
    """A group as Odoo must hold it: the kept lines (EC_No of the originals) to settle together."""

    key: GroupKey
    kind: Kind
    lines: tuple[int, ...]
    balance: Decimal


def matchings(
    entries: Iterable[Entry], roots: Mapping[int, tuple[int, ...]], exercises: Exercises, current: Mapping[int, int]
) -> list[Matching]:
    """Return the groups in force among some entries: see ``matchings_of``."""
    return matchings_of(groups(entries, exercises), roots, current)


def matchings_of(
    found_groups: Mapping[GroupKey, Sequence[Entry]], roots: Mapping[int, tuple[int, ...]], current: Mapping[int, int]
) -> list[Matching]:
    """Return the groups in force, opening entries replaced by the originals that they stand for.

    Args:
        found_groups: the entries by lettering group.
        roots: EC_No → kept originals, for the entries that stand for something; others are left out.
        current: original's EC_No → EC_No of the entry whose code is in force for it (itself, or its last copy).
    """
    found = []
    for key, everyone in found_groups.items():
        members = [entry for entry in everyone if entry.ec_no in roots]
        lines: list[int] = []
        for entry in members:
            lines += [root for root in roots[entry.ec_no] if current.get(root, root) == entry.ec_no]
        if len(lines) > 1:
            found.append(
                Matching(key, kind_of(members), tuple(dict.fromkeys(lines)), sum((e.amount for e in members), ZERO))
            )
    return found
