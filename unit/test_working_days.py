"""Day counts of a plan: calendar, ouvrables, ouvrés; metropolitan France and Alsace."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels_builders import day

from lib.working_days import (
    DayUnit,
    Region,
    add_days,
    days_between,
    is_working_day,
    public_holidays,
)

CALENDAR, SIX, FIVE = DayUnit.CALENDAR, DayUnit.SIX_DAY, DayUnit.FIVE_DAY
METROPOLE, ALSACE = Region.METROPOLE, Region.ALSACE_MOSELLE

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
units = st.sampled_from(DayUnit)
regions = st.sampled_from(Region)
counts = st.integers(-150, 150)


@pytest.mark.parametrize(
    "start, count, unit, region, expected",
    [
        # Code du travail L3133-1
        ("30/04/2026", 15, CALENDAR, METROPOLE, "15/05/2026"),
        ("30/04/2026", 15, CALENDAR, ALSACE, "15/05/2026"),
        ("30/04/2026", 15, SIX, METROPOLE, "21/05/2026"),
        ("30/04/2026", 15, SIX, ALSACE, "21/05/2026"),
        ("30/04/2026", 15, FIVE, METROPOLE, "27/05/2026"),
        ("30/04/2026", 15, FIVE, ALSACE, "27/05/2026"),
        ("27/03/2026", 30, CALENDAR, METROPOLE, "26/04/2026"),
        ("27/03/2026", 30, SIX, METROPOLE, "04/05/2026"),
        ("27/03/2026", 30, SIX, ALSACE, "05/05/2026"),
        ("27/03/2026", 30, FIVE, METROPOLE, "13/05/2026"),
        ("27/03/2026", 30, FIVE, ALSACE, "15/05/2026"),
        # 26 December 2026 is a Saturday: ouvrable but in Alsace, never ouvré
        ("24/12/2026", 1, SIX, METROPOLE, "26/12/2026"),
        ("24/12/2026", 1, SIX, ALSACE, "28/12/2026"),
        ("24/12/2026", 1, FIVE, METROPOLE, "28/12/2026"),
        # over two years, and a leap day
        ("30/12/2026", 3, SIX, METROPOLE, "04/01/2027"),
        ("28/02/2028", 1, FIVE, METROPOLE, "29/02/2028"),
        # backwards: Easter Monday 2026 and the Sunday before it do not count
        ("07/04/2026", -1, SIX, METROPOLE, "04/04/2026"),
        ("07/04/2026", -1, FIVE, METROPOLE, "03/04/2026"),
        ("07/04/2026", -1, FIVE, ALSACE, "02/04/2026"),
        ("08/01/2026", -8, CALENDAR, METROPOLE, "31/12/2025"),
        # nothing to count
        ("01/05/2026", 0, FIVE, METROPOLE, "01/05/2026"),
    ],
)
def test_add_days(start, count, unit, region, expected):
    """Day 1 is the day after; days off are stepped over."""
    assert add_days(day(start), count, unit, region) == day(expected)


def _easter(year):
    """Easter Sunday by the anonymous Gregorian algorithm (Meeus, 1991)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, number = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, number + 1)


def test_public_holidays_are_those_of_the_law():
    """L3133-1 lists eleven days; Alsace and Moselle have two more (L3134-13).

    The library is checked against an independent Easter: a wrong subdivision code
    gives eleven days without any error. (It leaves out Whit Monday of 2005 to 2007,
    the first years of the *journée de solidarité*.)
    """
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    for year in range(2008, 2091):
        easter = _easter(year)
        moving = {easter + timedelta(days=number) for number in (1, 39, 50)}
        everywhere = {date(year, *month_day) for month_day in fixed} | moving
        local = {easter - timedelta(days=2), date(year, 12, 26)}
        assert public_holidays(year) == everywhere
        assert public_holidays(year, ALSACE) == everywhere | local


@pytest.mark.parametrize("year, count", [(2026, 11), (2027, 11), (2008, 10)])
def test_number_of_public_holidays(year, count):
    """Eleven days, thirteen in Alsace; in 2008 Ascension fell on the first of May."""
    assert len(public_holidays(year)) == count
    assert len(public_holidays(year, ALSACE)) == count + 2


@pytest.mark.parametrize("year", [1700, 2206])
def test_mistyped_year_stops_nothing(year):
    """Beyond the years of the library only weekends are known: nothing fails."""
    start = date(year, 3, 3)
    assert add_days(start, 6, SIX) == start + timedelta(days=7)
    assert add_days(start, -5, FIVE) == start - timedelta(days=7)


@given(days, counts, units, regions)
def test_the_day_found_counts(start, count, unit, region):
    """A delay never ends on a day off."""
    found = add_days(start, count, unit, region)
    assert found == start if count == 0 else is_working_day(found, unit, region)


@given(days, counts, units, regions)
def test_add_days_agrees_with_a_plain_count(start, count, unit, region):
    """Between a day and its n-th working day there are n working days."""
    found = add_days(start, count, unit, region)
    first, last = (start, found) if count >= 0 else (found, start)
    span = (last - first).days
    after = [first + timedelta(days=n) for n in range(1, span + 1)]
    before = [first + timedelta(days=n) for n in range(span)]
    counted = after if count >= 0 else before
    assert sum(is_working_day(each, unit, region) for each in counted) == abs(count)


@given(days, st.integers(0, 150), units, regions)
def test_days_between_undoes_add_days(start, count, unit, region):
    """The two functions agree on what day 1 is."""
    end = add_days(start, count, unit, region)
    assert days_between(start, end, unit, region) == count
    assert days_between(end, start, unit, region) == -count


@given(days, st.integers(0, 80), st.integers(0, 80), units, regions)
def test_delays_add_up(start, first, second, unit, region):
    """15 days and 15 more are 30."""
    middle = add_days(start, first, unit, region)
    assert add_days(middle, second, unit, region) == add_days(start, first + second, unit, region)


@given(days, st.integers(0, 150), regions)
def test_units_are_ordered(start, count, region):
    """The more days off, the later the end; Alsace never comes first."""
    ends = [add_days(start, count, unit, region) for unit in (CALENDAR, SIX, FIVE)]
    assert ends == sorted(ends)
    assert all(add_days(start, count, unit) <= add_days(start, count, unit, ALSACE) for unit in DayUnit)


@given(days, days, st.integers(-60, 60), units, regions)
def test_later_start_never_ends_earlier(one, other, count, unit, region):
    """The order of due dates is the order of their reminders."""
    first, last = sorted((one, other))
    assert add_days(first, count, unit, region) <= add_days(last, count, unit, region)


def test_raw_codes_are_understood():
    """Odoo stores the codes: a plain string means the same as the enumeration."""
    assert add_days(day("30/04/2026"), 15, "six_day", "metropole") == day("21/05/2026")
    assert add_days(day("27/03/2026"), 30, "five_day", "alsace_moselle") == day("15/05/2026")
