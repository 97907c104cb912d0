"""Stops, promises, disputes, proceedings, prescription, levels chosen by hand, by date."""

from dataclasses import replace
from decimal import Decimal

import pytest
from levels_builders import (
    customer,
    day,
    default_plan,
    delivered,
    level,
    line,
    plan,
    play,
    strict_plan,
)

from lib.levels import Level, Phase, Plan, Reason, Trigger, decide_customer, decide_line, exclusion, refusal

LATE = day("10/07/2026")
ONE_LEVEL = plan(level(1, 5))


def on_days(rules, each, *days):
    """The reason, or the rank due, on each of these days of July 2026."""
    found = []
    for number in days:
        decision = decide_customer(customer(rules, each), day(f"{number:02}/07/2026"))
        item = decision.lines[0]
        found.append(item.level.rank if item.level else item.reason)
    return found


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"in_process": True}, Reason.IN_PROCESS),
        ({"in_process": True, "in_process_amount": Decimal(100)}, Reason.IN_PROCESS),
        ({"in_plan": False}, Reason.NOT_IN_PLAN),
        ({"handed_over": True}, Reason.HANDED_OVER),
        ({"not_before": day("11/07/2026")}, Reason.GRACE),
        ({"stop": True, "stop_until": LATE}, Reason.LINE_STOP),
        ({"disputed": True, "disputed_amount": Decimal(100)}, Reason.DISPUTED),
        ({"disputed": True, "disputed_amount": Decimal(0)}, Reason.DISPUTED),
        ({"promised_until": LATE, "promised_amount": Decimal(100)}, Reason.PROMISED),
        ({"promised_until": LATE, "promised_amount": Decimal(0)}, Reason.PROMISED),
    ],
)
def test_each_exclusion_has_its_reason(values, reason):
    """Nothing is claimed, nothing is due, by hand neither."""
    each = line(**values)
    decision = decide_line(each, ONE_LEVEL, LATE)
    assert (decision.level, decision.reason, decision.claimed) == (None, reason, 0)
    assert refusal(each, ONE_LEVEL, ONE_LEVEL.levels[0], LATE) == reason


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"stop": True, "stop_until": day("12/07/2026")}, Reason.LINE_STOP),
        ({"promised_until": day("12/07/2026")}, Reason.PROMISED),
        ({"not_before": day("13/07/2026")}, Reason.GRACE),
    ],
)
def test_what_ends_on_a_day(values, reason):
    """Stop, promise, grace: the 12th is the last day; the next date says the 13th."""
    each = line(**values)
    assert on_days(ONE_LEVEL, each, 10, 12, 13) == [reason, reason, 1]
    for decision in (decide_line(each, ONE_LEVEL, LATE), decide_customer(customer(ONE_LEVEL, each), LATE)):
        assert (decision.next_level.rank, decision.next_date) == (1, day("13/07/2026"))


def test_several_ends_the_last_one_counts():
    """A promise until the 12th, a stop until the 15th: chased from the 16th."""
    each = line(promised_until=day("12/07/2026"), stop=True, stop_until=day("15/07/2026"))
    assert on_days(ONE_LEVEL, each, 12, 15, 16) == [Reason.LINE_STOP, Reason.LINE_STOP, 1]
    assert decide_line(each, ONE_LEVEL, LATE).next_date == day("16/07/2026")


def test_an_old_end_without_the_flag_means_nothing():
    """The date of a stop that was lifted stops nothing."""
    assert on_days(ONE_LEVEL, line(stop_until=day("31/07/2026")), 10) == [1]


def test_stop_on_the_customer_until_a_day():
    """F041: the day after its last day, the messages resume."""
    account = customer(ONE_LEVEL, line(1), line(2, disputed=True), stop=True, stop_until=day("12/07/2026"))
    decision = decide_customer(account, LATE)
    assert (decision.reason, decision.next_date) == (Reason.CUSTOMER_STOP, day("13/07/2026"))
    assert [item.reason for item in decision.lines] == [Reason.CUSTOMER_STOP, Reason.DISPUTED]
    assert decision.lines[0].next_date == day("13/07/2026")
    assert [each[0] for each in play(account, "05/07/2026", 20)] == ["13/07/2026"]


def test_options_that_let_excluded_lines_be_chased():
    """A plan may chase direct debits that failed to come, and promises."""
    open_plan = replace(ONE_LEVEL, exclude_automatic_payment=False, exclude_promised=False)
    assert on_days(open_plan, line(automatic_payment=True), 10) == [1]
    assert on_days(open_plan, line(promised_until=day("31/07/2026")), 10) == [1]


# Parts of a line


PARTS = [
    # disputed, promised until the 12th, claimed on the 10th and on the 13th
    (None, None, 100, 100),
    (30, None, 70, 70),
    (None, 60, 40, 100),
    (30, 60, 10, 70),
    (30, 70, 0, 70),
    (30, 80, 0, 70),
]


