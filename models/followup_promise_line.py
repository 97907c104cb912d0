from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FollowupPromiseLine(models.Model):
    """Due line, or part of one, that a customer promised to pay."""

    _name = "followup.promise.line"
    _description = "Promised due line"
    _order = "promise_id, id"
    _check_company_auto = True

    promise_id = fields.Many2one("followup.promise", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="promise_id.company_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Due line", required=True, index=True, ondelete="cascade", check_company=True
    )
    document = fields.Char(related="move_line_id.followup_document")
    due_date = fields.Date(related="move_line_id.date_maturity", string="Due date")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    open_amount = fields.Monetary(
        string="Balance due",
        compute="_compute_open_amount",
        store=True,
        precompute=True,
        readonly=True,
        help="What was open on the day of the promise, in the currency of the line.",
    )
    amount = fields.Monetary(
        string="Promised",
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    received = fields.Monetary(compute="_compute_received", help="Received by the last day of the promise.")

    _line_uniq = models.UniqueIndex("(promise_id, move_line_id)", "This due line is already in the promise.")

    @api.depends("move_line_id")
    def _compute_open_amount(self):
        """Balance on the day of the promise: it depends on the choice of the line, not on what is paid later."""
        for line in self:
            line.open_amount = line.move_line_id.amount_residual_currency

    @api.depends("move_line_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.move_line_id.amount_residual_currency

    def _compute_received(self):
        received = {}
        for row in self.promise_id._fetch_progress().values():
            received |= row["received_lines"]
        for line in self:
            line.received = received.get(str(line._origin.id), 0)

    @api.constrains("move_line_id", "amount")
    def _check_lines(self):
        for line in self:
            move_line, promise = line.move_line_id.sudo(), line.promise_id
            if not move_line.followup_kind or move_line.parent_state != "posted" or line.open_amount <= 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s is not an open due line: nothing can be promised of it.",
                        document=move_line.followup_document or move_line.display_name,
                    )
                )
            if move_line.currency_id != promise.currency_id:
                raise ValidationError(
                    self.env._("A promise is in one currency: make one for each currency of the customer.")
                )
            if move_line.partner_id.commercial_partner_id not in promise._get_debtors():
                raise ValidationError(
                    self.env._(
                        "%(document)s is not a debt of %(customer)s.",
                        document=move_line.followup_document or move_line.display_name,
                        customer=promise.partner_id.display_name,
                    )
                )
            compare = line.currency_id.compare_amounts
            if compare(line.amount, 0) <= 0 or compare(line.amount, line.open_amount) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: promise more than zero and at most %(amount)s.",
                        document=move_line.followup_document or move_line.display_name,
                        amount=line.currency_id.format(line.open_amount),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        promise_ids = {vals["promise_id"] for vals in vals_list if vals.get("promise_id")}
        self.env["followup.promise"].browse(promise_ids)._check_to_come()
        lines = super().create(vals_list)
        lines.promise_id._write_lines(lines.move_line_id)
        return lines

    def write(self, vals):
        self.promise_id._check_to_come()
        before = self.move_line_id
        result = super().write(vals)
        self.promise_id._write_lines(before | self.move_line_id)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        self.promise_id._check_to_come()

    def unlink(self):
        promises, lines = self.promise_id, self.move_line_id
        result = super().unlink()
        promises._write_lines(lines)
        return result
