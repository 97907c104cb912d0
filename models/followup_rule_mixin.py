from odoo import api, models


class FollowupRuleMixin(models.AbstractModel):
    """A rule of the decision: changing it makes every stored situation stale."""

    _name = "followup.rule.mixin"
    _description = "Rule of the follow-up"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["res.company"]._followup_expire_situations()
        return super().create(vals_list)

    def write(self, vals):
        self.env["res.company"]._followup_expire_situations()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_expires_situations(self):
        self.env["res.company"]._followup_expire_situations()
