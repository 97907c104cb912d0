from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .sage100_loader_entry import CONTEXT

# What people and reminders put on a line: it follows the entry when Sage moves it to another piece.
IDENTITY = ("followup_level_id", "followup_date", "followup_stop", "followup_stop_reason")


class Sage100LoaderEntry(models.AbstractModel):
    """Pieces whose amounts, accounts or lines changed in Sage: rewritten, the lines keeping their identity."""

    _inherit = "sage100.loader.entry"

    def _rewrite(self, job, pieces, dirty, known):
        """Rewrite the moves whose pieces changed, keeping the lines that go on and all that Odoo knows of them."""
        if not dirty:
            return
        moves = self.env["account.move"].browse(sorted(dirty)).with_context(**CONTEXT, force_delete=True)
        owners = self._assign_moves(moves, pieces, known)
        assigned = {piece for piece, _items in owners.values()}
        moving = self._get_moving(moves, pieces, owners, known)
        identities = self._get_identities(moving, known)
        staying = {item["entry"].ec_no for _piece, items in pieces for item in items}
        for move in moves:
            self._rewrite_or_refuse(job, move, owners.get(move.id), known, staying)
        self._create(job, [(piece, items) for piece, items in pieces if piece not in assigned])
        self._give_identities(job, identities)
        job.checkpoint(self.env._("Entries"))

    @staticmethod
    def _assign_moves(moves, pieces, known):
        """Return move id → (piece, items): each piece goes on in the move that held most of its lines."""
        owners, ids = {}, set(moves.ids)
        for piece, items in pieces:
            counts = defaultdict(int)
            for item in items:
                row = known.get(item["entry"].ec_no)
                if row and row[1] in ids and row[1] not in owners:
                    counts[row[1]] += 1
            if counts:
                owners[max(counts, key=counts.get)] = (piece, items)
        return owners

    @staticmethod
    def _get_moving(moves, pieces, owners, known):
        """Return the EC_No of the lines that go from one move to another."""
        homes = {piece: move_id for move_id, (piece, _items) in owners.items()}
        return [
            item["entry"].ec_no
            for piece, items in pieces
            for item in items
            if item["entry"].ec_no in known and known[item["entry"].ec_no][1] != homes.get(piece)
        ]

    def _get_identities(self, numbers, known):
        """Return EC_No → (values, reminder lines) of the lines about to be written anew."""
        found = {}
        for number in numbers:
            line = self.env["account.move.line"].browse(known[number][0])
            values = {name: line._fields[name].convert_to_write(line[name], line) for name in IDENTITY}
            found[number] = values, line.followup_reminder_line_ids
        return found

    def _give_identities(self, job, identities):
        if not identities:
            return
        domain = [("sage_database_id", "=", job.database.id), ("sage_ec_no", "in", list(identities))]
        for line in self.env["account.move.line"].search(domain):
            values, reminder_lines = identities[line.sage_ec_no]
            line.write(values)
            reminder_lines.exists().move_line_id = line

    def _rewrite_or_refuse(self, job, move, owner, known, staying):
        """Rewrite a move, or note why it stays as it was."""
        piece, items = owner or ((move.name, move.date, ""), [])
        if not all(self._is_free(job, piece, items, day) for day in {move.date, piece[1]}):
            return
        try:
            with self.env.cr.savepoint():
                self._rewrite_move(job, move, piece, items, known, staying)
        except (UserError, ValidationError) as error:
            self._refuse(job, piece, items, error)

    def _rewrite_move(self, job, move, piece, items, known, staying):
        lines = {line.sage_ec_no: line for line in move.line_ids if line.sage_ec_no}
        job.count("entries_removed", len(lines.keys() - staying))
        move.line_ids.remove_move_reconcile()
        move.line_ids.sage_matching = False
        if move.state == "posted":
            move.button_draft()
        if not items:
            move.unlink()
            return
        kept = {item["entry"].ec_no for item in items}
        self._free_numbers([known[number][0] for number in kept if number in known and number not in lines])
        header = self._prepare_move(job, piece, items)
        values = {name: header[name] for name in ("name", "date", "ref", "partner_id")}
        move.write({**values, "line_ids": self._prepare_commands(job, move, lines, items, kept)})
        move._post(soft=False)
        job.count("entries_updated", len(items))

    def _prepare_commands(self, job, move, lines, items, kept):
        """Return the changes of a move's lines: the counterpart is made anew, the lines that go on are written."""
        commands = [Command.delete(line.id) for line in move.line_ids if line.sage_ec_no not in kept]
        for item in items:
            line = lines.get(item["entry"].ec_no)
            values = self._prepare_sage_line(job, item)
            commands.append(Command.update(line.id, values) if line else Command.create(values))
        return commands + [Command.create(values) for values in self._prepare_counterpart(job, items)]

    def _free_numbers(self, line_ids):
        """Take its number off a line that goes to another piece, for its successor there."""
        if line_ids:
            lines = self.env["account.move.line"].browse(line_ids).exists()
            lines.sage_ec_no = 0
            lines.flush_recordset(["sage_ec_no"])
