"""Customers of Sage: payment terms in words, addresses, matching and renumbering, on plain records."""

import datetime as dt
from decimal import Decimal

import pytest

from lib.sage100.reader_tiers import read_countries, read_risks
from lib.sage100.records_tiers import Customer, Mandate, Risk, Solvency, Term
from lib.sage100.tiers_matching import (
    Candidate,
    Candidates,
    Policy,
    Tiers,
    Unknown,
    clean_siret,
    clean_vat,
    find_renumbered,
)
from lib.sage100.tiers_terms import Wording, describe
from lib.sage100.tiers_values import digest, has_word, same_value, split_emails

SIRET, SAME_FIRM, OTHER = "73282932000074", "73282932000082", "40483304800022"
VAT = "FR44732829320"
FRENCH = Wording(
    cash="comptant",
    net="%(days)s jours nets",
    calendar_month="%(days)s jours fin de mois civil",
    month="%(days)s jours fin de mois",
    end_of_month="fin de mois",
    falls="%(delay)s le %(days)s",
    percent="%(value)s %% : %(delay)s",
    amount="%(value)s : %(delay)s",
    balance="solde : %(delay)s",
    mode="%(delay)s (%(mode)s)",
    many="%(number)s échéances – %(parts)s",
)


class Table:
    """A reader of rows given beforehand."""

    def __init__(self, **tables):
        self.tables = tables

    def rows(self, table):
        yield self.tables.get(table, [])


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], ""),
        ([Term("C")], "comptant"),
        ([Term("C", days=45)], "45 jours nets"),
        ([Term("C", condition=2)], "fin de mois"),
        ([Term("C", condition=1, days=30)], "30 jours fin de mois civil"),
        ([Term("C", condition=2, days=30, falls=(10,))], "30 jours fin de mois le 10"),
        ([Term("C", mode=3, condition=2, days=30, falls=(10, 25))], "30 jours fin de mois le 10, 25 (LCR)"),
        (
            [Term("C", share=1, days=60), Term("C", share=0, value=Decimal("50.00"), days=30)],
            "2 échéances – 50 % : 30 jours nets; solde : 60 jours nets",
        ),
        (
            [Term("C", share=2, value=Decimal("150.50")), Term("C", mode=3, share=1, days=30)],
            "2 échéances – 150.5 : comptant; solde : 30 jours nets (LCR)",
        ),
    ],
)
def test_payment_terms_in_words(terms, expected):
    assert describe(terms, {3: "LCR"}, FRENCH) == expected


def test_row_of_payment_terms():
    row = {"CT_Num": "C1  ", "N_Reglement": 2, "RT_Condition": 2, "RT_NbJour": 30, "RT_JourTb01": 10, "RT_JourTb02": 0}
    term = Term.from_row({**row, "RT_TRepart": 0, "RT_VRepart": Decimal("30.000000")})
    assert (term.customer, term.mode, term.condition, term.days) == ("C1", 2, 2, 30)
    assert (term.falls, term.share, term.value) == ((10,), 0, Decimal(30))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, []),
        ("a@b.fr", ["a@b.fr"]),
        ("A@b.fr;c@d.fr", ["a@b.fr", "c@d.fr"]),
        ("a@b.fr ; c@d.fr, e@f.fr", ["a@b.fr", "c@d.fr", "e@f.fr"]),
        ("a@b.fr a@b.fr", ["a@b.fr"]),
        ("Paul <paul@b.fr>", ["paul@b.fr"]),
        ("voir avec Paul", []),
        ("paul@", []),
    ],
)
def test_addresses(field, expected):
    assert split_emails(field) == expected


@pytest.mark.parametrize(
    ("siret", "vat", "policy", "expected"),
    [
        (SIRET, "", Policy.BOTH, (1, "siret")),
        (SIRET, "", Policy.VAT, (0, "")),
        ("", VAT, Policy.BOTH, (1, "vat")),
        (SIRET, VAT, Policy.NEVER, (0, "")),
        ("732829320", "", Policy.BOTH, (0, "")),  # a SIREN is not an establishment
        (SAME_FIRM, VAT, Policy.BOTH, (0, "")),  # another establishment
        (SAME_FIRM, VAT, Policy.VAT, (0, "")),
        ("00000000000000", "EXONERE", Policy.BOTH, (0, "")),
    ],
)
def test_matching(siret, vat, policy, expected):
    known = Candidates([Candidate(1, SIRET, VAT), Candidate(2, OTHER)])
    decision = known.decide(Unknown("C", siret, vat), policy)
    assert (decision.partner, decision.by) == expected


def test_two_partners_with_the_number_are_a_doubt():
    known = Candidates([Candidate(1, SIRET), Candidate(2, SIRET)])
    assert known.decide(Unknown("C", SIRET)).rivals == (1, 2)


def test_one_partner_found_twice_is_one():
    known = Candidates([Candidate(1, SIRET, VAT), Candidate(1, "", VAT), Candidate(1, SIRET)])
    assert known.decide(Unknown("C", SIRET, VAT)).partner == 1


