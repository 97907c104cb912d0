"""*À-nouveaux*: entries that a new fiscal year copies from the year before, and that must never count twice.

When a year is opened, Sage writes one copy of each unlettered line ("detail", EC_ANType 1) or one line a customer and
account ("balance", 2); the originals stay unlettered for ever in the old year, and lettering goes on with the copies.
Some firms type them by hand (3). The report may be run again: the copies then get new numbers.

What Odoo keeps is the **original**, with the levels, disputes and promises attached to it; a copy is another name of
it. A copy whose original is not in the imported period is kept as a line of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from . import lettering
from .exercises import Exercises
from .records import Entry, Opening

Key = tuple[object, ...]

OPENINGS = (Opening.DETAIL, Opening.BALANCE, Opening.MANUAL)


class Fate(StrEnum):
    """What becomes of an entry."""

    OPEN = "open"  # kept, and still living in the open fiscal years
    HISTORY = "history"  # kept, settled in a closed year
    ALIAS = "alias"  # an opening entry: another name of kept lines
    STALE = "stale"  # an opening entry whose original has been settled since: Sage counts it, Odoo must not
    LATE = "late"  # kept, typed in the old year after its opening: Odoo counts it, Sage will when it is run again
    LATE_SETTLED = "late_settled"  # the same, settled with entries that an opening by balance holds
    DROPPED = "dropped"  # left out, for a reason


#: Fates of the entries that become lines.
KEPT = (Fate.OPEN, Fate.HISTORY, Fate.LATE, Fate.LATE_SETTLED)


class Anomaly(StrEnum):
    """Why an entry is left out, or what is odd about it."""

    NOT_CARRIED = "not_carried"  # unlettered in an old year and absent from the opening of the next
    BALANCE_DIFFERS = "balance_differs"  # balance mode: the opening line is not the sum of the open originals
    STALE_OPENING = "stale_opening"  # the original was lettered after the opening had been run
    UNBALANCED_HISTORY = "unbalanced_history"  # lettered in an old year, but debits and credits differ


@dataclass(frozen=True, slots=True)
class Finding:
    """An anomaly to report, on one entry."""

    ec_no: int
    anomaly: Anomaly
    amount: Decimal


@dataclass(slots=True)
class OpeningPlan:
    """The decision on every entry.

    Attributes:
        open_from: first day of the latest opened year, None when no opening entry exists.
        fates: EC_No → fate.
        roots: EC_No → kept lines it stands for (itself when kept, the originals when an alias, absent when dropped).
        current: kept line → EC_No that stands for it today, when it is not itself.
        findings: anomalies to report.
        stale: (customer, account) → sum of the opening entries of fate STALE.
    """

    open_from: dt.date | None = None
    fates: dict[int, Fate] = field(default_factory=dict)
    roots: dict[int, tuple[int, ...]] = field(default_factory=dict)
    current: dict[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    stale: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def kept(self, ec_no: int) -> bool:
        """Return whether the entry becomes a line of its own."""
        return self.fates[ec_no] in KEPT

    def in_force(self, entries: Iterable[Entry]) -> dict[int, Entry]:
        """Return kept line → its copy in detail, with which Sage goes on: due date, payment mode, reminders."""
        return {
            roots[0]: entry
            for entry in entries
            if entry.opening == Opening.DETAIL
            and len(roots := self.roots.get(entry.ec_no, ())) == 1
            and self.current.get(roots[0]) == entry.ec_no
        }


def plan_openings(
    entries: Iterable[Entry],
    exercises: Exercises,
    reports: Mapping[str, int] | None = None,
    opened: Mapping[dt.date, int] | None = None,
    groups: Mapping[lettering.GroupKey, Sequence[Entry]] | None = None,
) -> OpeningPlan:
    """Return the plan for all the entries of some customers.

    Args:
        entries: their lines on followed accounts, from the first day of a fiscal year on.
        exercises: the fiscal years of the base.
        reports: account → CG_Report (1 balance, 2 detail), when known.
        opened: first day → greatest EC_No of the opening entries of that year, these customers' or others': a customer
            without any then owes nothing from before, but for what was typed since.
        groups: the entries by lettering group, when already made.
    """
    ordered = sorted(entries, key=_number_of)
    if groups is None:
        groups = lettering.groups(ordered, exercises)
    planner = _Planner(ordered, exercises, reports or {}, groups)
    planner.run(opened or {})
    return planner.plan


class _Planner:
    """Walks through the years, oldest first, with the pool of lines still open at each opening."""

    def __init__(
        self,
        entries: Sequence[Entry],
        exercises: Exercises,
        reports: Mapping[str, int],
        groups: Mapping[lettering.GroupKey, Sequence[Entry]],
    ) -> None:
        self.plan = OpeningPlan()
        self.years: dict[dt.date, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.years[exercises.start_of(entry.date)].append(entry)
        self.settled: set[int] = set()
        for members in groups.values():
            if lettering.kind_of(members) is lettering.Kind.FULL and all(entry.lettered for entry in members):
                self.settled.update(entry.ec_no for entry in members)
        self.balance_accounts = {e.account for e in entries if e.opening == Opening.BALANCE}
        self.balance_accounts |= {account for account, report in reports.items() if report == 1}
        self.pool: list[Entry] = []
        self.late_settled: set[int] = set()
        self.last = 0  # greatest EC_No of the opening at hand: what is beyond was typed after it

    def run(self, opened: Mapping[dt.date, int]) -> None:
        """Decide on every entry."""
        for start in sorted(opened.keys() | self.years.keys()):
            entries = self.years.get(start, [])
            openings = [entry for entry in entries if entry.opening in OPENINGS]
            if openings or start in opened:
                self.plan.open_from = start
                self.last = max([opened.get(start, 0), *(entry.ec_no for entry in openings)])
                self._open_year(openings)
            taken = {entry.ec_no for entry in openings}
            for entry in entries:
                if entry.ec_no not in taken:
                    self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        """Keep an entry as a line of its own, alive until the next opening."""
        self.plan.fates[entry.ec_no] = Fate.OPEN
        self.plan.roots[entry.ec_no] = (entry.ec_no,)
        self.pool.append(entry)

    def _open_year(self, openings: list[Entry]) -> None:
        """Match the opening entries of a year with the lines of the years before, then close those years."""
        pool, self.pool = self.pool, []
        self._forget_stale()
        if not pool:
            for entry in openings:
                self._keep(entry)
            return
        carried: set[int] = set()
        rest = self._carry_details(openings, pool, carried)
        self._carry_balances(rest, [entry for entry in pool if entry.ec_no not in carried], carried)
        for entry in pool:
            if entry.ec_no not in carried:
                self._close(entry)

    def _is_late(self, entry: Entry) -> bool:
        """Return whether an entry was typed after the opening had been run: numbers only grow. It is still to come."""
        return entry.ec_no > self.last and entry.opening == Opening.NONE

    def _carry_details(self, openings: list[Entry], pool: list[Entry], carried: set[int]) -> list[Entry]:
        """Match the copies one by one, ever more loosely; return those left."""
        rest = [entry for entry in openings if entry.opening == Opening.BALANCE]
        copies = [entry for entry in openings if entry.opening != Opening.BALANCE]
        for likeness in _LIKENESSES:
            candidates: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
            for entry in sorted(pool, key=lambda e: (e.ec_no in self.settled, e.lettered, e.ec_no)):
                key = likeness(entry, entry.ec_no in self.settled)
                if key and entry.ec_no not in carried:
                    candidates[key].append(entry)
            unmatched = []
            for copy in copies:
                twins = candidates.get(likeness(copy, False))
                if twins:
                    original = twins.pop(0)
                    carried.add(original.ec_no)
                    self._alias_detail(copy, original)
                else:
                    unmatched.append(copy)
            copies = unmatched
        return [*rest, *copies]

    def _alias_detail(self, copy: Entry, original: Entry) -> None:
        """Make a copy another name of its original, unless the original was settled after the opening had been run."""
        if original.ec_no not in self.settled:
            self._alias(copy, self.plan.roots[original.ec_no])
            return
        self._close(original)
        self._find(copy, Anomaly.STALE_OPENING)
        if copy.lettered:
            self._keep(copy)  # settled twice: both groups must stay whole
            return
        self.plan.fates[copy.ec_no] = Fate.STALE
        self.settled.add(copy.ec_no)
        self.pool.append(copy)  # the next opening may copy it again, and that copy is owed no more
        key = (copy.customer, copy.account)
        self.plan.stale[key] = self.plan.stale.get(key, Decimal(0)) + copy.amount

    def _forget_stale(self) -> None:
        """Drop the stale openings of the year before, and what it lacked: a new opening tells the truth."""
        self.late_settled.clear()
        for number, fate in self.plan.fates.items():
            if fate is Fate.STALE:
                self.plan.fates[number] = Fate.DROPPED
            elif fate is Fate.LATE_SETTLED:
                self.plan.fates[number] = Fate.HISTORY
        self.plan.stale.clear()

    def _alias(self, copy: Entry, roots: tuple[int, ...]) -> None:
        self.plan.fates[copy.ec_no] = Fate.ALIAS
        self.plan.roots[copy.ec_no] = roots
        for root in roots:
            self.plan.current[root] = copy.ec_no
            self.plan.fates[root] = Fate.OPEN
        self.pool.append(copy)

    def _carry_balances(self, openings: list[Entry], left: list[Entry], carried: set[int]) -> None:
        """Match by sums what was not matched line by line; keep the originals when the totals agree."""
        lines: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in openings:
            lines[entry.customer, entry.account].append(entry)
        past: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in left:
            past[entry.customer, entry.account].append(entry)
        for key in dict.fromkeys([*lines, *past]):
            if key in lines:
                self._carry_balance(lines[key], past.get(key, []), carried)
            elif key[1] in self.balance_accounts:
                self._carry_nil(past[key], carried)

    def _carry_nil(self, past: list[Entry], carried: set[int]) -> None:
        """Keep the originals of a balance of zero, which gets no opening line, when they still sum to zero."""
        before = self._at_opening(past, Decimal(0))
        if before is not None:
            carried.update(entry.ec_no for entry in before)
            self.pool += before
            self._note_late_settled(past)

    def _at_opening(self, past: list[Entry], balance: Decimal) -> list[Entry] | None:
        """Return the entries that a balance stands for and that nothing has settled since; None when it is not theirs.

        What has been settled since was in the balance too. Sums that only agree without entries lettered out of
        balance are accepted: their difference may have been left behind.
        """
        before = [entry for entry in past if not self._is_late(entry)]
        if sum(entry.amount for entry in before) == balance:
            return [entry for entry in before if entry.ec_no not in self.settled]
        before = [entry for entry in before if not entry.lettered]
        return before if before and sum(entry.amount for entry in before) == balance else None

    def _carry_balance(self, copies: list[Entry], past: list[Entry], carried: set[int]) -> None:
        by_sum = any(copy.opening != Opening.DETAIL for copy in copies)
        if by_sum and past and len(copies) == 1:
            before = self._at_opening(past, copies[0].amount)
            if before or (before is not None and not copies[0].lettered):
                carried.update(entry.ec_no for entry in before)
                self._alias(copies[0], tuple(root for entry in before for root in self.plan.roots[entry.ec_no]))
                self._note_late_settled(past)
                return
        for copy in copies:
            self._keep(copy)
            if by_sum and past:
                self._find(copy, Anomaly.BALANCE_DIFFERS)

    def _note_late_settled(self, past: list[Entry]) -> None:
        """Remember the late entries that settled some of what a balance holds: they come off what Sage counts."""
        self.late_settled.update(entry.ec_no for entry in past if entry.ec_no in self.settled and self._is_late(entry))

    def _close(self, entry: Entry) -> None:
        """Settle the fate of a line that the new year does not carry on."""
        roots = self.plan.roots.get(entry.ec_no, ())
        if entry.ec_no in self.settled:
            fate = Fate.LATE_SETTLED if entry.ec_no in self.late_settled else Fate.HISTORY
            for root in roots:
                self.plan.fates[root] = fate
            return
        if self._is_late(entry):
            self.plan.fates[entry.ec_no] = Fate.LATE
            self.pool.append(entry)
            return
        for root in roots:
            self.plan.fates[root] = Fate.DROPPED
            self.plan.current.pop(root, None)
        for name in (entry.ec_no, *roots):
            self.plan.roots.pop(name, None)
        self._find(entry, Anomaly.UNBALANCED_HISTORY if entry.lettered else Anomaly.NOT_CARRIED)

    def _find(self, entry: Entry, anomaly: Anomaly) -> None:
        self.plan.findings.append(Finding(entry.ec_no, anomaly, entry.amount))


def _number_of(entry: Entry) -> int:
    return entry.ec_no


def _same(entry: Entry, settled: bool) -> Key:
    """Return what an original and its detail copy share: all but the number, the journal and the date."""
    return (entry.customer, entry.account, entry.amount, entry.invoice, entry.due_date, entry.piece)


def _renumbered(entry: Entry, settled: bool) -> Key | None:
    """Return the same but for the piece: some firms number those of the opening anew.

    A settled line must then be a debt that bears an invoice number: a mere likeness must not make money received
    disappear.
    """
    if settled and (entry.amount < 0 or not entry.invoice):
        return None
    return (entry.customer, entry.account, entry.amount, entry.invoice, entry.due_date)


def _postponed(entry: Entry, settled: bool) -> Key | None:
    """Return the same but for the due date: it may be put off on the copy alone. Only for an open invoice."""
    return None if settled or not entry.invoice else (entry.customer, entry.account, entry.amount, entry.invoice)


#: What makes a copy be that of an entry, the surest first.
_LIKENESSES = (_same, _renumbered, _postponed)
