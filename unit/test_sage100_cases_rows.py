"""What is read of a base, row by row: padding, null dates, sides, currencies, tiers, generations, receivables or not.

The reader's own statements run on SQLite, which takes them as they are.
"""

import datetime as dt
import sqlite3
from decimal import Decimal

import pytest
from sage100_rows import row

from demo.sage100.living import LivingBase
from demo.sage100.living_books import number_of
from demo.sage100.living_history import History
from demo.sage100.living_oracle import receivables
from demo.sage100.schema import TABLES
from lib.sage100 import connection as odbc
from lib.sage100.errors import Failure, Sage100Error
from lib.sage100.reader import Reader
from lib.sage100.records import Entry, Refusal, Reject

PREFIXES = ["411", "413", "416"]
REQUIRED = (
    "EC_No JO_Num JM_Date EC_Jour EC_Piece CG_Num CT_Num EC_Intitule EC_Echeance EC_Sens EC_Montant EC_Lettre "
    "EC_Lettrage"
).split()
OLDEST = {
    "F_ECRITUREC": REQUIRED,
    "F_COMPTET": ["CT_Num", "CT_Intitule", "CT_Type"],
    "F_COMPTEG": ["CG_Num", "CG_Intitule"],
}


class Cursor:
    """A cursor of SQLite with the manners of pyodbc: parameters one by one, its own errors, dates as dates."""

    def __init__(self, cursor):
        self.cursor = cursor

    def execute(self, statement, *parameters):
        plain = [value.isoformat(" ") if isinstance(value, dt.datetime) else value for value in parameters]
        try:
            self.cursor.execute(statement, plain)
        except sqlite3.OperationalError as error:
            raise odbc.pyodbc.ProgrammingError("42S02", str(error)) from error
        return self

    def fetchmany(self, size):
        return self.cursor.fetchmany(size)

    def close(self):
        self.cursor.close()

    @property
    def description(self):
        return self.cursor.description


class Connection:
    """A SQLite base that holds some tables of Sage, the wanted columns only."""

    def __init__(self, tables, columns=None, name=str):
        self.base = sqlite3.connect(":memory:")
        self.base.execute("ATTACH ':memory:' AS dbo")
        for table, rows in tables.items():
            names = (columns or {}).get(table) or [column.name for column in TABLES[table]]
            quoted = ", ".join(f'"{name(column)}"' for column in names)
            self.base.execute(f"CREATE TABLE dbo.{table} ({quoted})")
            marks = ", ".join("?" * len(names))
            values = [[_plain(values[column]) for column in names] for values in rows]
            self.base.executemany(f"INSERT INTO dbo.{table} VALUES ({marks})", values)

    def cursor(self):
        return Cursor(self.base.cursor())


def _plain(value):
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value


def base_of(*rows):
    """The tables of a small base that holds these entries, of a customer DUPONT and of a supplier."""
    base = LivingBase(customers=1)
    base.tables["F_COMPTET"][0]["CT_Num"] = "DUPONT"
    base.tables["F_ECRITUREC"] = list(rows)
    return base.tables


def reader_of(tables, columns=None, name=str):
    """A reader of these tables."""
    return Reader(Connection(tables, columns, name), odbc.Settings("", "", 0, "", "", ""))


def read(*rows, columns=None, name=str):
    """What the reader gives of some rows: entries and rejects."""
    chunks = reader_of(base_of(*rows), columns, name).entries(PREFIXES, None)
    return [item for chunk in chunks for item in chunk]


def entry(**columns):
    """The entry made of a row of 100, some columns changed."""
    (found,) = read(row(1, "2026-03-14", 100, **columns))
    assert isinstance(found, Entry), found
    return found


