"""What an account sets apart from what it claims: the amounts disputed and promised."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .followup_facts import ZERO, Line

_CENT = Decimal("0.01")


def set_apart(lines: Iterable[Line], on: date) -> tuple[Decimal, Decimal]:
    """The amounts promised and disputed on a day, in the company's currency.

    A dispute comes first: what is contested is not promised. A promise counts until its
    last day, grace included. Parts are in proportion, rounded to the cent.

    >>> day, amount = date(2026, 6, 1), Decimal(90)
    >>> promised = {"promised_until": date(2026, 6, 9), "promised_amount": Decimal(60)}
    >>> disputed = {"disputed": True, "disputed_amount": Decimal(50)}
    >>> line = Line(1, day, day, None, amount, "EUR", amount, **promised, **disputed)
    >>> set_apart([line], day), set_apart([line], date(2026, 6, 10))
    ((Decimal('40'), Decimal('50')), (Decimal('0'), Decimal('50')))
    """
    promised = disputed = ZERO
    for line in lines:
        if not line.disputed and line.promised_until is None or line.residual <= ZERO or line.residual_currency <= ZERO:
            continue
        left = line.residual_currency
        if line.disputed:
            part = min(line.disputed_amount or left, left)
            disputed += _in_company_currency(line, part)
            left -= part
        if line.promised_until is not None and on <= line.promised_until:
            promised += _in_company_currency(line, min(line.promised_amount or left, left))
    return promised, disputed


def _in_company_currency(line: Line, amount: Decimal) -> Decimal:
    if line.residual == line.residual_currency:
        return amount
    if amount == line.residual_currency:
        return line.residual
    return (line.residual * amount / line.residual_currency).quantize(_CENT)
