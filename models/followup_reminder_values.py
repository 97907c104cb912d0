from odoo import api, fields, models


class FollowupReminder(models.Model):
    """What the texts say of a reminder besides its own fields: see `lib.placeholders`."""

    _inherit = "followup.reminder"

    amount_due_text = fields.Char(string="Amount chased, currency by currency", compute="_compute_value_texts")
    total_claimed_text = fields.Char(string="Total claimed, penalties included", compute="_compute_value_texts")
    documents_text = fields.Char(string="Documents listed", compute="_compute_value_texts")
    oldest_due_date = fields.Date(string="Oldest due date", compute="_compute_value_texts")
    payment_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account to pay to",
        compute="_compute_payment_bank_id",
        compute_sudo=True,
        help="The account of the first bank journal of the company, else its first bank account.",
    )

    @api.depends("line_ids.claimed", "line_ids.document", "line_ids.due_date", "penalty_mode")
    @api.depends_context("lang")
    def _compute_value_texts(self):
        for reminder in self:
            reminder.amount_due_text = reminder._format_totals(reminder._get_principals())
            reminder.total_claimed_text = reminder._format_totals(reminder._get_totals())
            debts = reminder.line_ids.filtered(lambda line: line.residual > 0)
            reminder.documents_text = ", ".join(dict.fromkeys(filter(None, debts.mapped("document"))))
            reminder.oldest_due_date = min(filter(None, debts.mapped("due_date")), default=False)

    @api.depends("company_id.bank_journal_ids.bank_account_id", "company_id.partner_id.bank_ids")
    def _compute_payment_bank_id(self):
        for reminder in self:
            company = reminder.company_id
            reminder.payment_bank_id = company.bank_journal_ids.bank_account_id[:1] or company.partner_id.bank_ids[:1]

    def _get_principals(self):
        """{currency: total of the lines claimed}, without penalties."""
        return {currency: total for currency, _lines, total in self._lines_by_currency()}

    def _get_totals(self):
        """{currency: what the message asks for}, with its penalties when it claims them."""
        if self.penalty_mode != "claim":
            return self._get_principals()
        return {currency: total for currency, *_parts, total in self._claimed_by_currency()}

    def _format_totals(self, totals):
        """“1 234,50 € + 500,00 $US”: currencies are never added together."""
        return " + ".join(
            currency.with_env(self.env).format(total) for currency, total in totals.items() if len(totals) == 1 or total
        )
