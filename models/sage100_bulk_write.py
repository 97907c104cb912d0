from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from .sage100_bulk_copy import copy_rows, next_ids, update_rows
from .sage100_bulk_run import CONTEXT

#: Columns of a Sage line that a change in Sage may change.
CONTENT_COLUMNS = (
    "move_id",
    "move_name",
    "date",
    "account_id",
    "partner_id",
    "currency_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "price_subtotal",
    "price_total",
    "sage_ec_no",
    "sage_journal",
    "sage_piece",
    "sage_hash",
    "name",
    "date_maturity",
    "sage_current_ec_no",
    "sage_document",
    "sage_reference",
    "sage_payment_mode",
    "followup_automatic_payment",
    "sage_reminders",
    "sage_reminded_on",
    "sage_closed",
    "sage_free_1",
    "sage_free_2",
    "sage_free_3",
)
#: Columns that matching changes.
STATE_COLUMNS = (
    "amount_residual",
    "amount_residual_currency",
    "reconciled",
    "full_reconcile_id",
    "matching_number",
    "sage_lettering",
)
LINE_COLUMNS = ("id", *CONTENT_COLUMNS, *STATE_COLUMNS, "ref", "no_followup", "sage_database_id")
PARTIAL_COLUMNS = (
    "id",
    "debit_move_id",
    "credit_move_id",
    "amount",
    "debit_amount_currency",
    "credit_amount_currency",
    "debit_currency_id",
    "credit_currency_id",
    "max_date",
    "full_reconcile_id",
)


def content(line):
    """Return the values of CONTENT_COLUMNS."""
    balance = line.balance
    return (
        line.move_id,
        line.move_name,
        line.date,
        line.account_id,
        line.partner_id,
        line.currency_id,
        balance if balance > 0 else 0,
        -balance if balance < 0 else 0,
        balance,
        line.foreign,
        line.foreign,
        line.foreign,
        line.ec_no,
        line.journal,
        line.piece,
        line.hash,
        *line.soft,
    )


def state(line):
    """Return the values of STATE_COLUMNS."""
    return (
        line.residual,
        line.residual_foreign,
        not line.residual and not line.residual_foreign,
        line.full_id,
        line.matching_number,
        line.lettering,
    )


