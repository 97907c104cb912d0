"""Rows about the reminders that Sage sent before Odoo, and its recovery files."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from .dates import NULL_DATE, Exercises, midnight
from .schema import complete
from .story import Story

Row = dict[str, object]

OPEN_CASE, CLOSED_CASE = "doubtful_416", "doubtful_416_paid"
"""Special cases whose customers have a recovery file."""


def reminder_tables(story: Story, entries: list[Row]) -> dict[str, list[Row]]:
    """Rows of the tables about reminders and recovery files, for the rows of F_ECRITUREC."""
    exercises = story.exercises
    tables: dict[str, list[Row]] = {
        "F_COMPTETRAPPEL": _reminders(entries),
        "F_DRECOUVREMENT": [],
        "F_DRECOUVREMENTEC": [],
        "F_DRECOUVREMENTIV": [],
    }
    _open_file(tables, exercises, story.cases[OPEN_CASE], entries)
    _closed_file(tables, exercises, story.cases[CLOSED_CASE])
    for name, rows in tables.items():
        for number, row in enumerate(rows, start=1):
            tables[name][number - 1] = complete(name, **_technical(exercises, number), **row)
    return tables


def _technical(exercises: Exercises, number: int) -> Row:
    moment = midnight(exercises.ago(30)) + dt.timedelta(hours=10, minutes=number)
    return {"cbMarq": number, "cbCreateur": "COLS", "cbModification": moment, "cbCreation": moment}


def _reminders(entries: Iterable[Row]) -> list[Row]:
    """One reminder for each customer and day that the entries remember."""
    chased: dict[tuple[str, dt.datetime], Decimal] = defaultdict(Decimal)
    for row in entries:
        day = row["EC_DateRelance"]
        if row["EC_Rappel"] and isinstance(day, dt.datetime) and day > NULL_DATE:
            chased[str(row["CT_Num"]), day] += Decimal(str(row["EC_Montant"]))
    return [
        {
            "CT_Num": customer,
            "CR_Date": day,
            "CR_SoldeRelance": amount,
            "CR_RefRappel": f"R{day:%y%m%d}",
        }
        for (customer, day), amount in sorted(chased.items())
    ]


def _open_file(tables: dict[str, list[Row]], exercises: Exercises, customer: str, entries: list[Row]) -> None:
    doubtful = [
        row
        for row in entries
        if row["CT_Num"] == customer and str(row["CG_Num"]).startswith("416") and row["EC_Lettre"] == 0
    ]
    number = f"DR{exercises.reference:%y}0001"
    tables["F_DRECOUVREMENT"].append(
        {
            "DR_Num": number,
            "CT_Num": customer,
            "DR_Statut": 1,
            "DR_DateDebut": midnight(exercises.ago(70)),
            "DR_DateFin": NULL_DATE,
            "DR_Resume": "Créance transmise à l’huissier",
            "DR_Commentaire": "Client injoignable depuis l’été ; dossier confié à Me Roux.",
            "CO_No": 1,
        }
    )
    tables["F_DRECOUVREMENTEC"] += [{"DR_Num": number, "EC_No": row["EC_No"]} for row in doubtful]
    for days, reason, promise in ((60, "Appel : promesse de règlement", 45), (40, "Courrier de l’huissier", None)):
        tables["F_DRECOUVREMENTIV"].append(
            {
                "DR_Num": number,
                "IV_Date": midnight(exercises.ago(days)),
                "IV_User": "MLEFEVRE",
                "IV_Raison": reason,
                "IV_DatePromesse": midnight(exercises.ago(promise)) if promise else NULL_DATE,
            }
        )


def _closed_file(tables: dict[str, list[Row]], exercises: Exercises, customer: str) -> None:
    tables["F_DRECOUVREMENT"].append(
        {
            "DR_Num": f"DR{exercises.years[1] % 100}0007",
            "CT_Num": customer,
            "DR_Statut": 3,
            "DR_DateDebut": midnight(exercises.ago(300)),
            "DR_DateFin": midnight(exercises.ago(200)),
            "DR_Resume": "Réglé après injonction",
            "CO_No": 2,
        }
    )
