from odoo import models


class FollowupReminder(models.Model):
    """How each channel brings released reminders to their end: sent, printed, to do or failed."""

    _inherit = "followup.reminder"

    def _hand_over_letter(self):
        """Print these letters in address order, into the one PDF of their run."""
        for run, reminders in self._in_address_order().grouped("run_id").items():
            printed, content = reminders._keep_pdfs()
            if printed:
                printed._mark_sent()
                run._append_letters(content)

    def _hand_over_registered(self):
        """A registered letter is printed like any other; the post office makes it registered."""
        self._hand_over_letter()

    def _hand_over_phone(self):
        """A call is planned for the person in charge."""
        self._hand_over_letter()

    def _hand_over_other(self):
        """Something else that the person in charge does."""
        self._hand_over_letter()

    def _hand_over_sms(self):
        """No provider is set up."""
        self._mark_mail_failed(self.env._("Text messages are not set up."))

    def _in_address_order(self):
        """Letters in the order of the post: country, postcode, name."""
        return self.sorted(
            lambda reminder: (
                reminder.recipient_id.country_id.code or "",
                reminder.recipient_id.zip or "",
                reminder.partner_id.name or "",
            )
        )
