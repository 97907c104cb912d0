from odoo import api, fields, models
from odoo.exceptions import UserError

from .followup_window import form_window, window

#: Lines that enter no message of the run: never in one, taken out since, or in one that is left out. All say why.
LEFT_OUT = [("reason", "!=", False)]
#: The message is on its way or gone: the run is part of the history.
GONE_STATES = ("queued", "printed", "todo", "sent", "uncertain")


class FollowupRun(models.Model):
    """One preparation (campagne): who gets which message, and who does not and why."""

    _name = "followup.run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Dunning run"
    _order = "date DESC, id DESC"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one("followup.plan", required=True, check_company=True, ondelete="restrict")
    date = fields.Date(
        string="As of",
        required=True,
        help="Levels and days late are those of this day.",
    )
    user_id = fields.Many2one("res.users", string="Prepared by", default=lambda self: self.env.user)
    origin = fields.Selection(
        [("hand", "By hand"), ("schedule", "By the schedule")],
        string="Prepared",
        required=True,
        default="hand",
        readonly=True,
    )
    held_reason = fields.Char(
        string="On hold", readonly=True, copy=False, help="Why the schedule let nothing leave by itself."
    )
    extra_text = fields.Text(
        string="Text added",
        help="Said once, in all the messages of this run, above the table of the due lines.",
    )
    # What was asked for
    by_hand = fields.Boolean(
        string="Chosen by hand",
        readonly=True,
        copy=False,
        help="A person chose these very customers: neither a ceiling nor a customer proposed only holds them back.",
    )
    partner_ids = fields.Many2many("res.partner", string="Only these customers", readonly=True, copy=False)
    line_ids = fields.Many2many("account.move.line", string="Only these due lines", readonly=True, copy=False)
    level_id = fields.Many2one(
        "followup.level", string="Level chosen by hand", readonly=True, ondelete="restrict", copy=False
    )
    criteria_text = fields.Char(string="Criteria", readonly=True, copy=False)
    # What it gave
    state = fields.Selection(
        [("prepared", "To send"), ("done", "Sent")],
        compute="_compute_state",
        store=True,
        default="prepared",
    )
    reminder_ids = fields.One2many("followup.reminder", "run_id", string="Reminders")
    kept_reminder_ids = fields.One2many(
        "followup.reminder",
        "run_id",
        string="Customers to chase",
        domain=[("state", "!=", "cancelled")],
    )
    excluded_line_ids = fields.One2many(
        "followup.reminder.line",
        "run_id",
        string="Left out",
        domain=LEFT_OUT,
    )
    letters_attachment_id = fields.Many2one("ir.attachment", string="Letters of the run", readonly=True, copy=False)

    @api.depends("date", "plan_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._(
                "%(plan)s – %(date)s",
                plan=run.plan_id.name,
                date=fields.Date.to_string(run.date) if run.date else "",
            )

    @api.depends("name", "date", "plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(plan)s of %(date)s",
                plan=run.plan_id.name,
                date=self.env["ir.qweb.field.date"].value_to_html(run.date, {}),
            )

    @api.depends("reminder_ids.state")
    def _compute_state(self):
        states = {run.id: set() for run in self}
        groups = self.env["followup.reminder"]._read_group([("run_id", "in", self.ids)], ["run_id", "state"])
        for run, state in groups:
            states[run.id].add(state)
        for run in self:
            found = states[run.id]
            over = found.isdisjoint(("prepared", "queued")) and not found.isdisjoint(GONE_STATES)
            run.state = "done" if over else "prepared"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if self._has_gone():
            raise UserError(
                self.env._("A run from which reminders have left is part of the history and cannot be deleted.")
            )

    def _has_gone(self):
        """Whether a message of these runs is on its way, or gone."""
        return bool(
            self.env["followup.reminder"].search([("run_id", "in", self.ids), ("state", "in", GONE_STATES)], limit=1)
        )

    # Sending

    def action_release(self):
        """Let all that is ready go: e-mails, letters, calls…; what waits for a decision stays."""
        self.ensure_one()
        return self._release(self._get_ready(), self.env._("Nothing is ready to leave in this run."))

    def action_send_emails(self):
        """Send the e-mails of the run that are still waiting."""
        self.ensure_one()
        return self._release(
            self._get_ready([("channel", "=", "email")]),
            self.env._("No e-mail is waiting in this run."),
        )

    def action_print_letters(self):
        """Print the letters of the run that are still waiting, in one PDF.

        The PDF is offered as a link: browsers block a window that opens by itself
        seconds after the click.
        """
        self.ensure_one()
        self._release(
            self._get_ready([("channel", "in", ("letter", "registered"))]),
            self.env._("No letter is waiting in this run."),
        )
        if not self.letters_attachment_id:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("The letters are printed in one PDF"),
                "message": "%s",
                "links": [
                    {
                        "label": self.letters_attachment_id.name,
                        "url": self._get_letters_url(),
                    }
                ],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_ready(self, domain=()):
        """Messages of the run that wait for nothing but to be sent."""
        return self.env["followup.reminder"].search(
            [("run_id", "=", self.id), ("state", "=", "prepared"), ("to_decide", "=", False), *domain]
        )

    def _release(self, reminders, nothing):
        self.env["followup.reminder"]._check_may_send()
        if not reminders:
            raise UserError(nothing)
        reminders._release()
        return True

    def _get_letters_url(self):
        return f"/web/content/{self.letters_attachment_id.id}"

    # Looking

    def action_open_reminders(self):
        """The messages of the run, as a list of its own: sort, filter, tick several at once."""
        self.ensure_one()
        return window(self.env, "followup_reminder_action_preview", domain=[("run_id", "=", self.id)], context={})

    def action_open_decisions(self):
        """The messages of the run that wait for a person's decision."""
        action = self.action_open_reminders()
        action["domain"] += [("to_decide", "=", True), ("state", "=", "prepared")]
        return action

    def action_open_excluded(self):
        self.ensure_one()
        return window(
            self.env,
            "followup_excluded_line_action",
            domain=[("run_id", "=", self.id), *LEFT_OUT],
            context={"search_default_group_reason": 1},
        )

    @api.model
    def action_open_next(self):
        """Menu “To chase”: the run that is waiting, else the wizard that prepares one."""
        waiting = self.search(
            [
                ("state", "=", "prepared"),
                ("company_id", "=", self.env.company.id),
                ("date", "=", self.env.company.sudo()._followup_today()),
                ("reminder_ids.state", "=", "prepared"),
            ],
            limit=1,
        )
        if not waiting:
            return window(self.env, "followup_send_wizard_action")
        return form_window(self.env, "followup_run_action", waiting)

    def action_prepare_again(self):
        """Decide anew on every customer of a run from which nothing has left: payments may have come in since."""
        self.ensure_one()
        Reminder = self.env["followup.reminder"]
        Reminder._check_may_send()
        if self._has_gone():
            raise UserError(
                self.env._(
                    "Messages of this run have already left: prepare another one in Follow-ups ⇒ Send reminders."
                )
            )
        run = self.sudo()
        run.reminder_ids.unlink()
        run.env["followup.reminder.line"].search([("run_id", "=", run.id)]).unlink()
        self._compose()
        return True
