"""A base that lives: what an accountant, or Sage itself, does to the entries of customers.

    base = LivingBase(seed=1)
    row, = base.invoice("ATELBOIS", "411000", [Decimal(120)])
    base.letter([row, base.payment("ATELBOIS", "411000", Decimal(120))])
    for change in base.changes(): cursor.execute(*change.sql())

Opening entries are in ``living_opening``, random histories in ``living_history``, what an import must find after
them in ``living_oracle``.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal

from .accounts import BANK
from .dates import NULL_DATE, midnight, stored
from .ledger import letters
from .living_books import Period, Row, day_of, number_of, signed
from .living_opening import LivingOpenings
from .names import ORDINARY
from .schema import complete

FIRST = ((dt.date(2024, 1, 1), dt.date(2024, 12, 31)),)
USD = 2  # rank of the dollar in P_DEVISE
Share = tuple[str, str, Decimal]


class LivingBase(LivingOpenings):
    """Operations on the entries. Each leaves the base as Sage would; ``changes`` then tells the SQL."""

    def __init__(
        self,
        seed: int | str = 0,
        *,
        periods: Sequence[Period] = FIRST,
        customers: int = 10,
        rounded: bool = False,
        renumbers: bool = False,
        keeps_codes: bool = False,
    ) -> None:
        super().__init__(periods, seed, rounded=rounded, renumbers=renumbers, keeps_codes=keeps_codes)
        self._pieces = itertools.count(1)
        self._names = iter(ORDINARY)
        for _rank in range(customers):
            self.new_customer()
        self.add("F_COMPTET", CT_Num="SCIERIEST", CT_Intitule="Scierie", CT_Type=1, CG_NumPrinc="401000")
        self.changes()

    # Customers

    @property
    def customers(self) -> list[str]:
        """Numbers of the customers."""
        return [str(row["CT_Num"]) for row in self.tables["F_COMPTET"] if not row["CT_Type"]]

    def new_customer(self) -> str:
        """A customer that Sage did not have."""
        code, name = next(self._names)[:2]
        self.add(
            "F_COMPTET",
            CT_Num=code,
            CT_Intitule=name,
            CT_Type=0,
            CG_NumPrinc="411000",
            CT_NumPayeur=code,
            CT_EMail=f"{code.lower()}@living.example",
        )
        return code

    def _tiers(self, number: str) -> Row:
        return next(row for row in self.tables["F_COMPTET"] if row["CT_Num"] == number)

    def renumber(self, old: str, new: str) -> None:
        """Give a customer another number, on his entries too."""
        row = self._tiers(old)
        payer = new if row["CT_NumPayeur"] == old else row["CT_NumPayeur"]
        self.change(row, "F_COMPTET", CT_Num=new, CT_NumPayeur=payer)
        self._move_entries(old, new)

    def merge(self, old: str, into: str) -> None:
        """Move the entries of a customer to another one, then delete it."""
        self.unletter_shared(old, into)
        self._move_entries(old, into)
        self.forget(old)

    def forget(self, number: str) -> None:
        """Delete a customer who has no entry any more."""
        self.remove(self._tiers(number), "F_COMPTET")

    def _move_entries(self, old: str, new: str) -> None:
        for row in list(self.entries):
            if row["CT_Num"] == old:
                self.change(row, CT_Num=new)

    def unletter_shared(self, one: str, other: str) -> None:
        """Undo the codes that two customers both use: merged, they would be one group."""
        scopes: dict[tuple[object, ...], set[object]] = {}
        for row in self.entries:
            if row["EC_Lettrage"]:
                scope = (row["CG_Num"], self.period_of(day_of(row)), row["EC_Lettrage"])
                scopes.setdefault(scope, set()).add(row["CT_Num"])
        for row in list(self.entries):
            scope = (row["CG_Num"], self.period_of(day_of(row)), row["EC_Lettrage"])
            if row["CT_Num"] == one and {one, other} <= scopes.get(scope, set()):
                self.unletter(row)

    # Pieces

    def post(
        self, journal: str, lines: Iterable[Row], *, day: dt.date | None = None, piece: str | None = None
    ) -> list[Row]:
        """A piece; the lines give what is theirs, the amount debit positive under "amount"."""
        day = day or self.today
        piece = piece or f"{journal[0]}{next(self._pieces)}"
        rows = []
        for line in lines:
            values = dict(line)
            amount = Decimal(str(values.pop("amount")))
            negative = bool(values.pop("negative", False))
            due = values.pop("due", None)
            assert due is None or isinstance(due, dt.date)
            rows.append(
                self.add(
                    "F_ECRITUREC",
                    **{
                        "JO_Num": journal,
                        "JM_Date": midnight(day.replace(day=1)),
                        "EC_Jour": day.day,
                        "EC_Date": midnight(self.today),
                        "EC_Piece": piece,
                        "EC_Intitule": f"PIÈCE {piece}",
                        "EC_Echeance": stored(due),
                        "EC_Sens": int((amount < 0) != negative),
                        "EC_Montant": -abs(amount) if negative else abs(amount),
                    }
                    | values,
                )
            )
        return rows

    def invoice(
        self,
        customer: str,
        account: str,
        parts: Sequence[Decimal],
        *,
        dollars: bool = False,
        negative: bool = False,
        day: dt.date | None = None,
    ) -> list[Row]:
        """An invoice with as many due dates as parts; negative parts make a credit note."""
        day = day or self.today
        number = next(self._pieces)
        reference = f"FA{number:05d}"
        lines: list[Row] = []
        for rank, part in enumerate(parts, start=1):
            line: Row = {
                "amount": part,
                "CG_Num": account,
                "CT_Num": customer,
                "EC_RefPiece": reference,
                "due": day + dt.timedelta(days=30 * rank),
                "N_Reglement": 1 + rank % 3,
                "negative": negative,
            }
            if dollars:
                line |= {"N_Devise": USD, "EC_Devise": abs(part * 5 / 4), "EC_Parite": Decimal("1.25")}
            lines.append(line)
        lines.append({"amount": -sum(parts), "CG_Num": "707000", "EC_RefPiece": reference})
        return self.post("VTE", lines, day=day, piece=f"V{number}")[: len(parts)]

    def payment(
        self, customer: str, account: str, amount: Decimal, *, day: dt.date | None = None, **values: object
    ) -> Row:
        """Money received."""
        return self.deposit([(customer, account, amount)], day=day, **values)[0]

    def deposit(self, shares: Sequence[Share], *, day: dt.date | None = None, **values: object) -> list[Row]:
        """A piece of the bank with several customers."""
        lines: list[Row] = [
            {"amount": -amount, "CG_Num": account, "CT_Num": customer, **values} for customer, account, amount in shares
        ]
        total = sum((amount for _customer, _account, amount in shares), Decimal(0))
        return self.post("BNQ", [*lines, {"amount": total, "CG_Num": BANK}], day=day)[: len(shares)]

    def transfer(self, row: Row, account: str) -> list[Row]:
        """Move an open amount to another account of the customer (doubtful debts), and letter what it leaves."""
        amount, day = signed(row), max(day_of(row), self.period_of(day_of(row))[0])
        common: Row = {"CT_Num": row["CT_Num"], "EC_RefPiece": row["EC_RefPiece"]}
        left, moved = self.post(
            "OD",
            [
                {"amount": -amount, "CG_Num": row["CG_Num"], **common},
                {"amount": amount, "CG_Num": account, "due": day, **common},
            ],
            day=day,
        )
        self.letter([row, left])
        return [left, moved]

    def ignored(self, customer: str, account: str, amount: Decimal, kind: str) -> None:
        """An entry that is no receivable: simulated, IFRS, centralisation, of a supplier or of nobody."""
        values: Row = {"amount": amount, "CG_Num": account, "CT_Num": customer}
        journal = {"situation": "SIT", "ifrs": "IFRS"}.get(kind, "OD")
        values |= {
            "ifrs": {"EC_Norme": 2},
            "centralisation": {"EC_CType": 1},
            "supplier": {"CT_Num": "SCIERIEST"},
            "nobody": {"CT_Num": None},
        }.get(kind, {})
        self.post(journal, [values])

    # Lettrage

    def group_of(self, row: Row) -> list[Row]:
        """Rows that share the code of a row: same account, customer, exercise, letters."""
        period = self.period_of(day_of(row))
        return [
            other
            for other in self.entries
            if row["EC_Lettrage"]
            and other["EC_Lettrage"] == row["EC_Lettrage"]
            and (other["CG_Num"], other["CT_Num"]) == (row["CG_Num"], row["CT_Num"])
            and self.period_of(day_of(other)) == period
        ]

    def _free_code(self, row: Row, *, full: bool) -> str:
        period = self.period_of(day_of(row))
        used = {
            other["EC_Lettrage"]
            for other in self.entries
            if (other["CG_Num"], other["CT_Num"]) == (row["CG_Num"], row["CT_Num"])
            and self.period_of(day_of(other)) == period
        }
        codes = (letters(rank) if full else letters(rank).lower() for rank in itertools.count())
        return next(code for code in codes if code not in used)

    def letter(self, rows: Sequence[Row], *, full: bool = True, check: bool = True) -> None:
        """Settle rows of one customer, account and exercise; ``check`` refuses what does not balance."""
        scopes = {(row["CG_Num"], row["CT_Num"], self.period_of(day_of(row))) for row in rows}
        if len(scopes) != 1 or (full and check and sum(map(signed, rows))):
            raise ValueError("these rows cannot be lettered together")
        code = self._free_code(rows[0], full=full)
        for row in rows:
            self.change(row, EC_Lettre=int(full), EC_Lettrage=code)

    def unletter(self, row: Row) -> None:
        """Undo a whole group."""
        for other in self.group_of(row):
            self.change(other, EC_Lettre=0, EC_Lettrage="")

    # Changes

    def edit_amount(self, row: Row, amount: Decimal) -> None:
        """Change an amount (debit positive) and the line that balances the piece."""
        gap = amount - signed(row)
        self.change(row, EC_Sens=int(amount < 0), EC_Montant=abs(amount))
        if row["N_Devise"]:
            self.change(row, EC_Devise=abs(amount * 5 / 4))
        other = next((r for r in self.piece_of(row) if not r["CT_Num"]), None)
        if other is not None:
            total = signed(other) - gap
            self.change(other, EC_Sens=int(total < 0), EC_Montant=abs(total))

    def piece_of(self, row: Row) -> list[Row]:
        """Rows of the piece of a row."""
        key = ("JO_Num", "JM_Date", "EC_Jour", "EC_Piece")
        return [other for other in self.entries if all(other[name] == row[name] for name in key)]

    def move_entry(self, row: Row, **values: object) -> None:
        """Give an entry another customer or account; it leaves its group first."""
        self.unletter(row)
        self.change(row, **values)

    def delete(self, rows: Iterable[Row]) -> None:
        """Delete entries, unlettered first."""
        for row in list(rows):
            self.unletter(row)
            self.remove(row)

    def close(self, period: Period) -> None:
        """Close an exercise: nothing in it changes any more."""
        for row in list(self.entries):
            if self.period_of(day_of(row)) == period and not row["EC_Cloture"]:
                self.change(row, EC_Cloture=1, EC_Impression=2)


def simple_row(number: int, **values: object) -> Row:
    """A row of F_ECRITUREC for a test: a debit of 100 on 411000 for DUPONT, in 2026; the rest as given."""
    row = complete(
        "F_ECRITUREC",
        JO_Num="VTE",
        EC_Piece="FA1",
        EC_RefPiece="FA1",
        JM_Date=dt.datetime(2026, 3, 1),
        EC_Jour=14,
        CG_Num="411000",
        CT_Num="DUPONT",
        EC_Montant=Decimal("100.000000"),
        EC_Echeance=NULL_DATE,
    )
    unknown = values.keys() - row.keys()
    if unknown:
        raise KeyError(f"F_ECRITUREC has no column {unknown}")
    return row | {"EC_No": number, "cbMarq": number} | values


__all__ = ["LivingBase", "day_of", "number_of", "signed", "simple_row"]
