"""One line: on which day each trigger opens, and why nothing is due."""

from decimal import Decimal

import pytest
from levels_builders import day, default_plan, delivered, level, line, plan, strict_plan

from lib.levels import (
    DayUnit,
    Phase,
    Plan,
    Reason,
    Region,
    Trigger,
    decide_line,
    effective_due_date,
    exclusion,
    refusal,
)

PREVIOUS = Trigger.AFTER_PREVIOUS
INVOICE = Trigger.AFTER_INVOICE
BEFORE = Trigger.BEFORE_DUE
EASTER_FRIDAY_OFF = Region.ALSACE_MOSELLE


def ranks(rules, due_line, *days):
    """The rank due on each of those days, None when nothing is."""
    decisions = (decide_line(due_line, rules, day(each)) for each in days)
    return [decision.level and decision.level.rank for decision in decisions]


@pytest.mark.parametrize(
    "step, eve, first_day",
    [
        (level(1, 5), "04/07/2026", "05/07/2026"),
        (level(1, 0), "30/06/2026", "01/07/2026"),
        (level(1, 15, unit=DayUnit.SIX_DAY), "17/07/2026", "18/07/2026"),
        (level(1, 15, unit=DayUnit.FIVE_DAY), "21/07/2026", "22/07/2026"),
        # counted from the invoice of 31/05/2026, but never before the debt is late
        (level(1, 45, INVOICE), "14/07/2026", "15/07/2026"),
        (level(1, 10, INVOICE), "30/06/2026", "01/07/2026"),
        # a first level "after the previous" has none: it counts from the due date
        (level(1, 7, PREVIOUS), "06/07/2026", "07/07/2026"),
        # a reminder "before the due date" waits for the debt to be late
        (level(1, 3, BEFORE), "30/06/2026", "01/07/2026"),
    ],
)
def test_first_day_of_a_reminder(step, eve, first_day):
    """Nothing on the eve, the level on its day and on every day after (trap 26)."""
    days = (eve, first_day, "31/12/2026")
    assert ranks(plan(step), line(), *days) == [None, 1, 1]


@pytest.mark.parametrize(
    "unit, first_day",
    [
        (DayUnit.CALENDAR, "22/06/2026"),
        (DayUnit.SIX_DAY, "20/06/2026"),
        (DayUnit.FIVE_DAY, "18/06/2026"),
    ],
)
def test_prevention_from_n_days_before_to_the_due_date(unit, first_day):
    """F029: due in 8 days gets the notice, until the due date included, once."""
    rules = plan(level(0, 8, unit=unit))
    eve = f"{int(first_day[:2]) - 1:02}/06/2026"
    days = (eve, first_day, "30/06/2026", "01/07/2026")
    assert ranks(rules, line(), *days) == [None, 0, 0, None]
    assert ranks(rules, delivered(0, first_day), "25/06/2026") == [None]


def test_prevention_on_the_very_due_date():
    """With a delay of 0 the window is one day: the due date."""
    days = ("29/06/2026", "30/06/2026", "01/07/2026")
    assert ranks(plan(level(0, 0)), line(), *days) == [None, 0, None]


def test_prevention_after_invoice():
    """A courtesy some days after the invoice ends at the due date, as any other."""
    rules = plan(level(0, 10, trigger=INVOICE))
    days = ("09/06/2026", "10/06/2026", "30/06/2026", "01/07/2026")
    assert ranks(rules, line(), *days) == [None, 0, 0, None]
    too_late = plan(level(0, 60, trigger=INVOICE))
    assert ranks(too_late, line(), *days, "30/07/2026") == [None] * 5


def test_no_prevention_for_a_line_already_reminded():
    """A due date put off after the first reminder brings no courtesy back."""
    rules = default_plan()
    assert ranks(rules, delivered(1, "01/05/2026", amount=5000), "25/06/2026") == [None]


def test_after_previous_counts_from_the_delivery():
    """Ten days after the day on which level 1 really left."""
    rules = plan(level(1, 5), level(2, 10, PREVIOUS))
    sent = delivered(1, "09/07/2026")
    assert ranks(rules, sent, "18/07/2026", "19/07/2026") == [None, 2]


def test_after_previous_in_working_days():
    """14 July does not count among the *ouvrables*."""
    rules = plan(level(1, 5), level(2, 10, PREVIOUS, unit=DayUnit.SIX_DAY))
    sent = delivered(1, "09/07/2026")
    assert ranks(rules, sent, "21/07/2026", "22/07/2026") == [None, 2]