# Values of an entry: columns of Sage → attributes of the record
VALUES = {
    "a debit": ({}, {"amount": Decimal("100.00")}),
    "a credit": ({"EC_Sens": 1}, {"amount": Decimal("-100.00")}),
    "a negative debit": ({"EC_Montant": Decimal("-100.000000")}, {"amount": Decimal("-100.00")}),
    "a negative credit": ({"EC_Sens": 1, "EC_Montant": Decimal(-100)}, {"amount": Decimal("100.00")}),
    "six decimals, rounded half up": ({"EC_Montant": Decimal("84700.555000")}, {"amount": Decimal("84700.56")}),
    "a billion to the cent": ({"EC_Montant": Decimal("1234567890.120000")}, {"amount": Decimal("1234567890.12")}),
    "no currency": ({}, {"currency": 0, "amount_currency": 0}),
    "dollars, debit": (
        {"N_Devise": 2, "EC_Devise": Decimal("125.000000"), "EC_Parite": Decimal("1.25")},
        {"currency": 2, "amount_currency": Decimal("125.00"), "amount": Decimal("100.00")},
    ),
    "dollars, credit": (
        {"N_Devise": 2, "EC_Devise": Decimal(125), "EC_Sens": 1},
        {"currency": 2, "amount_currency": Decimal("-125.00")},
    ),
    "the accounting date, not that of typing": ({"EC_Date": dt.datetime(2026, 4, 2)}, {"date": dt.date(2026, 3, 14)}),
    "a day that the month does not have": (
        {"EC_Jour": 31, "JM_Date": dt.datetime(2026, 2, 1)},
        {"date": dt.date(2026, 2, 28)},
    ),
    "no day": ({"EC_Jour": None}, {"date": dt.date(2026, 3, 1)}),
    "a due date": ({"EC_Echeance": dt.datetime(2026, 5, 31)}, {"due_date": dt.date(2026, 5, 31)}),
    "no due date: 1753": ({"EC_Echeance": dt.datetime(1753, 1, 1)}, {"due_date": None}),
    "no due date: 1900": ({"EC_Echeance": dt.datetime(1900, 1, 1)}, {"due_date": None}),
    "no due date: 1901-01-01": ({"EC_Echeance": dt.datetime(1901, 1, 1)}, {"due_date": None}),
    "no due date: NULL": ({"EC_Echeance": None}, {"due_date": None}),
    "padded texts": (
        {
            "CT_Num": "DUPONT     ",
            "EC_Piece": "       12",
            "EC_RefPiece": "FA12 ",
            "EC_Lettrage": "AA ",
            "EC_Lettre": 1,
        },
        {"customer": "DUPONT", "piece": "12", "invoice": "FA12", "lettering": "AA", "lettered": True},
    ),
    "no text": (
        {"EC_Piece": None, "EC_RefPiece": None, "EC_Reference": None, "EC_Intitule": None, "EC_Lettrage": None},
        {"piece": "", "invoice": "", "reference": "", "label": "", "lettering": "", "document": ""},
    ),
    "accents and signs of cp1252": ({"EC_Intitule": "Œuvre à 12 € – l’été"}, {"label": "Œuvre à 12 € – l’été"}),
    "flags left empty": (
        {"EC_Lettre": None, "EC_Cloture": None, "EC_ANType": None, "EC_Rappel": None, "N_Reglement": None},
        {"lettered": False, "closed": False, "opening": 0, "reminders": 0, "payment_mode": 0},
    ),
    "any EC_Lettre but 0 is lettered": ({"EC_Lettre": 2, "EC_Lettrage": "AAA"}, {"lettered": True}),
    "reminders of Sage": (
        {"EC_Rappel": 2, "EC_DateRelance": dt.datetime(2026, 4, 20)},
        {"reminders": 2, "reminded_on": dt.date(2026, 4, 20)},
    ),
    "the invoice number is the document": ({"EC_RefPiece": "FA9"}, {"document": "FA9"}),
    "without it, the piece is": ({"EC_RefPiece": "", "EC_Piece": "77"}, {"document": "77"}),
    "a doubtful debt": ({"CG_Num": "416000"}, {"account": "416000"}),
    "an opening entry": ({"EC_ANType": 2}, {"opening": 2}),
    "a draft and a closed entry count alike": ({"EC_Cloture": 1}, {"closed": True, "amount": Decimal("100.00")}),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_of_an_entry(name):
    columns, expected = VALUES[name]
    found = entry(**columns)
    assert {attribute: getattr(found, attribute) for attribute in expected} == expected


# What is no receivable
OTHERS = {
    "an account that is not followed": {"CG_Num": "419100"},
    "an account of suppliers": {"CG_Num": "401000"},
    "a situation journal": {"JO_Num": "SIT"},
    "IFRS only": {"EC_Norme": 2},
    "a centralisation": {"EC_CType": 1},
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_receivable_is_not_read(name):
    assert not read(row(1, "2026-03-14", 100, **OTHERS[name]))


@pytest.mark.parametrize("columns", [{"EC_Norme": None}, {"EC_Norme": 1}, {"EC_CType": None}, {"EC_CType": 0}])
def test_national_and_ordinary_entries_are_read(columns):
    assert len(read(row(1, "2026-03-14", 100, **columns))) == 1


# What cannot be used
REFUSED = {
    Refusal.NO_CUSTOMER: {"CT_Num": None},
    Refusal.NO_PERIOD: {"JM_Date": dt.datetime(1753, 1, 1)},
    Refusal.BAD_SIDE: {"EC_Sens": 3},
    Refusal.NO_KEY: {"EC_No": 0},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_used_is_told(reason):
    found = [item for item in map(Entry.from_row, [row(1, "2026-03-14", 100, EC_Piece="12", **REFUSED[reason])])]
    assert isinstance(found[0], Reject) and found[0].reason is reason and "12" in found[0].detail


# Several tables


def test_posted_on_the_payer_or_not_the_entry_is_its_own_customers():
    """CT_NumPayeur groups customers; it never moves an entry."""
    tables = base_of(row(1, "2026-03-14", 100))
    tables["F_COMPTET"][0]["CT_NumPayeur"] = "SIEGE"
    customers = reader_of(tables).customers()
    assert customers["DUPONT"].payer == "SIEGE"
    (found,) = [item for chunk in reader_of(tables).entries(PREFIXES, None) for item in chunk]
    assert found.customer == "DUPONT"


def test_suppliers_and_employees_are_no_customers():
    tables = base_of()
    for rank, kind in enumerate((1, 2, 3)):
        tables["F_COMPTET"].append(
            tables["F_COMPTET"][0] | {"CT_Num": f"T{kind}", "CT_Type": kind, "cbMarq": 90 + rank}
        )
    assert list(reader_of(tables).customers()) == ["DUPONT"]


def test_totals_of_a_customer_on_several_collectives():
    rows = [row(1, "2026-03-14", 100), row(2, "2026-03-15", -30), row(3, "2026-03-15", 7, CG_Num="416000")]
    totals = reader_of(base_of(*rows, row(4, "2026-03-16", 50, CG_Num="419100"))).totals(PREFIXES, None)
    assert totals == {("DUPONT", "411000"): Decimal("70.00"), ("DUPONT", "416000"): Decimal("7.00")}


@pytest.mark.parametrize("name", [str, str.lower, str.upper])
def test_names_of_columns_in_any_case(name):
    moment = dt.datetime(2026, 3, 15, 10, 12)
    (found,) = read(row(1, "2026-03-14", 100, cbModification=moment), name=name)
    assert found.amount == 100 and found.modified_at == moment


def test_a_base_with_the_required_columns_only():
    """The oldest generation: what is missing is empty, and amounts are right all the same."""
    (found,) = read(row(1, "2026-03-14", 100, EC_RefPiece="FA1"), columns=OLDEST)
    assert found.amount == 100 and found.customer == "DUPONT"
    assert (found.invoice, found.currency, found.opening, found.modified_at) == ("", 0, 0, None)
    reader = reader_of(base_of(row(1, "2026-03-14", 100)), OLDEST)
    assert reader.totals(PREFIXES, None) == {("DUPONT", "411000"): Decimal("100.00")}
    assert reader.last_opening(PREFIXES) is None
    assert list(reader.customers()) == ["DUPONT"]


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_required_column_is_named(missing):
    columns = {"F_ECRITUREC": [name for name in REQUIRED if name != missing]}
    with pytest.raises(Sage100Error) as caught:
        read(row(1, "2026-03-14", 100), columns=columns)
    assert caught.value.code is Failure.MISSING_COLUMN and missing in str(caught.value.subject)


@pytest.mark.parametrize("seed", range(8))
def test_a_living_base_is_read_as_it_is(seed):
    """Chunks of any size, and only the receivables: suppliers apart, whom the mirror leaves out."""
    history = History(seed)
    for _step in range(60):
        history.step()
    wanted = {number_of(values) for values in receivables(history.base)}
    reader = reader_of(history.base.tables)
    customers = reader.customers()
    for size in (3, 1000):
        chunks = list(reader.entries(PREFIXES, None, size=size))
        found = [item for chunk in chunks for item in chunk if isinstance(item, Entry) and item.customer in customers]
        assert {item.ec_no for item in found} == wanted
        assert [item.ec_no for item in found] == sorted(item.ec_no for item in found)
    last = sorted(wanted)[len(wanted) // 2]
    after = [item for chunk in reader.entries(PREFIXES, None, last) for item in chunk if isinstance(item, Entry)]
    assert {item.ec_no for item in after if item.customer in customers} == {n for n in wanted if n > last}
