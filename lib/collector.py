"""The garbage collector of Python, kept away from what makes no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare the garbage collector the many records of this block: it would go through them again and again for
    nothing, they make no cycle. To be used around chunks and whole decisions, never around a long job."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
