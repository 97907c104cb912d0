"""Every special case that the README lists is really in the demo Sage 100 base."""

import datetime as dt
from pathlib import Path

import pytest

from demo.sage100 import (
    expected_balances,
    expected_open_items,
    generate,
    generate_small,
)
from demo.sage100.dates import NULL_DATE, OLD_NULL_DATE
from demo.sage100.profiles import CASES, LONG_NAME, SMALL, SPECIALS

REFERENCE = dt.date(2026, 11, 21)
BASES = [
    (make, reference)
    for make in (generate, generate_small)
    for reference in (REFERENCE, dt.date(2027, 1, 5), dt.date(2028, 2, 29))
]


@pytest.fixture(
    scope="module", params=BASES, ids=lambda made: f"{made[0].__name__}-{made[1]}"
)
def base(request):
    make, reference = request.param
    return make(reference)


class Shown:
    """What a base shows of one case: the customer's file, entries and open items."""

    def __init__(self, base, case):
        self.base = base
        self.code = base.cases[case]
        self.file = next(
            row for row in base.tables["F_COMPTET"] if row["CT_Num"] == self.code
        )
        self.rows = [row for row in base.entries if row["CT_Num"] == self.code]
        self.items = [
            item for item in expected_open_items(base) if item.ct_num == self.code
        ]
        self.balances = {
            account: total
            for (code, account), total in expected_balances(base).items()
            if code == self.code
        }

    @property
    def overdue(self):
        return [
            item
            for item in self.items
            if item.amount > 0 and item.due and item.due < self.base.reference_date
        ]

    def groups(self, full=True):
        """Rows of each lettrage, by account, exercise and code."""
        found = {}
        for row in self.rows:
            if row["EC_Lettrage"] and bool(row["EC_Lettre"]) is full:
                scope = (row["CG_Num"], row["JM_Date"].year, row["EC_Lettrage"])
                found.setdefault(scope, []).append(row)
        return found

    def openings(self, kind, account="411000"):
        return [
            row
            for row in self.rows
            if row["EC_ANType"] == kind and row["CG_Num"] == account
        ]


def several_due_dates(case):
    dues = {}
    for row in case.rows:
        if row["EC_RefPiece"] and row["EC_Sens"] == 0 and not row["EC_ANType"]:
            dues.setdefault(row["EC_RefPiece"], set()).add(row["EC_Echeance"])
    return 3 in map(len, dues.values())


def part_payment(case):
    credits = [item for item in case.items if item.amount < 0 and not item.prelettered]
    return credits and -credits[0].amount < case.overdue[0].amount


def prelettered(case):
    groups = case.groups(full=False)
    upper = {(account, year, code) for account, year, code in case.groups()}
    return (
        len({code for _account, _year, code in groups}) == 2
        and all(code.islower() for _account, _year, code in groups)
        and {(a, y, code.upper()) for a, y, code in groups} & upper
        and any(year == case.base.reference_date.year for _a, year, _c in groups)
        and sum(item.prelettered for item in case.items) == 4
    )


def lettrage_reuse(case):
    scopes = {(account, year) for account, year, code in case.groups() if code == "AAA"}
    return {account for account, _year in scopes} == {"411000", "411100"} and (
        len({year for _account, year in scopes}) > 1
    )


def tolerance(case):
    gaps = [row for row in case.rows if row["EC_Intitule"].startswith("ÉCART DE RÈG")]
    return {(row["EC_Sens"], str(row["EC_Montant"])) for row in gaps} == {
        (1, "0.36"),
        (0, "0.01"),
    } and all(row["EC_Lettre"] for row in gaps)


def credit_note_lettered(case):
    notes = [row for row in case.rows if row["EC_RefPiece"].startswith("AV")]
    return sum(row["EC_Lettre"] for row in notes) >= 2


def credit_note_open(case):
    return any(item.ref.startswith("AV") for item in case.items) and case.overdue


def advance(case):
    return any(item.amount < 0 and not item.ref for item in case.items)


def advance_4191(case):
    return case.balances["419100"] < 0


def overpayment(case):
    return sum(case.balances.values()) == -63 and case.overdue


def credit_covers_debt(case):
    return sum(case.balances.values()) < 0 and case.overdue


