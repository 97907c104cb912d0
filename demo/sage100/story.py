"""The business story: who was invoiced what, who paid, which lines settle each other.

The story knows nothing of Sage's rows. The ledger turns it into entries, and
``expected`` draws from it the balances and open items that the entries must show.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .accounts import BANK, COLLECTIVES, TRADE
from .dates import Exercises, due_date, working_day
from .names import GOODS, SITES

CENT = Decimal("0.01")

TRANSFER, CHEQUE, DIRECT_DEBIT, LCR, CARD = 1, 2, 3, 4, 5
"""Payment modes: ``cbIndice`` of P_REGLEMENT."""

MODE_LABELS = {
    TRANSFER: "VIR",
    CHEQUE: "CHQ",
    DIRECT_DEBIT: "PRLV",
    LCR: "LCR",
    CARD: "CB",
}


def money(value: float | str | Decimal) -> Decimal:
    """The amount rounded to the cent."""
    return Decimal(str(value)).quantize(CENT)


@dataclass(frozen=True)
class Foreign:
    """Amount in a foreign currency: P_DEVISE index, amount, rate for one euro."""

    currency: int
    amount: Decimal
    rate: Decimal


@dataclass(eq=False)
class Line:
    """One line of a piece. ``columns`` overrides columns of F_ECRITUREC."""

    account: str
    debit: bool
    amount: Decimal
    label: str
    tiers: str = ""
    due: dt.date | None = None
    mode: int = 0
    ref: str = ""
    ref_of: Line | None = None
    """Line whose invoice number this one bears (numbers are given at the end)."""
    foreign: Foreign | None = None
    columns: dict[str, object] = field(default_factory=dict)
    date: dt.date = dt.date.min
    excluded: bool = False
    settled: dt.date | None = None
    """Day on which a full lettrage closed the line."""
    first_no: int = 0
    """EC_No of the line as first posted."""
    current_no: int = 0
    """EC_No of the row that stands for it in the latest exercise."""

    @property
    def signed(self) -> Decimal:
        """Debit positive, credit negative."""
        return self.amount if self.debit else -self.amount


@dataclass(eq=False)
class Piece:
    """Lines posted together in a journal on one day; they balance."""

    journal: str
    date: dt.date
    lines: list[Line]
    prefix: str = ""
    """Prefix of the invoice number to give, empty when the piece is no invoice."""
    number: str = ""
    columns: dict[str, object] = field(default_factory=dict)


@dataclass(eq=False)
class Match:
    """Lines of one tiers and account lettered together: fully, or only pre-lettered."""

    lines: list[Line]
    date: dt.date
    full: bool


@dataclass
class Customer:
    """A customer as the story needs it; ``columns`` overrides columns of F_COMPTET."""

    code: str
    name: str
    days: int = 30
    end_of_month: bool = False
    mode: int = TRANSFER
    account: str = TRADE
    sales_account: str = "707000"
    vat: Decimal = Decimal("0.20")
    email: str = ""
    columns: dict[str, object] = field(default_factory=dict)
    collectives: set[str] = field(default_factory=set)


class Story:
    """All customers, pieces and matches of the three exercises."""

    def __init__(self, exercises: Exercises, rng: random.Random) -> None:
        self.exercises = exercises
        self.rng = rng
        self.customers: dict[str, Customer] = {}
        self.pieces: list[Piece] = []
        self.matches: list[Match] = []
        self.cases: dict[str, str] = {}

    # -- generic ---------------------------------------------------------------------

    def post(
        self,
        journal: str,
        date: dt.date,
        lines: Sequence[Line],
        *,
        prefix: str = "",
        number: str = "",
        excluded: bool = False,
        **columns: object,
    ) -> Piece:
        """Add a piece, after checking its balance and its date."""
        if sum((line.signed for line in lines), Decimal(0)):
            raise ValueError(f"unbalanced piece {journal} {date}: {lines}")
        if not self.exercises.start <= date <= self.exercises.reference:
            raise ValueError(f"{date} is outside of the exercises")
        for line in lines:
            line.date, line.excluded = date, excluded
            if line.tiers in self.customers and line.account in COLLECTIVES:
                self.customers[line.tiers].collectives.add(line.account)
        piece = Piece(journal, date, list(lines), prefix, number, columns)
        self.pieces.append(piece)
        return piece

    def match(
        self, *lines: Line, date: dt.date | None = None, full: bool = True
    ) -> None:
        """Letter the lines together, on the day of the latest unless told otherwise."""
        if len({(line.tiers, line.account) for line in lines}) != 1:
            raise ValueError("a lettrage stays within one tiers and one account")
        if full and sum((line.signed for line in lines), Decimal(0)):
            raise ValueError("a full lettrage must balance")
        day = date or max(line.date for line in lines)
        self.matches.append(Match(list(lines), day, full))
        if full:
            for line in lines:
                line.settled = day

    # -- documents -------------------------------------------------------------------

    def invoice(
        self,
        customer: Customer,
        date: dt.date,
        gross: Decimal | str,
        *,
        dues: Iterable[tuple[dt.date | None, Decimal | str]] = (),
        account: str = "",
        retention: tuple[dt.date, Decimal] | None = None,
        number: str = "",
        label: str = "",
    ) -> list[Line]:
        """Post an invoice; one receivable line a due date, then the retention."""
        gross = money(gross)
        label = label or f"FACT {{ref}} {self.rng.choice(GOODS)}"
        held = retention[1] if retention else Decimal(0)
        shares = [(due, money(part)) for due, part in dues] or [
            (due_date(date, customer.days, customer.end_of_month), gross - held)
        ]
        lines = [
            Line(
                account or customer.account,
                True,
                part,
                label,
                customer.code,
                due,
                customer.mode,
                "{ref}",
            )
            for due, part in shares
        ]
        if self.rng.random() < 0.35:
            site = self.rng.choice(SITES)
            order = f"BC{self.rng.randint(1000, 9999)}"
            for line in lines:
                line.columns |= {"CHANTIER LIVRÉ": site, "N° BON DE COMMANDE": order}
        if retention:
            lines.append(
                Line(
                    "411700",
                    True,
                    held,
                    "RG 5% {ref}",
                    customer.code,
                    retention[0],
                    1,
                    "{ref}",
                )
            )
        self.post(
            "VTE",
            date,
            lines + self._sales(customer, gross, label),
            prefix="FA",
            number=number,
        )
        return lines

    def late(
        self,
        customer: Customer,
        days_late: int,
        gross: Decimal | str,
        **options: object,
    ) -> Line:
        """Post an invoice due ``days_late`` days before the reference date."""
        due = self.exercises.ago(days_late)
        date = min(due - dt.timedelta(days=customer.days), self.exercises.reference)
        return self.invoice(customer, date, gross, dues=[(due, gross)], **options)[0]  # type: ignore[arg-type]

    def credit_note(
        self, customer: Customer, date: dt.date, gross: Decimal | str, reason: str
    ) -> Line:
        """Post a credit note; its line on the collective account."""
        gross = money(gross)
        label = f"AVOIR {{ref}} {reason}"
        line = Line(
            customer.account, False, gross, label, customer.code, date, 0, "{ref}"
        )
        sales = self._sales(customer, gross, label)
        for counterpart in sales:
            counterpart.debit = True
        self.post("VTE", date, [line, *sales], prefix="AV")
        return line

    def payment(
        self,
        customer: Customer,
        date: dt.date,
        amount: Decimal | str,
        *,
        account: str = "",
        label: str = "",
        **columns: object,
    ) -> Line:
        """Post a payment by the bank; its line on the collective account."""
        amount = money(amount)
        label = label or f"{MODE_LABELS[customer.mode]} {customer.name}"[:69]
        line = Line(
            account or customer.account,
            False,
            amount,
            label,
            customer.code,
            mode=customer.mode,
            columns=columns,
        )
        bank = Line(BANK, True, amount, label, mode=customer.mode)
        self.post("BNQ", date, [line, bank])
        return line

    def settle(
        self,
        customer: Customer,
        lines: Sequence[Line],
        date: dt.date,
        **options: object,
    ) -> Line:
        """Pay the lines exactly on ``date`` and letter them with the payment."""
        total = sum((line.signed for line in lines), Decimal(0))
        paid = self.payment(customer, date, total, account=lines[0].account, **options)  # type: ignore[arg-type]
        self.match(*lines, paid)
        return paid

    def adjust(self, customer: Customer, date: dt.date, amount: Decimal) -> Line:
        """Post the difference of a lettrage (positive: left unpaid)."""
        debit = amount < 0
        label = f"ÉCART DE RÈGLEMENT {customer.name}"[:69]
        line = Line(customer.account, debit, abs(amount), label, customer.code)
        other = "658000" if amount > 0 else "758000"
        self.post("OD", date, [line, Line(other, not debit, abs(amount), label)])
        return line

    def move(
        self, line: Line, date: dt.date, account: str, label: str, journal: str
    ) -> Line:
        """Transfer an open item to another collective of its tiers; the new item."""
        credit = Line(line.account, False, line.amount, label, line.tiers, ref_of=line)
        debit = Line(
            account,
            True,
            line.amount,
            label,
            line.tiers,
            line.due,
            line.mode,
            ref_of=line,
        )
        self.post(journal, date, [debit, credit])
        self.match(line, credit)
        return debit

    def _sales(self, customer: Customer, gross: Decimal, label: str) -> list[Line]:
        net = money(gross / (1 + customer.vat))
        lines = []
        share = Decimal(0)
        if customer.vat and net > 2000 and self.rng.random() < 0.3:
            share = money(net * Decimal("0.15"))
            lines.append(Line("706000", False, share, label))
        lines.insert(0, Line(customer.sales_account, False, net - share, label))
        if gross - net:
            lines.append(
                Line("445710", False, gross - net, label, columns={"TA_Code": "C20"})
            )
        return lines

    # -- helpers for the cases ---------------------------------------------------------

    def on(self, year: int, month: int, day: int) -> dt.date:
        """A date of an exercise (0, 1 or 2), not after the reference nor on a week-end.

        In the current exercise the date moves back to the reference date when needed.
        """
        date = dt.date(self.exercises.years[year], month, day)
        if date > self.exercises.reference:
            return self.exercises.reference
        moved = working_day(date)
        return moved if moved.year == date.year else date
