"""Late-payment penalties: the figures of the law, case by case."""

from datetime import date
from decimal import Decimal

import pytest

from lib.penalties import (
    Debt,
    Imputation,
    Rates,
    Regime,
    Terms,
    compute,
    floor_on,
    is_too_low,
    rate_on,
    rounded,
    spread,
)

TABLE = {
    date(2024, 1, 1): Rates(Decimal("4.50"), Decimal("5.07")),
    date(2024, 7, 1): Rates(Decimal("4.25"), Decimal("4.92")),
    date(2025, 1, 1): Rates(Decimal("3.15"), Decimal("3.71")),
    date(2025, 7, 1): Rates(Decimal("2.15"), Decimal("2.76")),
    date(2026, 1, 1): Rates(Decimal("2.15"), Decimal("2.62")),
}
BANK = Terms()
FIXED = Terms(fixed=Decimal(10))


def day(text):
    """A day written as in France: 31/05/2025."""
    return date(*map(int, reversed(text.split("/"))))


def debt(due, amount, *payments, regime=Regime.PROFESSIONAL, notice=None):
    """A debt; each payment is (day, amount)."""
    paid = tuple((day(on), Decimal(part)) for on, part in payments)
    return Debt(day(due), Decimal(amount), paid, regime, notice and day(notice))


def interest(owed, on, terms=BANK):
    """What a debt bears up to a day."""
    return compute(owed, day(on), terms, TABLE)


def rows(found):
    """[(first day, last day, days, amount due, rate, interest)], as text and numbers."""
    return [
        (f"{each.first:%d/%m/%Y}", f"{each.last:%d/%m/%Y}", each.days, float(each.base), each.rate, amount)
        for each, amount in found.rows()
    ]


@pytest.mark.parametrize(
    "case, owed, on, terms, expected",
    [
        (
            "law.md: crossing a half-year",
            debt("31/05/2025", 10000, ("15/08/2025", 10000)),
            "15/08/2025",
            BANK,
            "261.21",
        ),
        (
            "the same, long after the payment",
            debt("31/05/2025", 10000, ("15/08/2025", 10000)),
            "01/03/2026",
            BANK,
            "261.21",
        ),
        (
            "the same, one rate for the whole delay",
            debt("31/05/2025", 10000),
            "15/08/2025",
            Terms(single_rate=True),
            "273.81",
        ),
        ("not late on the due date", debt("31/05/2025", 10000), "31/05/2025", BANK, "0.00"),
        ("one day late", debt("31/05/2025", 10000), "01/06/2025", BANK, "3.60"),
        ("a leap year counts 366 days of a year of 365", debt("31/12/2023", 36500), "31/12/2024", FIXED, "3660.00"),
        ("a year at the rate of the terms", debt("31/12/2024", 10000), "31/12/2025", FIXED, "1000.00"),
        ("a margin of one's own", debt("31/12/2024", 36500), "10/01/2025", Terms(margin=Decimal(12)), "151.50"),
        ("public: eight points more", debt("31/12/2024", 36500, regime=Regime.PUBLIC), "10/01/2025", BANK, "111.50"),
        (
            "public: the first rate for all",
            debt("31/05/2025", 10000, regime=Regime.PUBLIC),
            "15/08/2025",
            BANK,
            "232.16",
        ),
        (
            "public: never the creditor's terms",
            debt("31/12/2024", 36500, regime=Regime.PUBLIC),
            "10/01/2025",
            FIXED,
            "111.50",
        ),
        (
            "consumer: nothing before the notice",
            debt("31/12/2024", 36500, regime=Regime.CONSUMER),
            "01/06/2025",
            BANK,
            "0.00",
        ),
        (
            "consumer: the legal rate from the notice",
            debt("31/12/2024", 36500, regime=Regime.CONSUMER, notice="01/03/2025"),
            "11/03/2025",
            FIXED,
            "37.10",
        ),
        (
            "consumer: a notice before the due date changes nothing",
            debt("28/02/2025", 36500, regime=Regime.CONSUMER, notice="01/02/2025"),
            "10/03/2025",
            BANK,
            "37.10",
        ),
        ("proceedings: none", debt("31/12/2024", 36500, regime=Regime.PROCEEDINGS), "01/06/2025", FIXED, "0.00"),
    ],
)
def test_amounts(case, owed, on, terms, expected):
    """The figures of the law, to the cent."""
    assert interest(owed, on, terms).total() == Decimal(expected), case


def test_part_payments():
    """Interest stops on what is paid, from the day after the payment; what was paid early never bore any."""
    owed = debt("31/12/2024", 36500, ("15/12/2024", 16500), ("10/01/2025", 10000), ("20/01/2025", 10000))
    found = interest(owed, "28/02/2025", FIXED)
    assert rows(found) == [
        ("01/01/2025", "10/01/2025", 10, 20000, Decimal(10), Decimal("54.79")),
        ("11/01/2025", "20/01/2025", 10, 10000, Decimal(10), Decimal("27.40")),
    ]
    assert found.total() == Decimal("82.19")


