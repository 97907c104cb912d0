"""À-nouveaux: the opening entries of an exercise.

Detail (EC_ANType 1): one copy of each line still open, when CG_Report is 2.
Balance (EC_ANType 2): one line an account, or account and tiers, when CG_Report is 1.
Result (EC_ANType 4): what classes 6 and 7 leave.
Original lines are not touched: they stay unlettered in the exercise that ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from .accounts import ACCOUNTS, DETAIL
from .dates import NULL_DATE, midnight
from .schema import complete
from .story import Line

Row = dict[str, object]


def opening_rows(
    year: int, previous: list[Row], alive: list[Line], current: dict[int, Row]
) -> Iterator[tuple[Row, list[Line]]]:
    """Opening rows of the year, each with the lines of the story that it stands for.

    ``previous`` holds the rows of the exercise that ends, its own opening included;
    ``alive`` the lines that no full lettrage had closed by then; ``current`` the row
    that stands for each of them.
    """
    for line in alive:
        if _in_detail(line.account):
            yield _copy(year, current[id(line)]), [line]
    totals: dict[tuple[str, str | None], Decimal] = {}
    result = Decimal(0)
    for row in previous:
        account, tiers = str(row["CG_Num"]), row["CT_Num"]
        amount = Decimal(str(row["EC_Montant"])) * (1 if row["EC_Sens"] == 0 else -1)
        if account[0] in "67":
            result += amount
        elif not _in_detail(account):
            key = (account, str(tiers) if tiers else None)
            totals[key] = totals.get(key, Decimal(0)) + amount
    standing: dict[tuple[str, str | None], list[Line]] = {}
    for line in alive:
        standing.setdefault((line.account, line.tiers or None), []).append(line)
    for (account, tiers_code), total in sorted(
        totals.items(), key=lambda item: str(item[0])
    ):
        if total:
            lines = standing.get((account, tiers_code), [])
            yield _balance(year, account, tiers_code, total, 2), lines
    if result:
        yield _balance(year, "120000" if result < 0 else "129000", None, result, 4), []


def _in_detail(account: str) -> bool:
    """Whether open lines of the account are copied one by one."""
    return ACCOUNTS[account].collective and ACCOUNTS[account].report == DETAIL


def _copy(year: int, row: Row) -> Row:
    """The opening copy of a row: same piece, reference, due date, side and amount."""
    return row | {
        "JO_Num": "AN",
        "JM_Date": midnight(dt.date(year, 1, 1)),
        "EC_Jour": 1,
        "EC_ANType": 1,
        "EC_Lettre": 0,
        "EC_Lettrage": "",
        "CG_NumCont": None,
        "CT_NumCont": None,
    }


def _balance(
    year: int, account: str, tiers: str | None, total: Decimal, kind: int
) -> Row:
    """One balance line of an account or of a tiers."""
    return complete(
        "F_ECRITUREC",
        JO_Num="AN",
        JM_Date=midnight(dt.date(year, 1, 1)),
        EC_Jour=1,
        EC_Piece="AN",
        CG_Num=account,
        CG_NumCont=None,
        CT_Num=tiers,
        CT_NumCont=None,
        EC_Intitule=f"À-NOUVEAU {year}",
        EC_Echeance=NULL_DATE,
        EC_Sens=0 if total > 0 else 1,
        EC_Montant=abs(total),
        EC_ANType=kind,
    )
