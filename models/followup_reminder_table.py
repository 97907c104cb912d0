from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

from odoo import api, fields, models


class FollowupLevel(models.Model):
    """Which lines the table of a message shows, and how."""

    _inherit = "followup.level"

    table_content = fields.Selection(
        [("due", "The lines due"), ("open", "All the open lines")],
        string="Table",
        required=True,
        default="due",
        help="All the open lines: those that are not claimed follow, apart, down to the balance of the account.",
    )
    table_not_due = fields.Boolean(
        string="With what is not yet due", default=True, help="Listed apart, and not claimed."
    )
    table_by_level = fields.Boolean(string="Level by level", help="The lines due, gathered by the level they reach.")
    table_credits_apart = fields.Boolean(
        string="Credits apart", help="Payments and credit notes follow the invoices, with their own total."
    )


@dataclass(slots=True)
class Row:
    """One line of a table. Amounts are in the currency of the table."""

    document: str
    document_date: date
    due_date: date
    days_late: int
    amount: float
    paid: float
    residual: float
    carried: str = ""


@dataclass(slots=True)
class Section:
    """Lines that go together, under a title or under none."""

    title: str = ""
    rows: list = field(default_factory=list)

    @property
    def total(self):
        """Sum of the balances of its lines."""
        return sum(row.residual for row in self.rows)


class FollowupReminder(models.Model):
    """The table of a message: its lines, the credits, and what else is open, as its level asks for."""

    _inherit = "followup.reminder"

    other_line_ids = fields.Many2many(
        "account.move.line",
        string="Other open lines",
        compute="_compute_other_line_ids",
        compute_sudo=True,
        help="Open on the account and not in the message, when its level shows them.",
    )

    @api.depends("level_id", "line_ids.move_line_id", "partner_id")
    def _compute_other_line_ids(self):
        """One query for all the messages whose level shows everything open, none for the others."""
        asking = self.filtered(lambda reminder: reminder.level_id.table_content == "open")
        (self - asking).other_line_ids = False
        if not asking:
            return
        partners = asking.partner_id.commercial_partner_id | asking.line_ids.partner_id
        Line = self.env["account.move.line"]
        found = Line.search(Line._followup_open_domain(partners, asking.company_id, listed=True))
        by_owner = found.grouped(lambda line: (line.company_id, line.partner_id.commercial_partner_id))
        for reminder in asking:
            owners = reminder.partner_id.commercial_partner_id | reminder.line_ids.partner_id
            lines = found.browse()
            for owner in owners:
                lines |= by_owner.get((reminder.company_id, owner), found.browse())
            lines -= reminder.line_ids.move_line_id
            reminder.other_line_ids = lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _get_tables(self):
        """The tables of the message, one a currency: currencies are never added together.

        Each has its lines claimed (`sections`, then `total`), and those not claimed (`others`, then `balance`).
        """
        self.ensure_one()
        claimed = {currency: (lines, total) for currency, lines, total in self._lines_by_currency()}
        others = self._get_other_sections()
        nothing = self.env["followup.reminder.line"]
        tables = []
        for currency in [*claimed, *(currency for currency in others if currency not in claimed)]:
            lines, total = claimed.get(currency, (nothing, 0))
            sections = self._get_sections(lines)
            rows = [row for section in sections for row in section.rows]
            self._carry(rows, currency)
            open_sections = others.get(currency, [])
            every = rows + [row for section in open_sections for row in section.rows]
            tables.append(
                SimpleNamespace(
                    currency=currency,
                    lines=lines,
                    sections=sections,
                    total=total,
                    others=open_sections,
                    balance=sum(row.residual for row in every),
                    show_late=any(row.days_late > 0 for row in every),
                    show_paid=any(not currency.is_zero(row.paid) for row in every),
                )
            )
        return tables

    def _get_sections(self, lines):
        """The lines of the message in the order and under the titles that its level asks for."""
        level = self.level_id
        credits_apart = level.table_credits_apart
        debts = lines.filtered(lambda line: line.residual >= 0 or not (credits_apart or level.table_by_level))
        if level.table_by_level:
            sections = [
                Section(reached.name or "", list(map(self._get_row, part)))
                for reached, part in sorted(
                    debts.grouped("level_id").items(), key=lambda item: (item[0].sequence, item[0].id), reverse=True
                )
            ]
        else:
            sections = [Section("", list(map(self._get_row, debts)))] if debts else []
        if rest := lines - debts:
            sections.append(Section(self.env._("Payments and credit notes"), list(map(self._get_row, rest))))
        return sections

    def _get_other_sections(self):
        """{currency: [Section]} of what is open and not claimed by this message."""
        sections = defaultdict(list)
        if self.level_id.table_content != "open":
            return sections
        parts = {
            self.env._("Other overdue lines, not claimed here"): [],
            self.env._("Not yet due"): [],
            self.env._("Payments and credit notes not allocated"): [],
        }
        overdue, not_due, credits_left = parts.values()
        for line in self.other_line_ids:
            if line.amount_residual_currency < 0:
                credits_left.append((line, line.amount_residual_currency))
            elif (line.date_maturity or line.date) < self.date:
                overdue.append((line, line.amount_residual_currency))
            elif self.level_id.table_not_due:
                not_due.append((line, line.amount_residual_currency))
        for listed in self.line_ids.filtered(lambda one: one.residual < 0 and one.move_line_id):
            # What the message did not need of a credit.
            line = listed.move_line_id.sudo()
            left = line.amount_residual_currency - listed.residual
            if left < 0 and not listed.currency_id.is_zero(left):
                credits_left.append((line, left))
        for title, lines in parts.items():
            by_currency = defaultdict(list)
            for line, residual in lines:
                by_currency[line.currency_id].append(self._get_open_row(line, residual))
            for currency, rows in by_currency.items():
                sections[currency].append(Section(title, rows))
        return sections

    def _get_row(self, line):
        """A line of the message."""
        return Row(
            line.document or "",
            line.document_date,
            line.due_date,
            line.days_late,
            line.amount,
            line.paid,
            line.residual,
        )

    def _get_open_row(self, line, residual):
        """An open line of the account, with what is left of it."""
        due = line.date_maturity or line.date
        amount = line.amount_currency if residual == line.amount_residual_currency else residual
        return Row(
            line.followup_document or line.name or "",
            line.invoice_date or line.date,
            due if residual > 0 else None,
            max((self.date - due).days, 0) if residual > 0 else 0,
            amount,
            amount - residual,
            residual,
        )

    def _carry(self, rows, currency):
        """Give each row the sum of the balances down to it: what a page carries over to the next."""
        if self.channel == "email":
            return
        total = 0
        for row in rows:
            total += row.residual
            row.carried = currency.with_env(self.env).format(total)
