from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .followup_window import dialog

KINDS = ("interest", "indemnity")


class FollowupPenaltyClaim(models.Model):
    """Penalties asked of a customer for one due line, or the indemnity for one invoice.

    Nothing is booked: penalties are outside VAT and taxed when they are cashed (Code général des impôts, article
    237 sexies), so that they are followed as claims until they are paid or waived. What each one comes to is read in
    the last claiming message that left: undoing that message undoes it.
    """

    _name = "followup.penalty.claim"
    _inherit = ["mail.thread"]
    _description = "Penalties claimed"
    _order = "last_date DESC, partner_id, due_date, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    kind = fields.Selection(
        [("interest", "Late-payment penalties"), ("indemnity", "Indemnity for recovery costs")],
        required=True,
        readonly=True,
    )
    # What for
    move_line_id = fields.Many2one(
        "account.move.line", string="Due line", index="btree_not_null", ondelete="set null", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", string="Entry", index="btree_not_null", ondelete="set null", readonly=True
    )
    document = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    reminder_id = fields.Many2one(
        "followup.reminder",
        string="Last claimed by",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    first_date = fields.Date(string="First claimed on", readonly=True)
    last_date = fields.Date(string="Counted up to", readonly=True, help="Day of the last message that claimed it.")
    missing_since = fields.Date(
        string="Rates missing since", readonly=True, help="The days from this one bear nothing yet: type their rates."
    )
    # How much
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(string="Claimed", readonly=True)
    paid_amount = fields.Monetary(string="Paid", readonly=True, copy=False)
    rest = fields.Monetary(string="Left to pay", compute="_compute_rest", store=True)
    # What became of it
    state = fields.Selection(
        [("claimed", "Claimed"), ("part", "Partly paid"), ("paid", "Paid"), ("waived", "Waived")],
        compute="_compute_rest",
        store=True,
        index=True,
    )
    paid_on = fields.Date(string="Last payment on", readonly=True, copy=False)
    waived = fields.Boolean(readonly=True, copy=False)
    waiver_reason = fields.Char(string="Why it is waived", readonly=True, copy=False)
    waived_by_id = fields.Many2one("res.users", string="Waived by", readonly=True, copy=False)

    _line_kind_uniq = models.UniqueIndex(
        "(move_line_id, kind) WHERE move_line_id IS NOT NULL", "These penalties are already claimed."
    )
    _paid_positive = models.Constraint("CHECK (paid_amount >= 0)", "What was paid cannot be negative.")

    @api.depends("amount", "paid_amount", "waived", "currency_id")
    def _compute_rest(self):
        for claim in self:
            left = claim.currency_id.round(claim.amount - claim.paid_amount)
            claim.rest = 0 if claim.waived else max(left, 0)
            if claim.waived:
                claim.state = "waived"
            elif claim.currency_id.compare_amounts(left, 0) <= 0:
                claim.state = "paid"
            else:
                claim.state = "part" if claim.paid_amount else "claimed"

    @api.depends("kind", "document", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for claim in self:
            claim.display_name = self.env._(
                "%(kind)s – %(document)s – %(customer)s",
                kind=kinds.get(claim.kind, ""),
                document=claim.document or "",
                customer=claim.partner_id.name or "",
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_followed(self):
        if any(claim.paid_amount or claim.waived for claim in self):
            raise UserError(self.env._("A claim that was paid or waived is part of the history."))

    # Actions

    def action_pay(self):
        """Ask how much of the selected claims was paid, and when."""
        return self._open_dialog("payment", self.env._("Payment of penalties"))

    def action_waive(self):
        """Ask why the selected claims are waived."""
        return self._open_dialog("waiver", self.env._("Waive penalties"))

    def action_reopen(self):
        """Claim again what was marked as paid or waived by mistake."""
        self._check_may_decide()
        for claim in self.filtered(lambda claim: claim.waived or claim.paid_amount).sudo():
            claim._message_log(
                body=self.env._("Claimed again: %(amount)s.", amount=claim.currency_id.format(claim.amount)),
                author_id=self.env.user.partner_id.id,
            )
            claim.write(
                {
                    "paid_amount": 0,
                    "paid_on": False,
                    "waived": False,
                    "waiver_reason": False,
                    "waived_by_id": False,
                }
            )

    def action_open_reminder(self):
        """The message that claimed it."""
        self.ensure_one()
        return self.reminder_id.get_formview_action()

    def _open_dialog(self, kind, title):
        self._check_may_decide()
        waiting = self.filtered(lambda claim: claim.state in ("claimed", "part"))
        if not waiting:
            raise UserError(self.env._("None of the selected claims is waiting for a payment."))
        return dialog("followup.penalty.wizard", title, default_kind=kind, default_claim_ids=waiting.ids)

    def _check_may_decide(self):
        self.env["followup.reminder"]._check_may_send()
        self.check_access("read")

    # What happens to them

    def _pay(self, amount, day):
        """Note a payment of this claim; no more than what is left of it."""
        self.ensure_one()
        if self.currency_id.compare_amounts(amount, self.rest) > 0 or self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(
                self.env._(
                    "%(claim)s: %(rest)s are left to pay, type this amount or less.",
                    claim=self.display_name,
                    rest=self.currency_id.format(self.rest),
                )
            )
        self.write({"paid_amount": self.paid_amount + amount, "paid_on": day})
        self._message_log(
            body=self.env._(
                "%(amount)s paid on %(day)s.", amount=self.currency_id.format(amount), day=format_date(self.env, day)
            ),
            author_id=self.env.user.partner_id.id,
        )

    def _waive(self, reason):
        """Give these claims up, with the reason; those of public buyers cannot be."""
        self.partner_id._check_followup_may_waive()
        self.write({"waived": True, "waiver_reason": reason, "waived_by_id": self.env.uid})
        for claim in self:
            claim._message_log(
                body=self.env._(
                    "%(amount)s waived. Reason: %(reason)s",
                    amount=claim.currency_id.format(claim.amount),
                    reason=reason,
                ),
                author_id=self.env.user.partner_id.id,
            )

    # Following the messages

    @api.model
    def _follow(self, reminders, undone=False):
        """Bring up to date the claims on the lines of these messages, which left or, `undone`, came back.

        Each claim says what the last claiming message that left said; without any, it is deleted, unless it was paid or
        waived: that is history.
        """
        lines = reminders.line_ids.filtered(lambda line: line.move_line_id and (line.interest or line.indemnity))
        for company, some in lines.grouped("company_id").items():
            self._follow_lines(company, some, reminders if undone else reminders.browse())

    @api.model
    def _follow_lines(self, company, lines, undone):
        said = self._fetch_said(lines, undone)
        claims = self.sudo().search(
            [("company_id", "=", company.id), ("move_id", "in", lines.move_line_id.move_id.ids)]
        )
        known = {
            company._get_claim_key(claim.kind, claim.move_line_id, claim.move_id, claim.document): claim
            for claim in claims
        }
        wanted = {}
        for line in said:
            for kind in KINDS:
                if line[kind]:
                    wanted[self._get_key_of(kind, line)] = self._prepare_vals(kind, line)
        new = []
        for key, vals in wanted.items():
            claim = known.get(key)
            if claim:
                claim.write({**vals, "first_date": claim.first_date})
            else:
                new.append(vals)
        self.sudo().with_context(tracking_disable=True).create(new)
        touched = {self._get_key_of(kind, line) for line in lines for kind in KINDS}
        lost = self.browse(known[key].id for key in touched if key in known and key not in wanted)
        lost.sudo().filtered(lambda claim: not claim.paid_amount and not claim.waived).unlink()

    @api.model
    def _get_key_of(self, kind, line):
        """Key of the claim that a line of a message makes."""
        move_line = line.move_line_id
        return line.company_id._get_claim_key(kind, move_line, move_line.move_id, line.document)

    @api.model
    def _fetch_said(self, lines, undone):
        """Lines of the claiming messages that left, about the same documents as `lines`, the latest last."""
        found = (
            self.env["followup.reminder.line"]
            .sudo()
            .search(
                [
                    ("move_line_id.move_id", "in", lines.move_line_id.move_id.ids),
                    ("reminder_id", "not in", undone.ids),
                    ("reminder_id.state", "=", "sent"),
                    ("reminder_id.penalty_mode", "=", "claim"),
                    ("reminder_id.companion_of_id", "=", False),
                ]
            )
        )
        documents = {(line.move_line_id.move_id, line.document) for line in lines}
        said = found.filtered(lambda line: (line.move_line_id.move_id, line.document) in documents)
        return said.sorted(lambda line: (line.reminder_id.date, line.reminder_id.id, line.id))

    @api.model
    def _prepare_vals(self, kind, line):
        """Values of a claim, as the message of `line` made it; what had been paid before is part of it."""
        detail = line.penalty_detail or {}
        before = detail.get("paid" if kind == "interest" else "indemnity_paid", 0)
        currency = line.currency_id if kind == "interest" else line.company_currency_id
        return {
            "company_id": line.company_id.id,
            "partner_id": line.partner_id.id,
            "kind": kind,
            "move_line_id": line.move_line_id.id,
            "move_id": line.move_line_id.move_id.id,
            "document": line.document,
            "due_date": line.due_date,
            "reminder_id": line.reminder_id.id,
            "first_date": line.reminder_id.date,
            "last_date": line.reminder_id.date,
            "missing_since": kind == "interest" and detail.get("missing_since"),
            "currency_id": currency.id,
            "amount": line[kind] + before,
        }


class FollowupReminder(models.Model):
    """A message that claims penalties, once it left, makes them claims."""

    _inherit = "followup.reminder"

    def _settle_sent(self):
        result = super()._settle_sent()
        claiming = self.filtered(lambda r: r.penalty_mode == "claim" and not r.companion_of_id)
        if claiming:
            claiming._try("_follow_claims")
        return result

    def _follow_claims(self):
        self.env["followup.penalty.claim"]._follow(self)

    def _undo_delivery(self, reason):
        result = super()._undo_delivery(reason)
        claiming = self.filtered(lambda r: r.penalty_mode == "claim" and not r.companion_of_id)
        if claiming:
            self.env["followup.penalty.claim"]._follow(claiming, undone=True)
        return result
