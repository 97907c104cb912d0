"""Lettering codes: their scope, what they settle, by how much."""

import datetime as dt
from decimal import Decimal

from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item, Kind, allocate, groups, kind_of, matchings
from lib.sage100.records import Entry

EXERCISES = Exercises.of([(dt.date(2026, 1, 1), dt.date(2026, 12, 31))])


def entry(number, amount, code="AAA", lettered=True, **values):
    base = {"account": "411000", "customer": "DUPONT", "date": dt.date(2026, 3, 9)}
    return Entry(
        ec_no=number,
        journal="VTE",
        piece=str(number),
        label="",
        amount=Decimal(amount),
        lettering=code,
        lettered=lettered,
        **base | values,
    )


def keys(*entries):
    return [str(key) for key in groups(entries, EXERCISES)]


def test_the_same_code_in_another_year_account_or_customer_is_another_group():
    assert (
        len(
            keys(
                entry(1, 10),
                entry(2, 10, date=dt.date(2025, 3, 9)),
                entry(3, 10, account="416000"),
                entry(4, 10, customer="MARTIN"),
            )
        )
        == 4
    )


def test_case_matters_whatever_the_servers_collation_says():
    assert len(keys(entry(1, 10, "AAA"), entry(2, 10, "aaa", lettered=False))) == 2


def test_kinds():
    assert kind_of([entry(1, 10), entry(2, -10)]) is Kind.FULL
    partial = [entry(1, 10, "aa", False), entry(2, -4, "aa", False)]
    assert kind_of(partial) is Kind.PARTIAL
    assert kind_of([entry(1, 10), entry(2, -9)]) is Kind.UNBALANCED


def test_tolerance_difference_is_one_more_entry():
    assert kind_of([entry(1, 10), entry(2, -9), entry(3, -1)]) is Kind.FULL


def item(number, amount, currency=None, day=1):
    amount = Decimal(amount)
    return Item(number, amount, Decimal(currency or amount), dt.date(2026, 1, day))


def shares(*items):
    return [(s.debit, s.credit, str(s.amount)) for s in allocate(items)]


def test_a_part_payment_goes_to_the_oldest_due_date():
    assert shares(item(1, 100, day=20), item(2, 50, day=5), item(3, -70)) == [
        (2, 3, "50"),
        (1, 3, "20"),
    ]


def test_several_credits_share_one_debit():
    assert shares(item(1, 100), item(2, -30), item(3, -70)) == [
        (1, 2, "30"),
        (1, 3, "70"),
    ]


def test_only_debits_or_only_credits_settle_nothing():
    assert not shares(item(1, 100), item(2, 30))
    assert not shares(item(1, -100))


def test_foreign_currency_is_settled_to_the_last_cent():
    """Invoice 1 000 $ for 900 €, paid 920 €; the exchange gain is a third entry."""
    found = allocate([item(1, 900, "1000"), item(2, -920, "-1000", day=2), item(3, 20, "20", day=3)])
    assert sum(s.amount for s in found) == 920
    assert sum(s.debit_currency for s in found if s.debit == 1) == 1000
    assert sum(s.credit_currency for s in found) == 1000


def test_matchings_speak_of_the_originals():
    """The payment is lettered with an opening entry (5) that stands for line 1."""
    copy = entry(5, 100, date=dt.date(2026, 1, 1))
    payment = entry(6, -100)
    original = entry(1, 100, "", False, date=dt.date(2025, 11, 3))
    roots = {1: (1,), 5: (1,), 6: (6,)}
    (found,) = matchings([original, copy, payment], roots, EXERCISES, {1: 5})
    assert found.lines == (1, 6) and found.kind is Kind.FULL


def test_a_code_alone_or_on_dropped_entries_is_no_matching():
    assert not matchings([entry(1, 10)], {1: (1,)}, EXERCISES, {})
    assert not matchings([entry(1, 10), entry(2, -10)], {1: (1,)}, EXERCISES, {})