def test_after_previous_waits_for_the_previous():
    """Years late, but level 1 was never delivered: level 1 it is."""
    rules = plan(level(1, 5), level(2, 10, PREVIOUS), level(3, 10, PREVIOUS))
    assert ranks(rules, line(due="01/01/2020"), "21/11/2026") == [1]


def test_after_previous_counts_from_a_prevention_delivered():
    """Without any lower reminder, the prevention notice is the previous message."""
    rules = plan(level(0, 8), level(1, 20, PREVIOUS))
    noticed = delivered(0, "22/06/2026")
    assert ranks(rules, noticed, "11/07/2026", "12/07/2026") == [None, 1]


def test_missed_prevention_holds_nothing_up():
    """Imported once late: the prevention can no longer be sent, level 1 comes."""
    rules = plan(level(0, 8), level(1, 20, PREVIOUS), strict_order=True)
    assert ranks(rules, line(), "20/07/2026") == [1]


def test_minimum_of_a_level_skips_that_level_only():
    """« À partir de 150 € »: the previous of the third is then the first."""
    rules = plan(level(1, 5), level(2, 10, PREVIOUS, minimum=150), level(3, 10, PREVIOUS))
    small = delivered(1, "05/07/2026", amount=149)
    assert ranks(rules, small, "15/07/2026") == [3]
    enough = delivered(1, "05/07/2026", amount=150)
    assert ranks(rules, enough, "15/07/2026") == [2]


def test_minimum_is_compared_in_the_company_currency():
    """100 000 yen are 580 € in the books: above a minimum of 150 €, below 1 000 €."""
    yen = {"currency": "JPY", "residual_currency": 100000}
    assert ranks(plan(level(1, 5, minimum=150)), line(amount=580, **yen), "05/07/2026")
    assert ranks(plan(level(1, 5, minimum=1000)), line(amount=580, **yen), "05/07/2026") == [None]


def test_strict_order_takes_the_next_level_only():
    """Sixty days late: level 1, then 2, then 3; the other plan jumps to 3."""
    levels = (level(1, 10), level(2, 20), level(3, 30))
    late = line(due="01/05/2026")
    assert ranks(plan(*levels), late, "30/06/2026") == [3]
    assert ranks(plan(*levels, strict_order=True), late, "30/06/2026") == [1]
    second = delivered(1, "01/06/2026", due="01/05/2026")
    assert ranks(plan(*levels, strict_order=True), second, "30/06/2026") == [2]


def test_strict_order_with_a_prevention():
    """The prevention comes first while it can; late, it is no longer waited for."""
    rules = default_plan(strict_order=True)
    big = line(amount=5000)
    assert ranks(rules, big, "21/06/2026", "22/06/2026", "05/07/2026") == [None, 0, 1]


LATE = "10/07/2026"
WAITING = "03/07/2026"
UNDATED = {"delivered_rank": 1, "delivered_on": None}
SECOND_FIRST = plan(level(1, 30), level(2, 5), strict_order=True)
BLOCKS = [
    # reason, plan, line, day
    (Reason.PAID, default_plan(), line(amount=0), LATE),
    (Reason.PAID, default_plan(), line(amount=3, residual_currency=0), LATE),
    (Reason.PAID, default_plan(), line(amount=0, residual_currency=3), LATE),
    (Reason.CREDIT, default_plan(), line(amount=-100), LATE),
    (Reason.CREDIT, default_plan(), line(amount=-1, residual_currency=5), LATE),
    (Reason.CREDIT, default_plan(), line(amount=1, residual_currency=-5), LATE),
    (Reason.ACCOUNT_NOT_FOLLOWED, default_plan(), line(account_kind="bills"), LATE),
    (Reason.ACCOUNT_NOT_FOLLOWED, default_plan(), line(account_kind="retention"), LATE),
    (Reason.NO_FOLLOWUP, default_plan(), line(no_followup=True), LATE),
    (Reason.LINE_STOP, default_plan(), line(stop=True), LATE),
    (Reason.DISPUTED, default_plan(), line(disputed=True), LATE),
    (Reason.AUTOMATIC_PAYMENT, default_plan(), line(automatic_payment=True), LATE),
    (Reason.BELOW_LINE_MINIMUM, default_plan(line_minimum=Decimal(101)), line(), LATE),
    (Reason.PROMISED, default_plan(), line(promised_until=day(LATE)), LATE),
    (Reason.NOT_DUE, default_plan(), line(), "30/06/2026"),
    (Reason.NOT_DUE, default_plan(), line(), WAITING),
    (Reason.NOT_DUE, default_plan(), delivered(1, "05/07/2026"), LATE),
    (Reason.NOT_DUE, plan(), line(), LATE),
    (Reason.NOT_DUE, plan(level(0, 8)), line(), LATE),
    # the notice asks for 150 € and only 100 € are left
    (Reason.BELOW_LINE_MINIMUM, default_plan(), delivered(3, "01/07/2026"), LATE),
    (Reason.BELOW_LINE_MINIMUM, plan(level(1, 5, minimum=150)), line(), LATE),
    (Reason.LAST_LEVEL_SENT, default_plan(), delivered(4, "01/07/2026"), LATE),
    (Reason.LAST_LEVEL_SENT, plan(), delivered(1, "01/07/2026"), LATE),
    (Reason.PREVIOUS_NOT_DONE, SECOND_FIRST, line(), LATE),
    (Reason.PREVIOUS_NOT_DONE, strict_plan(), line(**UNDATED), LATE),
    (Reason.PREVIOUS_NOT_DONE, default_plan(), line(**UNDATED), LATE),
]


