import json
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..lib.collector import uncollected
from ..lib.sage100.customer_plan import Context, plan_customers
from ..lib.sage100.lettering import Kind
from ..lib.sage100.opening_entries import KEPT, OPENINGS, Anomaly
from .sage100_bulk_run import Run, move_name

#: Entries made at once: what memory holds, and what is made again if something is refused.
SIZE = 10000
#: Entries looked at together for what changes reach: little is kept of each.
MANY_KNOWN = 60000
#: New entries from which the statistics of the tables are worth refreshing in the middle of a load.
MANY = 500
#: How many times more lines there must then be before they are refreshed again: plans change by orders of magnitude.
GROWTH = 5
OPENING_KINDS = [int(kind) for kind in OPENINGS]


class Sage100LoaderEntry(models.AbstractModel):
    """Entries read from Sage → posted mirror moves, one a piece, with their reconciliations.

    Customer by customer, by chunks: after each one its customers are right, whatever happens next.
    """

    _name = "sage100.loader.entry"
    _description = "Sage 100 import: entries and matching"

    def _load(self, job):
        """Make the lines and the matching of the pending customers."""
        self.env["sage100.loader.account"]._load(job)
        run = self._start(job)
        self._pend_all_if_changed(run)
        todo = self._get_pending(run)
        sizes = dict(todo)
        total, done = sum(sizes.values()), 0
        step = self.env._("Entries and matching")
        job.checkpoint(step, 0, total)
        for numbers, prepared in self._prepare_ahead(run, self._get_chunks(run, todo)):
            self._load_customers(run, numbers, prepared)
            self._refresh_plans(run)
            done += sum(map(sizes.get, numbers))
            job.checkpoint(step, done, total)
        query = SQL("SELECT fate, count(*) FROM sage100_entry WHERE database_id = %s GROUP BY fate", job.database.id)
        job.fates = dict(self.env.execute_query(query))
        job.counts["entries_kept"] = sum(job.fates.get(fate, 0) for fate in KEPT)

    # What lines depend on besides the entries of their customer

    def _start(self, job):
        """Return what all the chunks need."""
        self.env.flush_all()
        Account = self.env["sage100.loader.account"]
        run = Run(job, self._get_context(job), Account._get_currencies(job))
        query = SQL(
            "SELECT EXISTS (SELECT FROM account_move_line WHERE sage_database_id = %(database)s),"
            " EXISTS (SELECT FROM account_move WHERE sage_database_id = %(database)s)",
            database=job.database.id,
        )
        run.has_lines, has_moves = self.env.execute_query(query)[0]
        if not run.has_lines and not has_moves:
            run.shared = self._get_shared_pieces(job)
        return run

    def _get_shared_pieces(self, job):
        """Return the names of the moves whose lines are of several customers."""
        query = SQL(
            "SELECT journal, date, COALESCE(piece, '') FROM sage100_entry WHERE database_id = %s"
            " GROUP BY journal, date, COALESCE(piece, '') HAVING min(customer) <> max(customer)",
            job.database.id,
        )
        return {move_name(*row) for row in self.env.execute_query(query)}

    def _get_context(self, job):
        exercises = job.snapshot.exercises
        rows = self.env.execute_query(
            SQL(
                "SELECT date, account, opening, max(ec_no) FROM sage100_entry"
                " WHERE database_id = %s AND opening <> 0 AND opening = ANY(%s) AND gone IS NOT TRUE"
                " GROUP BY date, account, opening",
                job.database.id,
                OPENING_KINDS,
            )
        )
        reports = {code: account.report for code, account in job.snapshot.accounts.items()}
        reports.update({account: 1 for _day, account, kind, _last in rows if kind == 2})
        opened = {}
        for day, _account, _kind, last in rows:
            start = exercises.start_of(day)
            opened[start] = max(last, opened.get(start, 0))
        return Context(exercises, opened, reports)

    def _pend_all_if_changed(self, run):
        """Have every customer examined again when something that all lines depend on is no longer the same."""
        job, context = run.job, run.context
        present = {
            "exercises": [str(context.exercises.starts), str(context.exercises.last_end)],
            "opened": [[str(start), last] for start, last in sorted(context.opened.items())],
            "reports": {code: report for code, report in context.reports.items() if code in job.accounts},
            "currencies": {str(index): currency[0] for index, currency in run.currencies.items()},
            "modes": {str(index): list(mode) for index, mode in run.modes.items()},
            "accounts": run.accounts,
            "allot": run.allot,
            "free": list(job.database._get_free_columns().get("F_ECRITUREC", ())),
        }
        former = json.loads(job.database.sudo().lines_context or "{}")
        if former == present:
            return
        if any(self._differs(former.get(name), value) for name, value in present.items()):
            query = SQL(
                "INSERT INTO sage100_pending (database_id, number) SELECT DISTINCT database_id, customer"
                " FROM sage100_entry WHERE database_id = %s"
                " ON CONFLICT (database_id, number) DO UPDATE SET traces = NULL",
                job.database.id,
            )
            self.env.cr.execute(query)
        job.database.sudo().lines_context = json.dumps(present)

    @staticmethod
    def _differs(former, present):
        """Return whether what was already there is another today: a label, an account more changes no line."""
        if isinstance(former, dict) and isinstance(present, dict):
            return any(present.get(name, value) != value for name, value in former.items())
        return former != present

    # Chunks

    def _get_pending(self, run):
        """Return (customer, number of entries): those that lost some first, so that few chunks have to remove lines and
        moves through the ORM, then in the order of the customers."""
        return self.env.execute_query(
            SQL(
                """
                SELECT pending.number, count(entry.id)
                  FROM sage100_pending pending
             LEFT JOIN sage100_entry entry
                    ON entry.database_id = pending.database_id AND entry.customer = pending.number
                 WHERE pending.database_id = %s
              GROUP BY pending.number
              ORDER BY COALESCE(bool_or(entry.gone), FALSE) DESC, pending.number
                """,
                run.database.id,
            )
        )

    def _get_chunks(self, run, todo):
        """Yield the customers of each chunk: first those of whom everything is examined again."""
        traces, sizes = self._get_traces(run), dict(todo)
        yield from self._bundle([item for item in todo if item[0] not in traces], SIZE)
        for some in self._bundle([item for item in todo if item[0] in traces], MANY_KNOWN):
            run.reached = self._get_reached(run, {number: traces[number] for number in some})
            weights = {number: len(run.reached[number]) for number in some if number in run.reached}
            yield from self._bundle(weights.items(), SIZE)
            yield from self._bundle([(number, sizes[number]) for number in some if number not in weights], SIZE)

    @staticmethod
    def _bundle(todo, most):
        """Yield lists of customers of at most so many entries (or one customer)."""
        bundle, weight = [], 0
        for number, size in todo:
            if bundle and weight + size > most:
                yield bundle
                bundle, weight = [], 0
            bundle.append(number)
            weight += size
        if bundle:
            yield bundle

    def _prepare_ahead(self, run, bundles):
        """Yield the customers of each chunk with what is prepared of it, None for nothing.

        When all is new, nothing of a chunk depends on the one before: its rows are read before that one is written, and
        planned by another thread while PostgreSQL enters it.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="sage100.plan") as pool:
            former = None
            for numbers in bundles:
                if run.shared is None:
                    yield numbers, None
                    continue
                chunk = self._read_chunk(run, numbers)
                coming = numbers, (chunk, pool.submit(plan_customers, chunk.entries, run.context))
                if former:
                    yield former
                former = coming
            if former:
                yield former

    def _load_customers(self, run, numbers, prepared=None):
        """Make some customers all at once, else by halves: one that cannot be written stops no other."""
        try:
            with self.env.cr.savepoint(), uncollected():
                chunk = self._make(run, numbers, prepared)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise  # not about the rows: another transaction, or the server
        except (psycopg2.Error, UserError) as error:
            self.env.invalidate_all(flush=False)
            if len(numbers) > 1:
                half = len(numbers) // 2
                self._load_customers(run, numbers[:half])
                self._load_customers(run, numbers[half:])
                return
            self._refuse(run, numbers[0], error)
            return
        run.job.forget("entry", customers=chunk.numbers)
        for issue in chunk.issues:
            run.job.issue(**issue)
        for name, count in chunk.counts.items():
            run.job.count(name, count)
        run.has_lines = run.has_lines or bool(chunk.new)
        run.made += len(chunk.new)

    def _make(self, run, numbers, prepared=None):
        """Bring the lines and the matching of some customers to what they must be, in one go."""
        if prepared:
            chunk, plan = prepared
            chunk.plan = plan.result()
        else:
            chunk = self._read_chunk(run, numbers)
            chunk.plan = plan_customers(chunk.entries, run.context)
        self._note_findings(run, chunk)
        self._prepare_lines(run, chunk)
        self._compare(run, chunk)
        self._remove_lines(run, chunk)
        self._match(run, chunk)
        self._write(run, chunk)
        self._finish(run, chunk)
        return chunk

    def _refuse(self, run, number, error):
        """Note that nothing of a customer could be written; it stays pending, hence tried again next time."""
        run.job.pend([number])
        run.job.forget("entry", customers=[number])
        reason = error.diag.message_primary if isinstance(error, psycopg2.Error) else str(error)
        run.job.issue(
            "rejected",
            "refused",
            self.env._(
                "Customer %(number)s: its entries could not be written, %(reason)s", number=number, reason=reason
            ),
            scope="entry",
            sage_table="F_ECRITUREC",
            customer_number=number,
            partner_id=run.job.partners.get(number),
        )

    def _refresh_plans(self, run):
        """Tell PostgreSQL what the tables hold once they have grown: it plans as if they were empty otherwise."""
        if run.made >= max(MANY, GROWTH * run.analysed):
            run.analysed = run.made
            # The columns that tables are joined and filtered by: a sample of all of them takes ten times as long.
            self.env.cr.execute(
                "ANALYZE account_move (partner_id, journal_id, date, name, sage_database_id),"
                " account_move_line (move_id, account_id, partner_id, company_id, date, parent_state, reconciled,"
                " full_reconcile_id, matching_number, sage_database_id, sage_ec_no),"
                " account_partial_reconcile (debit_move_id, credit_move_id, full_reconcile_id, sage_database_id)"
            )

    # Rows to look at

    def _note_findings(self, run, chunk):
        """Turn what the plan found into rows to look at."""
        if chunk.plan.openings.findings:
            entries = {entry.ec_no: entry for entry in chunk.entries}
            labels = dict(self.env["sage100.issue"]._selection_reason())
            for finding in chunk.plan.openings.findings:
                self._note_finding(run, chunk, finding, entries[finding.ec_no], labels)
        for matching in chunk.plan.matchings:
            if matching.kind is Kind.UNBALANCED:
                self._note_unbalanced(run, chunk, matching)

    def _note_finding(self, run, chunk, finding, entry, labels):
        chunk.issue(
            "warning",
            finding.anomaly.value,
            self.env._(
                "%(reason)s: %(document)s of %(date)s, customer %(number)s.",
                reason=labels[finding.anomaly.value],
                document=entry.document or entry.label,
                date=entry.date.strftime("%d/%m/%Y"),
                number=entry.customer,
            ),
            scope="entry",
            sage_table="F_ECRITUREC",
            sage_key=str(entry.ec_no),
            customer_number=entry.customer,
            partner_id=run.job.partners.get(entry.customer),
            sage_amount=float(finding.amount),
            odoo_amount=0.0 if finding.anomaly != Anomaly.BALANCE_DIFFERS else float(finding.amount),
        )

    def _note_unbalanced(self, run, chunk, matching):
        key, tolerance = matching.key, run.job.snapshot.tolerance
        values = {"number": key.customer, "account": key.account, "code": key.code}
        if tolerance and -tolerance[1] <= matching.balance <= tolerance[0]:
            message = self.env._(
                "Customer %(number)s, account %(account)s: entries matched by « %(code)s » differ, within the "
                "tolerance set in Sage, but Sage has not posted the difference yet. The rest stays open.",
                **values,
            )
        else:
            message = self.env._(
                "Customer %(number)s, account %(account)s: entries matched by « %(code)s » do not balance. "
                "The rest stays open.",
                **values,
            )
        chunk.issue(
            "warning",
            "unbalanced",
            message,
            scope="entry",
            sage_key=str(key),
            customer_number=key.customer,
            partner_id=run.job.partners.get(key.customer),
            sage_amount=float(matching.balance),
            odoo_amount=float(matching.balance),
        )
