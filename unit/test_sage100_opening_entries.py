"""À-nouveaux: every case of the design's §4.4. Nothing counts twice, nothing is lost."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest

from lib.sage100.exercises import Exercises
from lib.sage100.opening_entries import Anomaly, Fate, plan_openings
from lib.sage100.records import Entry, Opening

EXERCISES = Exercises.of([(dt.date(y, 1, 1), dt.date(y, 12, 31)) for y in (2024, 2025, 2026)])
DUE = dt.date(2025, 12, 31)


def entry(number, year, amount, code="", opening=Opening.NONE, **values):
    base = {
        "account": "411000",
        "customer": "DUPONT",
        "piece": "FA1",
        "invoice": "FA1",
        "due_date": DUE,
        "journal": "AN" if opening else "VTE",
        "lettered": code.isupper(),
    }
    return Entry(
        ec_no=number,
        date=dt.date(year, 1, 1) if opening else dt.date(year, 6, 15),
        label="",
        amount=Decimal(amount),
        lettering=code,
        opening=opening,
        **base | values,
    )


def plan(*entries, reports=None):
    return plan_openings(entries, EXERCISES, reports)


def kept_balance(found, entries):
    sums = defaultdict(Decimal)
    for e in entries:
        if found.kept(e.ec_no):
            sums[e.customer, e.account] += e.amount
    return dict(sums)


def test_first_year_without_opening():
    found = plan(entry(1, 2026, 100), entry(2, 2026, -40, piece="R1"))
    assert found.open_from is None
    assert set(found.fates.values()) == {Fate.OPEN}


def test_newest_year_not_opened_yet():
    """Two years live side by side until the opening is run."""
    found = plan(
        entry(1, 2025, 30, opening=Opening.DETAIL),
        entry(2, 2025, 100, piece="FA2", invoice="FA2"),
        entry(3, 2026, 50, piece="FA3", invoice="FA3"),
    )
    assert found.open_from == dt.date(2025, 1, 1)
    assert set(found.fates.values()) == {Fate.OPEN}


def test_detail_copy_is_another_name_of_its_original():
    entries = [entry(1, 2025, 100), entry(2, 2026, 100, opening=Opening.DETAIL)]
    found = plan(*entries)
    assert found.fates == {1: Fate.OPEN, 2: Fate.ALIAS}
    assert found.roots == {1: (1,), 2: (1,)} and found.current == {1: 2}
    assert kept_balance(found, entries) == {("DUPONT", "411000"): 100}


def test_copy_of_a_copy_goes_back_to_the_first_original():
    found = plan(
        entry(1, 2024, 100),
        entry(2, 2025, 100, opening=Opening.DETAIL),
        entry(3, 2026, 100, opening=Opening.DETAIL),
    )
    assert found.roots[3] == (1,) and found.current == {1: 3}


def test_copy_whose_original_is_before_the_imported_period():
    found = plan(entry(2, 2025, 100, opening=Opening.DETAIL))
    assert found.fates == {2: Fate.OPEN} and not found.findings


def test_twins_are_matched_one_to_one():
    """Two identical instalments, one paid: the copy is that of the unpaid one."""
    found = plan(
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, 100),
        entry(3, 2025, -100, "AAA", piece="R1", invoice=""),
        entry(4, 2026, 100, opening=Opening.DETAIL),
    )
    assert found.roots[4] == (2,)
    assert found.fates[1] is Fate.HISTORY and not found.findings


def test_settled_in_a_closed_year_is_history():
    found = plan(
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, -100, "AAA", piece="R1"),
        entry(3, 2025, 50, piece="FA2", invoice="FA2"),
        entry(4, 2026, 50, opening=Opening.DETAIL, piece="FA2", invoice="FA2"),
    )
    assert found.fates[1] is found.fates[2] is Fate.HISTORY


def test_renumbered_piece_of_the_copy_is_still_recognised():
    found = plan(entry(1, 2025, 100), entry(2, 2026, 100, opening=Opening.DETAIL, piece="AN1"))
    assert found.roots[2] == (1,)


def test_open_entry_absent_from_the_opening_is_reported_not_counted():
    entries = [
        entry(1, 2025, 100),
        entry(2, 2025, 70, piece="FA2", invoice="FA2"),
        entry(3, 2026, 100, opening=Opening.DETAIL),
    ]
    found = plan(*entries)
    assert found.fates[2] is Fate.DROPPED and 2 not in found.roots
    assert [f.anomaly for f in found.findings] == [Anomaly.NOT_CARRIED]
    assert kept_balance(found, entries) == {("DUPONT", "411000"): 100}


def test_settled_after_a_provisional_opening():
    """The customer paid, the opening was not run again: he must not be chased.

    Sage's sum of the new year still holds the copy; the plan says by how much.
    """
    found = plan(
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, -100, "AAA", piece="R1", invoice=""),
        entry(3, 2026, 100, opening=Opening.DETAIL),
    )
    assert found.fates == {1: Fate.HISTORY, 2: Fate.HISTORY, 3: Fate.STALE}
    assert found.stale == {("DUPONT", "411000"): 100}
    assert [f.anomaly for f in found.findings] == [Anomaly.STALE_OPENING]


def test_settled_twice_keeps_both_groups_whole():
    entries = [
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, -100, "AAA", piece="R1", invoice=""),
        entry(3, 2026, 100, "AAA", opening=Opening.DETAIL),
        entry(4, 2026, -100, "AAA", piece="R2", invoice=""),
    ]
    found = plan(*entries)
    assert all(found.kept(e.ec_no) for e in entries) and not found.stale


BALANCE = {"piece": "AN", "invoice": "", "due_date": None}


def test_balance_line_stands_for_all_the_open_originals():
    entries = [
        entry(1, 2025, 100),
        entry(2, 2025, 60, piece="FA2", invoice="FA2"),
        entry(3, 2025, -20, piece="R1", invoice=""),
        entry(4, 2026, 140, opening=Opening.BALANCE, **BALANCE),
    ]
    found = plan(*entries)
    assert found.fates[4] is Fate.ALIAS and found.roots[4] == (1, 2, 3)
    assert kept_balance(found, entries) == {("DUPONT", "411000"): 140}


def test_balance_lines_over_two_openings():
    found = plan(
        entry(1, 2024, 1812),
        entry(2, 2025, 1812, opening=Opening.BALANCE, **BALANCE),
        entry(3, 2025, -500, piece="R1", invoice=""),
        entry(4, 2026, 1312, opening=Opening.BALANCE, **BALANCE),
    )
    assert sorted(found.roots[4]) == [1, 3] and found.current == {1: 4, 3: 4}


def test_balance_that_differs_keeps_the_opening_line_and_reports():
    entries = [
        entry(1, 2025, 100),
        entry(2, 2026, 90, opening=Opening.BALANCE, **BALANCE),
    ]
    found = plan(*entries)
    assert found.fates == {1: Fate.DROPPED, 2: Fate.OPEN}
    assert Anomaly.BALANCE_DIFFERS in {f.anomaly for f in found.findings}
    assert kept_balance(found, entries) == {("DUPONT", "411000"): 90}


def test_balance_settled_since_is_reported():
    """Paid and lettered in the old year after the opening: a sum cannot tell, a person must look."""
    found = plan(
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, -100, "AAA", piece="R1", invoice=""),
        entry(3, 2026, 100, opening=Opening.BALANCE, **BALANCE),
    )
    assert found.fates[3] is Fate.OPEN
    assert [f.anomaly for f in found.findings] == [Anomaly.BALANCE_DIFFERS]


@pytest.mark.parametrize("reports", [None, {"411000": 1}])
def test_balance_of_zero_has_no_opening_line(reports):
    """Invoice and unmatched payment of the same amount: both stay, and sum to zero."""
    other = entry(9, 2026, 5, opening=Opening.BALANCE, customer="MARTIN", **BALANCE)
    found = plan(entry(1, 2025, 100), entry(2, 2025, -100, piece="R1"), other, reports=reports)
    assert found.fates[1] is found.fates[2] is Fate.OPEN


def test_manual_opening_typed_as_one_balance():
    found = plan(
        entry(1, 2025, 100),
        entry(2, 2025, 60, piece="FA2", invoice="FA2"),
        entry(3, 2026, 160, opening=Opening.MANUAL, **BALANCE),
    )
    assert found.roots[3] == (1, 2)


def test_manual_opening_of_the_first_year():
    found = plan(entry(1, 2024, 100, opening=Opening.MANUAL), entry(2, 2024, 20, piece="B"))
    assert set(found.fates.values()) == {Fate.OPEN}


def test_several_accounts_of_one_customer_do_not_mix():
    entries = [
        entry(1, 2025, 100),
        entry(2, 2025, 100, account="416000"),
        entry(3, 2026, 100, opening=Opening.DETAIL),
        entry(4, 2026, 100, opening=Opening.BALANCE, account="416000", **BALANCE),
    ]
    found = plan(*entries)
    assert found.roots[3] == (1,) and found.roots[4] == (2,)


def test_pre_lettered_entries_are_still_open_and_carried():
    found = plan(
        entry(1, 2025, 100, "aaa"),
        entry(2, 2025, -30, "aaa", piece="R1", invoice=""),
        entry(3, 2026, 100, "aaa", opening=Opening.DETAIL),
        entry(4, 2026, -30, "aaa", opening=Opening.DETAIL, piece="R1", invoice=""),
    )
    assert found.roots[3] == (1,) and found.roots[4] == (2,)


def test_opening_run_again_gives_the_same_originals():
    """The copies have new numbers; the lines that Odoo keeps are the same."""
    first = plan(entry(1, 2025, 100), entry(2, 2026, 100, opening=Opening.DETAIL))
    again = plan(entry(1, 2025, 100), entry(7, 2026, 100, opening=Opening.DETAIL))
    assert first.roots[2] == again.roots[7] == (1,)


def test_unbalanced_code_of_a_closed_year_is_reported():
    found = plan(
        entry(1, 2025, 100, "AAA"),
        entry(2, 2025, -90, "AAA", piece="R1", invoice=""),
        entry(3, 2025, 5, piece="FA2", invoice="FA2"),
        entry(4, 2026, 5, opening=Opening.DETAIL, piece="FA2", invoice="FA2"),
    )
    assert {f.anomaly for f in found.findings} == {Anomaly.UNBALANCED_HISTORY}
    assert found.fates[1] is found.fates[2] is Fate.DROPPED
