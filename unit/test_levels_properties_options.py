"""What no option of a plan may ever break, tried on random accounts."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from levels_builders import ONE_DAY
from levels_strategies import NOTHING, claimed, customers, days, live

from lib.levels import (
    CreditPolicy,
    DayUnit,
    Grouping,
    Mode,
    Phase,
    Reason,
    add_days,
    after_delivery,
    decide_customer,
    effective_due_date,
    refusal,
)
from lib.working_days import public_holidays

ACCOUNT = {"grouping": Grouping.CUSTOMER}


def reminders(decision):
    """The messages of a decision that are no courtesy."""
    return [message for message in decision.messages if message.level.phase != Phase.PREVENTION]


@given(customers(), days)
def test_messages_share_the_lines_out(account, on):
    """No line in two messages, and each message is what the grouping says."""
    decision = decide_customer(account, on)
    messages = decision.messages
    listed = [number for message in messages for number in message.listed]
    assert len(listed) == len(set(listed))
    assert len({message.key for message in messages}) == len(messages)
    assert [message.level.rank for message in messages] == sorted((m.level.rank for m in messages), reverse=True)
    ranks = {item.line_id: item.level.rank for item in decision.lines if item.level}
    for message in messages:
        assert message.due and set(message.due) <= set(message.listed)
        assert message.level.rank == max(ranks[number] for number in message.due)
        if account.plan.grouping == Grouping.LEVEL:
            assert {ranks[number] for number in message.due} == {message.key}
        if account.plan.grouping == Grouping.DOCUMENT:
            assert {account.lines[n - 1].document or -n for n in message.listed} == {message.key}
    if account.plan.grouping == Grouping.CUSTOMER:
        assert len(messages) <= 1


@given(customers(), days)
def test_grouping_does_not_change_what_is_due(account, on):
    """Without credits the same lines rise to the same levels, in one message or in ten."""
    debts_only = replace(account, lines=tuple(each for each in account.lines if each.residual > 0))
    found = set()
    for grouping in Grouping:
        decision = decide_customer(replace(debts_only, plan=replace(account.plan, grouping=grouping)), on)
        rising = {number for message in reminders(decision) for number in message.due}
        found.add(frozenset((item.line_id, item.level.rank) for item in decision.lines if item.line_id in rising))
    assert len(found) == 1


@given(customers())
def test_messages_leave_on_sending_days_only(account):
    """Neither on another weekday nor on a public holiday; by hand, any day."""
    rules = account.plan
    for today, _before, _decision in live(account):
        if not account.by_hand:
            assert not rules.sending_days or today.weekday() in rules.sending_days
            assert not rules.skip_holidays or today not in public_holidays(today.year, rules.region)


@given(customers(), days)
def test_sending_days_only_delay(account, on):
    """What would leave without them leaves, later, unless a courtesy has closed since."""
    every_day = replace(account.plan, sending_days=frozenset(), skip_holidays=False)
    free = decide_customer(replace(account, plan=every_day), on)
    held = decide_customer(account, on)
    if held.messages:
        assert held.messages == free.messages
    elif free.messages:
        assert held.reason == Reason.NOT_SENDING_DAY
        assert held.next_date is None or held.next_date > on


@given(customers(forced=False))
def test_the_first_delay_is_waited_for(account):
    """No reminder before that many days after the due date."""
    for today, before, decision in live(account):
        for message in reminders(decision):
            for number in message.due:
                due_date = effective_due_date(before.lines[number - 1])
                assert today >= add_days(due_date, account.plan.first_delay, DayUnit.CALENDAR)


@given(customers(), days)
def test_a_ceiling_only_asks(account, on):
    """The same messages leave with or without it; above it a person decides."""
    decision = decide_customer(account, on)
    free = decide_customer(replace(account, plan=replace(account.plan, ceiling=None)), on)
    assert [(m.level, m.listed, m.due, m.credits) for m in decision.messages] == [
        (m.level, m.listed, m.due, m.credits) for m in free.messages
    ]
    assert decision.lines == free.lines
    asked = {message.ask == Reason.ABOVE_CEILING for message in decision.messages}
    assert len(asked) <= 1
    if asked == {True}:
        assert not account.by_hand
        assert claimed(decision, decision.listed) > account.plan.ceiling


@given(customers(), days)
def test_the_strictest_mode_wins(account, on):
    """Nothing is looser than the plan, the level or the customer; who asks is manual."""
    order = [*Mode]
    for message in decide_customer(account, on).messages:
        assert order.index(message.mode) >= order.index(account.plan.mode)
        assert order.index(message.mode) >= order.index(message.level.mode)
        if account.mode and not account.by_hand:
            assert order.index(message.mode) >= order.index(account.mode)
        assert (message.mode == Mode.MANUAL) == (message.ask is not None)


@given(customers(), days)
def test_choosing_a_customer_by_hand_excludes_no_line_less(account, on):
    """Only the weekday, the ceiling and "proposed only" give way."""
    every_day = replace(account.plan, sending_days=frozenset(), skip_holidays=False)
    by_hand = decide_customer(replace(account, by_hand=True), on)
    free = decide_customer(replace(account, by_hand=False, plan=every_day), on)
    assert [(m.level, m.listed, m.due) for m in by_hand.messages] == [(m.level, m.listed, m.due) for m in free.messages]


@given(customers(credit_policy=CreditPolicy.DEDUCT, ignore_future_credits=False), days)
def test_messages_together_claim_no_more_than_what_is_owed(account, on):
    """Several messages share the credits: their sum is at most the net of the account."""
    decision = decide_customer(account, on)
    for currency in ("EUR", "USD"):
        total = NOTHING
        for message in reminders(decision):
            same = [number for number in message.listed if account.lines[number - 1].currency == currency]
            total += claimed(decision, same)
            total -= sum(
                (amount for number, amount in message.credits if account.lines[number - 1].currency == currency),
                NOTHING,
            )
        net = sum(
            (each.residual for each in account.lines if each.currency == currency and each.account_kind != "bills"),
            NOTHING,
        )
        if total:
            assert total <= net


@given(customers(), days)
def test_showing_credits_never_silences_more_than_deducting(account, on):
    """Who gets a reminder with the credits deducted gets it with the credits shown."""
    deduct, show = (
        decide_customer(replace(account, plan=replace(account.plan, credit_policy=policy)), on)
        for policy in CreditPolicy
    )
    rising = {number for message in reminders(deduct) for number in message.due}
    assert rising <= set(show.due)


@given(customers(forced=False, **ACCOUNT), days, st.integers(0, 5))
def test_a_chosen_level_is_due_at_once(account, on, choice):
    """Late, not excluded, allowed by the order: that very level, whatever its day."""
    levels = account.plan.levels
    level = levels[choice % len(levels)]
    forced = replace(account, forced_level_id=level.id)
    decision = decide_customer(forced, on)
    for number in decision.listed:
        each = forced.lines[number - 1]
        late = effective_due_date(each) < on
        if level.rank and late and refusal(each, account.plan, level, on, account.proceedings_on) is None:
            assert decision.lines[number - 1].level == level
    assert (
        decide_customer(account, on).reason not in (Reason.MINIMUM_INTERVAL, Reason.CUSTOMER_STOP) or not decision.level
    )


@given(customers())
def test_a_chosen_level_serves_once(account):
    """Delivered, the choice is over: the next message is the plan's."""
    for today, before, decision in live(account):
        after = after_delivery(before, decision, today)
        assert after.forced_level_id is None
        assert not any(after.lines[number - 1].forced_level_id for number in decision.due)


