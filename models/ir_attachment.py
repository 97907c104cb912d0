from odoo import api, models
from odoo.exceptions import UserError

#: The reminder has left, or is on a desk ready to be posted.
LEFT_STATES = ("printed", "todo", "sent", "uncertain")
#: What a file is, and where it is kept.
CONTENT_FIELDS = {"datas", "db_datas", "mimetype", "name", "raw", "res_id", "res_model", "store_fname"}


class IrAttachment(models.Model):
    """The files of a reminder that has left are its proof: they are neither changed nor deleted (T34).

    The customer's history shows them too, where a message's files could otherwise be removed by its readers.
    """

    _inherit = "ir.attachment"

    def write(self, vals):
        if not CONTENT_FIELDS.isdisjoint(vals):
            self._check_kept_reminders()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_reminders(self):
        self._check_kept_reminders()

    def _check_kept_reminders(self):
        mine = self.sudo().filtered(lambda attachment: attachment.res_model == "followup.reminder")
        if not mine:
            return
        kept = self.env["followup.reminder"].sudo().browse(mine.mapped("res_id")).exists()
        if kept.filtered(lambda reminder: reminder.state in LEFT_STATES):
            raise UserError(
                self.env._("What was sent with a reminder that has left is kept as it is: it cannot change any more.")
            )
