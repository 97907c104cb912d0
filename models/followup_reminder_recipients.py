from odoo import api, fields, models

from ..lib.email_addresses import read_addresses

#: States in which the recipients of a message may still change.
WAITING = ("prepared", "queued", "failed")


class FollowupReminder(models.Model):
    """Whom a reminder is sent to."""

    _inherit = "followup.reminder"

    recipient_ids = fields.Many2many(
        "res.partner",
        "followup_reminder_recipient_rel",
        "reminder_id",
        "partner_id",
        string="Recipients",
        context={"active_test": False},
        help="All of them get the same message.",
    )
    email_to = fields.Char(string="E-mail address", compute="_compute_email_to", store=True, readonly=False)
    email_cc = fields.Char(string="Copy to", help="E-mail addresses, separated by commas.")
    #: Address of the customer, the very field of its form (it says "same field" in both places).
    followup_email = fields.Char(
        related="partner_id.followup_email", readonly=False, string="Follow-up e-mail of the customer"
    )

    @api.depends("recipient_ids.email", "channel")
    def _compute_email_to(self):
        """Addresses of the recipients. What has left does not follow the contacts' later changes."""
        Recipients = self.env["followup.recipients"]
        for reminder in self:
            if reminder.state not in WAITING:
                # An assignment is expected: what was kept is assigned again.
                reminder.email_to = reminder.email_to
            elif reminder.channel == "email":
                people = [
                    (contact.name, read_addresses(contact.email).valid) for contact in reminder._recipients_in_order()
                ]
                reminder.email_to = Recipients._format(people)
            else:
                reminder.email_to = False

    def _recipients_in_order(self):
        """All the recipients, the one whose language the message speaks first."""
        self.ensure_one()
        return self.recipient_id | self.recipient_ids

    @api.model_create_multi
    def create(self, vals_list):
        reminders = super().create(vals_list)
        alone = reminders.filtered(lambda reminder: not reminder.recipient_ids)
        for reminder in alone.filtered("recipient_id"):
            reminder.recipient_ids = reminder.recipient_id
        alone.filtered(lambda reminder: not reminder.recipient_ids)._find_recipients()
        return reminders

    def write(self, vals):
        result = super().write(vals)
        if self.env.context.get("followup_recipients_chosen"):
            return result
        chosen = self.with_context(followup_recipients_chosen=True).sudo()
        if "recipient_ids" in vals:
            for reminder in chosen:
                if reminder.recipient_id not in reminder.recipient_ids and "recipient_id" not in vals:
                    reminder.recipient_id = reminder.recipient_ids[:1]
        elif "recipient_id" in vals:
            for reminder in chosen:
                reminder.recipient_ids = reminder.recipient_id
        elif {"channel", "level_id"} & set(vals):
            chosen.filtered(lambda reminder: reminder.state in WAITING)._find_recipients()
        return result

    def _recipients_key(self):
        """What `followup.recipients` finds the recipients of this message by."""
        self.ensure_one()
        return (self.partner_id.id, self.level_id.id, self.user_id.id)

    def _find_recipients(self):
        """Give these messages the recipients that the contacts of their customers make, set-wise."""
        found = self._get_recipients()
        for reminder in self.sudo().with_context(followup_recipients_chosen=True):
            reminder.write(found[reminder].vals(reminder.channel))

    def _get_recipients(self):
        """{reminder: Recipients}, by as many queries as there are companies."""
        found = {}
        for company, reminders in self.grouped("company_id").items():
            keys = {reminder: reminder._recipients_key() for reminder in reminders}
            recipients = self.env["followup.recipients"]._get(keys.values(), company)
            found.update((reminder, recipients[key]) for reminder, key in keys.items())
        return found