@given(customers())
def test_nothing_leaves_after_a_hand_over(account):
    """Trap 24: the last level hands over, and the line is never in a message again."""
    handed = {each.id for each in account.lines if each.handed_over}
    for _today, _before, decision in live(account):
        assert not handed & set(decision.listed)
        handed |= {item.line_id for item in decision.lines if item.level and item.level.hand_over}


@given(customers(), days, st.integers(1, 99))
def test_a_part_disputed_is_never_claimed(account, on, part):
    """Whatever the rest of the account, the claim of a line is lower by that part at least."""
    disputed = tuple(
        replace(each, disputed=True, disputed_amount=Decimal(part), promised_until=None) for each in account.lines
    )
    for item in decide_customer(replace(account, lines=disputed), on).lines:
        assert item.claimed <= max(account.lines[item.line_id - 1].residual - part, NOTHING)


@given(customers(), days)
def test_a_stop_until_a_day_holds_until_that_day(account, on):
    """Nothing on its last day; the day after, as if it had never been."""
    stopped = replace(account, stop=True, stop_until=on)
    assert decide_customer(stopped, on).messages == ()
    lifted = replace(account, stop=False, stop_until=None)
    assert decide_customer(stopped, on + ONE_DAY).messages == decide_customer(lifted, on + ONE_DAY).messages
