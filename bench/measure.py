"""Measuring: seconds and queries of a block, figures printed against their bound."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from odoo import sql_db


@dataclass
class Cost:
    """What a block cost."""

    seconds: float = 0.0
    queries: int = 0


@contextmanager
def cost() -> Iterator[Cost]:
    """Seconds and SQL queries (all cursors) of the block."""
    measured = Cost()
    queries, start = sql_db.sql_counter, time.perf_counter()
    yield measured
    measured.seconds = time.perf_counter() - start
    measured.queries = sql_db.sql_counter - queries


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> None:
    """Print one figure with its bound, and whether it is met."""
    if at_most is not None:
        sign, bound, good = "<=", at_most, value <= at_most
    elif at_least is not None:
        sign, bound, good = ">=", at_least, value >= at_least
    else:
        raise ValueError(f"{name}: no bound")
    verdict = "ok" if good else "SHORT"
    print(f"{name} = {value:.4g} {unit} (bound {sign} {bound:g}): {verdict}")
