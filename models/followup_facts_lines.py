from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .followup_facts_values import Books, LineRow

#: Columns of `account_move_line` that a row has as they are, in its order.
COLUMNS = """
    l.id, p.commercial_partner_id, l.move_id, l.journal_id, l.account_id, l.date_maturity, l.date,
    COALESCE(l.invoice_date, l.date), l.amount_residual::text, l.amount_residual_currency::text, l.currency_id,
    l.followup_level_id, l.followup_date,
    COALESCE(l.no_followup, FALSE) OR l.move_id IN (
        SELECT id FROM account_move WHERE payment_state = 'blocked' AND company_id = %(company)s
    ),
    %(automatic)s, COALESCE(l.followup_stop, FALSE), l.followup_stop_until,
    l.followup_promised_until, NULLIF(l.followup_promised_amount, 0)::text, l.followup_promised_rest::text,
    COALESCE(l.followup_disputed, FALSE), NULLIF(l.followup_disputed_amount, 0)::text, l.followup_not_before,
    l.followup_forced_level_id, COALESCE(l.followup_handed_over, FALSE),
    l.amount_residual_currency = l.amount_currency
"""


class AccountMove(models.Model):
    """Invoices that a person blocked: few, and read each time an account is."""

    _inherit = "account.move"

    _followup_blocked_idx = models.Index("(company_id) WHERE payment_state = 'blocked'")


class FollowupFacts(models.AbstractModel):
    """What the books say: open lines, and payments on their way."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_open_lines(self, company, partner_ids=None):
        """Open posted lines of the followed accounts of `company`, by customer.

        Amounts come as text: Odoo reads numeric columns as floats.
        The conditions on the account and on `reconciled` are those of core's partial index. Lines
        without a partner belong to nobody and cannot be chased.
        """
        self._flush_facts()
        kinds = dict(
            self.env.execute_query(SQL("SELECT id, followup_kind FROM account_account WHERE followup_kind IS NOT NULL"))
        )
        currencies = dict(self.env.execute_query(SQL("SELECT id, name FROM res_currency")))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(columns)s
                  FROM account_move_line l
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.company_id = %(company)s
                   AND l.account_id = ANY(%(accounts)s)
                   AND l.parent_state = 'posted'
                   AND (l.reconciled IS NULL OR l.reconciled = FALSE)
                   AND (l.amount_residual <> 0 OR l.amount_residual_currency <> 0)
                   %(partners)s
                 ORDER BY p.commercial_partner_id, l.date_maturity, l.id
                """,
                columns=SQL(COLUMNS, company=company.id, automatic=self._sql_automatic_payment()),
                company=company.id,
                accounts=list(kinds),
                partners=SQL("")
                if partner_ids is None
                else SQL("AND p.commercial_partner_id = ANY(%s)", list(partner_ids)),
            )
        )
        return Books([LineRow._make(values) for values in rows], kinds, currencies)

    @api.model
    def _flush_facts(self):
        """Write pending values of the tables that the queries of the facts read."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type", "payment_state"])
        self.env["account.account"].flush_model(["followup_kind"])
        self.env["res.partner"].flush_model(["commercial_partner_id", "followup_payer_id"])

    @api.model
    def _sql_automatic_payment(self):
        """Is line `l` to be collected by us (direct debit, LCR)? Then it is not chased."""
        return SQL("COALESCE(l.followup_automatic_payment, FALSE)")

    @api.model
    def _fetch_in_process(self, company, rows_by_partner):
        """{line id: part, in its currency, that payments on their way cover}.

        T01: since Odoo 18 a payment may have no entry until the bank statement has it; the invoice is then "in
        payment", its line still open. A payment tied to invoices covers their lines; another one covers what is
        oldest. A payment in another currency than the line covers it whole.
        """
        self.env["account.payment"].flush_model()
        payments = self.env.execute_query(
            SQL(
                """
                SELECT p.commercial_partner_id, y.currency_id, y.amount::text, y.state,
                       ARRAY_REMOVE(ARRAY_AGG(r.invoice_id), NULL)
                  FROM account_payment y
                  JOIN res_partner p ON p.id = y.partner_id
             LEFT JOIN account_move__account_payment r ON r.payment_id = y.id
                 WHERE y.company_id = %s
                   AND y.move_id IS NULL
                   AND y.state IN ('in_process', 'paid')
                   AND y.partner_type = 'customer'
                   AND y.payment_type = 'inbound'
              GROUP BY p.commercial_partner_id, y.id
              ORDER BY y.id
                """,
                company.id,
            )
        )
        covered = defaultdict(Decimal)
        for partner_id, currency_id, amount, state, move_ids in payments:
            left = Decimal(amount)
            for row in rows_by_partner.get(partner_id, ()):
                residual = Decimal(row.residual_currency)
                if not left or residual <= 0 or not self._is_covered(row, state, move_ids):
                    continue
                if row.currency_id != currency_id:
                    if move_ids:
                        covered[row.id] = residual
                    continue
                part = min(left, residual - covered[row.id])
                covered[row.id] += part
                left -= part
        return {line_id: part for line_id, part in covered.items() if part}

    @api.model
    def _is_covered(self, row, state, move_ids):
        """Whether a payment without entry may be for this line.

        Once "paid", it is only when it was tied to the invoice and no entry came since: an open line untouched.
        """
        if move_ids:
            return row.move_id in move_ids and (state == "in_process" or row.untouched)
        return state == "in_process"
