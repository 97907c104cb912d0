"""What no plan, no account and no day may ever break, tried on random ones."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from levels_builders import ONE_DAY
from levels_strategies import (
    HORIZON,
    NOTHING,
    claimed,
    customers,
    days,
    debts,
    lines,
    live,
    plans,
    reminded,
)

from lib.levels import (
    FOLLOWED_KINDS,
    CreditPolicy,
    Customer,
    Grouping,
    Line,
    Phase,
    Reason,
    after_delivery,
    decide_customer,
    decide_line,
    effective_due_date,
    refusal,
)

ACCOUNT = {"grouping": Grouping.CUSTOMER}


@given(customers(), days)
def test_a_level_or_a_reason_never_both(account, on):
    """A line and a customer have exactly one of the two."""
    decision = decide_customer(account, on)
    assert (decision.level is None) != (decision.reason is None)
    assert [item.line_id for item in decision.lines] == [each.id for each in account.lines]
    for item in decision.lines:
        assert (item.level is None) != (item.reason is None)
        assert (item.next_level is None) == (item.next_date is None)
        assert item.next_date is None or item.next_date >= on


@given(customers(), days)
def test_the_message_is_at_the_highest_level_due(account, on):
    """The level of the message is that of one of its lines, and of none higher."""
    decision = decide_customer(account, on)
    due = {item.line_id: item.level for item in decision.lines if item.level}
    assert tuple(due) == decision.due
    assert set(decision.due) <= set(decision.listed)
    if decision.level:
        assert decision.level.rank == max(each.rank for each in due.values())
        assert (decision.next_level, decision.next_date) == (decision.level, on)
    else:
        assert decision.listed == decision.due == ()


@given(customers(), days)
def test_only_debts_that_may_be_chased_are_listed(account, on):
    """No credit, no excluded line, nothing that is not late; prevention: not late."""
    decision = decide_customer(account, on)
    rules = account.plan
    for message in decision.messages:
        for number in message.listed:
            each = debts(account)[number]
            assert not (each.no_followup or each.handed_over)
            assert not each.in_process or each.in_process_amount < each.residual
            assert each.in_plan and each.account_kind != "bills"
            assert not each.stop or each.stop_until < on
            assert not each.disputed or each.disputed_amount < each.residual
            assert not each.not_before or each.not_before <= on
            assert not (each.automatic_payment and rules.exclude_automatic_payment)
            whole = each.promised_until and on <= each.promised_until and not each.promised_amount
            assert not (whole and rules.exclude_promised)
            assert not account.proceedings_on or each.invoice_date >= account.proceedings_on
            assert not rules.prescription_years or each.invoice_date >= on - (5 * 365 + 2) * ONE_DAY
            late = effective_due_date(each) < on
            assert late == (message.level.phase != Phase.PREVENTION)


@given(customers(), days)
def test_what_is_claimed_is_what_is_owed(account, on):
    """Parts disputed or promised are not claimed; nothing is when a reason excludes."""
    for item in decide_customer(account, on).lines:
        each = account.lines[item.line_id - 1]
        most = max(each.residual, NOTHING)
        if each.disputed:
            most -= each.disputed_amount or most
        if each.in_process:
            most -= each.in_process_amount or most
        if each.promised_until and on <= each.promised_until and account.plan.exclude_promised:
            most -= each.promised_amount or most
        assert NOTHING <= item.claimed <= max(most, NOTHING)
        assert item.claimed == item.claimed_company
        assert item.claimed or item.line_id not in decide_customer(account, on).listed


@given(customers(credit_policy=CreditPolicy.DEDUCT, ignore_future_credits=False), days)
def test_the_sum_listed_is_worth_a_message(account, on):
    """What is left once the credits are deducted is positive and reaches the threshold."""
    decision = decide_customer(account, on)
    left = {"EUR": NOTHING, "USD": NOTHING}
    for message in decision.messages:
        if message.level.phase != Phase.PREVENTION:
            for number in message.listed:
                left[account.lines[number - 1].currency] += claimed(decision, [number])
            for number, amount in message.credits:
                left[account.lines[number - 1].currency] -= amount
                assert NOTHING < amount <= -account.lines[number - 1].residual
    assert all(amount >= NOTHING for amount in left.values())
    if decision.level and account.plan.grouping == Grouping.CUSTOMER:
        total = sum(left.values()) or claimed(decision, decision.listed)
        assert total >= account.plan.customer_threshold


@given(customers(ignore_future_credits=False), days)
def test_who_owes_nothing_net_is_never_chased(account, on):
    """Trap 2, whatever is done with the credits, each currency apart."""
    listed = decide_customer(account, on).listed
    for currency in {account.lines[number - 1].currency for number in listed}:
        same = [
            each for each in account.lines if (each.currency, each.account_kind in FOLLOWED_KINDS) == (currency, True)
        ]
        assert sum(each.residual for each in same) > 0


@given(customers(**ACCOUNT), days)
def test_every_late_line_that_may_be_chased_is_listed(account, on):
    """A reminder leaves no late line out, unless a reason says so."""
    listed = {None, Reason.NOT_DUE, Reason.LAST_LEVEL_SENT, Reason.PREVIOUS_NOT_DONE}
    for _today, decision in reminded(account, on):
        for item in decision.lines:
            if item.overdue and item.claimed:
                shown = item.reason in listed | {Reason.BELOW_LINE_MINIMUM}
                assert (item.line_id in decision.listed) == shown


@given(customers(), st.sets(st.integers(0, HORIZON)))
def test_never_two_messages_within_the_interval(account, sending_days):
    """Whatever the days on which somebody sends (F054, promise 2)."""
    interval = max(1, account.plan.minimum_interval)
    last = account.last_message_on
    for today, _before, _decision in live(account, sending_days):
        assert last is None or (today - last).days >= interval
        last = today


@given(customers())
def test_the_same_day_gives_nothing_more(account):
    """Doing anything twice on the same day changes nothing (promise 4)."""
    for today, before, decision in live(account):
        after = after_delivery(before, decision, today)
        again = decide_customer(after, today)
        assert (again.level, again.listed, again.due) == (None, (), ())
        assert after_delivery(after, again, today) is after


@given(customers())
def test_levels_only_rise(account):
    """Each message raises the lines that it is due for, and no other line moves."""
    for today, before, decision in live(account):
        after = after_delivery(before, decision, today)
        for old, new in zip(before.lines, after.lines, strict=True):
            if old.id not in decision.due:
                assert new is old
                continue
            assert new.delivered_on == today
            chosen = old.forced_level_id or before.forced_level_id
            assert chosen or old.delivered_rank is None or new.delivered_rank > old.delivered_rank
            assert new.forced_level_id is None


@given(customers(strict_order=True))
def test_strict_order_never_skips_a_level(account):
    """Between the level a line had and the one it gets, none was applicable (F051)."""
    for today, before, decision in live(account):
        for item in decision.lines:
            if not item.level:
                continue
            each = before.lines[item.line_id - 1]
            had = 0 if each.delivered_rank is None else each.delivered_rank
            skipped = [
                level
                for level in before.plan.levels
                if had < level.rank < item.level.rank and level.minimum_amount <= item.claimed and not level.ignored
            ]
            assert not skipped
            assert refusal(each, before.plan, item.level, today, before.proceedings_on) is None


@given(
    customers(
        **ACCOUNT, sending_days=frozenset(), skip_holidays=False, prescription_years=None, ignore_future_credits=False
    ),
    days,
    st.integers(1, 40),
)
def test_time_alone_never_lowers_a_reminder(account, on, later):
    """Not paid, a line due for a level stays due, for that level or a higher one."""
    for today, decision in reminded(account, on):
        then = decide_customer(account, today + later * ONE_DAY)
        assert then.level.rank >= decision.level.rank
        assert set(then.listed) >= set(decision.listed)
        assert set(then.due) >= set(decision.due)


@given(customers(), days)
def test_the_next_date_is_kept(account, on):
    """Nothing leaves before the announced day; on that day, the announced level."""
    decision = decide_customer(account, on)
    last = decision.next_date or on + 120 * ONE_DAY
    for number in range((last - on).days):
        assert decide_customer(account, on + number * ONE_DAY).level is None
    if decision.next_date:
        assert decide_customer(account, decision.next_date).level == decision.next_level


@given(plans(), lines(1), days)
def test_the_next_date_of_a_line_is_kept(rules, each, on):
    """The same holds for a line alone."""
    decision = decide_line(each, rules, on)
    last = decision.next_date or on + 120 * ONE_DAY
    for number in range((last - on).days):
        assert decide_line(each, rules, on + number * ONE_DAY).level is None
    if decision.next_date:
        then = decide_line(each, rules, decision.next_date)
        assert then.level == decision.next_level


@given(customers(customer_threshold=NOTHING, **ACCOUNT), days)
def test_currencies_never_mix(account, on):
    """With dollars or without, a reminder lists the same lines in euros."""
    euros = tuple(each for each in account.lines if each.currency == "EUR")
    numbers = {each.id for each in euros}
    for today, alone in reminded(replace(account, lines=euros), on):
        mixed = decide_customer(account, today)
        assert set(alone.listed) == set(mixed.listed) & numbers
        assert set(alone.due) == set(mixed.due) & numbers


@given(customers(), st.sampled_from(["EUR", "USD"]), days)
def test_a_credit_only_covers_its_own_currency(account, currency, on):
    """However large, a credit silences its own currency only, and wholly."""
    huge = Decimal(-(10**9))
    credit = Line(99, on, on, on, huge, currency, huge)
    before = decide_customer(account, on)
    after = decide_customer(replace(account, lines=(*account.lines, credit)), on)
    assert 99 not in after.listed
    for number in after.listed:
        assert account.lines[number - 1].currency != currency
    for old, new in zip(before.lines, after.lines, strict=False):
        if account.lines[old.line_id - 1].currency != currency:
            assert (old.reason == Reason.CREDITS_COVER) == (new.reason == Reason.CREDITS_COVER)


@given(customers(), days, st.randoms())
def test_the_order_of_lines_does_not_matter(account, on, random):
    """Lines fetched in another order give the same message."""
    shuffled = list(account.lines)
    random.shuffle(shuffled)
    one = decide_customer(account, on)
    other = decide_customer(replace(account, lines=tuple(shuffled)), on)
    assert (one.level, one.reason, one.next_date) == (
        other.level,
        other.reason,
        other.next_date,
    )
    assert set(one.listed) == set(other.listed)
    assert set(one.lines) == set(other.lines)


@given(plans(customer_threshold=NOTHING), lines(1), days)
def test_a_line_alone_and_its_customer_agree(rules, each, on):
    """One line, never written to: the customer's decision is the line's."""
    alone = decide_line(each, rules, on)
    decision = decide_customer(Customer(1, (each,), rules), on)
    assert decision.level == alone.level
    assert decision.reason == alone.reason
    assert decision.lines == (alone,)


@given(customers(), days)
def test_a_stop_on_the_customer_silences_it(account, on):
    """Neither today nor later, and no line is said to be due."""
    decision = decide_customer(replace(account, stop=True, stop_until=None), on)
    assert (decision.level, decision.next_date) == (None, None)
    assert decision.reason == Reason.CUSTOMER_STOP
    assert all(item.level is None for item in decision.lines)


@given(customers(), days)
def test_who_has_paid_is_never_chased(account, on):
    """Promise 1: matched or not, paid is paid."""
    matched = tuple(
        replace(each, residual=Decimal(0), residual_currency=Decimal(0)) if each.residual > 0 else each
        for each in account.lines
    )
    assert decide_customer(replace(account, lines=matched), on).level is None
    unmatched = tuple(
        Line(100 + each.id, on, on, on, -each.residual, each.currency, -each.residual)
        for each in debts(account).values()
    )
    lines_and_payments = (*account.lines, *unmatched)
    assert decide_customer(replace(account, lines=lines_and_payments), on).level is None


@given(customers(minimum_interval=0))
def test_a_plan_ends(account):
    """A line gets at most one message a level: nobody is written to for ever."""
    stories = list(live(account))
    most = (len(account.plan.levels) + 1) * len(debts(account))
    assert len(stories) <= most


@given(st.integers(1, 999), customers(forced=False), days)
def test_identifiers_of_levels_do_not_count(shift, account, on):
    """Renumbering the levels changes nothing but their numbers (trap 23)."""
    renumbered = replace(
        account.plan,
        levels=tuple(replace(level, id=(level.id * 7919 + shift) % 1009) for level in account.plan.levels),
    )
    one = decide_customer(account, on)
    other = decide_customer(replace(account, plan=renumbered), on)
    assert (one.level and one.level.rank) == (other.level and other.level.rank)
    assert (one.listed, one.due, one.next_date) == (
        other.listed,
        other.due,
        other.next_date,
    )
