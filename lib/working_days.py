"""Counting the days of a follow-up plan: calendar, six-day and five-day working days.

The three counts are those of a French plan ("Jours ouvrables" of seed 002):

- *calendaires*: every day;
- *ouvrables*: all days but Sundays and public holidays, six a week;
- *ouvrés*: Monday to Friday but public holidays, five a week.

Public holidays are those of article L3133-1 of the *Code du travail* (11 a year) and,
in Alsace and Moselle, of article L3134-13 too (Good Friday and 26 December: 13 a year).
They come from the ``holidays`` library, read once a year and region.

Days late and penalties never use these counts: they are always calendar days.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

# The last day of the calendar: some ledgers write "no date" so.
NEVER = date.max
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_SUNDAY = 6
# Codes of the `holidays` library. Only Moselle (57) and Alsace (6AE) know the two local
# days: GES, the region both belong to since 2016, is accepted and misses them.
_REGION_CODES = {"metropole": None, "alsace_moselle": "57"}


class DayUnit(StrEnum):
    """What one day of a delay is."""

    CALENDAR = "calendar"
    SIX_DAY = "six_day"
    FIVE_DAY = "five_day"


class Region(StrEnum):
    """Whose public holidays count."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace_moselle"


# Bound once: with Python 3.11, reading a member costs five times its comparison.
_CALENDAR = DayUnit.CALENDAR
_SIX_DAY = DayUnit.SIX_DAY
_ALSACE_MOSELLE = Region.ALSACE_MOSELLE


def add_days(day: date, count: int, unit: DayUnit, region: Region = Region.METROPOLE) -> date:
    """The ``count``-th day after ``day``, or before it when negative.

    Day 1 is the day after: neither ``day`` itself nor a day off counts.

    Public holidays of Code du travail L3133-1, Easter Monday 2026 being 6 April:

    >>> add_days(date(2026, 4, 30), 15, DayUnit.CALENDAR)
    datetime.date(2026, 5, 15)
    >>> add_days(date(2026, 4, 30), 15, DayUnit.SIX_DAY)
    datetime.date(2026, 5, 21)
    >>> add_days(date(2026, 3, 27), 30, DayUnit.FIVE_DAY)
    datetime.date(2026, 5, 13)
    >>> add_days(date(2026, 3, 27), 30, DayUnit.FIVE_DAY, Region.ALSACE_MOSELLE)
    datetime.date(2026, 5, 15)

    Nothing to count leaves the day as it is, even on a Sunday:

    >>> add_days(date(2026, 3, 29), 0, DayUnit.FIVE_DAY)
    datetime.date(2026, 3, 29)
    >>> add_days(date(2026, 4, 7), -1, DayUnit.SIX_DAY)
    datetime.date(2026, 4, 4)

    Beyond the calendar the answer is its last day:

    >>> add_days(date(9999, 12, 31), 15, DayUnit.CALENDAR) == date.max
    True
    """
    try:
        if unit == _CALENDAR:
            return date.fromordinal(day.toordinal() + count)
        saturdays, local_days = unit == _SIX_DAY, region == _ALSACE_MOSELLE
        return _add_working_days(day, count, saturdays, local_days)
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min


def is_working_day(day: date, unit: DayUnit, region: Region = Region.METROPOLE) -> bool:
    """Whether ``day`` counts in that unit.

    >>> saturday, good_friday = date(2026, 11, 21), date(2026, 4, 3)
    >>> [is_working_day(saturday, unit) for unit in DayUnit]
    [True, True, False]
    >>> [is_working_day(good_friday, DayUnit.SIX_DAY, region) for region in Region]
    [True, False]
    """
    if unit == _CALENDAR:
        return True
    return _works(day, unit == _SIX_DAY, region == _ALSACE_MOSELLE)


def days_between(start: date, end: date, unit: DayUnit, region: Region = Region.METROPOLE) -> int:
    """How many days of that unit come after ``start``, up to ``end`` included.

    Negative when ``end`` comes first.

    >>> days_between(date(2026, 4, 30), date(2026, 5, 21), DayUnit.SIX_DAY)
    15
    >>> days_between(date(2026, 5, 21), date(2026, 4, 30), DayUnit.CALENDAR)
    -21
    """
    if end < start:
        return -days_between(end, start, unit, region)
    calendar_days = (end - start).days
    if unit == _CALENDAR:
        return calendar_days
    return sum(is_working_day(start + timedelta(days=n), unit, region) for n in range(1, calendar_days + 1))


def next_day(day: date) -> date:
    """The day after, or ``NEVER`` after the last day of the calendar.

    >>> next_day(date(2026, 6, 30)), next_day(NEVER) == NEVER
    (datetime.date(2026, 7, 1), True)
    """
    return day + _ONE_DAY if day < NEVER else NEVER


def next_sending_day(
    day: date, weekdays: frozenset[int] = frozenset(), skip_holidays: bool = True, region: Region = Region.METROPOLE
) -> date:
    """The first day, ``day`` or later, on one of these weekdays (0: Monday; none: all).

    Easter Monday 2026 is 6 April; Good Friday, the 3rd, is a holiday in Strasbourg:

    >>> next_sending_day(date(2026, 4, 6), frozenset(range(5)))
    datetime.date(2026, 4, 7)
    >>> good_friday = date(2026, 4, 3)
    >>> next_sending_day(good_friday, frozenset(range(5)), True, Region.ALSACE_MOSELLE)
    datetime.date(2026, 4, 7)
    >>> next_sending_day(good_friday, frozenset({5, 6}), False)
    datetime.date(2026, 4, 4)

    Beyond the calendar the answer is its last day:

    >>> next_sending_day(NEVER, frozenset({0})) == NEVER
    True
    """
    while day < NEVER:
        if (not weekdays or day.weekday() in weekdays) and not (
            skip_holidays and day in public_holidays(day.year, region)
        ):
            return day
        day += _ONE_DAY
    return day


@lru_cache(maxsize=256)
def public_holidays(year: int, region: Region = Region.METROPOLE) -> frozenset[date]:
    """The public holidays of a year: 11, or 13 in Alsace and Moselle.

    >>> len(public_holidays(2026)), len(public_holidays(2026, Region.ALSACE_MOSELLE))
    (11, 13)
    """
    # Imported here: it takes 0.1 s to load, and calendar days never need it.
    from holidays import country_holidays

    return frozenset(country_holidays("FR", subdiv=_REGION_CODES[region.value], years=year))


@lru_cache(maxsize=65536)
def _add_working_days(day: date, count: int, saturdays: bool, local_days: bool) -> date:
    """Remembered: thousands of lines share few due dates and a handful of delays."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= _works(day, saturdays, local_days)
    return day


def _works(day: date, saturdays: bool, local_days: bool) -> bool:
    weekday = day.weekday()
    if weekday == _SUNDAY or (weekday == _SATURDAY and not saturdays):
        return False
    region = Region.ALSACE_MOSELLE if local_days else Region.METROPOLE
    return day not in public_holidays(day.year, region)
