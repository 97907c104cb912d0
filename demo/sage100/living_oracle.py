"""What an import must find in a living base, reckoned naively from the rows and from what Sage did, never by ``lib``.

The rules are those of the accounts, not of the import: entries of the latest opened exercise count, older ones are
history; a code settles the entries of one account, customer and exercise; a group in balance is settled, another one
settles its oldest due dates first; a copy whose original has been settled since is not owed any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from .accounts import FOLLOWED
from .dates import NULL_DATE
from .living_books import Row, day_of, number_of, signed
from .living_opening import IDENTITY, LivingOpenings

OPENINGS = (1, 2, 3)
Key = tuple[str, str]
ZERO = Decimal(0)


class Owed(NamedTuple):
    """A line as the import made it: EC_No of the original and of the entry in force, and what is left of it."""

    original: int
    current: int
    customer: str
    account: str
    left: Decimal


@dataclass
class Truth:
    """What is owed.

    Attributes:
        open_from: first day of the latest opened exercise, None without any.
        balances: (customer, account) → balance, nil ones left out.
        items: what is open, as EC_No of the entries in force → what is left of them. Entries stand alone, but for
            groups with an opening entry by balance: which of its invoices is paid first, only their sum tells.
        stale: opening entries whose original has been settled since.
        settled: entries that a full lettrage settles.
        past: (customer, account) → what its unlettered originals sum to, for a nil balance that got no opening entry.
    """

    open_from: dt.date | None = None
    balances: dict[Key, Decimal] = field(default_factory=dict)
    items: dict[frozenset[int], Decimal] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    past: dict[Key, Decimal] = field(default_factory=dict)

    def gaps(self, lines: Iterable[Owed]) -> list[str]:
        """What is wrong in some imported lines: an amount missing, counted twice, or claimed although it was paid."""
        balances: dict[object, Decimal] = {}
        left: dict[frozenset[int], Decimal] = {}
        past: dict[object, Decimal] = {}
        places = {number: members for members in self.items for number in members}
        found = []
        for line in lines:
            key = (line.customer, line.account)
            balances[key] = balances.get(key, ZERO) + line.left
            if line.left and {line.original, line.current} & self.settled:
                found.append(f"{line.original} is settled in Sage, {line.left} is claimed")
            if line.current in places:
                place = places[line.current]
                left[place] = left.get(place, ZERO) + line.left
            else:
                past[key] = past.get(key, ZERO) + line.left
        found += _differences("balance", balances, dict(self.balances))
        found += _differences("left of", _named(left), _named(self.items))
        return found + _differences("left in closed exercises", past, dict(self.past))

    def gaps_of_allotted(self, lines: Iterable[Owed]) -> list[str]:
        """The same when unlettered credits are set against debts: an account is left with the ones or the others."""
        balances: dict[object, Decimal] = {}
        signs: dict[Key, set[bool]] = {}
        found = []
        for line in lines:
            key = (line.customer, line.account)
            balances[key] = balances.get(key, ZERO) + line.left
            if line.left:
                signs.setdefault(key, set()).add(line.left > 0)
                if {line.original, line.current} & self.settled:
                    found.append(f"{line.original} is settled in Sage, {line.left} is claimed")
        found += [f"both debits and credits are left of {key}" for key, both in signs.items() if len(both) > 1]
        return found + _differences("balance", balances, dict(self.balances))


def _named(amounts: Mapping[frozenset[int], Decimal]) -> dict[object, Decimal]:
    return {" ".join(map(str, sorted(numbers))): amount for numbers, amount in amounts.items()}


def _differences(what: str, found: Mapping[object, Decimal], expected: Mapping[object, Decimal]) -> list[str]:
    return [
        f"{what} {key}: {found.get(key, ZERO)}, expected {expected.get(key, ZERO)}"
        for key in sorted({*found, *expected}, key=str)
        if found.get(key, ZERO) != expected.get(key, ZERO)
    ]


def receivables(base: LivingOpenings, followed: tuple[str, ...] = FOLLOWED) -> list[Row]:
    """Entries that count: of customers, on followed accounts, neither simulated nor IFRS nor centralisation."""
    customers = {row["CT_Num"] for row in base.tables["F_COMPTET"] if not row["CT_Type"]}
    simulated = {row["JO_Num"] for row in base.tables["F_JOURNAUX"] if row["JO_Type"] == 4}
    return [
        row
        for row in base.entries
        if row["CG_Num"] in followed
        and row["CT_Num"] in customers
        and row["JO_Num"] not in simulated
        and row["EC_CType"] != 1
        and row["EC_Norme"] != 2
    ]


def truth(base: LivingOpenings) -> Truth:
    """What an import of the base as it is now must find."""
    rows = receivables(base)
    groups = _groups(base, rows)
    starts = [base.period_of(day_of(row))[0] for row in rows if row["EC_ANType"] in OPENINGS]
    found = Truth(max(starts, default=None))
    for group in groups:
        if all(row["EC_Lettre"] for row in group) and not sum(map(signed, group)):
            found.settled |= set(map(number_of, group))
    found.stale = _stale(base, rows, found.settled)
    alive = [row for row in rows if not found.open_from or day_of(row) >= found.open_from]
    alive = [row for row in alive if number_of(row) not in found.stale]
    late = _late(rows, found.open_from)
    alive += [row for row in late if number_of(row) not in found.settled]
    for row in alive:
        key = (str(row["CT_Num"]), str(row["CG_Num"]))
        found.balances[key] = found.balances.get(key, Decimal(0)) + signed(row)
    paid = _paid_since(base, rows, late, found)
    for key, amount in paid.items():
        found.balances[key] = found.balances.get(key, Decimal(0)) + amount
    found.balances = {key: amount for key, amount in found.balances.items() if amount}
    days = {number_of(row): day_of(row) for row in rows}
    typed = {number: base.root_of(number) for number in days}
    for group in _groups(base, alive):
        if any(row["EC_ANType"] == 2 for row in group):
            key = (str(group[0]["CT_Num"]), str(group[0]["CG_Num"]))
            found.items[frozenset(map(number_of, group))] = sum(map(signed, group), paid.pop(key, Decimal(0)))
        else:
            for number, amount in _left(group, typed, days).items():
                found.items[frozenset([number])] = amount
    found.past = {key: amount for key, amount in paid.items() if amount}
    return found


def _late(rows: list[Row], open_from: dt.date | None) -> list[Row]:
    """Entries typed in an old exercise after the opening of the new one had been run: their numbers are greater."""
    if open_from is None:
        return []
    last = max(number_of(row) for row in rows if row["EC_ANType"] in OPENINGS and day_of(row) >= open_from)
    return [row for row in rows if day_of(row) < open_from and not row["EC_ANType"] and number_of(row) > last]


def _paid_since(base: LivingOpenings, rows: list[Row], late: list[Row], found: Truth) -> dict[Key, Decimal]:
    """By (customer, account) opened by balance: the late entries that settled some of what that balance holds.

    Only when the balance still is the sum of the exercise as it was when the opening was run.
    """
    late_numbers = set(map(number_of, late))
    reports = {row["CG_Num"] for row in base.tables["F_COMPTEG"] if row["CG_Report"] == 1}
    reports |= {row["CG_Num"] for row in rows if row["EC_ANType"] == 2}
    sums: dict[Key, Decimal] = {}
    for row in late:
        if number_of(row) in found.settled and row["CG_Num"] in reports:
            key = (str(row["CT_Num"]), str(row["CG_Num"]))
            sums[key] = sums.get(key, ZERO) + signed(row)
    before: dict[Key, Decimal] = dict.fromkeys(sums, ZERO)
    for row in rows:
        key = (str(row["CT_Num"]), str(row["CG_Num"]))
        if key in sums and number_of(row) not in late_numbers and found.open_from:
            start = base.period_of(day_of(row))[0]
            if start == found.open_from and row["EC_ANType"] == 2:
                before[key] -= signed(row)
            elif base.period_of(found.open_from - dt.timedelta(days=1))[0] == start:
                before[key] += signed(row)
    return {key: amount for key, amount in sums.items() if not before[key]}


def carried(base: LivingOpenings, number: int, expected: Truth) -> bool:
    """Whether an entry is still owed or settled under its own name: there, and carried on by every opening since."""
    rows = {number_of(row): row for row in receivables(base)}
    row = rows.get(number)
    while row is not None and expected.open_from and day_of(row) < expected.open_from:
        if number_of(row) in expected.settled:
            return True
        copy = _copy_of(base, rows, number_of(row))
        if copy is None or not _stands(base, rows, copy, row):
            return False
        row = copy
    return row is not None


def _copy_of(base: LivingOpenings, rows: Mapping[int, Row], number: int) -> Row | None:
    return next((row for copy, row in rows.items() if number in base.sources.get(copy, ())), None)


def _stands(base: LivingOpenings, rows: Mapping[int, Row], copy: Row, origin: Row) -> bool:
    """Whether an opening entry still is what it was made of."""
    if copy["EC_ANType"] == 1:
        return _copies(copy, origin, settled=False)
    start = base.period_of(day_of(origin))[0]
    left = [
        row
        for row in rows.values()
        if (row["CT_Num"], row["CG_Num"]) == (copy["CT_Num"], copy["CG_Num"])
        and base.period_of(day_of(row))[0] == start
        and not row["EC_Lettre"]
    ]
    return sum(map(signed, left), ZERO) == signed(copy)


def _groups(base: LivingOpenings, rows: list[Row]) -> list[list[Row]]:
    """Rows that bear the same code in the same account, customer and exercise; a row without a code is alone."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        code = str(row["EC_Lettrage"] or "").strip()
        scope = (row["CT_Num"], row["CG_Num"], base.period_of(day_of(row))[0], code)
        groups.setdefault(scope if code else number_of(row), []).append(row)
    return list(groups.values())


