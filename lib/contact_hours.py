"""When a person may be reached by a message that rings: 8 a.m. to 8 p.m., neither on Sundays nor on public holidays.

A text message wakes people up, and messages at odd hours are what courts hold against creditors (harassment). No text
of law gives hours to creditors; these are the widest that French usage takes for decent.
"""

from datetime import date, datetime, time

from .working_days import DayUnit, Region, is_working_day, next_day

OPENS = time(8)
CLOSES = time(20)


def next_contact_time(moment: datetime, region: Region = Region.METROPOLE) -> datetime:
    """``moment`` (on the customer's own clock, without zone) if messages may ring then, else the first one after it.

    Friday 20 November 2026 in the morning, in the evening, then Saturday evening: nothing on Sundays.

    >>> next_contact_time(datetime(2026, 11, 20, 9, 30))
    datetime.datetime(2026, 11, 20, 9, 30)
    >>> next_contact_time(datetime(2026, 11, 20, 20, 0))
    datetime.datetime(2026, 11, 21, 8, 0)
    >>> next_contact_time(datetime(2026, 11, 21, 21, 0))
    datetime.datetime(2026, 11, 23, 8, 0)

    Christmas 2026 is a Friday; the day after is a holiday in Strasbourg only, then comes Sunday:

    >>> next_contact_time(datetime(2026, 12, 25, 10, 0))
    datetime.datetime(2026, 12, 26, 8, 0)
    >>> next_contact_time(datetime(2026, 12, 25, 10, 0), Region.ALSACE_MOSELLE)
    datetime.datetime(2026, 12, 28, 8, 0)
    """
    if _may_ring(moment.date(), region) and moment.time() < CLOSES:
        return max(moment, datetime.combine(moment.date(), OPENS))
    day = next_day(moment.date())
    while not _may_ring(day, region):
        day = next_day(day)
    return datetime.combine(day, OPENS)


def _may_ring(day: date, region: Region) -> bool:
    return is_working_day(day, DayUnit.SIX_DAY, region)
