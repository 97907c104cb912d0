"""What the chunks of one bulk load share, and what one chunk is. Plain Python: it lives as long as one synchronisation.

The bulk path writes moves, lines and reconciliations by COPY and set-based SQL: the ORM enters some 25 entries a
second, this some thousands. Every row is inserted once with its final values;
``sage100_bulk_guard`` hands to the ORM whatever field it does not know.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from odoo import fields

from ..lib.sage100.customer_plan import Context, CustomerPlan
from ..lib.sage100.records import Entry

ZERO = Decimal("0.00")
#: Marks what the loader itself does of its mirror entries; users may not.
LOADER = "sage100_loader"
# Entries are complete and balanced: nothing to derive, nothing to check twice.
CONTEXT = {
    LOADER: True,
    "force_delete": True,
    "dynamic_unlink": True,
    "skip_analytic_sync": True,
    "skip_invoice_sync": True,
    "skip_account_move_synchronization": True,
    "check_move_validity": False,
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
}


class Line:
    """A line as it must be. The settled part and the numbers are filled on the way."""

    __slots__ = (
        "account_id",
        "balance",
        "by_orm",
        "currency_id",
        "customer",
        "date",
        "due_date",
        "ec_no",
        "entry",
        "foreign",
        "full_id",
        "hash",
        "id",
        "journal",
        "lettering",
        "matching_number",
        "move_id",
        "move_name",
        "partner_id",
        "piece",
        "residual",
        "residual_foreign",
        "soft",
    )

    def __init__(self, ec_no: int, balance: Decimal, foreign: Decimal) -> None:
        self.ec_no = ec_no
        self.balance = self.residual = balance
        self.foreign = self.residual_foreign = foreign
        self.id = self.move_id = 0
        self.full_id: int | None = None
        self.matching_number: str | None = None
        self.by_orm = False

    @property
    def hard(self) -> str:
        """Digest of what makes another entry of it when it changes."""
        return self.hash.partition(":")[0]

    @property
    def state(self) -> tuple[Any, ...]:
        """What matching makes of the line."""
        return self.residual, self.residual_foreign, self.full_id, self.matching_number, self.lettering


@dataclass(slots=True)
class Known:
    """A line as it is in Odoo."""

    ec_no: int
    id: int
    move_id: int
    move_name: str
    date: dt.date
    account_id: int
    partner_id: int
    currency_id: int
    balance: Decimal
    foreign: Decimal
    due_date: dt.date
    hash: str
    current: int
    full_id: int | None
    matching_number: str | None
    lettering: str | None
    residual: Decimal
    residual_foreign: Decimal

    @property
    def state(self) -> tuple[Any, ...]:
        """What matching made of the line."""
        return self.residual, self.residual_foreign, self.full_id, self.matching_number, self.lettering

    def as_line(self, entry: Entry | None) -> Line:
        """Return the line unchanged: what a lock date forbids to touch."""
        line = Line(self.ec_no, self.balance, self.foreign)
        line.entry, line.customer = entry, entry.customer if entry else ""
        line.id, line.move_id, line.move_name, line.date = self.id, self.move_id, self.move_name, self.date
        line.account_id, line.partner_id, line.currency_id = self.account_id, self.partner_id, self.currency_id
        line.due_date, line.hash, line.lettering = self.due_date, self.hash, self.lettering
        return line


@dataclass(slots=True)
class Partial:
    """A partial reconciliation as it is in Odoo."""

    id: int
    debit_id: int
    credit_id: int
    terms: tuple[Any, ...]  # amount, in the debit's currency, in the credit's, both currencies, latest date
    full_id: int | None
    ours: bool


@dataclass(slots=True)
class Chunk:
    """Some customers, all their entries, and what becomes of these.

    Attributes:
        forgotten: EC_No of the lines of these customers whose entry the mirror no longer has.
        held: customers to examine again at the next synchronisation: something of theirs could not be written.
        touched: partners whose situation is to be rebuilt.
        moves: moves in Odoo whose lines change.
        undone: partial reconciliations to delete.
        made: new ones, (debit, credit, terms, full).
    """

    numbers: list[str]
    entries: list[Entry] = field(default_factory=list)
    fates: dict[int, str | None] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)
    plan: CustomerPlan | None = None
    wanted: dict[int, Line] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    moves: set[int] = field(default_factory=set)
    partials: list[Partial] = field(default_factory=list)
    undone: list[Partial] = field(default_factory=list)
    made: list[tuple[Any, ...]] = field(default_factory=list)
    fulls: list[int] = field(default_factory=list)
    mixed: list[Any] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    issues: list[dict[str, Any]] = field(default_factory=list)

    def issue(self, kind: str, reason: str, message: str, **values: Any) -> None:
        """Note something that a person should look at."""
        self.issues.append({"kind": kind, "reason": reason, "message": message, **values})


class Run:
    """What all the chunks need."""

    def __init__(self, job: Any, context: Context, currencies: dict[int, Any]) -> None:
        self.job = job
        self.context = context
        self.database, self.company = job.database, job.company
        self.journal = job.database.journal_id
        self.counterpart = job.database.counterpart_account_id
        self.currency_id = job.company.currency_id.id
        self.step = self._step_of(job.company.currency_id)
        self.currencies = {
            index: (currency.id, self._step_of(currency), currency == job.company.currency_id)
            for index, currency in currencies.items()
        }
        self.accounts = {code: account.id for code, account in job.accounts.items()}
        self.allot = job.company.sage100_allot_credits
        modes = job.snapshot.payment_modes
        self.modes = {index: (label, index in job.automatic_modes) for index, label in modes.items()}
        self.has_lines = False
        #: Customer → EC_No of its entries that changes reach, of those whose other entries are left as they are.
        self.reached: dict[str, set[int]] = {}
        self.by_persons: set[int] = set()  # EC_No of the lines that persons reconciled
        #: Names of the pieces that several customers share, when the load began without any line nor move of the base:
        #: no other piece, and no line, can then be there before its customer comes. None when it began with some.
        self.shared: set[str] | None = None
        self.made = 0  # lines made so far
        self.analysed = 0  # how many there were when the statistics were last refreshed
        self.guard: Any = None
        self._locks: dict[dt.date, Any] = {}

    @staticmethod
    def _step_of(currency: Any) -> Decimal | None:
        """Return the step to round to, None when the cent of Sage is fine enough."""
        return Decimal(str(currency.rounding)) if currency.rounding > 0.01 else None

    @cached_property
    def today(self) -> dt.date:
        """The day in the reader's time zone, as Odoo dates what has no date."""
        return fields.Date.context_today(self.database)

    def locks(self, day: dt.date) -> Any:
        """Return the lock dates of the company that forbid a day."""
        if day not in self._locks:
            self._locks[day] = self.company._get_violated_lock_dates(day, False, self.journal)
        return self._locks[day]


def rounded(amount: Decimal, step: Decimal | None) -> Decimal:
    """Return an amount at a currency's own precision (None: the cent, which it already has)."""
    return amount if step is None else (amount / step).quantize(Decimal(1), "ROUND_HALF_UP") * step


def move_name(journal: str, date: dt.date, piece: str) -> str:
    """Return the name of the move of a piece."""
    return f"{journal}/{date.isoformat()}/{piece or '-'}"
