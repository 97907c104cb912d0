"""The pure chain, from the demo's rows to open amounts, against what the demo's story says."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest

from demo.sage100 import expected_balances, expected_open_items, generate, generate_small
from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item, allocate, matchings
from lib.sage100.opening_entries import plan_openings
from lib.sage100.records import Company, Entry

PREFIXES = ("411", "413", "416", "419")
REFERENCES = (dt.date(2026, 11, 21), dt.date(2027, 1, 4))


def read(base):
    """The entries that the reader would give, and their fiscal years."""
    tables = base.tables
    customers = {row["CT_Num"] for row in tables["F_COMPTET"] if not row["CT_Type"]}
    simulated = {row["JO_Num"] for row in tables["F_JOURNAUX"] if row["JO_Type"] == 4}
    entries = [
        Entry.from_row(row)
        for row in tables["F_ECRITUREC"]
        if row["CG_Num"].startswith(PREFIXES)
        and row["CT_Num"] in customers
        and row["JO_Num"] not in simulated
        and row["EC_CType"] != 1
        and row["EC_Norme"] != 2
    ]
    company = Company.from_row(tables["P_DOSSIER"][0])
    return entries, Exercises.of(company.periods)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("make", [generate_small, generate])
def test_balances_and_open_items_are_those_of_the_story(make, reference):
    base = make(reference)
    entries, exercises = read(base)
    plan = plan_openings(entries, exercises)
    kept = {entry.ec_no: entry for entry in entries if plan.kept(entry.ec_no)}
    balances = defaultdict(Decimal)
    for entry in kept.values():
        balances[entry.customer, entry.account] += entry.amount
    expected = {key: amount for key, amount in expected_balances(base).items() if amount}
    assert {key: amount for key, amount in balances.items() if amount} == expected
    assert not plan.findings

    left = {number: entry.amount for number, entry in kept.items()}
    for group in matchings(entries, plan.roots, exercises, plan.current):
        members = [kept[number] for number in group.lines]
        items = [Item(e.ec_no, e.amount, e.amount, e.due_date or e.date) for e in members]
        for share in allocate(items):
            left[share.debit] -= share.amount
            left[share.credit] += share.amount
    items = expected_open_items(base)
    opened = {number for number, amount in left.items() if amount}
    assert {item.first_no for item in items if not item.prelettered} <= opened
    assert opened <= {item.first_no for item in items}
