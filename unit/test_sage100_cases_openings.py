"""Opening entries and lettering, case by case, on rows as Sage 100 stores them: what is left of each line."""

import datetime as dt
from decimal import Decimal

import pytest
from sage100_rows import MANUAL, RESULT, YEARS, balance, copy, entries_of, left_of, opened, row

FA1 = row(1, "2025-11-03", 100)
FA2 = row(2, "2025-12-10", 60)
PAID1 = row(3, "2026-02-01", -100, "AAA")
OLD = row(1, "2024-05-02", 100)
D416 = {"CG_Num": "416000"}
MARTIN = {"CT_Num": "MARTIN"}
SECOND = {"EC_Piece": "FA1", "EC_RefPiece": "FA1", "EC_Echeance": dt.datetime(2026, 1, 31)}

# name: rows, EC_No → what is left (0 for what is settled or history), anomalies
CASES = {
    # Opening in detail
    "the copy is another name of its original": (
        [FA1, copy(9, FA1, 2026)],
        {1: 100},
        [],
    ),
    "the payment is lettered with the copy": (
        [FA1, copy(9, FA1, 2026, "AAA"), PAID1],
        {1: 0, 3: 0},
        [],
    ),
    "copied twice, lettered with the copy of the copy": (
        [OLD, copy(8, OLD, 2025), copy(9, OLD, 2026, "AAA"), PAID1],
        {1: 0, 3: 0},
        [],
    ),
    "part of the copy is paid": (
        [FA1, copy(9, FA1, 2026, "aaa"), row(3, "2026-02-01", -30, "aaa")],
        {1: 70, 3: 0},
        [],
    ),
    "an unlettered credit is carried on too": (
        [FA1, row(2, "2025-12-01", -40), copy(8, FA1, 2026), copy(9, row(2, "2025-12-01", -40), 2026)],
        {1: 100, 2: -40},
        [],
    ),
    "settled in the old year: not copied, history": (
        [row(1, "2025-11-03", 100, "AAA"), row(2, "2025-12-01", -100, "AAA"), FA2 | {"EC_No": 5}]
        + [copy(9, FA2 | {"EC_No": 5}, 2026)],
        {1: 0, 2: 0, 5: 60},
        [],
    ),
    "pre-lettered in the old year, copied without its code": (
        [row(1, "2025-11-03", 100, "aaa"), row(2, "2025-12-01", -30, "aaa")]
        + [copy(8, FA1, 2026), copy(9, row(2, "2025-12-01", -30), 2026)],
        {1: 100, 2: -30},
        [],
    ),
    "pre-lettered in the old year, copied with its code": (
        [row(1, "2025-11-03", 100, "aaa"), row(2, "2025-12-01", -30, "aaa")]
        + [copy(8, FA1, 2026, "aaa"), copy(9, row(2, "2025-12-01", -30), 2026, "aaa")],
        {1: 70, 2: 0},
        [],
    ),
    "entries of the new year live beside the copies": (
        [FA1, copy(9, FA1, 2026), row(4, "2026-01-15", 20)],
        {1: 100, 4: 20},
        [],
    ),
    "settled in the old year after the opening: not to be chased": (
        [row(1, "2025-11-03", 100, "AAA"), row(3, "2025-12-31", -100, "AAA"), copy(2, FA1, 2026)],
        {1: 0, 3: 0},
        ["stale_opening"],
    ),
    "the same, and the opening of a later year copied the copy": (
        [row(1, "2024-05-02", 100, "AAA"), row(4, "2024-12-31", -100, "AAA"), copy(2, OLD, 2025), copy(3, OLD, 2026)],
        {1: 0, 4: 0},
        ["stale_opening", "stale_opening"],
    ),
    "the same, with pieces of the opening numbered anew": (
        [row(1, "2025-11-03", 100, "AAA"), row(3, "2025-12-31", -100, "AAA"), copy(2, FA1, 2026, EC_Piece="AN1")],
        {1: 0, 3: 0},
        ["stale_opening"],
    ),
    "money received is never taken for other money, settled, of the same amount": (
        [row(1, "2025-11-03", 100, "AAA"), row(3, "2025-12-31", -100, "AAA", EC_RefPiece="FA1")]
        + [copy(2, row(8, "2025-12-31", -100, EC_RefPiece="FA1"), 2026, EC_Piece="AN1")],
        {1: 0, 2: -100, 3: 0},
        [],
    ),
    "the due date is put off on the copy": (
        [FA1, copy(9, FA1, 2026, EC_Echeance=dt.datetime(2026, 4, 30))],
        {1: 100},
        [],
    ),
    "the due date of one of two equal instalments is put off": (
        [FA1, row(2, "2025-11-03", 100, **SECOND), copy(8, FA1, 2026)]
        + [copy(9, row(2, "2025-11-03", 100, **SECOND), 2026, EC_Echeance=dt.datetime(2026, 4, 30))],
        {1: 100, 2: 100},
        [],
    ),
    # Opening by balance
    "the balance stands for the open originals": (
        [row(1, "2025-11-03", 100, **D416), row(2, "2025-12-10", 60, **D416), balance(9, 2026, 160, **D416)],
        {1: 100, 2: 60},
        [],
    ),
    "a payment lettered with the balance": (
        [row(1, "2025-11-03", 100, **D416), row(2, "2025-12-10", 60, **D416)]
        + [balance(9, 2026, 160, "AAA", **D416), row(3, "2026-02-01", -160, "AAA", **D416)],
        {1: 0, 2: 0, 3: 0},
        [],
    ),
    "a part payment of the balance goes to the oldest due date": (
        [row(1, "2025-11-03", 100, **D416), row(2, "2025-10-10", 60, **D416)]
        + [balance(9, 2026, 160, "aaa", **D416), row(3, "2026-02-01", -80, "aaa", **D416)],
        {1: 80, 2: 0, 3: 0},
        [],
    ),
    "a balance in credit": (
        [row(1, "2025-11-03", -100, **D416), row(2, "2025-12-10", 60, **D416), balance(9, 2026, -40, **D416)],
        {1: -100, 2: 60},
        [],
    ),
    "a nil balance has no opening line": (
        [row(1, "2025-11-03", 100, **D416), row(2, "2025-12-10", -100, **D416), balance(9, 2026, 5, **D416 | MARTIN)],
        {1: 100, 2: -100, 9: 5},
        [],
    ),
    "in detail one year, by balance the next": (
        [OLD, copy(8, OLD, 2025), row(2, "2025-12-10", 60), balance(9, 2026, 160)],
        {1: 100, 2: 60},
        [],
    ),
    "by balance one year, in detail the next": (
        [OLD, balance(8, 2025, 100), copy(9, balance(8, 2025, 100), 2026)],
        {1: 100},
        [],
    ),
    # Opening typed by hand
    "typed by hand in the first year": (
        [row(1, "2024-01-01", 100, EC_ANType=MANUAL), row(2, "2024-03-01", 20)],
        {1: 100, 2: 20},
        [],
    ),
    "typed by hand as copies": ([FA1, copy(9, FA1, 2026, EC_ANType=MANUAL)], {1: 100}, []),
    "typed by hand as one balance": (
        [FA1, FA2, balance(9, 2026, 160, EC_ANType=MANUAL)],
        {1: 100, 2: 60},
        [],
    ),
    "the result of the year is no opening entry of a customer": (
        [FA1, row(9, "2026-01-01", 5, EC_ANType=RESULT)],
        {1: 100, 9: 5},
        [],
    ),
    # No opening
    "first year: no opening entry": ([row(1, "2026-02-01", 100), row(2, "2026-02-05", -30)], {1: 100, 2: -30}, []),
    "the opening of the new year is not run yet": ([FA1, row(4, "2026-01-15", 20)], {1: 100, 4: 20}, []),
    "two open years, the second one opened": (
        [OLD, copy(8, OLD, 2025), row(2, "2025-12-10", 60), row(4, "2026-01-15", 20)],
        {1: 100, 2: 60, 4: 20},
        [],
    ),
    "in an old year, and the opening left it out": (
        [FA1, FA2, copy(9, FA1, 2026)],
        {1: 100},
        ["not_carried"],
    ),
    # Scope of a code
    "the same code in two years": (
        [row(1, "2024-05-02", 10, "AAA"), row(2, "2024-06-02", -10, "AAA")]
        + [row(3, "2025-05-02", 70, "AAA"), row(4, "2025-06-02", -70, "AAA")],
        {1: 0, 2: 0, 3: 0, 4: 0},
        [],
    ),
    "the same code in two years, one of them out of balance alone": (
        [row(1, "2025-05-02", 10, "AAA"), row(2, "2026-06-02", -10, "AAA")],
        {1: 10, 2: -10},
        [],
    ),
    "the same code on two accounts": (
        [row(1, "2026-05-02", 10, "AAA"), row(2, "2026-06-02", -10, "AAA", CG_Num="411100")],
        {1: 10, 2: -10},
        [],
    ),
    "the same code of two customers": (
        [row(1, "2026-05-02", 10, "AAA"), row(2, "2026-06-02", -10, "AAA", **MARTIN)],
        {1: 10, 2: -10},
        [],
    ),
    "the same letters in capitals and small": (
        [row(1, "2026-05-02", 10, "AAA"), row(2, "2026-06-02", -10, "AAA")]
        + [row(3, "2026-05-02", 50, "aaa"), row(4, "2026-06-02", -20, "aaa")],
        {1: 0, 2: 0, 3: 30, 4: 0},
        [],
    ),
    # Lettering
    "a full matching": ([row(1, "2026-05-02", 10, "A"), row(2, "2026-06-02", -10, "A")], {1: 0, 2: 0}, []),
    "undone: open again": ([row(1, "2026-05-02", 10), row(2, "2026-06-02", -10)], {1: 10, 2: -10}, []),
    "a tolerance difference is one more line of the group": (
        [row(1, "2026-05-02", "100.36", "A"), row(2, "2026-06-02", -100, "A"), row(3, "2026-06-02", "-0.36", "A")],
        {1: 0, 2: 0, 3: 0},
        [],
    ),
    "several due dates of one invoice, one paid": (
        [row(n, "2026-05-02", 100, code, EC_Piece="F1", EC_RefPiece="F1") for n, code in ((1, "A"), (2, ""), (3, ""))]
        + [row(4, "2026-06-02", -100, "A")],
        {1: 0, 2: 100, 3: 100, 4: 0},
        [],
    ),
    "part-paid with several due dates: the oldest first": (
        [row(1, "2026-05-02", 100, "a", EC_Echeance=dt.datetime(2026, 7, 31))]
        + [row(2, "2026-05-02", 100, "a", EC_Echeance=dt.datetime(2026, 6, 30)), row(3, "2026-06-02", -130, "a")],
        {1: 70, 2: 0, 3: 0},
        [],
    ),
    "part-paid, a line without due date counts from its own date": (
        [
            row(1, "2026-05-02", 100, "a", EC_Echeance=None),
            row(2, "2026-05-01", 100, "a"),
            row(3, "2026-06-02", -130, "a"),
        ],
        {1: 0, 2: 70, 3: 0},
        [],
    ),
    "paid too much": ([row(1, "2026-05-02", 100, "a"), row(2, "2026-06-02", -130, "a")], {1: 0, 2: -30}, []),
    "small letters in balance settle too": (
        [row(1, "2026-05-02", 100, "a"), row(2, "2026-06-02", -100, "a")],
        {1: 0, 2: 0},
        [],
    ),
    "capitals out of balance: what is left stays open": (
        [row(1, "2026-05-02", 100, "A"), row(2, "2026-06-02", -90, "A")],
        {1: 10, 2: 0},
        [],
    ),
    "a negative entry settles a positive one of the same side": (
        [row(1, "2026-05-02", 100, "A"), row(2, "2026-05-03", 0, "A", EC_Montant=Decimal(-100))],
        {1: 0, 2: 0},
        [],
    ),
    "a code left alone settles nothing": ([row(1, "2026-05-02", 100, "A")], {1: 100}, []),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left(name):
    rows, expected, anomalies = CASES[name]
    for order in (rows, rows[::-1]):
        left, found, _plan = left_of(order)
        assert left == {number: Decimal(amount) for number, amount in expected.items()}
        assert anomalies is None or found == anomalies


@pytest.mark.parametrize("name", CASES)
def test_allotment_keeps_the_balance_of_each_account(name):
    rows = CASES[name][0]
    keys = {values["EC_No"]: (values["CT_Num"], values["CG_Num"]) for values in rows}
    sums = []
    for allotted in (False, True):
        found = {}
        for number, amount in left_of(rows, allotted=allotted)[0].items():
            found[keys[number]] = found.get(keys[number], 0) + amount
        sums.append(found)
    assert sums[0] == sums[1]


def test_copies_made_anew_stand_for_the_same_lines():
    """The opening is run again: other numbers, same lines, and what was lettered stays so."""
    for first in (9, 90):
        rows = [FA1, FA2, copy(first, FA1, 2026, "AAA"), copy(first + 1, FA2, 2026), PAID1]
        left, anomalies, plan = left_of(rows)
        assert left == {1: 0, 2: 60, 3: 0} and not anomalies
        assert plan.openings.current == {1: first, 2: first + 1}


def test_a_balance_made_anew_after_a_late_entry():
    """By balance: an invoice typed in the old year after the opening, which is then run again."""
    before = [row(1, "2025-11-03", 100, **D416), balance(8, 2026, 100, **D416)]
    late = row(2, "2025-12-20", 60, **D416)
    assert opened(before) == {1: 100}
    assert opened([before[0], late, balance(9, 2026, 160, **D416)]) == {1: 100, 2: 60}


def test_a_stale_copy_counts_as_long_as_sage_counts_it():
    """Sage's sums are those of the latest opened year: what they hold too much is told of that year alone."""
    rows = [row(1, "2024-05-02", 100, "AAA"), row(4, "2024-12-31", -100, "AAA"), copy(2, OLD, 2025)]
    key = ("DUPONT", "411000")
    assert left_of(rows)[2].openings.stale == {key: 100}
    assert left_of([*rows, copy(3, OLD, 2026)])[2].openings.stale == {key: 100}
    other = row(7, "2025-03-01", 5)
    assert left_of([*rows, other, copy(8, other, 2026)])[2].openings.stale == {}


def test_what_is_changed_on_the_copy_counts():
    """Sage goes on with the copy: a due date put off, a payment mode, a reminder are typed there."""
    late = copy(9, FA1, 2026, EC_Echeance=dt.datetime(2026, 4, 30), N_Reglement=3, EC_Rappel=2)
    entries = entries_of([FA1, late])
    (present,) = left_of([FA1, late])[2].openings.in_force(entries).values()
    assert (present.ec_no, present.due_date, present.payment_mode, present.reminders) == (9, dt.date(2026, 4, 30), 3, 2)
    doubtful = [row(1, "2025-11-03", 100, **D416), balance(9, 2026, 100, **D416)]
    assert not left_of(doubtful)[2].openings.in_force(entries_of(doubtful)), "a balance has no due date of its own"


def test_copies_of_equal_instalments_stand_for_their_own():
    second = row(2, "2025-11-03", 100, **SECOND)
    rows = [FA1, second, copy(8, FA1, 2026), copy(9, second, 2026, EC_Echeance=dt.datetime(2026, 4, 30))]
    assert left_of(rows)[2].openings.current == {1: 8, 2: 9}


def test_an_opening_of_others_closes_the_years_before():
    """Everybody's originals are history once a year is opened, even for who has no opening entry of his own."""
    other = row(1, "2025-11-03", 100, **MARTIN)
    alone = row(5, "2025-11-03", 30)
    left, anomalies, _plan = left_of([other, copy(9, other, 2026), alone])
    assert left == {1: 100} and anomalies == ["not_carried"]


def test_doubtful_debt_moved_to_another_account():
    """The 411 side is settled by the transfer, the debt lives on 416, opened by balance afterwards."""
    rows = [
        row(1, "2025-03-01", 500, "AAA"),
        row(2, "2025-09-01", -500, "AAA"),
        row(3, "2025-09-01", 500, CG_Num="416000"),
        balance(9, 2026, 500, CG_Num="416000"),
    ]
    assert opened(rows) == {3: 500}


def test_money_received_in_advance_stays_on_its_account():
    """419100 is another account: it settles nothing on 411000, until it is transferred."""
    advance = row(1, "2026-02-01", -300, CG_Num="419100")
    assert opened([advance, row(2, "2026-03-01", 500)]) == {1: -300, 2: 500}
    transfer = [row(3, "2026-03-02", 300, "A", CG_Num="419100"), row(4, "2026-03-02", -300, "a")]
    rows = [advance | {"EC_Lettre": 1, "EC_Lettrage": "A"}, row(2, "2026-03-01", 500, "a"), *transfer]
    assert opened(rows) == {2: 200}


def test_fiscal_years_that_are_not_calendar_years():
    """Codes and openings belong to the fiscal year: here from April to March, the first one of fifteen months."""
    years = [(dt.datetime(2024, 1, 1), dt.datetime(2025, 3, 31)), (dt.datetime(2025, 4, 1), dt.datetime(2026, 3, 31))]
    old = row(1, "2025-02-10", 100)
    opening = copy(9, old, 2025, "AAA", JM_Date=dt.datetime(2025, 4, 1))
    paid = row(3, "2026-02-01", -100, "AAA")
    left, anomalies, _plan = left_of([old, opening, paid], years)
    assert left == {1: 0, 3: 0} and not anomalies
    apart = [row(1, "2025-02-10", 100, "AAA"), row(2, "2025-04-10", -100, "AAA")]
    assert opened(apart, years) == {1: 100, 2: -100}
    assert not opened(apart, YEARS), "the same rows with calendar years"