@pytest.mark.parametrize("disputed, promised, claimed, later", PARTS)
def test_parts_disputed_and_promised(disputed, promised, claimed, later):
    """Traps 27 and 28: the rest is claimed; when the promise breaks, its part comes back."""
    values = {}
    if disputed:
        values |= {"disputed": True, "disputed_amount": Decimal(disputed)}
    if promised:
        values |= {"promised_until": day("12/07/2026"), "promised_amount": Decimal(promised)}
    account = customer(ONE_LEVEL, line(**values))
    decision = decide_customer(account, LATE)
    assert (decision.lines[0].claimed, decision.lines[0].claimed_company) == (claimed, claimed)
    assert decision.reason == (None if claimed else Reason.PROMISED)
    assert decide_customer(account, day("13/07/2026")).lines[0].claimed == later


@pytest.mark.parametrize(
    "disputed, on_its_way, claimed, reason",
    [(None, 40, 60, None), (30, 40, 30, None), (60, 40, 0, Reason.IN_PROCESS)],
)
def test_part_whose_payment_is_on_its_way(disputed, on_its_way, claimed, reason):
    """Trap 1: a payment without its entry yet pays a part; it lasts until the entry comes."""
    values = {"disputed": bool(disputed), "disputed_amount": disputed and Decimal(disputed)}
    each = line(in_process=True, in_process_amount=Decimal(on_its_way), **values)
    for on in (LATE, day("31/12/2026")):
        decision = decide_line(each, ONE_LEVEL, on)
        assert (decision.claimed, decision.reason) == (claimed, reason)


def test_part_of_a_line_in_dollars():
    """40 of 120 dollars are disputed: 80 dollars, 66,67 € in the books."""
    each = line(amount=100, currency="USD", residual_currency=120, disputed=True, disputed_amount=Decimal(40))
    decision = decide_line(each, ONE_LEVEL, LATE)
    assert (decision.claimed, decision.claimed_company) == (80, Decimal("66.67"))


def test_minimums_compare_what_is_claimed():
    """100 € of which 60 € are disputed: under 50 €, the line and the level wait."""
    each = line(disputed=True, disputed_amount=Decimal(60))
    for rules in (plan(level(1, 5), line_minimum=Decimal(50)), plan(level(1, 5, minimum=50))):
        assert decide_line(each, rules, LATE).reason == Reason.BELOW_LINE_MINIMUM
        assert refusal(each, rules, rules.levels[0], LATE) == Reason.BELOW_LINE_MINIMUM
    threshold = plan(level(1, 5), customer_threshold=Decimal(50))
    assert decide_customer(customer(threshold, each), LATE).reason == Reason.BELOW_THRESHOLD


def test_a_level_opens_when_the_promised_part_comes_back():
    """The notice asks for 150 €: 100 € while 100 € are promised, 200 € after."""
    rules = plan(level(1, 5), level(2, 8, minimum=150))
    each = line(amount=200, promised_until=day("12/07/2026"), promised_amount=Decimal(100))
    assert on_days(rules, each, 10, 12, 13) == [1, 1, 2]


def test_credits_are_compared_with_what_is_claimed():
    """50 € paid on 100 € of which 50 € are disputed: nothing to claim."""
    each = line(disputed=True, disputed_amount=Decimal(50))
    assert decide_customer(customer(ONE_LEVEL, each, line(2, amount=-50)), LATE).reason == Reason.CREDITS_COVER


# Proceedings, prescription


@pytest.mark.parametrize(
    "invoiced, reason",
    [("30/04/2026", Reason.PROCEEDINGS), ("01/05/2026", None), ("02/05/2026", None)],
)
def test_insolvency_proceedings(invoiced, reason):
    """Sauvegarde opened on 1 May: earlier debts stop, those born since do not."""
    each = line(invoice_date=day(invoiced))
    account = customer(ONE_LEVEL, each, proceedings_on=day("01/05/2026"))
    decision = decide_customer(account, LATE)
    assert decision.reason == reason
    assert exclusion(each, ONE_LEVEL, LATE, day("01/05/2026")) == reason
    assert refusal(each, ONE_LEVEL, ONE_LEVEL.levels[0], LATE, day("01/05/2026")) == reason


@pytest.mark.parametrize(
    "invoiced, years, reason",
    [
        ("09/07/2021", 5, Reason.PRESCRIBED),
        ("10/07/2021", 5, None),
        ("09/07/2024", 2, Reason.PRESCRIBED),
        ("09/07/2021", None, None),
        ("01/01/1753", 5, Reason.PRESCRIBED),
    ],
)
def test_prescription(invoiced, years, reason):
    """Five years between traders (L110-4), two for a consumer (L218-2); the last day counts."""
    rules = plan(level(1, 5), prescription_years=years)
    assert decide_line(line(invoice_date=day(invoiced)), rules, LATE).reason == reason


