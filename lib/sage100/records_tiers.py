"""Neutral records of the tables about customers and people: F_COMPTET, F_CONTACTT, F_BANQUET, F_COLLABORATEUR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .values import flag, integer, money, text

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
