"""Cancelling a question that the server is still answering: whoever asks cannot look elsewhere meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .errors import Failure, Sage100Error

PACE = 2.0  # seconds between two looks


class Watch(threading.Thread):
    """Looks now and then whether somebody wishes to stop, and cancels the question being asked.

    Drivers do not all tell a cancelled question from an answered one (Microsoft's may say that there is no more row):
    ``check`` is to be called after each answer.
    """

    def __init__(self, wished: Callable[[], bool], pace: float = PACE) -> None:
        super().__init__(daemon=True, name="sage100.watch")
        self.wished = wished
        self.pace = pace
        self.cancelled = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._cursor: Any = None

    def run(self) -> None:
        """Look until the wish comes or the watch is over."""
        while not self._over.wait(self.pace):
            if self.wished():
                with self._lock:
                    self.cancelled = True
                    if self._cursor is not None:
                        with contextlib.suppress(Exception):  # whatever a driver says of it, the question is given up
                            self._cursor.cancel()
                return

    @contextlib.contextmanager
    def over(self, cursor: Any) -> Iterator[None]:
        """Watch over the question that a cursor asks; after a wish, none is asked any more."""
        with self._lock:
            self.check()
            self._cursor = cursor
        try:
            yield
        finally:
            with self._lock:
                self._cursor = None

    def check(self) -> None:
        """Raise when the question was cancelled: its answer may lack something."""
        if self.cancelled:
            raise Sage100Error(Failure.CANCELLED)

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        if self.is_alive():
            self.join()


class NoWatch:
    """Nobody can wish anything."""

    def over(self, cursor: Any) -> contextlib.AbstractContextManager[None]:
        """Watch over nothing."""
        return contextlib.nullcontext()

    def check(self) -> None:
        """Never raise."""


@contextlib.contextmanager
def watching(wished: Callable[[], bool] | None, pace: float = PACE) -> Iterator[Watch | NoWatch]:
    """Yield a watch that lasts as long as the block; without a wish to look for, one that does nothing."""
    if wished is None:
        yield NoWatch()
        return
    watch = Watch(wished, pace)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()
