"""Neutral records of the accounting tables: F_ECRITUREC, P_DOSSIER, F_COMPTEG. Amounts are signed: debit positive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from operator import itemgetter
from typing import Any

from .values import NO_DATE_BEFORE, accounting_date, date, integer, moment, money, text

Row = Mapping[str, Any]
ZERO = Decimal("0.00")


class Opening(IntEnum):
    """EC_ANType: what an entry is to the opening of its fiscal year."""

    NONE = 0
    DETAIL = 1
    BALANCE = 2
    MANUAL = 3
    RESULT = 4


class Refusal(StrEnum):
    """Why a row of Sage cannot be used."""

    NO_KEY = "no_key"
    NO_PERIOD = "no_period"
    BAD_SIDE = "bad_side"
    NO_CUSTOMER = "no_customer"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row left out, with the reason and enough to find it again in Sage."""

    table: str
    key: str
    reason: Refusal
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of F_ECRITUREC on a customer's account. ``amount`` is signed, company currency."""

    ec_no: int
    journal: str
    date: dt.date
    piece: str
    account: str
    customer: str
    label: str
    amount: Decimal
    due_date: dt.date | None = None
    invoice: str = ""
    reference: str = ""
    payment_mode: int = 0
    currency: int = 0
    amount_currency: Decimal = Decimal("0.00")
    lettered: bool = False
    lettering: str = ""
    opening: int = Opening.NONE
    reminders: int = 0
    reminded_on: dt.date | None = None
    closed: bool = False
    modified_at: dt.datetime | None = None
    free: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Row) -> Entry | Reject:
        """Return the entry, or why it cannot be one."""
        found = EntryParser(tuple(row)).parse(tuple(row.values()))
        return found if isinstance(found, Reject) else cls(*found)

    @property
    def document(self) -> str:
        """The number that the customer knows: the invoice's, else the piece's."""
        return self.invoice or self.piece


EntryValues = tuple[Any, ...]  # the fields of an Entry, in their order


class EntryParser:
    """Makes the values of entries from rows of F_ECRITUREC, by position: a base has several hundred thousand of them.

    Texts lose their padding, dates and periods are converted once each (they come back all the time).

    Examples:
        >>> parser = EntryParser(("EC_No", "JM_Date", "EC_Sens"))
        >>> parser.parse((12, None, 0)).reason.value
        'no_period'
    """

    WANTED = (
        "EC_No JO_Num JM_Date EC_Jour EC_Piece CG_Num CT_Num EC_Intitule EC_Sens EC_Montant EC_Echeance EC_RefPiece "
        "EC_Reference N_Reglement N_Devise EC_Devise EC_Lettre EC_Lettrage EC_ANType EC_Rappel EC_DateRelance "
        "EC_Cloture cbModification"
    ).split()

    def __init__(self, columns: Sequence[str], free: int = 0) -> None:
        """Prepare for rows of these columns, the last ``free`` of which are free fields; absent ones are None."""
        places = {name: place for place, name in enumerate(columns[: len(columns) - free])}
        absent = len(columns)
        self._pick = itemgetter(*(places.get(name, absent) for name in self.WANTED))
        self._free = slice(absent - free, absent)
        self._days: dict[Any, dt.date | None] = {}
        self._dates: dict[tuple[Any, Any], dt.date | None] = {}

    def parse(self, row: Sequence[Any]) -> EntryValues | Reject:
        """Return the values of an Entry, or why the row cannot be one."""
        values = (*row, None)
        picked = self._pick(values)
        ec_no, journal, period, day, piece, account, customer, label, side, amount, due, invoice = picked[:12]
        reference, mode, currency, foreign, lettered, lettering = picked[12:18]
        opening, reminders, reminded_on, closed, modified_at = picked[18:]
        date_ = self._accounting_date(period, day)
        number = text(customer)
        reason = self._refusal(ec_no, date_, side, number)
        if reason:
            description = " ".join(filter(None, map(text, (journal, piece, label))))
            detail = f"{description} {money(amount)}" if reason is Refusal.NO_CUSTOMER else description
            return Reject("F_ECRITUREC", str(integer(ec_no)), reason, detail)
        sums, foreign_sums = money(amount), money(foreign) if foreign else ZERO
        return (
            ec_no,
            text(journal),
            date_,
            text(piece),
            text(account),
            number,
            text(label),
            -sums if side else sums,
            self._day(due),
            text(invoice),
            text(reference),
            mode or 0,
            currency or 0,
            -foreign_sums if side else foreign_sums,
            bool(lettered),
            text(lettering),
            opening or 0,
            reminders or 0,
            self._day(reminded_on),
            bool(closed),
            self._moment(modified_at),
            tuple(map(free_text, values[self._free])),
        )

    @staticmethod
    def _refusal(ec_no: Any, date_: dt.date | None, side: Any, customer: str) -> Refusal | None:
        if not ec_no:
            return Refusal.NO_KEY
        if date_ is None:
            return Refusal.NO_PERIOD
        if side is not None and side not in (0, 1):
            return Refusal.BAD_SIDE
        return None if customer else Refusal.NO_CUSTOMER

    def _day(self, value: Any) -> dt.date | None:
        if value not in self._days:
            self._days[value] = date(value)
        return self._days[value]

    @staticmethod
    def _moment(value: Any) -> dt.datetime | None:
        """Return the same as ``moment``, quickly for the usual case."""
        if isinstance(value, dt.datetime) and value.year > NO_DATE_BEFORE.year:
            return value.replace(microsecond=0) if value.microsecond else value
        return moment(value) if value else None

    def _accounting_date(self, period: Any, day: Any) -> dt.date | None:
        key = period, day
        if key not in self._dates:
            first = date(period)
            self._dates[key] = accounting_date(first, integer(day)) if first else None
        return self._dates[key]


def free_text(value: Any) -> str:
    """Return the value of a free field as people read it: a date as dd/mm/yyyy, a number without useless decimals.

    Examples:
        >>> [free_text(v) for v in (None, " A ", dt.datetime(2026, 3, 31), dt.datetime(1753, 1, 1), Decimal("12.500"))]
        ['', 'A', '31/03/2026', '', '12.5']
        >>> free_text(Decimal("0.000000")), free_text(100.0)
        ('0', '100')
    """
    if isinstance(value, dt.date):  # a datetime is one too
        day = date(value)
        return f"{day:%d/%m/%Y}" if day else ""
    if isinstance(value, Decimal | float):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return text(value)


@dataclass(frozen=True, slots=True)
class Company:
    """P_DOSSIER: whose books these are."""

    name: str
    siret: str
    periods: tuple[tuple[dt.date, dt.date | None], ...]
    currency: int = 0

    @classmethod
    def from_row(cls, row: Row) -> Company:
        """Return the company with its fiscal years, oldest first."""
        pairs = ((date(row.get(f"D_DebutExo0{n}")), date(row.get(f"D_FinExo0{n}"))) for n in range(1, 6))
        periods = sorted((start, end) for start, end in pairs if start)
        return cls(
            text(row["D_RaisonSoc"]), text(row.get("D_Siret")), tuple(periods), integer(row.get("N_DeviseCompte"))
        )


@dataclass(frozen=True, slots=True)
class Account:
    """F_COMPTEG: a general account, collective when customers are posted on it."""

    code: str
    name: str
    report: int = 0

    @classmethod
    def from_row(cls, row: Row) -> Account:
        """Return the account."""
        return cls(text(row["CG_Num"]), text(row["CG_Intitule"]), integer(row.get("CG_Report")))
