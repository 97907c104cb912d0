"""The natural way into Odoo: create, post, reconcile. What the bulk path must give the same columns as."""

from decimal import Decimal

from odoo.fields import Command

from ..lib.sage100.customer_plan import plan_customers, settle
from ..lib.sage100.lettering import Item
from ..lib.sage100.values import is_automatic


class OrmWay:
    """Loads entries (lib records) through the ORM, with the same plan as the loader."""

    CONTEXT = {
        "skip_analytic_sync": True,
        "skip_invoice_sync": True,
        "check_move_validity": False,
        "tracking_disable": True,
        "mail_create_nolog": True,
        "skip_account_move_synchronization": True,
    }

    def __init__(self, job, context, currencies, allot=False):
        self.job, self.context, self.currencies, self.allot = job, context, currencies, allot
        self.env = job.env
        self.database, self.company = job.database, job.company

    def load(self, entries):
        """Create, post and reconcile."""
        # For each new line Odoo looks for payments with a join that, on tables without statistics, tries every pair.
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        self.plan = plan_customers(entries, self.context)
        pieces = {}
        for entry in sorted(entries, key=lambda entry: entry.ec_no):
            if self.plan.openings.kept(entry.ec_no):
                pieces.setdefault((entry.journal, entry.date, entry.piece), []).append(entry)
        codes = self._get_codes(entries)
        moves = (
            self.env["account.move"]
            .with_context(**self.CONTEXT)
            .create([self._prepare_move(piece, items, codes) for piece, items in pieces.items()])
        )
        moves._post(soft=False)
        self._reconcile(moves.line_ids.filtered("sage_ec_no"), {entry.ec_no: entry for entry in entries})
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_nestloop = on")

    def _get_codes(self, entries):
        openings = self.plan.openings
        return {
            root: entry.lettering
            for entry in entries
            for root in openings.roots.get(entry.ec_no, ())
            if openings.current.get(root, root) == entry.ec_no
        }

    # Moves

    def _prepare_move(self, piece, items, codes):
        journal, date, number = piece
        partners = {self.job.partners[entry.customer] for entry in items}
        documents = {entry.document for entry in items}
        total = sum(entry.amount for entry in items)
        lines = [self._prepare_line(entry, codes) for entry in items]
        if total:
            lines.append(self._prepare_counterpart(total))
        return {
            "move_type": "entry",
            "name": f"{journal}/{date:%Y-%m-%d}/{number or '-'}",
            "sage_database_id": self.database.id,
            "journal_id": self.database.journal_id.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "date": date,
            "ref": (documents.pop() if len(documents) == 1 else number) or False,
            "partner_id": partners.pop() if len(partners) == 1 else False,
            # A mirror is neither taxed nor paid in Odoo
            "fiscal_position_id": False,
            "partner_bank_id": False,
            "preferred_payment_method_line_id": False,
            "line_ids": [Command.create(values) for values in lines],
        }

    def _prepare_line(self, entry, codes):
        company_currency = self.company.currency_id
        currency, foreign = self.currencies[entry.currency], entry.amount_currency
        if currency == company_currency or not foreign or not entry.amount or (foreign > 0) != (entry.amount > 0):
            currency, foreign = company_currency, entry.amount
        mode = self.job.snapshot.payment_modes.get(entry.payment_mode, "")
        free = dict(zip(("sage_free_1", "sage_free_2", "sage_free_3"), entry.free or (), strict=False))
        return {
            "account_id": self.job.accounts[entry.account].id,
            "partner_id": self.job.partners[entry.customer],
            "balance": float(entry.amount),
            "amount_currency": float(foreign),
            "currency_id": currency.id,
            "name": entry.label or entry.document or False,
            "date_maturity": entry.due_date or entry.date,
            "no_followup": False,
            "analytic_distribution": False,
            "sage_database_id": self.database.id,
            "sage_ec_no": entry.ec_no,
            "sage_current_ec_no": self.plan.openings.current.get(entry.ec_no, entry.ec_no),
            "sage_journal": entry.journal,
            "sage_piece": entry.piece or False,
            "sage_document": entry.document or False,
            "sage_reference": entry.reference or False,
            "sage_payment_mode": mode or False,
            "followup_automatic_payment": is_automatic(mode),
            "sage_reminders": entry.reminders,
            "sage_reminded_on": entry.reminded_on or False,
            "sage_closed": entry.closed,
            "sage_lettering": codes.get(entry.ec_no) or False,
            **{name: value or False for name, value in free.items()},
        }

    def _prepare_counterpart(self, total):
        account = self.database.counterpart_account_id
        return {
            "account_id": account.id,
            "name": account.name,
            "balance": float(-total),
            "amount_currency": float(-total),
            "currency_id": self.company.currency_id.id,
            "no_followup": True,
            "analytic_distribution": False,
        }

    # Reconciliations

    def _reconcile(self, lines, entries):
        by_number = {line.sage_ec_no: line for line in lines}
        items = {
            number: Item(
                number, Decimal(str(line.balance)), Decimal(str(line.amount_currency)), line.date_maturity or line.date
            )
            for number, line in sorted(by_number.items())
        }
        groups = [tuple(n for n in matching.lines if n in by_number) for matching in self.plan.matchings]
        piles = {
            number: (entries[number].customer, line.account_id.id, line.currency_id.id)
            for number, line in sorted(by_number.items())
        }
        settlements = settle(items, [group for group in groups if len(group) > 1], piles if self.allot else None)
        partials = self.env["account.partial.reconcile"].create(
            [
                {
                    "debit_move_id": by_number[share.debit].id,
                    "credit_move_id": by_number[share.credit].id,
                    "amount": float(share.amount),
                    "debit_amount_currency": float(share.debit_currency),
                    "credit_amount_currency": float(share.credit_currency),
                    "sage_database_id": self.database.id,
                }
                for settlement in settlements
                for share in settlement.shares
            ]
        )
        for settlement in settlements:
            members = lines.browse([by_number[number].id for number in settlement.lines])
            parts, partials = partials[: len(settlement.shares)], partials[len(settlement.shares) :]
            if parts and all(members.mapped("reconciled")):
                self.env["account.full.reconcile"].create(
                    {
                        "partial_reconcile_ids": [Command.link(part.id) for part in parts],
                        "reconciled_line_ids": [Command.link(member.id) for member in members],
                    }
                )
