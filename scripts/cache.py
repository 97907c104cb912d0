"""Folders built once and kept outside the checkout.

An entry is ``<cache>/<kind>-<key>``, where the key is a digest of all it depends on.
It is built under a lock and marked complete last: two runs that start together build
it once, and one that was interrupted is thrown away and built again.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import step
from .paths import cache_root

COMPLETE = ".complete"
UNUSED_DAYS = 30


def digest(*parts: str | bytes | Path) -> str:
    """Twelve hexadecimal digits that change with any of the parts.

    A path counts for its content: a file's bytes.
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes()
        elif isinstance(part, str):
            part = part.encode()
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:12]


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the cache's lock of that name; yields False when taken and not waited for.

    The lock belongs to the open file, so it goes with the process, however that ends.
    """
    folder = cache_root() / "locks"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def is_complete(folder: Path) -> bool:
    """True when the entry was built to its end."""
    return (folder / COMPLETE).exists()


def entry(kind: str, key: str, title: str, build: Callable[[Path], None]) -> Path:
    """The folder of an entry, built by ``build(folder)`` unless it is there already."""
    folder = cache_root() / f"{kind}-{key}"
    if not is_complete(folder):
        with locked(kind):
            # Another run may have built it while this one waited.
            if not is_complete(folder):
                _make(folder, title, build)
                _forget_old(kind)
    os.utime(folder / COMPLETE)
    return folder


def _make(folder: Path, title: str, build: Callable[[Path], None]) -> None:
    with step(title):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build(folder)
        (folder / COMPLETE).touch()


def _forget_old(kind: str) -> None:
    """Remove the entries of a kind that no run has used for a month."""
    limit = time.time() - UNUSED_DAYS * 86400
    for folder in cache_root().glob(f"{kind}-*"):
        mark = folder / COMPLETE
        if mark.exists() and mark.stat().st_mtime < limit:
            mark.unlink()
            shutil.rmtree(folder, ignore_errors=True)
