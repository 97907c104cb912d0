"""One customer: a single message at the highest level, and why there is none."""

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
    strict_plan,
)

from lib.levels import (
    Reason,
    Trigger,
    after_delivery,
    decide_customer,
    next_message_day,
)

LATE = day("10/07/2026")
ONE_LEVEL = plan(level(1, 5))


def by_line(decision):
    """{line id: (rank, reason)} of a decision."""
    return {item.line_id: (item.level and item.level.rank, item.reason) for item in decision.lines}


def test_one_message_at_the_highest_level_with_every_line():
    """F035: lines due for R1, R2 and R4 give one message at R4 that lists all three."""
    rules = plan(level(1, 5), level(2, 20), level(3, 40), level(4, 60))
    account = customer(
        rules,
        line(1, due="01/07/2026"),
        line(2, due="15/06/2026"),
        line(3, due="01/05/2026"),
    )
    decision = decide_customer(account, LATE)
    assert decision.level.rank == 4
    assert decision.reason is None
    assert decision.listed == decision.due == (1, 2, 3)
    assert by_line(decision) == {1: (1, None), 2: (2, None), 3: (4, None)}


def test_each_line_rises_to_its_own_level():
    """The level per line is the truth; the message shows the highest."""
    rules = plan(level(1, 5), level(2, 20))
    account = customer(rules, line(1, due="01/07/2026"), line(2, due="15/06/2026"))
    account = after_delivery(account, decide_customer(account, LATE), LATE)
    assert [each.delivered_rank for each in account.lines] == [1, 2]
    assert {each.delivered_on for each in account.lines} == {LATE}


def test_lines_that_do_not_rise_are_listed_all_the_same():
    """Late by two days, and one already reminded: both in the table, neither rises."""
    account = customer(
        default_plan(),
        line(1, due="08/07/2026"),
        line(2, due="01/07/2026"),
        delivered(1, "08/07/2026", 3, due="01/07/2026"),
    )
    decision = decide_customer(account, LATE)
    assert (decision.listed, decision.due) == ((1, 2, 3), (2,))
    assert by_line(decision)[1] == by_line(decision)[3] == (None, Reason.NOT_DUE)


def test_excluded_lines_are_not_listed():
    """Disputed, promised, stopped… lines stay out of the claim and of its total."""
    account = customer(
        ONE_LEVEL,
        line(1),
        line(2, disputed=True),
        line(3, promised_until=LATE),
        line(4, stop=True),
        line(5, no_followup=True),
        line(6, automatic_payment=True),
        line(7, account_kind="bills"),
        line(8, amount=0),
        line(9, due="31/07/2026"),
    )
    decision = decide_customer(account, LATE)
    assert decision.listed == (1,)
    assert [item.reason for item in decision.lines[1:]] == [
        Reason.DISPUTED,
        Reason.PROMISED,
        Reason.LINE_STOP,
        Reason.NO_FOLLOWUP,
        Reason.AUTOMATIC_PAYMENT,
        Reason.ACCOUNT_NOT_FOLLOWED,
        Reason.PAID,
        Reason.NOT_DUE,
    ]


def test_prevention_lists_only_what_it_announces():
    """A courtesy for one invoice does not mention the other, due next month."""
    account = customer(
        default_plan(),
        line(1, due="15/07/2026", amount=2000),
        line(2, due="31/07/2026", amount=2000),
    )
    decision = decide_customer(account, LATE)
    assert (decision.level.rank, decision.listed, decision.due) == (0, (1,), (1,))


def test_reminder_comes_before_prevention():
    """One message a day: the reminder leaves, the courtesy after the interval."""
    account = customer(
        default_plan(minimum_interval=3),
        line(1, due="15/07/2026", amount=2000),
        line(2, due="01/07/2026", amount=2000),
    )
    decision = decide_customer(account, LATE)
    assert (decision.level.rank, decision.listed) == (1, (2,))
    courtesy = decision.lines[0]
    assert courtesy.reason == Reason.MINIMUM_INTERVAL
    assert (courtesy.next_level.rank, courtesy.next_date) == (0, day("13/07/2026"))
    account = after_delivery(account, decision, LATE)
    assert decide_customer(account, day("12/07/2026")).level is None
    decision = decide_customer(account, day("13/07/2026"))
    assert (decision.level.rank, decision.listed) == (0, (1,))


def test_prevention_that_the_interval_outlives_is_given_up():
    """A courtesy makes no sense after the due date: the first reminder comes next."""
    account = customer(
        default_plan(minimum_interval=10),
        line(1, due="15/07/2026", amount=2000),
        line(2, due="01/07/2026", amount=2000),
    )
    courtesy = decide_customer(account, LATE).lines[0]
    assert (courtesy.next_level.rank, courtesy.next_date) == (1, day("20/07/2026"))


