"""What the person at the terminal reads: steps with durations, errors in clear."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class Failure(Exception):
    """Something the user must know; shown without a traceback, exit status 1."""


_depth = 0


def say(text: str) -> None:
    """Print ``text`` at the current step's indentation."""
    for line in text.splitlines() or [""]:
        print("  " * _depth + line, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and print how long it took, or that it failed."""
    global _depth
    say(f"▸ {title}")
    start = time.monotonic()
    _depth += 1
    try:
        yield
    except BaseException:
        _depth -= 1
        say(f"✗ {title}: {time.monotonic() - start:.1f} s")
        raise
    _depth -= 1
    say(f"✓ {title}: {time.monotonic() - start:.1f} s")


def run(
    args: Sequence[str | Path],
    *,
    log: Path | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    stdin: str | None = None,
    tail: int = 40,
) -> str:
    """Run a program and return what it wrote, output and errors together.

    With ``log`` the text goes to that file as it comes, so that a long command can be
    watched. A non-zero status raises a Failure that shows the end of the text.
    """
    words = [str(word) for word in args]
    target = open(log, "w", encoding="utf-8") if log else subprocess.PIPE
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=env,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=target,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    finally:
        if log:
            target.close()
    text = log.read_text("utf-8", "replace") if log else done.stdout
    if done.returncode:
        end = "\n".join(text.splitlines()[-tail:])
        where = f"\n(the whole text: {log})" if log else ""
        shown = " ".join(words[:6]) + (" …" if len(words) > 6 else "")
        raise Failure(f"{shown}\nended with status {done.returncode}:\n{end}{where}")
    return text


def note(text: str) -> None:
    """Print a remark on standard error."""
    print(text, file=sys.stderr, flush=True)
