"""Planning only what a change reaches gives the same as planning everything, at every step of random histories."""

import datetime as dt
from collections import defaultdict
from dataclasses import astuple

import pytest
from test_sage100_histories import read

from demo.sage100.living_history import History
from lib.sage100.customer_plan import Context, plan_customers
from lib.sage100.exercises import Exercises
from lib.sage100.reach import Trace, reached
from lib.sage100.records import Opening

SEEDS = range(20)
STEPS = 60


def trace_of(entry):
    """What the mirror says of an entry: the amount as a text."""
    return Trace(
        entry.ec_no, entry.account, entry.date, entry.lettering, str(entry.amount), entry.invoice, int(entry.opening)
    )


def values(entry):
    """What the synchronisation compares: all but the moment of the change."""
    return [value for name, value in zip(entry.__slots__, astuple(entry), strict=True) if name != "modified_at"]


def changes_of(former, present):
    """Return customer → traces of its entries that changed, before and after; None when one has come or gone to
    another customer."""
    before, after = ({entry.ec_no: entry for entry in entries} for entries in (former, present))
    found = defaultdict(list)
    for number in before.keys() | after.keys():
        both = [side[number] for side in (before, after) if number in side]
        if len(both) == 2 and values(both[0]) == values(both[1]):
            continue
        moved = len({entry.customer for entry in both}) == 2
        for entry in both:
            if moved or found[entry.customer] is None:
                found[entry.customer] = None
            else:
                found[entry.customer].append(trace_of(entry))
    return found


def decided(plan, numbers=None):
    """Return what a plan says, of some entries only or of all of them."""
    openings = plan.openings

    def about(number):
        return numbers is None or number in numbers

    return (
        {number: fate for number, fate in openings.fates.items() if about(number)},
        {number: roots for number, roots in openings.roots.items() if about(number)},
        {number: copy for number, copy in openings.current.items() if about(number)},
        sorted((finding for finding in openings.findings if about(finding.ec_no)), key=str),
        sorted((matching for matching in plan.matchings if about(matching.lines[0])), key=str),
    )


def joined(first, second):
    """Return what two plans say of different entries."""
    return tuple(
        one | other if isinstance(one, dict) else sorted(one + other, key=str)
        for one, other in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_change_reaches_is_enough(seed):
    history = History(seed, customers=6)
    former, context = read(history.base)
    spared = 0
    for rank in range(STEPS):
        for _time in range(1 + rank % 3):
            history.step()
        before, known = former, context
        former, context = read(history.base)
        if known != context:
            continue  # what all lines depend on: everything is planned again
        changes = changes_of(before, former)
        rows = {entry.ec_no: entry for entry in (*before, *former)}
        numbers = set()
        for customer, traces in changes.items():
            mine = [trace_of(entry) for entry in rows.values() if entry.customer == customer]
            numbers |= {trace.ec_no for trace in mine} if traces is None else reached(mine, traces, (), context)
        some = [entry for entry in former if entry.ec_no in numbers]
        spared += len(former) - len(some)
        kept = decided(plan_customers(before, known), rows.keys() - numbers)
        said = joined(kept, decided(plan_customers(some, context)))
        assert said == decided(plan_customers(former, context)), "\n".join([f"seed {seed}", *history.log])
    assert spared


def trace(number, code="", amount="10.00", invoice="", opening=0):
    return Trace(number, "411000", dt.date(2026, 3, 1), code, amount, invoice, opening)


CONTEXT = Context(Exercises.of([(dt.date(2026, 1, 1), dt.date(2026, 12, 31))]))


def test_an_entry_that_moves_reaches_what_it_leaves_and_what_it_joins():
    was, now = trace(1, "A", "10.00"), trace(1, "B", "20.00", "F1")
    others = [trace(2, "A", "1.00"), trace(3, "B", "2.00"), trace(4, "", "10.00"), trace(5, "", "20.00", "F1")]
    spared = [trace(6, "C", "3.00"), trace(7, "", "20.00")]
    assert reached([now, *others, *spared], [was, now], (), CONTEXT) == {1, 2, 3, 4, 5}


def test_a_code_of_another_year_or_account_is_not_reached():
    was = trace(1, "A", "10.00")
    others = [trace(2, "A", "1")._replace(date=dt.date(2025, 3, 1)), trace(3, "A", "2")._replace(account="416000")]
    assert reached([was._replace(lettering=None), *others], [was], (), CONTEXT) == {1}


@pytest.mark.parametrize("kind", [Opening.BALANCE, Opening.MANUAL])
def test_an_opening_by_sums_reaches_the_whole_account(kind):
    """Be it there no more, since what it stood for is to be told again."""
    entries = [trace(1, "", "10.00"), trace(2, "", "20.00")]
    assert reached([*entries, trace(3, "", "30.00", opening=kind)], entries[:1], (), CONTEXT) == {1, 2, 3}
    assert reached(entries, [trace(3, "", "30.00", opening=kind)], (), CONTEXT) == {1, 2}


def test_an_account_with_a_balance_reported_is_reached_as_a_whole():
    entries = [trace(1, "", "10.00"), trace(2, "", "20.00")]
    context = Context(CONTEXT.exercises, reports={"411000": 1})
    assert reached(entries, entries[:1], (), context) == {1, 2}


def test_seeds_are_reached_with_what_they_are_bound_to():
    entries = [trace(1, "A", "10.00"), trace(2, "A", "-10.00"), trace(3, "", "5.00")]
    assert reached(entries, [], [1, 99], CONTEXT) == {1, 2}