@pytest.mark.parametrize(
    "interval, days_since, sent",
    [(10, 9, False), (10, 10, True), (10, 11, True), (1, 0, False), (0, 0, False)]
    + [(0, 1, True), (7, 6, False), (7, 7, True)],
)
def test_minimum_interval(interval, days_since, sent):
    """F054: with 10 days nothing goes 9 days after the last; never twice on a day."""
    last = LATE.fromordinal(LATE.toordinal() - days_since)
    account = customer(plan(level(1, 5), minimum_interval=interval), line(), last_message_on=last)
    decision = decide_customer(account, LATE)
    assert bool(decision.level) == sent
    assert decision.reason == (None if sent else Reason.MINIMUM_INTERVAL)
    assert decision.next_date == next_message_day(account, LATE)


def test_minimum_interval_says_which_lines_wait():
    """Only the lines that were due wait for the interval; the others say their own."""
    account = customer(
        plan(level(1, 5), minimum_interval=10),
        line(1, due="01/07/2026"),
        line(2, due="09/07/2026"),
        line(3, disputed=True),
        last_message_on=day("09/07/2026"),
    )
    decision = decide_customer(account, LATE)
    assert (decision.listed, decision.due) == ((), ())
    assert by_line(decision) == {
        1: (None, Reason.MINIMUM_INTERVAL),
        2: (None, Reason.NOT_DUE),
        3: (None, Reason.DISPUTED),
    }
    assert [item.next_date for item in decision.lines] == [
        day("19/07/2026"),
        day("19/07/2026"),
        None,
    ]


def test_message_of_a_later_day_blocks_an_earlier_date():
    """A run prepared as of a past date sends nothing to who was written to since."""
    account = customer(ONE_LEVEL, line(), last_message_on=day("12/07/2026"))
    decision = decide_customer(account, LATE)
    assert decision.reason == Reason.MINIMUM_INTERVAL
    assert decision.next_date == day("13/07/2026")


@pytest.mark.parametrize("threshold, sent", [(0, True), (300, True), (301, False)])
def test_customer_threshold(threshold, sent):
    """The total of the lines listed is compared, those that do not rise too."""
    rules = plan(level(1, 5), customer_threshold=Decimal(threshold))
    account = customer(rules, line(1, amount=200), line(2, due="09/07/2026"), line(3, disputed=True))
    decision = decide_customer(account, LATE)
    assert bool(decision.level) == sent
    if not sent:
        assert decision.reason == Reason.BELOW_THRESHOLD
        assert by_line(decision)[1] == (None, Reason.BELOW_THRESHOLD)
        assert by_line(decision)[2] == (None, Reason.NOT_DUE)


def test_threshold_is_reached_by_the_next_late_line():
    """The next date is the day on which the total of late lines reaches it."""
    rules = plan(level(1, 5), customer_threshold=Decimal(300))
    account = customer(
        rules,
        line(1, amount=200),
        line(2, due="20/07/2026", amount=50),
        line(3, due="25/07/2026", amount=50),
    )
    decision = decide_customer(account, LATE)
    assert (decision.next_level.rank, decision.next_date) == (1, day("26/07/2026"))


def test_prevention_leaves_though_late_lines_are_below_the_threshold():
    """A leftover of 5 € late does not silence the courtesy for 2 000 €."""
    rules = default_plan(customer_threshold=Decimal(50))
    account = customer(rules, line(1, amount=5), line(2, due="15/07/2026", amount=2000))
    decision = decide_customer(account, LATE)
    assert (decision.level.rank, decision.listed) == (0, (2,))
    assert by_line(decision)[1] == (None, Reason.BELOW_THRESHOLD)


@pytest.mark.parametrize(
    "credit, reason",
    [(-99, None), (-100, Reason.CREDITS_COVER), (-101, Reason.CREDITS_COVER)],
)
def test_credits_that_cover_the_debt(credit, reason):
    """Credits as large as the late debt: nothing leaves, and the reason says it."""
    account = customer(ONE_LEVEL, line(1), line(2, amount=credit))
    decision = decide_customer(account, LATE)
    assert decision.reason == reason
    expected = (1, None) if reason is None else (None, Reason.CREDITS_COVER)
    assert by_line(decision) == {1: expected, 2: (None, Reason.CREDIT)}


