"""The known traps about facts that came with payments, plans, calls and sending days, numbered."""

from dataclasses import replace
from decimal import Decimal

import pytest
from levels_builders import customer, day, default_plan, delivered, level, line, plan

from lib.levels import CreditPolicy, Mode, Phase, Reason, Trigger, decide_customer, decide_line

TODAY = day("20/11/2026")  # a Friday
WORKING_DAYS = frozenset(range(5))


@pytest.mark.parametrize(
    ("part", "claimed"), [(None, None), (Decimal(0), None), (Decimal(40), 60), (Decimal(100), None)]
)
def test_t01_what_is_being_paid_is_not_claimed(part, claimed):
    """A payment without entry leaves the residual as it was: the line is not chased for that part."""
    account = customer(default_plan(), line(in_process=True, in_process_amount=part))
    decision = decide_customer(account, TODAY)
    if claimed is None:
        assert (decision.level, decision.reason) == (None, Reason.IN_PROCESS)
    else:
        assert decision.lines[0].claimed == claimed
    given_up = replace(account, lines=(line(),))
    assert decide_customer(given_up, TODAY).lines[0].claimed == 100


@pytest.mark.parametrize("policy", CreditPolicy)
def test_t02_no_policy_chases_who_owes_nothing(policy):
    """Credits shown and not deducted still silence a customer whose account is in credit."""
    rules = default_plan(credit_policy=policy)
    account = customer(rules, line(1), line(2, amount=-100))
    for each in (account, replace(account, by_hand=True)):
        decision = decide_customer(each, TODAY)
        assert (decision.messages, decision.reason) == ((), Reason.CREDITS_COVER)


def test_t08_a_discount_does_not_make_anybody_late():
    """Nothing is late before the due date; what a discount taken too late leaves is below the plan's minimum."""
    rules = default_plan(line_minimum=Decimal(20))
    assert not decide_line(line(due="30/11/2026", amount=900), rules, TODAY).overdue
    assert decide_line(line(amount=18), rules, TODAY).reason == Reason.BELOW_LINE_MINIMUM
    assert decide_line(line(amount=900), rules, TODAY).level.rank == 1


def test_t11_what_the_plan_leaves_out_is_not_chased_but_its_credits_count():
    """Claims sold to a factor stand on an account of their own; payments stand in journals that no plan lists."""
    sold = line(1, in_plan=False)
    decision = decide_customer(customer(default_plan(), sold, line(2)), TODAY)
    assert (decision.listed, decision.lines[0].reason) == ((2,), Reason.NOT_IN_PLAN)
    payment = line(3, amount=-100, in_plan=False)
    assert decide_customer(customer(default_plan(), line(2), payment), TODAY).reason == Reason.CREDITS_COVER


def test_t24_handed_over_after_the_last_level():
    """Neither the same level again, nor a lower one, nor by hand."""
    rules = default_plan()
    sent = delivered(4, "01/08/2026", amount=5000)
    assert decide_line(sent, rules, TODAY).reason == Reason.LAST_LEVEL_SENT
    account = customer(rules, replace(sent, handed_over=True), by_hand=True)
    assert decide_customer(account, TODAY).reason == Reason.HANDED_OVER


def test_t25_a_contact_holds_back_without_raising():
    """A call that is no level: the interval runs, the level to come is still the first."""
    rules = default_plan(minimum_interval=7)
    called = customer(rules, line(), last_message_on=day("16/11/2026"))
    decision = decide_customer(called, TODAY)
    assert (decision.level, decision.reason) == (None, Reason.MINIMUM_INTERVAL)
    assert (decision.next_level.rank, decision.next_date) == (1, day("23/11/2026"))
    assert decide_customer(called, day("23/11/2026")).level.rank == 1


@pytest.mark.parametrize(
    ("on", "sent_on"),
    [
        ("20/11/2026", "20/11/2026"),
        ("21/11/2026", "23/11/2026"),  # a Saturday
        ("22/11/2026", "23/11/2026"),
        ("25/12/2026", "28/12/2026"),  # Christmas, a Friday
        ("11/11/2026", "12/11/2026"),
    ],
)
def test_t31_nothing_leaves_on_a_free_day(on, sent_on):
    """Weekends and public holidays push the message to the next sending day, which is announced."""
    rules = default_plan(sending_days=WORKING_DAYS, skip_holidays=True)
    decision = decide_customer(customer(rules, line()), day(on))
    assert decision.next_date == day(sent_on)
    assert (decision.level is not None) == (on == sent_on)
    assert decision.reason == (None if on == sent_on else Reason.NOT_SENDING_DAY)


def test_t31_a_formal_notice_waits_for_a_person():
    """Its own mode wins over a plan that lets everything leave by itself."""
    notice = level(2, 10, Trigger.AFTER_PREVIOUS, phase=Phase.NOTICE, mode=Mode.MANUAL)
    rules = plan(level(1, 5, mode=Mode.AUTOMATIC), notice, mode=Mode.AUTOMATIC)
    [message] = decide_customer(customer(rules, line()), TODAY).messages
    assert (message.mode, message.ask) == (Mode.AUTOMATIC, None)
    [message] = decide_customer(customer(rules, delivered(1, "01/08/2026")), TODAY).messages
    assert (message.mode, message.ask) == (Mode.MANUAL, Reason.MANUAL_LEVEL)


def test_t32_delays_count_from_the_day_of_posting():
    """The day written on the line is the one on which the letter was posted, and nothing else counts."""
    rules = default_plan()
    for posted, due in (("09/11/2026", "19/11/2026"), ("12/11/2026", "22/11/2026")):
        sent = delivered(2, posted)
        assert decide_line(sent, rules, TODAY).next_date == max(day(due), TODAY)
        assert (decide_line(sent, rules, TODAY).level is not None) == (day(due) <= TODAY)