def test_prescription_is_seen_in_the_next_date():
    """A level that would come after the term never comes."""
    rules = plan(level(1, 5), level(2, 20), prescription_years=5)
    each = delivered(1, "05/07/2026", invoice_date=day("15/07/2021"))
    assert decide_line(each, rules, LATE).next_date is None
    assert decide_customer(customer(rules, each), LATE).next_date is None


def test_prescription_of_a_leap_day():
    """From 29 February 2024: the last day is 28 February 2029."""
    rules = plan(level(1, 5), prescription_years=5)
    each = line(due="29/03/2024", invoice_date=day("29/02/2024"))
    assert decide_line(each, rules, day("28/02/2029")).level.rank == 1
    assert decide_line(each, rules, day("01/03/2029")).reason == Reason.PRESCRIBED


# A next level chosen by hand


def chosen(rules, rank, **values):
    """A line whose next level was chosen."""
    return line(forced_level_id=rules.levels[rank - 1].id, **values)


def test_next_level_chosen_by_hand_is_due_at_once():
    """F037: the next run uses it, before its day, then the plan goes on from there."""
    rules = plan(level(1, 5), level(2, 20), level(3, 10, Trigger.AFTER_PREVIOUS))
    story = play(customer(rules, chosen(rules, 2)), "25/06/2026", 60)
    assert [each[:2] for each in story] == [("01/07/2026", 2), ("11/07/2026", 3)]


def test_next_level_may_be_lower_or_the_same():
    """Sent to the wrong address: the same level again, once."""
    rules = plan(level(1, 5), level(2, 20))
    again = replace(delivered(2, "05/07/2026"), forced_level_id=rules.levels[0].id)
    story = play(customer(rules, again), "10/07/2026", 5)
    assert story == [("10/07/2026", 1, (1,))]


DATED = {"delivered_rank": 1, "delivered_on": day("01/07/2026")}


@pytest.mark.parametrize(
    "rules, rank, values, expected",
    [
        # excluded lines stay excluded
        (strict_plan(), 1, {"disputed": True}, Reason.DISPUTED),
        # its minimum is kept: the plan's own level comes
        (plan(level(1, 5), level(2, 20, minimum=500)), 2, {}, 1),
        # a strict order goes first through the level before
        (strict_plan(), 3, {}, 1),
        (strict_plan(), 2, DATED, 2),
        # a level passed over by itself may be chosen
        (plan(level(1, 5), level(2, 20, ignored=True)), 2, {}, 2),
    ],
)
def test_what_a_chosen_level_must_respect(rules, rank, values, expected):
    """Choosing moves the day, not the rules."""
    assert on_days(rules, chosen(rules, rank, **values), 10) == [expected]


def test_chosen_level_of_another_plan():
    """The customer has changed plan since: the choice is nobody's."""
    assert on_days(ONE_LEVEL, line(forced_level_id=4), 10) == [1]


def test_next_level_of_a_customer():
    """All its overdue lines get it; a line with its own choice keeps it."""
    rules = plan(level(1, 5), level(2, 20), level(3, 40))
    lines = line(1), chosen(rules, 3, number=2), line(3, due="31/07/2026")
    account = customer(rules, *lines, forced_level_id=rules.levels[1].id)
    decision = decide_customer(account, day("01/07/2026"))
    assert [item.level and item.level.rank for item in decision.lines] == [2, 3, None]
    held = replace(account, last_message_on=day("30/06/2026"), plan=replace(rules, minimum_interval=5))
    assert decide_customer(held, day("01/07/2026")).reason == Reason.MINIMUM_INTERVAL


def test_courtesy_chosen_by_hand():
    """Before the due date it leaves at once; once late, the reminders go on."""
    rules = default_plan()
    forced = {"forced_level_id": rules.levels[0].id, "amount": 1000}
    assert on_days(rules, line(due="31/07/2026", **forced), 1) == [0]
    assert on_days(rules, line(**forced), 10) == [1]


def test_no_plan_at_all():
    """A customer without a plan has figures and no message."""
    nobody = Plan(0, ())
    decision = decide_customer(customer(nobody, line(forced_level_id=3)), LATE)
    assert (decision.messages, decision.reason) == ((), Reason.NOT_DUE)
    assert decision.lines[0].claimed == 100


def test_levels_of_the_same_rank_are_allowed():
    """Two courtesies: both are of rank 0, the first that opens leaves, once."""
    again = Level(7, 0, Phase.PREVENTION, Trigger.BEFORE_DUE, 3)
    story = play(customer(plan(level(0, 8), again), line()), "01/06/2026", 60)
    assert [each[:2] for each in story] == [("22/06/2026", 0)]
