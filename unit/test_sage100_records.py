"""From the rows that drivers give to neutral records."""

import datetime as dt
from decimal import Decimal

import pytest

from lib.sage100.exercises import Exercises
from lib.sage100.records import Company, Entry, Refusal, Reject
from lib.sage100.records_tiers import Contact, Customer
from lib.sage100.values import accounting_date, date, money

NULL_DATE = dt.datetime(1753, 1, 1)


def row(**values):
    return {
        "EC_No": 12,
        "JO_Num": "VTE ",
        "JM_Date": dt.datetime(2026, 3, 1),
        "EC_Jour": 14,
        "EC_Piece": "FA26001",
        "CG_Num": "411000",
        "CT_Num": "DUPONT   ",
        "EC_Intitule": "Facture Été",
        "EC_Echeance": dt.datetime(2026, 4, 30),
        "EC_Sens": 0,
        "EC_Montant": Decimal("1200.550000"),
        "EC_Lettre": 0,
        "EC_Lettrage": "",
        **values,
    }


def test_padding_dates_and_signs():
    entry = Entry.from_row(row())
    assert (entry.journal, entry.customer) == ("VTE", "DUPONT")
    assert entry.date == dt.date(2026, 3, 14)  # JM_Date + EC_Jour - 1, not EC_Date
    assert entry.amount == Decimal("1200.55")
    assert Entry.from_row(row(EC_Sens=1)).amount == Decimal("-1200.55")


def test_negative_entry_on_the_debit_side():
    """Files that allow negative amounts: a credit note typed as a negative debit."""
    assert Entry.from_row(row(EC_Montant=Decimal("-80"))).amount == Decimal("-80.00")


@pytest.mark.parametrize("null", [None, NULL_DATE, dt.datetime(1900, 1, 1)])
def test_null_dates(null):
    assert Entry.from_row(row(EC_Echeance=null)).due_date is None
    assert date(null) is None


def test_currency_amount_bears_the_sign_of_the_side():
    entry = Entry.from_row(row(EC_Sens=1, N_Devise=2, EC_Devise=Decimal("99.5")))
    assert (entry.currency, entry.amount_currency) == (2, Decimal("-99.50"))


def test_older_columns_sets_lack_optional_columns():
    entry = Entry.from_row(row())
    assert (entry.invoice, entry.opening, entry.reminders) == ("", 0, 0)
    assert entry.document == "FA26001"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"EC_No": None}, Refusal.NO_KEY),
        ({"JM_Date": NULL_DATE}, Refusal.NO_PERIOD),
        ({"EC_Sens": 4}, Refusal.BAD_SIDE),
        ({"CT_Num": None}, Refusal.NO_CUSTOMER),
        ({"CT_Num": "   "}, Refusal.NO_CUSTOMER),
    ],
)
def test_unusable_rows_are_refused_with_a_reason(values, refusal):
    found = Entry.from_row(row(**values))
    assert isinstance(found, Reject) and found.reason is refusal


def test_day_outside_of_the_month_stays_in_it():
    assert accounting_date(dt.date(2026, 2, 1), 31) == dt.date(2026, 2, 28)


def test_floats_of_some_drivers_round_to_the_cent():
    assert money(84700.55) == Decimal("84700.55")


def test_customer_without_payer_of_its_own():
    values = {"CT_Num": "DUPONT", "CT_Intitule": "Dupont SARL", "CT_Type": 0}
    assert Customer.from_row({**values, "CT_NumPayeur": "DUPONT "}).payer == ""
    assert Customer.from_row({**values, "CT_NumPayeur": "SIEGE"}).payer == "SIEGE"


def test_contact_of_an_old_base_is_keyed_by_name():
    contact = Contact.from_row({"CT_Num": "D", "CT_Nom": "Martin", "CT_Prenom": "Léa"})
    assert (contact.key, contact.name) == ("D/Léa Martin", "Léa Martin")


def test_company_keeps_its_known_years_in_order():
    company = Company.from_row(
        {
            "D_RaisonSoc": "X",
            "D_DebutExo01": dt.datetime(2026, 1, 1),
            "D_FinExo01": dt.datetime(2026, 12, 31),
            "D_DebutExo02": dt.datetime(2025, 1, 1),
            "D_FinExo02": dt.datetime(2025, 12, 31),
            "D_DebutExo03": NULL_DATE,
        }
    )
    assert [start.year for start, _end in company.periods] == [2025, 2026]


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (dt.date(2024, 7, 1), dt.date(2024, 1, 1)),  # before the known years
        (dt.date(2025, 6, 30), dt.date(2025, 1, 1)),
        (dt.date(2026, 12, 31), dt.date(2026, 1, 1)),
        (dt.date(2027, 3, 31), dt.date(2026, 1, 1)),  # fifteen months long
        (dt.date(2028, 2, 1), dt.date(2028, 1, 1)),  # after the known years
    ],
)
def test_years_shorter_longer_or_unknown(day, start):
    exercises = Exercises.of(
        [
            (dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
            (dt.date(2026, 1, 1), dt.date(2027, 3, 31)),
        ]
    )
    assert exercises.start_of(day) == start
