import contextlib
import csv
import io
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..lib.collector import uncollected
from ..lib.sage100.ahead import ahead
from ..lib.sage100.errors import PASSING, Failure, Sage100Error
from ..lib.sage100.records import Reject

# Changes are read again from so long before the latest one: a smalldatetime is rounded to the minute, a transaction
# dates its rows before it shows them, and the hour from 2 to 3 comes twice when summer time ends.
OVERLAP = timedelta(minutes=130)
RETRIES = 2  # new connections after a cut, each time without a single entry more
# Columns of the mirror, in the order of the fields of an Entry (lib.sage100.records), its free fields last.
COLUMNS = (
    "ec_no journal date piece account customer label amount due_date invoice reference payment_mode sage_currency "
    "amount_currency lettered lettering opening reminders reminded_on closed modified_at free_1 free_2 free_3"
).split()
FREE = 3
CUSTOMER = COLUMNS.index("customer")
# What says nothing of the line: a change of it alone does not make the customer's lines again.
SILENT = ("modified_at",)


@dataclass
class Pass:
    """One walk through entries, in the order of EC_No. A complete one tells which known entries are no more."""

    complete: bool
    after: int = 0
    since: object = None
    customers: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0
    resumable: bool = False


class Sage100LoaderRead(models.AbstractModel):
    """Entries of Sage → ``sage100.entry``, by chunks; customers whose entries changed → ``sage100.pending``.

    Nothing of Odoo is locked while Sage is waited for: each chunk is one short transaction, with the place where the
    reading is to go on.
    """

    _name = "sage100.loader.read"
    _description = "Sage 100 import: reading"

    def _load(self, job):
        """Bring the mirror of the entries to what Sage holds; keep parameters, third parties and totals in the job."""
        reading = job.database._get_reading()
        job.checkpoint(self.env._("Reading customers"))
        with uncollected():
            state = self._ask(job, lambda reader: self._read_state(job, reading, reader))
        self._check_base(job, reading, state)
        if state.accepted:
            job.sync.accepted_by_id = reading.accepted_by_id
        kind = self._choose(job, reading, state)
        self._read_entries(job, reading, state, kind)
        if kind == "full":
            # What follows looks a few entries up: PostgreSQL must know how many there are, and by what to find them.
            self.env.cr.execute(
                "ANALYZE sage100_entry"
                " (database_id, ec_no, customer, account, date, opening, modified_at, missing, gone)"
            )
        self._settle(job, reading, state)
        self._confirm_missing(job, state)
        reading._complete()
        job.totals = state.totals
        job.count("customers_read", len(job.snapshot.customers))
        job.checkpoint(self.env._("Entries read"))

    # Asking Sage

    def _ask(self, job, function, progress=lambda: None):
        """Return what a function makes of an open connection; a cut one is opened again, unless it stays where it was.

        Args:
            job: the synchronisation.
            function: called with a reader; called again from the start after a cut.
            progress: returns something that differs once the function has got further.
        """
        failures, before = 0, progress()
        while True:
            try:
                with job.database._connect(job.sync) as reader:
                    return function(reader)
            except Sage100Error as error:
                if error.code is Failure.CANCELLED:
                    job.checkpoint(job.sync.step)  # stops here when it was a person's wish
                failures = failures + 1 if progress() == before else 1
                if error.code not in PASSING or failures > RETRIES:
                    raise
                before = progress()

    def _choose(self, job, reading, state):
        """Return "full" when everything must be read again, else "changes"."""
        known = reading.full_at and reading.mark and state.mark
        same = reading.signature == state.signature and reading.read_from == (state.read_from or False)
        if known and same and not state.accepted and reading.kind != "full" and not self._is_full_due(job, reading):
            return "changes"
        return "full"

    @staticmethod
    def _is_full_due(job, reading):
        return reading.full_at + timedelta(hours=job.database.full_hours) <= fields.Datetime.now()

    def _read_entries(self, job, reading, state, kind):
        """Walk through all the entries, or through those modified since the mark; go on where a crash stopped it."""
        reading._begin(kind, state)
        walk = Pass(kind == "full", reading.cursor, done=reading.done, resumable=True)
        if walk.complete:
            walk.total = state.count
            job.sync.full = True
            if not walk.after:
                job.forget("read")
        else:
            walk.since = reading.mark - OVERLAP
        self._walk(job, reading, state, walk)

    # Walking through entries

    def _walk(self, job, reading, state, walk):
        """Merge the entries of a walk; a cut connection goes on after the last entry merged."""
        job.checkpoint(self.env._("Reading entries"), walk.done, walk.total)
        self._ask(job, lambda reader: self._walk_once(job, reading, state, walk, reader), lambda: walk.after)

    def _walk_once(self, job, reading, state, walk, reader):
        spellings = sorted(spelling for number in walk.customers for spelling in state.spellings.get(number, {number}))
        entries = reader.entry_values(state.prefixes, state.read_from, walk.after, walk.since, spellings)
        # Sage answers the next question while Odoo's database enters the rows of this one.
        with contextlib.closing(entries), contextlib.closing(ahead(entries)) as chunks:
            for chunk in chunks:
                self._merge_chunk(job, state, walk, chunk)
                walk.done += len(chunk)
                if walk.resumable:
                    reading.write({"cursor": walk.after, "done": walk.done})
                job.count("entries_read", len(chunk))
                job.checkpoint(self.env._("Reading entries"), walk.done, max(walk.total, walk.done))
        if walk.complete:
            self._mark_missing(job, state, walk, None)
            job.checkpoint(self.env._("Reading entries"), walk.done, max(walk.total, walk.done))

    def _merge_chunk(self, job, state, walk, chunk):
        """Merge some entries that follow each other, and mark the known ones that should be among them."""
        rejects = [item for item in chunk if isinstance(item, Reject)]
        numbers = state.numbers
        rows = []
        for item in chunk:
            if not isinstance(item, Reject):
                number = numbers.get(item[CUSTOMER].upper())
                if number:
                    rows.append(item if number == item[CUSTOMER] else self._with_customer(item, number))
        last = int(chunk[-1].key) if isinstance(chunk[-1], Reject) else chunk[-1][0]
        self._stage(rows)
        known = self._knows_some(job)
        if known:
            self._check_not_older(job, state)
        if not walk.complete or walk.customers:
            job.forget("read", keys=[str(item[0]) for item in rows] + [item.key for item in rejects])
        self._note_rejects(job, rejects)
        if walk.complete and not walk.customers:
            state.mirror = None
        else:
            state.touched.update(self._get_staged_customers(job))
        if known:
            self._merge(job)
        elif rows:
            self._insert(job)
        if walk.complete:
            self._mark_missing(job, state, walk, last)
        walk.after = last

    def _get_staged_customers(self, job):
        """Return the customers of the staged entries, as they are known and as they are now."""
        query = SQL(
            "SELECT customer FROM sage100_staging UNION SELECT known.customer FROM sage100_staging staging"
            " JOIN sage100_entry known ON known.database_id = %s AND known.ec_no = staging.ec_no",
            job.database.id,
        )
        return [customer for (customer,) in self.env.execute_query(query)]

    @staticmethod
    def _with_customer(values, number):
        """Return the values with the customer's number as the customer itself spells it (case is not significant)."""
        return (*values[:CUSTOMER], number, *values[CUSTOMER + 1 :])

    def _note_rejects(self, job, rejects):
        labels = dict(self.env["sage100.issue"]._selection_reason()) if rejects else {}
        for reject in rejects:
            message = self.env._("%(reason)s: %(detail)s", reason=labels[reject.reason.value], detail=reject.detail)
            job.issue("rejected", reject.reason.value, message, "read", sage_table=reject.table, sage_key=reject.key)

    # Set-based merge

    def _stage(self, rows):
        """Fill the staging table with values of entries, by COPY."""
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.cr.execute("DROP TABLE IF EXISTS pg_temp.sage100_staging")
        self.env.cr.execute(
            SQL("CREATE TEMP TABLE sage100_staging ON COMMIT DROP AS SELECT %s FROM sage100_entry WITH NO DATA", names)
        )
        if not rows:
            return
        file = io.StringIO()
        blank = [""] * FREE
        csv.writer(file).writerows((*row[:-1], *(*row[-1], *blank)[:FREE]) for row in rows)
        file.seek(0)
        self.env.cr._obj.copy_expert(
            "COPY sage100_staging FROM STDIN (FORMAT csv, FORCE_NOT_NULL (journal, account, customer))", file
        )
        # Whatever the planner believes of a mirror that was never analysed, it must look entries up by their number.
        self.env.cr.execute("ALTER TABLE sage100_staging ADD PRIMARY KEY (ec_no)")
        self.env.cr.execute("ANALYZE sage100_staging")

    def _merge(self, job):
        """Insert the entries that are new, update those that differ; their customers, old and new, become pending, with
        what each entry was and is (everything of those between whom an entry goes).

        All in one statement; nothing is written for an entry that is equal.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH found AS (
                    SELECT staging.*, known.id, known.customer AS old_customer, %(old_trace)s AS old_trace,
                           known.customer <> staging.customer AS moved, %(trace)s AS trace,
                           known.id IS NULL OR known.gone OR known.missing OR %(differs)s AS loud
                      FROM sage100_staging staging
                 LEFT JOIN sage100_entry known
                        ON known.database_id = %(database)s
                       AND known.ec_no = staging.ec_no
                     WHERE known.id IS NULL OR known.gone OR known.missing OR %(differs)s OR %(differs_silently)s
                ), updated AS (
                    UPDATE sage100_entry known
                       SET %(sets)s, gone = FALSE, missing = FALSE
                      FROM found
                     WHERE known.id = found.id
                ), inserted AS (
                    INSERT INTO sage100_entry (database_id, gone, missing, %(columns)s)
                    SELECT %(database)s, FALSE, FALSE, %(columns)s FROM found WHERE id IS NULL
                )
                INSERT INTO sage100_pending (database_id, number, traces)
                SELECT %(database)s, number, CASE WHEN bool_or(moved) IS NOT TRUE THEN jsonb_agg(trace) END
                  FROM (
                       SELECT customer AS number, trace, moved FROM found WHERE loud
                        UNION ALL
                       SELECT old_customer, old_trace, moved FROM found WHERE loud AND id IS NOT NULL
                       ) AS changed
              GROUP BY number
                    ON CONFLICT (database_id, number) DO UPDATE SET traces = sage100_pending.traces || EXCLUDED.traces
                """,
                database=job.database.id,
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                sets=SQL(", ").join(
                    SQL("%s = found.%s", SQL.identifier(name), SQL.identifier(name)) for name in COLUMNS[1:]
                ),
                differs=self._differs([name for name in COLUMNS[1:] if name not in SILENT]),
                differs_silently=self._differs(SILENT),
                trace=self._trace("staging"),
                old_trace=self._trace("known"),
            )
        )

    def _knows_some(self, job):
        """Return whether the mirror holds any entry among the numbers of the staged ones: none at a first reading."""
        query = SQL(
            "SELECT 1 FROM sage100_entry WHERE database_id = %s AND ec_no BETWEEN"
            " (SELECT MIN(ec_no) FROM sage100_staging) AND (SELECT MAX(ec_no) FROM sage100_staging) LIMIT 1",
            job.database.id,
        )
        return bool(self.env.execute_query(query))

    def _insert(self, job):
        """Insert the staged entries, all new; their customers become pending."""
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.cr.execute(
            SQL(
                "INSERT INTO sage100_entry (database_id, gone, missing, %s) SELECT %s, FALSE, FALSE, %s"
                " FROM sage100_staging ORDER BY ec_no",
                names,
                job.database.id,
                names,
            )
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO sage100_pending (database_id, number) SELECT DISTINCT %s, customer FROM sage100_staging"
                " ON CONFLICT (database_id, number) DO UPDATE SET traces = NULL",
                job.database.id,
            )
        )

    @staticmethod
    def _trace(table):
        """Return a trace (lib.sage100.reach) of the entries of a table, as JSON."""
        columns = ("ec_no", "account", "date", "lettering", "amount", "invoice", "opening")
        names = {name: SQL.identifier(table, name) for name in columns}
        names["amount"] = SQL("round(%s, 2)::text", names["amount"])
        return SQL("jsonb_build_array(%s)", SQL(", ").join(names.values()))

    @staticmethod
    def _differs(names):
        known, staged = (
            SQL(", ").join(SQL("%s.%s", SQL.identifier(table), SQL.identifier(name)) for name in names)
            for table in ("known", "staging")
        )
        return SQL("(%s) IS DISTINCT FROM (%s)", known, staged)

    def _mark_missing(self, job, state, walk, last):
        """Mark the known entries, after the previous chunk and up to ``last``, that are not in the staging table.

        They are only gone once the whole reading is confirmed.
        """
        if walk.customers:
            state.touched.update(walk.customers)
        else:
            state.mirror = None
        conditions = [SQL("known.database_id = %s AND NOT known.gone AND NOT known.missing", job.database.id)]
        conditions.append(SQL("known.ec_no > %s", walk.after))
        if last is not None:
            conditions.append(SQL("known.ec_no <= %s", last))
            conditions.append(SQL("NOT EXISTS (SELECT 1 FROM sage100_staging s WHERE s.ec_no = known.ec_no)"))
        if walk.customers:
            conditions.append(SQL("known.customer = ANY(%s)", walk.customers))
        self.env.cr.execute(
            SQL("UPDATE sage100_entry known SET missing = TRUE WHERE %s", SQL(" AND ").join(conditions))
        )
