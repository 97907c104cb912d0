"""The messages that a customer would get on a day, intervals and stops left aside.

By default one message, at the highest level due for a line, that lists every overdue
line that may be chased; a plan may rather send one for each level, or for each document.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .credits import Book, Credit, add_debts, allot, book_on, covered_currencies, credit_lines
from .followup_codes import CreditPolicy, Grouping, Mode, Reason
from .followup_decisions import Message
from .followup_facts import FOLLOWED_KINDS, ZERO, Customer, Level, Line, Plan
from .line_levels import Chased, Track, chased_on, track_line

_NO_LINES: frozenset[int] = frozenset()
_MODES = tuple(Mode)
# Bound once: with Python 3.11, reading a member costs five times its comparison.
_BY_CUSTOMER = Grouping.CUSTOMER
_BY_LEVEL = Grouping.LEVEL
_DEDUCT = CreditPolicy.DEDUCT


class Account(NamedTuple):
    """A customer with what its decision needs on any day."""

    customer: Customer
    plan: Plan
    tracks: tuple[Track, ...]
    credits: tuple[Line, ...]
    #: The credits of every day, when the plan counts those to come too.
    book: Book | None

    def book_on(self, day: date) -> Book:
        """The credits that count on a day."""
        return book_on(self.credits, self.plan, day) if self.book is None else self.book


class Draft(NamedTuple):
    """A message before anybody is asked: ``credits`` are those it shows."""

    key: int
    level: Level
    lines: tuple[Chased, ...]
    credits: tuple[Credit, ...] = ()


class Day(NamedTuple):
    """What a day's messages would be, and the lines that cannot be in them.

    ``covered`` lines are paid by credits; ``small`` ones do not reach the threshold.
    """

    drafts: tuple[Draft, ...]
    covered: frozenset[int] = _NO_LINES
    small: frozenset[int] = _NO_LINES


def open_account(customer: Customer, plan: Plan, on: date) -> Account:
    """The account as of a day: the lines with their spans, the credits."""
    credits = credit_lines(customer.lines)
    return Account(
        customer,
        plan,
        tuple([track_line(line, plan, on, customer) for line in customer.lines]),
        credits,
        None if plan.ignore_future_credits else book_on(credits, plan, on),
    )


def compose(account: Account, day: date) -> Day:
    """The messages of a day.

    Reminders come first. A prevention notice leaves only when no reminder does, of the
    account or of the same document, and lists only the lines it announces; credits pay
    what is overdue before those.
    """
    plan = account.plan
    late: list[Chased] = []
    soon: list[Chased] = []
    for chased in chased_on(account.tracks, day):
        if chased.due_date < day:
            late.append(chased)
        elif chased.level:
            soon.append(chased)
    book = account.book_on(day)
    debts = {} if plan.credit_policy == _DEDUCT or not book else all_debts(account)
    drafts: tuple[Draft, ...] = ()
    covered, small = _NO_LINES, _NO_LINES
    for group, is_late in ((late, True), (soon, False)):
        if book:
            if plan.credit_policy == _DEDUCT:
                debts = add_debts(group, debts)
            group, paid = _without(group, covered_currencies(debts, book))
            covered |= paid
        if not any(due.level for due in group):
            continue
        parts: dict[int, tuple[Credit, ...]] = {}
        shown = book if is_late else {}
        if shown and plan.credit_policy == _DEDUCT and plan.grouping != _BY_CUSTOMER:
            paid, parts = allot(group, shown)
            covered |= paid
            group = [due for due in group if due.line.id not in paid]
            shown = {}
        if _worth(group, shown, parts, plan) < plan.customer_threshold:
            small |= _ids(group)
            continue
        taken = {draft.key for draft in drafts}
        drafts += tuple(draft for draft in _drafts(group, shown, parts, plan) if draft.key not in taken)
        if plan.grouping == _BY_CUSTOMER and drafts:
            break
    return Day(drafts, covered, small)


def messages_of(account: Account, drafts: Iterable[Draft]) -> tuple[Message, ...]:
    """The messages, the highest level first, with who lets each of them go."""
    drafts = sorted(drafts, key=lambda draft: (-draft.level.rank, draft.key))
    plan, customer = account.plan, account.customer
    above = plan.ceiling is not None and _claimed(drafts, plan) > plan.ceiling
    found = []
    for draft in drafts:
        mode, ask = who_releases(draft.level, customer, plan, above)
        found.append(
            Message(
                level=draft.level,
                listed=tuple(due.line.id for due in draft.lines),
                due=tuple(due.line.id for due in draft.lines if due.level),
                mode=mode,
                ask=ask,
                key=draft.key,
                credits=tuple((credit.line_id, credit.amount) for credit in draft.credits),
            )
        )
    return tuple(found)


def who_releases(level: Level, customer: Customer, plan: Plan, above: bool = False) -> tuple[Mode, Reason | None]:
    """Who lets a message go, the strictest wins, and why a person must decide.

    Who chose this customer by hand has already decided about the customer.
    """
    mode = max(plan.mode, level.mode, key=_MODES.index)
    own = None if customer.by_hand else customer.mode
    if above:
        ask = Reason.ABOVE_CEILING
    elif own == Mode.MANUAL:
        ask = Reason.NOT_AUTOMATIC
    elif mode == Mode.MANUAL:
        ask = Reason.MANUAL_LEVEL
    else:
        return (max(mode, own, key=_MODES.index) if own else mode), None
    return Mode.MANUAL, ask


def all_debts(account: Account) -> dict[str, Decimal]:
    """Everything that the customer owes on the followed accounts, by currency."""
    totals: dict[str, Decimal] = {}
    for line in account.customer.lines:
        if line.residual_currency > ZERO and line.account_kind in FOLLOWED_KINDS:
            totals[line.currency] = totals.get(line.currency, ZERO) + line.residual_currency
    return totals


def _without(group: list[Chased], currencies: set[str]) -> tuple[list[Chased], frozenset[int]]:
    """The lines left to chase, and those whose currency is covered by its credits."""
    if not currencies:
        return group, _NO_LINES
    left = [due for due in group if due.line.currency not in currencies]
    return left, _ids(group) - _ids(left)


def _worth(group: Sequence[Chased], shown: Book, parts: dict[int, tuple[Credit, ...]], plan: Plan) -> Decimal:
    """What the lines come to in the company's currency, the credits deducted if they are."""
    total = sum((due.span.claimed_company for due in group), ZERO)
    if plan.credit_policy != _DEDUCT:
        return total
    taken = [credit for part in parts.values() for credit in part]
    for currency in {due.line.currency for due in group} if shown else ():
        if currency in shown:
            taken += shown[currency].credits
    return total - sum((credit.company for credit in taken), ZERO)


