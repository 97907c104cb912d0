"""Neutral records made from the rows of a Sage 100 base: no driver type and no Sage quirk goes beyond this module.

Texts lose their padding, "no date" (anything before 2 January 1901) is None, amounts are Decimal rounded to the cent
(half up, as Sage prints them) and signed: debit positive, credit negative.
"""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from typing import Any

Row = Mapping[str, Any]

NO_DATE_BEFORE = dt.date(1901, 1, 2)
CENT = Decimal("0.01")
# The creditor presents these for collection (direct debit, bill of exchange): the customer has nothing to do.
AUTOMATIC_MODES = ("PRELEV", "PRLV", "LCR", "LETTRE DE CHANGE", "TRAITE")


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


@dataclass(frozen=True, slots=True)
class Collaborator:
    """F_COLLABORATEUR: a salesperson, a collector, or both."""

    number: int
    name: str
    email: str = ""
    phone: str = ""
    function: str = ""
    seller: bool = False
    collector: bool = False

    @classmethod
    def from_row(cls, row: Row) -> Collaborator:
        """Return the collaborator, first name first."""
        return cls(
            number=integer(row["CO_No"]),
            name=f"{text(row.get('CO_Prenom'))} {text(row['CO_Nom'])}".strip(),
            email=text(row.get("CO_EMail")),
            phone=text(row.get("CO_Telephone")),
            function=text(row.get("CO_Fonction")),
            seller=flag(row.get("CO_Vendeur")),
            collector=flag(row.get("CO_ChargeRecouvr")),
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """F_COMPTET of type 0: a customer."""

    number: str
    name: str
    address: str = ""
    complement: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    siret: str = ""
    vat: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    comment: str = ""
    language: str = ""
    payer: str = ""
    risk: int = 0
    collaborator: int = 0
    credit_limit: Decimal = Decimal("0.00")
    credit_control: int = 0
    no_reminder: bool = False
    no_penalty: bool = False
    dormant: bool = False

    @classmethod
    def from_row(cls, row: Row) -> Customer:
        """Return the customer; a payer that is the customer itself is none."""
        number = text(row["CT_Num"])
        payer = text(row.get("CT_NumPayeur"))
        return cls(
            number=number,
            name=text(row["CT_Intitule"]) or number,
            address=text(row.get("CT_Adresse")),
            complement=text(row.get("CT_Complement")),
            zip=text(row.get("CT_CodePostal")),
            city=text(row.get("CT_Ville")),
            country=text(row.get("CT_Pays")),
            siret=text(row.get("CT_Siret")).replace(" ", ""),
            vat=text(row.get("CT_Identifiant")).replace(" ", ""),
            phone=text(row.get("CT_Telephone")),
            email=text(row.get("CT_EMail")),
            website=text(row.get("CT_Site")),
            comment=text(row.get("CT_Commentaire")),
            language=text(row.get("CT_LangueISO2")).lower(),
            payer=payer if payer != number else "",
            risk=integer(row.get("N_Risque")),
            collaborator=integer(row.get("CO_No")),
            credit_limit=money(row.get("CT_Encours")),
            credit_control=integer(row.get("CT_ControlEnc")),
            no_reminder=flag(row.get("CT_NotRappel")),
            no_penalty=flag(row.get("CT_NotPenal")),
            dormant=flag(row.get("CT_Sommeil")),
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """F_CONTACTT: a person at a customer's. The old bases without CT_No are keyed by the name, unique in a customer."""

    key: str
    customer: str
    name: str
    function: str = ""
    phone: str = ""
    email: str = ""
    service: int = 0

    @classmethod
    def from_row(cls, row: Row) -> Contact:
        """Return the contact, first name first."""
        customer = text(row["CT_Num"])
        name = f"{text(row.get('CT_Prenom'))} {text(row['CT_Nom'])}".strip()
        number = integer(row.get("CT_No"))
        return cls(
            key=str(number) if number else f"{customer}/{name}",
            customer=customer,
            name=name,
            function=text(row.get("CT_Fonction")),
            phone=text(row.get("CT_Telephone")) or text(row.get("CT_TelPortable")),
            email=text(row.get("CT_EMail")),
            service=integer(row.get("N_Service")),
        )


@dataclass(frozen=True, slots=True)
class BankAccount:
    """F_BANQUET: a bank account of a customer."""

    customer: str
    number: int
    iban: str
    bic: str = ""
    name: str = ""

    @classmethod
    def from_row(cls, row: Row) -> BankAccount:
        """Return the bank account; old bases without an IBAN column give an empty one, which the loader skips."""
        return cls(
            text(row["CT_Num"]),
            integer(row["BT_Num"]),
            text(row.get("BT_IBAN")).replace(" ", "").upper(),
            text(row.get("BT_BIC")).upper(),
            text(row.get("BT_Intitule")),
        )
