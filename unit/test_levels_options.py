"""The options of a plan: grouping, sending days, ceiling, credits, who lets a message go."""

from dataclasses import replace
from decimal import Decimal

import pytest
from levels_builders import ONE_DAY, customer, day, default_plan, delivered, level, line, plan, play

from lib.levels import (
    CreditPolicy,
    DayUnit,
    Grouping,
    Mode,
    Phase,
    Reason,
    Region,
    Trigger,
    after_delivery,
    decide_customer,
    decide_line,
)

LATE = day("10/07/2026")
WEEK = frozenset(range(5))
STEPS = level(1, 5), level(2, 20), level(3, 40)


def shown(decision):
    """[(key, rank, lines listed, lines that rise)] of the messages, in order."""
    return [(each.key, each.level.rank, each.listed, each.due) for each in decision.messages]


# One message, one a level, one a document


def account(grouping, *more, **values):
    """Lines of documents 71 and 72: due for R1, R2 and R3; one late by two days only."""
    return customer(
        plan(*STEPS, grouping=grouping, **values),
        line(1, due="01/07/2026", document=71),
        line(2, due="15/06/2026", document=72),
        line(3, due="01/05/2026", document=71),
        line(4, due="08/07/2026", document=73),
        *more,
    )


@pytest.mark.parametrize(
    "grouping, expected",
    [
        (Grouping.CUSTOMER, [(0, 3, (1, 2, 3, 4), (1, 2, 3))]),
        (Grouping.LEVEL, [(3, 3, (3,), (3,)), (2, 2, (2,), (2,)), (1, 1, (1,), (1,))]),
        (Grouping.DOCUMENT, [(71, 3, (1, 3), (1, 3)), (72, 2, (2,), (2,))]),
    ],
)
def test_grouping(grouping, expected):
    """The same day, the same lines: one message, one a level, one a document."""
    decision = decide_customer(account(grouping), LATE)
    assert shown(decision) == expected
    assert decision.level.rank == 3
    assert decision.due == (1, 2, 3)


@pytest.mark.parametrize(
    "grouping, expected",
    [
        (Grouping.CUSTOMER, [(0, 1, (1, 2, 3, 4), (4,))]),
        (Grouping.LEVEL, [(1, 1, (1, 4), (4,))]),
        (Grouping.DOCUMENT, [(73, 1, (4,), (4,))]),
    ],
)
def test_grouping_is_switchable_at_any_time(grouping, expected):
    """Levels stay with the lines: whatever the grouping was, the next messages follow."""
    before = account(Grouping.CUSTOMER)
    after = after_delivery(before, decide_customer(before, LATE), LATE)
    switched = replace(after, plan=plan(*STEPS, grouping=grouping))
    assert shown(decide_customer(switched, day("20/07/2026"))) == expected


def test_a_message_of_a_level_recalls_the_lines_already_there():
    """By level: the lines that reached it before are still claimed with the new ones."""
    known = delivered(1, "05/07/2026", 5, due="30/06/2026", document=74)
    decision = decide_customer(account(Grouping.LEVEL, known), LATE)
    assert shown(decision)[-1] == (1, 1, (1, 5), (1,))


def test_instalment_announced_with_its_late_sister_waits():
    """By document: the reminder of an invoice leaves, not a courtesy for it as well."""
    rules = plan(level(0, 8), *STEPS, grouping=Grouping.DOCUMENT)
    lines = line(1, due="01/07/2026", document=7), line(2, due="15/07/2026", document=7)
    other = line(3, due="15/07/2026", document=8)
    decision = decide_customer(customer(rules, *lines, other), LATE)
    assert shown(decision) == [(7, 1, (1,), (1,)), (8, 0, (3,), (3,))]
    assert decision.lines[1].reason == Reason.MINIMUM_INTERVAL


def test_a_line_of_no_document_stands_alone():
    """Two entries without a number are not one document."""
    rules = plan(*STEPS, grouping=Grouping.DOCUMENT)
    decision = decide_customer(customer(rules, line(1), line(2)), LATE)
    assert shown(decision) == [(-2, 1, (2,), (2,)), (-1, 1, (1,), (1,))]


@pytest.mark.parametrize("grouping", [Grouping.LEVEL, Grouping.DOCUMENT])
def test_messages_of_a_day_leave_together_then_the_interval_holds(grouping):
    """Several messages are one sending: the next one waits for the interval."""
    story = play(account(grouping, minimum_interval=30), "10/07/2026", 40)
    assert [(each[0], each[2]) for each in story] == [("10/07/2026", (1, 2, 3)), ("09/08/2026", (1, 2, 4))]


# Credits