def usd(case):
    exchange = [
        rows
        for rows in case.groups().values()
        if len({row["N_Devise"] for row in rows}) == 2
    ]
    gains = [row for row in exchange[0] if row["N_Devise"] == 0]
    return (
        case.file["N_Devise"] == 2
        and len(exchange[0]) == 3
        and gains[0]["EC_Devise"] == 0
        and [item.currency for item in case.items] == ["USD", "USD"]
        and all(
            abs(row["EC_Devise"] / row["EC_Parite"] - row["EC_Montant"]) < 1
            for row in case.rows
            if row["N_Devise"] == 2
        )
    )


def foreign(case):
    return case.file["CT_Pays"] == "BELGIQUE" and case.overdue


def null_dates(case):
    dates = {row["EC_Echeance"] for row in case.rows}
    return {NULL_DATE, OLD_NULL_DATE, None} <= dates and (
        case.file["CT_SvDateMaj"] is None
        and case.file["CT_SvDateIncid"] == OLD_NULL_DATE
    )


def due_missing(case):
    return any(item.amount > 0 and item.due is None for item in case.items)


def negative_amount(case):
    rows = [row for row in case.rows if row["EC_Montant"] < 0]
    return rows and all(row["EC_Lettre"] for row in rows if not row["EC_ANType"])


def excluded_lines(case):
    entries = case.base.entries
    return (
        any(row["JO_Num"] == "SIT" for row in case.rows)
        and any(row["EC_Norme"] == 2 for row in case.rows)
        and any(row["EC_CType"] == 1 for row in case.rows)
        and any(row["EC_CType"] == 1 and not row["CT_Num"] for row in entries)
        and not any(item.amount == 5000 for item in case.items)
    )


def sage_reminders(case):
    reminded = {
        row["EC_Rappel"]: row["EC_DateRelance"]
        for row in case.rows
        if row["EC_Rappel"] and row["EC_Lettre"] == 0
    }
    return set(reminded) == {1, 2, 3} and NULL_DATE not in reminded.values()


def direct_debit(case):
    mandates = {row["CT_Num"] for row in case.base.tables["F_MANDAT"]}
    return paid_by(case, 3) and case.code in mandates


def lcr(case):
    return paid_by(case, 4)


def paid_by(case, mode):
    overdue = {item.first_no for item in case.overdue}
    modes = {row["N_Reglement"] for row in case.rows if row["EC_No"] in overdue}
    return mode in modes


def unpaid_return(case):
    return any(row["EC_PenalType"] == 2 and row["EC_Lettre"] == 0 for row in case.rows)


def shared_piece(case):
    rows = [
        row
        for row in case.rows
        if row["EC_Piece"] == "DIVERS" and row["JO_Num"] == "VTE"
    ]
    return len({row["EC_RefPiece"] for row in rows}) == 2 and (
        len({row["JM_Date"] for row in rows}) == 1
    )


def prevention(case):
    reference = case.base.reference_date
    return any(
        item.amount > 1000 and item.due and 0 <= (item.due - reference).days <= 8
        for item in case.items
    )


def small_debtor(case):
    return 0 < sum(case.balances.values()) < 15 and case.openings(2, "411800")


def orphan(case):
    rows = [
        row
        for row in case.base.entries
        if row["CG_Num"].startswith("41") and not row["CT_Num"] and not row["EC_CType"]
    ]
    return len(rows) == 1 and rows[0]["CT_Num"] == ""


def an_detail_paid(case):
    years = {row["JM_Date"].year for row in case.openings(1) if row["EC_Lettre"]}
    return len(years) == 2


def an_two_years_paid(case):
    openings = case.openings(1)
    refs = {}
    for row in openings:
        refs.setdefault(row["EC_RefPiece"], []).append(row["EC_Lettre"])
    return [0, 1] in refs.values()


def an_detail_open(case):
    chains = [
        item
        for item in case.items
        if sum(row["EC_RefPiece"] == item.ref for row in case.rows) == 3
    ]
    return chains and chains[0].first_no != chains[0].current_no


def manual_an(case):
    return len(case.openings(3)) == 2 and any(
        item.ref == "R0437" for item in case.items
    )


def doubtful_416(case):
    (opening,) = case.openings(2, "416000")
    return (
        opening["EC_Montant"] == case.balances["416000"]
        and sum(item.cg_num == "416000" for item in case.items) == 2
    )


def doubtful_416_paid(case):
    (opening,) = case.openings(2, "416000")
    return opening["EC_Lettre"] == 1 and case.balances["416000"] == 0


