from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from ..lib.sage100.lettering import Item, Kind, allocate, matchings
from .sage100_job import chunks
from .sage100_loader_entry import digest

SIZE = 300


class Sage100LoaderMatching(models.AbstractModel):
    """*Lettrage* → reconciliations, full and partial; made, changed and undone as Sage does.

    Partial reconciliations are created directly, from a pure allocation in company currency: Sage balances its groups
    in this currency, exchange differences are entries of its own, and Odoo must add none.
    """

    _name = "sage100.loader.matching"
    _description = "Sage 100 import: matching"

    def _load(self, job):
        """Bring the reconciliations of the imported lines to what Sage says."""
        job.checkpoint(self.env._("Matching"))
        found = matchings(job.snapshot.entries, job.plan.roots, job.snapshot.exercises, job.plan.current)
        self._note_unbalanced(job, found)
        lines = self._get_lines(job)
        wanted = {}
        groups = {}
        for matching in found:
            members = [number for number in matching.lines if number in lines]
            if len(members) > 1:
                signature = self._sign(matching.key, members, lines)
                groups[signature] = (matching, members)
                wanted.update(dict.fromkeys(members, signature))
        changed = {number for number, row in lines.items() if (row["matching"] or "") != wanted.get(number, "")}
        stale = {lines[number]["matching"] for number in changed} - {None}
        todo = [
            group
            for group in groups.values()
            if any(number in changed or lines[number]["matching"] in stale for number in group[1])
        ]
        again = {number for _matching, members in todo for number in members}
        self._undo(job, [row["id"] for number, row in lines.items() if number in again or row["matching"] in stale])
        for chunk in chunks(todo, SIZE):
            self._match(job, chunk, lines)
            job.checkpoint(self.env._("Matching"))
        self._write_signatures(job, lines, wanted, changed)

    def _note_unbalanced(self, job, found):
        for matching in found:
            if matching.kind is Kind.UNBALANCED:
                _year, account, number, code = matching.key.split("/", 3)
                job.issue(
                    "warning",
                    "unbalanced",
                    self.env._(
                        "Customer %(number)s, account %(account)s: entries matched by « %(code)s » do not balance. "
                        "The rest stays open.",
                        number=number,
                        account=account,
                        code=code,
                    ),
                    customer_number=number,
                    partner_id=job.partners.get(number),
                    sage_amount=float(matching.balance),
                    odoo_amount=float(matching.balance),
                )

    def _get_lines(self, job):
        """Return EC_No → what matching needs of each imported line."""
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT sage_ec_no, id, sage_matching AS matching, balance, amount_currency, date_maturity, date
                  FROM account_move_line
                 WHERE sage_database_id = %s AND sage_ec_no <> 0 AND parent_state = 'posted'
                """,
                job.database.id,
            )
        )
        return {row["sage_ec_no"]: row for row in rows}

    @staticmethod
    def _sign(key, numbers, lines):
        """Return the signature of a group: its key in Sage and the amounts that it settles."""
        members = sorted((number, lines[number]["balance"], lines[number]["amount_currency"]) for number in numbers)
        return f"{key}#{digest(*members)}"

    def _undo(self, job, line_ids):
        """Undo the reconciliations of groups that changed."""
        for some in chunks(line_ids, 1000):
            lines = self.env["account.move.line"].browse(some)
            partials = lines.matched_debit_ids | lines.matched_credit_ids
            job.count("matchings_undone", len(partials))
            partials.unlink()

    def _match(self, job, groups, lines):
        """Reconcile some groups all at once, else one by one: a refused one stops no other."""
        try:
            with self.env.cr.savepoint():
                self._reconcile(groups, lines)
        except (UserError, ValidationError) as error:
            if len(groups) > 1:
                for group in groups:
                    self._match(job, [group], lines)
                return
            matching = groups[0][0]
            message = self.env._("Matching %(key)s refused: %(reason)s", key=matching.key, reason=str(error))
            job.issue("rejected", "refused", message, sage_table="F_ECRITUREC", sage_key=matching.key)
        else:
            job.count("matchings_made", len(groups))

    def _reconcile(self, groups, lines):
        values, counts = [], []
        for _matching, numbers in groups:
            shares = allocate([self._prepare_item(lines[number]) for number in numbers])
            values += [self._prepare_partial(share) for share in shares]
            counts.append(len(shares))
        partials = self.env["account.partial.reconcile"].create(values)
        fulls, position = [], 0
        for (_matching, numbers), count in zip(groups, counts, strict=True):
            parts, position = partials[position : position + count], position + count
            members = self.env["account.move.line"].browse([lines[number]["id"] for number in numbers])
            if parts and all(member.reconciled for member in members):
                fulls.append(
                    {
                        "partial_reconcile_ids": [Command.link(part.id) for part in parts],
                        "reconciled_line_ids": [Command.link(member.id) for member in members],
                    }
                )
        self.env["account.full.reconcile"].create(fulls)

    @staticmethod
    def _prepare_item(row):
        return Item(
            row["id"],
            Decimal(str(row["balance"])),
            Decimal(str(row["amount_currency"])),
            row["date_maturity"] or row["date"],
        )

    @staticmethod
    def _prepare_partial(share):
        return {
            "debit_move_id": share.debit,
            "credit_move_id": share.credit,
            "amount": float(share.amount),
            "debit_amount_currency": float(share.debit_currency),
            "credit_amount_currency": float(share.credit_currency),
        }

    def _write_signatures(self, job, lines, wanted, changed):
        """Remember the group of each line. Set-based: technical columns that no compute depends on."""
        if not changed:
            return
        codes = {}
        for entry in job.snapshot.entries:
            for root in job.plan.roots.get(entry.ec_no, ()):
                if job.plan.current.get(root, root) == entry.ec_no:
                    codes[root] = entry.lettering
        rows = [
            (lines[number]["id"], wanted.get(number) or None, codes.get(number) or None) for number in sorted(changed)
        ]
        self.env.cr.execute_values(
            """
            UPDATE account_move_line line
               SET sage_matching = source.matching, sage_lettering = source.code
              FROM (VALUES %s) AS source (id, matching, code)
             WHERE line.id = source.id
            """,
            rows,
            template="(%s, %s::varchar, %s::varchar)",
            page_size=1000,
        )
        ids = [row[0] for row in rows]
        self.env["account.move.line"].browse(ids).invalidate_recordset(["sage_matching", "sage_lettering"], flush=False)