@pytest.mark.parametrize(
    "policy, credit, listed, credits",
    [
        (CreditPolicy.DEDUCT, 50, (1,), ((9, 50),)),
        (CreditPolicy.DEDUCT, 100, (), ()),
        (CreditPolicy.SHOW, 50, (1,), ((9, 50),)),
        # as large as what is late, not as what is owed: the late invoice is claimed
        (CreditPolicy.SHOW, 100, (1,), ((9, 100),)),
        (CreditPolicy.SHOW, 299, (1,), ((9, 299),)),
        # nothing owed net: nobody is chased (trap 2)
        (CreditPolicy.SHOW, 300, (), ()),
    ],
)
def test_what_to_do_with_credits(policy, credit, listed, credits):
    """100 € late and 200 € to come: deducted, or only shown."""
    lines = line(1), line(2, due="31/07/2026", amount=200), line(9, amount=-credit)
    decision = decide_customer(customer(plan(level(1, 5), credit_policy=policy), *lines), LATE)
    assert decision.listed == listed
    assert [each.credits for each in decision.messages] == ([credits] if listed else [])
    if not listed:
        assert decision.reason == Reason.CREDITS_COVER


@pytest.mark.parametrize("threshold, sent", [(60, True), (61, False)])
def test_threshold_compares_what_is_left_to_claim(threshold, sent):
    """100 € late, 40 € of credit deducted: 60 € are claimed, 100 € when only shown."""
    for policy, expected in ((CreditPolicy.DEDUCT, sent), (CreditPolicy.SHOW, True)):
        rules = plan(level(1, 5), credit_policy=policy, customer_threshold=Decimal(threshold))
        decision = decide_customer(customer(rules, line(1), line(2, amount=-40)), LATE)
        assert bool(decision.level) == expected


@pytest.mark.parametrize("ignored, reason", [(False, Reason.CREDITS_COVER), (True, None)])
def test_credit_notes_to_come(ignored, reason):
    """F040: a credit note not due yet does not lower what is claimed, on request."""
    rules = plan(level(1, 5), ignore_future_credits=ignored)
    lines = line(1), line(2, amount=-100, due="20/07/2026")
    decision = decide_customer(customer(rules, *lines), LATE)
    assert decision.reason == reason
    assert decide_customer(customer(rules, *lines), day("20/07/2026")).reason == Reason.CREDITS_COVER


def test_several_messages_never_claim_more_than_is_owed():
    """150 € of credit pay the oldest of three invoices, then half of the next one."""
    rules = plan(level(1, 5), grouping=Grouping.DOCUMENT)
    lines = [line(5 - n, due=f"{n:02}/06/2026", document=n) for n in (3, 1, 2)]
    decision = decide_customer(customer(rules, *lines, line(9, amount=-90), line(10, amount=-60)), LATE)
    assert decision.lines[1].reason == Reason.CREDITS_COVER
    messages = {each.key: each.credits for each in decision.messages}
    assert messages == {2: ((10, 50),), 3: ()}


def test_credits_shown_do_not_hide_what_comes_next():
    """150 € of credit exceed the 100 € to come, not the 300 € owed with a dispute."""
    rules = plan(level(1, 5), credit_policy=CreditPolicy.SHOW)
    lines = line(1, due="31/07/2026"), line(2, amount=200, disputed=True), line(3, amount=-150)
    decision = decide_customer(customer(rules, *lines), LATE)
    assert (decision.next_level.rank, decision.next_date) == (1, day("05/08/2026"))
    deducted = customer(plan(level(1, 5)), *lines)
    assert decide_customer(deducted, LATE).next_date is None


def test_credits_of_a_journal_out_of_the_plan_count():
    """The plan chases sales; payments stand in the bank's journal and still pay."""
    lines = line(1), line(2, amount=-100, in_plan=False)
    assert decide_customer(customer(plan(level(1, 5)), *lines), LATE).reason == Reason.CREDITS_COVER


# Days


@pytest.mark.parametrize(
    "values, days",
    [
        ({}, ["05/07", "10/07"]),
        # 5 July 2026 is a Sunday, 14 July a Tuesday
        ({"sending_days": WEEK}, ["06/07", "13/07"]),
        ({"sending_days": frozenset({1})}, ["07/07", "14/07"]),
        ({"sending_days": frozenset({1}), "skip_holidays": True}, ["07/07", "21/07"]),
        ({"sending_days": frozenset({4}), "skip_holidays": True}, ["10/07", "17/07"]),
    ],
)
def test_sending_days(values, days):
    """A level due on a day without sending leaves on the next one, and is counted from it."""
    rules = plan(level(1, 5), level(2, 5, Trigger.AFTER_PREVIOUS), **values)
    assert [each[0][:5] for each in play(customer(rules, line()), "01/07/2026", 30)] == days


