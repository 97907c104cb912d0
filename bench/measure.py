"""Measuring: seconds, queries and memory of a block, figures printed against their bound."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

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
    print(f"{name} = {value:.4g} {unit} (bound {sign} {bound:g}): {verdict}", flush=True)


def note(name: str, value: float, unit: str) -> None:
    """Print a measure that has no bound, for information."""
    print(f"· {name} = {value:.4g} {unit}", flush=True)


@contextmanager
def timed(registry: Any, steps: dict[str, tuple[str, str]]) -> Iterator[dict[str, float]]:
    """Seconds spent in methods of models (label → model, method) during the block; absent ones count nothing."""
    spent: dict[str, float] = {}
    classes = []
    for label, (model, method) in steps.items():
        cls = registry[model]
        classes.append((cls, method, cls.__dict__.get(method)))
        setattr(cls, method, _timed(getattr(cls, method), spent, label))
    try:
        yield spent
    finally:
        for cls, method, own in classes:
            if own is None:
                delattr(cls, method)
            else:
                setattr(cls, method, own)


def _timed(function: Callable[..., Any], spent: dict[str, float], label: str) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[label] = spent.get(label, 0.0) + time.perf_counter() - start

    return wrapper


@dataclass
class Memory:
    """How much the process grew, at most, during a block."""

    megabytes: float = 0.0


@contextmanager
def peak_memory() -> Iterator[Memory]:
    """Growth of the resident memory during the block, at its peak, as Linux counts it."""
    measured = Memory()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now the present size
    before = _status("VmRSS")
    yield measured
    measured.megabytes = (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    """A size of this process, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