def _claimed(drafts: Iterable[Draft], plan: Plan) -> Decimal:
    """What all the messages of the day claim together, in the company's currency."""
    total = ZERO
    for draft in drafts:
        total += sum((due.span.claimed_company for due in draft.lines), ZERO)
        if plan.credit_policy == _DEDUCT:
            total -= sum((credit.company for credit in draft.credits), ZERO)
    return total


def _drafts(
    group: Sequence[Chased], shown: Book, parts: dict[int, tuple[Credit, ...]], plan: Plan
) -> tuple[Draft, ...]:
    """The messages that these lines make; the highest shows the credits of its currencies."""
    gathered = {0: list(group)} if plan.grouping == _BY_CUSTOMER else _gather(group, plan)
    levels = {key: level for key, lines in gathered.items() if (level := _highest(lines))}
    drafts = []
    left = dict(shown)
    for key in sorted(levels, key=lambda key: (-levels[key].rank, key)):
        lines = gathered[key]
        credits = [credit for due in lines for credit in parts.get(due.line.id, ())]
        for currency in sorted({due.line.currency for due in lines} & left.keys()):
            credits += left.pop(currency).credits
        drafts.append(Draft(key, levels[key], tuple(lines), tuple(credits)))
    return tuple(drafts)


def _gather(group: Iterable[Chased], plan: Plan) -> dict[int, list[Chased]]:
    """The lines of each message: of a level, new to it or at it already; of a document."""
    gathered: dict[int, list[Chased]] = {}
    for due in group:
        line = due.line
        if plan.grouping == _BY_LEVEL:
            key = due.level.rank if due.level else line.delivered_rank
        else:
            key = line.document or -line.id
        if key is not None:
            gathered.setdefault(key, []).append(due)
    return gathered


def _highest(lines: Iterable[Chased]) -> Level | None:
    """The level of the message: the highest rank due, not the highest id (trap 23)."""
    top = None
    for due in lines:
        if due.level and (top is None or due.level.rank > top.rank):
            top = due.level
    return top


def highest(drafts: Iterable[Draft]) -> Level:
    """The level of the highest message."""
    return max((draft.level for draft in drafts), key=lambda level: level.rank)


def _ids(group: Iterable[Chased]) -> frozenset[int]:
    return frozenset(due.line.id for due in group)
