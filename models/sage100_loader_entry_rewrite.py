from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .sage100_loader_entry import CONTEXT


class Sage100LoaderEntry(models.AbstractModel):
    """Pieces whose amounts, accounts or lines changed in Sage: rewritten, the lines that go on keeping their identity."""

    _inherit = "sage100.loader.entry"

    def _rewrite(self, job, pieces, dirty, known):
        """Rewrite the moves whose pieces changed, keeping the lines that go on (and all that Odoo knows of them)."""
        if not dirty:
            return
        moves = self.env["account.move"].browse(sorted(dirty)).with_context(**CONTEXT, force_delete=True)
        wanted = {item["entry"].ec_no: (piece, item) for piece, items in pieces for item in items}
        owners = self._assign_moves(moves, pieces, known)
        leftovers = []
        for move in moves:
            piece_items = owners.get(move.id)
            if not all(
                self._is_free(job, (None, day, ""), [])
                for day in {move.date, *([piece_items[0][1]] if piece_items else [])}
            ):
                leftovers.append(move)
                continue
            try:
                with self.env.cr.savepoint():
                    self._rewrite_move(job, move, piece_items, known, wanted)
            except (UserError, ValidationError) as error:
                if piece_items:
                    self._reject(job, piece_items, error)
        assigned = {piece_items[0] for piece_items in owners.values()}
        self._create(job, [piece_items for piece_items in pieces if piece_items[0] not in assigned])
        job.checkpoint(self.env._("Entries"))

    @staticmethod
    def _assign_moves(moves, pieces, known):
        """Return move id → (piece, items): each piece goes on in the move that held most of its lines."""
        owners = {}
        for piece, items in pieces:
            counts = defaultdict(int)
            for item in items:
                row = known.get(item["entry"].ec_no)
                if row and row[1] in moves.ids and row[1] not in owners:
                    counts[row[1]] += 1
            if counts:
                owners[max(counts, key=counts.get)] = (piece, items)
        return owners

    def _rewrite_move(self, job, move, piece_items, known, wanted):
        move.line_ids.remove_move_reconcile()
        move.line_ids.sage_matching = False
        if move.state == "posted":
            move.button_draft()
        numbers = {line.sage_ec_no: line for line in move.line_ids if line.sage_ec_no}
        items = piece_items[1] if piece_items else []
        kept = {item["entry"].ec_no for item in items}
        job.count("entries_removed", sum(number not in wanted for number in numbers))
        if not items:
            move.unlink()
            return
        commands = [
            Command.delete(line.id) for line in move.line_ids if not line.sage_ec_no or line.sage_ec_no not in kept
        ]
        elsewhere = [known[number][0] for number in kept if number in known and number not in numbers]
        self._free_numbers(elsewhere)
        for item in items:
            line = numbers.get(item["entry"].ec_no)
            vals = self._prepare_sage_line(job, item)
            commands.append(Command.update(line.id, vals) if line else Command.create(vals))
        commands += [Command.create(vals) for vals in self._prepare_counterpart(job, items)]
        header = self._prepare_move(job, *piece_items)
        move.write({name: header[name] for name in ("name", "date", "ref", "partner_id")} | {"line_ids": commands})
        move._post(soft=False)
        job.count("entries_updated", len(items))

    def _free_numbers(self, line_ids):
        """Take its number off a line that goes to another piece, for its successor there."""
        if line_ids:
            lines = self.env["account.move.line"].browse(line_ids).exists()
            lines.sage_ec_no = 0
            lines.flush_recordset(["sage_ec_no"])
