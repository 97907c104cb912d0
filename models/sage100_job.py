"""What the steps of one synchronisation share. Plain Python: it lives as long as one run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..lib.sage100.opening_entries import OpeningPlan
from ..lib.sage100.reader import Snapshot


@dataclass
class Job:
    """One synchronisation being done: what was read, what it becomes, what is known so far.

    ``checkpoint`` is called between two chunks, when nothing is half-written: the scheduled action commits there.
    """

    database: Any
    sync: Any
    snapshot: Snapshot
    checkpoint: Callable[[str], None]
    plan: OpeningPlan | None = None
    partners: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)

    @property
    def company(self):
        """The Odoo company that receives the entries."""
        return self.database.company_id

    def count(self, name, number=1):
        """Add to a figure of the synchronisation (the name of a field of sage100.sync)."""
        self.counts[name] = self.counts.get(name, 0) + number

    def issue(self, kind, reason, message, **values):
        """Note something that a person should look at."""
        self.issues.append({"kind": kind, "reason": reason, "message": message, **values})


def chunks(items, size):
    """Yield successive lists of at most ``size`` items."""
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]
