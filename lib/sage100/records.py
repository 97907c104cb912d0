"""Neutral records of the accounting tables: F_ECRITUREC, P_DOSSIER, F_COMPTEG. Amounts are signed: debit positive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

from .values import accounting_date, date, flag, integer, moment, money, text

Row = Mapping[str, Any]


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
    modified: dt.datetime | None = None
    free: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Row) -> Entry | Reject:
        """Return the entry, or why it cannot be one."""
        ec_no, period, side = integer(row["EC_No"]), date(row["JM_Date"]), integer(row["EC_Sens"])
        key, customer = str(ec_no), text(row["CT_Num"])
        description = f"{text(row['JO_Num'])} {text(row['EC_Piece'])} {text(row['EC_Intitule'])}".strip()
        if not ec_no:
            return Reject("F_ECRITUREC", key, Refusal.NO_KEY, description)
        if period is None:
            return Reject("F_ECRITUREC", key, Refusal.NO_PERIOD, description)
        if side not in (0, 1):
            return Reject("F_ECRITUREC", key, Refusal.BAD_SIDE, description)
        if not customer:
            return Reject("F_ECRITUREC", key, Refusal.NO_CUSTOMER, f"{description} {money(row['EC_Montant'])}")
        sign = -1 if side else 1
        return cls(
            ec_no=ec_no,
            journal=text(row["JO_Num"]),
            date=accounting_date(period, integer(row["EC_Jour"])),
            piece=text(row["EC_Piece"]),
            account=text(row["CG_Num"]),
            customer=customer,
            label=text(row["EC_Intitule"]),
            amount=sign * money(row["EC_Montant"]),
            due_date=date(row["EC_Echeance"]),
            invoice=text(row.get("EC_RefPiece")),
            reference=text(row.get("EC_Reference")),
            payment_mode=integer(row.get("N_Reglement")),
            currency=integer(row.get("N_Devise")),
            amount_currency=sign * money(row.get("EC_Devise")),
            lettered=flag(row["EC_Lettre"]),
            lettering=text(row["EC_Lettrage"]),
            opening=integer(row.get("EC_ANType")),
            reminders=integer(row.get("EC_Rappel")),
            reminded_on=date(row.get("EC_DateRelance")),
            closed=flag(row.get("EC_Cloture")),
            modified=moment(row.get("cbModification")),
        )

    @property
    def document(self) -> str:
        """The number that the customer knows: the invoice's, else the piece's."""
        return self.invoice or self.piece


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
