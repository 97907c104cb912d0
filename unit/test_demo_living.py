"""The base that lives: decided by its seed, true to Sage's habits, and told in SQL."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from demo.sage100.living import LivingBase
from demo.sage100.living_books import day_of, number_of, signed
from demo.sage100.living_history import History
from demo.sage100.living_oracle import truth
from demo.sage100.schema import TABLES

CUSTOMER = "AGENCEO"
HUNDRED = Decimal(100)


@pytest.fixture
def base():
    return LivingBase(1, customers=2)


def test_the_same_seed_tells_the_same_history():
    histories = [History(7) for _time in range(2)]
    for _step in range(60):
        assert len({history.step() for history in histories}) == 1
    assert histories[0].base.tables == histories[1].base.tables


def test_rows_fit_the_tables_and_pieces_balance():
    for seed in range(10):
        history = History(seed)
        for _step in range(60):
            history.step()
        numbers = Counter(map(number_of, history.base.entries))
        assert max(numbers.values()) == 1
        columns = {column.name: column for column in TABLES["F_ECRITUREC"]}
        for row in history.base.entries:
            wrong = [name for name, value in row.items() if not columns[name].accepts(value)]
            assert not wrong, (seed, row, wrong)


def test_changes_are_told_once_in_sql(base):
    (row,) = base.invoice(CUSTOMER, "411000", [HUNDRED])
    inserted = base.changes()
    assert [(change.verb, change.table) for change in inserted] == [("insert", "F_ECRITUREC")] * 2
    base.change(row, EC_Piece="X")
    (changed,) = base.changes()
    assert changed.sql()[0].startswith("UPDATE dbo.F_ECRITUREC SET ") and "X" in changed.sql()[1]
    assert set(changed.values) == {"EC_Piece"}  # in the same second
    base.delete([row])
    (deleted,) = base.changes()
    assert deleted.sql() == ("DELETE FROM dbo.F_ECRITUREC WHERE cbMarq = %s", [row["cbMarq"]])
    assert not base.changes()


def test_a_recreated_row_keeps_its_number_and_gets_another_mark(base):
    (row,) = base.invoice(CUSTOMER, "411000", [HUNDRED])
    base.changes()
    base.recreates = True
    base.change(row, EC_Piece="X")
    assert [change.verb for change in base.changes()] == ["delete", "insert"]


def test_the_clock_of_a_smalldatetime_is_rounded_to_the_minute():
    base = LivingBase(1, customers=1, rounded=True)
    base.now = dt.datetime(2026, 3, 1, 9, 59, 40)
    assert base.stamp() == dt.datetime(2026, 3, 1, 10, 0)
    base.rounded = False
    assert base.stamp() == base.now


def test_with_the_triggers_off_nothing_dates_a_change(base):
    (row,) = base.invoice(CUSTOMER, "411000", [HUNDRED])
    before, base.now, base.silent = row["cbModification"], base.now + dt.timedelta(days=3), True
    base.change(row, EC_Piece="X")
    assert row["cbModification"] == before


def test_letters_are_free_in_their_scope_and_refuse_what_does_not_balance(base):
    rows = [base.invoice(CUSTOMER, "411000", [HUNDRED])[0], base.payment(CUSTOMER, "411000", HUNDRED)]
    with pytest.raises(ValueError):
        base.letter(rows[:1])
    base.letter(rows)
    others = [base.invoice(CUSTOMER, "411000", [HUNDRED])[0], base.payment(CUSTOMER, "411000", HUNDRED)]
    base.letter(others)
    assert [row["EC_Lettrage"] for row in rows + others] == ["AAA", "AAA", "AAB", "AAB"]
    base.unletter(rows[0])
    assert {row["EC_Lettrage"] for row in rows} == {""}


def test_an_opening_copies_what_is_open_and_may_be_run_again(base):
    open_one, paid = base.invoice(CUSTOMER, "411000", [HUNDRED, Decimal(40)])
    base.letter([paid, base.payment(CUSTOMER, "411000", Decimal(40))])
    doubtful = base.invoice(CUSTOMER, "416000", [Decimal(70)]) + [base.payment(CUSTOMER, "416000", Decimal(20))]
    period = base.new_period()
    numbers = []
    for _time in range(2):
        base.open_exercise(period)
        copies = [row for row in base.entries if row["EC_ANType"]]
        assert [(row["EC_ANType"], signed(row), day_of(row)) for row in copies] == [
            (1, HUNDRED, period[0]),
            (2, Decimal(50), period[0]),
        ]
        assert base.sources[number_of(copies[0])] == (number_of(open_one),)
        assert base.sources[number_of(copies[1])] == tuple(map(number_of, doubtful))
        numbers.append([number_of(row) for row in copies])
    assert not set(numbers[0]) & set(numbers[1])
    assert truth(base).balances == {(CUSTOMER, "411000"): HUNDRED, (CUSTOMER, "416000"): Decimal(50)}


def test_the_truth_forgets_a_copy_whose_original_has_been_paid(base):
    (row,) = base.invoice(CUSTOMER, "411000", [HUNDRED])
    base.open_exercise(base.new_period())
    assert truth(base).balances == {(CUSTOMER, "411000"): HUNDRED}
    base.letter([row, base.payment(CUSTOMER, "411000", HUNDRED, day=day_of(row))])
    assert not truth(base).balances


def test_what_is_no_receivable_counts_for_nothing(base):
    for kind in ("situation", "ifrs", "centralisation", "supplier", "nobody"):
        base.ignored(CUSTOMER, "411000", HUNDRED, kind)
    assert not truth(base).items
