from odoo import api, fields, models
from odoo.exceptions import UserError


class FollowupPenaltyWizard(models.TransientModel):
    """“Payment of penalties”: how much, when; “Waive penalties”: why."""

    _name = "followup.penalty.wizard"
    _description = "Payment or waiver of penalties"

    kind = fields.Selection([("payment", "Payment"), ("waiver", "Waiver")], required=True, default="payment")
    claim_ids = fields.Many2many("followup.penalty.claim", string="Claims", required=True)
    is_single = fields.Boolean(compute="_compute_summary")
    currency_id = fields.Many2one("res.currency", compute="_compute_summary")
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, string="Amount paid")
    day = fields.Date(string="Paid on", default=lambda self: self.env.company.sudo()._followup_today())
    reason = fields.Char(help="Kept with the claims.")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("claim_ids", "kind")
    def _compute_summary(self):
        """How many, for how much, each currency apart."""
        for wizard in self:
            claims = wizard.claim_ids
            wizard.is_single = len(claims) == 1
            wizard.currency_id = claims.currency_id[:1]
            amounts = " + ".join(
                currency.format(sum(some.mapped("rest"))) for currency, some in claims.grouped("currency_id").items()
            )
            if len(claims) == 1:
                wizard.summary = self.env._(
                    "%(claim)s: %(amount)s left to pay.", claim=claims.display_name, amount=amounts
                )
            else:
                wizard.summary = self.env._(
                    "%(count)s claims: %(amount)s left to pay.", count=len(claims), amount=amounts
                )

    @api.depends("claim_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.claim_ids.rest if len(wizard.claim_ids) == 1 else 0

    def action_apply(self):
        """Note the payment or the waiver on the claims."""
        self.ensure_one()
        self.claim_ids._check_may_decide()
        # What was decided meanwhile, by somebody else, is not decided twice.
        claims = self.claim_ids.sudo()
        claims.lock_for_update()
        claims = claims.filtered(lambda claim: claim.state in ("claimed", "part"))
        if self.kind == "payment":
            if not self.day:
                raise UserError(self.env._("Say on which day it was paid."))
            for company in claims.company_id:
                if self.day > company._followup_today():
                    raise UserError(self.env._("A payment is noted once it is made: choose today or a past day."))
            for claim in claims:
                claim._pay(self.amount if self.is_single else claim.rest, self.day)
        else:
            if not (self.reason or "").strip():
                raise UserError(self.env._("Say why the penalties are waived."))
            claims._waive(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
