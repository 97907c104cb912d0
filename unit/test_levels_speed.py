"""Deciding is never what a user waits for."""

import time
from datetime import timedelta

from levels_builders import ONE_DAY, customer, day, default_plan, line, tutorial_plan

from lib.levels import Region, decide_customer

TODAY = day("21/11/2026")
CUSTOMERS, LINES = 500, 9


def _ledger():
    """500 customers of 9 lines, due from 400 days ago to 30 days ahead."""
    plans = default_plan(minimum_interval=7), tutorial_plan(Region.ALSACE_MOSELLE)
    for number in range(CUSTOMERS):
        lines = []
        for rank in range(LINES):
            age = (number * 37 + rank * 53) % 430 - 30
            amount = -50 if (number + rank) % 33 == 0 else 40 + age % 1900
            due = TODAY - timedelta(days=age)
            lines.append(line(rank, due, amount, disputed=age % 29 == 0))
        last = TODAY - (number % 20) * ONE_DAY
        yield customer(plans[number % 2], *lines, last_message_on=last)


def test_a_tenth_of_a_large_ledger_in_a_second_of_processor():
    """The target is 46,000 lines of 5,000 customers a second; this leaves ten times it.

    A search per line, or a calendar computed again for each, would show here.
    """
    ledger = list(_ledger())
    start = time.process_time()
    decisions = [decide_customer(each, TODAY) for each in ledger]
    assert time.process_time() - start < 1
    assert sum(len(decision.lines) for decision in decisions) == CUSTOMERS * LINES
    assert 0 < sum(decision.level is not None for decision in decisions) < CUSTOMERS
