import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class FollowupReminder(models.Model):
    """What is kept of a letter that left, and whether it is still what left (T34).

    The PDF is the very file that was printed or attached; its SHA-256 (FIPS 180-4) was taken that day. Any change of
    the file, even of one byte, gives another one.
    """

    _inherit = "followup.reminder"

    sent_to = fields.Char(
        string="Addressed to", readonly=True, copy=False, help="As the letter bore it: the contact may have moved."
    )
    kept_state = fields.Selection(
        [("intact", "As it left"), ("altered", "Altered since"), ("missing", "Missing")],
        string="Kept file",
        readonly=True,
        copy=False,
        help="What the last check found.",
    )
    kept_checked_at = fields.Datetime(string="Checked on", readonly=True, copy=False)
    kept_checked_by_id = fields.Many2one("res.users", string="Checked by", readonly=True, copy=False)

    def _hand_over_letter(self):
        for reminder in self:
            reminder.sent_to = ", ".join(reminder._get_post_lines())
        return super()._hand_over_letter()

    def _get_post_lines(self):
        """The recipient's block of the letter, line by line."""
        self.ensure_one()
        recipient = self.recipient_id or self.partner_id
        return recipient.with_context(lang=self._get_recipient_lang())._get_address_lines()

    # The check

    def action_check_kept(self):
        """Say whether the kept files of these reminders are still those that left."""
        self.check_access("read")
        kept = self.filtered("pdf_sha256")
        if not kept:
            raise UserError(self.env._("No PDF is kept yet: the reminder has not left."))
        wrong = kept._check_kept()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if wrong else "success",
                "sticky": bool(wrong),
                "message": kept._describe_check(wrong),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check_kept(self):
        """Compare each kept file with the SHA-256 of the day it left; return the reminders whose file differs.

        One file at a time is in memory, however many there are.
        """
        found = {}
        for reminder in self.sudo():
            found.setdefault(reminder._read_kept_state(), []).append(reminder.id)
        for state, reminder_ids in found.items():
            self.sudo().browse(reminder_ids).write(
                {
                    "kept_state": state,
                    "kept_checked_at": fields.Datetime.now(),
                    "kept_checked_by_id": self.env.uid,
                }
            )
        return self.filtered(lambda reminder: reminder.sudo().kept_state != "intact")

    def _check_files(self):
        """Refuse to hand out a kept file that is no longer the one that left."""
        kept = self.filtered("pdf_sha256")
        if wrong := kept._check_kept():
            raise UserError(kept._describe_check(wrong))

    def _read_kept_state(self):
        self.ensure_one()
        (content,) = self._read_kept_pdfs()
        if not content:
            return "missing"
        return "intact" if hashlib.sha256(content).hexdigest() == self.pdf_sha256 else "altered"

    def _describe_check(self, wrong):
        """What the check of these reminders found, in words; singular and plural are whole sentences."""
        if wrong:
            return self.env._(
                "%(wrong)s of %(count)s kept files are no longer those that left: %(names)s.",
                wrong=len(wrong),
                count=len(self),
                names=", ".join(wrong[:5].mapped("display_name")) + ("…" if len(wrong) > 5 else ""),
            )
        if len(self) == 1:
            return self.env._("The kept file is the very one that left: its SHA-256 is the same.")
        return self.env._(
            "%(count)s kept files are the very ones that left: their SHA-256 are the same.", count=len(self)
        )

    @api.model
    def _get_waiting_values(self):
        return {**super()._get_waiting_values(), "sent_to": False, "kept_state": False}


class FollowupRun(models.Model):
    _inherit = "followup.run"

    def action_check_kept(self):
        """Say whether the kept files of this run are still those that left."""
        self.ensure_one()
        self.check_access("read")
        return self.reminder_ids.filtered("pdf_sha256").action_check_kept()
