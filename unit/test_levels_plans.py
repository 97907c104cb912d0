"""The plans that ship, played day by day as somebody would live them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from levels_builders import (
    customer,
    day,
    default_plan,
    delivered,
    line,
    play,
    strict_plan,
    tutorial_plan,
)

from lib.levels import Phase, Reason, Region, decide_customer, decide_line, refusal

ALL = [
    ("22/06/2026", 0),
    ("05/07/2026", 1),
    ("15/07/2026", 2),
    ("25/07/2026", 3),
    ("04/08/2026", 4),
]


def steps(account, start="01/06/2026", days=200, **values):
    """(day, rank) of every message of an account."""
    return [story[:2] for story in play(account, start, days, **values)]


# « Suivi par défaut »


@pytest.mark.parametrize(
    "amount, expected",
    [
        (5000, ALL),
        (1000, ALL),
        (999, ALL[1:]),
        (150, ALL[1:]),
        (149, ALL[1:4]),
    ],
)
def test_default_plan_day_by_day(amount, expected):
    """Due on 30/06/2026: 8 days before, 5 after, then 10, 10 and 10 days."""
    assert steps(customer(default_plan(), line(amount=amount))) == expected


def test_default_plan_ends_with_a_formal_notice():
    """After it nothing leaves by itself: the reason asks a person to act (trap 24)."""
    rules = default_plan()
    account = customer(rules, delivered(4, "04/08/2026", amount=5000))
    assert rules.levels[4].phase == Phase.NOTICE
    assert decide_customer(account, day("21/11/2026")).reason == Reason.LAST_LEVEL_SENT


def test_small_invoice_stops_before_the_notice():
    """Under 150 € no formal notice: the amount is the reason, not "all sent"."""
    account = customer(default_plan(), delivered(3, "25/07/2026", amount=149))
    decision = decide_customer(account, day("21/11/2026"))
    assert decision.reason == Reason.BELOW_LINE_MINIMUM


def test_default_plan_with_sendings_on_mondays_only():
    """A level waits for the next sending day, and the next one counts from there."""
    account = customer(default_plan(), line(amount=5000))
    assert steps(account, runs=lambda today: today.weekday() == 0) == [
        ("22/06/2026", 0),
        ("06/07/2026", 1),
        ("20/07/2026", 2),
        ("03/08/2026", 3),
        ("17/08/2026", 4),
    ]


def test_default_plan_taken_up_after_months():
    """Trap 18: an old invoice starts at level 1 and climbs step by step."""
    account = customer(default_plan(), line(due="01/01/2025", amount=5000))
    assert steps(account, "01/06/2026") == [
        ("01/06/2026", 1),
        ("11/06/2026", 2),
        ("21/06/2026", 3),
        ("01/07/2026", 4),
    ]


def test_paid_after_the_first_reminder():
    """Whatever the day, the residual decides: paid in full, nothing more."""
    rules = default_plan()
    reminded = delivered(1, "05/07/2026", amount=5000)
    paid = replace(reminded, residual=Decimal(0), residual_currency=Decimal(0))
    assert steps(customer(rules, reminded), "06/07/2026") == ALL[2:]
    assert steps(customer(rules, paid), "06/07/2026") == []


def test_two_invoices_in_the_default_plan():
    """One message a day at most, each invoice at its own pace, the interval kept."""
    account = customer(default_plan(minimum_interval=7), line(1), line(2, due="08/07/2026"))
    assert play(account, "01/07/2026", 60) == [
        ("05/07/2026", 1, (1,)),
        ("13/07/2026", 1, (2,)),
        ("20/07/2026", 2, (1,)),
        ("27/07/2026", 2, (2,)),
        ("03/08/2026", 3, (1,)),
        ("10/08/2026", 3, (2,)),
    ]


def test_interval_longer_than_the_delays_slows_the_plan():
    """« Quel que soit le scénario » (F054): every fifteen days at most."""
    account = customer(default_plan(minimum_interval=15), line(amount=5000))
    assert steps(account) == [
        ("22/06/2026", 0),
        ("07/07/2026", 1),
        ("22/07/2026", 2),
        ("06/08/2026", 3),
        ("21/08/2026", 4),
    ]


# The tutorial's plan (seed 002): 15, 30, 45, 60 jours ouvrables


@pytest.mark.parametrize(
    "due, region, expected",
    [
        # +15 ouvrables after 30/04/2026 is 21/05, Alsace alike
        (
            "30/04/2026",
            Region.METROPOLE,
            ["21/05/2026", "09/06/2026", "26/06/2026", "15/07/2026"],
        ),
        (
            "30/04/2026",
            Region.ALSACE_MOSELLE,
            ["21/05/2026", "09/06/2026", "26/06/2026", "15/07/2026"],
        ),
        # Good Friday 3 April and Easter Monday 6 April 2026
        (
            "27/03/2026",
            Region.METROPOLE,
            ["15/04/2026", "04/05/2026", "23/05/2026", "11/06/2026"],
        ),
        (
            "27/03/2026",
            Region.ALSACE_MOSELLE,
            ["16/04/2026", "05/05/2026", "26/05/2026", "12/06/2026"],
        ),
    ],
)
def test_tutorial_plan_in_ouvrables(due, region, expected):
    """F046, F047: the four levels on their very days, a run every day."""
    account = customer(tutorial_plan(region), line(due=due))
    story = steps(account, "01/03/2026")
    assert story == list(zip(expected, (1, 2, 3, 4), strict=True))


def test_tutorial_plan_seen_late_goes_to_contentieux():
    """Delays count from the due date: after 60 ouvrables the last level is due at once.

    That is what the seed describes; the strict option starts at level 1 instead.
    """
    late = line(due="30/04/2026")
    assert steps(customer(tutorial_plan(), late), "01/08/2026") == [("01/08/2026", 4)]
    strict = customer(tutorial_plan(strict_order=True), late)
    assert steps(strict, "01/08/2026") == [
        ("01/08/2026", 1),
        ("02/08/2026", 2),
        ("03/08/2026", 3),
        ("04/08/2026", 4),
    ]
    spaced = customer(tutorial_plan(strict_order=True, minimum_interval=15), late)
    assert steps(spaced, "01/08/2026") == [
        ("01/08/2026", 1),
        ("16/08/2026", 2),
        ("31/08/2026", 3),
        ("15/09/2026", 4),
    ]


def test_level_of_each_line_in_the_tutorial_plan():
    """F045: on one date, the delay of each line decides its level."""
    rules = tutorial_plan()
    due_dates = ("30/04/2026", "20/04/2026", "27/03/2026", "28/02/2026", "20/05/2026")
    lines = [line(n, due=each) for n, each in enumerate(due_dates, start=1)]
    found = [decide_line(each, rules, day("21/05/2026")).level for each in lines]
    assert [each and each.rank for each in found] == [1, 1, 2, 4, None]


# Seed 004: three levels, strict


def test_strict_plan_day_by_day():
    """Each level on its day when somebody sends every day."""
    assert steps(customer(strict_plan(), line())) == [
        ("10/07/2026", 1),
        ("20/07/2026", 2),
        ("30/07/2026", 3),
    ]


def test_strict_plan_never_skips():
    """F051: taken up late, level 1 leaves first whatever the delay."""
    account = customer(strict_plan(minimum_interval=5), line(due="01/01/2026"))
    assert steps(account) == [
        ("01/06/2026", 1),
        ("06/06/2026", 2),
        ("11/06/2026", 3),
    ]


def test_strict_plan_takes_over_reminders_made_elsewhere():
    """F129: a past date typed on level 1 lets level 2 go; without a date, never."""
    rules = strict_plan()
    on = day("25/07/2026")
    undated = line(delivered_rank=1)
    assert refusal(undated, rules, rules.levels[1], on) == Reason.PREVIOUS_NOT_DONE
    assert decide_line(undated, rules, on).reason == Reason.PREVIOUS_NOT_DONE
    dated = delivered(1, "12/07/2026")
    assert refusal(dated, rules, rules.levels[1], on) is None
    assert decide_line(dated, rules, on).level.rank == 2


def test_strict_plan_has_three_levels():
    """F050: after the third, nothing."""
    account = customer(strict_plan(), delivered(3, "30/07/2026"))
    assert decide_customer(account, day("21/11/2026")).reason == Reason.LAST_LEVEL_SENT
