"""On which day a message may leave: the interval, the stop and the sending days.

Whatever the message is, a reminder or thanks: the interval is the customer's (F054).
"""

from dataclasses import replace
from datetime import date, timedelta

from .followup_codes import Reason
from .followup_facts import Customer, Plan
from .line_steps import sending_day
from .working_days import NEVER, next_day


def next_message_day(customer: Customer, on: date) -> date:
    """The first day, ``on`` or later, on which a message may leave; ``NEVER`` on a stop.

    The interval is of one day at least: nothing leaves twice on a day (F054, trap 19).

    >>> plan = Plan(1, (), minimum_interval=10)
    >>> written = Customer(1, (), plan, last_message_on=date(2026, 6, 20))
    >>> next_message_day(written, date(2026, 6, 29))
    datetime.date(2026, 6, 30)
    """
    return free_day(customer, plan_of(customer), on)[0]


def plan_of(customer: Customer) -> Plan:
    """The customer's plan; neither weekdays nor ceiling for who was chosen by hand."""
    plan = customer.plan
    if not customer.by_hand:
        return plan
    if plan.memo.by_hand is None:
        plan.memo.by_hand = replace(plan, sending_days=frozenset(), skip_holidays=False, ceiling=None)
    return plan.memo.by_hand


def free_day(customer: Customer, plan: Plan, on: date) -> tuple[date, Reason | None]:
    """The first day on which a message may leave, and why it is not today."""
    held, day = None, on
    if customer.last_message_on is not None:
        day = after_interval(plan, customer.last_message_on)
        if day > on:
            held = Reason.MINIMUM_INTERVAL
        else:
            day = on
    if customer.stop and not (customer.stop_until and customer.stop_until < on):
        held = Reason.CUSTOMER_STOP
        day = max(day, next_day(customer.stop_until)) if customer.stop_until else NEVER
    day = sending_day(plan, day)
    return day, held or (Reason.NOT_SENDING_DAY if day > on else None)


def after_interval(plan: Plan, day: date) -> date:
    """The first day free for a message after the one sent on ``day``."""
    return day + timedelta(days=max(1, plan.minimum_interval))
