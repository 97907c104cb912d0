from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..lib.registered_numbers import clean_number, is_number, show_number
from .followup_window import dialog

#: What came of a registered letter.
RECEIPTS = [
    ("received", "Received"),
    ("unclaimed", "Presented, not claimed"),
    ("refused", "Refused by the addressee"),
    ("unknown", "Not known at this address"),
]
#: The debtor was reached, or could have been: the delay of the notice runs.
DELAY_RUNS = {"received", "unclaimed", "refused"}
#: What a person notes once the letter is printed, with the slip, then the acknowledgement, at hand.
NOTED_FIELDS = {"registered_number", "receipt", "received_on"}


class FollowupReminder(models.Model):
    """Registered letters: their number, what came of them, and the delay that a formal notice gives from its receipt.

    Code civil, art. 1344: a formal notice needs no form, but its receipt must be proved. A letter that the debtor did
    not fetch or refused was presented to him: the delay runs from that day. The delay is in calendar days; the day
    after the receipt is the first.
    """

    _inherit = "followup.reminder"

    registered_number = fields.Char(string="Registered number", copy=False)
    registered_label = fields.Char(string="Number on the slip", compute="_compute_registered_label")
    receipt = fields.Selection(RECEIPTS, copy=False, help="As the acknowledgement of receipt says.")
    received_on = fields.Date(
        string="Received or presented on",
        copy=False,
        help="The day of the signature; of a letter that was not claimed, that of its first presentation.",
    )
    notice_days = fields.Integer(
        string="Days from receipt", readonly=True, copy=False, help="Delay that the letter gives, as it said."
    )
    notice_end = fields.Date(
        string="End of the delay",
        compute="_compute_notice_end",
        store=True,
        help="Last day on which the debtor may pay without anything more.",
    )
    notice_told = fields.Boolean(readonly=True, copy=False, help="The person in charge knows that the delay is over.")
    proof_ids = fields.Many2many(
        "ir.attachment",
        "followup_reminder_proof_rel",
        string="Proofs",
        readonly=True,
        copy=False,
        help="Slip, acknowledgement of receipt… They are kept with the letter, and do not change any more.",
    )

    _registered_number_uniq = models.UniqueIndex(
        "(company_id, registered_number) WHERE registered_number IS NOT NULL",
        "Another letter already bears this registered number.",
    )
    #: What the daily action looks for: delays that end.
    _notice_idx = models.Index("(company_id, notice_end) WHERE notice_end IS NOT NULL AND notice_told IS NOT TRUE")

    @api.depends("registered_number")
    def _compute_registered_label(self):
        for reminder in self:
            reminder.registered_label = show_number(reminder.registered_number)

    @api.depends("receipt", "received_on", "notice_days")
    def _compute_notice_end(self):
        for reminder in self:
            runs = reminder.receipt in DELAY_RUNS and reminder.received_on and reminder.notice_days
            reminder.notice_end = runs and reminder.received_on + timedelta(days=reminder.notice_days)

    @api.constrains("registered_number", "receipt", "received_on", "state", "posted_on")
    def _check_registered(self):
        for reminder in self:
            if reminder.registered_number and not is_number(reminder.registered_number):
                raise ValidationError(
                    self.env._(
                        "“%(number)s” is not the number of a registered letter: 8 digits or letters at least, as on "
                        "the slip.",
                        number=reminder.registered_number,
                    )
                )
            if reminder.receipt or reminder.received_on:
                reminder._check_receipt()

    def _check_receipt(self):
        """A receipt is noted on a letter that was posted, on a day that can be."""
        self.ensure_one()
        if self.state == "printed":
            raise ValidationError(
                self.env._("Say first on which day the letter to %(name)s was posted.", name=self.partner_id.name or "")
            )
        if not self.received_on or not self.receipt:
            raise ValidationError(self.env._("Say what came of the letter, and on which day."))
        if self.received_on > self.company_id.sudo()._followup_today():
            raise ValidationError(self.env._("A receipt is noted once it is known: choose today or a past day."))
        if self.posted_on and self.received_on < self.posted_on:
            raise ValidationError(
                self.env._(
                    "The letter was posted on %(day)s: it was not received before.",
                    day=format_date(self.env, self.posted_on),
                )
            )

    # Noting

    def write(self, vals):
        """Number and receipt are noted after the letter has left, when nothing else of it changes."""
        if "registered_number" in vals:
            vals = {**vals, "registered_number": clean_number(vals["registered_number"]) or False}
            self._check_number_is_free(vals["registered_number"])
        if vals.get("received_on") and "receipt" not in vals and not any(self.mapped("receipt")):
            vals = {**vals, "receipt": "received"}
        if self.env.su or not vals or not NOTED_FIELDS.issuperset(vals):
            return super().write(vals)
        self._check_may_send()
        self.check_access("write")
        if any(reminder.channel != "registered" or reminder.state not in ("printed", "sent") for reminder in self):
            raise UserError(self.env._("Only a registered letter that was printed has a number and a receipt."))
        result = super(FollowupReminder, self.sudo()).write(vals)
        if not {"receipt", "received_on"}.isdisjoint(vals):
            self.sudo().notice_told = False
            for reminder in self.sudo().filtered("receipt"):
                reminder._try("_log_receipt")
        return result

    def _check_number_is_free(self, number):
        """Before it is written: the database refuses it too, in words that nobody understands."""
        twins = number and self.sudo().search(
            [
                ("registered_number", "=", number),
                ("company_id", "in", self.company_id.ids),
                ("id", "not in", self[:1].ids),
            ],
            limit=1,
        )
        twins = twins or number and self[1:2]
        if twins:
            raise ValidationError(
                self.env._(
                    "Another letter already bears the number %(number)s: %(letter)s.",
                    number=show_number(number),
                    letter=twins.display_name,
                )
            )

    def _log_receipt(self):
        """Note in the customer's history what came of the letter."""
        self.ensure_one()
        values = {
            "level": self.level_name or self.level_id.name,
            "number": self.registered_label or "—",
            "receipt": dict(self._fields["receipt"]._description_selection(self.env))[self.receipt],
            "day": format_date(self.env, self.received_on),
        }
        text = self.env._("%(level)s, registered letter %(number)s: %(receipt)s, %(day)s.", **values)
        if self.notice_end:
            until = self.env._("The delay runs until %(day)s.", day=format_date(self.env, self.notice_end))
            text = f"{text} {until}"
        self.partner_id._message_log(body=Markup("<p>%s</p>") % text, attachment_ids=self.proof_ids.ids)

    def action_note_receipt(self):
        """The dialog that takes down the number, the receipt and its proof."""
        self.ensure_one()
        self._check_may_send()
        return dialog("followup.registered.wizard", self.env._("Registered letter"), default_reminder_id=self.id)

    # Leaving

    def _hand_over_registered(self):
        """The delay is the one that the level gives when the letter leaves."""
        for level, letters in self.grouped("level_id").items():
            letters.notice_days = level.notice_days if level.phase == "notice" else 0
        return super()._hand_over_registered()

    def _mark_not_posted(self, reason):
        """What was noted of a letter that was not posted is about another one."""
        registered = self.filtered(lambda reminder: reminder.channel == "registered")
        registered.write({"registered_number": False, "receipt": False, "received_on": False, "notice_told": False})
        return super()._mark_not_posted(reason)

    # The delay is over

    @api.model
    def _cron_notices_over(self):
        """Scheduled action, every day: tell the persons in charge which notices had no effect."""
        for company in self.env["res.company"].sudo().search([]):
            self._tell_notices_over(company, company._followup_today())

    @api.model
    def _tell_notices_over(self, company, today):
        """One activity a notice whose delay is over while something of it is still open; nothing for the others."""
        over = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("notice_end", "<", today),
                ("notice_told", "=", False),
                ("state", "=", "sent"),
            ]
        )
        for notice in over:
            lines = notice._get_call_lines()
            if lines:
                notice._plan_alert(
                    self.env._("%(level)s without effect", level=notice.level_name or notice.level_id.name),
                    self.env._(
                        "The delay of %(days)s days ended on %(day)s; %(amount)s is still open. Decide what is next.",
                        days=notice.notice_days,
                        day=format_date(self.env, notice.notice_end),
                        amount=company.currency_id.format(sum(lines.mapped("amount_residual"))),
                    ),
                )
        over.notice_told = True
        return over

    # At the counter

    def action_registered_list(self):
        """Print the list of these registered letters for the counter, in address order."""
        self.check_access("read")
        letters = self.filtered(lambda one: one.channel == "registered" and one.state in ("printed", "sent"))
        if not letters:
            raise UserError(self.env._("None of the selected messages is a registered letter that was printed."))
        return self.env.ref("account_receivable_followup.action_report_followup_registered_list").report_action(
            letters._in_address_order(), config=False
        )

    def _by_sender(self):
        """[(company, its letters in address order)], for the list of the counter."""
        return [(company, letters._in_address_order()) for company, letters in self.grouped("company_id").items()]


class FollowupRun(models.Model):
    _inherit = "followup.run"

    registered_count = fields.Integer(string="Registered letters", compute="_compute_registered_count")

    @api.depends("reminder_ids.state", "reminder_ids.channel")
    def _compute_registered_count(self):
        counts = dict(
            self.env["followup.reminder"]._read_group(
                [("run_id", "in", self.ids), ("channel", "=", "registered"), ("state", "in", ("printed", "sent"))],
                ["run_id"],
                ["__count"],
            )
        )
        for run in self:
            run.registered_count = counts.get(run._origin, 0)

    def action_registered_list(self):
        """Print the list of the run's registered letters for the counter."""
        self.ensure_one()
        return self.reminder_ids.action_registered_list()


class FollowupLevel(models.Model):
    _inherit = "followup.level"

    notice_days = fields.Integer(
        string="Days from receipt", default=8, help="Delay that the formal notice gives, from the day it is received."
    )

    _notice_days_not_negative = models.Constraint(
        "CHECK (notice_days >= 0)", "The delay of a formal notice is a number of days, zero or more."
    )
