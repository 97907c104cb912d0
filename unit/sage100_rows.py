"""Short ways to write rows of F_ECRITUREC as Sage 100 stores them, and what the pure functions make of them."""

import datetime as dt
from decimal import Decimal

from demo.sage100.living import simple_row
from lib.sage100.customer_plan import Context, plan_customers, settle
from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item
from lib.sage100.opening_entries import OPENINGS
from lib.sage100.records import Entry, Opening

YEARS = [(dt.datetime(year, 1, 1), dt.datetime(year, 12, 31)) for year in (2024, 2025, 2026)]
NONE, DETAIL, BALANCE, MANUAL, RESULT = range(5)


def row(number, day, amount, code="", **columns):
    """A row: day as "2026-03-14", amount debit positive; upper-case code lettered, lower-case one pre-lettered.

    A row of the bank has no due date; others are due 30 days later, unless told otherwise.
    """
    date = dt.datetime.fromisoformat(day)
    amount = Decimal(str(amount))
    due = dt.datetime(1753, 1, 1) if amount < 0 else date + dt.timedelta(days=30)
    piece = f"{'B' if amount < 0 else 'FA'}{number}"
    return simple_row(
        number,
        **{
            "JO_Num": "BNQ" if amount < 0 else "VTE",
            "JM_Date": date.replace(day=1),
            "EC_Jour": date.day,
            "EC_Piece": piece,
            "EC_RefPiece": "" if amount < 0 else piece,
            "EC_Sens": int(amount < 0),
            "EC_Montant": abs(amount),
            "EC_Echeance": due,
            "EC_Lettre": int(code.isupper()),
            "EC_Lettrage": code,
            **columns,
        },
    )


def copy(number, original, year, code="", **columns):
    """The copy in detail of a row in the opening of a year."""
    return original | {
        "EC_No": number,
        "cbMarq": number,
        "JO_Num": "AN",
        "JM_Date": dt.datetime(year, 1, 1),
        "EC_Jour": 1,
        "EC_ANType": DETAIL,
        "EC_Lettre": int(code.isupper()),
        "EC_Lettrage": code,
        **columns,
    }


def balance(number, year, amount, code="", **columns):
    """The opening of a year by balance: one line for an account of the customer."""
    values = {"EC_ANType": BALANCE, "EC_Echeance": dt.datetime(1753, 1, 1), "EC_Piece": "AN", "EC_RefPiece": ""}
    return row(number, f"{year}-01-01", amount, code, JO_Num="AN", **values | columns)


def entries_of(rows):
    """The entries of some rows; a refused one fails the test."""
    found = [Entry.from_row(values) for values in rows]
    assert all(isinstance(entry, Entry) for entry in found), found
    return found


def context_of(entries, years=YEARS, reports=None):
    """What the plan depends on besides the customer's entries."""
    exercises = Exercises.of([(start.date(), end.date()) for start, end in years])
    opened = {}
    for entry in sorted(entries, key=lambda entry: entry.ec_no):
        if entry.opening in OPENINGS:
            opened[exercises.start_of(entry.date)] = entry.ec_no
    balances = {entry.account: 1 for entry in entries if entry.opening == Opening.BALANCE}
    return Context(exercises, opened, {**(reports or {}), **balances})


def left_of(rows, years=YEARS, reports=None, *, allotted=False):
    """Return (EC_No of the line → what is left of it, anomalies, the plan)."""
    entries = entries_of(rows)
    plan = plan_customers(entries, context_of(entries, years, reports))
    kept = {entry.ec_no: entry for entry in entries if plan.openings.kept(entry.ec_no)}
    present = plan.openings.in_force(entries)
    items = {
        n: Item(n, entry.amount, entry.amount_currency, present.get(n, entry).due_date or entry.date)
        for n, entry in kept.items()
    }
    piles = {n: (e.customer, e.account, e.currency) for n, e in kept.items()} if allotted else None
    left = {number: entry.amount for number, entry in kept.items()}
    for settlement in settle(items, [group.lines for group in plan.matchings], piles):
        for share in settlement.shares:
            left[share.debit] -= share.amount
            left[share.credit] += share.amount
    return left, sorted(finding.anomaly.value for finding in plan.openings.findings), plan


def opened(rows, years=YEARS, reports=None, **options):
    """Return EC_No → what is left of it, for the lines of which something is left."""
    return {number: amount for number, amount in left_of(rows, years, reports, **options)[0].items() if amount}
