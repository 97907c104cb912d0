"""Thanks after a chased invoice: once, some days after the payment, never to a debtor."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels_builders import ONE_DAY, customer, day, default_plan, level, line, plan

from lib.levels import Mode, PaidLine, Phase, Reason, decide_thanks
from lib.thanks import TOO_LATE

PAID_ON = day("10/07/2026")
THANKS = level(9, 2, phase=Phase.THANKS, mode=Mode.AUTOMATIC)
BEFORE_FRIDAY = {"sending_days": frozenset(range(4))}


def paid(number=1, **values):
    """An invoice of 100 € reminded on 5 July, paid on the 10th."""
    known = {
        "document": 70 + number,
        "amount": Decimal(100),
        "paid_on": PAID_ON,
        "reminded_rank": 1,
        "reminded_on": day("05/07/2026"),
    }
    return PaidLine(id=number, **(known | values))


def thanked(account, *lines, on="12/07/2026", step=THANKS):
    """(lines thanked for, reason, next date) on a day."""
    decision = decide_thanks(account, lines, step, day(on))
    return decision.message and decision.message.listed, decision.reason, decision.next_date


@pytest.mark.parametrize(
    "on, expected",
    [
        ("10/07/2026", (None, Reason.NOT_DUE, day("12/07/2026"))),
        ("11/07/2026", (None, Reason.NOT_DUE, day("12/07/2026"))),
        ("12/07/2026", ((1,), None, day("12/07/2026"))),
        ("27/07/2026", ((1,), None, day("27/07/2026"))),
        ("28/07/2026", (None, Reason.PAID, None)),
    ],
)
def test_thanks_some_days_after_the_payment(on, expected):
    """F030: two days after, a day without a run loses nothing, weeks later is too late."""
    assert thanked(customer(plan()), paid(), on=on) == expected
    assert day("27/07/2026") - day("12/07/2026") == TOO_LATE * ONE_DAY


@pytest.mark.parametrize(
    "values",
    [
        {"reminded_rank": None, "reminded_on": None},
        # a courtesy before the due date is no chase
        {"reminded_rank": 0},
        # the reminder crossed the payment
        {"reminded_on": day("11/07/2026")},
        {"reminded_on": None},
        {"thanked": True},
        {"amount": Decimal(49)},
    ],
)
def test_nothing_to_thank_for(values):
    """Never chased, already thanked, too small."""
    step = replace(THANKS, minimum_amount=Decimal(50))
    assert thanked(customer(plan()), paid(**values), step=step) == (None, Reason.PAID, None)


@pytest.mark.parametrize(
    "open_line, expected",
    [
        (line(5, due="01/07/2026"), None),
        (line(5, due="01/07/2026", disputed=True), None),
        (line(5, due="31/07/2026"), (1,)),
        (line(5, due="01/07/2026", amount=-50), (1,)),
        # another instalment of the same invoice: it is not paid in full
        (line(5, due="31/07/2026", document=71), None),
    ],
)
def test_never_while_something_is_owed(open_line, expected):
    """Something overdue, disputed or not, or the rest of the invoice: no thanks."""
    assert thanked(customer(plan(), open_line), paid())[0] == expected


@pytest.mark.parametrize(
    "values, plan_values, expected",
    [
        ({"last_message_on": day("11/07/2026")}, {"minimum_interval": 7}, (Reason.MINIMUM_INTERVAL, day("18/07/2026"))),
        ({"last_message_on": day("11/07/2026")}, {"minimum_interval": 30}, (Reason.PAID, None)),
        ({"stop": True}, {}, (Reason.CUSTOMER_STOP, None)),
        ({"stop": True, "stop_until": day("13/07/2026")}, {}, (Reason.CUSTOMER_STOP, day("14/07/2026"))),
        # 12 July 2026 is a Sunday
        ({}, BEFORE_FRIDAY, (Reason.NOT_SENDING_DAY, day("13/07/2026"))),
        ({"by_hand": True}, BEFORE_FRIDAY, (None, day("12/07/2026"))),
    ],
)
def test_thanks_are_a_message_like_another(values, plan_values, expected):
    """The interval, the stops and the sending days hold them back."""
    assert thanked(customer(plan(**plan_values), **values), paid())[1:] == expected


def test_thanks_whose_day_is_a_sunday():
    """Announced on the Friday before: they leave on Monday."""
    rules = plan(sending_days=frozenset(range(5)))
    assert thanked(customer(rules), paid(), on="10/07/2026") == (None, Reason.NOT_DUE, day("13/07/2026"))


def test_one_message_for_several_invoices():
    """Paid together, thanked together; the one paid later waits for its day."""
    later = paid(3, paid_on=day("12/07/2026"))
    assert thanked(customer(plan()), paid(1), paid(2), later)[0] == (1, 2)


@pytest.mark.parametrize(
    "values, mode, ask",
    [
        ({}, Mode.AUTOMATIC, None),
        ({"mode": Mode.CONFIRM}, Mode.CONFIRM, None),
        ({"mode": Mode.MANUAL}, Mode.MANUAL, Reason.NOT_AUTOMATIC),
    ],
)
def test_who_lets_thanks_go(values, mode, ask):
    """The strictest of plan, level and customer, as for a reminder."""
    message = decide_thanks(customer(plan(), **values), [paid()], THANKS, day("12/07/2026")).message
    assert (message.mode, message.ask, message.due) == (mode, ask, ())


def test_only_thanks_can_thank():
    """A reminder sent to who has paid would be the worst of all."""
    with pytest.raises(ValueError, match="thanks"):
        decide_thanks(customer(plan()), [paid()], level(1, 2), PAID_ON)


@given(st.sets(st.integers(0, 40)), st.integers(0, 15), st.integers(0, 10))
def test_never_twice(days, interval, delay):
    """Whatever the days on which somebody sends, an invoice is thanked for once at most."""
    account = customer(default_plan(minimum_interval=interval))
    lines = [paid(1), paid(2, paid_on=PAID_ON + 5 * ONE_DAY)]
    seen = []
    for number in sorted(days):
        today = PAID_ON + number * ONE_DAY
        decision = decide_thanks(account, lines, replace(THANKS, delay=delay), today)
        if decision.message:
            seen += decision.message.listed
            lines = [replace(each, thanked=each.thanked or each.id in decision.message.listed) for each in lines]
            account = replace(account, last_message_on=today)
    assert len(seen) == len(set(seen))
