"""Names, places and people of the demo: invented, without real domain or number."""

from __future__ import annotations

FIRM = {
    "name": "Comptoir Ligérien du Bois",
    "trade": "Négoce de bois et panneaux",
    "street": "18 boulevard des Scieries",
    "postcode": "44800",
    "city": "SAINT-HERBLAIN",
    "region": "Pays de la Loire",
    "domain": "comptoir-ligerien.example",
    "phone": "02 61 91 10 00",
    "ape": "4673A",
}

COLLECTORS: tuple[tuple[str, str, str], ...] = (
    ("LEFÈVRE", "Marie", "Chargée de recouvrement"),
    ("BENALI", "Karim", "Chargé de recouvrement"),
)
SALESPEOPLE: tuple[tuple[str, str, str], ...] = (
    ("GUÉRIN", "Thomas", "Commercial Pays de la Loire"),
    ("LE GALL", "Sophie", "Commerciale Bretagne"),
    ("MOREAU", "Hervé", "Commercial grands comptes"),
)

CITIES: tuple[tuple[str, str], ...] = (
    ("44000", "NANTES"),
    ("44400", "REZÉ"),
    ("44600", "SAINT-NAZAIRE"),
    ("44120", "VERTOU"),
    ("44190", "CLISSON"),
    ("44110", "CHÂTEAUBRIANT"),
    ("49000", "ANGERS"),
    ("49300", "CHOLET"),
    ("49400", "SAUMUR"),
    ("53000", "LAVAL"),
    ("72000", "LE MANS"),
    ("85000", "LA ROCHE-SUR-YON"),
    ("85500", "LES HERBIERS"),
    ("85300", "CHALLANS"),
    ("85100", "LES SABLES-D'OLONNE"),
    ("85200", "FONTENAY-LE-COMTE"),
    ("35000", "RENNES"),
    ("35400", "SAINT-MALO"),
    ("35500", "VITRÉ"),
    ("35300", "FOUGÈRES"),
    ("56000", "VANNES"),
    ("56100", "LORIENT"),
    ("29000", "QUIMPER"),
    ("29200", "BREST"),
    ("22000", "SAINT-BRIEUC"),
    ("86000", "POITIERS"),
    ("79000", "NIORT"),
    ("79300", "BRESSUIRE"),
    ("17000", "LA ROCHELLE"),
    ("17100", "SAINTES"),
    ("33000", "BORDEAUX"),
    ("37000", "TOURS"),
    ("41000", "BLOIS"),
    ("14000", "CAEN"),
    ("67000", "STRASBOURG"),
    ("57000", "METZ"),
)

CITY_OF: dict[str, tuple[str, str]] = {
    "ARMORCUIS": ("22000", "SAINT-BRIEUC"),
    "ATLANTIQ": ("44600", "SAINT-NAZAIRE"),
    "BATILOIRE": ("44000", "NANTES"),
    "BOCAGE": ("79300", "BRESSUIRE"),
    "CHALETSVE": ("85300", "CHALLANS"),
    "CLINIRIVE": ("44000", "NANTES"),
    "CUISINORD": ("44110", "CHÂTEAUBRIANT"),
    "DECOVERT": ("44120", "VERTOU"),
    "ECOBOISVIT": ("35500", "VITRÉ"),
    "ERDREMENU": ("44000", "NANTES"),
    "FABRIQ44": ("44000", "NANTES"),
    "GRANDLIEU": ("44310", "SAINT-PHILBERT-DE-GRAND-LIEU"),
    "IMMORETZ": ("44210", "PORNIC"),
    "ISACUISINE": ("44130", "BLAIN"),
    "JADEMENUI": ("44210", "PORNIC"),
    "MAINEPLAQ": ("49000", "ANGERS"),
    "MAUGESMOB": ("49300", "CHOLET"),
    "MORBIHANB": ("56000", "VANNES"),
    "NOIRMOUTI": ("85330", "NOIRMOUTIER-EN-L'ÎLE"),
    "OUDONAGENC": ("44521", "OUDON"),
    "PENFELD": ("29200", "BREST"),
    "PENFELDBR": ("29200", "BREST"),
    "PENFELDQU": ("29000", "QUIMPER"),
    "PENTHIEVR": ("22400", "LAMBALLE-ARMOR"),
    "PORNICHET": ("44380", "PORNICHET"),
    "QUIMPERST": ("29000", "QUIMPER"),
    "RANCEBOIS": ("35400", "SAINT-MALO"),
    "RETZTOITS": ("44210", "PORNIC"),
    "SAMOADESI": ("44200", "NANTES"),
    "SAUMURTON": ("49400", "SAUMUR"),
    "SCAMREDON": ("35600", "REDON"),
    "SEVRECONS": ("44190", "CLISSON"),
    "STANDEXPO": ("44000", "NANTES"),
    "STRASBOIS": ("67000", "STRASBOURG"),
    "TABLEOUES": ("35000", "RENNES"),
    "TERRASSES": ("85300", "CHALLANS"),
    "THOUARET": ("44470", "THOUARÉ-SUR-LOIRE"),
    "TREGORMEN": ("22300", "LANNION"),
    "VENDEEMOB": ("85000", "LA ROCHE-SUR-YON"),
    "VILAINEAG": ("35600", "REDON"),
}
"""Customers whose name tells where they are."""

