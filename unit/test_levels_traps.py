"""The known traps that a pure decision can fall into, numbered."""

from dataclasses import replace
from decimal import Decimal

import pytest
from levels_builders import (
    ONE_DAY,
    customer,
    day,
    default_plan,
    delivered,
    level,
    line,
    plan,
    play,
    strict_plan,
    tutorial_plan,
)

from lib.levels import (
    Phase,
    Reason,
    Trigger,
    after_delivery,
    decide_customer,
    decide_line,
)

TODAY = day("21/11/2026")
TWO_LEVELS = plan(level(1, 5), level(2, 20))


def paid(due_line, amount):
    """The line after a payment matched with it."""
    rest = due_line.residual - Decimal(amount)
    return replace(due_line, residual=rest, residual_currency=rest)


# Amounts and documents


def test_t02_customer_in_credit_is_never_in_need_of_action():
    """odoo/odoo#216062: unmatched payments as large as the debt, nothing leaves."""
    account = customer(TWO_LEVELS, line(1, amount=60), line(2, amount=40), line(3, amount=-100))
    decision = decide_customer(account, TODAY)
    assert decision.level is None
    assert decision.reason == Reason.CREDITS_COVER
    assert decision.listed == ()


def test_t02_currencies_are_covered_apart():
    """A payment in dollars does not pay an invoice in euros, nor the reverse."""
    dollars = {"currency": "USD", "residual_currency": 120}
    account = customer(
        TWO_LEVELS,
        line(1),
        line(2, **dollars),
        line(3, amount=-500, currency="USD", residual_currency=-120),
    )
    decision = decide_customer(account, TODAY)
    assert decision.listed == (1,)
    assert decision.lines[1].reason == Reason.CREDITS_COVER


def test_t03_a_credit_is_known_by_its_sign():
    """Posted on an invoice or on a payment, a negative residual is never claimed."""
    account = customer(TWO_LEVELS, line(1, due="01/01/2024", amount=-1))
    decision = decide_customer(account, TODAY)
    assert (decision.reason, decision.listed) == (Reason.CREDIT, ())


def test_t04_partial_payment_keeps_the_level_and_claims_the_rest():
    """Half is paid after the first reminder: the second comes on its day."""
    rules = plan(level(1, 5), level(2, 10, Trigger.AFTER_PREVIOUS))
    account = customer(rules, delivered(1, "05/07/2026", amount=300))
    half = replace(account, lines=(paid(account.lines[0], 150),))
    assert decide_customer(half, day("14/07/2026")).reason == Reason.NOT_DUE
    decision = decide_customer(half, day("15/07/2026"))
    assert (decision.level.rank, decision.listed) == (2, (1,))


def test_t04_partial_payment_can_bring_a_line_under_a_minimum():
    """149 € left of 5 000 €: no formal notice any more."""
    reminded = delivered(3, "25/07/2026", amount=5000)
    rules = default_plan()
    assert decide_line(reminded, rules, TODAY).level.phase == Phase.NOTICE
    rest = paid(reminded, 4851)
    assert decide_line(rest, rules, TODAY).reason == Reason.BELOW_LINE_MINIMUM


def test_t05_exchange_difference_is_no_debt():
    """Paid in its own currency, a gain or loss left in the books is not chased."""
    leftover = line(amount="3.20", currency="USD", residual_currency=0)
    assert decide_line(leftover, TWO_LEVELS, TODAY).reason == Reason.PAID


def test_t06_each_instalment_by_its_own_due_date():
    """30/60/90 days: the first is at level 2, the second at 1, the third waits."""
    account = customer(
        TWO_LEVELS,
        line(1, due="20/10/2026"),
        line(2, due="10/11/2026"),
        line(3, due="20/12/2026"),
    )
    decision = decide_customer(account, TODAY)
    assert decision.listed == (1, 2)
    assert [item.level and item.level.rank for item in decision.lines] == [2, 1, None]


def test_t06_dispute_on_one_instalment_leaves_the_others():
    """Core's flag is common to all instalments of an invoice; ours is per line."""
    account = customer(TWO_LEVELS, line(1, due="20/10/2026", disputed=True), line(2, due="10/11/2026"))
    assert decide_customer(account, TODAY).listed == (2,)


def test_t07_without_maturity_the_entry_date_counts_never_today():
    """odoo/odoo#216062: an opening entry without due date is late since its entry."""
    opening = line(due=None, entry_date=day("01/01/2026"))
    decision = decide_line(opening, TWO_LEVELS, TODAY)
    assert (decision.level.rank, decision.days_late) == (2, 324)
    fresh = line(due=None, entry_date=TODAY)
    assert decide_line(fresh, TWO_LEVELS, TODAY).overdue is False