def _left(group: list[Row], typed: Mapping[int, int], days: Mapping[int, dt.date]) -> dict[int, Decimal]:
    """What is left of each row of a group: the smaller side is settled, the larger one from its oldest due date on.

    What was typed first comes first among equals; a copy is as old as what it copies.
    """
    left = {number_of(row): signed(row) for row in group}
    debit = sum((amount for amount in left.values() if amount > 0), Decimal(0))
    credit = -sum((amount for amount in left.values() if amount < 0), Decimal(0))
    to_settle = min(debit, credit)
    for sign in (1, -1):
        rest = to_settle
        for row in sorted(group, key=lambda row: (_due(row, days, typed), typed[number_of(row)])):
            amount = signed(row) * sign
            if amount > 0:
                taken = min(amount, rest)
                rest -= taken
                left[number_of(row)] = (amount - taken) * sign
    return left


def _due(row: Row, days: Mapping[int, dt.date], typed: Mapping[int, int]) -> dt.date:
    due = row["EC_Echeance"]
    if isinstance(due, dt.datetime) and due > NULL_DATE and due.year > 1900:
        return due.date()
    return days.get(typed[number_of(row)], day_of(row))


def _stale(base: LivingOpenings, rows: list[Row], settled: set[int]) -> set[int]:
    """Copies in detail, themselves unlettered, whose original has been settled in its own exercise since."""
    by_number = {number_of(row): row for row in rows}
    stale: set[int] = set()
    for number in sorted(by_number):
        copy = by_number[number]
        sources = base.sources.get(number, ()) if copy["EC_ANType"] == 1 else ()
        for source in sources:
            origin = by_number.get(source)
            if origin is None or copy["EC_Lettre"] or not _copies(copy, origin, settled=True):
                continue
            if source in settled or source in stale:
                stale.add(number)
    return stale


def _copies(copy: Row, origin: Row, *, settled: bool) -> bool:
    """Whether a copy still is, for anybody who reads the rows, that of its origin.

    A piece may be renumbered and a due date put off without making another claim of it, as long as the invoice tells
    it; money received that has been settled must be the very same piece.
    """
    invoice = bool(origin["EC_RefPiece"])
    ignored = set()
    if not settled or (invoice and signed(origin) > 0):
        ignored.add("EC_Piece")
    if not settled and invoice:
        ignored.add("EC_Echeance")
    return all(copy[name] == origin[name] for name in IDENTITY if name not in ignored)
