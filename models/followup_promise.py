from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

#: What no longer changes once the day of the promise has come.
KEPT_AS_MADE = {"amount", "company_id", "currency_id", "date", "line_ids", "made_on", "partner_id"}


class FollowupPromise(models.Model):
    """Promise to pay: what a customer said it would pay, and when.

    While it lasts, what is promised is not chased; the rest of the account is. Of several promises on a line the last
    one made counts.
    """

    _name = "followup.promise"
    _inherit = ["mail.thread"]
    _description = "Promise to pay"
    _order = "date DESC, id DESC"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    contact_id = fields.Many2one(
        "res.partner", string="Promised by", domain="[('commercial_partner_id', '=', partner_id)]", ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users", string="Noted by", default=lambda self: self.env.user, domain=[("share", "=", False)]
    )
    made_on = fields.Date(string="Made on", required=True, default=lambda self: self._default_made_on())
    date = fields.Date(string="Promised for", required=True, index=True, tracking=True)
    deadline = fields.Date(
        string="Waited for until",
        compute="_compute_deadline",
        store=True,
        precompute=True,
        help="Last day, with the days of grace of the settings: the promise is broken on the day after.",
    )
    note = fields.Text(string="Comment")
    debtor_ids = fields.Many2many("res.partner", string="Answers for", compute="_compute_debtor_ids")
    line_ids = fields.One2many("followup.promise.line", "promise_id", string="Due lines", copy=False)
    # Amounts: one currency a promise; those of the company make totals
    currency_id = fields.Many2one(
        "res.currency", required=True, compute="_compute_currency_id", store=True, precompute=True, readonly=False
    )
    amount = fields.Monetary(
        string="Amount promised", compute="_compute_amount", store=True, readonly=False, tracking=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    amount_company = fields.Monetary(
        string="Promised (company currency)",
        compute="_compute_amount",
        store=True,
        currency_field="company_currency_id",
    )
    received = fields.Monetary(compute="_compute_progress", help="Received by the last day of the promise.")
    # What becomes of it
    cancelled = fields.Boolean(readonly=True, copy=False, tracking=True)
    state = fields.Selection(
        [
            ("to_come", "To come"),
            ("kept", "Kept"),
            ("partly_kept", "Partly kept"),
            ("broken", "Broken"),
            ("replaced", "Replaced by a later one"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_progress",
        search="_search_state",
    )

    @api.model
    def _default_made_on(self):
        return self.env.company.sudo()._followup_today()

    @api.depends("date", "company_id")
    def _compute_deadline(self):
        for promise in self:
            grace = timedelta(days=promise.company_id.sudo().followup_promise_grace)
            promise.deadline = promise.date and promise.date + grace

    @api.depends("partner_id", "company_id")
    def _compute_debtor_ids(self):
        for promise in self:
            promise.debtor_ids = promise._get_debtors() if promise.partner_id else False

    @api.depends("company_id")
    def _compute_currency_id(self):
        for promise in self:
            promise.currency_id = promise.currency_id or promise.company_id.currency_id

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for promise in self:
            promise.amount = sum(promise.line_ids.mapped("amount"))
            promise.amount_company = sum(
                line.amount * line.move_line_id._followup_company_rate() for line in promise.line_ids
            )

    @api.depends("partner_id", "date", "amount", "currency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = bool(promise.partner_id) and self.env._(
                "%(customer)s: %(amount)s for %(day)s",
                customer=promise.partner_id.display_name,
                amount=(promise.currency_id or self.env.company.currency_id).format(promise.amount),
                day=format_date(self.env, promise.date),
            )

    # Checks

    @api.constrains("date", "made_on")
    def _check_dates(self):
        for promise in self:
            if promise.date < promise.made_on:
                raise ValidationError(self.env._("A promise is for the day on which it is made, or a later one."))
            if promise.made_on > promise.company_id.sudo()._followup_today():
                raise ValidationError(self.env._("A promise cannot be made in the future."))

    @api.constrains("line_ids")
    def _check_line_ids(self):
        for promise in self:
            if not promise.line_ids:
                raise ValidationError(
                    self.env._("Say which due lines %(customer)s promises to pay.", customer=promise.partner_id.name)
                )

    @api.onchange("partner_id", "currency_id")
    def _onchange_partner_id(self):
        """Propose everything overdue, in the currency of the promise."""
        if self.partner_id and not (self.line_ids and self.env.context.get("default_line_ids")):
            lines = self._get_open_lines().filtered("followup_days_late")
            if lines and self.currency_id not in lines.currency_id:
                self.currency_id = lines[:1].currency_id
            lines = lines.filtered(lambda line: line.currency_id == self.currency_id)
            self.line_ids = [(5, 0, 0)] + [(0, 0, {"move_line_id": line.id}) for line in lines]

    @api.onchange("amount")
    def _onchange_amount(self):
        """Spread a typed amount over the oldest due lines."""
        if self.currency_id.compare_amounts(self.amount, sum(self.line_ids.mapped("amount"))):
            lines = self.line_ids.move_line_id._origin or self._get_open_lines().filtered(
                lambda line: line.currency_id == self.currency_id
            )
            self.line_ids = [(5, 0, 0), *self._spread(lines, self.amount)]

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
            if vals.get("line_ids"):
                vals.pop("amount", None)  # their total
        return super().create(vals_list)

    def write(self, vals):
        if not KEPT_AS_MADE.isdisjoint(vals):
            self._check_to_come()
        vals = dict(vals)
        amount = vals.pop("amount", None)
        if amount is not None and "line_ids" not in vals:
            for promise in self:
                commands = promise._spread(promise.line_ids.move_line_id, amount)
                promise.write({"line_ids": [(5, 0, 0), *commands]})
        result = super().write(vals)
        if not {"date", "cancelled"}.isdisjoint(vals):
            self._write_lines(self.line_ids.move_line_id)
        return result

    def unlink(self):
        lines = self.line_ids.move_line_id
        result = super().unlink()
        self._write_lines(lines)
        return result

    def _check_to_come(self):
        """The past of a customer is not rewritten: it is part of how it pays."""
        if any(promise.state in ("kept", "partly_kept", "broken") for promise in self):
            raise UserError(self.env._("A promise whose day has passed is kept as it was made."))

    # Actions

    def action_cancel(self):
        """Forget promises that are not worth waiting for any longer: their lines are chased again."""
        self._check_to_come()
        self.cancelled = True

    def action_restore(self):
        """Take cancelled promises back."""
        self.filtered("cancelled").cancelled = False

    # Making one

    @api.model
    def _make(self, partner, company, date, amount=None, lines=None, **vals):
        """Create and return the promise of `partner` to pay `amount` on `date`.

        :param amount: in the currency of the lines; None for the whole of them
        :param lines: due lines promised; None for the overdue ones, the oldest first
        """
        promise = self.new({"partner_id": partner.commercial_partner_id.id, "company_id": company.id})
        if lines is None:
            lines = promise._get_open_lines().filtered("followup_days_late") or promise._get_open_lines()
        if not lines:
            raise UserError(self.env._("%(customer)s owes nothing.", customer=partner.display_name))
        currency = lines.currency_id[:1]
        if amount is None:
            amount = sum(lines.mapped("amount_residual_currency"))
        return self.create(
            {
                "partner_id": partner.commercial_partner_id.id,
                "company_id": company.id,
                "currency_id": currency.id,
                "date": date,
                "made_on": company.sudo()._followup_today(),
                "line_ids": self._spread(lines, amount),
                **vals,
            }
        )

    @api.model
    def _spread(self, lines, amount):
        """Commands that share `amount` out among `lines`, the oldest due first."""
        commands = []
        for line in lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            part = min(amount, line.amount_residual_currency)
            if line.currency_id.compare_amounts(part, 0) > 0:
                commands.append((0, 0, {"move_line_id": line.id, "amount": part}))
                amount -= part
        return commands

    def _get_debtors(self):
        """Customers that this one answers for: itself, and those it pays for."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id
        paid_for = self.env["res.partner"].sudo().with_company(self.company_id)
        return partner | paid_for.search([("followup_payer_id", "=", partner.id)]).commercial_partner_id

    def _get_open_lines(self):
        """Debts that the customer answers for, the oldest due first."""
        self.ensure_one()
        return self.env["account.move.line"]._followup_get_debts(self._get_debtors(), self.company_id)

    # What the decision reads

    @api.model
    def _write_lines(self, move_lines):
        """Write on these due lines what their last promise says; the decision reads nothing else."""
        lines = self.env["followup.promise.line"].sudo()
        lines = lines.search([("move_line_id", "in", move_lines.ids), ("promise_id.cancelled", "=", False)])
        last = {line.move_line_id: line for line in lines.sorted(lambda line: line.promise_id.id)}
        facts = {}
        for move_line in move_lines:
            line = last.get(move_line)
            if not line:
                values = (False, 0, 0)
            elif line.currency_id.compare_amounts(line.amount, line.open_amount) >= 0:
                values = (line.promise_id.deadline, 0, 0)
            else:
                values = (line.promise_id.deadline, line.amount, line.open_amount - line.amount)
            facts.setdefault(values, []).append(move_line.id)
        # Those who follow up do not keep the books: they may change these three facts, and nothing else.
        for (until, amount, rest), ids in facts.items():
            move_lines.sudo().browse(ids).write(
                {
                    "followup_promised_until": until,
                    "followup_promised_amount": amount,
                    "followup_promised_rest": rest,
                }
            )
        # A promise made or cancelled changes the state of the others on the same lines.
        self.env["followup.promise"].invalidate_model(["received", "state"], flush=False)
