import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from ..models.followup_reminder_registered import RECEIPTS


class FollowupRegisteredWizard(models.TransientModel):
    """A registered letter: its number, what came of it, and the slip or acknowledgement that proves it."""

    _name = "followup.registered.wizard"
    _description = "Number and receipt of a registered letter"

    reminder_id = fields.Many2one("followup.reminder", string="Letter", required=True, ondelete="cascade")
    registered_number = fields.Char(
        string="Registered number", compute="_compute_noted", store=True, readonly=False, precompute=True
    )
    receipt = fields.Selection(RECEIPTS, compute="_compute_noted", store=True, readonly=False, precompute=True)
    received_on = fields.Date(
        string="Received or presented on", compute="_compute_noted", store=True, readonly=False, precompute=True
    )
    proof = fields.Binary(attachment=False, help="The slip or the acknowledgement of receipt: a PDF or a picture.")
    proof_name = fields.Char()

    @api.depends("reminder_id")
    def _compute_noted(self):
        """What is known of the letter already."""
        for wizard in self:
            letter = wizard.reminder_id
            wizard.registered_number = letter.registered_label or False
            wizard.receipt = letter.receipt
            wizard.received_on = letter.received_on

    def action_apply(self):
        """Note it on the letter, and keep the proof with it."""
        self.ensure_one()
        letter = self.reminder_id
        letter._check_may_send()
        letter.sudo().lock_for_update()
        if self.proof:
            self._keep_proof()
        letter.write(
            {
                "registered_number": self.registered_number,
                "receipt": self.receipt,
                "received_on": self.received_on,
            }
        )
        return {"type": "ir.actions.act_window_close"}

    def _keep_proof(self):
        content = base64.b64decode(self.proof)
        kind = guess_mimetype(content, default="")
        if kind != "application/pdf" and kind not in ("image/jpeg", "image/png", "image/webp", "image/gif"):
            raise UserError(self.env._("A proof is a PDF or a picture: scan the slip, or take it in a photograph."))
        letter = self.reminder_id
        letter.check_access("write")
        # As superuser: the files of a letter that left are written by the add-on only, and kept.
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": self.proof_name or self.env._("Proof"),
                    "raw": content,
                    "mimetype": kind,
                    "res_model": letter._name,
                    "res_id": letter.id,
                }
            )
        )
        letter.sudo().proof_ids |= attachment