@pytest.mark.parametrize(
    "reason, rules, due_line, on",
    BLOCKS,
    ids=[f"{n}-{b[0]}" for n, b in enumerate(BLOCKS)],
)
def test_reason(reason, rules, due_line, on):
    """Nothing is due, and exactly this reason says why."""
    decision = decide_line(due_line, rules, day(on))
    assert (decision.level, decision.reason) == (None, reason)


@pytest.mark.parametrize("values", [{"line_minimum": Decimal(100)}, {"minimum": 100}], ids=str)
def test_minimums_are_inclusive(values):
    """« À partir de 100 € »: 100 € are chased."""
    step = level(1, 5, minimum=values.get("minimum", 0))
    rules = plan(step, line_minimum=values.get("line_minimum", Decimal(0)))
    assert ranks(rules, line(amount=100), LATE) == [1]
    assert ranks(rules, line(amount="99.99"), LATE) == [None]


EXCLUSIONS = (
    {"account_kind": "bills"},
    {"no_followup": True},
    {"stop": True},
    {"disputed": True},
    {"automatic_payment": True},
    {"promised_until": day("31/12/2026")},
)


@pytest.mark.parametrize("values", EXCLUSIONS)
def test_excluded_line_has_no_level_at_all(values):
    """Neither prevention nor reminder nor notice, nor by hand."""
    rules = default_plan()
    excluded = line(amount=5000, **values)
    days = ("25/06/2026", "05/07/2026", "01/10/2026")
    assert ranks(rules, excluded, *days) == [None] * 3
    assert refusal(excluded, rules, rules.levels[1], day("05/07/2026"))


@pytest.mark.parametrize("kind", ["ordinary", "doubtful"])
def test_followed_accounts(kind):
    """411 and 416 are chased alike."""
    assert exclusion(line(account_kind=kind), default_plan(), day(LATE)) is None


def test_strongest_reason_speaks_first():
    """Paid before stopped, stopped before disputed, disputed before promised."""
    rules = default_plan()
    promised = {"promised_until": day(LATE)}
    assert exclusion(line(amount=0, stop=True), rules, day(LATE)) == Reason.PAID
    both = line(stop=True, disputed=True, **promised)
    assert exclusion(both, rules, day(LATE)) == Reason.LINE_STOP
    assert exclusion(line(disputed=True, **promised), rules, day(LATE)) == Reason.DISPUTED


@pytest.mark.parametrize(
    "on, overdue, days_late",
    [("29/06/2026", False, 0), ("30/06/2026", False, 0), ("01/07/2026", True, 1)],
)
def test_days_late(on, overdue, days_late):
    """F018: calendar days since the due date, 0 when not due; due today is not late."""
    decision = decide_line(line(), default_plan(), day(on))
    assert (decision.overdue, decision.days_late) == (overdue, days_late)


@pytest.mark.parametrize("amount", [-100, 0])
def test_no_debt_is_never_late(amount):
    """A credit note of last year is not "overdue": lists of late lines leave it out."""
    decision = decide_line(line(amount=amount, due="01/01/2025"), default_plan(), day(LATE))
    assert (decision.overdue, decision.days_late) == (False, 0)


