import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..lib.sage100.reader_entries import Fingerprint
from .sage100_job import chunks
from .sage100_loader_read import Pass

ROUNDS = 3  # while entries are being typed in Sage, what is read is never quite what it holds
FEW = 200  # customers: beyond, reading everything is quicker
TOGETHER = 50  # customers of one statement


@dataclass
class State:
    """What Sage holds, without its entries: what tells whether they were all read.

    Attributes:
        numbers: number of a customer in capitals → as the customer itself spells it.
        spellings: number of a customer → as entries spell it.
        fingerprints: (customer, account) → fingerprint of its entries.
        totals: (customer, account) → balance since the opening of the open fiscal years.
        mirror: (customer, account) → fingerprint and balance of its entries in Odoo; None until they are summed.
        touched: customers of whom something was written in the mirror since.
    """

    prefixes: list[str]
    signature: str
    accepted: bool
    mark: dt.datetime | None
    read_from: dt.date | None
    open_from: dt.date | None
    numbers: dict[str, str]
    spellings: dict[str, set[str]] = field(default_factory=dict)
    fingerprints: dict[tuple[str, str], Fingerprint] = field(default_factory=dict)
    totals: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    mirror: dict[tuple[str, str], tuple[Fingerprint, Decimal]] | None = None
    touched: set[str] = field(default_factory=set)

    @property
    def count(self):
        """Number of entries of customers."""
        return sum(mark.count for mark in self.fingerprints.values())

    def count_of(self, numbers):
        """Return the number of entries of some customers."""
        return sum(mark.count for key, mark in self.fingerprints.items() if key[0] in numbers)

    @property
    def solid(self):
        """Number of entries that Sage does not write anew by itself: all but the opening entries."""
        return sum(mark.count - mark.openings for mark in self.fingerprints.values())


class Sage100LoaderRead(models.AbstractModel):
    """Whether the mirror holds what Sage holds: deletions, and changes that no date tells, are found here."""

    _inherit = "sage100.loader.read"

    # What Sage says

    def _read_state(self, job, reading, reader):
        """Return the state of the base; keep its parameters and third parties in the job."""
        database = job.database
        prefixes = database._get_prefixes()
        job.snapshot = reader.snapshot(prefixes, database.start_date or None)
        database._read_more(reader, job.snapshot)
        state = State(
            prefixes,
            database._get_reading_signature(),
            reading.accepted,
            reader.mark(),
            self._get_read_from(reading, job.snapshot.read_from),
            job.snapshot.open_from,
            {number.upper(): number for number in job.snapshot.customers},
        )
        self._read_sums(state, reader)
        return state

    @staticmethod
    def _get_read_from(reading, wanted):
        """Return the first day to read (None: everything). It never comes later than before: what was imported stays
        under watch."""
        if not reading.signature:
            return wanted
        return min(wanted, reading.read_from) if wanted and reading.read_from else None

    @staticmethod
    def _read_sums(state, reader):
        """Read the fingerprints and the totals, those of customers only."""
        numbers = state.numbers
        state.spellings = {number: {number} for number in numbers.values()}
        state.fingerprints, state.totals = {}, defaultdict(Decimal)
        fingerprints, totals = reader.sums(state.prefixes, state.read_from, state.open_from)
        for (spelling, account), mark in fingerprints.items():
            number = numbers.get(spelling.upper())
            if number:
                state.spellings[number].add(spelling)
                state.fingerprints.setdefault((number, account), Fingerprint()).add(mark)
        for (spelling, account), total in totals.items():
            number = numbers.get(spelling.upper())
            if number:
                state.totals[number, account] += total

    # What the mirror says

    def _get_mirror(self, job, state):
        """Return (customer, account) → fingerprint and balance, in Odoo: only what was written to is summed again."""
        if state.mirror is None:
            state.mirror = self._sum_mirror(job, state, SQL("TRUE"))
        elif state.touched:
            state.mirror = {key: sums for key, sums in state.mirror.items() if key[0] not in state.touched}
            state.mirror |= self._sum_mirror(job, state, SQL("customer = ANY(%s)", sorted(state.touched)))
        state.touched.clear()
        return state.mirror

    def _sum_mirror(self, job, state, condition):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer, account, COUNT(*), SUM(amount)::text, COUNT(*) FILTER (WHERE lettered),
                       COUNT(*) FILTER (WHERE opening <> 0),
                       COALESCE(SUM(amount) FILTER (WHERE %s), 0)::text
                  FROM sage100_entry
                 WHERE database_id = %s AND NOT gone AND NOT missing AND %s
              GROUP BY customer, account
                """,
                SQL("date >= %s", state.open_from) if state.open_from else SQL("TRUE"),
                job.database.id,
                condition,
            )
        )
        # Sums as texts: Odoo reads numeric values as floats, which are not exact.
        return {
            (customer, account): (Fingerprint(count, Decimal(amount), lettered, openings), Decimal(total))
            for customer, account, count, amount, lettered, openings, total in rows
        }

    def _compare(self, job, state):
        """Return the customers whose entries in the mirror are not those of Sage."""
        mirror, zero = self._get_mirror(job, state), Decimal(0)
        return {
            key[0]
            for key in mirror.keys() | state.fingerprints.keys()
            if mirror.get(key, (None, zero)) != (state.fingerprints.get(key), state.totals.get(key, zero))
        }

    # From one to the other

    def _settle(self, job, reading, state):
        """Read again the customers that differ, until none does; some rounds only if Sage is being typed in."""
        complete = reading.kind == "full"
        differing = self._compare(job, state)
        if differing and not complete:
            # Deletions alone, most of the time: the numbers of the entries tell them, without reading the entries.
            self._ask(job, lambda reader: self._mark_deleted(job, state, sorted(differing), reader))
            differing = self._compare(job, state)
        for _round in range(ROUNDS):
            if not differing:
                break
            if len(differing) <= FEW:
                for numbers in chunks(sorted(differing), TOGETHER):
                    self._walk(job, reading, state, Pass(True, customers=numbers, total=state.count_of(numbers)))
            elif not complete:
                self._read_entries(job, reading, state, "full")
                complete = True
            self._ask(job, lambda reader: self._read_sums(state, reader))
            differing = self._compare(job, state)
        self._note_unsettled(job, differing)

    def _mark_deleted(self, job, state, differing, reader):
        """Mark the known entries of these customers that Sage no longer has."""
        for numbers in chunks(differing, TOGETHER):
            spellings = sorted(spelling for number in numbers for spelling in state.spellings.get(number, {number}))
            state.touched.update(numbers)
            self.env.cr.execute(
                SQL(
                    "UPDATE sage100_entry SET missing = TRUE WHERE database_id = %s AND NOT gone AND NOT missing"
                    " AND customer = ANY(%s) AND ec_no <> ALL(%s)",
                    job.database.id,
                    numbers,
                    reader.numbers(state.prefixes, state.read_from, spellings),
                )
            )

    def _note_unsettled(self, job, differing):
        """Note the customers whose entries changed each time they were read: their lines are those of the mirror."""
        job.unsettled = differing
        former = [("database_id", "=", job.database.id), ("reason", "=", "unsettled")]
        self.env["sage100.issue"].search(former).unlink()
        for number in sorted(differing)[:FEW]:
            message = self.env._(
                "Customer %(number)s: its entries kept changing in Sage while they were read. "
                "The next synchronisation reads them again.",
                number=number,
            )
            job.issue("warning", "unsettled", message, "read", customer_number=number)
