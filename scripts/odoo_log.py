"""Reading Odoo's log: what the add-on must not make it say, which tests ran."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .paths import ADDON

_LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>\S+): (?P<text>.*)$"
)
_RESULT = re.compile(r"(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<total>\d+)")
_SKIPPED = re.compile(r"^skipped (?P<test>\S+)\s*:? ?(?P<reason>.*)$", re.I)


@dataclass
class Record:
    """One message of the log, continuation lines included."""

    level: str
    logger: str
    text: str

    def __str__(self) -> str:
        return f"{self.level} {self.logger}: {self.text}"


def records(log: str) -> Iterator[Record]:
    """The messages of a log. Lines before the first message are left out."""
    current: Record | None = None
    for line in log.splitlines():
        match = _LINE.match(line)
        if match:
            if current:
                yield current
            current = Record(match["level"], match["logger"], match["text"])
        elif current:
            current.text += "\n" + line
    if current:
        yield current


def complaints(log: str, *, everything: bool = False) -> list[Record]:
    """The warnings and errors that come from the add-on (or all of them)."""
    return [
        record
        for record in records(log)
        if record.level in ("WARNING", "ERROR", "CRITICAL") and (everything or ADDON in str(record))
    ]


def skipped_tests(log: str) -> list[str]:
    """What Odoo's own runner says it skipped."""
    return [
        record.text.splitlines()[0] for record in records(log) if ADDON in record.logger and _SKIPPED.match(record.text)
    ]


def runner_totals(log: str) -> tuple[int, int] | None:
    """(failed, total) of Odoo's own runner; None when it said nothing."""
    last = None
    for record in records(log):
        match = _RESULT.search(record.text)
        if match:
            last = int(match["failed"]) + int(match["errors"]), int(match["total"])
    return last
