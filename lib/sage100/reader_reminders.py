"""Reminders and recovery files kept by Sage itself: read once, when a base is taken over.

Every table is optional: a base that never used them, or whose edition lacks them, has no such history. The meaning of
DR_Statut, CR_Trait and IV_Statut is not published: a file is open until it has an end date.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from .values import date, integer, money, text

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PastReminder:
    """F_COMPTETRAPPEL: a reminder that Sage sent to a customer."""

    customer: str
    day: dt.date
    balance: Decimal | None = None
    unpaid: Decimal | None = None
    penalties: Decimal | None = None
    reference: str = ""

    @classmethod
    def from_row(cls, row: Row) -> PastReminder | None:
        """Return the reminder, None when it says neither who nor when."""
        customer, day = text(row["CT_Num"]), date(row["CR_Date"])
        if not customer or day is None:
            return None
        return cls(
            customer,
            day,
            amount(row.get("CR_SoldeRelance")),
            amount(row.get("CR_Impayes")),
            amount(row.get("CR_Penal")),
            text(row.get("CR_RefRappel")),
        )


@dataclass(frozen=True, slots=True)
class Intervention:
    """F_DRECOUVREMENTIV: something done in a recovery file."""

    file: str
    day: dt.date | None
    reason: str = ""
    user: str = ""
    promised_on: dt.date | None = None

    @classmethod
    def from_row(cls, row: Row) -> Intervention:
        """Return the intervention."""
        return cls(
            text(row["DR_Num"]),
            date(row.get("IV_Date")),
            text(row.get("IV_Raison")),
            text(row.get("IV_User")),
            date(row.get("IV_DatePromesse")),
        )


@dataclass(frozen=True, slots=True)
class RecoveryFile:
    """F_DRECOUVREMENT: a recovery file, with its entries (EC_No) and what was done."""

    number: str
    customer: str
    started_on: dt.date | None = None
    ended_on: dt.date | None = None
    summary: str = ""
    comment: str = ""
    collector: int = 0
    entries: tuple[int, ...] = ()
    interventions: tuple[Intervention, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the file is still being worked on."""
        return self.ended_on is None


@dataclass(slots=True)
class PastReminders:
    """Everything that Sage knows of the reminders it sent."""

    reminders: list[PastReminder] = field(default_factory=list)
    files: list[RecoveryFile] = field(default_factory=list)


def amount(value: Any) -> Decimal | None:
    """Return an amount, None for NULL and for what is not a number: these columns differ with the generation.

    Examples:
        >>> amount(Decimal("150.500000")), amount(None), amount(dt.datetime(1753, 1, 1)), amount(2)
        (Decimal('150.50'), None, None, Decimal('2.00'))
    """
    try:
        return None if value is None else money(value)
    except (InvalidOperation, ValueError):
        return None


def read_reminders(reader: Any, snapshot: Any) -> None:
    """Fill ``snapshot.reminders`` from the optional tables of the base."""
    found = PastReminders()
    found.reminders = [item for item in reader.all("F_COMPTETRAPPEL", PastReminder.from_row) if item]
    entries, interventions = defaultdict(list), defaultdict(list)
    for number, ec_no in reader.all("F_DRECOUVREMENTEC", lambda row: (text(row["DR_Num"]), integer(row["EC_No"]))):
        entries[number].append(ec_no)
    for item in reader.all("F_DRECOUVREMENTIV", Intervention.from_row):
        interventions[item.file].append(item)
    found.files = [
        _file(row, entries, interventions) for row in reader.all("F_DRECOUVREMENT", dict) if text(row["DR_Num"])
    ]
    snapshot.reminders = found


def _file(row: Row, entries: Mapping[str, list[int]], interventions: Mapping[str, list[Intervention]]) -> RecoveryFile:
    number = text(row["DR_Num"])
    done = sorted(interventions.get(number, ()), key=lambda item: item.day or dt.date.min)
    return RecoveryFile(
        number,
        text(row["CT_Num"]),
        date(row.get("DR_DateDebut")),
        date(row.get("DR_DateFin")),
        text(row.get("DR_Resume")),
        text(row.get("DR_Commentaire")),
        integer(row.get("CO_No")),
        tuple(entries.get(number, ())),
        tuple(done),
    )
