"""Unlettered credits set against the oldest debts, and the plan of customers taken by chunks."""

import datetime as dt
from decimal import Decimal

from lib.sage100.customer_plan import Context, plan_customers, settle
from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item
from lib.sage100.opening_entries import Anomaly, Fate
from lib.sage100.records import Entry

EXERCISES = Exercises.of([(dt.date(year, 1, 1), dt.date(year, 12, 31)) for year in (2025, 2026)])


def items(*lines):
    """Lines as (number, amount, amount in currency, day of January)."""
    return {
        number: Item(number, Decimal(amount), Decimal(foreign), dt.date(2026, 1, day))
        for number, amount, foreign, day in lines
    }


def shares(settlements):
    return [(s.debit, s.credit, str(s.amount)) for settlement in settlements for s in settlement.shares]


def entry(number, amount, **values):
    base = {"account": "411000", "customer": "DUPONT", "date": dt.date(2026, 3, 9), "piece": str(number)}
    return Entry(ec_no=number, journal="VTE", label="", amount=Decimal(amount), **base | values)


def left(lines, settlements):
    """What remains of each line."""
    rest = {number: item.amount for number, item in lines.items()}
    for settlement in settlements:
        for part in settlement.shares:
            rest[part.debit] -= part.amount
            rest[part.credit] += part.amount
    return rest


LINES = items((1, 100, 100, 20), (2, 50, 50, 10), (3, -30, -30, 15), (4, -60, -60, 16))


def test_nothing_is_allotted_unless_asked():
    assert settle(LINES, []) == []


def test_oldest_due_dates_first():
    found = settle(LINES, [], dict.fromkeys(LINES, "411"))
    assert shares(found) == [(2, 3, "30"), (2, 4, "20"), (1, 4, "40")]
    assert sorted(found[0].lines) == [1, 2, 3, 4]
    assert not found[0].full


def test_lettering_comes_before():
    found = settle(LINES, [(1, 3)], dict.fromkeys(LINES, "411"))
    assert shares(found) == [(1, 3, "30"), (2, 4, "50"), (1, 4, "10")]


def test_balance_is_the_same_either_way():
    apart = left(LINES, settle(LINES, [(1, 3)]))
    allotted = left(LINES, settle(LINES, [(1, 3)], dict.fromkeys(LINES, "411")))
    assert sum(apart.values()) == sum(allotted.values()) == 60
    assert apart != allotted


def test_another_account_or_currency_is_another_pile():
    piles = {1: "411", 2: "416", 3: "411", 4: "411 USD"}
    assert shares(settle(LINES, [], piles)) == [(1, 3, "30")]


def test_allotment_that_completes_a_group_makes_it_whole():
    lines = items((1, 100, 100, 20), (2, -60, -60, 10), (3, -40, -40, 15))
    found = settle(lines, [(1, 2)], dict.fromkeys(lines, "411"))
    assert [(sorted(s.lines), s.full) for s in found] == [([1, 2, 3], True)]


def test_group_of_one_side_settles_nothing():
    lines = items((1, 100, 100, 20), (2, 10, 10, 10))
    assert settle(lines, [(1, 2)]) == []
    assert settle(lines, [(1, 2)], dict.fromkeys(lines, "411")) == []


def test_settled_in_company_currency_is_settled_in_both():
    lines = items((1, "33.33", "37.01", 1), (2, "-11.11", "-12.34", 2), (3, "-22.22", "-24.69", 3))
    (found,) = settle(lines, [(1, 2, 3)])
    assert found.full
    assert sum(share.debit_currency for share in found.shares) == Decimal("37.01")


# The plan by chunks of customers


def test_year_opened_for_another_customer_closes_this_one_s():
    old = entry(1, 100, date=dt.date(2025, 6, 1))
    assert plan_customers([old], Context(EXERCISES)).openings.fates == {1: Fate.OPEN}
    closed = plan_customers([old], Context(EXERCISES, {dt.date(2026, 1, 1): 100})).openings
    assert closed.fates == {1: Fate.DROPPED}
    assert [finding.anomaly for finding in closed.findings] == [Anomaly.NOT_CARRIED]


def test_balance_account_is_known_from_others():
    """A balance of zero gets no opening line: that the account is in balance mode is known from the other customers."""
    pair = [entry(1, 100, date=dt.date(2025, 6, 1)), entry(2, -100, date=dt.date(2025, 7, 1))]
    opened = {dt.date(2026, 1, 1): 100}
    kept = plan_customers(pair, Context(EXERCISES, opened, {"411000": 1})).openings
    assert set(kept.fates.values()) == {Fate.OPEN}
    lost = plan_customers(pair, Context(EXERCISES, opened, {"411000": 2})).openings
    assert set(lost.fates.values()) == {Fate.DROPPED}


def test_plan_of_a_chunk_is_that_of_its_customers_apart():
    entries = [
        entry(1, 100, date=dt.date(2025, 6, 1), piece="A"),
        entry(2, 100, date=dt.date(2026, 1, 1), piece="A", opening=1),
        entry(3, 40, date=dt.date(2025, 6, 1), piece="A", customer="MARTIN"),
        entry(4, 40, date=dt.date(2026, 1, 1), piece="A", opening=1, customer="MARTIN"),
        entry(5, -40, customer="MARTIN", lettering="AAA", lettered=True),
    ]
    context = Context(EXERCISES, {dt.date(2026, 1, 1): 100})
    together = plan_customers(entries, context)
    for number in ("DUPONT", "MARTIN"):
        alone = plan_customers([e for e in entries if e.customer == number], context)
        assert alone.openings.fates.items() <= together.openings.fates.items()
        assert alone.openings.current.items() <= together.openings.current.items()
