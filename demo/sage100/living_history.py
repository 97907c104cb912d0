"""Random histories: weeks of an accounting department, one operation at a time, decided by a seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from .living import LivingBase
from .living_books import Period, Row, day_of, number_of, signed
from .living_opening import GENERATED

ACCOUNTS = ("411000",) * 6 + ("411800", "416000", "413000", "411700")
DOLLARS = "411100"
IGNORED = ("situation", "ifrs", "centralisation", "supplier", "nobody")
CENT = Decimal("0.01")


class Nothing(Exception):
    """There is nothing to do this with."""


class History:
    """A base and what happens to it. ``step`` does one thing and names it; ``log`` keeps everything done.

    Attributes:
        hidden: whether a change was made with the triggers off: no cbModification, and perhaps no sum, tells it.
    """

    def __init__(self, seed: int | str, *, customers: int = 10) -> None:
        self.seed = seed
        self.rng = random.Random(f"history:{seed}")
        start = dt.date(2024, self.rng.choice((1, 1, 4)), 1)
        end = dt.date(2024 if start.month == 1 else 2025, 12 if start.month == 1 else 3, 31)
        if self.rng.random() < 0.2:
            start = dt.date(start.year - 1, 10, 1)  # a first exercise longer than twelve months
        self.base = LivingBase(
            seed,
            periods=[(start, end)],
            customers=customers,
            rounded=self.rng.random() < 0.5,
            renumbers=self.rng.random() < 0.25,
            keeps_codes=self.rng.random() < 0.3,
        )
        self.base.now += dt.timedelta(days=self.rng.randint(0, 200))
        self.hidden = False
        self.log: list[str] = []
        self._closed: set[Period] = set()
        self._weights = self._operations()

    def _operations(self) -> dict[Callable[[], str], int]:
        return {
            self.invoice: 12,
            self.instalments: 5,
            self.dollar_invoice: 3,
            self.credit_note: 4,
            self.negative_invoice: 2,
            self.payment: 8,
            self.deposit: 4,
            self.settle: 14,
            self.settle_many: 6,
            self.tolerance: 3,
            self.part_payment: 6,
            self.finish_part_payment: 4,
            self.unletter: 6,
            self.letter_badly: 1,
            self.edit_amount: 3,
            self.edit_due_date: 3,
            self.edit_piece: 3,
            self.edit_customer: 2,
            self.edit_account: 2,
            self.edit_reminder: 2,
            self.delete: 4,
            self.transfer: 2,
            self.ignored: 3,
            self.open_exercise: 8,
            self.reopen: 6,
            self.close: 1,
            self.settle_original: 4,
            self.new_customer: 2,
            self.renumber: 1,
            self.merge: 1,
            self.leave: 1,
            self.step_back: 1,
        }

    # One step

    def step(self) -> str:
        """Let some time pass, then do one thing."""
        self._pass_time()
        while True:
            (operation,) = self.rng.choices(list(self._weights), list(self._weights.values()))
            self.base.silent = self.rng.random() < 0.08
            self.base.recreates = self.rng.random() < 0.1
            try:
                done = operation()
            except Nothing:
                continue
            silent, self.base.silent, self.base.recreates = self.base.silent, False, False
            break
        name = f"{operation.__name__} {done}{' (triggers off)' if silent else ''}"
        self.hidden |= silent
        self.log.append(f"{len(self.log) + 1}. {self.base.now:%Y-%m-%d %H:%M:%S} {name}")
        return name

    def _pass_time(self) -> None:
        if self.rng.random() < 0.3:
            self.base.now += dt.timedelta(seconds=self.rng.randint(0, 90))
        else:
            self.base.now += dt.timedelta(days=self.rng.randint(1, 30), minutes=self.rng.randint(0, 400))
        while self.base.today > self.base.periods[-1][1]:
            self.base.new_period()

    # What there is

    def _amount(self) -> Decimal:
        return Decimal(self.rng.randint(1500, 450000)) * CENT

    def _customer(self) -> str:
        return self.rng.choice(self.base.customers)

    def _day(self) -> dt.date:
        """Mostly today; at times in the exercise before, while it is still open."""
        period = self.base.period_of(self.base.today)
        previous = self.base.before(period)
        if previous and previous not in self._closed and self.rng.random() < 0.12:
            return previous[1] - dt.timedelta(days=self.rng.randint(0, 20))
        return self.base.today

    def _alive(self, *, lettered: bool | None = False, coded: bool | None = None) -> list[Row]:
        """Entries of customers in exercises that are not closed."""
        customers = set(self.base.customers)
        return [
            row
            for row in self.base.entries
            if row["CT_Num"] in customers
            and row["JO_Num"] not in ("SIT", "IFRS")
            and row["EC_CType"] != 1
            and self.base.period_of(day_of(row)) not in self._closed
            and (lettered is None or bool(row["EC_Lettre"]) == lettered)
            and (coded is None or bool(row["EC_Lettrage"]) == coded)
        ]

    def _pick(self, rows: Sequence[Row]) -> Row:
        if rows:
            return self.rng.choice(rows)
        raise Nothing

    def _open_debits(self) -> list[Row]:
        """Debits that nobody settled, in the exercise that lives."""
        return [row for row in self._alive(coded=False) if signed(row) > 0 and not self._superseded(row)]

    def _superseded(self, row: Row) -> bool:
        """Whether an opening entry stands for the exercise of the row."""
        return any(start > day_of(row) for start in self.base.opened)

    def _typed(self) -> list[Row]:
        """Entries that somebody typed and may still change: unlettered, not generated."""
        return [row for row in self._alive(coded=False) if row["EC_ANType"] not in GENERATED]

    # Pieces

    def invoice(self) -> str:
        account = self.rng.choice(ACCOUNTS)
        (row,) = self.base.invoice(self._customer(), account, [self._amount()], day=self._day())
        return _tell(row)

    def instalments(self) -> str:
        parts = [self._amount() for _part in range(self.rng.randint(2, 3))]
        return _tell(*self.base.invoice(self._customer(), "411000", parts, day=self._day()))

    def dollar_invoice(self) -> str:
        return _tell(*self.base.invoice(self._customer(), DOLLARS, [self._amount() * 4], dollars=True))

    def credit_note(self) -> str:
        return _tell(*self.base.invoice(self._customer(), "411000", [-self._amount()], day=self._day()))

    def negative_invoice(self) -> str:
        return _tell(*self.base.invoice(self._customer(), "411000", [self._amount()], negative=True))

    def payment(self) -> str:
        row = self.base.payment(self._customer(), self.rng.choice(ACCOUNTS), self._amount(), day=self._day())
        return _tell(row)

    def deposit(self) -> str:
        shares = [(self._customer(), "411000", self._amount()) for _share in range(self.rng.randint(2, 4))]
        return _tell(*self.base.deposit(shares))

    def ignored(self) -> str:
        kind = self.rng.choice(IGNORED)
        self.base.ignored(self._customer(), "411000", self._amount(), kind)
        return kind

    def transfer(self) -> str:
        row = self._pick([row for row in self._open_debits() if row["CG_Num"] == "411000"])
        return _tell(row, *self.base.transfer(row, "416000"))

    # Lettrage

    def _pay(self, row: Row, amount: Decimal) -> Row:
        """A payment in the exercise of the row, in its currency."""
        values: Row = {"EC_RefPiece": row["EC_RefPiece"]}
        if row["N_Devise"]:
            values |= {"N_Devise": row["N_Devise"], "EC_Devise": abs(amount * 5 / 4)}
        period = self.base.period_of(day_of(row))
        day = min(max(self.base.today, period[0]), period[1])
        return self.base.payment(str(row["CT_Num"]), str(row["CG_Num"]), amount, day=day, **values)

    def settle(self) -> str:
        """Pay an open debit to the cent, and letter."""
        row = self._pick(self._open_debits())
        paid = self._pay(row, signed(row))
        self.base.letter([row, paid])
        return _tell(row, paid)

    def settle_many(self) -> str:
        """Several debits and credits of a scope, and what is missing; n to n."""
        row = self._pick(self._open_debits())
        rows = self._scope(row)
        rows = [row, *self.rng.sample([r for r in rows if r is not row], self.rng.randint(0, min(3, len(rows) - 1)))]
        total = sum(map(signed, rows), Decimal(0))
        if total:
            first = (total / 3).quantize(CENT)
            rows += [self._pay(row, part) for part in (first, total - first) if part]
        self.base.letter(rows)
        return _tell(*rows)

    def _scope(self, row: Row) -> list[Row]:
        period = self.base.period_of(day_of(row))
        return [
            other
            for other in self._alive(coded=False)
            if (other["CG_Num"], other["CT_Num"], other["N_Devise"]) == (row["CG_Num"], row["CT_Num"], row["N_Devise"])
            and self.base.period_of(day_of(other)) == period
        ]

    def tolerance(self) -> str:
        """A payment some cents short, the difference posted and lettered with it."""
        row = self._pick([row for row in self._open_debits() if not row["N_Devise"]])
        gap = Decimal(self.rng.randint(-50, 50)) * CENT or CENT
        paid = self._pay(row, signed(row) - gap)
        common: Row = {"CG_Num": row["CG_Num"], "CT_Num": row["CT_Num"]}
        (gone,) = self.base.post("OD", [{"amount": -gap, **common}], day=day_of(paid))
        self.base.letter([row, paid, gone])
        return _tell(row, paid, gone)

    def part_payment(self) -> str:
        row = self._pick(self._open_debits())
        rows = [row, self._pay(row, (signed(row) * self.rng.randint(1, 9) / 10).quantize(CENT))]
        others = [other for other in self._scope(row) if other not in rows and signed(other) > 0]
        if others and self.rng.random() < 0.4:
            rows.append(self.rng.choice(others))
        self.base.letter(rows, full=False)
        return _tell(*rows)

    def finish_part_payment(self) -> str:
        rows = [row for row in self._alive(coded=True) if str(row["EC_Lettrage"]).islower()]
        row = self._pick([row for row in rows if not self._superseded(row)])
        group = self.base.group_of(row)
        left = sum(map(signed, group), Decimal(0))
        if left:
            group.append(self._pay(row, left))
        self.base.letter(group)
        return _tell(*group)

    def unletter(self) -> str:
        row = self._pick(self._alive(lettered=None, coded=True))
        told = _tell(*self.base.group_of(row))
        self.base.unletter(row)
        return told

    def letter_badly(self) -> str:
        """Upper-case letters on rows that do not balance: an import into Sage, or a half-read group."""
        row = self._pick(self._open_debits())
        paid = self._pay(row, signed(row) - 7)
        self.base.letter([row, paid], check=False)
        return _tell(row, paid)

    def settle_original(self) -> str:
        """Letter in the old exercise an entry already copied by a provisional opening."""
        rows = [row for row in self._alive(coded=False) if self._superseded(row) and signed(row) > 0]
        row = self._pick([row for row in rows if row["CG_Num"] in ("411000", "413000", DOLLARS)])
        paid = self._pay(row, signed(row))
        self.base.letter([row, paid])
        return _tell(row, paid)

    # Changes

    def edit_amount(self) -> str:
        row = self._pick(self._typed())
        self.base.edit_amount(row, signed(row) + Decimal(self.rng.randint(100, 9900)) * CENT)
        return _tell(row)

    def edit_due_date(self) -> str:
        row = self._pick([row for row in self._alive(lettered=None) if signed(row) > 0])
        due = dt.datetime.combine(day_of(row) + dt.timedelta(days=self.rng.randint(1, 90)), dt.time())
        self.base.change(row, EC_Echeance=self.rng.choice((due, due, dt.datetime(1753, 1, 1), None)))
        return _tell(row)

    def edit_piece(self) -> str:
        """Renumber a whole piece, or take one entry out of it."""
        row = self._pick([row for row in self._alive(lettered=None) if row["EC_ANType"] not in GENERATED])
        rows = [row] if self.rng.random() < 0.4 else self.base.piece_of(row)
        for other in rows:
            self.base.change(other, EC_Piece=f"N{number_of(row)}")
        return _tell(*rows)

    def edit_customer(self) -> str:
        row = self._pick(self._typed())
        self.base.move_entry(row, CT_Num=self._customer())
        return _tell(row)

    def edit_account(self) -> str:
        row = self._pick([row for row in self._typed() if not row["N_Devise"]])
        self.base.move_entry(row, CG_Num=self.rng.choice((*ACCOUNTS, "419100")))
        return _tell(row)

    def edit_reminder(self) -> str:
        row = self._pick(self._open_debits())
        self.base.change(row, EC_Rappel=1, EC_DateRelance=self.base.now.replace(hour=0, minute=0, second=0))
        return _tell(row)

    def delete(self) -> str:
        """Delete an entry, or its whole piece."""
        row = self._pick(self._typed())
        rows = [row] if self.rng.random() < 0.5 else self.base.piece_of(row)
        self.base.delete(rows)
        return _tell(*rows)

    # Exercises

    def open_exercise(self) -> str:
        """Run the opening of the oldest exercise that has none."""
        for period in self.base.periods[1:]:
            if period[0] not in self.base.opened:
                self.base.open_exercise(period)
                return f"{period[0]}"
        raise Nothing

    def reopen(self) -> str:
        """Run again an opening, and those after it."""
        again = [p for p in self.base.periods if p[0] in self.base.opened and p not in self._closed]
        if not again:
            raise Nothing
        period = self.rng.choice(again)
        self.base.reopen(period)
        return f"{period[0]}"

    def close(self) -> str:
        """Close the oldest exercise once the next is opened for good."""
        for period, following in zip(self.base.periods, self.base.periods[1:], strict=False):
            if period not in self._closed and following[0] in self.base.opened:
                self.base.reopen(following)
                self.base.close(period)
                self._closed.add(period)
                return f"{period[0]}"
        raise Nothing

    # Customers

    def new_customer(self) -> str:
        return self.base.new_customer()

    def renumber(self) -> str:
        old = self._customer()
        self.base.renumber(old, f"{old[:12]}{len(self.log):04d}")
        return f"{old} {old[:12]}{len(self.log):04d}"

    def merge(self) -> str:
        if len(self.base.customers) < 5:
            raise Nothing
        old, into = self.rng.sample(self.base.customers, 2)
        self.base.merge(old, into)
        return f"{old} into {into}"

    def leave(self) -> str:
        """A customer whose entries, few and open, are deleted, then the customer too."""
        for number in self.base.customers[3:]:
            rows = [row for row in self.base.entries if row["CT_Num"] == number]
            if len(rows) < 5 and all(not row["EC_Lettrage"] and not row["EC_ANType"] for row in rows):
                self.base.delete(rows)
                self.base.forget(number)
                return number
        raise Nothing

    def step_back(self) -> str:
        """End of summer time: the server's clock shows the same hour again."""
        self.base.now -= dt.timedelta(hours=1)
        return "one hour"


def _tell(*rows: Row) -> str:
    """Rows as the log shows them."""
    return "; ".join(
        f"{number_of(row)} {row['CT_Num']} {row['CG_Num']} {day_of(row)} {signed(row):.2f} {row['EC_Lettrage']}".strip()
        for row in rows
    )