def test_a_partner_claimed_twice_is_for_neither():
    known = Candidates([Candidate(1, SIRET), Candidate(2, OTHER)])
    decisions = known.decide_all([Unknown("A", SIRET), Unknown("B", SIRET), Unknown("C", OTHER)])
    assert [decisions[number].partner for number in "ABC"] == [0, 0, 2]
    assert decisions["A"].rivals == (1,)


def test_numbers_that_designate_nobody():
    assert [clean_siret(value) for value in ("", None, "11111111111111", "7328293200007")] == ["", "", "", ""]
    assert [clean_vat(value) for value in ("", None, "FR", "NON COMMUNIQUE")] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("gone", "new", "expected"),
    [
        ([Tiers("OLD", 7, SIRET, "A")], [Tiers("NEW", 7, SIRET, "B")], {"OLD": "NEW"}),
        ([Tiers("OLD", 7, "", "Société É")], [Tiers("NEW", 7, "", "SOCIETE E")], {"OLD": "NEW"}),
        ([Tiers("OLD", 7, SIRET, "A")], [Tiers("NEW", 7, OTHER, "B")], {}),
        ([Tiers("OLD", 7, SIRET, "A")], [Tiers("NEW", 8, SIRET, "A")], {"OLD": "NEW"}),
        ([Tiers("OLD", 7, SIRET, "A")], [Tiers("NEW", 8, SIRET, "B")], {}),
        ([Tiers("OLD", 7, "", "A")], [Tiers("NEW", 8, "", "A")], {}),
        ([Tiers("OLD", 7, SIRET, "A")], [Tiers("N1", 8, SIRET, "A"), Tiers("N2", 9, SIRET, "A")], {}),
        ([Tiers("O1", 7, SIRET, "A"), Tiers("O2", 6, SIRET, "A")], [Tiers("NEW", 8, SIRET, "A")], {}),
        ([Tiers("OLD", 0, "", "A")], [Tiers("NEW", 0, "", "A")], {}),  # a base without cbMarq
        ([], [Tiers("NEW", 8, SIRET, "A")], {}),
    ],
)
def test_renumbering(gone, new, expected):
    assert find_renumbered(gone, new) == expected


def test_solvency_of_a_row():
    row = {
        "CT_Num": "C",
        "CT_Intitule": "X",
        "CT_Surveillance": 1,
        "CT_SvCA": Decimal("500000.000000"),
        "CT_SvDateIncid": dt.datetime(1753, 1, 1),
        "CT_SvDateMaj": dt.datetime(2026, 5, 6),
        "CT_SvPrivil": 2,
        "CT_SvCotation": "AA   ",
    }
    solvency = Customer.from_row(row).solvency
    assert solvency == Solvency(
        watched=True, turnover=Decimal(500000), liens=True, rating="AA", updated_on=dt.date(2026, 5, 6)
    )
    assert Customer.from_row({"CT_Num": "C", "CT_Intitule": "X"}).solvency == Solvency()


def test_mandate_of_a_row():
    row = {"MD_No": 3, "CT_Num": "C ", "MD_Reference": "RUM ", "MD_Date": dt.datetime(1753, 1, 1), "MD_Revoque": 1}
    assert Mandate.from_row(row) == Mandate("C", 3, "RUM", revoked=True)


def test_risks_and_countries_of_the_base():
    reader = Table(
        P_CRISQUE=[{"cbIndice": 1, "R_Intitule": "A livrer", "R_Type": 0}, {"cbIndice": 2, "R_Intitule": " "}],
        F_PAYS=[
            {"PA_Intitule": "ALLEMAGNE", "PA_Code": "DEU", "PA_CodeISO2": "de"},
            {"PA_Intitule": "ITALIE", "PA_Code": "IT"},
            {"PA_Intitule": "DIVERS", "PA_Code": "XXX", "PA_CodeISO2": ""},
        ],
    )
    assert read_risks(reader) == {1: Risk("A livrer", 0)}
    assert read_countries(reader) == {"ALLEMAGNE": "DE", "ITALIE": "IT"}


def test_words_of_a_service():
    assert has_word("Règlements clients", "compta, reglement")
    assert not has_word("Direction", "compta, ,")


def test_digest_tells_any_change():
    one = Customer.from_row({"CT_Num": "C", "CT_Intitule": "X"})
    other = Customer.from_row({"CT_Num": "C", "CT_Intitule": "X", "CT_SvCotation": "A"})
    assert digest(one) == digest(Customer.from_row({"CT_Num": "C", "CT_Intitule": "X  "}))
    assert digest(one) != digest(other)


def test_same_values_written_otherwise():
    assert same_value("phone", "0261911000", "+33 (0)2 61 91 10 00")
    assert same_value("email", "A@B.FR", "a@b.fr")
    assert not same_value("country_id", 75, False)
    assert not same_value("phone", "0261911000", "0261911001")
