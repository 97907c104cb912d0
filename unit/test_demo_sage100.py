"""The demo Sage 100 base is sound: balanced, deterministic, true to its story."""

import datetime as dt
import doctest
import time
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from demo.sage100 import (
    dates,
    expected_balances,
    expected_open_items,
    expected_overdue,
    generate,
    generate_small,
    identifiers,
    ledger,
    names,
)
from demo.sage100.accounts import COLLECTIVES, FOLLOWED
from demo.sage100.identifiers import iban_valid, luhn_valid
from demo.sage100.schema import TABLES, create_statements

REFERENCES = [
    dt.date(2026, 11, 21),
    dt.date(2027, 1, 5),
    dt.date(2028, 2, 29),
    dt.date(2027, 1, 1),
    dt.date(2027, 6, 30),
    dt.date(2026, 12, 31),
]
MAKERS = {"full": generate, "small": generate_small}
BASES = [("full", reference) for reference in REFERENCES[:3]]
BASES += [("small", reference) for reference in REFERENCES]
_built = {}


def make(size, reference):
    """The base, built once a session."""
    if (size, reference) not in _built:
        _built[size, reference] = MAKERS[size](reference)
    return _built[size, reference]


@pytest.fixture(params=BASES, ids=lambda made: f"{made[0]}-{made[1]}")
def base(request):
    return make(*request.param)


@pytest.fixture(params=REFERENCES[:3], ids=str)
def full(request):
    return make("full", request.param)


def signed(row):
    return row["EC_Montant"] if row["EC_Sens"] == 0 else -row["EC_Montant"]


def accounting_date(row):
    return (row["JM_Date"] + dt.timedelta(days=row["EC_Jour"] - 1)).date()


def counted(base):
    """Entries that a reader keeps: no situation, centralisation or IFRS line."""
    return [
        row
        for row in base.entries
        if row["JO_Num"] != "SIT" and row["EC_CType"] == 0 and row["EC_Norme"] != 2
    ]


def test_pieces_balance(base):
    """(journal, period, piece) balances; opening entries balance by exercise."""
    totals = defaultdict(Decimal)
    for row in base.entries:
        piece = "" if row["EC_ANType"] else row["EC_Piece"]
        totals[row["JO_Num"], row["JM_Date"], piece] += signed(row)
    assert {key: total for key, total in totals.items() if total} == {}


@pytest.mark.parametrize("size", sorted(MAKERS))
def test_deterministic(size):
    base = make(size, REFERENCES[0])
    again = MAKERS[size](base.reference_date)
    assert again.tables == base.tables
    assert expected_open_items(again) == expected_open_items(base)


def test_another_seed_gives_another_base():
    reference = REFERENCES[0]
    other = generate(reference, seed="autre")
    assert other.entries != make("full", reference).entries


def test_fast():
    start = time.perf_counter()
    generate(REFERENCES[0])
    assert time.perf_counter() - start < 3


def test_volumes(full):
    customers = [row for row in full.tables["F_COMPTET"] if row["CT_Type"] == 0]
    assert len(customers) >= 80
    assert len(full.entries) >= 4000
    followed = [row for row in full.entries if row["CG_Num"] in FOLLOWED]
    assert 1600 <= len(followed) <= 2300
    assert {row["JM_Date"].year for row in full.entries} == {
        full.reference_date.year - back for back in (0, 1, 2)
    }


def test_fewer_customers():
    base = generate(REFERENCES[0], customers=60)
    assert len(base.story.customers) == 60
    with pytest.raises(ValueError, match="customers must lie"):
        generate(REFERENCES[0], customers=3)


def test_overdue_picture(full):
    """Enough customers to chase, of all ages, whatever the reference date."""
    assert 35 <= len(expected_overdue(full)) <= 45
    ages = [
        (full.reference_date - item.due).days
        for item in expected_open_items(full)
        if item.amount > 0 and item.due
    ]
    for first, last in ((1, 8), (9, 15), (16, 30), (31, 45), (46, 60), (61, 90)):
        assert sum(first <= age <= last for age in ages) >= 3, (first, last)
    assert sum(age > 90 for age in ages) >= 5
    soon = [
        item
        for item in expected_open_items(full)
        if item.due
        and item.amount > 1000
        and 0 <= (item.due - full.reference_date).days <= 8
    ]
    assert len(soon) >= 3


