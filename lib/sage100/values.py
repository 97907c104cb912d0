"""Values of a Sage 100 base made neutral: no driver type and no Sage quirk goes beyond this module.

Texts lose their padding, "no date" (anything before 2 January 1901) is None, amounts are Decimal rounded to the cent
(half up, as Sage prints them).
"""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

NO_DATE_BEFORE = dt.date(1901, 1, 2)
CENT = Decimal("0.01")
# The creditor presents these for collection (direct debit, bill of exchange): the customer has nothing to do.
AUTOMATIC_MODES = ("PRELEV", "PRLV", "LCR", "LETTRE DE CHANGE", "TRAITE")


def text(value: Any) -> str:
    """Return a text without its padding; NULL is empty.

    Examples:
        >>> text("SARL DUPONT   "), text(None), text(12)
        ('SARL DUPONT', '', '12')
    """
    return "" if value is None else str(value).replace("\x00", "").strip()


def integer(value: Any) -> int:
    """Return an integer; NULL is 0, as Sage means it."""
    return int(value) if value is not None else 0


def flag(value: Any) -> bool:
    """Return a Sage flag: a smallint 0 or 1, or NULL."""
    return bool(integer(value))


def money(value: Any) -> Decimal:
    """Return an amount rounded to the cent, half up.

    Examples:
        >>> money(Decimal("84700.550000")), money(None), money(1.005)
        (Decimal('84700.55'), Decimal('0.00'), Decimal('1.01'))
    """
    amount = value if isinstance(value, Decimal) else Decimal(str(value if value is not None else 0))
    return amount.quantize(CENT, ROUND_HALF_UP)


def date(value: Any) -> dt.date | None:
    """Return a date, None for NULL and for Sage's null dates (1753-01-01, 1900-01-01).

    Examples:
        >>> date(dt.datetime(2026, 3, 31)), date(dt.datetime(1753, 1, 1)), date(dt.datetime(1900, 1, 1))
        (datetime.date(2026, 3, 31), None, None)
    """
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime):
        value = value.date()
    return value if value and value >= NO_DATE_BEFORE else None


def moment(value: Any) -> dt.datetime | None:
    """Return a moment of the server's clock without its microseconds, None for NULL and for null dates.

    Examples:
        >>> moment(dt.datetime(2026, 3, 31, 10, 15, 20, 997000)), moment(None), moment(dt.datetime(1900, 1, 1))
        (datetime.datetime(2026, 3, 31, 10, 15, 20), None, None)
    """
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return value.replace(microsecond=0) if date(value) else None


def is_automatic(mode: str) -> bool:
    """Return whether the company collects by itself with that payment mode (label of P_REGLEMENT).

    Examples:
        >>> [is_automatic(mode) for mode in ("Prélèvement SEPA", "L.C.R. magnétique", "Virement", "Chèque")]
        [True, True, False, False]
    """
    plain = unicodedata.normalize("NFKD", mode).encode("ascii", "ignore").decode().upper().replace(".", "")
    return any(word in plain for word in AUTOMATIC_MODES)


def accounting_date(period: dt.date, day: int) -> dt.date:
    """Return the accounting date: the period's first day plus the day of the month, kept inside that month.

    EC_Date is the date of typing, not this one.

    Examples:
        >>> accounting_date(dt.date(2026, 2, 1), 14), accounting_date(dt.date(2026, 2, 1), 0)
        (datetime.date(2026, 2, 14), datetime.date(2026, 2, 1))
    """
    last = calendar.monthrange(period.year, period.month)[1]
    return period.replace(day=min(max(day, 1), last))