STREETS: tuple[str, ...] = (
    "rue des Charpentiers",
    "rue de la Scierie",
    "avenue du Général-de-Gaulle",
    "rue Jean-Jaurès",
    "chemin des Écoliers",
    "route de Vannes",
    "quai de la Fosse",
    "rue du Château d'Eau",
    "impasse des Tilleuls",
    "rue de l'Industrie",
    "boulevard Victor-Hugo",
    "rue des Métiers",
    "allée des Érables",
    "rue du Moulin",
    "place de l'Église",
    "rue Ampère",
)

COMPLEMENTS: tuple[str, ...] = (
    "",
    "",
    "",
    "ZA de la Lande",
    "ZI Nord",
    "Parc d'activités des Fresnes",
    "Bâtiment B",
    "BP 40312",
)

FIRST_NAMES: tuple[str, ...] = tuple(
    """
    Anne Bruno Cécile David Élodie François Gaëlle Hélène Isabelle Jérôme Laëtitia
    Loïc Maëlle Nathalie Olivier Pascale Rémi Stéphanie Yann Zoé
    """.split()
)

WOMEN: frozenset[str] = frozenset(
    """
    Anne Cécile Élodie Gaëlle Hélène Isabelle Laëtitia Maëlle Nathalie Pascale
    Stéphanie Zoé
    """.split()
)

LAST_NAMES: tuple[str, ...] = tuple(
    """
    Aubry Bertin Caradec Delaunay Évain Fouquet Gautier Hervouet Jaunin Kerbrat
    Leblanc Ménard Nicolleau Ollivier Pasquier Quéméner Renaudin Sorin Thébaud
    Vrignaud
    """.split()
)

