import hashlib
from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from ..lib.sage100.opening_entries import Anomaly
from ..lib.sage100.values import is_automatic
from .sage100_job import chunks

SIZE = 200
# Beyond this share of the known entries (and this number), entries missing from Sage mean a base restored or a wrong
# one.
MISSING_SHARE, MISSING_NUMBER = 0.2, 50
# Entries are complete and balanced when they reach the ORM: nothing to derive, nothing to check twice. A mirror has no
# analytics: Sage keeps its own.
CONTEXT = {
    "skip_analytic_sync": True,
    "skip_invoice_sync": True,
    "check_move_validity": False,
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "skip_account_move_synchronization": True,
}


def digest(*values):
    """Return a short stable digest of some values."""
    return hashlib.blake2b("\x1f".join(map(str, values)).encode(), digest_size=8).hexdigest()


def hard_digest(entry):
    """Return what cannot change on a posted line without rewriting it."""
    return digest(
        entry.journal,
        entry.date,
        entry.piece,
        entry.account,
        entry.customer,
        entry.amount,
        entry.currency,
        entry.amount_currency,
    )


class Sage100LoaderEntry(models.AbstractModel):
    """Entries of Sage → posted mirror moves, one a piece; nothing twice, nothing written for what did not change."""

    _name = "sage100.loader.entry"
    _description = "Sage 100 import: entries"

    def _load(self, job):
        """Create, change and remove lines so that Odoo holds exactly the kept entries."""
        job.checkpoint(self.env._("Entries"))
        self.env["sage100.loader.account"]._load(job)
        self._note_findings(job)
        currencies = self.env["sage100.loader.account"]._get_currencies(job)
        wanted = self._get_wanted(job, currencies)
        job.count("entries_kept", len(wanted))
        known = self._get_known(job)
        self._rename_recreated(job, wanted, known)
        self._check_missing(job, wanted, known)
        self._sort_out(job, wanted, known)

    # What must be, what is

    def _note_findings(self, job):
        """Turn what the reader and the opening plan found into rows to look at."""
        entries = {entry.ec_no: entry for entry in job.snapshot.entries}
        labels = dict(self.env["sage100.issue"]._selection_reason())
        for finding in job.plan.findings:
            entry = entries[finding.ec_no]
            job.issue(
                "warning",
                finding.anomaly.value,
                self.env._(
                    "%(reason)s: %(document)s of %(date)s, customer %(number)s.",
                    reason=labels[finding.anomaly.value],
                    document=entry.document or entry.label,
                    date=entry.date.strftime("%d/%m/%Y"),
                    number=entry.customer,
                ),
                sage_table="F_ECRITUREC",
                sage_key=str(entry.ec_no),
                customer_number=entry.customer,
                partner_id=job.partners.get(entry.customer),
                sage_amount=float(finding.amount),
                odoo_amount=0.0 if finding.anomaly != Anomaly.BALANCE_DIFFERS else float(finding.amount),
            )
        for reject in job.snapshot.rejects:
            message = self.env._("%(reason)s: %(detail)s", reason=labels[reject.reason.value], detail=reject.detail)
            job.issue("rejected", reject.reason.value, message, sage_table=reject.table, sage_key=reject.key)

    def _get_wanted(self, job, currencies):
        """Return EC_No → values of the line, for the kept entries of customers known in Odoo."""
        return {
            entry.ec_no: self._prepare_line(job, entry, currencies)
            for entry in job.snapshot.entries
            if job.plan.kept(entry.ec_no) and entry.customer in job.partners
        }

    def _prepare_line(self, job, entry, currencies):
        """Return what identifies the piece and the line, and the line's values: hard ones and soft ones."""
        company_currency = job.company.currency_id
        currency, foreign = currencies[entry.currency], entry.amount_currency
        if currency == company_currency or not foreign or (foreign > 0) != (entry.amount > 0):
            # An exchange difference has no amount in currency; opposite signs are refused by Odoo.
            currency, foreign = company_currency, entry.amount
        mode = job.snapshot.payment_modes.get(entry.payment_mode, "")
        current = job.plan.current.get(entry.ec_no, entry.ec_no)
        hard = {
            "account_id": job.accounts[entry.account].id,
            "partner_id": job.partners[entry.customer],
            "balance": float(entry.amount),
            "amount_currency": currency.round(float(foreign)),
            "currency_id": currency.id,
        }
        soft = {
            "name": entry.label or entry.document,
            "date_maturity": entry.due_date or entry.date,
            "sage_current_ec_no": current,
            "sage_document": entry.document or False,
            "sage_reference": entry.reference or False,
            "sage_payment_mode": mode or False,
            "followup_automatic_payment": is_automatic(mode),
            "sage_reminders": entry.reminders,
            "sage_reminded_on": entry.reminded_on or False,
            "sage_closed": entry.closed,
        }
        fixed = {
            "sage_journal": entry.journal,
            "sage_piece": entry.piece or False,
            "no_followup": False,
            "analytic_distribution": False,
        }
        key = hard_digest(entry)
        return {
            "entry": entry,
            "piece": (entry.journal, entry.date, entry.piece),
            "hard": key,
            "hash": f"{key}:{digest(*soft.values())}",
            "vals": {**hard, **soft, **fixed},
            "soft": soft,
        }

    def _get_known(self, job):
        """Return EC_No → (line id, move id, hash) of what is in Odoo already."""
        self.env["account.move.line"].flush_model(["sage_database_id", "sage_ec_no", "sage_hash", "move_id"])
        query = SQL(
            "SELECT sage_ec_no, id, move_id, sage_hash FROM account_move_line WHERE sage_database_id = %s AND "
            "sage_ec_no <> 0",
            job.database.id,
        )
        return {row[0]: (row[1], row[2], row[3] or ":") for row in self.env.execute_query(query)}

    def _rename_recreated(self, job, wanted, known):
        """Give a line its new EC_No when Sage deleted and re-created the same entry (opening entries run again)."""
        missing = defaultdict(list)
        for number in sorted(known.keys() - wanted.keys()):
            missing[known[number][2].split(":")[0]].append(number)
        for number in sorted(wanted.keys() - known.keys()):
            same = missing.get(wanted[number]["hard"])
            if same:
                old = same.pop(0)
                known[number] = known.pop(old)
                self.env["account.move.line"].browse(known[number][0]).sage_ec_no = number

    def _check_missing(self, job, wanted, known):
        missing = len(known.keys() - wanted.keys())
        if missing > max(MISSING_NUMBER, MISSING_SHARE * len(known)):
            raise UserError(
                self.env._(
                    "Database %(name)s: %(missing)s of the %(known)s entries imported so far are no longer in Sage. "
                    "This looks like a base "
                    "restored or replaced: no entry was changed. Check the base, or the followed accounts and the "
                    "start date.",
                    name=job.database.name,
                    missing=missing,
                    known=len(known),
                )
            )

    # From one to the other

    def _sort_out(self, job, wanted, known):
        """Create new pieces, write light changes, rewrite the pieces whose amounts or lines changed."""
        pieces = defaultdict(list)
        for item in wanted.values():
            pieces[item["piece"]].append(item)
        dirty = {known[number][1] for number in known.keys() - wanted.keys()}
        for items in pieces.values():
            numbers = [item["entry"].ec_no for item in items]
            moves = {known[number][1] for number in numbers if number in known}
            stable = all(
                number in known and known[number][2].split(":")[0] == wanted[number]["hard"] for number in numbers
            )
            if moves and not (stable and len(moves) == 1):
                dirty |= moves
        new, changed, rewritten = [], [], []
        for piece, items in pieces.items():
            moves = {known[item["entry"].ec_no][1] for item in items if item["entry"].ec_no in known}
            if not moves:
                new.append((piece, items))
            elif moves & dirty:
                rewritten.append((piece, items))
            else:
                changed += [item for item in items if known[item["entry"].ec_no][2] != item["hash"]]
        self._rewrite(job, rewritten, dirty, known)
        self._write_soft(job, changed, known)
        self._create(job, new)

    def _write_soft(self, job, items, known):
        for chunk in chunks(items, SIZE):
            for item in chunk:
                line = self.env["account.move.line"].with_context(**CONTEXT).browse(known[item["entry"].ec_no][0])
                line.write({**item["soft"], "sage_hash": item["hash"]})
            job.count("entries_updated", len(chunk))
            job.checkpoint(self.env._("Entries"))

    def _create(self, job, pieces):
        free = [piece for piece in pieces if self._is_free(job, *piece)]
        done = 0
        for chunk in chunks(free, SIZE):
            self._create_pieces(job, chunk)
            done += len(chunk)
            job.checkpoint(self.env._("Entries: %(done)s pieces of %(total)s", done=done, total=len(free)))

    def _is_free(self, job, piece, items, day=None):
        """Return whether no lock date forbids a piece; posting would silently move it to another date otherwise."""
        day = day or piece[1]
        locks = job.company._get_violated_lock_dates(day, False, job.database.journal_id)
        if locks:
            message = self.env._(
                "Piece %(piece)s: a lock date of the company forbids %(date)s (%(locks)s). "
                "Lift the lock date, or import from a later date.",
                piece=self._get_name(piece),
                date=day.strftime("%d/%m/%Y"),
                locks=job.company._format_lock_dates(locks),
            )
            self._reject(job, "locked", message, items)
        return not locks

    def _create_pieces(self, job, pieces):
        """Create and post pieces all at once, else one by one: a refused one stops no other."""
        try:
            with self.env.cr.savepoint():
                Move = self.env["account.move"].with_context(**CONTEXT)
                moves = Move.create([self._prepare_move(job, piece, items) for piece, items in pieces])
                moves._post(soft=False)
        except (UserError, ValidationError) as error:
            if len(pieces) > 1:
                for piece in pieces:
                    self._create_pieces(job, [piece])
                return
            self._refuse(job, *pieces[0], error)
        else:
            job.count("entries_created", sum(len(items) for _piece, items in pieces))

    def _refuse(self, job, piece, items, error):
        message = self.env._("Piece %(piece)s refused: %(reason)s", piece=self._get_name(piece), reason=str(error))
        self._reject(job, "refused", message, items)

    @staticmethod
    def _reject(job, reason, message, items):
        """Note the lines of a piece that could not be written (the piece alone when Sage has none left)."""
        for item in items:
            entry = item["entry"]
            job.issue(
                "rejected",
                reason,
                message,
                sage_table="F_ECRITUREC",
                sage_key=str(entry.ec_no),
                customer_number=entry.customer,
                partner_id=job.partners[entry.customer],
                sage_amount=float(entry.amount),
            )
        if not items:
            job.issue("rejected", reason, message, sage_table="F_ECRITUREC")

    # Values of a move

    @staticmethod
    def _get_name(piece):
        """Return the move's name: what makes a piece, hence unique in the mirror journal."""
        journal, date, number = piece
        return f"{journal}/{date:%Y-%m-%d}/{number or '-'}"

    def _prepare_move(self, job, piece, items):
        partners = {item["vals"]["partner_id"] for item in items}
        return {
            "move_type": "entry",
            "name": self._get_name(piece),
            "sage_database_id": job.database.id,
            "journal_id": job.database.journal_id.id,
            "company_id": job.company.id,
            "currency_id": job.company.currency_id.id,
            "date": piece[1],
            "ref": self._get_ref(items),
            "fiscal_position_id": False,
            "partner_id": partners.pop() if len(partners) == 1 else False,
            "line_ids": [Command.create(vals) for vals in self._prepare_lines(job, items)],
        }

    @staticmethod
    def _get_ref(items):
        """Return the document of the piece when its lines share one."""
        documents = {item["entry"].document for item in items}
        return documents.pop() if len(documents) == 1 else items[0]["entry"].piece

    def _prepare_lines(self, job, items):
        lines = [self._prepare_sage_line(job, item) for item in items]
        return [*lines, *self._prepare_counterpart(job, items)]

    @staticmethod
    def _prepare_sage_line(job, item):
        return {
            **item["vals"],
            "sage_database_id": job.database.id,
            "sage_ec_no": item["entry"].ec_no,
            "sage_hash": item["hash"],
        }

    def _prepare_counterpart(self, job, items):
        """Return the line that balances the piece: none for a transfer between customer accounts."""
        total = sum((item["entry"].amount for item in items), Decimal(0))
        if not total:
            return []
        return [
            {
                "account_id": job.database.counterpart_account_id.id,
                "name": job.database.counterpart_account_id.name,
                "balance": float(-total),
                "amount_currency": float(-total),
                "currency_id": job.company.currency_id.id,
                "no_followup": True,
                "analytic_distribution": False,
            }
        ]
