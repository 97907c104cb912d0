"""Rows of the facts, as the database has them: nothing decided yet."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..lib import levels as rules

#: Line `m` is the doubtful claim that the entry of credit `c` made of what it settles.
MOVED = """
    m.move_id = c.move_id AND m.partner_id = c.partner_id AND m.balance > 0
    AND m.account_id IN (SELECT id FROM account_account WHERE followup_kind = 'doubtful')
"""


class Settings(NamedTuple):
    """What a company set for a customer."""

    plan_id: int | None
    user_id: int | None
    salesperson_id: int | None
    stop: bool
    stop_until: date | None
    mode: rules.Mode | None
    proceedings_on: date | None
    forced_level_id: int | None

    def is_stopped(self, on):
        return self.stop and (self.stop_until is None or on <= self.stop_until)

    def is_apart(self, on):
        """Whether its lines are decided upon without its payer's, that day."""
        return self.is_stopped(on) or self.proceedings_on is not None


class LineRow(NamedTuple):
    """One open line as the database has it: amounts are exact decimals in text, nothing is decided yet."""

    id: int
    partner_id: int
    move_id: int
    journal_id: int
    account_id: int
    due_date: date | None
    date: date
    invoice_date: date | None
    residual: str
    residual_currency: str
    currency_id: int
    level_id: int | None
    reminded_on: date | None
    no_followup: bool
    automatic_payment: bool
    stop: bool
    stop_until: date | None
    promised_until: date | None
    promised_amount: str | None
    promised_rest: str | None
    disputed: bool
    disputed_amount: str | None
    not_before: date | None
    forced_level_id: int | None
    handed_over: bool
    untouched: bool

    def get_promise(self, residual):
        """(last day of the promise, part promised); no day once it is kept, no part for the whole line.

        What is promised is what exceeds the rest that the promise leaves open: a payment, by whatever way it comes,
        lowers the promise and not the rest.
        """
        part = max(residual - Decimal(self.promised_rest or 0), Decimal(0))
        if self.promised_amount:
            part = min(part, Decimal(self.promised_amount))
        if not part:
            return None, None
        return self.promised_until, None if part >= residual else part


class Books(NamedTuple):
    """Open lines of a company, and what their accounts and currencies are."""

    rows: list[LineRow]
    kinds: dict[int, str]
    currencies: dict[int, str]
