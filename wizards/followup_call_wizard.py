from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..models.followup_window import window


class FollowupCallWizard(models.TransientModel):
    """One call: what to say, and what it gave. A promise or a dispute is noted in the same dialog."""

    _name = "followup.call.wizard"
    _description = "Outcome of a call"

    reminder_id = fields.Many2one("followup.reminder", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="reminder_id.partner_id")
    company_id = fields.Many2one(related="reminder_id.company_id")
    channel = fields.Selection(related="reminder_id.channel")
    level_id = fields.Many2one(related="reminder_id.level_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(related="reminder_id.call_number")
    contact_id = fields.Many2one(related="reminder_id.recipient_id", string="Contact")
    previous_comment = fields.Text(related="reminder_id.call_comment", string="Last time")
    note = fields.Html(compute="_compute_note", sanitize=False)
    open_amount = fields.Monetary(
        string="Owed today",
        compute="_compute_open",
        currency_field="company_currency_id",
        help="What is still open today of the lines of this reminder.",
    )
    open_line_ids = fields.Many2many("account.move.line", string="Open due lines", compute="_compute_open")
    seen_ids = fields.Many2many("followup.reminder", "followup_call_wizard_seen_rel", help="Calls left for later.")
    waiting_count = fields.Integer(string="Calls after this one", compute="_compute_waiting_count")
    # What it gave
    outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("message", "Message left"),
            ("promise", "Promise to pay"),
            ("dispute", "Dispute"),
            ("again", "Call back on…"),
            ("wrong_number", "Wrong number"),
            ("not_needed", "No longer needed"),
        ],
        string="Outcome of the call",
    )
    other_outcome = fields.Selection(
        [
            ("done", "Done"),
            ("promise", "Promise to pay"),
            ("dispute", "Dispute"),
            ("again", "Later, on…"),
            ("not_needed", "No longer needed"),
        ],
        string="Outcome",
    )
    result = fields.Char(compute="_compute_result")
    comment = fields.Text()
    # A promise
    promise_currency_id = fields.Many2one(
        "res.currency", string="Currency of the promise", compute="_compute_promise", store=True, precompute=True
    )
    promise_amount = fields.Monetary(
        string="Promises to pay",
        currency_field="promise_currency_id",
        compute="_compute_promise",
        store=True,
        precompute=True,
        readonly=False,
    )
    promise_date = fields.Date(string="No later than")
    # A dispute
    dispute_reason_id = fields.Many2one("followup.dispute.reason", string="Reason of the dispute")
    dispute_line_ids = fields.Many2many(
        "account.move.line",
        "followup_call_wizard_dispute_rel",
        string="Disputed documents",
        domain="[('id', 'in', open_line_ids)]",
        context={"followup_document_name": True},
    )
    # Another attempt
    call_back_on = fields.Date(string="Call back on")

    @api.depends("outcome", "other_outcome", "channel")
    def _compute_result(self):
        """The outcome, whichever of the two lists is shown."""
        for wizard in self:
            wizard.result = wizard.other_outcome if wizard.channel == "other" else wizard.outcome

    @api.depends("reminder_id")
    def _compute_note(self):
        for wizard in self:
            wizard.note = wizard.reminder_id._get_call_note(with_link=False) if wizard.reminder_id else False

    @api.depends("reminder_id")
    def _compute_open(self):
        for wizard in self:
            wizard.open_line_ids = wizard.reminder_id._get_call_lines() if wizard.reminder_id else False
            wizard.open_amount = sum(wizard.open_line_ids.mapped("amount_residual"))

    @api.depends("reminder_id")
    def _compute_promise(self):
        """Propose the whole of what is open; in the company currency when some is, else in the customer's."""
        for wizard in self:
            lines = wizard.open_line_ids
            currency = wizard.company_id.currency_id
            if lines and currency not in lines.currency_id:
                currency = lines[:1].currency_id
            wizard.promise_currency_id = currency
            mine = lines.filtered(lambda line, currency=currency: line.currency_id == currency)
            wizard.promise_amount = sum(mine.mapped("amount_residual_currency"))

    @api.depends("reminder_id", "seen_ids")
    def _compute_waiting_count(self):
        for wizard in self:
            reminder = wizard.reminder_id
            seen = wizard.seen_ids | reminder
            wizard.waiting_count = reminder.search_count(reminder._get_next_call_domain(seen)) if reminder else 0

    # Opening

    @api.model
    def _open_for(self, reminder, seen=None):
        """Action of the dialog for this call; those `seen` before are left for later."""
        reminder._check_may_send()
        if not reminder.to_call:
            raise UserError(self.env._("The outcome of this call has already been noted."))
        wizard = self.create({"reminder_id": reminder.id, "seen_ids": [Command.set(seen.ids if seen else [])]})
        return window(self.env, "followup_call_wizard_action", name=reminder.partner_id.display_name, res_id=wizard.id)

    # Recording

    def action_record(self):
        """Note what the call gave."""
        self._record()
        return {"type": "ir.actions.act_window_close"}

    def action_record_next(self):
        """Note what the call gave, and have the next customer at hand."""
        self._record()
        return self._open_next()

    def action_skip(self):
        """Leave this call for later today, and have the next customer at hand."""
        self.ensure_one()
        return self._open_next()

    def _open_next(self):
        seen = self.seen_ids | self.reminder_id
        following = self.reminder_id._get_next_call(seen)
        if following:
            return self._open_for(following, seen)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("No other call is waiting today."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _record(self):
        self.ensure_one()
        self.reminder_id._check_may_send()
        reminder = self.reminder_id.sudo()
        reminder.lock_for_update()
        if not reminder.to_call:
            raise UserError(self.env._("The outcome of this call has already been noted."))
        if not self.result:
            raise UserError(self.env._("Say what the call gave."))
        detail = None
        if self.result == "promise":
            detail = self._make_promise()
        elif self.result == "dispute":
            detail = self._make_disputes()
        elif self.result == "again":
            self._check_call_back()
        reminder._record_outcome(self.result, self.comment, self.call_back_on, detail)

    def _make_promise(self):
        """Create the promise; return the sentence that tells of it."""
        if not self.promise_date:
            raise UserError(self.env._("Say by which day %(customer)s pays.", customer=self.partner_id.name))
        if self.promise_currency_id.compare_amounts(self.promise_amount, 0) <= 0:
            raise UserError(self.env._("Say how much %(customer)s promises to pay.", customer=self.partner_id.name))
        lines = self.open_line_ids.filtered(lambda line: line.currency_id == self.promise_currency_id)
        owed = sum(lines.mapped("amount_residual_currency"))
        if self.promise_currency_id.compare_amounts(self.promise_amount, owed) > 0:
            raise UserError(
                self.env._(
                    "%(customer)s owes only %(amount)s on the lines of this reminder.",
                    customer=self.partner_id.name,
                    amount=self.promise_currency_id.format(owed),
                )
            )
        promise = self.env["followup.promise"]._make(
            self.partner_id,
            self.company_id,
            self.promise_date,
            self.promise_amount,
            lines,
            contact_id=self.contact_id.id if self.contact_id != self.partner_id else False,
            note=self.comment,
        )
        return self.env._(
            "Promises to pay %(amount)s by %(day)s",
            amount=self.promise_currency_id.format(promise.amount),
            day=format_date(self.env, promise.date),
        )

    def _make_disputes(self):
        """Create the dispute, one for each customer that a payer answers for; return the sentence that tells of it."""
        if not self.dispute_reason_id:
            raise UserError(self.env._("Choose the reason of the dispute."))
        if not self.dispute_line_ids:
            raise UserError(
                self.env._("Choose the documents that %(customer)s contests.", customer=self.partner_id.name)
            )
        by_customer = self.dispute_line_ids.grouped(lambda line: line.partner_id.commercial_partner_id)
        for customer, lines in by_customer.items():
            self.env["followup.dispute"]._make(
                customer, self.company_id, self.dispute_reason_id, lines, note=self.comment
            )
        return self.env._(
            "Contests %(documents)s: %(reason)s",
            documents=", ".join(self.dispute_line_ids.mapped("followup_document")),
            reason=self.dispute_reason_id.name,
        )

    def _check_call_back(self):
        if not self.call_back_on:
            raise UserError(self.env._("Say on which day to call back."))
        if self.call_back_on < self.company_id.sudo()._followup_today():
            raise UserError(self.env._("Choose today or a later day to call back."))
