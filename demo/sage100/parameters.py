"""Rows of the parameters: firm, currencies, payment modes, accounts, journals…"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from .accounts import ACCOUNTS, JOURNALS
from .dates import Exercises, midnight, stored
from .names import FIRM
from .schema import TABLES, complete

Row = dict[str, object]

PAYMENT_MODES = (
    ("Virement", "VIR"),
    ("Chèque", "CHQ"),
    ("Prélèvement", "PRE"),
    ("LCR acceptée", "LCR"),
    ("Carte bancaire", "CB"),
    ("Espèces", "ESP"),
)
RISKS = (("Client sûr", 0), ("À surveiller", 1), ("Bloqué contentieux", 2))
SERVICES = ("Comptabilité", "Achats", "Direction", "Chantier")
CURRENCIES = (
    ("Euro", "EUR", "€", "1", "978"),
    ("Dollar américain", "USD", "$", "1.0890", "840"),
    ("Franc suisse", "CHF", "CHF", "0.9420", "756"),
    ("Livre sterling", "GBP", "£", "0.8510", "826"),
)
REMINDERS = ((1, 15), (16, 30), (31, 60), (61, 999))
CB_TYPES = {"varchar": 9, "numeric": 7, "timestamp": 3}


def parameter_tables(exercises: Exercises, identity: Row) -> dict[str, list[Row]]:
    """Parameter tables, general accounts, journals and the catalogue of free fields."""
    return {
        "P_DOSSIER": [_firm(exercises, identity)],
        "P_DEVISE": _numbered(
            "P_DEVISE",
            [
                {
                    "D_Intitule": label,
                    "D_CodeISO": code,
                    "D_Sigle": sign,
                    "D_Cours": Decimal(rate),
                    "D_CoursP": Decimal(rate),
                    "D_CoursClot": Decimal(rate),
                    "D_Euro": int(code == "EUR"),
                    "D_CodeISONum": number,
                }
                for label, code, sign, rate, number in CURRENCIES
            ],
            32,
        ),
        "P_REGLEMENT": _numbered(
            "P_REGLEMENT",
            [{"R_Intitule": label, "R_Code": code} for label, code in PAYMENT_MODES],
            30,
        ),
        "P_CRISQUE": _numbered(
            "P_CRISQUE",
            [
                {
                    "R_Intitule": label,
                    "R_Type": kind,
                    "R_Min": Decimal(1000 * kind),
                    "R_Max": Decimal(5000 * (kind + 1)),
                }
                for label, kind in RISKS
            ],
            10,
        ),
        "P_RAPPEL": _numbered(
            "P_RAPPEL",
            [
                {
                    "R_Intitule": f"Rappel {rank}",
                    "R_Debut": first,
                    "R_Fin": last,
                    "R_NbJours": first,
                }
                for rank, (first, last) in enumerate(REMINDERS, start=1)
            ],
            10,
        ),
        "P_SERVICECPTA": _numbered(
            "P_SERVICECPTA", [{"S_Intitule": label} for label in SERVICES], 10
        ),
        "F_COMPTEG": _accounts(exercises),
        "F_JOURNAUX": _journals(exercises),
        "F_JMOUV": _periods(exercises),
        "cbSysLibre": _free_fields(),
    }


def _numbered(table: str, rows: list[Row], size: int) -> list[Row]:
    """Rows numbered from 1; Sage fills the table with empty ones up to its size."""
    rows = rows + [{} for _rank in range(size - len(rows))]
    return [
        complete(table, cbIndice=rank, cbMarq=rank, **row)
        for rank, row in enumerate(rows, start=1)
    ]


def _firm(exercises: Exercises, identity: Row) -> Row:
    years: Row = {}
    for rank, year in enumerate(exercises.years, start=1):
        years[f"D_DebutExo{rank:02d}"] = midnight(dt.date(year, 1, 1))
        years[f"D_FinExo{rank:02d}"] = midnight(dt.date(year, 12, 31))
        years[f"D_Archivage{rank:02d}"] = int(exercises.closed(year))
    return complete(
        "P_DOSSIER",
        cbMarq=1,
        D_RaisonSoc=FIRM["name"],
        D_Profession=FIRM["trade"],
        D_Adresse=FIRM["street"],
        D_CodePostal=FIRM["postcode"],
        D_Ville=FIRM["city"],
        D_CodeRegion=FIRM["region"],
        D_Pays="FRANCE",
        D_Ape=FIRM["ape"],
        D_Telephone=FIRM["phone"],
        D_EMail=f"contact@{FIRM['domain']}",
        D_Site=f"www.{FIRM['domain']}",
        JO_NumAN="AN",
        N_DeviseCompte=1,
        D_LgCg=6,
        D_RappelSoldeMin=Decimal(15),
        D_PenalTaux=Decimal("12.15"),
        D_ForfaitImpayes=Decimal(40),
        JO_NumPenal="OD",
        JO_NumImpayes="BNQ",
        **years,
        **identity,
    )


def _technical(exercises: Exercises, number: int) -> Row:
    moment = midnight(exercises.start) + dt.timedelta(hours=8, minutes=number)
    return {
        "cbMarq": number,
        "cbCreateur": "COLS",
        "cbModification": moment,
        "cbCreation": moment,
    }


def _accounts(exercises: Exercises) -> list[Row]:
    return [
        complete(
            "F_COMPTEG",
            CG_Num=code,
            CG_Type=int(account.total),
            CG_Intitule=account.label,
            CG_Classement=account.label.upper()[:17],
            N_Nature=account.nature,
            CG_Report=account.report,
            CG_Lettrage=int(account.collective),
            CG_Echeance=int(account.collective),
            CG_Tiers=int(account.collective),
            CG_Devise=int(code == "411100"),
            **_technical(exercises, number),
        )
        for number, (code, account) in enumerate(sorted(ACCOUNTS.items()), start=1)
    ]


def _journals(exercises: Exercises) -> list[Row]:
    return [
        complete(
            "F_JOURNAUX",
            JO_Num=code,
            JO_Intitule=label,
            CG_Num=treasury or None,
            JO_Type=kind,
            JO_NumPiece=numbering,
            JO_IFRS=int(code == "IFRS"),
            JO_Contrepartie=int(kind == 2),
            **_technical(exercises, number),
        )
        for number, (code, (label, kind, treasury, numbering)) in enumerate(
            JOURNALS.items(), start=1
        )
    ]


def _periods(exercises: Exercises) -> list[Row]:
    rows: list[Row] = []
    for code in JOURNALS:
        for year in exercises.years:
            for month in range(1, 13):
                day = dt.date(year, month, 1)
                if day > exercises.reference:
                    continue
                closed = 2 if exercises.closed(year) else 0
                rows.append(
                    complete(
                        "F_JMOUV",
                        JO_Num=code,
                        JM_Date=stored(day),
                        JM_Cloture=closed,
                        JM_Impression=closed,
                        **_technical(exercises, len(rows) + 1),
                    )
                )
    return rows


def _free_fields() -> list[Row]:
    rows: list[Row] = []
    for table, columns in TABLES.items():
        free = [column for column in columns if column.free]
        rows += [
            complete(
                "cbSysLibre",
                CB_File=table,
                CB_Name=column.name,
                CB_Pos=rank,
                CB_Type=CB_TYPES[column.sql_type.split("(")[0]],
                CB_Len=column.length or 0,
            )
            for rank, column in enumerate(free, start=1)
        ]
    return rows
