"""Rows about tiers and people: customers, suppliers, contacts, banks, salespeople."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from . import names
from .dates import Exercises, midnight
from .identifiers import bank_account, french_vat, siren, siret
from .schema import complete
from .story import DIRECT_DEBIT, LCR, Customer, Story

Row = dict[str, object]

ACCOUNTING, PURCHASES, MANAGEMENT = 1, 2, 3
"""Services of the contacts: ``cbIndice`` of P_SERVICECPTA."""

WITHOUT_FIRM = ("Particulier",)
PUBLIC = ("EPLE", "Collectivité")


class Directory:
    """Builds the rows of one base; every customer draws from its own generator."""

    def __init__(self, exercises: Exercises, seed: str) -> None:
        self.exercises = exercises
        self.seed = seed
        self.tables: dict[str, list[Row]] = {
            name: []
            for name in (
                "F_COMPTET",
                "F_COMPTETG",
                "F_CONTACTT",
                "F_COLLABORATEUR",
                "F_REGLEMENTT",
                "F_BANQUET",
                "F_MANDAT",
            )
        }

    def add(self, table: str, day: dt.date, **values: object) -> Row:
        """Add a row with its technical columns."""
        number = len(self.tables[table]) + 1
        moment = midnight(day) + dt.timedelta(hours=9, minutes=number * 7 % 400)
        technical: Row = {
            "cbMarq": number + 41,
            "cbCreateur": "COLS" if number % 6 else "CSQL",
            "cbModification": moment,
            "cbCreation": moment,
        }
        row = complete(table, **technical | values)
        self.tables[table].append(row)
        return row

    def _created(self, rng: random.Random) -> dt.date:
        return self.exercises.start + dt.timedelta(days=rng.randint(1, 600))

    # -- the firm's people ----------------------------------------------------------

    def staff(self) -> None:
        """Collectors and salespeople."""
        people = names.COLLECTORS + names.SALESPEOPLE
        for number, (last, first, role) in enumerate(people, start=1):
            collector = number <= len(names.COLLECTORS)
            self.add(
                "F_COLLABORATEUR",
                self.exercises.start,
                CO_No=number,
                CO_Nom=last,
                CO_Prenom=first,
                CO_Fonction=role,
                CO_Adresse=names.FIRM["street"],
                CO_CodePostal=names.FIRM["postcode"],
                CO_Ville=names.FIRM["city"],
                CO_Pays="FRANCE",
                CO_Service="Comptabilité clients" if collector else "Ventes",
                CO_ChargeRecouvr=int(collector),
                CO_Vendeur=int(not collector),
                CO_Telephone=f"02 61 91 10 {number:02d}",
                CO_TelPortable=f"06 39 98 10 {number:02d}",
                CO_EMail=names.email(first, last),
                CO_Matricule=f"M{number:03d}",
            )

    # -- tiers ----------------------------------------------------------------------

    def customer(self, customer: Customer, legal_form: str, business: str) -> Row:
        """The customer's file, with contacts, payment terms and bank account."""
        rng = random.Random(f"{self.seed}:file:{customer.code}")
        number = siren(rng)
        slug = customer.code.lower()
        firm = legal_form not in WITHOUT_FIRM
        phone = f"02 61 91 {_digits(rng)}"
        end = "FIN DE MOIS" if customer.end_of_month else "NETS"
        condition = f"{customer.days} JOURS {end}"
        first, last = rng.choice(names.FIRST_NAMES), rng.choice(names.LAST_NAMES)
        values = self._address(rng, customer.code) | {
            "CT_Intitule": customer.name,
            "CG_NumPrinc": customer.account,
            "CT_Qualite": legal_form,
            "CT_Contact": f"{first} {last}" if firm else "",
            "CT_Siret": siret(number) if firm else "",
            "CT_Identifiant": french_vat(number)
            if firm and legal_form not in PUBLIC
            else "",
            "CT_Ape": rng.choice(("4332A", "4391A", "3109B", "4673A", "4120A"))
            if firm
            else "",
            "CT_Statistique01": business,
            "CT_Telephone": phone,
            "CT_EMail": f"compta@{slug}.example"
            if firm
            else f"{slug}@courriel.example",
            "CT_Site": f"www.{slug}.example" if firm and rng.random() < 0.4 else "",
            "CO_No": rng.choice((0, 3, 3, 4, 4, 5, 5)),
            "N_Risque": 1 if rng.random() < 0.8 else 0,
            "CT_Encours": Decimal(rng.choice((0, 3000, 5000, 10000, 25000))),
            "CT_Assurance": Decimal(rng.choice((0, 0, 8000, 15000))),
            "CT_SvFormeJuri": legal_form,
            "BT_Num": 1 if customer.mode in (DIRECT_DEBIT, LCR) else 0,
            "CATEGORISATION NIV 1": business,
            "CONDITION PAIEMENT": condition,
            "N° DOSSIER ASSURANCE": f"AC{rng.randint(10_000, 99_999)}"
            if rng.random() < 0.2
            else None,
        }
        row = self._tiers(
            customer.code, 0, self._created(rng), **values | customer.columns
        )
        for account in sorted(customer.collectives | {str(row["CG_NumPrinc"])}):
            self.add(
                "F_COMPTETG", self.exercises.start, CT_Num=customer.code, CG_Num=account
            )
        self.add(
            "F_REGLEMENTT",
            self.exercises.start,
            CT_Num=customer.code,
            N_Reglement=customer.mode,
            RT_Condition=1 if customer.end_of_month else 0,
            RT_NbJour=customer.days,
            RT_TRepart=1,
        )
        if firm:
            self._contacts(rng, customer, row, (first, last))
        if row["BT_Num"]:
            self._bank(rng, customer)
        return row

    def supplier(self, code: str, name: str) -> None:
        """A supplier, which an import of customers must leave alone."""
        rng = random.Random(f"{self.seed}:file:{code}")
        number = siren(rng)
        self._tiers(
            code,
            1,
            self.exercises.start,
            **self._address(rng, code),
            CT_Intitule=name,
            CG_NumPrinc="401000",
            CT_Siret=siret(number),
            CT_Identifiant=french_vat(number),
            CT_EMail=f"facturation@{code.lower()}.example",
        )
        self.add("F_COMPTETG", self.exercises.start, CT_Num=code, CG_Num="401000")

    def employee(self, code: str, name: str) -> None:
        """An employee kept as a tiers (type 2)."""
        rng = random.Random(f"{self.seed}:file:{code}")
        self._tiers(
            code,
            2,
            self.exercises.start,
            **self._address(rng, code),
            CT_Intitule=name,
            CG_NumPrinc="421000",
        )

    def _address(self, rng: random.Random, code: str) -> Row:
        postcode, city = names.CITY_OF.get(code) or rng.choice(names.CITIES)
        return {
            "CT_Adresse": f"{rng.randint(1, 98)} {rng.choice(names.STREETS)}",
            "CT_Complement": rng.choice(names.COMPLEMENTS),
            "CT_CodePostal": postcode,
            "CT_Ville": city,
            "CT_Pays": rng.choice(("FRANCE", "FRANCE", "FRANCE", "France", "")),
        }

    def _tiers(self, code: str, kind: int, created: dt.date, **values: object) -> Row:
        name = str(values["CT_Intitule"]).strip()
        defaults: Row = {
            "CT_Num": code,
            "CT_Type": kind,
            "CT_Classement": name.upper()[:17],
            "CT_Raccourci": code[:7],
            "CT_NumPayeur": code,
            "N_CatTarif": 1,
            "N_CatCompta": 1,
            "N_Period": 1,
            "N_Condition": 1,
            "N_Expedition": 1,
            "CT_Facture": 1,
            "CT_Lettrage": 1,
            "CT_LangueISO2": "FR",
        }
        return self.add("F_COMPTET", created, **defaults | values)

    def _contacts(
        self, rng: random.Random, customer: Customer, row: Row, person: tuple[str, str]
    ) -> None:
        """Contacts of the customer: accounting nearly always, purchases, management."""
        services = [(MANAGEMENT, "Gérant(e)")]
        if rng.random() < 0.85:
            services.insert(0, (ACCOUNTING, "Comptable fournisseurs"))
        if rng.random() < 0.45:
            services.append((PURCHASES, "Responsable des achats"))
        first, last = person
        emails = {ACCOUNTING: "comptabilite", PURCHASES: "achats", MANAGEMENT: ""}
        silent = not str(row["CT_EMail"] or "").strip()
        used: set[tuple[str, str]] = set()
        for service, role in services:
            if service != MANAGEMENT:
                first, last = (
                    rng.choice(names.FIRST_NAMES),
                    rng.choice(names.LAST_NAMES),
                )
            else:
                first, last = person
            if (first, last) in used:
                continue
            used.add((first, last))
            local = emails[service] or f"{names.plain(first)}.{names.plain(last)}"
            self.add(
                "F_CONTACTT",
                self.exercises.start,
                CT_Num=customer.code,
                CT_Nom=last,
                CT_Prenom=first,
                N_Service=service,
                CT_Fonction=role,
                CT_Telephone=str(row["CT_Telephone"]),
                CT_TelPortable=f"06 39 98 {_digits(rng)}",
                CT_EMail="" if silent else f"{local}@{customer.code.lower()}.example",
                CT_Civilite=int(first in names.WOMEN),
                CT_No=len(self.tables["F_CONTACTT"]) + 1,
            )

    def _bank(self, rng: random.Random, customer: Customer) -> None:
        """The bank account of who pays by direct debit or bill, and its mandate."""
        account = bank_account(rng)
        mandate = 0
        if customer.mode == DIRECT_DEBIT:
            mandate = len(self.tables["F_MANDAT"]) + 1
            self.add(
                "F_MANDAT",
                self.exercises.start,
                MD_No=mandate,
                CT_Num=customer.code,
                MD_Reference=f"RUM-{customer.code}-{mandate:04d}",
                MD_Date=midnight(self.exercises.start),
                MD_B2B=1,
            )
        self.add(
            "F_BANQUET",
            self.exercises.start,
            CT_Num=customer.code,
            BT_Num=1,
            BT_Intitule="Compte principal",
            BT_Banque=account["bank"],
            BT_Guichet=account["branch"],
            BT_Compte=account["account"],
            BT_Cle=account["key"],
            BT_BIC="DEMOFRPPXXX",
            BT_IBAN=account["iban"],
            BT_CalculIBAN=1,
            MD_No=mandate,
        )


def _digits(rng: random.Random) -> str:
    """The last four digits of a telephone number kept for fiction."""
    return f"{rng.randint(11, 99):02d} {rng.randint(0, 99):02d}"


def firm_identity(story: Story, seed: str) -> Row:
    """SIRET and VAT number of the demo firm."""
    number = siren(random.Random(f"{seed}:firm"))
    return {"D_Siret": siret(number), "D_Identifiant": french_vat(number)}