def test_t10_moving_to_doubtful_does_not_restart_the_levels():
    """411 to 416: the line keeps its level; 413 and 4117 are not chased."""
    rules = default_plan()
    ordinary = delivered(2, "15/07/2026", amount=5000)
    doubtful = replace(ordinary, account_kind="doubtful")
    assert decide_line(doubtful, rules, TODAY) == decide_line(ordinary, rules, TODAY)
    assert decide_line(doubtful, rules, TODAY).level.rank == 3
    for kind in ("bills", "retention"):
        moved = replace(ordinary, account_kind=kind)
        reason = decide_line(moved, rules, TODAY).reason
        assert reason == Reason.ACCOUNT_NOT_FOLLOWED


def test_t10_credit_on_doubtful_pays_ordinary():
    """A payment matched nowhere counts whichever of the two accounts holds it."""
    account = customer(TWO_LEVELS, line(1), line(2, amount=-100, account_kind="doubtful"))
    assert decide_customer(account, TODAY).reason == Reason.CREDITS_COVER


# Level mechanics


def test_t17_old_leftover_does_not_raise_the_customer():
    """3 € of last year stay at the last level that asks for no minimum."""
    rules = plan(level(1, 5), level(2, 30, minimum=50), level(3, 60, minimum=150), level(4, 90))
    leftover = line(1, due="01/01/2026", amount=3)
    recent = line(2, due="10/11/2026", amount=900)
    capped = plan(*rules.levels[:3])
    decision = decide_customer(customer(capped, leftover, recent), TODAY)
    assert decision.level.rank == 1
    # a level without minimum is meant for all amounts, however high it is
    assert decide_line(leftover, rules, TODAY).level.rank == 4


def test_t18_after_months_without_a_run_nobody_gets_the_notice_first():
    """The default plan counts each level from the one before."""
    account = customer(default_plan(), line(due="01/01/2025", amount=5000))
    assert decide_customer(account, TODAY).level.rank == 1


def test_t18_import_day_one_with_a_strict_order():
    """Delays counted from the due date: the strict order still starts at level 1."""
    strict = replace(TWO_LEVELS, strict_order=True)
    old = line(due="01/01/2025")
    assert decide_line(old, TWO_LEVELS, TODAY).level.rank == 2
    assert decide_line(old, strict, TODAY).level.rank == 1


def test_t19_second_run_of_the_day_sends_nothing():
    """A level a click is how a customer reaches the last level in four clicks."""
    account = customer(plan(level(1, 5), level(2, 20), strict_order=True), line(), line(2))
    account = after_delivery(account, decide_customer(account, TODAY), TODAY)
    for _click in range(4):
        decision = decide_customer(account, TODAY)
        assert (decision.level, decision.due) == (None, ())
        assert decision.reason == Reason.MINIMUM_INTERVAL
        account = after_delivery(account, decision, TODAY)


def test_t20_a_level_counts_only_once_delivered():
    """Mail refused: nothing was recorded, the same level is due the next day."""
    account = customer(default_plan(), line())
    first = decide_customer(account, day("05/07/2026"))
    again = decide_customer(account, day("06/07/2026"))
    assert first.level == again.level


def test_t21_payment_between_preparing_and_sending():
    """Decided again at the moment of sending, the paid line is no longer listed."""
    account = customer(TWO_LEVELS, line(1), line(2))
    assert decide_customer(account, TODAY).listed == (1, 2)
    now = replace(account, lines=(paid(account.lines[0], 100), account.lines[1]))
    decision = decide_customer(now, TODAY)
    assert (decision.listed, decision.lines[0].reason) == ((2,), Reason.PAID)


def test_t22_reopened_line_resumes_at_its_former_level():
    """A bounced cheque: the line was at level 1, it goes on with level 2."""
    rules = plan(level(1, 5), level(2, 10, Trigger.AFTER_PREVIOUS))
    reopened = delivered(1, "05/07/2026")
    assert decide_line(reopened, rules, TODAY).level.rank == 2


def test_t22_a_new_invoice_starts_at_the_beginning():
    """The customer's past does not raise an invoice of its own."""
    account = customer(default_plan(), delivered(4, "01/08/2026"), line(2, due="10/11/2026"))
    decision = decide_customer(account, TODAY)
    assert (decision.level.rank, decision.due) == (1, (2,))


def test_t23_identifiers_and_delays_do_not_order_the_levels():
    """Levels have their place: neither the highest id nor the longest delay wins."""
    first, second = level(1, 40), level(2, 20)
    assert first.id > second.id
    decision = decide_line(line(), plan(first, second), TODAY)
    assert decision.level.rank == 2
    account = customer(plan(level(1, 5), level(2, 20)), line(1), line(2, due="10/11/2026"))
    assert decide_customer(account, TODAY).level.rank == 2