def test_rows_sum_to_the_total():
    """Three rows of 0.3333 € each make one euro, not 0.99 €."""
    owed = debt("31/12/2024", 100, ("01/01/2025", 0), ("02/01/2025", 0))
    found = interest(owed, "03/01/2025", Terms(fixed=Decimal(365) / 3))
    assert [amount for _slice, amount in found.rows()] == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]
    assert found.total() == Decimal("1.00")


def test_interest_paid_first():
    """Article 1343-1: what pays the interest leaves the principal owed, and bearing."""
    owed = debt("31/12/2024", 36500, ("10/01/2025", 10000))
    first = Terms(fixed=Decimal(10), imputation=Imputation.INTEREST)
    # Ten days at 10 € a day; 100 € of the payment pay them, 9 900 € the principal: 26 600 € left.
    found = interest(owed, "20/01/2025", first)
    assert rows(found)[1][3:] == (26600, Decimal(10), Decimal("72.88"))
    assert found.total() == Decimal("172.88")
    assert interest(owed, "20/01/2025", FIXED).total() == Decimal("172.60")


@pytest.mark.parametrize(
    "owed, on, terms, since, expected",
    [
        (debt("31/05/2026", 36500), "31/08/2026", BANK, "01/07/2026", "364.50"),
        (debt("31/07/2026", 36500), "31/08/2026", BANK, "01/08/2026", "0.00"),
        (debt("20/12/2023", 36500), "10/01/2024", BANK, "21/12/2023", "145.00"),
        (debt("31/07/2026", 36500), "10/08/2026", FIXED, None, "100.00"),
        (debt("31/05/2026", 36500, regime=Regime.PUBLIC), "31/08/2026", BANK, None, "933.80"),
        (debt("31/05/2026", 36500, ("15/06/2026", 36500)), "31/08/2026", BANK, None, "182.25"),
    ],
)
def test_missing_half_year(owed, on, terms, since, expected):
    """A rate that nobody typed is never guessed: its days bear nothing, and the first of them is told."""
    found = interest(owed, on, terms)
    assert (found.total(), found.missing_since) == (Decimal(expected), since and day(since))


def test_half_year_without_a_rate():
    """A half-year of which only the legal rate is known misses the bank's."""
    table = {date(2025, 1, 1): Rates(legal=Decimal("3.71"))}
    assert rate_on(day("01/02/2025"), Regime.PROFESSIONAL, BANK, table) is None
    assert rate_on(day("01/02/2025"), Regime.CONSUMER, BANK, table) == Decimal("3.71")


@pytest.mark.parametrize(
    "terms, on, low",
    [
        (Terms(fixed=Decimal("7.85")), "01/02/2026", True),
        (Terms(fixed=Decimal("7.86")), "01/02/2026", False),
        (Terms(fixed=Decimal(12)), "01/02/2024", True),
        (Terms(margin=Decimal(5)), "01/02/2026", True),
        (Terms(margin=Decimal(9)), "01/02/2026", False),
        (BANK, "01/02/2024", False),  # 14.50 < 15.21, and yet the law's own rate
        (Terms(fixed=Decimal(1)), "01/08/2026", False),  # the floor is not known: nothing to say
    ],
)
def test_floor(terms, on, low):
    """A rate agreed upon below three times the legal rate is warned of."""
    assert is_too_low(terms, day(on), TABLE) is low


def test_floor_by_half_year():
    """Three times the legal rate of that half-year; nothing when it is not known."""
    assert floor_on(day("30/06/2024"), TABLE) == Decimal("15.21")
    assert floor_on(day("01/07/2024"), TABLE) == Decimal("14.76")
    assert floor_on(day("01/07/2026"), TABLE) is None


def test_currencies_without_cents():
    """A yen has no cents."""
    assert interest(debt("31/12/2024", 36500), "01/01/2025", FIXED).total(0) == Decimal(10)
    assert [str(rounded(value, 0)) for value in (interest(debt("31/12/2024", 38325), "01/01/2025", FIXED).exact,)] == [
        "11"
    ]


def test_unmatched_payments_pay_the_oldest():
    """A payment that nobody matched is set against the oldest debt first, from its own day; none is used twice."""
    credits = [(day("01/03/2025"), Decimal(50)), (day("01/02/2025"), Decimal(60))]
    debts = [
        (2, day("31/01/2025"), Decimal(80)),
        (1, day("15/01/2025"), Decimal(100)),
        (3, day("15/02/2025"), Decimal(9)),
    ]
    assert spread(credits, debts) == {
        1: [(day("01/02/2025"), Decimal(60)), (day("01/03/2025"), Decimal(40))],
        2: [(day("01/03/2025"), Decimal(10))],
    }
    assert spread([], debts) == {}
