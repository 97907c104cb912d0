"""What the steps of one synchronisation share. Plain Python: it lives as long as one run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..lib.sage100.reader import Snapshot

SCOPES = ("read", "customer", "entry", "control")


@dataclass
class Job:
    """One synchronisation being done: what was read, what it becomes, what is known so far.

    Attributes:
        totals: (customer, account) → Sage's own balance since the opening of the open fiscal years: control totals.
        unsettled: customers whose entries were still being typed when they were last read: they are not compared.
        partners: number of the customer in Sage → id of the partner.
        automatic_modes: numbers of the payment modes that the company collects by itself.
        accounts: account in Sage → account in Odoo.
        used: (account, number of the currency) of the entries; None until looked for.
        fates: what became of entries → how many; None until their lines are made.
        counts: figures of the synchronisation (names of fields of sage100.sync).
        free_gone: "customer" or "entry" → place → name of the free fields that the base no longer has.
    """

    database: Any
    sync: Any
    show: Callable[["Job", str, int | None, int | None], None]
    snapshot: Snapshot | None = None
    totals: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)
    partners: dict[str, int] = field(default_factory=dict)
    automatic_modes: set[int] = field(default_factory=set)
    accounts: dict[str, Any] = field(default_factory=dict)
    used: list[tuple[str, int]] | None = None
    fates: dict[str | None, int] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    free_gone: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def company(self):
        """The Odoo company that receives the entries."""
        return self.database.company_id

    @property
    def env(self):
        """The environment of the run."""
        return self.sync.env

    def count(self, name, number=1):
        """Add to a figure of the synchronisation; one that was paused goes on with its figures."""
        self.counts[name] = self.counts.get(name, self.sync[name]) + number

    # Rows to look at

    def issue(self, kind, reason, message, scope="entry", **values):
        """Note something that a person should look at; it stays until what it is about is examined again."""
        self.issues.append({"kind": kind, "reason": reason, "message": message, "scope": scope, **values})

    def forget(self, scope, customers=None, keys=None):
        """Delete what was noted about customers or Sage keys (all of the scope by default): they are examined again."""
        self.flush_issues()
        domain = [("database_id", "=", self.database.id), ("scope", "=", scope)]
        if customers is not None:
            domain.append(("customer_number", "in", list(customers)))
        if keys is not None:
            domain.append(("sage_key", "in", list(keys)))
        self.env["sage100.issue"].search(domain).unlink()

    def flush_issues(self):
        """Write the rows to look at noted so far."""
        issues, self.issues = self.issues, []
        if issues:
            self.env["sage100.issue"].create([{"sync_id": self.sync.id, **values} for values in issues])

    # Customers to make again

    def pend(self, numbers: Iterable[str]):
        """Have the lines and the matching of these customers made again."""
        self.env.cr.execute_values(
            "INSERT INTO sage100_pending (database_id, number) VALUES %s"
            " ON CONFLICT (database_id, number) DO UPDATE SET traces = NULL",
            [(self.database.id, number) for number in sorted(set(numbers))],
            page_size=1000,
        )

    # Progress

    def checkpoint(self, step, done=None, total=None):
        """Show progress; keep what is done, when run by the scheduled action. Raises if it must stop here.

        To be called between two chunks, when nothing is half-written.
        """
        self.show(self, step, done, total)


def chunks(items, size):
    """Yield successive lists of at most ``size`` items."""
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]
