from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FollowupDisputeLine(models.Model):
    """Due line, or part of one, that a customer contests."""

    _name = "followup.dispute.line"
    _description = "Disputed due line"
    _order = "dispute_id, id"
    _check_company_auto = True

    dispute_id = fields.Many2one("followup.dispute", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Due line", required=True, index=True, ondelete="cascade", check_company=True
    )
    document = fields.Char(related="move_line_id.followup_document")
    due_date = fields.Date(related="move_line_id.date_maturity", string="Due date")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    open_amount = fields.Monetary(
        string="Balance due",
        compute="_compute_amounts",
        store=True,
        precompute=True,
        help="What was open when the dispute was opened, in the currency of the line.",
    )
    amount = fields.Monetary(
        string="Disputed", compute="_compute_amounts", store=True, precompute=True, readonly=False, required=True
    )

    _line_uniq = models.UniqueIndex("(dispute_id, move_line_id)", "This due line is already in the dispute.")

    @api.depends("move_line_id")
    def _compute_amounts(self):
        for line in self:
            line.open_amount = line.amount = line.move_line_id.amount_residual_currency

    @api.constrains("move_line_id", "amount")
    def _check_lines(self):
        for line in self:
            move_line, dispute = line.move_line_id.sudo(), line.dispute_id
            document = move_line.followup_document or move_line.display_name
            if not move_line.followup_kind or move_line.parent_state != "posted" or line.open_amount <= 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s is not an open due line: nothing of it can be disputed.", document=document
                    )
                )
            if move_line.partner_id.commercial_partner_id != dispute.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s is not a debt of %(customer)s.",
                        document=document,
                        customer=dispute.partner_id.display_name,
                    )
                )
            compare = line.currency_id.compare_amounts
            if compare(line.amount, 0) <= 0 or compare(line.amount, line.open_amount) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: dispute more than zero and at most %(amount)s.",
                        document=document,
                        amount=line.currency_id.format(line.open_amount),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.dispute_id._write_lines(lines.move_line_id)
        return lines

    def write(self, vals):
        before = self.move_line_id
        result = super().write(vals)
        self.dispute_id._write_lines(before | self.move_line_id)
        return result

    def unlink(self):
        disputes, lines = self.dispute_id, self.move_line_id
        result = super().unlink()
        disputes._write_lines(lines)
        return result
