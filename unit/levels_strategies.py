"""Random plans, lines and customers, with every option that a decision reads."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st
from levels_builders import ONE_DAY

from lib.levels import (
    CreditPolicy,
    Customer,
    DayUnit,
    Grouping,
    Level,
    Line,
    Mode,
    Phase,
    Plan,
    Region,
    Trigger,
    after_delivery,
    decide_customer,
)

START = date(2026, 3, 1)
HORIZON = 90
NOTHING = Decimal(0)
WEEK = frozenset(range(5))

days = st.integers(-60, 60).map(lambda number: START + number * ONE_DAY)
minimums = st.sampled_from([NOTHING] * 8 + [Decimal(50), Decimal(200)])
amounts = st.sampled_from(range(-120, 400)).map(Decimal)
modes = st.sampled_from([*Mode])
clocks = st.sampled_from([(trigger, unit) for trigger in [*Trigger][1:] for unit in DayUnit])
accounts = st.sampled_from(
    [("EUR", "ordinary")] * 4 + [("EUR", "doubtful"), ("EUR", "bills")] + [("USD", "ordinary")] * 2
)
histories = st.sampled_from(
    [(None, None)] * 6 + [(rank, START - ago * ONE_DAY) for rank in (0, 1, 2) for ago in (1, 9, 40)] + [(1, None)]
)
dates_around = [START + ahead * ONE_DAY for ahead in (-5, 5, 25)]
flags = st.sampled_from(
    [{}] * 24
    + [{name: True} for name in ("no_followup", "stop", "disputed", "in_process", "handed_over")]
    + [{"automatic_payment": True}, {"in_plan": False}]
    + [{"promised_until": day} for day in dates_around]
    + [{"promised_until": day, "promised_amount": Decimal(70)} for day in dates_around]
    + [{"stop": True, "stop_until": day} for day in dates_around]
    + [{"not_before": day} for day in dates_around]
    + [{"disputed": True, "disputed_amount": Decimal(part)} for part in (20, 90)]
    + [{"in_process": True, "in_process_amount": Decimal(60)}]
    + [{"disputed": True, "disputed_amount": Decimal(20), "promised_until": START, "promised_amount": Decimal(50)}]
)
sending = st.sampled_from([frozenset()] * 3 + [WEEK] * 3 + [frozenset({0}), frozenset({1, 3})])


@st.composite
def levels(draw, rank):
    """Any level of that rank; identifiers are unique in a plan."""
    trigger, unit = draw(clocks)
    return Level(
        id=100 * draw(st.integers(1, 9)) + rank,
        rank=rank,
        phase=Phase.REMINDER if rank else Phase.PREVENTION,
        trigger=trigger if rank else Trigger.BEFORE_DUE,
        delay=draw(st.integers(0, 25)),
        unit=unit,
        minimum_amount=draw(minimums),
        ignored=draw(st.sampled_from([False] * 7 + [True])),
        mode=draw(modes),
        hand_over=draw(st.sampled_from([False] * 7 + [True])),
    )


@st.composite
def plans(draw, **fixed):
    """Any plan: with or without prevention, of one to five reminders."""
    first, last = draw(st.integers(0, 1)), draw(st.integers(1, 5))
    values = {
        "strict_order": draw(st.booleans()),
        "minimum_interval": draw(st.integers(0, 15)),
        "customer_threshold": draw(minimums),
        "line_minimum": draw(minimums),
        "region": draw(st.sampled_from(Region)),
        "grouping": draw(st.sampled_from([Grouping.CUSTOMER, *Grouping])),
        "first_delay": draw(st.sampled_from([0, 0, 0, 3, 12])),
        "sending_days": draw(sending),
        "skip_holidays": draw(st.booleans()),
        "ceiling": draw(st.sampled_from([None, None, Decimal(300)])),
        "exclude_automatic_payment": draw(st.booleans()),
        "exclude_promised": draw(st.sampled_from([True, True, False])),
        "credit_policy": draw(st.sampled_from(CreditPolicy)),
        "ignore_future_credits": draw(st.sampled_from([False, False, True])),
        "prescription_years": draw(st.sampled_from([None, None, 5])),
        "mode": draw(modes),
    }
    steps = tuple(draw(levels(rank)) for rank in range(first, last + 1))
    return Plan(id=1, levels=steps, **(values | fixed))


@st.composite
def lines(draw, number):
    """Any line: debt or credit, in euros or dollars, new or already reminded."""
    residual = draw(amounts)
    entry_date = draw(days)
    currency, kind = draw(accounts)
    rank, delivered_on = draw(histories)
    old = draw(st.sampled_from([0] * 15 + [5 * 365 - 20]))
    return Line(
        id=number,
        due_date=draw(st.none() | days),
        entry_date=entry_date,
        invoice_date=entry_date - old * ONE_DAY,
        residual=residual,
        currency=currency,
        residual_currency=residual,
        account_kind=kind,
        delivered_rank=rank,
        delivered_on=delivered_on,
        document=draw(st.integers(0, 3)),
        **draw(flags),
    )


@st.composite
def customers(draw, forced=True, **fixed):
    """Any account of up to six lines, written to before or not.

    With `forced`, a person may have chosen the next level of the account or of a line.
    """
    count = draw(st.integers(0, 6))
    rules = draw(plans(**fixed))
    chosen = st.sampled_from([None] * 9 + [level.id for level in rules.levels] if forced else [None])
    held = draw(st.sampled_from([{}] * 6 + [{"proceedings_on": START}, {"stop": True, "stop_until": START}]))
    account = [draw(lines(number)) for number in range(1, count + 1)]
    for each in account:
        each.forced_level_id = draw(chosen)
    return Customer(
        id=1,
        lines=tuple(account),
        plan=rules,
        last_message_on=draw(st.none() | days),
        mode=draw(st.none() | modes),
        forced_level_id=draw(chosen),
        by_hand=draw(st.sampled_from([False] * 4 + [True])),
        **held,
    )


def debts(account):
    """{id: line} of what the customer owes."""
    return {each.id: each for each in account.lines if each.residual > 0}


def claimed(decision, numbers):
    """What the message claims of the lines of these ids, in the company's currency."""
    return sum(item.claimed_company for item in decision.lines if item.line_id in numbers)


def reminded(account, on):
    """(day, decision) of the first reminder from `on`; nothing when none comes."""
    for _number in range(3):
        decision = decide_customer(account, on)
        if not decision.next_date:
            return
        if decision.level and decision.level.phase != Phase.PREVENTION:
            yield on, decision
            return
        on = decision.next_date if not decision.level else on + 30 * ONE_DAY


def live(account, sending_days=None):
    """(day, account before, decision) of each message of `HORIZON` days.

    Days on which nothing leaves are skipped, as the announced date is kept (a property of
    its own); with `sending_days`, somebody sends on these days only.
    """
    today, last = START, START + HORIZON * ONE_DAY
    while today < last:
        if sending_days is not None and (today - START).days not in sending_days:
            today += ONE_DAY
            continue
        decision = decide_customer(account, today)
        if decision.level:
            yield today, account, decision
            account = after_delivery(account, decision, today)
            today += ONE_DAY
        else:
            today = decision.next_date or last
