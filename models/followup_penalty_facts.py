from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ..lib import penalties
from ..lib.penalties import ZERO, Debt, Regime

#: What decides which law a customer falls under.
PARTNER_FIELDS = [
    "company_registry",
    "followup_debtor_regime",
    "followup_penalty_waiver",
    "followup_proceedings",
    "followup_proceedings_date",
    "is_company",
    "vat",
]


class PenaltyRow(NamedTuple):
    """A line that a message lists; amounts as text, in the currency of the line."""

    id: int
    reminder_id: int
    move_line_id: int | None
    move_id: int | None
    partner_id: int
    date: object
    document: str | None
    document_date: object
    due_date: object
    currency_id: int
    digits: int
    residual: str
    residual_company: str
    withheld: str
    shown_only: bool
    is_companion: bool


class FollowupReminder(models.Model):
    """What the books and the customers' files say of the lines that messages claim penalties for, set-wise."""

    _inherit = "followup.reminder"

    def _fetch_penalty_rows(self):
        """Lines of these messages, credits included: [PenaltyRow], the oldest due date first."""
        self.flush_recordset()
        self.env["followup.reminder.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rl.id, rl.reminder_id, rl.move_line_id, l.move_id, rl.partner_id, r.date, rl.document,
                       rl.document_date, rl.due_date, rl.currency_id, y.decimal_places, rl.residual::text,
                       rl.residual_company::text,
                       (COALESCE(rl.promised, 0) + COALESCE(rl.disputed, 0) + COALESCE(rl.in_process, 0))::text,
                       COALESCE(rl.shown_only, FALSE), r.companion_of_id IS NOT NULL
                  FROM followup_reminder_line rl
                  JOIN followup_reminder r ON r.id = rl.reminder_id
                  JOIN res_currency y ON y.id = rl.currency_id
             LEFT JOIN account_move_line l ON l.id = rl.move_line_id
                 WHERE rl.reminder_id = ANY(%s)
              ORDER BY rl.due_date, rl.id
                """,
                self.ids,
            )
        )
        return [PenaltyRow._make(row) for row in rows]

    def _fetch_part_payments(self, line_ids):
        """{due line id: [(day, amount in its currency)]} of what was paid on it.

        A credit note is no payment: it corrects the invoice, and what it takes off was never owed.
        """
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(["date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.debit_move_id, c.date, p.debit_amount_currency::text
                  FROM account_partial_reconcile p
                  JOIN account_move_line c ON c.id = p.credit_move_id
                  JOIN account_move m ON m.id = c.move_id
                  JOIN account_journal j ON j.id = c.journal_id
                 WHERE p.debit_move_id = ANY(%s)
                   AND p.debit_amount_currency > 0
                   AND m.move_type <> 'out_refund'
                   AND j.type <> 'sale'
                """,
                list(line_ids),
            )
        )
        found = defaultdict(list)
        for line_id, day, amount in rows:
            found[line_id].append((day, Decimal(amount)))
        return found

    def _fetch_notices(self, line_ids):
        """{due line id: day of its first formal notice that left}."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT rl.move_line_id, MIN(COALESCE(r.posted_on, r.date))
                      FROM followup_reminder_line rl
                      JOIN followup_reminder r ON r.id = rl.reminder_id
                      JOIN followup_level v ON v.id = r.level_id
                     WHERE rl.move_line_id = ANY(%s) AND r.state = 'sent' AND v.phase = 'notice'
                  GROUP BY rl.move_line_id
                    """,
                    list(line_ids),
                )
            )
        )

    def _fetch_penalty_claims(self, move_ids):
        """({due line id: (paid, waived)} of the interest already claimed,
        {(move id, document): …} and {due line id: …} of the indemnities)."""
        claims = (
            self.env["followup.penalty.claim"]
            .sudo()
            .search_fetch(
                [("move_id", "in", list(move_ids))],
                ["kind", "move_line_id", "move_id", "document", "paid_amount", "waived"],
            )
        )
        interest, by_document, by_line = {}, {}, {}
        for claim in claims:
            value = Decimal(str(claim.paid_amount)), claim.waived
            if claim.kind == "interest":
                interest[claim.move_line_id.id] = value
            else:
                by_document[claim.move_id.id, claim.document or None] = value
                by_line[claim.move_line_id.id] = value
        return interest, by_document, by_line

    def _get_penalty_customers(self, company, partner_ids):
        """{customer id: (Regime, day of the insolvency judgment or None, whether penalties are waived)}."""
        partners = self.env["res.partner"].sudo().with_company(company).browse(partner_ids)
        partners.fetch(PARTNER_FIELDS)
        excluded_ids = self._fetch_left_out_by_sage(company)
        found = {}
        for partner in partners:
            regime = Regime(partner.followup_debtor_regime or partner._find_debtor_regime())
            # Nobody may waive what a public buyer owes.
            waived = regime != Regime.PUBLIC and (
                partner.followup_penalty_waiver == "waived"
                or (not partner.followup_penalty_waiver and partner.id in excluded_ids)
            )
            judged = partner.followup_proceedings_date if partner.followup_proceedings else None
            found[partner.id] = regime, judged, waived
        return found

    def _fetch_left_out_by_sage(self, company):
        """{customer id} of those that Sage leaves out of penalties (CT_NotPenal)."""
        self.env["sage100.customer"].flush_model(["company_id", "no_penalty", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.commercial_partner_id
                  FROM sage100_customer c
                  JOIN res_partner p ON p.id = c.partner_id
                 WHERE c.company_id = %s AND c.no_penalty
                """,
                company.id,
            )
        )
        return {number for (number,) in rows}


class PenaltyBook:
    """The lines of messages of one company, and the interest of each."""

    def __init__(self, reminders, company):
        self.terms = company._get_penalty_terms()
        self.table = reminders.env["followup.interest.rate"]._get_table()
        rows = reminders._fetch_penalty_rows()
        self.debts = [
            row
            for row in rows
            if row.due_date and row.due_date < row.date and self._claimed(row) > ZERO and row.move_line_id
        ]
        self.customers = reminders._get_penalty_customers(company, {row.partner_id for row in self.debts})
        self.debts = [row for row in self.debts if self.regime(row)]
        line_ids = {row.move_line_id for row in self.debts}
        self.payments = reminders._fetch_part_payments(line_ids) if line_ids else {}
        consumers = {row.move_line_id for row in self.debts if self.regime(row) == Regime.CONSUMER}
        self.notices = reminders._fetch_notices(consumers) if consumers else {}
        self.credits = self._spread_credits(rows)
        claims = reminders._fetch_penalty_claims({row.move_id for row in self.debts}) if line_ids else ({}, {}, {})
        self.interest_claims, self.document_claims, self.line_claims = claims

    @staticmethod
    def _claimed(row):
        """What the message claims of the line: nothing is asked on what is disputed, promised or under way."""
        return ZERO if row.shown_only else Decimal(row.residual) - Decimal(row.withheld)

    def regime(self, row):
        """The law that the line falls under; None when nothing is asked of the customer."""
        regime, judged_on, waived = self.customers[row.partner_id]
        if waived:
            return None
        if judged_on and (row.document_date or row.due_date) < judged_on:
            return None  # Regime.PROCEEDINGS: debts born before the judgment bear nothing
        return regime

    def _spread_credits(self, rows):
        """{(message, line): [(day, amount)]}: the credits that a message deducts, as payments of its oldest debts."""
        credits, debts = defaultdict(list), defaultdict(list)
        for row in rows:
            key, residual = (row.reminder_id, row.currency_id), Decimal(row.residual)
            if row.shown_only:
                continue
            if residual < ZERO:
                credits[key].append((row.document_date or row.date, -residual))
            elif row.due_date:
                debts[key].append((row.id, row.due_date, self._claimed(row)))
        found = {}
        for key, some in credits.items():
            found.update(penalties.spread(some, debts[key]))
        return found

    def compute(self, row):
        """(Interest, part already paid) of one line."""
        regime = self.regime(row)
        paid = self.payments.get(row.move_line_id, [])
        debt = Debt(
            due=row.due_date,
            amount=self._claimed(row) + sum((amount for _day, amount in paid), ZERO),
            payments=(*paid, *self.credits.get(row.id, ())),
            regime=regime,
            notice_on=self.notices.get(row.move_line_id),
        )
        already, waived = self.interest_claims.get(row.move_line_id, (ZERO, False))
        if waived:
            return penalties.Interest(), ZERO
        return penalties.compute(debt, row.date, self.terms, self.table), already

    def was_paid_in_part(self, row):
        """Whether something was paid on the line, so that the order of imputation matters."""
        return bool(self.payments.get(row.move_line_id) or self.credits.get(row.id))

    def indemnity(self, row):
        """(indemnity, part already paid) that the line makes due, in the company's currency."""
        if not penalties.bears_indemnity(self.regime(row)):
            return ZERO, ZERO
        if self.terms.per_instalment:
            already, waived = self.line_claims.get(row.move_line_id, (ZERO, False))
        else:
            already, waived = self.document_claims.get((row.move_id, row.document), (ZERO, False))
        if waived:
            return ZERO, ZERO
        return self.terms.indemnity, already

    def indemnity_key(self, row):
        """What the indemnity is due once for."""
        return row.move_line_id if self.terms.per_instalment else (row.move_id, row.document)