def test_credits_are_compared_with_what_would_be_claimed():
    """A payment most likely pays what is not disputed: prudence, nobody is chased."""
    account = customer(ONE_LEVEL, line(1), line(2, amount=500, disputed=True), line(3, amount=-100))
    assert decide_customer(account, LATE).reason == Reason.CREDITS_COVER


@pytest.mark.parametrize("values", [{"no_followup": True}, {"stop": True}, {"disputed": True}])
def test_a_flag_on_a_payment_does_not_hide_it(values):
    """Core flags entries of general journals: their credits count all the same."""
    account = customer(ONE_LEVEL, line(1), line(2, amount=-100, **values))
    assert decide_customer(account, LATE).reason == Reason.CREDITS_COVER


def test_credits_on_bills_do_not_pay_invoices():
    """A credit on 413 is a bill cashed, not a payment of the invoices on 411."""
    account = customer(ONE_LEVEL, line(1), line(2, amount=-100, account_kind="bills"))
    assert decide_customer(account, LATE).listed == (1,)


def test_credits_cover_until_another_line_is_late():
    """150 € of credit cover 100 € late, no longer 200 €: the next date is that day."""
    account = customer(ONE_LEVEL, line(1), line(2, due="20/07/2026"), line(3, amount=-150))
    decision = decide_customer(account, LATE)
    assert decision.reason == Reason.CREDITS_COVER
    assert (decision.next_level.rank, decision.next_date) == (1, day("21/07/2026"))


def test_credits_pay_late_lines_before_those_to_come():
    """2 050 € of credit: 100 € late are paid, and the courtesy still claims 2 000 €."""
    rules = default_plan()
    lines = line(1), line(2, due="15/07/2026", amount=2000)
    account = customer(rules, *lines, line(3, amount=-2050))
    decision = decide_customer(account, LATE)
    assert (decision.level.rank, decision.listed) == (0, (2,))
    assert by_line(decision)[1] == (None, Reason.CREDITS_COVER)
    account = customer(rules, *lines, line(3, amount=-2100))
    assert decide_customer(account, LATE).reason == Reason.CREDITS_COVER


def test_stop_on_the_customer():
    """Nothing leaves nor is announced; a line that says more keeps its reason."""
    account = customer(ONE_LEVEL, line(1), line(2, due="31/07/2026"), line(3, disputed=True), stop=True)
    decision = decide_customer(account, LATE)
    assert decision.reason == Reason.CUSTOMER_STOP
    assert by_line(decision) == {
        1: (None, Reason.CUSTOMER_STOP),
        2: (None, Reason.CUSTOMER_STOP),
        3: (None, Reason.DISPUTED),
    }
    assert (decision.next_level, decision.next_date) == (None, None)


SUMMARIES = [
    # reason told for the customer, its lines
    (Reason.PAID, ()),
    (Reason.PAID, (line(amount=0),)),
    (Reason.CREDIT, (line(amount=-5),)),
    (Reason.NOT_DUE, (line(due="31/07/2026"),)),
    (Reason.NOT_DUE, (line(due="31/07/2026"), line(2, amount=-5))),
    (Reason.NOT_DUE, (delivered(1, "08/07/2026"), line(2, disputed=True))),
    (Reason.LAST_LEVEL_SENT, (delivered(4, "08/07/2026"), line(2, due="31/07/2026"))),
    (Reason.LAST_LEVEL_SENT, (delivered(4, "08/07/2026"), line(2, stop=True))),
    (Reason.PROMISED, (line(promised_until=LATE), line(2, disputed=True))),
    (Reason.DISPUTED, (line(disputed=True), line(2, due="31/07/2026"))),
    (Reason.LINE_STOP, (line(stop=True), line(2, no_followup=True))),
    (Reason.NO_FOLLOWUP, (line(no_followup=True),)),
    (Reason.AUTOMATIC_PAYMENT, (line(automatic_payment=True),)),
    (Reason.ACCOUNT_NOT_FOLLOWED, (line(account_kind="retention"),)),
    (Reason.BELOW_LINE_MINIMUM, (line(amount=1),)),
    (Reason.GRACE, (line(not_before=day("31/07/2026")), line(2, disputed=True))),
    (Reason.HANDED_OVER, (line(handed_over=True), line(2, in_process=True))),
    (Reason.IN_PROCESS, (line(in_process=True), line(2, no_followup=True))),
    (Reason.NOT_IN_PLAN, (line(in_plan=False), line(2, account_kind="bills"))),
    (Reason.CREDITS_COVER, (delivered(1, "08/07/2026"), line(2, amount=-500))),
    (
        Reason.PREVIOUS_NOT_DONE,
        (line(delivered_rank=1), line(2, due="31/07/2026")),
    ),
]