ORDINARY: tuple[tuple[str, str, str, str], ...] = (
    # code, name, legal form, business
    ("AGENCEO", "Agencéo Intérieurs", "SARL", "Agenceur"),
    ("ALTIBOIS", "Altibois Charpentes", "SAS", "Charpentier"),
    ("ARMORCUIS", "Armor Cuisines", "SARL", "Cuisiniste"),
    ("ATLANTIQ", "Atlantique Parquets", "SARL", "Parqueteur"),
    ("AUBERGEVI", "Auberge du Vieux Quai", "SARL", "Hôtellerie"),
    ("BATILOIRE", "Bâti-Loire Constructions", "SAS", "Bâtiment"),
    ("BAUDRY", "Menuiserie Baudry et Fils", "SARL", "Menuisier"),
    ("BEAULIEU", "Ébénisterie Beaulieu", "EURL", "Ébéniste"),
    ("BOCAGE", "Maisons du Bocage", "SAS", "Constructeur"),
    ("BRETESCHE", "Atelier de la Bretesche", "EURL", "Ébéniste"),
    ("BRIANT", "Charpentes Briant", "SAS", "Charpentier"),
    ("CAMPOCEAN", "Camping de l'Océan", "SARL", "Hôtellerie"),
    ("CARRELIER", "Carrelier Agencement", "SARL", "Agenceur"),
    ("CHAUVINB", "Chauvin Bois Énergie", "SAS", "Négoce"),
    ("COMMECREA", "Commerces & Création", "SAS", "Agenceur"),
    ("COURTOIS", "Courtois Escaliers", "SARL", "Menuisier"),
    ("DELCOURT", "Delcourt Stands et Décors", "SAS", "Décorateur"),
    ("DUGASTBOIS", "Établissements Dugast", "SA", "Négoce"),
    ("ECOBOISVIT", "Éco-Bois Vitréen", "SCOP", "Menuisier"),
    ("ERDREMENU", "Erdre Menuiseries", "SARL", "Menuisier"),
    ("FABRIQ44", "La Fabrique Nantaise", "SAS", "Agenceur"),
    ("FERRANDB", "Ferrand Bâtiment", "SAS", "Bâtiment"),
    ("GALERNEHO", "Hôtel de la Galerne", "SAS", "Hôtellerie"),
    ("GRANDLIEU", "Serres de Grand-Lieu", "SCEA", "Agriculture"),
    ("GUIHARD", "Guihard Père et Fils", "SARL", "Menuisier"),
    ("HABITATOU", "Habitat Ouest Rénovation", "SAS", "Bâtiment"),
    ("HERMINEMO", "Hermine Mobilier", "SARL", "Mobilier"),
    ("ISACUISINE", "Isac Cuisines et Bains", "SARL", "Cuisiniste"),
    ("JADEMENUI", "Côte de Jade Menuiserie", "SARL", "Menuisier"),
    ("KERGUELEN", "Chantier naval Kerguélen", "SAS", "Construction navale"),
    ("LAMBERTSA", "Lambert Isolation", "SA", "Bâtiment"),
    ("LOUISIANE", "Restaurants Louisiane", "SAS", "Restauration"),
    ("LYCEEBOIS", "Lycée des métiers du Bois", "EPLE", "Secteur public"),
    ("MAINEPLAQ", "Maine Placages", "SARL", "Négoce"),
    ("MAIRIECLI", "Commune de Saint-Aubin-des-Eaux", "Collectivité", "Secteur public"),
    ("MAUGESMOB", "Mauges Mobilier", "SAS", "Mobilier"),
    ("MORBIHANB", "Morbihan Bardage", "SARL", "Bâtiment"),
    ("NAUTIBOIS", "Nauti-Bois", "SARL", "Construction navale"),
    ("NOIRMOUTI", "Volets de Noirmoutier", "EURL", "Menuisier"),
    ("OUDONAGENC", "Oudon Agencement", "SARL", "Agenceur"),
    ("PAPILLAUD", "Papillaud Frères", "SARL", "Charpentier"),
    ("PENTHIEVR", "Penthièvre Constructions Bois", "SAS", "Constructeur"),
    ("PICHONNIE", "Pichonnier Escaliers", "EURL", "Menuisier"),
    ("PORNICHET", "Résidence Le Pornichet", "SCI", "Immobilier"),
    ("QUIMPERST", "Quimper Stands", "SARL", "Décorateur"),
    ("RANCEBOIS", "Rance Bois Façades", "SAS", "Bâtiment"),
    ("RETZTOITS", "Les Toits de Retz", "SARL", "Charpentier"),
    ("SAMOADESI", "Studio Samoa Design", "SAS", "Agenceur"),
    ("SAUMURTON", "Tonnellerie du Saumurois", "SAS", "Tonnellerie"),
    ("SEVRECONS", "Sèvre Construction", "SAS", "Bâtiment"),
    ("STRASBOIS", "Alsace Ossature Bois", "SAS", "Constructeur"),
    ("THOUARET", "Thouaré Portes et Fenêtres", "SARL", "Menuisier"),
    ("TREGORMEN", "Trégor Menuiseries", "SARL", "Menuisier"),
    ("VENDEEMOB", "Vendée Mobil-Homes", "SA", "Constructeur"),
    ("VIGNOBLEB", "Caves du Vignoble", "SCA", "Viticulture"),
    ("VILAINEAG", "Vilaine Agencement", "SARL", "Agenceur"),
)

SUPPLIERS: tuple[tuple[str, str], ...] = (
    ("FSCIERIE", "Scierie du Haut-Anjou"),
    ("FPANNEAUX", "Panneaux de l'Ouest"),
    ("FQUINCAIL", "Quincaillerie Générale Nantaise"),
    ("FTRANSPOR", "Transports Le Bihan"),
    ("FVERNISCO", "Vernis et Colles de France"),
    ("FPARQUETS", "Manufacture de Parquets du Perche"),
    ("FENERGIE", "Énergies de la Loire"),
    ("FASSURANC", "Mutuelle du Négoce"),
    ("FINTERIM", "Intérim Atlantique"),
    ("FNETTOYAG", "Netto Services 44"),
)

GOODS: tuple[str, ...] = (
    "panneaux mélaminés",
    "contreplaqué okoumé",
    "lames de terrasse",
    "parquet chêne",
    "bardage douglas",
    "plans de travail",
    "quincaillerie",
    "portes coupe-feu",
    "bois de charpente",
    "mobilier sur mesure",
)

SITES: tuple[str, ...] = (
    "Résidence Les Magnolias - REZÉ",
    "Groupe scolaire Pasteur - VERTOU",
    "Halle du Champ-de-Mars - NANTES",
    "Lotissement du Clos - CLISSON",
    "Siège social - 3e étage",
    "Dépôt client",
)


def email(first: str, last: str) -> str:
    """Address of a person of the demo firm.

    >>> email("Marie", "LEFÈVRE")
    'marie.lefevre@comptoir-ligerien.example'
    """
    return f"{plain(first)}.{plain(last)}@{FIRM['domain']}"


def plain(text: str) -> str:
    """Lower-case unaccented text without blanks, for addresses.

    >>> plain("Le Gall"), plain("Côte d'Œuvre")
    ('legall', 'cotedoeuvre')
    """
    table = str.maketrans("àâäçéèêëîïôöùûü", "aaaceeeeiioouuu")
    lowered = text.lower().replace("œ", "oe").translate(table)
    return "".join(char for char in lowered if char.isalnum())