class Sage100LoaderEntry(models.AbstractModel):
    """Writing a chunk: each row inserted once, with its final values."""

    _inherit = "sage100.loader.entry"

    def _write(self, run, chunk):
        """Write the differences; nothing at all when there is none."""
        self._undo_by_orm(run, chunk)
        created = self._assign_moves(run, chunk)
        for line, line_id in zip(chunk.new, next_ids(self.env, "account_move_line", len(chunk.new)), strict=True):
            line.id = line_id
        partials = self._number_matchings(chunk)
        moved, relettered = self._get_matched(chunk)
        if not any((chunk.new, chunk.changed, chunk.moves, moved, partials, chunk.undone, chunk.mixed, relettered)):
            return
        guard = self._get_guard(run)
        guard.before([known.id for known in chunk.known.values()] if chunk.changed else [])
        line_ids = self._write_rows(run, chunk, created, partials, moved)
        self.env.invalidate_all(flush=False)
        self._refresh_moves(run, chunk)
        self._match_by_orm(run, chunk)
        codes = [(line.id, line.lettering) for line in relettered]
        update_rows(self.env, "account_move_line", ("id", "sage_lettering"), codes)
        self._count_and_touch(chunk, moved)
        guard.after(
            moves=[*created, *chunk.moves],
            lines=[*line_ids, *(line.id for line in (*chunk.changed, *moved))],
            partials=[partial[0] for partial in partials],
            fulls=chunk.fulls,
        )

    @staticmethod
    def _get_matched(chunk):
        """Return the known lines of which matching makes something else; those, left to the ORM, of another code."""
        both = [(line, chunk.known[number]) for number, line in chunk.lines.items() if number in chunk.known]
        return (
            [line for line, known in both if not line.by_orm and line.state != known.state],
            [line for line, known in both if line.by_orm and line.lettering != known.lettering],
        )

    def _write_rows(self, run, chunk, created, partials, moved):
        """Write in the order that the foreign keys ask for; return the ids of the new lines."""
        guard, now = self._get_guard(run), self.env.cr.now()
        stamps = {"create_uid": self.env.uid, "write_uid": self.env.uid, "create_date": now, "write_date": now}
        fulls = {**stamps, **guard.defaults("account.full.reconcile")}
        copy_rows(self.env, "account_full_reconcile", ("id",), [(number,) for number in chunk.fulls], fulls)
        line_ids = self._insert_moves(run, chunk, created, stamps, guard)
        self._change_lines(chunk, moved, created)
        self._delete_partials(chunk.undone)
        constants = {"company_id": run.company.id, "sage_database_id": run.database.id, **stamps}
        constants |= guard.defaults("account.partial.reconcile")
        copy_rows(self.env, "account_partial_reconcile", PARTIAL_COLUMNS, partials, constants)
        return line_ids

    @staticmethod
    def _count_and_touch(chunk, moved):
        chunk.counts["entries_created"] += len(chunk.new)
        chunk.counts["entries_updated"] += len(chunk.changed)
        for line in (*chunk.new, *chunk.changed, *moved):
            chunk.touched.add(line.partner_id)
        for line in chunk.changed:
            chunk.touched.add(chunk.known[line.ec_no].partner_id)

    # Moves

    def _assign_moves(self, run, chunk):
        """Give each new or moving line its move; return id → lines of the moves to create."""
        moving = [line for line in chunk.changed if chunk.known[line.ec_no].move_name != line.move_name]
        chunk.moves.update(chunk.known[line.ec_no].move_id for line in chunk.changed)
        pieces = defaultdict(list)
        for line in (*chunk.new, *moving):
            pieces[line.move_name].append(line)
        existing = {}
        sought = list(pieces) if run.shared is None else [name for name in pieces if name in run.shared]
        if run.has_lines and sought:
            query = SQL(
                # As a join: the planner takes the trigram index of names for « = ANY ».
                "SELECT move.name, move.id FROM unnest(%s::varchar[]) wanted (name) JOIN account_move move"
                " ON move.name = wanted.name AND move.journal_id = %s AND move.state = 'posted' AND move.name <> '/'"
                " WHERE move.sage_database_id = %s",
                sought,
                run.journal.id,
                run.database.id,
            )
            existing = dict(self.env.execute_query(query))
        missing = [name for name in pieces if name not in existing]
        fresh = dict(zip(missing, next_ids(self.env, "account_move", len(missing)), strict=True))
        chunk.moves.update(existing.values())
        for name, lines in pieces.items():
            for line in lines:
                line.move_id = existing.get(name) or fresh[name]
        return {fresh[name]: pieces[name] for name in missing}

    def _insert_moves(self, run, chunk, created, stamps, guard):
        """Insert the new moves and the new lines, counterparts included; return the ids of the lines."""
        documents, rows = {}, []
        partners = self._get_partner_values(run, chunk, created)
        balances = []
        for move_id, lines in created.items():
            header = self._prepare_header(run, self._sum(lines), partners)
            documents[move_id] = header["ref"]
            rows.append((move_id, lines[0].move_name, lines[0].date, *header.values()))
            total = sum(line.balance for line in lines)
            if total:
                balances.append((move_id, lines[0].move_name, lines[0].date, header, -total))
        copy_rows(
            self.env,
            "account_move",
            ("id", "name", "date", *self._header_columns),
            rows,
            {**self._get_move_constants(run), **stamps, **guard.defaults("account.move")},
        )
        constants = {**self._get_line_constants(run), **stamps, **guard.defaults("account.move.line")}
        for line in chunk.new:
            if line.by_orm:
                line.residual, line.residual_foreign = line.balance, line.foreign
        if chunk.new:
            lines = (
                (line.id, *content(line), *state(line), documents.get(line.move_id), False, run.database.id)
                for line in chunk.new
            )
            copy_rows(self.env, "account_move_line", LINE_COLUMNS, lines, constants)
        return [line.id for line in chunk.new] + self._insert_counterparts(run, balances, constants)

    # Lines

    def _change_lines(self, chunk, moved, created):
        """Write what changed on lines that are already there: they stay the same lines."""
        if chunk.changed:
            rows = [(line.id, *content(line)) for line in chunk.changed]
            update_rows(self.env, "account_move_line", ("id", *CONTENT_COLUMNS), rows)
            self._write_refs([line.move_id for line in chunk.changed if line.move_id in created])
        update_rows(self.env, "account_move_line", ("id", *STATE_COLUMNS), [(line.id, *state(line)) for line in moved])

    # Reconciliations

    def _number_matchings(self, chunk):
        """Number the new reconciliations, fill what they make of the lines; return the rows of the partial ones."""
        full = [made for made in chunk.made if made[0].full]
        chunk.fulls = next_ids(self.env, "account_full_reconcile", len(full))
        full_ids = iter(chunk.fulls)
        count = sum(len(wanted) for _settlement, _lines, wanted in chunk.made)
        ids = iter(next_ids(self.env, "account_partial_reconcile", count))
        rows = []
        for settlement, lines, wanted in chunk.made:
            full_id = next(full_ids) if settlement.full else None
            number = {}
            for (debit, credit), terms in wanted.items():
                partial_id = next(ids)
                rows.append((partial_id, debit.id, credit.id, *terms, full_id))
                first = min(number.get(debit, partial_id), number.get(credit, partial_id))
                merged = {number.get(debit), number.get(credit)} - {None, first}
                number[debit] = number[credit] = first
                if merged:
                    number = {line: first if value in merged else value for line, value in number.items()}
            for line in lines:
                line.full_id = full_id
                if line in number:
                    line.matching_number = str(full_id) if full_id else f"P{number[line]}"
        return rows

    def _delete_partials(self, partials):
        """Delete reconciliations of ours whose lines are all in the chunk, with the full ones that they made."""
        if not partials:
            return
        ids = [partial.id for partial in partials]
        fulls = sorted({partial.full_id for partial in partials if partial.full_id})
        self.env.cr.execute(SQL("DELETE FROM account_partial_reconcile WHERE id = ANY(%s)", ids))
        if fulls:
            self.env.cr.execute(
                SQL(
                    "UPDATE account_partial_reconcile SET full_reconcile_id = NULL WHERE full_reconcile_id = ANY(%s)",
                    fulls,
                )
            )
            self.env.cr.execute(SQL("DELETE FROM account_full_reconcile WHERE id = ANY(%s)", fulls))

    # What persons reconciled is left to the ORM

    def _undo_by_orm(self, run, chunk):
        """Undo through the ORM the reconciliations that touch lines beyond the chunk, or persons' ones."""
        by_id = {line.id: line for line in chunk.lines.values() if line.id}
        theirs = [
            partial
            for partial in chunk.undone
            if any(line is None or line.by_orm for line in map(by_id.get, (partial.debit_id, partial.credit_id)))
        ]
        if theirs:
            ids = {partial.id for partial in theirs}
            chunk.undone = [partial for partial in chunk.undone if partial.id not in ids]
            self.env["account.partial.reconcile"].with_context(**CONTEXT).browse(sorted(ids)).unlink()
            self.env.flush_all()
            self._reread_states(chunk)

    def _match_by_orm(self, run, chunk):
        """Make through the ORM the groups with a line that a person reconciled, and bring such lines up to date."""
        changed = {line.id for line in chunk.changed}
        stale = [line for line in chunk.lines.values() if line.by_orm and (line.id in changed or chunk.mixed)]
        if not stale:
            return
        values = [
            {
                "debit_move_id": debit.id,
                "credit_move_id": credit.id,
                "amount": float(terms[0]),
                "debit_amount_currency": float(terms[1]),
                "credit_amount_currency": float(terms[2]),
                "sage_database_id": run.database.id,
            }
            for _settlement, wanted in chunk.mixed
            for (debit, credit), terms in wanted.items()
        ]
        Partial = self.env["account.partial.reconcile"].with_context(**CONTEXT)
        Partial.create(values)
        chunk.counts["matchings_made"] += len(chunk.mixed)
        lines = self.env["account.move.line"].with_context(**CONTEXT).browse([line.id for line in stale])
        for name in ("amount_residual", "amount_residual_currency", "reconciled"):
            self.env.add_to_compute(lines._fields[name], lines)
        self.env.flush_all()
        self._make_fulls(lines)
        self.env.invalidate_all(flush=False)
        chunk.touched.update(line.partner_id for line in stale)

    def _make_fulls(self, lines):
        """Make whole what is wholly settled, and no longer what is not."""
        seen = self.env["account.move.line"]
        for line in lines:
            group = line._all_reconciled_lines()
            if line in seen:
                continue
            seen |= group
            whole = len(group) > 1 and all(group.mapped("reconciled"))
            if group.full_reconcile_id and not (whole and len(group.full_reconcile_id) == 1):
                group.full_reconcile_id.unlink()
                self.env["account.partial.reconcile"]._update_matching_number(group)
            if whole and not group.full_reconcile_id:
                partials = group.matched_debit_ids | group.matched_credit_ids
                self.env["account.full.reconcile"].create(
                    {
                        "partial_reconcile_ids": [(6, 0, partials.ids)],
                        "reconciled_line_ids": [(6, 0, group.ids)],
                    }
                )
        self.env.flush_all()
