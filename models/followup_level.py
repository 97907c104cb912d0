from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import levels as rules
from ..lib.working_days import DayUnit


class FollowupLevel(models.Model):
    """One step of a plan: when it is due, what it says, how it is carried."""

    _name = "followup.level"
    _inherit = ["followup.rule.mixin"]
    _description = "Follow-up level"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "followup.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    phase = fields.Selection(
        [
            ("prevention", "Prevention"),
            ("reminder", "Reminder"),
            ("notice", "Formal notice"),
            ("thanks", "Thanks"),
        ],
        required=True,
        default="reminder",
    )
    # When
    trigger = fields.Selection(
        [
            ("before_due", "Before the due date"),
            ("after_due", "After the due date"),
            ("after_previous", "After the previous level"),
            ("after_invoice", "After the invoice date"),
            ("end_of_month", "After the end of the month of the due date"),
        ],
        required=True,
        default="after_due",
        help="End of the month: the delay counts from the last day of the month of the due date (end of month, then "
        "the days).",
    )
    delay = fields.Integer(string="Days", required=True, default=15)
    delay_unit = fields.Selection(
        [
            ("calendar", "Calendar days"),
            ("six_day", "Six-day working days"),
            ("five_day", "Five-day working days"),
        ],
        string="Day type",
        required=True,
        default="calendar",
        help="Six-day working days (ouvrables): all but Sundays and public holidays. "
        "Five-day working days (ouvrés): Monday to Friday but public holidays.",
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")
    minimum_amount = fields.Monetary(
        string="From",
        help="The level is skipped for lines below this amount (company currency).",
    )
    ignored = fields.Boolean(
        help="The plan passes over this level, even in a strict order. It can still be chosen by hand.",
    )
    hand_over = fields.Boolean(
        string="Hands the debt over",
        help="Once this level is delivered, the lines are handed over (collection, litigation): nothing leaves by "
        "itself for them any more.",
    )
    # How
    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("registered", "Registered letter"),
            ("phone", "Phone call"),
            ("sms", "SMS"),
            ("other", "Other"),
        ],
        required=True,
        default="email",
    )
    call = fields.Boolean(
        string="And a call",
        help="Also plans a phone call for the person in charge when the message leaves.",
    )
    also_letter = fields.Boolean(string="And a letter", help="A letter leaves with the message, for the same level.")
    also_sms = fields.Boolean(string="And an SMS", help="A short SMS announces the message, for the same level.")
    call_counts = fields.Boolean(
        string="A call counts as the level",
        help="Once the customer was reached, the level is counted. Otherwise a call only counts for the minimum "
        "interval between two messages.",
    )
    mode = fields.Selection(
        [
            ("automatic", "Automatic"),
            ("confirm", "Automatic, to confirm"),
            ("manual", "Manual"),
        ],
        required=True,
        default="confirm",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Text",
        domain=[("model", "=", "followup.reminder")],
        ondelete="restrict",
        help="Subject and text of the e-mail or of the letter.",
    )
    sms_text = fields.Text(
        string="Text of the SMS", translate=True, help="A short text without accents costs a single SMS."
    )
    call_script = fields.Html(
        string="What to say on the phone", translate=True, help="Shown to the person who calls, with the lines due."
    )
    # What goes with the message
    attach_letter = fields.Boolean(string="Attach the letter", default=True, help="The letter, as a PDF.")
    attach_statement = fields.Boolean(string="Attach the statement of account")
    attach_invoices = fields.Boolean(
        string="Attach the invoices", help="The PDF of each invoice listed, when Odoo has it."
    )
    cc_salesperson = fields.Boolean(string="Copy to the salesperson")
    cc_user = fields.Boolean(string="Copy to the person in charge")

    _delay_not_negative = models.Constraint(
        "CHECK (delay >= 0)",
        "A delay is a number of days, zero or more.",
    )

    @api.constrains("phase", "trigger")
    def _check_trigger(self):
        for level in self:
            if (level.phase == "prevention") != (level.trigger == "before_due"):
                raise ValidationError(
                    self.env._(
                        "“%(level)s”: only a prevention notice leaves before the due "
                        "date, and it cannot leave after it.",
                        level=level.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["followup.reminder"]
            .sudo()
            .search([("level_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "“%(level)s” has already been used in reminders: archive it "
                    "instead, the history stays readable.",
                    level=used.level_id.name,
                )
            )

    @api.onchange("phase")
    def _onchange_phase(self):
        if self.phase == "prevention":
            self.trigger = "before_due"
        elif self.trigger == "before_due":
            self.trigger = "after_due"

    def _get_rank(self):
        """Rank among the active reminders of its own plan, from 1; 0 for prevention."""
        self.ensure_one()
        return self.plan_id._rank_of(self)

    def _get_rules(self, rank):
        """The level as the plain facts that `lib.levels` decides on."""
        self.ensure_one()
        return rules.Level(
            id=self.id,
            rank=rank,
            phase=rules.Phase(self.phase),
            trigger=rules.Trigger(self.trigger),
            delay=self.delay,
            unit=DayUnit(self.delay_unit),
            minimum_amount=Decimal(str(self.minimum_amount)),
            ignored=self.ignored,
            mode=rules.Mode(self.mode),
            hand_over=self.hand_over,
        )
