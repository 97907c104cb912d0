"""Civil half-years: the law fixes the rates of late payment on 1 January and 1 July."""

from collections.abc import Iterator
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def semester_of(day: date) -> date:
    """The first day of the half-year in which a day falls.

    >>> semester_of(date(2025, 6, 30)), semester_of(date(2025, 7, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 7, 1))
    """
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_semester(day: date) -> date:
    """The first day of the half-year after the one in which a day falls.

    >>> next_semester(date(2025, 3, 15)), next_semester(date(2025, 12, 31))
    (datetime.date(2025, 7, 1), datetime.date(2026, 1, 1))
    """
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def split(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut the days from ``first`` to ``last``, both included, at the half-years.

    >>> [(str(a), str(b)) for a, b in split(date(2025, 6, 1), date(2025, 8, 15))]
    [('2025-06-01', '2025-06-30'), ('2025-07-01', '2025-08-15')]
    >>> list(split(date(2025, 6, 2), date(2025, 6, 1)))
    []
    """
    while first <= last:
        end = min(last, next_semester(first) - ONE_DAY)
        yield first, end
        first = end + ONE_DAY