def doubtful_416_part(case):
    amounts = [row["EC_Montant"] for row in case.openings(2, "416000")]
    return amounts == [1812, 1312] and case.balances["416000"] == 1312


def bills_413(case):
    lettered = {row["EC_Lettre"] for row in case.rows if row["CG_Num"] == "413000"}
    return lettered == {0, 1} and case.balances["413000"] > 0


def retention_4117(case):
    held = [item for item in case.items if item.cg_num == "411700"]
    return sorted(item.due < case.base.reference_date for item in held) == [False, True]


def html_name(case):
    return case.file["CT_Intitule"] == "L'Atelier <du> Bois & Fils"


def long_name(case):
    return case.file["CT_Intitule"] == LONG_NAME and len(LONG_NAME) == 60


def accents(case):
    labels = "".join(row["EC_Intitule"] for row in case.rows)
    return set("Œœ’–") <= set(case.file["CT_Intitule"]) and "€" in labels


def padded(case):
    name, email = case.file["CT_Intitule"], case.file["CT_EMail"]
    return (
        name != name.rstrip()
        and email != email.strip()
        and any(row["EC_Piece"].startswith(" ") for row in case.rows)
        and any(row["EC_Reference"].endswith(" ") for row in case.rows)
    )


def payer(case):
    paid = [
        row
        for row in case.base.tables["F_COMPTET"]
        if row["CT_NumPayeur"] == case.code and row["CT_Num"] != case.code
    ]
    return paid and case.overdue


def paid_by_other(case):
    return case.file["CT_NumPayeur"] != case.code and case.overdue


def no_email(case):
    return not case.file["CT_EMail"] and case.overdue


def no_address(case):
    return not case.file["CT_Ville"] and case.overdue


def no_email_no_address(case):
    return no_email(case) and no_address(case) and case.file["CT_Adresse"] is None


def several_emails(case):
    return case.file["CT_EMail"].count(";") == 2


def dormant(case):
    return case.file["CT_Sommeil"] == 1 and case.overdue


def no_reminder(case):
    return case.file["CT_NotRappel"] == 1 and case.overdue


def no_penalty(case):
    return case.file["CT_NotPenal"] == 1 and case.overdue


def blocked(case):
    return case.file["CT_ControlEnc"] == 2 and case.overdue


def insolvency(case):
    return case.file["CT_SvIncident"] == 1 and case.overdue


def risk_watch(case):
    return case.file["N_Risque"] == 2 and case.overdue


def no_entries(case):
    return not case.rows


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(base, name):
    assert globals()[name](Shown(base, name))


def test_every_case_is_somewhere(base):
    assert set(base.cases) == set(CASES)
    assert set(base.cases.values()) <= set(base.story.customers)
    assert set(SMALL) <= {profile.code for profile in SPECIALS}


def test_tiers_that_are_no_customers(base):
    kinds = {row["CT_Type"] for row in base.tables["F_COMPTET"]}
    assert kinds == {0, 1, 2}


def test_deposit_of_cheques():
    """One bank line for the cheques of several customers: a piece with many tiers."""
    base = generate(REFERENCE)
    pieces = {}
    for row in base.entries:
        if row["JO_Num"] == "BNQ":
            key = (row["JM_Date"], row["EC_Piece"])
            pieces.setdefault(key, set()).add(row["CT_Num"])
    assert sum(len(tiers - {None}) > 1 for tiers in pieces.values()) >= 5


def test_people_and_contacts(base):
    people = base.tables["F_COLLABORATEUR"]
    collectors = [row for row in people if row["CO_ChargeRecouvr"]]
    assert len(collectors) == 2
    assert collectors[0]["CO_EMail"].startswith("marie.lefevre@")
    assert sum(row["CO_Vendeur"] for row in people) == 3
    services = {
        row["cbIndice"]: row["S_Intitule"] for row in base.tables["P_SERVICECPTA"]
    }
    contacts = base.tables["F_CONTACTT"]
    accounting = [
        row for row in contacts if services[row["N_Service"]] == "Comptabilité"
    ]
    assert sum(bool(row["CT_EMail"]) for row in accounting) >= 8


def test_readme_lists_every_case():
    """The table of the README names each case beside the customer that shows it."""
    base = generate(REFERENCE)
    folder = Path(__file__).parent.parent / "demo" / "sage100"
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    for case, code in base.cases.items():
        assert any(f"`{case}`" in line and f"`{code}`" in line for line in lines), case
