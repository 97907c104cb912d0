from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..lib.sage100.customer_plan import settle
from ..lib.sage100.lettering import Item
from .sage100_bulk_run import CONTEXT, ZERO, Partial


class Sage100LoaderEntry(models.AbstractModel):
    """*Lettrage* → reconciliations, full and partial: made, changed and undone as Sage does.

    What must be is compared with what is, not with what was imported: a group that is as it must be is left alone.
    Sage balances its groups in company currency and its exchange differences are entries of its own: Odoo adds none.
    What a person reconciled is kept as long as it fits, its amount is no longer Sage's to match.
    """

    _inherit = "sage100.loader.entry"

    def _match(self, run, chunk):
        """Decide on every reconciliation; fill what matching makes of each line."""
        used = self._read_partials(run, chunk)
        items = {}
        for number, line in chunk.lines.items():
            balance, foreign = line.balance, line.foreign
            if line.id in used:
                line.by_orm = True
                balance, foreign = self._reduce(balance, foreign, *used[line.id])
            items[number] = Item(number, balance, foreign, line.due_date)
        settlements = settle(items, self._get_groups(chunk), self._get_piles(run, chunk))
        lines_by_id = {line.id: line for line in chunk.lines.values() if line.id}
        mine = defaultdict(list)
        for partial in chunk.partials:
            if partial.ours:
                mine[partial.debit_id].append(partial)
                mine[partial.credit_id].append(partial)
        kept = set()
        for settlement in settlements:
            self._match_settlement(chunk, settlement, mine, kept)
        for partial in chunk.partials:
            if partial.ours and partial.id not in kept:
                chunk.undone.append(partial)
        chunk.counts["matchings_undone"] += len(chunk.undone)
        for partial in chunk.undone:
            for line_id in (partial.debit_id, partial.credit_id):
                if line_id in lines_by_id:
                    chunk.touched.add(lines_by_id[line_id].partner_id)

    @staticmethod
    def _get_groups(chunk):
        """Return the lines of each code, those that are in Odoo."""
        groups = []
        for matching in chunk.plan.matchings:
            members = tuple(number for number in matching.lines if number in chunk.lines)
            if len(members) > 1:
                groups.append(members)
        return groups

    @staticmethod
    def _get_piles(run, chunk):
        """Return what an unlettered amount may be set against, None when credits stay as they are."""
        if not run.allot:
            return None
        return {number: (line.customer, line.account_id, line.currency_id) for number, line in chunk.lines.items()}

    # What is

    def _read_partials(self, run, chunk):
        """Fill ``chunk.partials``; return line id → what persons reconciled, less what no longer fits, undone."""
        if not chunk.known:
            return {}
        used = self._fetch_partials(run, chunk)
        if used and self._release(run, chunk, used):
            used = self._fetch_partials(run, chunk)
        return used

    def _fetch_partials(self, run, chunk):
        ids = [known.id for known in chunk.known.values()]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, debit_move_id, credit_move_id, amount::text, debit_amount_currency::text,
                       credit_amount_currency::text, debit_currency_id, credit_currency_id, max_date,
                       full_reconcile_id, COALESCE(sage_database_id, 0) = %(database)s
                  FROM account_partial_reconcile WHERE debit_move_id = ANY(%(ids)s)
             UNION ALL
                SELECT id, debit_move_id, credit_move_id, amount::text, debit_amount_currency::text,
                       credit_amount_currency::text, debit_currency_id, credit_currency_id, max_date,
                       full_reconcile_id, COALESCE(sage_database_id, 0) = %(database)s
                  FROM account_partial_reconcile
                 WHERE credit_move_id = ANY(%(ids)s) AND debit_move_id NOT IN (SELECT unnest(%(ids)s))
              ORDER BY id
                """,
                database=run.database.id,
                ids=ids,
            )
        )
        used = defaultdict(lambda: (ZERO, ZERO))
        chunk.partials = []
        for row in rows:
            amount, debit_foreign, credit_foreign = map(Decimal, row[3:6])
            terms = (amount, debit_foreign, credit_foreign, *row[6:9])
            chunk.partials.append(Partial(row[0], row[1], row[2], terms, row[9], row[10]))
            if not row[10]:
                for line_id, taken, foreign in ((row[1], amount, debit_foreign), (row[2], -amount, -credit_foreign)):
                    total, total_foreign = used[line_id]
                    used[line_id] = total + taken, total_foreign + foreign
        return dict(used)

    @staticmethod
    def _reduce(balance, foreign, taken, taken_foreign):
        """Return what persons left of a line."""
        rest, rest_foreign = balance - taken, foreign - taken_foreign
        return (rest, rest_foreign) if (rest > 0) == (balance > 0) else (ZERO, ZERO)

    def _release(self, run, chunk, used):
        """Undo what persons reconciled on lines that it no longer fits; return whether anything was."""
        released = []
        for number, line in chunk.lines.items():
            if line.id not in used:
                continue
            known, (taken, foreign) = chunk.known[number], used[line.id]
            fits = (
                line.account_id == known.account_id
                and line.currency_id == known.currency_id
                and taken * line.balance >= 0
                and abs(taken) <= abs(line.balance)
                and abs(foreign) <= abs(line.foreign)
            )
            if not fits:
                released.append(line)
        if not released:
            return False
        ids = {line.id for line in released}
        theirs = [p.id for p in chunk.partials if not p.ours and (p.debit_id in ids or p.credit_id in ids)]
        self.env["account.partial.reconcile"].with_context(**CONTEXT).browse(theirs).unlink()
        self.env.flush_all()
        for line in released:
            self._note_undone(run, chunk, line.ec_no, line.partner_id)
            chunk.known[line.ec_no].full_id = chunk.known[line.ec_no].matching_number = None
        self._reread_states(chunk)
        return True

    def _reread_states(self, chunk):
        """Read again what matching made of the lines."""
        ids = {known.id: known for known in chunk.known.values()}
        rows = self.env.execute_query(
            SQL(
                "SELECT id, full_reconcile_id, matching_number, amount_residual::text, amount_residual_currency::text"
                " FROM account_move_line WHERE id = ANY(%s)",
                list(ids),
            )
        )
        for line_id, full_id, number, residual, residual_foreign in rows:
            known = ids[line_id]
            known.full_id, known.matching_number = full_id, number
            known.residual, known.residual_foreign = Decimal(residual), Decimal(residual_foreign)

    # What must be

    def _match_settlement(self, chunk, settlement, mine, kept):
        """Keep a group that is as it must be, else have it made again."""
        lines = [chunk.lines[number] for number in settlement.lines]
        wanted = {}
        for part in settlement.shares:
            debit, credit = chunk.lines[part.debit], chunk.lines[part.credit]
            terms = (
                part.amount,
                part.debit_currency,
                part.credit_currency,
                debit.currency_id,
                credit.currency_id,
                max(debit.date, credit.date),
            )
            wanted[debit, credit] = terms
            debit.residual -= part.amount
            debit.residual_foreign -= part.debit_currency
            credit.residual += part.amount
            credit.residual_foreign += part.credit_currency
        present = {partial.id: partial for line in lines if line.id for partial in mine.get(line.id, ())}
        same = bool(present) and {(d.id, c.id): terms for (d, c), terms in wanted.items()} == {
            (partial.debit_id, partial.credit_id): partial.terms for partial in present.values()
        }
        mixed = any(line.by_orm for line in lines)
        if mixed:
            for line in lines:
                line.by_orm = True
            if same:
                kept.update(present)
            else:
                chunk.mixed.append((settlement, wanted))
            return
        if same and self._is_full_as_wanted(chunk, settlement, lines, present):
            kept.update(present)
            for line in lines:
                known = chunk.known.get(line.ec_no)
                if known:
                    line.full_id, line.matching_number = known.full_id, known.matching_number
        else:
            chunk.made.append((settlement, lines, wanted))
            chunk.touched.update(line.partner_id for line in lines)
            chunk.counts["matchings_made"] += 1

    @staticmethod
    def _is_full_as_wanted(chunk, settlement, lines, present):
        fulls = {partial.full_id for partial in present.values()}
        knowns = [chunk.known.get(line.ec_no) for line in lines]
        fulls.update(known.full_id if known else None for known in knowns)
        return len(fulls) == 1 and (None not in fulls) == settlement.full