def test_t23_archived_level_leaves_no_hole():
    """Level 2 was delivered, then archived: level 3 counts from that delivery."""
    previous = Trigger.AFTER_PREVIOUS
    rules = plan(level(1, 5), level(3, 10, previous))
    sent = delivered(2, "01/11/2026")
    assert decide_line(sent, rules, day("10/11/2026")).reason == Reason.NOT_DUE
    assert decide_line(sent, rules, day("11/11/2026")).level.rank == 3


def test_t23_shorter_delays_apply_at_once():
    """Editing a delay moves what is to come, not what was sent."""
    sent = delivered(1, "01/11/2026")
    slow, quick = (plan(level(1, 5), level(2, delay, Trigger.AFTER_PREVIOUS)) for delay in (30, 10))
    assert decide_line(sent, slow, TODAY).reason == Reason.NOT_DUE
    assert decide_line(sent, quick, TODAY).level.rank == 2


def test_t24_last_level_is_not_sent_every_day():
    """Two levels, a year of daily runs: two messages."""
    assert len(play(customer(TWO_LEVELS, line()), "01/07/2026", 365)) == 2


@pytest.mark.parametrize("rest", ["05/07/2026", "06/07/2026", "31/12/2026"])
def test_t26_a_missed_day_loses_nothing(rest):
    """Dolibarr#25197: no run on the very day, and the level is still due after it."""
    assert decide_line(line(), default_plan(), day(rest)).level.rank == 1


def test_t26_missed_days_of_a_prevention():
    """Any day of its window will do, the due date included."""
    big = line(amount=5000)
    window = [day("22/06/2026") + number * ONE_DAY for number in range(9)]
    found = [decide_line(big, default_plan(), each).level.rank for each in window]
    assert found == [0] * 9


def test_t27_dispute_freezes_the_level_and_resumes_it():
    """While disputed nothing counts; settled, the line goes on from its level."""
    rules = plan(level(1, 5), level(2, 10, Trigger.AFTER_PREVIOUS))
    disputed = delivered(1, "05/07/2026", disputed=True)
    assert decide_line(disputed, rules, TODAY).reason == Reason.DISPUTED
    settled = replace(disputed, disputed=False)
    assert decide_line(settled, rules, TODAY).level.rank == 2


def test_t28_promise_pauses_its_own_lines_only():
    """One invoice promised, the other not: the message claims the other."""
    account = customer(TWO_LEVELS, line(1, promised_until=TODAY), line(2))
    decision = decide_customer(account, TODAY)
    assert decision.listed == (2,)
    assert decision.lines[0].reason == Reason.PROMISED


# Dates


@pytest.mark.parametrize("delay", [0, 1])
def test_t30_due_today_is_not_overdue(delay):
    """Even with a delay of 0 days, a reminder waits for the day after the due date."""
    rules = plan(level(1, delay))
    decision = decide_line(line(), rules, day("30/06/2026"))
    assert (decision.level, decision.overdue, decision.days_late) == (None, False, 0)
    decision = decide_line(line(), rules, day("01/07/2026"))
    assert (decision.level.rank, decision.overdue, decision.days_late) == (1, True, 1)


def test_t30_line_due_today_is_not_listed():
    """Nor does a message about other lines claim it."""
    account = customer(TWO_LEVELS, line(1), line(2, due="21/11/2026"))
    assert decide_customer(account, TODAY).listed == (1,)


def test_t29_the_date_is_the_one_given():
    """No clock is read: the same question has the same answer on any day."""
    account = customer(TWO_LEVELS, line(due="30/06/1999"))
    assert decide_customer(account, day("05/07/1999")).level.rank == 1


@pytest.mark.parametrize("sentinel", ["01/01/1753", "31/12/2206", "31/12/9999"])
@pytest.mark.parametrize("rules", [default_plan(), tutorial_plan(), strict_plan()], ids=str.split("d t s"))
def test_absurd_dates_stop_nothing(rules, sentinel):
    """Ledgers write "no date" as the first or last day of a calendar: no run fails."""
    absurd = day(sentinel)
    account = customer(
        rules,
        line(1, due=absurd, amount=5000, entry_date=TODAY),
        line(2, due=None, entry_date=absurd),
        line(3, promised_until=absurd),
        line(4, due="01/11/2026"),
    )
    decision = decide_customer(account, TODAY)
    assert 4 in decision.listed
    assert (1 in decision.listed) == (absurd < TODAY)
    for each in account.lines:
        alone = decide_customer(replace(account, lines=(each,)), TODAY)
        assert (alone.level is None) != (alone.reason is None)
