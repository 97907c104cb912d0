"""Customers that show special cases: who they are, which cases each one carries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from . import cases_items as items
from . import cases_opening as opening
from .cases_items import Case, overdue
from .dates import OLD_NULL_DATE

CASES: dict[str, Case] = {
    "several_due_dates": items.several_due_dates,
    "part_payment": items.part_payment,
    "prelettered": items.prelettered,
    "lettrage_reuse": items.lettrage_reuse,
    "tolerance": items.tolerance,
    "credit_note_lettered": items.credit_note_lettered,
    "credit_note_open": items.credit_note_open,
    "advance": items.advance,
    "advance_4191": items.advance_4191,
    "overpayment": items.overpayment,
    "credit_covers_debt": items.credit_covers_debt,
    "usd": items.usd,
    "foreign": items.foreign,
    "null_dates": items.null_dates,
    "due_missing": items.due_missing,
    "negative_amount": items.negative_amount,
    "excluded_lines": items.excluded_lines,
    "sage_reminders": items.sage_reminders,
    "direct_debit": items.direct_debit,
    "lcr": items.lcr,
    "unpaid_return": items.unpaid_return,
    "shared_piece": items.shared_piece,
    "prevention": items.prevention,
    "small_debtor": items.small_debtor,
    "orphan": items.orphan,
    "an_detail_paid": opening.an_detail_paid,
    "an_two_years_paid": opening.an_two_years_paid,
    "an_detail_open": opening.an_detail_open,
    "manual_an": opening.manual_an,
    "doubtful_416": opening.doubtful_416,
    "doubtful_416_paid": opening.doubtful_416_paid,
    "doubtful_416_part": opening.doubtful_416_part,
    "bills_413": opening.bills_413,
    "retention_4117": opening.retention_4117,
    # cases that lie in the customer's file: the function posts what makes them visible
    "html_name": overdue(),
    "long_name": overdue(),
    "accents": overdue(),
    "padded": items.padded,
    "payer": overdue(29, 13, amount="6240.00"),
    "paid_by_other": overdue(18, amount="1092.00"),
    "no_email": overdue(27, 3),
    "no_address": overdue(34, amount="978.00"),
    "no_email_no_address": overdue(21, amount="456.60"),
    "several_emails": overdue(14, -5, amount="1843.20"),
    "dormant": overdue(480, amount="84.30"),
    "no_reminder": overdue(25, amount="1920.00"),
    "no_penalty": overdue(33, amount="1116.00"),
    "blocked": overdue(95, 68, amount="5430.00"),
    "insolvency": overdue(),
    "risk_watch": overdue(10, amount="3360.00"),
    "no_entries": overdue(),
}
"""What each case posts. Cases without days post nothing of their own."""

BLANK_ADDRESS: dict[str, object] = {
    "CT_Adresse": "",
    "CT_Complement": "",
    "CT_CodePostal": "",
    "CT_Ville": "",
    "CT_Pays": "",
    "CT_CodeRegion": "",
}
BLANK_EMAIL: dict[str, object] = {"CT_EMail": ""}

FILE_COLUMNS: dict[str, dict[str, object]] = {
    "no_email": BLANK_EMAIL,
    "no_address": BLANK_ADDRESS,
    "no_email_no_address": {**BLANK_EMAIL, **BLANK_ADDRESS, "CT_Adresse": None},
    "several_emails": {
        "CT_EMail": "compta@trevignon.example; pdg@trevignon.example ;evain@cap.example"
    },
    "dormant": {"CT_Sommeil": 1},
    "no_reminder": {"CT_NotRappel": 1},
    "no_penalty": {"CT_NotPenal": 1},
    "blocked": {"CT_ControlEnc": 2, "N_Risque": 3},
    "insolvency": {
        "CT_SvIncident": 1,
        "CT_SvPrivil": 1,
        "CT_SvObjetMaj": "Redressement judiciaire",
        "CT_Commentaire": "RJ - voir mandataire",
        "CT_Surveillance": 1,
    },
    "risk_watch": {"CT_ControlEnc": 1, "N_Risque": 2, "CT_Encours": Decimal(3000)},
    "null_dates": {"CT_SvDateIncid": OLD_NULL_DATE, "CT_SvDateMaj": None},
    "no_entries": {"CT_Prospect": 1},
    "usd": {
        "N_Devise": 2,
        "CT_Pays": "ÉTATS-UNIS",
        "CT_CodePostal": "04101",
        "CT_Ville": "PORTLAND",
        "CT_CodeRegion": "MAINE",
        "CT_Adresse": "214 Wharf Street",
        "CT_Complement": "",
        "CT_Siret": "",
        "CT_Identifiant": "",
        "CT_Langue": 1,
        "CT_LangueISO2": "EN",
        "CT_Telephone": "+1 207 555 0142",
    },
    "foreign": {
        "CT_Pays": "BELGIQUE",
        "CT_CodePostal": "7500",
        "CT_Ville": "TOURNAI",
        "CT_CodeRegion": "HAINAUT",
        "CT_Adresse": "37 rue des Maçons",
        "CT_Complement": "",
        "CT_Siret": "",
        "CT_Identifiant": "BE0428404557",
    },
    "padded": {
        "CT_Intitule": "Menuiserie des Trois Rivières" + " " * 20,
        "CT_Ville": "CLISSON" + " " * 20,
        "CT_CodePostal": "44190  ",
        "CT_EMail": "  compta@troisrivieres.example   ",
    },
    "small_debtor": {
        "CG_NumPrinc": "411800",
        "CT_Siret": "",
        "CT_Identifiant": "",
        "CT_Ape": "",
    },
}
"""Columns of F_COMPTET that make the case."""

EXPORT_CASES = frozenset({"usd", "foreign"})


@dataclass(frozen=True)
class Profile:
    """A special customer, its cases, and its payer when another customer pays."""

    code: str
    name: str
    legal_form: str
    business: str
    cases: tuple[str, ...]
    payer: str = ""
    history: int = 4
    """Settled invoices that make the customer look alive."""


LONG_NAME = "Société Coopérative des Artisans Menuisiers du Pays de Redon"

SPECIALS: tuple[Profile, ...] = (
    Profile(
        "ATELBOIS",
        "L'Atelier <du> Bois & Fils",
        "SARL",
        "Ébéniste",
        ("html_name", "several_due_dates"),
    ),
    Profile("SCAMREDON", LONG_NAME, "SCOP", "Menuisier", ("long_name", "part_payment")),
    Profile(
        "OEUVRES",
        "Les Œuvres d’Épicéa – Cœur de Hêtre",
        "EURL",
        "Ébéniste",
        ("accents", "credit_note_open"),
    ),
    Profile(
        "TROISRIV",
        "Menuiserie des Trois Rivières",
        "SARL",
        "Menuisier",
        ("padded", "prelettered"),
    ),
    Profile(
        "DOMAINEPI",
        "Domaine des Pins",
        "SAS",
        "Hôtellerie",
        ("lettrage_reuse", "tolerance"),
    ),
    Profile(
        "KERVADEC",
        "Agencement Kervadec",
        "SARL",
        "Agenceur",
        ("credit_note_lettered", "advance"),
    ),
    Profile(
        "CUISINORD", "Cuisines du Nord-Loire", "SARL", "Cuisiniste", ("advance_4191",)
    ),
    Profile("ROUSSELIN", "Rousselin Parquets", "EURL", "Parqueteur", ("overpayment",)),
    Profile(
        "BOISCLAIR",
        "Bois Clair Rénovation",
        "SARL",
        "Bâtiment",
        ("credit_covers_debt",),
    ),
    Profile(
        "HARBORPIN", "Harbor & Pine Supply Inc.", "Inc.", "Négoce", ("usd",), history=0
    ),
    Profile(
        "TOURNAI", "Scierie Tournaisienne", "SRL", "Négoce", ("foreign",), history=0
    ),
    Profile(
        "MAISONPER",
        "Maisons Perrigaud",
        "SARL",
        "Constructeur",
        ("doubtful_416",),
        history=0,
    ),
    Profile(
        "DECOVERT",
        "Déco Vertou",
        "SARL",
        "Décorateur",
        ("doubtful_416_paid",),
        history=0,
    ),
    Profile(
        "CHALETSVE",
        "Chalets de Vendée",
        "EURL",
        "Constructeur",
        ("doubtful_416_part",),
        history=0,
    ),
    Profile("GROSBOIS", "Gros-Bois Distribution", "SAS", "Négoce", ("bills_413",)),
    Profile("BATIDEMAI", "Bâtir Demain", "SAS", "Bâtiment", ("retention_4117",)),
    Profile(
        "LUTHERIE",
        "Lutherie Saint-Clément",
        "EURL",
        "Artisan",
        ("an_detail_paid", "an_two_years_paid"),
    ),
    Profile(
        "VANNERIE", "Vannerie et Osier du Val", "EURL", "Artisan", ("an_detail_open",)
    ),
    Profile("PENFELD", "Groupe Hôtelier Penfeld", "SAS", "Hôtellerie", ("payer",)),
    Profile(
        "PENFELDBR",
        "Hôtel Penfeld Brest",
        "SARL",
        "Hôtellerie",
        ("paid_by_other",),
        "PENFELD",
        2,
    ),
    Profile(
        "PENFELDQU", "Hôtel Penfeld Quimper", "SARL", "Hôtellerie", (), "PENFELD", 2
    ),
    Profile("TABLEOUES", "La Table de l'Ouest", "SARL", "Restauration", ("no_email",)),
    Profile("FORAINGUY", "Manèges Guyader", "EI", "Forain", ("no_address",)),
    Profile(
        "BROCANTE", "Brocante des Halles", "EI", "Commerce", ("no_email_no_address",)
    ),
    Profile(
        "TREVIGNON",
        "Nautisme Trévignon",
        "SAS",
        "Construction navale",
        ("several_emails",),
    ),
    Profile(
        "ANCIENNEF",
        "Ancienne Fabrique Lorin",
        "SARL",
        "Mobilier",
        ("dormant",),
        history=2,
    ),
    Profile("CLINIRIVE", "Clinique des Rives", "SA", "Santé", ("no_reminder",)),
    Profile(
        "ECOLETAIL",
        "École de la Taille",
        "Association",
        "Formation",
        ("no_penalty", "sage_reminders"),
    ),
    Profile(
        "MEUBLAGE", "Meublage Services", "SARL", "Mobilier", ("blocked", "insolvency")
    ),
    Profile(
        "TERRASSES",
        "Terrasses et Jardins 85",
        "SARL",
        "Paysagiste",
        ("risk_watch", "due_missing"),
    ),
    Profile(
        "STANDEXPO",
        "Stand Expo Atlantique",
        "SAS",
        "Décorateur",
        ("null_dates", "negative_amount"),
    ),
    Profile(
        "IMMORETZ", "Immobilière de Retz", "SCI", "Immobilier", ("excluded_lines",)
    ),
    Profile(
        "BOULANGER",
        "Boulangerie Au Fournil d'Antan",
        "SARL",
        "Commerce",
        ("direct_debit",),
    ),
    Profile("SOLSOUEST", "Sols Ouest Revêtements", "SAS", "Parqueteur", ("lcr",)),
    Profile(
        "MARTINJEA",
        "Martin Jean-Yves",
        "Particulier",
        "Particulier",
        ("small_debtor",),
        history=0,
    ),
    Profile(
        "PISCINEBL", "Piscines Bleu Horizon", "SARL", "Paysagiste", ("unpaid_return",)
    ),
    Profile(
        "THEATRE",
        "Théâtre du Grand Large",
        "Association",
        "Culture",
        ("prevention", "shared_piece"),
    ),
    Profile(
        "REPRISELE",
        "Lemaître Constructions",
        "SARL",
        "Bâtiment",
        ("manual_an", "orphan"),
    ),
    Profile(
        "PROSPECTV",
        "Villa Prospective",
        "SAS",
        "Immobilier",
        ("no_entries",),
        history=0,
    ),
)

SMALL: dict[str, tuple[str, ...]] = {
    "ATELBOIS": (
        "html_name",
        "several_due_dates",
        "part_payment",
        "foreign",
        "no_penalty",
    ),
    "SCAMREDON": ("long_name", "prelettered", "sage_reminders", "due_missing"),
    "OEUVRES": (
        "accents",
        "credit_note_open",
        "credit_note_lettered",
        "manual_an",
        "prevention",
    ),
    "TROISRIV": (
        "padded",
        "lettrage_reuse",
        "tolerance",
        "null_dates",
        "negative_amount",
        "orphan",
    ),
    "KERVADEC": ("advance", "advance_4191", "no_reminder", "no_address"),
    "ROUSSELIN": ("overpayment",),
    "BOISCLAIR": ("credit_covers_debt",),
    "HARBORPIN": ("usd",),
    "MAISONPER": ("doubtful_416", "blocked", "insolvency", "no_email"),
    "DECOVERT": ("doubtful_416_paid", "bills_413", "lcr"),
    "BATIDEMAI": ("doubtful_416_part", "retention_4117", "risk_watch"),
    "LUTHERIE": (
        "an_detail_paid",
        "an_two_years_paid",
        "an_detail_open",
        "several_emails",
    ),
    "PENFELD": ("payer", "excluded_lines", "shared_piece"),
    "PENFELDBR": ("paid_by_other", "direct_debit", "no_email_no_address"),
    "ANCIENNEF": ("dormant", "unpaid_return"),
    "MARTINJEA": ("small_debtor",),
    "PROSPECTV": ("no_entries",),
}
"""Customers of the small base: fewer of them, each with more cases."""
