from odoo import models


class FollowupReminder(models.Model):
    _inherit = "followup.reminder"

    def _hand_over_sms(self):
        """No provider is set up."""
        self._mark_mail_failed(self.env._("Text messages are not set up."))
