"""Entries other than sales, which fill the books as in a real base."""

from __future__ import annotations

import datetime as dt
import random

from .dates import month_end, working_day
from .names import SUPPLIERS
from .story import Line, Story, money

EXPENSES = (
    "601000",
    "601000",
    "606300",
    "624100",
    "601000",
    "601000",
    "624100",
    "613200",
)


def tell_upkeep(story: Story, seed: str) -> None:
    """Post the opening of the bank account, then each month's purchases and wages."""
    exercises = story.exercises
    rng = random.Random(f"{seed}:upkeep")
    day = exercises.start
    while day <= exercises.reference:
        end = min(month_end(day), exercises.reference)
        for rank in rng.sample(range(len(SUPPLIERS)), 4):
            _purchase(story, rng, rank, day + dt.timedelta(days=rng.randint(1, 24)))
        if end == month_end(day):
            _wages(story, rng, end)
        day = month_end(day) + dt.timedelta(days=1)


def _purchase(story: Story, rng: random.Random, rank: int, date: dt.date) -> None:
    date = working_day(date)
    if not story.exercises.start <= date <= story.exercises.reference:
        return
    code, name = SUPPLIERS[rank]
    net = money(rng.uniform(180, 3900))
    vat = money(net / 5)
    due = date + dt.timedelta(days=45)
    label = f"FACT {name}"[:69]
    ref = f"{rng.randint(10_000, 99_999)}"
    owed = Line("401000", False, net + vat, label, code, due, 1, ref)
    story.post(
        "ACH",
        date,
        [
            Line(EXPENSES[rank % len(EXPENSES)], True, net, label, ref=ref),
            Line("445660", True, vat, label, ref=ref),
            owed,
        ],
    )
    if due < story.exercises.reference:
        label = f"VIR {name}"[:69]
        paid = Line("401000", True, net + vat, label, code, mode=1)
        story.post(
            "BNQ",
            working_day(due),
            [paid, Line("512000", False, net + vat, label, mode=1)],
        )
        story.match(owed, paid)


def _wages(story: Story, rng: random.Random, date: dt.date) -> None:
    gross = money(rng.uniform(13_500, 14_800))
    charges = money(gross * money("0.42"))
    net = money(gross * money("0.78"))
    label = f"PAIE {date:%m/%Y}"
    story.post(
        "OD",
        date,
        [
            Line("641000", True, gross, label),
            Line("645000", True, charges, label),
            Line("421000", False, net, label),
            Line("431000", False, gross + charges - net, label),
        ],
    )
    story.post(
        "BNQ",
        date,
        [Line("421000", True, net, label), Line("512000", False, net, label)],
    )
