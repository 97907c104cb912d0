"""The aged balance: what is not due, what is late by how much, and the credits in their own column.

Days late are calendar days after the due date (formulas.md, "Balance âgée"); buckets, not due and
unallocated credits always sum to the balance. Amounts are in the company's currency.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .followup_facts import ZERO, Line, document_date, effective_due_date

__all__ = ["DEFAULT_BOUNDS", "Ageing", "age", "bucket_index", "document_date", "effective_due_date"]

DEFAULT_BOUNDS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Amounts by age. ``unallocated`` is negative or nil; ``max_days_late`` is that of the oldest debt."""

    not_due: Decimal
    buckets: tuple[Decimal, ...]
    unallocated: Decimal
    max_days_late: int = 0

    @property
    def overdue(self) -> Decimal:
        """The sum of the buckets, credits not deducted."""
        return sum(self.buckets, ZERO)

    @property
    def balance(self) -> Decimal:
        """What the books say the customer owes, credits deducted."""
        return self.not_due + self.overdue + self.unallocated

    def __add__(self, other: "Ageing") -> "Ageing":
        """The ageing of both together: customers sum to their company.

        >>> one = Ageing(Decimal(5), (Decimal(1), Decimal(0)), Decimal(0), 12)
        >>> (one + one).balance
        Decimal('12')
        """
        return Ageing(
            self.not_due + other.not_due,
            tuple(a + b for a, b in zip(self.buckets, other.buckets, strict=True)),
            self.unallocated + other.unallocated,
            max(self.max_days_late, other.max_days_late),
        )


def bucket_index(days_late: int, bounds: Sequence[int] = DEFAULT_BOUNDS) -> int:
    """The column of a delay: 0 when not due, 1 for the first bucket, and so on; bounds are inclusive.

    Due today is not overdue (trap 30).

    >>> [bucket_index(days) for days in (-3, 0, 1, 30, 31, 60, 61, 90, 91)]
    [0, 0, 1, 1, 2, 2, 3, 3, 4]
    >>> bucket_index(121, (30, 60, 90, 120, 180))
    5
    """
    return 0 if days_late <= 0 else bisect_left(bounds, days_late) + 1


def age(
    lines: Iterable[Line],
    on: date,
    bounds: Sequence[int] = DEFAULT_BOUNDS,
    date_of: Callable[[Line], date] = effective_due_date,
) -> Ageing:
    """The aged balance of the lines on a day; by due date, or by ``date_of=document_date``.

    >>> lines = [
    ...     Line(1, date(2026, 6, 30), date(2026, 5, 31), None, Decimal("80.10"), "EUR", Decimal("80.10")),
    ...     Line(2, date(2026, 4, 15), date(2026, 3, 16), None, Decimal("19.90"), "EUR", Decimal("19.90")),
    ...     Line(3, date(2026, 6, 1), date(2026, 6, 1), None, Decimal(-40), "EUR", Decimal(-40)),
    ... ]
    >>> result = age(lines, date(2026, 6, 30))
    >>> result.not_due, result.buckets[2], result.unallocated, result.balance, result.max_days_late
    (Decimal('80.10'), Decimal('19.90'), Decimal('-40'), Decimal('60.00'), 76)
    """
    columns = [ZERO] * (len(bounds) + 2)
    unallocated = ZERO
    oldest = 0
    for line in lines:
        if line.residual < ZERO:
            unallocated += line.residual
        elif line.residual:
            days_late = (on - date_of(line)).days
            columns[bucket_index(days_late, bounds)] += line.residual
            oldest = max(oldest, days_late)
    return Ageing(columns[0], tuple(columns[1:]), unallocated, oldest)
