from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.followup_recipients import POSTAL
from ..models.followup_window import window

#: Letters that each question is about, by their state.
STATES = {"posted": ("printed",), "not_posted": ("printed", "sent")}


class FollowupPostWizard(models.TransientModel):
    """“Letters posted”: on which day; “Not posted after all”: why."""

    _name = "followup.post.wizard"
    _description = "Posting of printed letters"

    kind = fields.Selection(
        [("posted", "Letters posted"), ("not_posted", "Not posted after all")], required=True, default="posted"
    )
    reminder_ids = fields.Many2many("followup.reminder", string="Letters", required=True)
    day = fields.Date(string="Posted on", default=lambda self: self.env.company.sudo()._followup_today())
    reason = fields.Char(help="Kept with the letters and in the history of the customers.")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("reminder_ids", "kind")
    def _compute_summary(self):
        """To how many, for how much; singular and plural are whole sentences."""
        for wizard in self:
            letters = wizard.reminder_ids
            values = {
                "count": len(letters),
                "customer": letters[:1].partner_id.display_name or "",
                "amount": (letters.currency_id[:1] or self.env.company.currency_id).format(
                    sum(letters.mapped("amount_due"))
                ),
            }
            if wizard.kind == "posted":
                text = self.env._("The letter to %(customer)s (%(amount)s): its level counts from that day.", **values)
                if len(letters) > 1:
                    text = self.env._("%(count)s letters (%(amount)s): their levels count from that day.", **values)
            else:
                text = self.env._(
                    "The letter to %(customer)s (%(amount)s): the levels that it had reached are put back.", **values
                )
                if len(letters) > 1:
                    text = self.env._(
                        "%(count)s letters (%(amount)s): the levels that they had reached are put back.", **values
                    )
            wizard.summary = text

    @api.model
    def _open_for(self, reminders, kind):
        """Action that asks for what is to be known of these letters."""
        reminders._check_may_send()
        letters = reminders.filtered(
            lambda reminder: reminder.channel in POSTAL and reminder.state in STATES[kind]
        )
        if not letters:
            raise UserError(
                self.env._("None of the selected messages is a printed letter waiting to be posted.")
                if kind == "posted"
                else self.env._("None of the selected messages is a letter that was printed or posted.")
            )
        return window(
            self.env,
            "followup_post_wizard_action",
            name=dict(self._fields["kind"]._description_selection(self.env))[kind],
            context={"default_kind": kind, "default_reminder_ids": letters.ids},
        )

    def action_apply(self):
        """Count the levels of the letters posted, or put back those of the letters that were not."""
        self.ensure_one()
        self.reminder_ids._check_may_send()
        # What was done meanwhile, by somebody else, is not done twice.
        letters = self.reminder_ids.sudo()
        letters.lock_for_update()
        if self.kind == "posted":
            self._check_day()
            letters._mark_posted(self.day)
        else:
            if not (self.reason or "").strip():
                raise UserError(self.env._("Say why the letters were not posted."))
            letters._mark_not_posted(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}

    def _check_day(self):
        if not self.day:
            raise UserError(self.env._("Say on which day the letters were posted."))
        for company, letters in self.reminder_ids.grouped("company_id").items():
            if self.day > company.sudo()._followup_today():
                raise UserError(self.env._("Letters are said to be posted once they are: choose today or a past day."))
            printed = [moment.date() for moment in letters.mapped("printed_at") if moment]
            if printed and self.day < min(printed):
                raise UserError(
                    self.env._(
                        "These letters were printed on %(day)s: they were not posted before.",
                        day=format_date(self.env, min(printed)),
                    )
                )
