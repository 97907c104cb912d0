from odoo import fields, models


class FollowupSituation(models.Model):
    """The follow-up address, seen and changed from the account situation."""

    _inherit = "followup.situation"

    followup_email = fields.Char(related="partner_id.followup_email")

    def action_edit_followup_email(self):
        """The customer's follow-up address and contacts, in a dialog."""
        self.ensure_one()
        view = self.env.ref("account_receivable_followup.res_partner_view_form_followup_email")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Follow-up e-mail of %(customer)s", customer=self.partner_id.display_name),
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(view.id, "form")],
            "target": "new",
        }
