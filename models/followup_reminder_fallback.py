from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

#: Failures that come from the address: another channel may succeed where the e-mail did not.
ADDRESS_FAILURES = {"refused", "bounced", "blacklisted", "invalid", "no_address"}


class FollowupReminder(models.Model):
    """What is done about a message that did not reach its customer: an alert, and the plan's other channel."""

    _inherit = "followup.reminder"

    delivery = fields.Selection(selection_add=[("no_address", "No address")])
    fallback_of_id = fields.Many2one(
        "followup.reminder",
        string="Instead of",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        help="The message that could not be delivered, and that this one stands in for.",
    )
    fallback_ids = fields.One2many("followup.reminder", "fallback_of_id", string="Sent otherwise", readonly=True)

    def _alert_failures(self):
        """Tell the persons in charge, and propose the same message through the plan's fallback channel.

        A mail server that is out of reach fails a whole run for one cause: one alert says it once.
        """
        unreachable = self.filtered(lambda reminder: reminder.delivery == "unreachable")
        for (company, user, reason), reminders in unreachable.grouped(
            lambda reminder: (reminder.company_id, reminder._get_alerted_user(), reminder.failure_reason)
        ).items():
            if len(reminders) == 1:
                reminders._plan_alert(reminders._get_failure_summary(), reason)
            else:
                summary = self.env._("%(count)s reminders not sent", count=len(reminders))
                company.partner_id.activity_schedule(
                    "mail.mail_activity_data_warning", user_id=user.id, summary=summary, note=reason
                )
        others = self - unreachable
        others._prepare_fallbacks()
        for reminder in others:
            proposed = reminder.fallback_ids.filtered(lambda fallback: fallback.state == "prepared")[:1]
            note = reminder.failure_reason
            if proposed:
                note = self.env._(
                    "%(reason)s The same reminder is waiting in the run, by another channel: %(channel)s.",
                    reason=reminder.failure_reason,
                    channel=proposed._get_channel_label(),
                )
            reminder._plan_alert(reminder._get_failure_summary(), note)

    def _get_alerted_user(self):
        return self.user_id or self.release_user_id or self.env.user

    def _get_failure_summary(self):
        self.ensure_one()
        return self.env._("%(level)s not delivered", level=self.level_name or self.level_id.name or "")

    def _get_channel_label(self):
        self.ensure_one()
        return dict(self._selection_channel())[self.channel]

    def _alert_partial(self, reason):
        """Tell the person in charge that some recipients could not be reached, while others were."""
        self.ensure_one()
        summary = self.env._(
            "%(level)s: a recipient was not reached", level=self.level_name or self.level_id.name or ""
        )
        self._plan_alert(summary, reason)

    # The other channel

    def _prepare_fallbacks(self):
        """Prepare, to be confirmed, the messages that stand in for e-mails whose address failed."""
        concerned = self.filtered(
            lambda reminder: (
                reminder.channel == "email"
                and reminder.delivery in ADDRESS_FAILURES
                and reminder._get_fallback_channel()
                and not reminder._get_fallbacks()
            )
        )
        found = concerned._get_recipients()
        vals_list = []
        for reminder in concerned:
            channel = reminder._get_fallback_channel()
            if not found[reminder].problem(channel):
                vals_list.append(reminder._prepare_fallback_vals(channel, found[reminder]))
        return self.create(vals_list)

    def _get_fallbacks(self):
        """Messages that stand in for these, left out ones excepted."""
        return self.fallback_ids.filtered(lambda fallback: fallback.state != "cancelled")

    def _put_back(self):
        """As usual, an e-mail is sent again instead of what was to replace it, never as well as it."""
        replaced = self._get_fallbacks()
        left = replaced.filtered(lambda fallback: fallback.state != "prepared")
        if left:
            raise UserError(
                self.env._(
                    "%(reminder)s has already gone by another channel (%(channel)s): the customer would get it twice.",
                    reminder=left[0].display_name,
                    channel=left[0]._get_channel_label(),
                )
            )
        replaced._cancel("skipped")
        return super()._put_back()

    def _get_fallback_channel(self):
        """Channel that the plan falls back on; False when it has none, or when that very message goes along already."""
        self.ensure_one()
        channel = self.level_id.plan_id.fallback_channel
        going = self.companion_ids.filtered(lambda companion: companion.state != "cancelled")
        return False if not channel or channel in going.mapped("channel") else channel

    def _prepare_fallback_vals(self, channel, recipients):
        """Values of the same message through `channel`: its lines, its level, and its text if a person wrote it."""
        self.ensure_one()
        [vals] = self.copy_data()
        lines = [Command.create(line_vals) for line_vals in self.line_ids.copy_data()]
        typed = {"kept_subject": self.kept_subject, "kept_body": self.kept_body} if self.text_edited else {}
        return {
            **vals,
            **recipients.vals(channel),
            **typed,
            "state": "prepared",
            "channel": channel,
            "mode": "confirm",
            "to_decide": False,
            "ask_reason": False,
            "date": self.company_id._followup_today(),
            "fallback_of_id": self.id,
            "line_ids": lines,
        }
