"""Servers that a command starts and stops by their own handle."""

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Failure


@contextmanager
def serving(
    title: str,
    command: Sequence[str | Path],
    ready: Callable[[], bool],
    *,
    log: Path,
    env: dict[str, str],
    cwd: Path,
    patience: float = 120,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end of the block, once ``ready()`` says that it answers.

    The server stands in a session of its own: Ctrl-C reaches us alone, and we stop what
    we started in order. It is told to stop if this program dies.
    """
    words = ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)]
    with open(log, "ab") as target:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=target,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + patience
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                end = "\n".join(log.read_text("utf-8", "replace").splitlines()[-30:])
                raise Failure(f"{title} does not answer:\n{end}")
            time.sleep(0.2)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, then insist."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def answers(url: str) -> Callable[[], bool]:
    """A ``ready`` that asks a page."""

    def ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=20) as reply:
                return reply.status == 200
        except (urllib.error.URLError, OSError):
            return False

    return ready
