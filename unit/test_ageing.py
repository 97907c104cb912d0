"""The aged balance: inclusive bounds, credits apart, sums that always agree."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels_builders import line

from lib.ageing import Ageing, age, bucket_index, document_date

TODAY = date(2026, 11, 21)

amounts = st.decimals(-99999, 99999, places=2).filter(bool)
ages = st.integers(-200, 400)
lines = st.builds(
    lambda number, late, amount, dated: line(
        number,
        due=TODAY - timedelta(days=late) if dated else None,
        amount=amount,
        entry_date=TODAY - timedelta(days=late),
    ),
    st.integers(1, 10**6),
    ages,
    amounts,
    st.booleans(),
)
ledgers = st.lists(lines, max_size=30)
bounds = st.sets(st.integers(1, 365), min_size=1, max_size=6).map(sorted).map(tuple)


def late(days, amount=100):
    """A line of that many days late on `TODAY`."""
    return line(due=TODAY - timedelta(days=days), amount=amount)


@pytest.mark.parametrize(
    "days_late, index",
    [(-9, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)],
)
def test_bounds_are_inclusive(days_late, index):
    """1–30 · 31–60 · 61–90 · more than 90; due today is not overdue."""
    assert bucket_index(days_late) == index


@pytest.mark.parametrize("days_late, index", [(91, 4), (120, 4), (121, 5), (181, 6)])
def test_more_buckets(days_late, index):
    """Also > 120 and > 180."""
    assert bucket_index(days_late, (30, 60, 90, 120, 180)) == index


def test_each_amount_in_its_column():
    """One line a column, and the credit in its own, whatever its age."""
    result = age(
        [late(-5, 1), late(0, 2), late(1, 4), late(31, 8), late(61, 16), late(91, 32)] + [late(200, -7)],
        TODAY,
    )
    assert result == Ageing(
        not_due=Decimal(3),
        buckets=(Decimal(4), Decimal(8), Decimal(16), Decimal(32)),
        unallocated=Decimal(-7),
        max_days_late=91,
    )
    assert (result.overdue, result.balance) == (Decimal(60), Decimal(56))


def test_nothing():
    """An account without line is at zero everywhere."""
    result = age([], TODAY)
    assert result == Ageing(Decimal(0), (Decimal(0),) * 4, Decimal(0), 0)
    assert result.balance == result.overdue == 0


def test_credits_alone_are_no_overdue():
    """A credit note of last year is not a debt of last year (trap 3)."""
    result = age([late(300, -50)], TODAY)
    assert (result.overdue, result.balance, result.max_days_late) == (0, -50, 0)


def test_paid_lines_count_nowhere():
    """A line settled this morning is neither late nor the oldest delay."""
    assert age([late(300, 0)], TODAY) == age([], TODAY)


def test_without_due_date_the_entry_date_counts():
    """Trap 7: neither today nor "not due" for an old opening entry."""
    opening = line(due=None, entry_date=date(2026, 1, 1), amount=10)
    assert age([opening], TODAY).buckets == (0, 0, 0, 10)


def test_by_invoice_date():
    """The other option: age since the invoice, not since the due date."""
    invoice = line(due=date(2026, 11, 30), entry_date=date(2026, 10, 1), amount=10)
    assert age([invoice], TODAY).not_due == 10
    assert age([invoice], TODAY, date_of=document_date).buckets == (0, 10, 0, 0)


def test_cents_are_exact():
    """A thousand times ten cents is a hundred euros."""
    assert age([late(3, "0.10")] * 1000, TODAY).overdue == Decimal("100.00")


@given(ledgers, bounds)
def test_columns_sum_to_the_balance(ledger, limits):
    """Promise 7: buckets, not due and credits sum to the balance of the lines."""
    result = age(ledger, TODAY, limits)
    balance = sum(each.residual for each in ledger)
    assert result.not_due + sum(result.buckets) + result.unallocated == balance
    assert result.balance == balance
    assert len(result.buckets) == len(limits) + 1
    assert result.unallocated <= 0 <= min(result.not_due, *result.buckets)


@given(ledgers, ledgers, bounds)
def test_customers_sum_to_the_company(one, other, limits):
    """Ageing two accounts together is adding their two ageings."""
    together = age(one + other, TODAY, limits)
    assert together == age(one, TODAY, limits) + age(other, TODAY, limits)


@given(ledgers, st.randoms())
def test_order_of_lines_does_not_matter(ledger, random):
    """The same lines give the same balance however they are sorted."""
    shuffled = list(ledger)
    random.shuffle(shuffled)
    assert age(shuffled, TODAY) == age(ledger, TODAY)


@given(ledgers, st.integers(0, 120))
def test_debts_only_grow_older(ledger, days):
    """Time alone never makes an amount younger, nor changes the balance."""
    now, then = age(ledger, TODAY), age(ledger, TODAY + timedelta(days=days))
    assert then.balance == now.balance
    assert then.not_due <= now.not_due
    assert then.buckets[-1] >= now.buckets[-1]
    assert then.max_days_late >= now.max_days_late


@given(ledgers)
def test_finer_bounds_split_the_same_amounts(ledger):
    """30/60/90/120/180 tells more about « plus de 90 jours », not something else."""
    coarse = age(ledger, TODAY)
    fine = age(ledger, TODAY, (30, 60, 90, 120, 180))
    assert fine.buckets[:3] == coarse.buckets[:3]
    assert sum(fine.buckets[3:]) == coarse.buckets[3]


def test_ageings_with_other_bounds_do_not_add_up():
    """Columns that mean different delays are never summed."""
    with pytest.raises(ValueError):
        age([late(5)], TODAY) + age([late(5)], TODAY, (15, 45))
