"""What is true of penalties whatever the debt, the payments and the rates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lib.penalties import Debt, Imputation, Rates, Regime, Terms, compute, spread
from lib.semesters import next_semester

START = date(2024, 1, 1)
SEMESTERS = [START]
for _number in range(5):
    SEMESTERS.append(next_semester(SEMESTERS[-1]))

days = st.integers(0, 900).map(lambda number: START + timedelta(number))
amounts = st.integers(1, 10**8 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
percents = st.integers(0, 2000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
rates = st.builds(Rates, st.none() | percents, st.none() | percents)
tables = st.lists(rates, min_size=6, max_size=6).map(lambda found: dict(zip(SEMESTERS, found, strict=True)))
terms = st.builds(
    Terms,
    fixed=st.none() | percents,
    margin=percents,
    single_rate=st.booleans(),
    imputation=st.sampled_from(Imputation),
)
payments = st.lists(st.tuples(days, amounts), max_size=4).map(tuple)
debts = st.builds(Debt, days, amounts, payments, st.sampled_from(Regime), st.none() | days)


@given(debts, days, terms, tables)
def test_never_negative(debt, on, agreed, table):
    """Nobody is owed interest for having paid too much, or early."""
    found = compute(debt, on, agreed, table)
    assert found.exact >= 0
    assert all(amount >= 0 for _slice, amount in found.rows())


@given(debts, days, days, terms, tables)
def test_additive_over_time(debt, one, other, agreed, table):
    """Interest up to a day, plus that of the days after it, is the whole: no day is lost nor counted twice."""
    early, late = sorted((one, other))
    whole = compute(debt, late, agreed, table)
    after = sum(
        each.interest * Fraction((each.last - max(each.first, early + timedelta(1))).days + 1, each.days)
        for each in whole.slices
        if each.last > early
    )
    assert compute(debt, early, agreed, table).exact + after == whole.exact


@given(debts, days, terms, tables, st.integers(2, 9))
def test_linear_in_amount(debt, on, agreed, table, times):
    """A debt so many times larger, paid in the same way, bears so many times the interest."""
    larger = replace(
        debt, amount=debt.amount * times, payments=tuple((day, part * times) for day, part in debt.payments)
    )
    assert compute(larger, on, agreed, table).exact == times * compute(debt, on, agreed, table).exact


@given(debts, days, days, terms, tables)
def test_nothing_after_payment(debt, paid_on, on, agreed, table):
    """Once all is paid, interest included, no day bears any more."""
    settled = replace(debt, payments=(*debt.payments, (paid_on, debt.amount * 1000)))
    found = compute(settled, max(on, paid_on), agreed, table)
    assert all(each.last <= paid_on for each in found.slices)
    assert found.exact == compute(settled, paid_on, agreed, table).exact


@given(debts, days, terms, tables)
def test_rows_sum_to_the_cent(debt, on, agreed, table):
    """The detail sums to the total, follows the calendar without a hole, and no row is off by more than a cent."""
    found = compute(debt, on, agreed, table)
    assert sum(amount for _slice, amount in found.rows()) == found.total()
    for before, after in zip(found.slices, found.slices[1:], strict=False):
        assert after.first == before.last + timedelta(1)
    for each, amount in found.rows():
        assert abs(each.interest - Fraction(amount)) <= Fraction(1, 100)
    assert all(debt.due < each.first and each.last <= on for each in found.slices)


@given(debts, days, terms, tables)
def test_missing_rates_bear_nothing(debt, on, agreed, table):
    """Adding a half-year that was missing never lowers the interest, and leaves nothing missing."""
    full = {day: Rates(found.ecb or Decimal(0), found.legal or Decimal(0)) for day, found in table.items()}
    known, whole = compute(debt, on, agreed, table), compute(debt, on, agreed, full)
    assert whole.missing_since is None
    if known.missing_since is None:
        assert known == whole
    elif agreed.imputation == Imputation.PRINCIPAL:
        assert known.exact <= whole.exact


@given(st.lists(st.tuples(days, amounts), max_size=5), st.lists(st.tuples(days, amounts), max_size=5))
def test_credits_are_used_once(credits, owed):
    """What debts are said to have received is what the credits hold, up to what is owed."""
    numbered = [(number, due, amount) for number, (due, amount) in enumerate(owed)]
    found = spread(credits, numbered)
    used = sum((amount for parts in found.values() for _day, amount in parts), Decimal(0))
    total, debt = (
        sum((amount for _day, amount in credits), Decimal(0)),
        sum((amount for _due, amount in owed), Decimal(0)),
    )
    assert used == min(total, debt)
    for number, _due, amount in numbered:
        assert sum((part for _day, part in found.get(number, ())), Decimal(0)) <= amount
