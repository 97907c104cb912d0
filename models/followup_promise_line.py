from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FollowupPromiseLine(models.Model):
    """Due line, or part of one, that a customer promised to pay."""

    _name = "followup.promise.line"
    _inherit = ["followup.debt.line.mixin"]
    _description = "Promised due line"
    _order = "promise_id, id"
    _check_company_auto = True
    _holder = "promise_id"

    promise_id = fields.Many2one("followup.promise", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="promise_id.company_id")
    open_amount = fields.Monetary(help="What was open on the day of the promise, in the currency of the line.")
    amount = fields.Monetary(string="Promised")
    received = fields.Monetary(compute="_compute_received", help="Received by the last day of the promise.")

    _line_uniq = models.UniqueIndex("(promise_id, move_line_id)", "This due line is already in the promise.")

    def _compute_received(self):
        received = {}
        for row in self.promise_id._fetch_progress().values():
            received |= row["received_lines"]
        for line in self:
            line.received = received.get(str(line._origin.id), 0)

    def _check_debtor(self):
        if self.move_line_id.sudo().currency_id != self.promise_id.currency_id:
            raise ValidationError(
                self.env._("A promise is in one currency: make one for each currency of the customer.")
            )
        return super()._check_debtor()

    @api.model_create_multi
    def create(self, vals_list):
        promise_ids = {vals["promise_id"] for vals in vals_list if vals.get("promise_id")}
        self.env["followup.promise"].browse(promise_ids)._check_to_come()
        return super().create(vals_list)

    def write(self, vals):
        self.promise_id._check_to_come()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        self.promise_id._check_to_come()

    def _describe_not_open(self, document):
        return self.env._("%(document)s is not an open due line: nothing can be promised of it.", document=document)

    def _describe_wrong_amount(self, document, amount):
        return self.env._(
            "%(document)s: promise more than zero and at most %(amount)s.", document=document, amount=amount
        )