@pytest.mark.parametrize(
    "due_line, on, rank, next_day",
    [
        (line(amount=5000), "01/06/2026", 0, "22/06/2026"),
        (line(amount=5000), "25/06/2026", 0, "25/06/2026"),
        (line(amount=5000), "30/06/2026", 0, "30/06/2026"),
        (line(amount=999), "01/06/2026", 1, "05/07/2026"),
        (line(), "05/07/2026", 1, "05/07/2026"),
        (line(), "09/09/2026", 1, "09/09/2026"),
        (delivered(1, "05/07/2026"), "06/07/2026", 2, "15/07/2026"),
        (delivered(0, "22/06/2026", amount=5000), "22/06/2026", 1, "05/07/2026"),
        (line(promised_until=day("20/07/2026")), "06/07/2026", 1, "21/07/2026"),
        (line(promised_until=day("02/07/2026")), "01/07/2026", 1, "05/07/2026"),
    ],
)
def test_what_comes_next(due_line, on, rank, next_day):
    """The next level and its day: today when due, after the promise when promised."""
    decision = decide_line(due_line, default_plan(), day(on))
    assert (decision.next_level.rank, decision.next_date) == (rank, day(next_day))


@pytest.mark.parametrize(
    "due_line",
    [
        line(stop=True),
        line(amount=-5),
        line(account_kind="bills"),
        delivered(4, "01/07/2026"),
        delivered(3, "01/07/2026", amount=149),
        line(**UNDATED),
    ],
)
def test_nothing_comes_next(due_line):
    """Excluded, finished or waiting for a person: no date is announced."""
    decision = decide_line(due_line, default_plan(), day(LATE))
    assert (decision.next_level, decision.next_date) == (None, None)


def test_next_level_is_the_one_of_that_day():
    """Two levels opening on the same day: the higher one is announced, and due."""
    rules = plan(level(1, 10), level(2, 10))
    decision = decide_line(line(), rules, day("05/07/2026"))
    assert (decision.next_level.rank, decision.next_date) == (2, day("10/07/2026"))


@pytest.mark.parametrize(
    "due, entry, expected",
    [
        ("30/06/2026", "31/05/2026", "30/06/2026"),
        (None, "31/05/2026", "31/05/2026"),
    ],
)
def test_effective_due_date(due, entry, expected):
    """Its own date, else the date of the entry."""
    due_line = line(due=due, entry_date=day(entry))
    assert effective_due_date(due_line) == day(expected)


REFUSALS = [
    # F051, F052: level chosen by hand, plan in strict order
    (line(), 1, None),
    (line(), 2, Reason.PREVIOUS_NOT_DONE),
    (line(), 3, Reason.PREVIOUS_NOT_DONE),
    (delivered(1, "01/07/2026"), 1, None),
    (delivered(1, "01/07/2026"), 2, None),
    (delivered(1, "01/07/2026"), 3, Reason.PREVIOUS_NOT_DONE),
    (delivered(2, "01/07/2026"), 3, None),
    (line(**UNDATED), 2, Reason.PREVIOUS_NOT_DONE),
    (line(due="10/07/2026"), 1, Reason.NOT_DUE),
    (line(amount=-5), 1, Reason.CREDIT),
    (line(stop=True), 1, Reason.LINE_STOP),
    (line(disputed=True), 1, Reason.DISPUTED),
]


@pytest.mark.parametrize("due_line, rank, reason", REFUSALS)
def test_level_chosen_by_hand_in_a_strict_plan(due_line, rank, reason):
    """« Impossible de faire une relance de niveau 2 sans une date au niveau 1 »."""
    rules = strict_plan()
    assert refusal(due_line, rules, rules.levels[rank - 1], day(LATE)) == reason


def test_level_chosen_by_hand_elsewhere():
    """Without strict order any level may be chosen, within its own minimum."""
    rules = default_plan()
    reminder, notice = rules.levels[3], rules.levels[4]
    assert refusal(line(), rules, reminder, day("01/07/2026")) is None
    assert refusal(line(), rules, notice, day(LATE)) == Reason.BELOW_LINE_MINIMUM
    assert refusal(line(amount=150), rules, notice, day(LATE)) is None


def test_prevention_chosen_by_hand_before_the_due_date():
    """A courtesy may leave earlier than planned."""
    rules = default_plan()
    assert refusal(line(amount=1000), rules, rules.levels[0], day("01/06/2026")) is None


def test_levels_out_of_order_are_refused():
    """A plan is in the order of its ranks, whatever the delays."""
    with pytest.raises(ValueError, match="order"):
        plan(level(2), level(1))


def test_thanks_are_not_a_level_of_debts():
    """The thanks of a plan answer a payment: they are no step of the chase."""
    with pytest.raises(ValueError, match="thanks"):
        Plan(1, (level(1, phase=Phase.THANKS),))
