"""Dates as Sage 100 stores them, and the exercises of the demo firm."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

NULL_DATE = dt.datetime(1753, 1, 1)
"""What Sage writes for "no date" in most columns."""

OLD_NULL_DATE = dt.datetime(1900, 1, 1)
"""The other empty date met in real bases (minimum of smalldatetime)."""


def midnight(day: dt.date) -> dt.datetime:
    """The day as Sage stores it: a timestamp at midnight."""
    return dt.datetime(day.year, day.month, day.day)


def stored(day: dt.date | None) -> dt.datetime:
    """The day at midnight, or the null date when there is none."""
    return NULL_DATE if day is None else midnight(day)


def month_end(day: dt.date) -> dt.date:
    """Last day of the month of ``day``."""
    following = day.replace(day=28) + dt.timedelta(days=4)
    return following.replace(day=1) - dt.timedelta(days=1)


def working_day(day: dt.date) -> dt.date:
    """``day``, or the Friday before when it falls on a week-end."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def friday_before(day: dt.date) -> dt.date:
    """The Friday on or before ``day`` (cheques are banked on Fridays)."""
    return day - dt.timedelta(days=(day.weekday() - 4) % 7)


def due_date(invoiced: dt.date, days: int, end_of_month: bool) -> dt.date:
    """Due date of an invoice under terms of ``days``, at the end of that month or not.

    >>> due_date(dt.date(2026, 1, 10), 45, True)
    datetime.date(2026, 2, 28)
    >>> due_date(dt.date(2026, 1, 10), 30, False)
    datetime.date(2026, 2, 9)
    """
    due = invoiced + dt.timedelta(days=days)
    return month_end(due) if end_of_month else due


@dataclass(frozen=True)
class Exercises:
    """The three accounting years: that of the reference date and the two before."""

    reference: dt.date

    @property
    def years(self) -> tuple[int, int, int]:
        """The three years, oldest first."""
        last = self.reference.year
        return (last - 2, last - 1, last)

    @property
    def start(self) -> dt.date:
        """First day of the oldest exercise."""
        return dt.date(self.years[0], 1, 1)

    @property
    def current_start(self) -> dt.date:
        """First day of the exercise of the reference date."""
        return dt.date(self.reference.year, 1, 1)

    def ago(self, days: int) -> dt.date:
        """The reference date less ``days`` (negative: in the future)."""
        return self.reference - dt.timedelta(days=days)

    def closed(self, year: int) -> bool:
        """Whether the exercise is closed: that of last year stays open until May."""
        if year == self.years[1]:
            return self.reference.month > 5
        return year < self.years[1]