def test_nothing_after_the_reference_date(base):
    start = dt.date(base.reference_date.year - 2, 1, 1)
    for row in base.entries:
        assert start <= accounting_date(row) <= base.reference_date
        assert row["JM_Date"].day == 1
        assert row["EC_Date"].date() <= base.reference_date
        assert row["cbModification"].date() <= base.reference_date
        assert row["cbCreation"] <= row["cbModification"]


@pytest.mark.parametrize("size", sorted(MAKERS))
def test_columns_and_types(size):
    """Every row has the table's columns; values fit them and the code page."""
    base = make(size, REFERENCES[0])
    for columns in TABLES.values():
        assert all(
            column.accepts(column.default) or column.default is None
            for column in columns
        )
    assert set(base.tables) == set(TABLES)
    for table, columns in TABLES.items():
        for row in base.tables[table]:
            assert list(row) == [column.name for column in columns]
            for column in columns:
                value = row[column.name]
                if value is not None and value != column.default:
                    assert column.accepts(value), (table, column.name, value)
                    str(value).encode("cp1252")


def test_keys(base):
    def unique(table, *names):
        keys = [tuple(row[name] for name in names) for row in base.tables[table]]
        assert len(keys) == len(set(keys)), (table, names)

    for table in TABLES:
        if "cbMarq" in base.tables[table][0]:
            unique(table, "cbMarq")
    unique("F_ECRITUREC", "EC_No")
    unique("F_COMPTET", "CT_Num")
    unique("F_COMPTETG", "CT_Num", "CG_Num")
    unique("F_CONTACTT", "CT_No")
    unique("F_CONTACTT", "CT_Num", "CT_Nom", "CT_Prenom")
    unique("F_COLLABORATEUR", "CO_No")
    unique("F_JMOUV", "JO_Num", "JM_Date")
    unique("F_BANQUET", "CT_Num", "BT_Num")


def test_references_between_tables(base):
    tables = base.tables
    tiers = {row["CT_Num"] for row in tables["F_COMPTET"]}
    accounts = {row["CG_Num"]: row for row in tables["F_COMPTEG"]}
    journals = {row["JO_Num"] for row in tables["F_JOURNAUX"]}
    periods = {(row["JO_Num"], row["JM_Date"]) for row in tables["F_JMOUV"]}
    attached = {(row["CT_Num"], row["CG_Num"]) for row in tables["F_COMPTETG"]}
    people = {row["CO_No"] for row in tables["F_COLLABORATEUR"]} | {0}
    for row in base.entries:
        assert row["CG_Num"] in accounts
        assert row["JO_Num"] in journals
        assert (row["JO_Num"], row["JM_Date"]) in periods
        if row["CT_Num"]:
            assert (row["CT_Num"], row["CG_Num"]) in attached
            assert accounts[row["CG_Num"]]["CG_Tiers"] == 1
    for row in tables["F_COMPTET"]:
        assert row["CT_NumPayeur"] in tiers
        assert row["CO_No"] in people
    for table in ("F_CONTACTT", "F_BANQUET", "F_MANDAT", "F_REGLEMENTT"):
        assert {row["CT_Num"] for row in tables[table]} <= tiers


def test_identifiers(base):
    french = 0
    for row in base.tables["F_COMPTET"]:
        if row["CT_Siret"]:
            french += 1
            siren = row["CT_Siret"][:9]
            assert len(row["CT_Siret"]) == 14
            assert luhn_valid(siren) and luhn_valid(row["CT_Siret"])
            if row["CT_Identifiant"].startswith("FR"):
                key = (12 + 3 * (int(siren) % 97)) % 97
                assert row["CT_Identifiant"] == f"FR{key:02d}{siren}"
    assert french >= 10
    assert all(iban_valid(row["BT_IBAN"]) for row in base.tables["F_BANQUET"])


def test_no_real_domain(base):
    for rows in base.tables.values():
        for row in rows:
            for name, value in row.items():
                if isinstance(value, str) and ("EMail" in name or "Site" in name):
                    for part in filter(None, value.replace(" ", "").split(";")):
                        assert part.endswith(".example"), (name, value)


