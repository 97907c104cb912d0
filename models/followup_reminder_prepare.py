from odoo import api, models

from ..lib import levels as rules
from .followup_reminder_insert import ReminderRows

#: Reasons not worth a row when the line is not even overdue.
SILENT_REASONS = {rules.Reason.NOT_DUE, rules.Reason.CREDIT, rules.Reason.PAID}
#: Customers that a text is tried on when it fails for the first one.
TRIED = 20
#: Channels whose message is a text; a call or another action may go without one.
WRITTEN_CHANNELS = {"email", "letter", "registered"}


class FollowupReminder(models.Model):
    """Composing the messages of a run from decisions, for any number of customers by as many queries."""

    _inherit = "followup.reminder"

    @api.model
    def _create_for_run(self, run, decided):
        """Create the reminders and the left-out lines of `run`.

        :param decided: {customer id: (lib.levels.Customer, lib.levels.CustomerDecision)}
        """
        run = run.sudo()
        run.env["followup.situation"]._refresh(run.company_id)
        rows = ReminderRows(run, decided)
        rows.compose()
        reminders = rows.insert()
        reminders._set_penalties()
        reminders._check_sample_texts()
        return reminders

    def _check_sample_texts(self):
        """Try each text of the run on one customer, the one with the fewest lines.

        A text that fails is tried on some more. When it fails for all of them, it is told at once of all its customers;
        otherwise of those that it fails for, and the others are seen when their message leaves.
        """
        self.fetch(["level_id", "recipient_id", "channel", "line_count"])
        groups = self.grouped(lambda reminder: (reminder.level_id, reminder.recipient_id.lang, reminder.channel))
        for reminders in groups.values():
            # Alone: what is read of them is not read of all the others too.
            tried = self.browse(reminders.sorted("line_count")[:TRIED].ids)
            if not tried[:1]._needs_text() or not tried[:1].text_problem:
                continue
            failing = tried.filtered("text_problem")
            if failing == tried:
                reminders._fail(tried[:1].text_problem)
            else:
                for reminder in failing:
                    reminder._fail(reminder.text_problem)

    def _needs_text(self):
        """Whether the message is nothing without the text of its level."""
        self.ensure_one()
        return self.channel in WRITTEN_CHANNELS or bool(self._get_template())

    # Reading the facts again

    def _find_message(self, decision):
        """The message of `decision` that is still this one's, or None: nothing is to be sent any more.

        One message a customer: whatever its level has become. Otherwise, the one of the same level or document.
        """
        self.ensure_one()
        messages = decision.messages
        if self.level_by_hand:
            # The level chosen by hand, or nothing: never another one in its place.
            messages = [message for message in messages if message.level.id == self.level_id.id]
        if not self.message_key:
            return messages[0] if messages else None
        return next((message for message in messages if message.key == self.message_key), None)

    def _rewrite(self, found):
        """Bring lines, amounts and levels of prepared messages up to date, set-wise; their companions follow.

        :param found: {reminder of self: (lib.levels.Customer, CustomerDecision, Message)}
        :return: the reminders whose lines, amounts or level have really changed
        """
        everyone = self | self.companion_ids
        before = everyone._get_signatures()
        for run, reminders in self.grouped("run_id").items():
            rows = ReminderRows(run.sudo(), {})
            for reminder in reminders:
                customer, decision, message = found[reminder]
                for one in reminder | reminder.companion_ids:
                    rows.add_listed(one.id, customer, decision, message, raises=not one.companion_of_id)
            (reminders | reminders.companion_ids)._clear_lines()
            rows.insert_lines()
        for reminder in self:
            level_id = found[reminder][2].level.id
            if reminder.level_id.id != level_id:
                (reminder | reminder.companion_ids).sudo().write({"level_id": level_id})
        everyone._set_penalties()
        after = everyone._get_signatures()
        return everyone.filtered(lambda reminder: before.get(reminder.id) != after.get(reminder.id))
