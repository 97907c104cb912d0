"""Builders shared by the tests of the follow-up decision: plans, lines, customers."""

import os
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings

from lib.levels import (
    Customer,
    DayUnit,
    Level,
    Line,
    Phase,
    Plan,
    Region,
    Trigger,
    after_delivery,
    decide_customer,
)

ONE_DAY = timedelta(days=1)

# The same examples at each run, so that a build never fails by chance; to look for new
# ones: FOLLOWUP_EXAMPLES=5000 pytest.
EXAMPLES = os.environ.get("FOLLOWUP_EXAMPLES")
settings.register_profile(
    "followup",
    max_examples=int(EXAMPLES or 30),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
)
settings.load_profile("followup")


def day(text):
    """The date of a French "30/06/2026"."""
    number, month, year = map(int, text.split("/"))
    return date(year, month, number)


def level(rank, delay=10, trigger=None, phase=None, minimum=0, **values):
    """A level; rank 0 is a prevention notice. Identifiers run against the ranks."""
    return Level(
        id=900 - rank,
        rank=rank,
        phase=phase or (Phase.REMINDER if rank else Phase.PREVENTION),
        trigger=trigger or (Trigger.AFTER_DUE if rank else Trigger.BEFORE_DUE),
        delay=delay,
        minimum_amount=Decimal(minimum),
        **values,
    )


def plan(*levels, **values):
    """A plan of these levels."""
    return Plan(id=1, levels=levels, **values)


def default_plan(**values):
    """« Suivi par défaut »."""
    previous = Trigger.AFTER_PREVIOUS
    return plan(
        level(0, 8, minimum=1000),
        level(1, 5),
        level(2, 10, previous),
        level(3, 10, previous),
        level(4, 10, previous, phase=Phase.NOTICE, minimum=150),
        **values,
    )


def tutorial_plan(region=Region.METROPOLE, **values):
    """The plan of seed 002: 15, 30, 45 and 60 *jours ouvrables* after the due date."""
    levels = [level(n, 15 * n, unit=DayUnit.SIX_DAY) for n in (1, 2, 3, 4)]
    return plan(*levels, region=region, **values)


def strict_plan(**values):
    """The plan of seed 004: three levels, none without the one before."""
    return plan(level(1, 10), level(2, 20), level(3, 30), strict_order=True, **values)


def line(number=1, due="30/06/2026", amount=100, **values):
    """An open line of 100 € due on 30/06/2026, invoiced 30 days before."""
    due_date = day(due) if isinstance(due, str) else due
    entry_date = values.pop("entry_date", (due_date or date(2026, 6, 30)) - 30 * ONE_DAY)
    residual = Decimal(amount)
    return Line(
        id=number,
        due_date=due_date,
        entry_date=entry_date,
        invoice_date=values.pop("invoice_date", entry_date),
        residual=residual,
        currency=values.pop("currency", "EUR"),
        residual_currency=Decimal(values.pop("residual_currency", residual)),
        **values,
    )


def delivered(rank, on, number=1, **values):
    """A line whose level of that rank was delivered on that day."""
    return line(number, delivered_rank=rank, delivered_on=day(on), **values)


def customer(rules, *lines, **values):
    """A customer with these lines, followed by that plan."""
    return Customer(id=1, lines=lines, plan=rules, **values)


def play(account, start, days, runs=lambda _today: True):
    """Every message delivered over that many days: (day, rank of the message, due ids).

    `runs` tells on which days somebody sends; the account changes by messages only.
    """
    story = []
    today = day(start)
    for _number in range(days):
        decision = decide_customer(account, today)
        if decision.level and runs(today):
            story.append((f"{today:%d/%m/%Y}", decision.level.rank, decision.due))
            account = after_delivery(account, decision, today)
        today += ONE_DAY
    return story
