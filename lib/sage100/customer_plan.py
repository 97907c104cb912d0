"""What the lines of some customers must be: which entries are kept, which settle each other, and by how much.

Pure, and closed on a customer: opening entries and lettering never go across customers, so that a base is planned by
chunks of customers. What depends on the whole base is given as a context.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import lettering
from .allotment import allot
from .exercises import Exercises
from .lettering import Item, Matching, Remainder, Share
from .opening_entries import OpeningPlan, plan_openings
from .records import Entry


@dataclass(frozen=True, slots=True)
class Context:
    """What the plan of a customer depends on besides its own entries.

    Attributes:
        exercises: the fiscal years of the base.
        opened: first day → greatest EC_No of the opening entries, for the years that hold some, whosever they are.
        reports: account → CG_Report (1 balance, 2 detail); 1 too for an account that has balance opening entries.
    """

    exercises: Exercises
    opened: Mapping[dt.date, int] = field(default_factory=dict)
    reports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """The decision on every entry of some customers, and their lettering groups."""

    openings: OpeningPlan
    matchings: list[Matching]


def plan_customers(entries: Iterable[Entry], context: Context) -> CustomerPlan:
    """Return the plan of some customers, from all their entries."""
    ordered = sorted(entries, key=lambda entry: entry.ec_no)
    groups = lettering.groups(ordered, context.exercises)
    openings = plan_openings(ordered, context.exercises, context.reports, context.opened, groups)
    return CustomerPlan(openings, lettering.matchings_of(groups, openings.roots, openings.current))


@dataclass(slots=True)
class Settlement:
    """Lines that settle each other: with ``shares``, wholly (``full``) or not."""

    lines: tuple[int, ...]
    shares: list[Share]
    full: bool


def settle(
    items: Mapping[int, Item], groups: Iterable[Sequence[int]], piles: Mapping[int, Hashable] | None = None
) -> list[Settlement]:
    """Return who settles whom among the lines.

    Args:
        items: EC_No → what may be settled of that line.
        groups: the lines that bear a same lettering code.
        piles: EC_No → what its unlettered amount may be set against, when credits are allotted; None when they are not.

    Examples:
        >>> from decimal import Decimal
        >>> def item(number, amount):
        ...     return Item(number, Decimal(amount), Decimal(amount), dt.date(2026, 1, number))
        >>> items = {n: item(n, a) for n, a in ((1, 10), (2, -10), (3, 50), (4, -20))}
        >>> [(s.lines, len(s.shares), s.full) for s in settle(items, [(1, 2)])]
        [((1, 2), 1, True)]
        >>> [(s.lines, len(s.shares), s.full) for s in settle(items, [(1, 2)], dict.fromkeys(items, "411"))]
        [((1, 2), 1, True), ((3, 4), 1, False)]
    """
    remainders: dict[int, Remainder] = {}
    found = []
    for group in groups:
        members = [Remainder(items[number]) for number in group]
        shares = lettering.share(members)
        if piles is not None or shares:
            found.append(Settlement(tuple(group), shares, all(member.settled for member in members)))
        if piles is not None:
            remainders.update(zip(group, members, strict=True))
    if piles is None:
        return found
    for number, item in items.items():
        if number not in remainders:
            remainders[number] = Remainder(item)
    extra = allot((piles[number], remainder) for number, remainder in remainders.items())
    return _merge(found, extra, remainders)


def _merge(found: list[Settlement], extra: list[Share], remainders: Mapping[int, Remainder]) -> list[Settlement]:
    """Join the groups that the allotment binds together."""
    home: dict[int, Settlement] = {number: settlement for settlement in found for number in settlement.lines}
    for part in extra:
        debit, credit = (
            home.get(number) or Settlement((number,), [], full=False) for number in (part.debit, part.credit)
        )
        if debit is not credit:
            if len(debit.lines) < len(credit.lines):
                debit, credit = credit, debit
            debit.lines += credit.lines
            debit.shares += credit.shares
            home.update(dict.fromkeys(credit.lines, debit))
            home.update(dict.fromkeys(debit.lines[:1], debit))
        debit.shares.append(part)
    merged = list({id(settlement): settlement for settlement in home.values()}.values())
    for settlement in merged:
        settlement.full = all(remainders[number].settled for number in settlement.lines)
    return [settlement for settlement in merged if settlement.shares]