def test_not_a_sending_day_is_a_reason_and_the_next_date_is_honoured():
    """The Sunday says why, and when; a line that was not due says its own reason."""
    rules = plan(level(1, 5), sending_days=WEEK, skip_holidays=True)
    account = customer(rules, line(1), line(2, due="04/07/2026"), line(3, disputed=True))
    sunday, monday = day("05/07/2026"), day("06/07/2026")
    decision = decide_customer(account, sunday)
    assert (decision.reason, decision.next_date) == (Reason.NOT_SENDING_DAY, monday)
    assert [item.reason for item in decision.lines] == [Reason.NOT_SENDING_DAY, Reason.NOT_DUE, Reason.DISPUTED]
    assert [item.next_date for item in decision.lines] == [monday, day("09/07/2026"), None]
    assert decide_line(line(1), rules, sunday).reason == Reason.NOT_SENDING_DAY


def test_interval_that_ends_on_a_sunday():
    """Ten days after a Thursday is a Sunday: the message leaves on Monday."""
    rules = plan(level(1, 5), minimum_interval=10, sending_days=WEEK)
    decision = decide_customer(customer(rules, line(), last_message_on=day("02/07/2026")), LATE)
    assert (decision.reason, decision.next_date) == (Reason.MINIMUM_INTERVAL, day("13/07/2026"))


def test_courtesy_whose_last_sending_day_is_past():
    """Due on a Sunday with a window of the week-end: no courtesy, the reminder comes."""
    rules = plan(level(0, 1), level(1, 5), sending_days=WEEK)
    decision = decide_customer(customer(rules, line(due="05/07/2026")), day("04/07/2026"))
    assert (decision.next_level.rank, decision.next_date) == (1, day("10/07/2026"))


def test_holidays_are_those_of_the_company():
    """Good Friday 2026: Strasbourg rests, Paris sends."""
    for region, reason in ((Region.METROPOLE, None), (Region.ALSACE_MOSELLE, Reason.NOT_SENDING_DAY)):
        rules = plan(level(1, 5), sending_days=WEEK, skip_holidays=True, region=region)
        assert decide_customer(customer(rules, line(due="01/03/2026")), day("03/04/2026")).reason == reason


@pytest.mark.parametrize("first_delay, first_day", [(0, "05/07"), (5, "05/07"), (15, "15/07")])
def test_first_delay(first_delay, first_day):
    """F055: no reminder before that many days after the due date; a courtesy may leave."""
    rules = plan(level(0, 8), level(1, 5), level(2, 20), first_delay=first_delay)
    story = play(customer(rules, line()), "01/06/2026", 60)
    assert [(each[0][:5], each[1]) for each in story] == [("22/06", 0), (first_day, 1), ("20/07", 2)]


@pytest.mark.parametrize(
    "due, delay, unit, first_day",
    [
        ("10/06/2026", 0, DayUnit.CALENDAR, "30/06/2026"),
        ("10/06/2026", 10, DayUnit.CALENDAR, "10/07/2026"),
        ("30/06/2026", 10, DayUnit.CALENDAR, "10/07/2026"),
        # "days, then month end" would give 31/07: the docstring says which one it is
        ("25/06/2026", 10, DayUnit.CALENDAR, "10/07/2026"),
        ("10/06/2026", 10, DayUnit.FIVE_DAY, "15/07/2026"),
        # on the very last day of the month the debt is not late yet
        ("30/06/2026", 0, DayUnit.CALENDAR, "01/07/2026"),
        ("01/02/2028", 0, DayUnit.CALENDAR, "29/02/2028"),
    ],
)
def test_end_of_month(due, delay, unit, first_day):
    """Trap 30: the end of the month of the due date first, then the days."""
    rules = plan(level(1, delay, Trigger.END_OF_MONTH, unit=unit))
    decision = decide_line(line(due=due), rules, day("01/01/2026"))
    assert decision.next_date == day(first_day)
    assert decide_line(line(due=due), rules, day(first_day) - ONE_DAY).level is None


# Levels passed over, levels that hand over


@pytest.mark.parametrize("strict", [False, True])
def test_an_ignored_level_is_passed_over(strict):
    """« À ignorer »: the third follows the first, also in a strict order."""
    previous = Trigger.AFTER_PREVIOUS
    rules = plan(level(1, 5), level(2, 10, previous, ignored=True), level(3, 10, previous), strict_order=strict)
    story = play(customer(rules, line()), "01/07/2026", 60)
    assert [each[:2] for each in story] == [("05/07/2026", 1), ("15/07/2026", 3)]
    alone = plan(level(1, 5), level(2, 10, ignored=True))
    assert decide_line(delivered(1, "05/07/2026"), alone, LATE).reason == Reason.LAST_LEVEL_SENT


