"""Opening entries of a living base: run, run again after changes, in detail or by balance, in one or two open years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from .accounts import COLLECTIVES, DETAIL
from .dates import NULL_DATE, midnight
from .living_books import LivingBooks, Period, Row, day_of, number_of, signed

IDENTITY = ("CT_Num", "CG_Num", "EC_RefPiece", "EC_Piece", "EC_Echeance", "EC_Sens", "EC_Montant")
"""What an entry and its copy share (the number, the journal and the date differ)."""
GENERATED = (1, 2)
"""EC_ANType of the entries that Sage writes and may write again."""


class LivingOpenings(LivingBooks):
    """How Sage writes à-nouveaux.

    Attributes:
        renumbers: whether the copies get a piece number of their own.
        keeps_codes: whether the copies of pre-lettered entries keep their lower-case code.
        sources: EC_No of an opening entry → EC_No of the entries it was made of, which Sage does not tell.
        balances: EC_No of the opening entries that are a balance.
        opened: first days of the exercises whose opening has been run.
    """

    def __init__(
        self, periods: Sequence[Period], seed: int | str, *, rounded: bool, renumbers: bool, keeps_codes: bool
    ) -> None:
        super().__init__(periods, seed, rounded=rounded)
        self.renumbers = renumbers
        self.keeps_codes = keeps_codes
        self.sources: dict[int, tuple[int, ...]] = {}
        self.opened: set[dt.date] = set()
        self.balances: set[int] = set()

    def root_of(self, number: int) -> int:
        """The entry that was typed, of a copy in detail or of a copy of a copy."""
        while len(self.sources.get(number, ())) == 1 and number not in self.balances:
            (number,) = self.sources[number]
        return number

    def report_of(self, account: str) -> int:
        """CG_Report of an account: 1 balance, 2 detail."""
        row = next(row for row in self.tables["F_COMPTEG"] if row["CG_Num"] == account)
        return int(str(row["CG_Report"]))

    def members(self, period: Period) -> list[Row]:
        """Real entries of an exercise on collective accounts."""
        return [
            row
            for row in self.entries
            if period[0] <= day_of(row) <= period[1]
            and row["CG_Num"] in COLLECTIVES
            and row["CT_Num"]
            and row["JO_Num"] != "SIT"
            and row["EC_CType"] != 1
            and row["EC_Norme"] != 2
        ]

    def open_exercise(self, period: Period) -> None:
        """Write the opening entries of an exercise from the one before; again when they are there already."""
        previous = self.before(period)
        if previous is None:
            raise ValueError("the first exercise has nothing to open with")
        letters = self._remove(period)
        for row in self.members(previous):
            if self.report_of(str(row["CG_Num"])) == DETAIL and not row["EC_Lettre"]:
                self._write(period, self._copy(row), [row])
        self._write_balances(period, previous)
        self._letter_again(period, letters)
        self.opened.add(period[0])

    def reopen(self, period: Period) -> None:
        """Run the opening again, then those of the exercises that follow."""
        for other in self.periods[self.periods.index(period) :]:
            if other[0] in self.opened:
                self.open_exercise(other)

    def _write_balances(self, period: Period, previous: Period) -> None:
        groups: dict[tuple[str, str], list[Row]] = {}
        for row in self.members(previous):
            if self.report_of(str(row["CG_Num"])) != DETAIL:
                groups.setdefault((str(row["CG_Num"]), str(row["CT_Num"])), []).append(row)
        for (account, customer), rows in sorted(groups.items()):
            total = sum(map(signed, rows), Decimal(0))
            if total:
                values = {
                    "EC_Piece": "AN",
                    "CG_Num": account,
                    "CT_Num": customer,
                    "EC_Intitule": f"À-NOUVEAU {period[0].year}",
                    "EC_Echeance": NULL_DATE,
                    "EC_Sens": int(total < 0),
                    "EC_Montant": abs(total),
                    "EC_ANType": 2,
                }
                self._write(period, values, rows)

    def _copy(self, row: Row) -> Row:
        """A copy in detail of an unlettered entry."""
        values = {name: value for name, value in row.items() if not name.startswith("cb") and name != "EC_No"}
        values |= {"EC_ANType": 1, "EC_Cloture": 0, "EC_Impression": 0}
        if not self.keeps_codes:
            values["EC_Lettrage"] = ""
        if self.renumbers:
            values["EC_Piece"] = f"AN{number_of(row)}"
        return values

    def _write(self, period: Period, values: Row, sources: list[Row]) -> None:
        month = midnight(period[0].replace(day=1))
        row = self.add("F_ECRITUREC", **values | {"JO_Num": "AN", "JM_Date": month, "EC_Jour": period[0].day})
        self.sources[number_of(row)] = tuple(map(number_of, sources))
        if row["EC_ANType"] == 2:
            self.balances.add(number_of(row))

    def _remove(self, period: Period) -> dict[tuple[object, ...], Row]:
        """Delete the generated entries of an exercise; return those that bore a code."""
        lettered = {}
        for row in self.members(period):
            if row["EC_ANType"] in GENERATED:
                if row["EC_Lettrage"]:
                    lettered[_identity(row)] = row
                self.remove(row)
        return lettered

    def _letter_again(self, period: Period, lettered: dict[tuple[object, ...], Row]) -> None:
        """Give the new entries the codes of the former ones; undo the groups that lost a member."""
        for row in self.members(period):
            old = lettered.pop(_identity(row), None) if row["EC_ANType"] in GENERATED else None
            if old is not None:
                row |= {"EC_Lettre": old["EC_Lettre"], "EC_Lettrage": old["EC_Lettrage"]}
        for old in lettered.values():
            for row in self.members(period):
                same = all(row[name] == old[name] for name in ("CT_Num", "CG_Num", "EC_Lettrage"))
                if same:
                    self.change(row, EC_Lettre=0, EC_Lettrage="")


def _identity(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in IDENTITY)
