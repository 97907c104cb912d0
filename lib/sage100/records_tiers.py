"""Neutral records of the tables about customers and people: F_COMPTET, F_CONTACTT, F_BANQUET, F_COLLABORATEUR…"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .values import date, flag, integer, money, text

Row = Mapping[str, Any]


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
class Solvency:
    """The solvency block of F_COMPTET (CT_Sv…, CT_Surveillance). Turnover and result: as typed, company currency."""

    watched: bool = False
    legal_form: str = ""
    headcount: str = ""
    turnover: Decimal = Decimal("0.00")
    result: Decimal = Decimal("0.00")
    incident: bool = False
    incident_on: dt.date | None = None
    liens: bool = False
    regularity: str = ""
    rating: str = ""
    updated_on: dt.date | None = None
    subject: str = ""

    @classmethod
    def from_row(cls, row: Row) -> Solvency:
        """Return the solvency of a row of F_COMPTET. CT_SvPrivil: 0 none; 1 and 2 both say that liens exist."""
        return cls(
            watched=flag(row.get("CT_Surveillance")),
            legal_form=text(row.get("CT_SvFormeJuri")),
            headcount=text(row.get("CT_SvEffectif")),
            turnover=money(row.get("CT_SvCA")),
            result=money(row.get("CT_SvResultat")),
            incident=flag(row.get("CT_SvIncident")),
            incident_on=date(row.get("CT_SvDateIncid")),
            liens=flag(row.get("CT_SvPrivil")),
            regularity=text(row.get("CT_SvRegul")),
            rating=text(row.get("CT_SvCotation")),
            updated_on=date(row.get("CT_SvDateMaj")),
            subject=text(row.get("CT_SvObjetMaj")),
        )


NO_SOLVENCY = Solvency()


@dataclass(frozen=True, slots=True)
class Customer:
    """F_COMPTET of type 0: a customer. ``mark`` is cbMarq, nearly always the same for the life of the row."""

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
    contact: str = ""
    mark: int = 0
    insured: Decimal = Decimal("0.00")
    coface: str = ""
    solvency: Solvency = NO_SOLVENCY
    free: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Row, free: tuple[str, ...] = ()) -> Customer:
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
            contact=text(row.get("CT_Contact")),
            mark=integer(row.get("cbMarq")),
            insured=money(row.get("CT_Assurance")),
            coface=text(row.get("CT_Coface")),
            solvency=Solvency.from_row(row),
            free=free,
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


@dataclass(frozen=True, slots=True)
class Mandate:
    """F_MANDAT: a SEPA mandate of a customer. What MD_Statut means is not published: it stays a number."""

    customer: str
    number: int
    reference: str = ""
    signed_on: dt.date | None = None
    status: int = 0
    revoked: bool = False
    business: bool = False

    @classmethod
    def from_row(cls, row: Row) -> Mandate:
        """Return the mandate."""
        return cls(
            customer=text(row["CT_Num"]),
            number=integer(row["MD_No"]),
            reference=text(row.get("MD_Reference")),
            signed_on=date(row.get("MD_Date")),
            status=integer(row.get("MD_Statut")),
            revoked=flag(row.get("MD_Revoque")),
            business=flag(row.get("MD_B2B")),
        )


@dataclass(frozen=True, slots=True)
class Term:
    """F_REGLEMENTT: one due date of a customer's payment terms.

    ``condition``: 0 net days, 1 end of calendar month, 2 end of month. ``share``: 0 percent, 1 balance, 2 amount.
    """

    customer: str
    mode: int = 0
    condition: int = 0
    days: int = 0
    falls: tuple[int, ...] = ()
    share: int = 1
    value: Decimal = Decimal("0.00")

    @classmethod
    def from_row(cls, row: Row) -> Term:
        """Return the due date, its days of the month without the empty ones."""
        falls = (integer(row.get(f"RT_JourTb0{n}")) for n in range(1, 7))
        return cls(
            customer=text(row["CT_Num"]),
            mode=integer(row.get("N_Reglement")),
            condition=integer(row.get("RT_Condition")),
            days=integer(row.get("RT_NbJour")),
            falls=tuple(day for day in falls if day),
            share=integer(row.get("RT_TRepart")),
            value=money(row.get("RT_VRepart")),
        )


@dataclass(frozen=True, slots=True)
class Risk:
    """P_CRISQUE: a risk code. ``effect``: 0 deliver, 1 watch, 2 block."""

    label: str
    effect: int = 0
