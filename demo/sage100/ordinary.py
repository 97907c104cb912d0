"""Ordinary customers: three exercises of invoices, paid according to each one's habits.

Who owes overdue items at the reference date is decided here, customer by customer, so
that the picture stays the same whatever the date: an invoice past due is paid before
the reference date at the latest, unless the customer's habit leaves it open.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from .dates import due_date, friday_before, working_day
from .story import CHEQUE, Customer, Line, Story, money


@dataclass(frozen=True)
class Habit:
    """How a customer buys and pays."""

    name: str
    delays: tuple[int, int]
    """Days between due date and payment, from and to."""
    open_ages: tuple[int, ...] = ()
    """Days late of the invoices left open at the reference date."""
    stopped: int = 0
    """The customer has paid nothing for that many days (0: still pays)."""
    coming: tuple[int, ...] = ()
    """Invoices to come: days until due."""
    monthly: bool = False
    """One transfer a month for all that falls due."""


PUNCTUAL = Habit("à l'heure", (-2, 3))
MONTHLY = Habit("virement mensuel", (0, 4), monthly=True)
BIT_LATE = Habit("un peu en retard", (6, 24))
VERY_LATE = Habit("très en retard", (32, 75))

TAILS: tuple[Habit, ...] = (
    Habit("un peu en retard", (6, 22), open_ages=(7,)),
    Habit("un peu en retard", (8, 25), open_ages=(11, 4)),
    Habit("un peu en retard", (5, 20), open_ages=(16,), coming=(14,)),
    Habit("un peu en retard", (9, 28), open_ages=(19, 5)),
    Habit("très en retard", (35, 70), open_ages=(26, 12)),
    Habit("très en retard", (32, 66), open_ages=(38, 17, 3), coming=(11,)),
    Habit("très en retard", (40, 75), open_ages=(52, 21)),
    Habit("très en retard", (45, 80), open_ages=(64, 33, 8)),
    Habit("très en retard", (50, 90), open_ages=(88, 41)),
    Habit("ne paie plus", (4, 20), open_ages=(72,), stopped=95),
    Habit("ne paie plus", (8, 30), open_ages=(105, 58), stopped=140),
    Habit("ne paie plus", (10, 45), open_ages=(131,), stopped=190),
    Habit("ne paie plus", (15, 60), open_ages=(148, 99), stopped=260),
)
"""Habits of the customers who owe overdue items, each given to one customer."""

COMING: tuple[tuple[int, ...], ...] = (
    (2,),
    (4, 33),
    (5,),
    (7, 21),
    (8,),
    (12, 40),
    (18,),
    (27,),
)
"""Invoices to come of some customers who owe nothing overdue."""

TERMS: tuple[tuple[int, bool], ...] = (
    (30, False),
    (45, True),
    (30, True),
    (60, False),
    (30, False),
    (45, True),
)


def habit_of(rank: int) -> Habit:
    """Habit of the ordinary customer of that rank: one in four owes overdue items."""
    if rank % 4 == 3 and rank // 4 < len(TAILS):
        return TAILS[rank // 4]
    base = (PUNCTUAL, BIT_LATE, PUNCTUAL, MONTHLY, PUNCTUAL, VERY_LATE, BIT_LATE)[
        rank % 7
    ]
    coming = COMING[rank // 5] if rank % 5 == 1 and rank // 5 < len(COMING) else ()
    return Habit(base.name, base.delays, coming=coming, monthly=base.monthly)


def tell(
    story: Story, customer: Customer, habit: Habit, invoices: int, seed: str
) -> None:
    """Post the invoices and payments of an ordinary customer.

    The customer has its own generator: adding one customer changes no other.
    """
    rng = random.Random(f"{seed}:{customer.code}")
    exercises = story.exercises
    if habit.open_ages or habit.stopped:
        customer.end_of_month = False
    size = rng.choice((140.0, 420.0, 420.0, 1100.0, 1100.0, 2600.0))
    span = (exercises.reference - exercises.start).days - 6
    months: dict[tuple[int, int], list[Line]] = {}
    for rank in range(invoices):
        offset = int((rank + rng.random()) * span / invoices)
        date = working_day(exercises.start + dt.timedelta(days=max(offset, 4)))
        due = due_date(date, customer.days, customer.end_of_month)
        if exercises.reference <= due:
            if habit.open_ages or habit.stopped:
                continue  # their open items are told below, to the day
            if rng.random() < 0.5:
                continue  # not too much to come
        lines = _invoice(story, customer, date, due, size, rng)
        if habit.stopped and due > exercises.ago(habit.stopped):
            continue
        if habit.monthly and due < exercises.reference:
            months.setdefault((due.year, due.month), []).extend(lines)
            continue
        for line in lines:
            _pay(story, customer, line, habit, rng)
    for lines in months.values():
        last = max(line.due for line in lines if line.due)
        paid_on = min(working_day(last + dt.timedelta(days=4)), exercises.ago(1))
        story.settle(customer, lines, max(paid_on, lines[-1].date))
    for age in (*habit.open_ages, *(-days for days in habit.coming)):
        gross = max(_amount(size, rng), money(1080) if age < 0 else money(60))
        days = customer.days
        customer.days = 30
        story.late(customer, age, gross)
        customer.days = days


def _amount(size: float, rng: random.Random) -> Decimal:
    """Gross amount of an invoice of a customer of that size."""
    net = Decimal(
        str(round(size * rng.uniform(0.5, 2.2) * rng.choice((1, 1, 1, 1.7)), 1))
    )
    return money(net * Decimal("1.2"))


def _invoice(
    story: Story,
    customer: Customer,
    date: dt.date,
    due: dt.date,
    size: float,
    rng: random.Random,
) -> list[Line]:
    """One invoice; the large ones now and then in two échéances, thirty days apart."""
    gross = _amount(size, rng)
    if gross > 2500 and rng.random() < 0.25:
        half = money(gross / 2)
        second = due + dt.timedelta(days=30)
        if second < story.exercises.reference:
            return story.invoice(
                customer, date, gross, dues=[(due, half), (second, gross - half)]
            )
    return story.invoice(customer, date, gross, dues=[(due, gross)])


def _pay(
    story: Story, customer: Customer, line: Line, habit: Habit, rng: random.Random
) -> None:
    """Pay one échéance that is due, at the latest the day before the reference."""
    if line.due is None:
        return
    yesterday = story.exercises.ago(1)
    paid_on = max(line.due + dt.timedelta(days=rng.randint(*habit.delays)), line.date)
    if line.due >= story.exercises.reference:
        return
    if paid_on > yesterday:
        paid_on = max(line.date, yesterday - dt.timedelta(days=rng.randint(0, 3)))
    if customer.mode == CHEQUE:
        paid_on = max(friday_before(paid_on), line.date)
    else:
        paid_on = max(working_day(paid_on), line.date)
    story.settle(customer, [line], paid_on)
