from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from .sage100_bulk_copy import copy_rows, next_ids, update_rows
from .sage100_bulk_run import CONTEXT, ZERO, rounded

COUNTERPART_COLUMNS = (
    "id",
    "move_id",
    "move_name",
    "date",
    "ref",
    "partner_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "price_subtotal",
    "price_total",
    "amount_residual",
    "amount_residual_currency",
)


class Sage100LoaderEntry(models.AbstractModel):
    """The moves: their header is drawn from their lines, their counterpart line balances these."""

    _inherit = "sage100.loader.entry"

    _header_columns = (
        "partner_id",
        "commercial_partner_id",
        "invoice_partner_display_name",
        "ref",
        "amount_total",
        "amount_total_signed",
        "amount_total_in_currency_signed",
    )

    def _get_move_constants(self, run):
        """Return what is the same on all the mirror moves. Columns that are not here nor in the header are NULL."""
        return {
            "journal_id": run.journal.id,
            "company_id": run.company.id,
            "currency_id": run.currency_id,
            "sage_database_id": run.database.id,
            "move_type": "entry",
            "state": "posted",
            "payment_state": "not_paid",
            "auto_post": "no",
            "sequence_prefix": f"{run.journal.code}/",
            "sequence_number": 0,
            "invoice_date_due": run.today,
            "invoice_currency_rate": 0.0,
            **dict.fromkeys(("amount_untaxed", "amount_tax", "amount_residual", "amount_untaxed_signed"), 0.0),
            **dict.fromkeys(("amount_untaxed_in_currency_signed", "amount_tax_signed", "amount_residual_signed"), 0.0),
            **dict.fromkeys(("always_tax_exigible", "checked", "posted_before"), True),
            **dict.fromkeys(("made_sequence_gap", "is_manually_modified"), False),
        }

    def _get_line_constants(self, run):
        """Return what is the same on all the lines of mirror moves."""
        return {
            "journal_id": run.journal.id,
            "company_id": run.company.id,
            "company_currency_id": run.currency_id,
            "sequence": 100,
            "parent_state": "posted",
            "display_type": "product",
            "quantity": 1.0,
            "price_unit": 0.0,
            "discount": 0.0,
            "deductible_amount": 100.0,
            "is_storno": False,
        }

    # Header

    @staticmethod
    def _sum(lines):
        """Return what the header of a move needs of its lines: as the query of ``_refresh_moves`` does."""
        partners = {line.partner_id for line in lines}
        documents = {line.entry.document for line in lines}
        debits = [line for line in lines if line.balance > 0]
        return {
            "total": sum((line.balance for line in lines), ZERO),
            "debit": sum((line.balance for line in debits), ZERO),
            "debit_currency": sum((line.foreign for line in debits), ZERO),
            "partner_id": partners.pop() if len(partners) == 1 else None,
            "ref": documents.pop() if len(documents) == 1 else lines[0].piece,
        }

    @staticmethod
    def _prepare_header(run, sums, partners):
        """Return the values of the header, in the order of ``_header_columns``."""
        commercial_id, name = partners[sums["partner_id"]]
        counterpart = max(-sums["total"], ZERO)
        total = sums["debit"] + counterpart
        foreign = rounded(sums["debit_currency"] + counterpart, run.step)
        return {
            "partner_id": sums["partner_id"],
            "commercial_partner_id": commercial_id,
            "invoice_partner_display_name": name,
            "ref": sums["ref"] or None,
            "amount_total": foreign,
            "amount_total_signed": total,
            "amount_total_in_currency_signed": foreign,
        }

    def _get_partner_values(self, run, chunk, created):
        """Return partner id → (commercial partner, name to show); None for several partners."""
        return self._fetch_partners({line.partner_id for lines in created.values() for line in lines})

    def _fetch_partners(self, ids):
        partners = self.env["res.partner"].with_context(active_test=False).browse(sorted(ids))
        partners.fetch(["commercial_partner_id", "display_name"])
        found = {partner.id: (partner.commercial_partner_id.id, partner.display_name) for partner in partners}
        found[None] = None, self.env["account.move"].new({}).invoice_partner_display_name
        return found

    # Counterparts

    def _insert_counterparts(self, run, balances, constants):
        """Insert the lines that balance moves: (move, name, date, header, balance); return their ids."""
        ids = next_ids(self.env, "account_move_line", len(balances))
        rows = [
            (
                line_id,
                move_id,
                name,
                date,
                header["ref"],
                header["commercial_partner_id"],
                *self._spread(run, balance),
            )
            for line_id, (move_id, name, date, header, balance) in zip(ids, balances, strict=True)
        ]
        account = run.counterpart
        more = {
            "account_id": account.id,
            "currency_id": run.currency_id,
            "name": account.name,
            "no_followup": True,
            "reconciled": False,
        }
        copy_rows(self.env, "account_move_line", COUNTERPART_COLUMNS, rows, {**constants, **more})
        return ids

    @staticmethod
    def _spread(run, balance):
        """Return debit, credit, balance, amount in currency, prices and residuals of a counterpart line."""
        residual = balance if run.counterpart.reconcile else ZERO
        debit, credit = max(balance, ZERO), max(-balance, ZERO)
        return debit, credit, balance, balance, balance, balance, residual, residual

    # Moves already there

    def _refresh_moves(self, run, chunk):
        """Bring the header and the counterpart of moves whose lines changed to what these lines say."""
        if not chunk.moves:
            return
        rows = self.env.execute_query_dict(
            SQL(
                """
                  WITH sums AS (
                       SELECT move_id, count(*) AS lines, sum(balance) AS total,
                              COALESCE(sum(balance) FILTER (WHERE balance > 0), 0) AS debit,
                              COALESCE(sum(amount_currency) FILTER (WHERE balance > 0), 0) AS debit_currency,
                              CASE WHEN min(partner_id) = max(partner_id) THEN min(partner_id) END AS partner_id,
                              CASE WHEN min(COALESCE(sage_document, '')) = max(COALESCE(sage_document, ''))
                                   THEN min(sage_document) ELSE min(sage_piece) END AS ref
                         FROM account_move_line
                        WHERE move_id = ANY(%(moves)s) AND sage_ec_no <> 0
                     GROUP BY move_id
                  )
                SELECT move.id, move.name, move.date, COALESCE(sums.lines, 0) AS lines, sums.total::text,
                       sums.debit::text, sums.debit_currency::text, sums.partner_id, sums.ref,
                       to_jsonb(ARRAY[move.partner_id, move.commercial_partner_id]) AS partners,
                       move.invoice_partner_display_name, move.ref AS former_ref, move.amount_total::text,
                       move.amount_total_signed::text,
                       other.id AS other_id, other.balance::text AS other_balance, other.partner_id AS other_partner_id
                  FROM account_move move
             LEFT JOIN sums ON sums.move_id = move.id
             LEFT JOIN account_move_line other ON other.move_id = move.id AND COALESCE(other.sage_ec_no, 0) = 0
                 WHERE move.id = ANY(%(moves)s)
                """,
                moves=sorted(chunk.moves),
            )
        )
        empty = [row["id"] for row in rows if not row["lines"]]
        rows = [row for row in rows if row["lines"]]
        partners = self._fetch_partners({row["partner_id"] for row in rows if row["partner_id"]})
        for row in rows:
            for name in ("total", "debit", "debit_currency", "amount_total", "amount_total_signed"):
                row[name] = Decimal(row[name])
            row["header"] = self._prepare_header(run, row, partners)
        self._update_headers(rows)
        self._update_counterparts(run, rows)
        if empty:
            self.env["account.move"].with_context(**CONTEXT).browse(empty).unlink()
            self.env.flush_all()
            chunk.moves.difference_update(empty)
        self.env.invalidate_all(flush=False)

    def _update_headers(self, rows):
        changed = []
        for row in rows:
            header = row["header"]
            present = (
                *row["partners"],
                row["invoice_partner_display_name"],
                row["former_ref"],
                row["amount_total"],
                row["amount_total_signed"],
            )
            if tuple(header.values())[:-1] != present:
                changed.append((row["id"], *header.values()))
        update_rows(self.env, "account_move", ("id", *self._header_columns), changed)
        self._write_refs([row["id"] for row in rows])

    def _write_refs(self, move_ids):
        """Repeat the reference of these moves on their lines."""
        if move_ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move_line line SET ref = move.ref FROM account_move move"
                    " WHERE move.id = ANY(%s) AND line.move_id = move.id AND line.ref IS DISTINCT FROM move.ref",
                    move_ids,
                )
            )

    def _update_counterparts(self, run, rows):
        """Add, change or remove the lines that balance these moves."""
        added, changed, removed = [], [], []
        for row in rows:
            header, balance = row["header"], -row["total"]
            partner_id = header["commercial_partner_id"]
            if row["other_id"] is None:
                if balance:
                    added.append((row["id"], row["name"], row["date"], header, balance))
            elif not balance:
                removed.append(row["other_id"])
            elif (Decimal(row["other_balance"]), row["other_partner_id"]) != (balance, partner_id):
                changed.append((row["other_id"], partner_id, *self._spread(run, balance)))
        touched = removed + [values[0] for values in changed]
        lines = self.env["account.move.line"].with_context(**CONTEXT).browse(touched)
        if run.counterpart.reconcile:
            lines.remove_move_reconcile()
        lines.browse(removed).unlink()
        self.env.flush_all()
        columns = ("id", *COUNTERPART_COLUMNS[5:])
        update_rows(self.env, "account_move_line", columns, changed)
        if added:
            now = self.env.cr.now()
            stamps = {"create_uid": self.env.uid, "write_uid": self.env.uid, "create_date": now, "write_date": now}
            defaults = self._get_guard(run).defaults("account.move.line")
            self._insert_counterparts(run, added, {**self._get_line_constants(run), **stamps, **defaults})

    # End of a chunk

    def _finish(self, run, chunk):
        """Note what became of each entry, forget what Sage no longer has, queue the situations."""
        fates = defaultdict(list)
        for number, fate in chunk.plan.openings.fates.items():
            if chunk.fates.get(number) != fate.value:
                fates[fate.value].append(number)
        for fate, numbers in fates.items():
            # Numbers as a list: joined with a table that nothing is known of, the whole mirror would be read each time.
            query = SQL(
                "UPDATE sage100_entry SET fate = %s WHERE database_id = %s AND ec_no = ANY(%s)",
                str(fate),
                run.database.id,
                numbers,
            )
            self.env.cr.execute(query)
        if chunk.gone:
            query = SQL(
                "DELETE FROM sage100_entry WHERE database_id = %s AND ec_no = ANY(%s) AND gone",
                run.database.id,
                sorted(chunk.gone),
            )
            self.env.cr.execute(query)
        query = SQL(
            "DELETE FROM sage100_pending WHERE database_id = %s AND number = ANY(%s)",
            run.database.id,
            sorted(set(chunk.numbers) - chunk.held),
        )
        self.env.cr.execute(query)
        if chunk.held:
            query = SQL(
                "UPDATE sage100_pending SET traces = NULL WHERE database_id = %s AND number = ANY(%s)",
                run.database.id,
                sorted(chunk.held),
            )
            self.env.cr.execute(query)
        self._queue_situations(run, chunk)
        self.env.invalidate_all(flush=False)

    def _queue_situations(self, run, chunk):
        """Have the situations of the customers concerned rebuilt, and mark new ones as customers, as posting does."""
        if not chunk.touched:
            return
        ids = sorted(chunk.touched)
        rows = self.env.execute_query(SQL("SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%s)", ids))
        commercial = {row[0] for row in rows if row[0]}
        self.env["followup.situation.queue"].sudo()._append((partner_id, run.company.id) for partner_id in commercial)
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET customer_rank = 1 WHERE id = ANY(%s) AND COALESCE(customer_rank, 0) = 0",
                sorted(commercial | chunk.touched),
            )
        )
