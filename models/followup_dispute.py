from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class FollowupDispute(models.Model):
    """Dispute: what a customer contests, why, who handles it, and when we look at it again.

    What is disputed is not chased; the rest of the account is. Once it is settled, its lines have a few days of grace.
    """

    _name = "followup.dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Dispute"
    _order = "state, review_date, id DESC"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    reason_id = fields.Many2one(
        "followup.dispute.reason", required=True, index=True, ondelete="restrict", tracking=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Handled by",
        help="Who has to settle the dispute, and is reminded of it.",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    opened_on = fields.Date(string="Opened on", required=True, default=lambda self: self._default_opened_on())
    review_date = fields.Date(
        string="Review on",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self._default_opened_on() + timedelta(days=30),
        help="Day on which the person who handles it is reminded of the dispute. It lasts until it is settled.",
    )
    settled_on = fields.Date(string="Settled on", readonly=True, copy=False)
    state = fields.Selection(
        [("open", "Open"), ("settled", "Settled")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    note = fields.Text(string="Comment")
    line_ids = fields.One2many("followup.dispute.line", "dispute_id", string="Due lines", copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Amount disputed", compute="_compute_amount", store=True, help="In the company currency."
    )

    @api.model
    def _default_opened_on(self):
        return self.env.company.sudo()._followup_today()

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for dispute in self:
            dispute.amount = sum(line.amount * line.move_line_id._followup_company_rate() for line in dispute.line_ids)

    @api.depends("partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = bool(dispute.partner_id) and self.env._(
                "%(customer)s: %(reason)s",
                customer=dispute.partner_id.display_name,
                reason=dispute.reason_id.name or "",
            )

    # Checks

    @api.constrains("opened_on", "review_date")
    def _check_dates(self):
        for dispute in self:
            if dispute.review_date < dispute.opened_on:
                raise ValidationError(self.env._("A dispute is reviewed after the day on which it is opened."))

    @api.constrains("line_ids")
    def _check_line_ids(self):
        for dispute in self:
            if not dispute.line_ids:
                raise ValidationError(
                    self.env._("Say which due lines %(customer)s contests.", customer=dispute.partner_id.name)
                )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """A customer's dispute without a chosen line is on the whole of what it owes."""
        if self.partner_id and not (self.line_ids and self.env.context.get("default_line_ids")):
            lines = self._get_open_lines()
            self.line_ids = [(5, 0, 0)] + [(0, 0, {"move_line_id": line.id}) for line in lines]

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
        disputes = super().create(vals_list)
        disputes._plan_review()
        return disputes

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals or "settled_on" in vals:
            self._write_lines(self.line_ids.move_line_id)
        if not {"review_date", "user_id"}.isdisjoint(vals):
            self._plan_review()
        return result

    def unlink(self):
        lines = self.line_ids.move_line_id
        result = super().unlink()
        self._write_lines(lines)
        return result

    # Life

    def action_settle(self):
        """Settle these disputes: their lines are chased again after the days of grace."""
        for company, disputes in self.filtered(lambda dispute: dispute.state == "open").grouped("company_id").items():
            disputes.write({"state": "settled", "settled_on": company.sudo()._followup_today()})
            disputes.activity_feedback(["mail.mail_activity_data_todo"])

    def action_reopen(self):
        """Open settled disputes again."""
        settled = self.filtered(lambda dispute: dispute.state == "settled")
        today = self._default_opened_on()
        for dispute in settled:
            vals = {"state": "open", "settled_on": False}
            if dispute.review_date < today:
                vals["review_date"] = today + timedelta(days=30)
            dispute.write(vals)
        settled._plan_review()

    def _plan_review(self):
        """Remind the person who handles it: a dispute without an end would be forgotten with its money."""
        for dispute in self.filtered(lambda dispute: dispute.state == "open"):
            dispute.activity_unlink(["mail.mail_activity_data_todo"])
            dispute.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=dispute.review_date,
                user_id=dispute.user_id.id,
                summary=self.env._("Review the dispute"),
            )

    # Making one

    @api.model
    def _make(self, partner, company, reason, lines=None, **vals):
        """Create and return the dispute of `partner` on these due lines (None: all its open debts)."""
        dispute = self.new({"partner_id": partner.commercial_partner_id.id, "company_id": company.id})
        lines = dispute._get_open_lines() if lines is None else lines
        if not lines:
            raise UserError(self.env._("%(customer)s owes nothing.", customer=partner.display_name))
        today = company.sudo()._followup_today()
        return self.create(
            {
                "partner_id": partner.commercial_partner_id.id,
                "company_id": company.id,
                "reason_id": reason.id,
                "opened_on": today,
                "review_date": today + timedelta(days=30),
                "line_ids": [(0, 0, {"move_line_id": line.id}) for line in lines],
                **vals,
            }
        )

    def _get_debtors(self):
        """The customer whose debts may be disputed."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    def _get_open_lines(self):
        """Debts of the customer, the oldest due first."""
        self.ensure_one()
        return self.env["account.move.line"]._followup_get_debts(self._get_debtors(), self.company_id)

    # What the decision reads

    @api.model
    def _write_lines(self, move_lines):
        """Write on these due lines what their disputes say; the decision reads nothing else."""
        lines = self.env["followup.dispute.line"].sudo().search([("move_line_id", "in", move_lines.ids)])
        by_move_line = lines.grouped("move_line_id")
        facts = {}
        for move_line in move_lines.sudo():
            of_line = by_move_line.get(move_line, lines.browse())
            disputed = of_line.filtered(lambda line: line.dispute_id.state == "open")
            whole = any(line.currency_id.compare_amounts(line.amount, line.open_amount) >= 0 for line in disputed)
            settled = [day for day in of_line.dispute_id.mapped("settled_on") if day]
            grace = timedelta(days=move_line.company_id.followup_dispute_grace)
            values = (
                bool(disputed),
                0 if whole else sum(disputed.mapped("amount")),
                max(settled) + grace if settled and not disputed else False,
            )
            facts.setdefault(values, []).append(move_line.id)
        # Those who follow up do not keep the books: they may change these three facts, and nothing else.
        for (disputed, amount, not_before), ids in facts.items():
            move_lines.sudo().browse(ids).write(
                {
                    "followup_disputed": disputed,
                    "followup_disputed_amount": amount,
                    "followup_not_before": not_before,
                }
            )
