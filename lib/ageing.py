"""The aged balance: not due, late by how much, and credits in their own column.

Days late are calendar days after the due date (aged balance, « balance âgée »); buckets,
not due and unallocated credits always sum to the balance. Amounts are in the company's
currency.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .followup_facts import ZERO, Line, document_date, effective_due_date

__all__ = [
    "DEFAULT_BOUNDS",
    "Ageing",
    "age",
    "bucket_index",
    "document_date",
    "effective_due_date",
]

DEFAULT_BOUNDS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Amounts by age; ``unallocated`` is nil or negative.

    ``max_days_late`` is the delay of the oldest debt, 0 when nothing is late.
    """

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
    """The column of a delay: 0 when not due, 1 for the first bucket, and so on.

    Bounds are inclusive, and due today is not overdue (trap 30).

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
    """The aged balance of the lines on a day, by due date.

    ``date_of=document_date`` ages them by invoice date instead.

    >>> entered = date(2026, 3, 16)
    >>> amounts = {date(2026, 6, 30): 80, date(2026, 4, 15): 20, date(2026, 6, 1): -40}
    >>> lines = [
    ...     Line(n, due, entered, None, Decimal(amount), "EUR", Decimal(amount))
    ...     for n, (due, amount) in enumerate(amounts.items())
    ... ]
    >>> result = age(lines, date(2026, 6, 30))
    >>> result.not_due, result.buckets[2], result.unallocated
    (Decimal('80'), Decimal('20'), Decimal('-40'))
    >>> result.overdue, result.balance, result.max_days_late
    (Decimal('20'), Decimal('60'), 76)
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
