"""Credit notes and payments not matched with an invoice yet, currency by currency (trap 2).

Nobody who has paid is chased, whether or not the payment was matched. A "no follow-up"
flag, a stop or the plan's journals do not make a credit disappear: payments stand in
journals that no plan chases.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .followup_facts import FOLLOWED_KINDS, ZERO, Line, Plan, effective_due_date
from .line_levels import Chased


class Credit(NamedTuple):
    """What a message shows of a credit, positive, in its currency and the company's."""

    line_id: int
    amount: Decimal
    company: Decimal


class Purse(NamedTuple):
    """The credits of one currency, and what they come to in it."""

    credits: tuple[Credit, ...]
    total: Decimal


Book = Mapping[str, Purse]


def credit_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The credits of the followed accounts, the oldest first: they are used in that order."""
    found = [line for line in lines if line.residual_currency < ZERO and line.account_kind in FOLLOWED_KINDS]
    return tuple(sorted(found, key=lambda line: (effective_due_date(line), line.id)))


def book_on(lines: Iterable[Line], plan: Plan, day: date) -> Book:
    """The credits that count on a day; those to come only when the plan says so (F040)."""
    found: dict[str, list[Credit]] = {}
    for line in lines:
        if not plan.ignore_future_credits or effective_due_date(line) <= day:
            credit = Credit(line.id, -line.residual_currency, max(-line.residual, ZERO))
            found.setdefault(line.currency, []).append(credit)
    return {
        currency: Purse(tuple(credits), sum((credit.amount for credit in credits), ZERO))
        for currency, credits in found.items()
    }


def add_debts(group: Iterable[Chased], before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What these lines and the debts ``before`` them come to, each currency apart."""
    totals = dict(before)
    for chased in group:
        currency = chased.line.currency
        totals[currency] = totals.get(currency, ZERO) + chased.span.claimed
    return totals


def covered_currencies(debts: Mapping[str, Decimal], book: Book) -> set[str]:
    """The currencies whose credits are as large as these debts."""
    return {currency for currency, purse in book.items() if currency in debts and purse.total >= debts[currency]}


def allot(group: Sequence[Chased], book: Book) -> tuple[frozenset[int], dict[int, tuple[Credit, ...]]]:
    """The lines that credits pay whole, and the credits that pay a part of another.

    Several messages cannot each deduct the same credit: the oldest debts are paid first
    (Code civil, article 1342-10), so that together they claim what is owed, no more.
    """
    paid: set[int] = set()
    parts: dict[int, tuple[Credit, ...]] = {}
    for currency, purse in book.items():
        left = list(purse.credits)
        debts = [chased for chased in group if chased.line.currency == currency]
        for chased in sorted(debts, key=lambda each: (each.due_date, each.line.id)):
            if not left:
                break
            number = chased.line.id
            used, missing = _use(left, chased.span.claimed)
            if missing:
                parts[number] = used
            else:
                paid.add(number)
    return frozenset(paid), parts


def _use(left: list[Credit], amount: Decimal) -> tuple[tuple[Credit, ...], Decimal]:
    """Take ``amount`` from the credits left: what was taken, and what they lack."""
    used = []
    while left and amount > ZERO:
        credit = left.pop(0)
        if credit.amount > amount:
            company = credit.company * amount / credit.amount
            left.insert(0, Credit(credit.line_id, credit.amount - amount, credit.company - company))
            credit = Credit(credit.line_id, amount, company)
        used.append(credit)
        amount -= credit.amount
    return tuple(used), amount
