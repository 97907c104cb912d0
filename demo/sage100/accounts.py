"""Chart of accounts and journals of the demo firm."""

from __future__ import annotations

from dataclasses import dataclass

BANK = "512000"
TRADE = "411000"
NONE, BALANCE, DETAIL = 0, 1, 2
"""CG_Report: how the balance of an account is carried to the next exercise."""


@dataclass(frozen=True)
class Account:
    """A general account; its nature is counted from 1, as Sage stores it."""

    label: str
    nature: int
    report: int
    collective: bool = False
    total: bool = False


COLLECTIVES: dict[str, Account] = {
    "411000": Account("Clients France", 1, DETAIL, True),
    "411100": Account("Clients étranger", 1, DETAIL, True),
    "411700": Account("Clients - retenues de garantie", 1, DETAIL, True),
    "411800": Account("Clients comptoir", 1, BALANCE, True),
    "413000": Account("Clients - effets à recevoir", 1, DETAIL, True),
    "416000": Account("Clients douteux ou litigieux", 1, BALANCE, True),
    "419100": Account("Clients - avances et acomptes reçus", 1, DETAIL, True),
}
"""Collective accounts of customers."""

FOLLOWED = ("411000", "411100", "411700", "411800", "413000", "416000")
"""Those on which customers owe: 411, 413 and 416."""

ACCOUNTS: dict[str, Account] = {
    "101000": Account("Capital", 12, BALANCE),
    "120000": Account("Résultat de l'exercice (bénéfice)", 7, BALANCE),
    "129000": Account("Résultat de l'exercice (perte)", 7, BALANCE),
    "401000": Account("Fournisseurs", 2, DETAIL, True),
    "411": Account("Clients", 0, NONE, total=True),
    **COLLECTIVES,
    "421000": Account("Personnel - rémunérations dues", 0, BALANCE),
    "431000": Account("Sécurité sociale", 0, BALANCE),
    "445510": Account("TVA à décaisser", 0, BALANCE),
    "445660": Account("TVA sur autres biens et services", 0, BALANCE),
    "445710": Account("TVA collectée", 0, BALANCE),
    "512000": Account("Banque Loire Atlantique", 4, BALANCE),
    "530000": Account("Caisse", 5, BALANCE),
    "601000": Account("Achats de bois et panneaux", 8, NONE),
    "606300": Account("Petit équipement", 8, NONE),
    "613200": Account("Locations immobilières", 8, NONE),
    "624100": Account("Transports sur achats", 8, NONE),
    "641000": Account("Rémunérations du personnel", 8, NONE),
    "645000": Account("Charges sociales", 8, NONE),
    "654000": Account("Pertes sur créances irrécouvrables", 8, NONE),
    "658000": Account("Charges diverses de gestion", 8, NONE),
    "666000": Account("Pertes de change", 8, NONE),
    "681740": Account("Dotations dépréciation créances", 8, NONE),
    "491000": Account("Dépréciation des comptes clients", 0, BALANCE),
    "706000": Account("Prestations de pose", 9, NONE),
    "707000": Account("Ventes de marchandises", 9, NONE),
    "707900": Account("Ventes de marchandises export", 9, NONE),
    "758000": Account("Produits divers de gestion", 9, NONE),
    "766000": Account("Gains de change", 9, NONE),
}

JOURNALS: dict[str, tuple[str, int, str, int]] = {
    # code: label, JO_Type, treasury account, JO_NumPiece (1 a journal, 3 monthly)
    "ACH": ("Achats", 0, "", 3),
    "VTE": ("Ventes", 1, "", 1),
    "BNQ": ("Banque Loire Atlantique", 2, BANK, 3),
    "EFF": ("Effets à recevoir", 3, "", 3),
    "OD": ("Opérations diverses", 3, "", 3),
    "AN": ("À-nouveaux", 3, "", 0),
    "IFRS": ("Retraitements IFRS", 3, "", 0),
    "SIT": ("Situations intermédiaires", 4, "", 0),
}
