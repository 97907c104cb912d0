"""Reminders and recovery files kept by Sage, from its rows: every generation, every empty value."""

import datetime as dt
from decimal import Decimal

import pytest

from lib.sage100.reader_reminders import Intervention, PastReminder, PastReminders, read_reminders

DAY = dt.datetime(2026, 11, 5)
NULL = dt.datetime(1753, 1, 1)


class Rows:
    """Rows of a base by table, as the reader gives them; an absent table has none."""

    def __init__(self, **tables):
        self.tables = tables

    def all(self, table, make):
        return [make(row) for row in self.tables.get(table, ())]


class Snapshot:
    reminders: PastReminders


def read(**tables):
    snapshot = Snapshot()
    read_reminders(Rows(**tables), snapshot)
    return snapshot.reminders


def test_recent_generation():
    row = {
        "CT_Num": "CARAT  ",
        "CR_Date": DAY,
        "CR_Impayes": Decimal("12.500000"),
        "CR_Penal": Decimal(0),
        "CR_Echeance": NULL,
        "CR_SoldeRelance": Decimal("936.500000"),
        "CR_RefRappel": "R261105 ",
    }
    assert PastReminder.from_row(row) == PastReminder(
        "CARAT", DAY.date(), Decimal("936.50"), Decimal("12.50"), Decimal("0.00"), "R261105"
    )


def test_older_generation_has_neither_balance_nor_reference():
    assert PastReminder.from_row({"CT_Num": "CARAT", "CR_Date": DAY}) == PastReminder("CARAT", DAY.date())


@pytest.mark.parametrize("row", [{"CT_Num": "", "CR_Date": DAY}, {"CT_Num": "CARAT", "CR_Date": NULL}])
def test_a_reminder_without_customer_or_day_is_none(row):
    assert PastReminder.from_row(row) is None
    assert read(F_COMPTETRAPPEL=[row]).reminders == []


def test_amount_columns_of_another_type_are_no_amount():
    row = {"CT_Num": "CARAT", "CR_Date": DAY, "CR_Impayes": dt.datetime(2026, 1, 1), "CR_Penal": "oui"}
    found = PastReminder.from_row(row)
    assert (found.unpaid, found.penalties) == (None, None)


def test_files_gather_their_entries_and_steps():
    found = read(
        F_DRECOUVREMENT=[
            {"DR_Num": "D1", "CT_Num": "CARAT", "DR_DateDebut": DAY, "DR_DateFin": NULL, "DR_Resume": "Huissier "},
            {"DR_Num": "D2", "CT_Num": "CARAT", "DR_DateDebut": DAY, "DR_DateFin": DAY},
            {"DR_Num": "", "CT_Num": "CARAT"},
        ],
        F_DRECOUVREMENTEC=[{"DR_Num": "D1", "EC_No": 12}, {"DR_Num": "D1 ", "EC_No": 13}, {"DR_Num": "D9", "EC_No": 1}],
        F_DRECOUVREMENTIV=[
            {"DR_Num": "D1", "IV_Date": DAY, "IV_Raison": "Courrier", "IV_DatePromesse": NULL},
            {"DR_Num": "D1", "IV_Date": None, "IV_Raison": "Appel", "IV_DatePromesse": DAY},
        ],
    )
    assert [(file.number, file.open) for file in found.files] == [("D1", True), ("D2", False)]
    assert [file.entries for file in found.files] == [(12, 13), ()]
    assert found.files[0].summary == "Huissier"
    assert found.files[0].interventions == (
        Intervention("D1", None, "Appel", "", DAY.date()),
        Intervention("D1", DAY.date(), "Courrier"),
    )


def test_a_base_without_these_tables_has_no_history():
    assert read() == PastReminders()
