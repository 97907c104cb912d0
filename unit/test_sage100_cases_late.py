"""Two open years: what is typed in the old one after the opening of the new one had been run.

Numbers of entries only grow: those beyond the opening entries are still to be carried. Nobody who has paid is chased
meanwhile, nothing that is owed disappears, and running the opening again changes no line.
"""

import pytest
from sage100_rows import balance, copy, left_of, row

D416 = {"CG_Num": "416000"}
INVOICE = row(1, "2025-11-03", 100)
DOUBTFUL = row(1, "2025-11-03", 100, **D416)

#: Rows → what is left of each line, anomalies, what Odoo's sum has more than Sage's own of the new year.
CASES = {
    "detail: a payment not lettered": (
        [INVOICE, copy(5, INVOICE, 2026), row(7, "2025-12-28", -100)],
        {1: 100, 7: -100},
        [],
        -100,
    ),
    "detail: an invoice of a customer who had none": (
        [row(7, "2025-12-30", 80), copy(5, row(3, "2025-11-03", 1, CT_Num="MARTIN"), 2026)],
        {5: 1, 7: 80},
        [],
        80,
    ),
    "detail: the opening run again has it": (
        [INVOICE, row(7, "2025-12-28", -100), copy(8, INVOICE, 2026), copy(9, row(7, "2025-12-28", -100), 2026)],
        {1: 100, 7: -100},
        [],
        0,
    ),
    "detail: a payment lettered with the original": (
        [row(1, "2025-11-03", 100, "AAA"), copy(5, INVOICE, 2026), row(7, "2025-12-28", -100, "AAA")],
        {1: 0, 7: 0},
        ["stale_opening"],
        -100,
    ),
    "detail: a payment lettered out of balance leaves the rest": (
        [row(1, "2025-11-03", 100, "AAA"), copy(5, INVOICE, 2026), row(7, "2025-12-28", -90, "AAA")],
        {1: 100, 7: -90},
        [],
        -90,
    ),
    "balance: an invoice": (
        [DOUBTFUL, balance(5, 2026, 100, **D416), row(7, "2025-12-30", 60, **D416)],
        {1: 100, 7: 60},
        [],
        60,
    ),
    "balance: a payment lettered with the original": (
        [row(1, "2025-11-03", 100, "AAA", **D416), row(2, "2025-12-01", 30, **D416)]
        + [balance(5, 2026, 130, **D416), row(7, "2025-12-28", -100, "AAA", **D416)],
        {1: 0, 2: 30, 7: 0},
        [],
        -100,
    ),
    "balance: all that it held is settled": (
        [row(1, "2025-11-03", 100, "AAA", **D416), balance(5, 2026, 100, **D416)]
        + [row(7, "2025-12-28", -100, "AAA", **D416)],
        {1: 0, 7: 0},
        [],
        -100,
    ),
    "balance: a nil one, of which the credit paid a late invoice": (
        [DOUBTFUL, row(2, "2025-12-01", -100, "AAA", **D416), row(7, "2025-12-30", 100, "AAA", **D416)]
        + [balance(5, 2026, 9, **D416, CT_Num="MARTIN")],
        {1: 100, 2: 0, 5: 9, 7: 0},
        [],
        100,
    ),
    "balance: the opening run again": (
        [DOUBTFUL, row(7, "2025-12-30", 60, **D416), balance(9, 2026, 160, **D416)],
        {1: 100, 7: 60},
        [],
        0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_late(name):
    rows, left, anomalies, more = CASES[name]
    found, told, plan = left_of(rows)
    assert (found, told) == (left, anomalies)
    new_year = sum((-1 if r["EC_Sens"] else 1) * r["EC_Montant"] for r in rows if r["JM_Date"].year == 2026)
    fates = plan.openings.fates
    amounts = {r["EC_No"]: (-1 if r["EC_Sens"] else 1) * r["EC_Montant"] for r in rows}
    corrections = sum(amounts[n] for n, fate in fates.items() if fate.value in ("late", "late_settled"))
    corrections -= sum(amounts[n] for n, fate in fates.items() if fate.value == "stale")
    assert corrections == more
    assert sum(found.values()) == new_year + corrections, "the control totals would differ"