def test_opening_entries_follow_the_story(base):
    """The latest exercise, opening included, gives every customer's balance."""
    balances = defaultdict(Decimal)
    for row in counted(base):
        year = row["JM_Date"].year
        if (
            row["CG_Num"] in COLLECTIVES
            and row["CT_Num"]
            and year == base.reference_date.year
        ):
            balances[row["CT_Num"], row["CG_Num"]] += signed(row)
    expected = expected_balances(base)
    assert {key for key, total in balances.items() if total} <= set(expected)
    assert {key: balances[key] for key in expected} == expected


def test_movements_without_openings_give_the_same_balance(base):
    """The opening entries add nothing to what was invoiced and paid."""
    balances = defaultdict(Decimal)
    for row in counted(base):
        if (
            row["CG_Num"] in COLLECTIVES
            and row["CT_Num"]
            and row["EC_ANType"] in (0, 3)
        ):
            balances[row["CT_Num"], row["CG_Num"]] += signed(row)
    expected = expected_balances(base)
    assert {key: balances[key] for key in expected} == expected


def test_unlettered_rows_of_the_latest_exercise_are_the_open_items(base):
    """Accounts carried in detail: open rows and open items are the same, one by one."""
    detail = {code for code, account in COLLECTIVES.items() if account.report == 2}
    rows = {
        row["EC_No"]: signed(row)
        for row in counted(base)
        if row["CG_Num"] in detail
        and row["CT_Num"]
        and row["JM_Date"].year == base.reference_date.year
        and row["EC_Lettre"] == 0
    }
    items = expected_open_items(base)
    assert rows == {
        item.current_no: item.amount for item in items if item.cg_num in detail
    }
    for item in items:
        first = base.entries[item.first_no - 1]
        assert first["EC_No"] == item.first_no
        assert first["EC_ANType"] in (0, 3)
        assert (first["CT_Num"], first["CG_Num"]) == (item.ct_num, item.cg_num)
        assert signed(first) == item.amount
        assert first["EC_RefPiece"] == item.ref


def test_opening_balance_equals_its_originals(base):
    """Accounts carried by balance: one line a tiers, worth what was left open."""
    openings = [row for row in base.entries if row["EC_ANType"] == 2 and row["CT_Num"]]
    assert openings
    for opening in openings:
        before = [
            row
            for row in base.entries
            if (row["CT_Num"], row["CG_Num"]) == (opening["CT_Num"], opening["CG_Num"])
            and row["JM_Date"].year == opening["JM_Date"].year - 1
            and row["EC_Lettre"] == 0
        ]
        assert sum(map(signed, before)) == signed(opening)


def test_full_lettrages_balance(base):
    """Groups by account, tiers, exercise and code: a full one balances."""
    groups = defaultdict(list)
    for row in base.entries:
        if row["EC_Lettrage"]:
            scope = (row["CG_Num"], row["CT_Num"], row["JM_Date"].year)
            groups[scope, row["EC_Lettrage"]].append(row)
    for (_scope, code), rows in groups.items():
        full = {row["EC_Lettre"] for row in rows}
        assert full == {int(code.isupper())}
        assert len(rows) >= 2
        assert bool(sum(map(signed, rows))) is code.islower()
    letters = Counter(code for _scope, code in groups)
    assert letters["AAA"] > 10


def test_opening_copies_point_to_their_original(base):
    """A copy keeps what identifies the line; the original stays unlettered."""

    def identity(row):
        names = "CT_Num CG_Num EC_RefPiece EC_Piece EC_Echeance EC_Sens EC_Montant"
        return tuple(row[name] for name in names.split())

    originals = defaultdict(list)
    for row in base.entries:
        originals[row["JM_Date"].year, identity(row)].append(row)
    copies = [row for row in base.entries if row["EC_ANType"] == 1]
    assert copies
    for copy in copies:
        found = originals[copy["JM_Date"].year - 1, identity(copy)]
        assert any(row["EC_Lettre"] == 0 for row in found)


def test_ddl_names_every_table():
    statements = "\n".join(create_statements())
    for table in TABLES:
        assert f"CREATE TABLE dbo.{table} " in statements
    assert '"CATEGORISATION NIV 1" varchar(35)' in statements
    assert "EC_Montant numeric(24,6)" in statements


@pytest.mark.parametrize("module", [dates, identifiers, ledger, names])
def test_doctests(module):
    results = doctest.testmod(module)
    assert results.attempted and not results.failed