def test_hand_over_ends_the_follow_up():
    """Trap 24: after the last level the line is a file, and nothing leaves by itself."""
    rules = plan(level(1, 5), level(2, 20, hand_over=True), level(3, 40))
    story = play(customer(rules, line()), "01/07/2026", 365)
    assert [each[1] for each in story] == [1, 2]
    handed = line(handed_over=True)
    assert decide_line(handed, rules, LATE).reason == Reason.HANDED_OVER


# Who lets a message go


@pytest.mark.parametrize("total, ask", [(1000, None), (1001, Reason.ABOVE_CEILING)])
def test_ceiling(total, ask):
    """Above it the message is proposed all the same, and a person decides."""
    rules = plan(level(1, 5, mode=Mode.AUTOMATIC), ceiling=Decimal(1000))
    decision = decide_customer(customer(rules, line(1, amount=total - 400), line(2, amount=400)), LATE)
    (message,) = decision.messages
    assert (message.ask, message.mode) == (ask, Mode.MANUAL if ask else Mode.AUTOMATIC)
    assert decision.reason is None


def test_ceiling_is_the_customers_whatever_the_grouping():
    """Two messages of 600 € are 1 200 € to one customer; a credit deducted lowers them."""
    rules = plan(level(1, 5), ceiling=Decimal(1000), grouping=Grouping.DOCUMENT)
    lines = line(1, amount=600, document=1), line(2, amount=600, document=2)
    asked = [each.ask for each in decide_customer(customer(rules, *lines), LATE).messages]
    assert asked == [Reason.ABOVE_CEILING] * 2
    fewer = decide_customer(customer(rules, *lines, line(3, amount=-200)), LATE)
    assert [each.ask for each in fewer.messages] == [None, None]


A, C, M = Mode.AUTOMATIC, Mode.CONFIRM, Mode.MANUAL
MODES = [
    # plan, level, customer: mode, ask
    (A, A, None, A, None),
    (A, A, A, A, None),
    (A, C, A, C, None),
    (C, A, None, C, None),
    (A, A, C, C, None),
    (A, M, None, M, Reason.MANUAL_LEVEL),
    (M, A, None, M, Reason.MANUAL_LEVEL),
    (A, A, M, M, Reason.NOT_AUTOMATIC),
    (A, M, M, M, Reason.NOT_AUTOMATIC),
]


@pytest.mark.parametrize("of_plan, of_level, of_customer, mode, ask", MODES)
def test_the_strictest_mode_wins(of_plan, of_level, of_customer, mode, ask):
    """F056: automatic, to confirm or manual, by plan, by level and by customer."""
    rules = plan(level(1, 5, mode=of_level), mode=of_plan)
    (message,) = decide_customer(customer(rules, line(), mode=of_customer), LATE).messages
    assert (message.mode, message.ask) == (mode, ask)


def test_a_customer_chosen_by_hand():
    """Neither the weekday, nor the ceiling, nor "proposed only"; the rest still holds."""
    rules = default_plan(sending_days=frozenset({0}), ceiling=Decimal(50), minimum_interval=7)
    by_hand = {"by_hand": True, "mode": Mode.MANUAL}
    decision = decide_customer(customer(rules, line(), **by_hand), LATE)
    assert [(each.mode, each.ask) for each in decision.messages] == [(Mode.CONFIRM, None)]
    for values, reason in (
        ({"last_message_on": day("08/07/2026")}, Reason.MINIMUM_INTERVAL),
        ({"stop": True}, Reason.CUSTOMER_STOP),
    ):
        assert decide_customer(customer(rules, line(), **by_hand, **values), LATE).reason == reason
    assert decide_customer(customer(rules, line(disputed=True), **by_hand), LATE).reason == Reason.DISPUTED


def test_a_manual_level_stays_manual_for_who_is_chosen_by_hand():
    """A formal notice asks for a decision of its own."""
    rules = plan(level(1, 5, phase=Phase.NOTICE, mode=Mode.MANUAL))
    (message,) = decide_customer(customer(rules, line(), by_hand=True), LATE).messages
    assert message.ask == Reason.MANUAL_LEVEL


def test_weekdays_are_checked():
    """7 is no weekday: such a plan would never send."""
    with pytest.raises(ValueError, match="weekday"):
        plan(sending_days=frozenset({7}))
