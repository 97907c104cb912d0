"""Doing two things at once: the next part of a work is made by another thread while the present one is used."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield the items; while one is used, another thread makes the next.

    For work that mostly waits: for Sage while Odoo's database writes, for that one while Python computes. Items are
    made one at a time, in order; what making one raises is raised here in its turn, once those before it are used.
    Closed early, it waits for the item being made and lets go of it.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    >>> list(ahead(1 // number for number in (1, 0)))
    Traceback (most recent call last):
    ZeroDivisionError: integer division or modulo by zero
    """
    with ThreadPoolExecutor(1, thread_name_prefix="sage100.ahead") as pool:
        coming = pool.submit(next, items, _END)
        try:
            while (item := coming.result()) is not _END:
                coming = pool.submit(next, items, _END)
                yield item
        finally:
            with contextlib.suppress(Exception):  # already raised, or of no interest to who leaves
                coming.result()
