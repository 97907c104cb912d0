import hashlib
from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..lib.sage100.records import Entry
from .sage100_bulk_run import Chunk, Known, Line, move_name, rounded

#: Beyond, an amount no longer holds its cents in the floating numbers of Odoo.
LIMIT = Decimal(10) ** 13


def digest(*values):
    """Return a short stable digest of some values."""
    return hashlib.blake2b("\x1f".join(map(str, values)).encode(), digest_size=8).hexdigest()


class Sage100LoaderEntry(models.AbstractModel):
    """What must be, and what is."""

    _inherit = "sage100.loader.entry"

    # Entries

    def _read_chunk(self, run, numbers):
        """Return the chunk with all the entries of these customers, as they were last read."""
        known, foreign = [number for number in numbers if number in run.job.partners], []
        condition = SQL("customer = ANY(%s)", numbers)
        if run.reached.keys() >= set(numbers):
            condition = SQL("ec_no = ANY(%s)", sorted(set().union(*(run.reached[number] for number in numbers))))
        elif run.has_lines and run.shared is None and known:
            known, foreign = self._add_companions(run, known)
            condition = SQL("customer = ANY(%s)", sorted({*numbers, *known}))
        chunk = Chunk(sorted({*numbers, *known}))
        chunk.forgotten.update(number for number, _partner_id, customer in foreign if customer is None)
        strangers = {number for number in numbers if number not in run.job.partners}
        waiting = set()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ec_no, journal, date, piece, account, customer, label, round(amount, 2)::text, due_date, invoice,
                       reference, payment_mode, sage_currency, round(COALESCE(amount_currency, 0), 2)::text, lettered,
                       lettering, opening, reminders, reminded_on, closed, free_1, free_2, free_3, fate, gone
                  FROM sage100_entry
                 WHERE database_id = %s AND %s
              ORDER BY ec_no
                """,
                run.database.id,
                condition,
            )
        )
        for row in rows:
            if row[24]:
                chunk.gone.add(row[0])
                continue
            if row[5] in strangers:
                waiting.add(row[5])
                continue
            chunk.fates[row[0]] = row[23]
            chunk.entries.append(self._make_entry(row))
        self._note_strangers(run, chunk, sorted(waiting))
        return chunk

    @staticmethod
    def _make_entry(row):
        return Entry(
            row[0],
            row[1],
            row[2],
            row[3] or "",
            row[4],
            row[5],
            row[6] or "",
            Decimal(row[7]),
            row[8],
            row[9] or "",
            row[10] or "",
            row[11] or 0,
            row[12] or 0,
            Decimal(row[13]),
            bool(row[14]),
            row[15] or "",
            row[16] or 0,
            row[17] or 0,
            row[18],
            bool(row[19]),
            None,
            row[20:23],
        )

    def _note_strangers(self, run, chunk, numbers):
        """Entries of customers that are not in Odoo wait for them; a number that was given up has none."""
        for number in numbers:
            chunk.held.add(number)
            chunk.issue(
                "rejected",
                "refused",
                self.env._("Customer %(number)s is not in Odoo: its entries wait in Sage.", number=number),
                scope="entry",
                sage_table="F_ECRITUREC",
                customer_number=number,
            )

    def _add_companions(self, run, numbers):
        """Return these customers and those that received a line of theirs (both change together or not at all), and
        their foreign lines."""
        partners = run.job.partners
        while True:
            rows = self._get_foreign_lines(run, numbers)
            more = {
                customer
                for _number, partner_id, customer in rows
                if customer in partners and partners[customer] != partner_id
            }
            if not more:
                return numbers, rows
            numbers = sorted({*numbers, *more})

    def _get_foreign_lines(self, run, numbers):
        """Return (EC_No, partner, customer) of the lines of these customers that Sage now gives to another (None: to
        nobody)."""
        return self.env.execute_query(
            SQL(
                """
                WITH line AS MATERIALIZED (
                    SELECT sage_ec_no, partner_id, sage_database_id FROM account_move_line WHERE partner_id = ANY(%s)
                )
                SELECT line.sage_ec_no, line.partner_id, entry.customer
                  FROM line
             LEFT JOIN sage100_entry entry
                    ON entry.database_id = line.sage_database_id AND entry.ec_no = line.sage_ec_no
                 WHERE line.sage_database_id = %s AND line.sage_ec_no <> 0
                   AND (entry.id IS NULL OR entry.gone IS NOT TRUE AND NOT (entry.customer = ANY(%s)))
                """,
                [run.job.partners[number] for number in numbers],
                run.database.id,
                numbers,
            )
        )

    # What must be

    def _prepare_lines(self, run, chunk):
        """Fill ``chunk.wanted``: the lines of the entries kept."""
        openings = chunk.plan.openings
        codes, in_force = self._get_codes(chunk), openings.in_force(chunk.entries)
        for entry in chunk.entries:
            if openings.kept(entry.ec_no) and self._is_sound(run, chunk, entry):
                present = in_force.get(entry.ec_no, entry)
                chunk.wanted[entry.ec_no] = self._prepare_line(run, openings, codes, entry, present)

    @staticmethod
    def _get_codes(chunk):
        """Return kept EC_No → lettering code in force."""
        openings = chunk.plan.openings
        return {
            root: entry.lettering
            for entry in chunk.entries
            if entry.lettering
            for root in openings.roots.get(entry.ec_no, ())
            if openings.current.get(root, root) == entry.ec_no
        }

    def _is_sound(self, run, chunk, entry):
        """Return whether an entry can be a line; note why not."""
        if entry.account not in run.accounts:
            message = self.env._("Entry %(number)s: its account is missing.", number=entry.ec_no)
        elif abs(entry.amount) >= LIMIT or abs(entry.amount_currency) >= LIMIT:
            message = self.env._("Entry %(number)s: amount beyond what can be kept to the cent.", number=entry.ec_no)
        else:
            return True
        chunk.held.add(entry.customer)
        chunk.issue("rejected", "refused", message, **self._locate(run, entry))
        return False

    @staticmethod
    def _locate(run, entry):
        """Return where a row to look at is."""
        return {
            "scope": "entry",
            "sage_table": "F_ECRITUREC",
            "sage_key": str(entry.ec_no),
            "customer_number": entry.customer,
            "partner_id": run.job.partners.get(entry.customer),
            "sage_amount": float(entry.amount) if abs(entry.amount) < LIMIT else 0.0,
        }

    @staticmethod
    def _prepare_line(run, openings, codes, entry, present):
        """Return the line of an entry: what makes another entry of it when it changes (hard), the rest (soft).

        ``present`` is the entry with which Sage goes on: itself, or its copy in the open year.
        """
        ec_no, document = entry.ec_no, entry.invoice or entry.piece
        balance = rounded(entry.amount, run.step)
        currency_id, step, own = run.currencies[entry.currency]
        foreign = rounded(entry.amount_currency, step)
        if own or not foreign or not balance or (foreign > 0) != (balance > 0):
            # An exchange difference has no amount in currency; opposite signs are refused by Odoo.
            currency_id, foreign = run.currency_id, balance
        line = Line(ec_no, balance, foreign)
        line.entry, line.customer, line.date = entry, entry.customer, entry.date
        line.journal, line.piece = entry.journal, entry.piece
        line.move_name = move_name(entry.journal, entry.date, entry.piece)
        line.account_id, line.partner_id = run.accounts[entry.account], run.job.partners[entry.customer]
        line.currency_id, line.due_date = currency_id, present.due_date or entry.date
        line.lettering = codes.get(ec_no)
        mode, automatic = run.modes.get(present.payment_mode, (None, False))
        line.soft = (
            entry.label or document or None,
            line.due_date,
            openings.current.get(ec_no, ec_no),
            document or None,
            present.reference or None,
            mode or None,
            automatic,
            present.reminders,
            present.reminded_on,
            entry.closed,
            *(value or None for value in present.free),
        )
        hard = (
            entry.journal,
            entry.date,
            entry.piece,
            entry.account,
            entry.customer,
            entry.amount,
            entry.currency,
            entry.amount_currency,
        )
        line.hash = f"{digest(*hard)}:{digest(*line.soft)}"
        return line

    # What is

    def _read_known(self, run, chunk):
        """Fill ``chunk.known``: the lines in Odoo of these entries, and of these customers when Sage forgot them."""
        if not run.has_lines or run.shared is not None:
            return
        numbers = {*chunk.fates, *chunk.gone, *chunk.forgotten}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sage_ec_no, id, move_id, move_name, date, account_id, partner_id, currency_id, balance::text,
                       amount_currency::text, COALESCE(date_maturity, date), COALESCE(sage_hash, ':'),
                       COALESCE(sage_current_ec_no, 0), full_reconcile_id, matching_number, sage_lettering,
                       amount_residual::text, amount_residual_currency::text
                  FROM account_move_line
                 WHERE sage_database_id = %s AND sage_ec_no <> 0 AND sage_ec_no = ANY(%s)
                """,
                run.database.id,
                sorted(numbers),
            )
        )
        for row in rows:
            amounts = Decimal(row[8]), Decimal(row[9])
            residuals = Decimal(row[16]), Decimal(row[17])
            chunk.known[row[0]] = Known(*row[:8], *amounts, *row[10:16], *residuals)

    def _rename_recreated(self, chunk):
        """Give a line its new number when Sage wrote the same entry anew, or keeps nothing but its opening copy."""
        known, wanted = chunk.known, chunk.wanted
        lost, arrived = sorted(known.keys() - wanted.keys()), sorted(wanted.keys() - known.keys())
        if not lost or not arrived:
            return
        same, copies = defaultdict(list), {}
        for number in lost:
            same[known[number].hash.partition(":")[0]].append(number)
            if known[number].current != number:
                copies[known[number].current] = number
        for number in arrived:
            twins = [twin for twin in same.get(wanted[number].hard, ()) if twin in known]
            former = twins[0] if twins else copies.get(number)
            if former in known:
                known[number] = known.pop(former)
