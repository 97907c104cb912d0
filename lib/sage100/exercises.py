"""Fiscal years (*exercices*) of a Sage 100 base: the scope of lettering codes and of opening entries."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field


def _year_later(day: dt.date, years: int) -> dt.date:
    """Return the same day some years later or earlier (29 February becomes the 28th)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(frozen=True)
class Exercises:
    """The known fiscal years, by their first days; Sage keeps five at most, older ones are reckoned year by year.

    Examples:
        >>> exercises = Exercises.of([(dt.date(2025, 4, 1), dt.date(2026, 3, 31))])
        >>> exercises.start_of(dt.date(2025, 12, 31))
        datetime.date(2025, 4, 1)
        >>> exercises.start_of(dt.date(2024, 1, 1))
        datetime.date(2023, 4, 1)
        >>> exercises.start_of(dt.date(2026, 4, 1))
        datetime.date(2026, 4, 1)
    """

    starts: tuple[dt.date, ...]
    last_end: dt.date | None = None
    _cache: dict[dt.date, dt.date] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, periods: Iterable[tuple[dt.date | None, dt.date | None]]) -> Exercises:
        """Return the exercises of P_DOSSIER's pairs of dates; calendar years when there is none."""
        known = sorted((start, end or start) for start, end in periods if start)
        if not known:
            return cls((dt.date(2000, 1, 1),))
        return cls(tuple(start for start, _end in known), known[-1][1])

    def start_of(self, day: dt.date) -> dt.date:
        """Return the first day of the fiscal year that holds ``day``."""
        if day not in self._cache:
            self._cache[day] = self._start_of(day)
        return self._cache[day]

    def _start_of(self, day: dt.date) -> dt.date:
        position = bisect.bisect_right(self.starts, day)
        anchor = self.starts[max(position - 1, 0)]
        if 0 < position < len(self.starts) or (position and self.last_end and day <= self.last_end):
            return anchor  # a known year, be it longer than twelve months
        years = day.year - anchor.year
        start = _year_later(anchor, years)
        return start if start <= day else _year_later(anchor, years - 1)
