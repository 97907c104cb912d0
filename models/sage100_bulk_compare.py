from collections import defaultdict
from decimal import Decimal

from odoo import models

from .sage100_bulk_run import CONTEXT


class Sage100LoaderEntry(models.AbstractModel):
    """From what is to what must be: lines to add, to change, to remove; what a lock date forbids."""

    _inherit = "sage100.loader.entry"

    def _compare(self, run, chunk):
        """Sort the lines out: ``chunk.new``, ``changed``, ``removed``; ``chunk.lines`` is what there will be."""
        self._read_known(run, chunk)
        self._rename_recreated(chunk)
        locked = defaultdict(list)
        for number, line in chunk.wanted.items():
            known = chunk.known.get(number)
            if known is None:
                if run.locks(line.date):
                    locked[line.move_name, line.date].append(line)
                    continue
                chunk.new.append(line)
            else:
                line.id, line.move_id = known.id, known.move_id
                rewritten = self._is_rewritten(line, known)
                if rewritten and (run.locks(line.date) or run.locks(known.date)):
                    day = line.date if run.locks(line.date) else known.date
                    locked[line.move_name, day].append(line)
                    line = known.as_line(line.entry)  # noqa: PLW2901 (it stays as it was)
                elif rewritten or line.hash != known.hash or number != known.ec_no:
                    chunk.changed.append(line)
            chunk.lines[number] = line
        self._sort_out_lost(run, chunk, locked)
        for (piece, day), lines in locked.items():
            self._note_locked(run, chunk, piece, day, lines)

    @staticmethod
    def _is_rewritten(line, known):
        """Return whether what a lock date protects changes."""
        return (
            line.hard != known.hash.partition(":")[0]
            or line.partner_id != known.partner_id
            or line.account_id != known.account_id
            or line.currency_id != known.currency_id
        )

    @staticmethod
    def _sort_out_lost(run, chunk, locked):
        """Lines that Sage no longer has, or that another entry now stands for."""
        for number in sorted(chunk.known.keys() - chunk.wanted.keys()):
            known = chunk.known[number]
            if run.locks(known.date):
                chunk.lines[number] = line = known.as_line(None)
                chunk.gone.discard(number)
                locked[known.move_name, known.date].append(line)
            else:
                chunk.removed.append(number)

    def _note_locked(self, run, chunk, piece, day, lines):
        """A lock date forbids what Sage says: refused, and tried again next time."""
        message = self.env._(
            "Piece %(piece)s: a lock date of the company forbids %(date)s (%(locks)s). "
            "Lift the lock date, or import from a later date.",
            piece=piece,
            date=day.strftime("%d/%m/%Y"),
            locks=run.company._format_lock_dates(run.locks(day)),
        )
        by_customer = defaultdict(list)
        for line in lines:
            by_customer[line.customer].append(line)
        for customer, some in by_customer.items():
            chunk.held.update({customer} if customer else chunk.numbers)
            chunk.issue(
                "rejected",
                "locked",
                message,
                scope="entry",
                sage_table="F_ECRITUREC",
                sage_key=str(some[0].ec_no),
                customer_number=customer or chunk.numbers[0],
                partner_id=some[0].partner_id,
                sage_amount=float(sum((line.balance for line in some), Decimal(0))),
            )

    # Removal

    def _remove_lines(self, run, chunk):
        """Remove lines through the ORM: it is rare, and other add-ons may hold on to a line."""
        if not chunk.removed:
            return
        gone = [chunk.known.pop(number) for number in chunk.removed]
        chunk.counts["entries_removed"] += len(gone)
        chunk.moves.update(known.move_id for known in gone)
        chunk.touched.update(known.partner_id for known in gone)
        lines = self.env["account.move.line"].with_context(**CONTEXT).browse([known.id for known in gone])
        for line in lines:
            if any(not partial.sage_database_id for partial in line.matched_debit_ids | line.matched_credit_ids):
                self._note_undone(run, chunk, line.sage_ec_no, line.partner_id.id)
        lines.unlink()
        self.env.flush_all()

    def _note_undone(self, run, chunk, number, partner_id):
        """A person's reconciliation no longer fits the entry."""
        customers = {line.customer for line in chunk.wanted.values() if line.partner_id == partner_id}
        chunk.issue(
            "warning",
            "unreconciled",
            self.env._(
                "Entry %(number)s changed in Sage: the reconciliation made in Odoo no longer fits it and was undone.",
                number=number,
            ),
            scope="entry",
            sage_table="F_ECRITUREC",
            sage_key=str(number),
            customer_number=min(customers, default=chunk.numbers[0]),
            partner_id=partner_id,
        )