@pytest.mark.parametrize("reason, lines", SUMMARIES, ids=[f"{n}-{s[0]}" for n, s in enumerate(SUMMARIES)])
def test_reason_told_for_the_customer(reason, lines):
    """The late line that tells most speaks for the account."""
    account = customer(default_plan(line_minimum=Decimal(2)), *lines)
    decision = decide_customer(account, LATE)
    assert (decision.level, decision.reason) == (None, reason)
    assert (decision.listed, decision.due) == ((), ())


def test_every_reason_of_a_decision_is_reached():
    """Each code that a decision can return has its case above; the rest is elsewhere."""
    account = {Reason.MINIMUM_INTERVAL, Reason.BELOW_THRESHOLD, Reason.CUSTOMER_STOP, Reason.NOT_SENDING_DAY}
    asked = {Reason.ABOVE_CEILING, Reason.NOT_AUTOMATIC, Reason.MANUAL_LEVEL}
    of_a_run = {Reason.NO_ADDRESS, Reason.STALE}
    by_date = {Reason.PROCEEDINGS, Reason.PRESCRIBED}
    assert {reason for reason, _lines in SUMMARIES} == (set(Reason) - account - asked - of_a_run - by_date)


@pytest.mark.parametrize(
    "lines, last, rank, next_day",
    [
        ((line(due="31/07/2026"),), None, 1, "05/08/2026"),
        ((line(due="31/07/2026", amount=3000),), None, 0, "23/07/2026"),
        ((line(), line(2, due="31/07/2026")), None, 1, "10/07/2026"),
        ((line(),), "09/07/2026", 1, "16/07/2026"),
        ((line(promised_until=day("20/07/2026")),), None, 1, "21/07/2026"),
        # the interval pushes the courtesy to the due date, its last day
        ((line(due="15/07/2026", amount=3000),), "08/07/2026", 0, "15/07/2026"),
        # the interval pushes the courtesy beyond the due date: the reminder is next
        ((line(due="15/07/2026", amount=3000),), "09/07/2026", 1, "20/07/2026"),
        # the highest level of that day, not of the first line
        ((line(), delivered(1, "06/07/2026", 2)), "09/07/2026", 2, "16/07/2026"),
    ],
)
def test_what_comes_next_and_when(lines, last, rank, next_day):
    """Today when a message is due, else the first day on which one will be."""
    account = customer(default_plan(minimum_interval=7), *lines, last_message_on=last and day(last))
    decision = decide_customer(account, LATE)
    assert (decision.next_level.rank, decision.next_date) == (rank, day(next_day))


def test_nothing_comes_next():
    """The last level was sent, or nothing is owed: no date is invented."""
    for lines in ((), (delivered(4, "08/07/2026"),), (line(amount=-5),)):
        decision = decide_customer(customer(default_plan(), *lines), LATE)
        assert (decision.next_level, decision.next_date) == (None, None)


def test_undelivered_message_changes_nothing():
    """A preparation that is not sent leaves the account as it was (promise 3)."""
    account = customer(ONE_LEVEL, line())
    first = decide_customer(account, LATE)
    assert decide_customer(account, LATE) == first
    assert decide_customer(account, day("11/07/2026")).level == first.level


def test_after_delivery_without_message_is_the_same_account():
    """Nothing was due: nothing is recorded."""
    account = customer(ONE_LEVEL, line(due="31/07/2026"))
    assert after_delivery(account, decide_customer(account, LATE), LATE) is account


def test_strict_plan_sends_the_highest_of_the_next_levels():
    """Each line is at its own next level; the message is at the highest of them."""
    account = customer(
        strict_plan(),
        line(1, due="01/05/2026"),
        delivered(1, "01/06/2026", 2, due="01/05/2026"),
    )
    decision = decide_customer(account, LATE)
    assert decision.level.rank == 2
    assert by_line(decision) == {1: (1, None), 2: (2, None)}


def test_promise_ends_and_the_line_is_chased_again():
    """The day after the promised date the line is due again, at its level."""
    rules = plan(level(1, 5), level(2, 10, Trigger.AFTER_PREVIOUS))
    promised = delivered(1, "05/07/2026", promised_until=day("31/07/2026"))
    account = customer(rules, promised)
    assert decide_customer(account, day("31/07/2026")).reason == Reason.PROMISED
    assert decide_customer(account, day("01/08/2026")).level.rank == 2
    kept = replace(account, lines=(replace(promised, residual=Decimal(0)),))
    assert decide_customer(kept, day("01/08/2026")).reason == Reason.PAID
