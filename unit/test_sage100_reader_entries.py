"""Rows of F_ECRITUREC made entries by position, whatever columns the base has."""

import datetime as dt
from decimal import Decimal

from lib.sage100.reader_entries import Fingerprint
from lib.sage100.records import Entry, EntryParser, Refusal

ROW = {
    "EC_No": 12,
    "JO_Num": "VTE ",
    "JM_Date": dt.datetime(2026, 3, 1),
    "EC_Jour": 14,
    "EC_Piece": "FA26001",
    "CG_Num": "411000",
    "CT_Num": "DUPONT   ",
    "EC_Intitule": "Facture\x00 Été ",
    "EC_Echeance": dt.datetime(1753, 1, 1),
    "EC_Sens": 1,
    "EC_Montant": Decimal("1200.555000"),
    "EC_Lettre": 2,
    "EC_Lettrage": "ab ",
    "cbModification": dt.datetime(2026, 3, 15, 10, 0, 0, 997000),
    "MONTANT LIBRE": Decimal("12.500000"),
    "DATE LIBRE": dt.datetime(2026, 3, 31),
}


def parse(**values):
    row = {**ROW, **values}
    return EntryParser(list(row), 2).parse(list(row.values()))


def test_values_are_the_fields_of_an_entry_in_their_order():
    entry = Entry(*parse())
    assert (entry.ec_no, entry.journal, entry.customer, entry.label) == (12, "VTE", "DUPONT", "Facture Été")
    assert (entry.date, entry.due_date) == (dt.date(2026, 3, 14), None)
    assert entry.amount == Decimal("-1200.56")  # rounded as Sage prints it: half up
    assert (entry.lettered, entry.lettering) == (True, "ab")  # any value but 0 is lettered; the case is kept
    assert entry.modified_at == dt.datetime(2026, 3, 15, 10)
    assert entry.free == ("12.5", "31/03/2026")


def test_columns_that_the_base_has_not_are_empty():
    entry = Entry(*parse())
    assert (entry.invoice, entry.opening, entry.currency, entry.reminded_on, entry.closed) == ("", 0, 0, None, False)


def test_a_free_field_named_like_a_column_does_not_replace_it():
    row = {**ROW, "EC_Rappel": 3}
    names, values = list(row), list(row.values())
    parser = EntryParser([*names[:-1], "EC_Rappel"], 3)
    assert Entry(*parser.parse(values)).reminders == 0


def test_rows_refused():
    assert parse(EC_No=0).reason is Refusal.NO_KEY
    assert parse(JM_Date=dt.datetime(1753, 1, 1)).reason is Refusal.NO_PERIOD
    assert parse(EC_Sens=2).reason is Refusal.BAD_SIDE
    refused = parse(CT_Num="  ")
    assert (refused.reason, refused.key) == (Refusal.NO_CUSTOMER, "12")
    assert "FA26001" in refused.detail
    assert "1200.56" in refused.detail


def test_a_side_left_empty_is_a_debit():
    assert Entry(*parse(EC_Sens=None)).amount == Decimal("1200.56")


def test_fingerprints_add_up():
    mark = Fingerprint(2, Decimal("10.00"), 1)
    mark.add(Fingerprint(1, Decimal("-4.00"), 1, 1))
    assert mark == Fingerprint(3, Decimal("6.00"), 2, 1)
