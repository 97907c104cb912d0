"""From the story to the rows of F_ECRITUREC: numbering, posting, lettrage.

Exercises are written one after the other, as an accountant does: opening entries,
pieces of the year, lettrage of the year. A settlement therefore letters the row that
stands for a line in its own exercise: the original, its copy, or the opening balance of
the tiers.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from .accounts import BANK
from .dates import midnight, stored
from .opening import opening_rows
from .schema import complete
from .story import CHEQUE, Line, Match, Piece, Story

Row = dict[str, object]


def merge_deposits(story: Story) -> None:
    """Put the cheques of one day into one piece: one bank line, many customers."""
    by_date: dict[dt.date, Piece] = {}
    kept = []
    for piece in story.pieces:
        cheque = piece.journal == "BNQ" and all(
            line.mode == CHEQUE for line in piece.lines
        )
        if not cheque or piece.date not in by_date:
            kept.append(piece)
            if cheque:
                by_date[piece.date] = piece
            continue
        target = by_date[piece.date]
        bank = next(line for line in target.lines if line.account == BANK)
        for line in piece.lines:
            if line.account == BANK:
                bank.amount += line.amount
            else:
                target.lines.insert(-1, line)
        bank.label = f"REMISE DE CHÈQUES DU {piece.date:%d/%m/%Y}"
    story.pieces = kept


def number_pieces(story: Story) -> None:
    """Sort the pieces by date and give them their numbers, then fill the labels.

    Invoices and credit notes are numbered by year; other journals start again at 1 each
    month, so that a piece number alone identifies nothing.
    """
    story.pieces.sort(key=lambda piece: piece.date)
    counters: dict[tuple[object, ...], int] = {}
    references: dict[int, str] = {}
    for piece in story.pieces:
        monthly = piece.journal not in ("VTE", "AN")
        prefix = "CENT" if piece.journal == "VTE" and not piece.prefix else piece.prefix
        key = (
            piece.journal,
            prefix,
            piece.date.year,
            piece.date.month if monthly else 0,
        )
        counters[key] = counters.get(key, 0) + 1
        rank = counters[key]
        reference = f"{prefix}{piece.date:%y}{rank:05d}" if prefix else ""
        piece.number = piece.number or reference or str(rank)
        for line in piece.lines:
            line.ref = line.ref.format(ref=reference)
            references[id(line)] = line.ref
            if line.ref_of is not None:
                line.ref = references[id(line.ref_of)]
                references[id(line)] = line.ref
            if piece.prefix and not line.tiers:
                line.ref = reference
            line.label = line.label.format(ref=line.ref or reference)[:69]


class Ledger:
    """Writes the rows of F_ECRITUREC and remembers which row stands for which line."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.rows: list[Row] = []
        self.counted: list[Row] = []
        """Rows that belong to the balances (no situation, IFRS or centralisation)."""
        self.current: dict[int, Row] = {}
        """Row that now stands for a line, by ``id`` of the line."""
        self._letters: dict[tuple[str, str, int, bool], int] = {}

    def write(self) -> list[Row]:
        """All rows, in the order of their EC_No."""
        merge_deposits(self.story)
        number_pieces(self.story)
        first = self.story.exercises.years[0]
        for year in self.story.exercises.years:
            if year != first:
                self._open(year)
            for piece in self.story.pieces:
                if piece.date.year == year:
                    self._post(piece)
            for match in sorted(self.story.matches, key=lambda match: match.date):
                if match.full and match.date.year == year:
                    self._letter(match, match.date)
            for match in self.story.matches:
                if not match.full and match.date.year <= year:
                    day = match.date if match.date.year == year else dt.date(year, 1, 2)
                    self._letter(match, min(day, self.story.exercises.reference))
        for piece in self.story.pieces:
            for line in piece.lines:
                line.current_no = int(str(self.current[id(line)]["EC_No"]))
        return self.rows

    # -- posting -----------------------------------------------------------------------

    def _add(self, row: Row, entered: dt.date, *, counted: bool = True) -> Row:
        number = len(self.rows) + 1
        moment = self._moment(entered, number)
        row |= {
            "EC_No": number,
            "cbMarq": number + 317,
            "cbCreateur": "COLS",
            "cbModification": moment,
            "cbCreation": moment,
        }
        self.rows.append(row)
        if counted:
            self.counted.append(row)
        return row

    def _moment(self, day: dt.date, number: int) -> dt.datetime:
        """A time of an office day, never in the future of the reference date."""
        late = day < self.story.exercises.reference
        minutes = number * 37 % (520 if late else 25)
        return midnight(day) + dt.timedelta(hours=8 if late else 6, minutes=minutes)

    def _after(self, row: Row, moment: dt.datetime) -> dt.datetime:
        """The moment of a change, put later when the row was not created yet."""
        created = row["cbCreation"]
        assert isinstance(created, dt.datetime)
        return max(moment, created + dt.timedelta(minutes=1))

    def _closing(self, year: int, date: dt.date) -> Row:
        """Columns that tell whether the exercise is closed and the journal printed."""
        closed = self.story.exercises.closed(year)
        return {
            "EC_Cloture": int(closed),
            "EC_Impression": 2 if closed else 0,
            "EC_DateCloture": stored(dt.date(year + 1, 3, 31) if closed else None),
        }

    def _post(self, piece: Piece) -> None:
        month = piece.date.replace(day=1)
        entered = min(
            piece.date + dt.timedelta(days=len(self.rows) % 3),
            self.story.exercises.reference,
        )
        for line in piece.lines:
            opposite = next(
                (other for other in piece.lines if other.debit != line.debit),
                piece.lines[0],
            )
            foreign = line.foreign
            row = complete(
                "F_ECRITUREC",
                JO_Num=piece.journal,
                JM_Date=midnight(month),
                EC_Jour=piece.date.day,
                EC_Date=midnight(entered),
                EC_Piece=piece.number,
                EC_RefPiece=line.ref,
                CG_Num=line.account,
                CG_NumCont=opposite.account,
                CT_Num=line.tiers or None,
                CT_NumCont=opposite.tiers or None,
                EC_Intitule=line.label,
                N_Reglement=line.mode,
                EC_Echeance=stored(line.due),
                EC_Sens=0 if line.debit else 1,
                EC_Montant=line.amount,
                N_Devise=foreign.currency if foreign else 0,
                EC_Devise=foreign.amount if foreign else Decimal(0),
                EC_Parite=foreign.rate if foreign else Decimal(0),
                **self._closing(piece.date.year, piece.date),
                **piece.columns,
            )
            unknown = line.columns.keys() - row.keys()
            if unknown:
                raise KeyError(f"F_ECRITUREC has no column {unknown}")
            row |= line.columns
            self._add(row, entered, counted=not line.excluded)
            line.first_no = len(self.rows)
            self.current[id(line)] = row

    def _open(self, year: int) -> None:
        """Write the opening entries of an exercise and point the open lines at them."""
        opened = dt.date(year, 1, 1)
        entered = min(opened + dt.timedelta(days=3), self.story.exercises.reference)
        previous = [
            row
            for row in self.counted
            if getattr(row["JM_Date"], "year", 0) == year - 1
        ]
        lines = [
            line
            for piece in self.story.pieces
            for line in piece.lines
            if not line.excluded and line.date < opened
        ]
        alive = [
            line for line in lines if line.settled is None or line.settled >= opened
        ]
        for row, stands_for in opening_rows(year, previous, alive, self.current):
            row |= self._closing(year, opened) | {"EC_Date": midnight(entered)}
            self._add(row, entered)
            for line in stands_for:
                self.current[id(line)] = row

    # -- lettrage ----------------------------------------------------------------------

    def _letter(self, match: Match, day: dt.date) -> None:
        """Letter the rows that stand for the lines, with the next code of their scope.

        Scope of a code: account, tiers and exercise. Pre-lettrage has its own
        lower-case sequence and leaves EC_Lettre at 0.
        """
        if not match.full and any(
            line.settled is not None and line.settled <= day for line in match.lines
        ):
            return
        rows = {int(str(row["EC_No"])): row for row in map(self._row, match.lines)}
        years = {getattr(row["JM_Date"], "year", 0) for row in rows.values()}
        if years != {day.year}:
            raise ValueError(f"lettrage over exercises {years} on {day}")
        if match.full and sum(map(signed, rows.values()), Decimal(0)):
            raise ValueError("the rows to letter do not balance")
        line = match.lines[0]
        scope = (line.account, line.tiers, day.year, match.full)
        rank = self._letters.get(scope, 0)
        self._letters[scope] = rank + 1
        code = letters(rank) if match.full else letters(rank).lower()
        for number, row in rows.items():
            row |= {
                "EC_Lettre": int(match.full),
                "EC_Lettrage": code,
                "cbModification": self._after(row, self._moment(day, number + 5)),
            }

    def _row(self, line: Line) -> Row:
        return self.current[id(line)]


def signed(row: Row) -> Decimal:
    """Amount of a row, debit positive."""
    amount = Decimal(str(row["EC_Montant"]))
    return amount if row["EC_Sens"] == 0 else -amount


def letters(rank: int) -> str:
    """Lettrage code of that rank.

    >>> letters(0), letters(25), letters(26), letters(701)
    ('AAA', 'AAZ', 'ABA', 'BAZ')
    """
    return "".join(chr(65 + rank // power % 26) for power in (676, 26, 1))


__all__ = ["Ledger", "letters", "signed"]
