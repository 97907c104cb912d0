from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FollowupDebtLineMixin(models.AbstractModel):
    """Due line, or part of one, of a record that says something of it: a promise, a dispute.

    That record tells whose debts it may take (`_get_debtors`) and writes on the due lines what the decision reads
    (`_write_lines`).
    """

    _name = "followup.debt.line.mixin"
    _description = "Due line"

    #: Name of the many2one to that record.
    _holder = None

    move_line_id = fields.Many2one(
        "account.move.line", string="Due line", required=True, index=True, ondelete="cascade", check_company=True
    )
    document = fields.Char(related="move_line_id.followup_document")
    due_date = fields.Date(related="move_line_id.date_maturity", string="Due date")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    open_amount = fields.Monetary(
        string="Balance due", compute="_compute_open_amount", store=True, precompute=True, readonly=True
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, precompute=True, readonly=False, required=True)

    @api.depends("move_line_id")
    def _compute_open_amount(self):
        """Balance on the day of the choice: it depends on the line chosen, not on what is paid later."""
        for line in self:
            line.open_amount = line.move_line_id.amount_residual_currency

    @api.depends("move_line_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.move_line_id.amount_residual_currency

    # Checks

    @api.constrains("move_line_id", "amount")
    def _check_lines(self):
        for line in self:
            line._check_open()
            line._check_debtor()
            line._check_amount()

    def _check_open(self):
        move_line = self.move_line_id.sudo()
        if not move_line.followup_kind or move_line.parent_state != "posted" or self.open_amount <= 0:
            raise ValidationError(self._describe_not_open(self._get_document_name()))

    def _check_debtor(self):
        holder = self[self._holder]
        if self.move_line_id.sudo().partner_id.commercial_partner_id not in holder._get_debtors():
            raise ValidationError(
                self.env._(
                    "%(document)s is not a debt of %(customer)s.",
                    document=self._get_document_name(),
                    customer=holder.partner_id.display_name,
                )
            )

    def _check_amount(self):
        compare = self.currency_id.compare_amounts
        if compare(self.amount, 0) <= 0 or compare(self.amount, self.open_amount) > 0:
            amount = self.currency_id.format(self.open_amount)
            raise ValidationError(self._describe_wrong_amount(self._get_document_name(), amount))

    def _get_document_name(self):
        move_line = self.move_line_id.sudo()
        return move_line.followup_document or move_line.display_name

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines[self._holder]._write_lines(lines.move_line_id)
        return lines

    def write(self, vals):
        before = self.move_line_id
        result = super().write(vals)
        self[self._holder]._write_lines(before | self.move_line_id)
        return result

    def unlink(self):
        holders, lines = self[self._holder], self.move_line_id
        result = super().unlink()
        holders._write_lines(lines)
        return result

    # Hooks

    def _describe_not_open(self, document):
        """Message for a line of which nothing is owed."""
        raise NotImplementedError

    def _describe_wrong_amount(self, document, amount):
        """Message for an amount that is not between zero and `amount`, what is open of the line."""
        raise NotImplementedError
