from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FollowupLevelText(models.Model):
    """The text of a level in one company: a cell of the table of the texts, company × level.

    A level without a text of its own in a company uses its usual one. The languages are translations of the text.
    """

    _name = "followup.level.text"
    _description = "Text of a level in a company"
    _order = "level_id, company_id"
    _rec_name = "template_id"

    level_id = fields.Many2one("followup.level", required=True, index=True, ondelete="cascade")
    plan_id = fields.Many2one(related="level_id.plan_id")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Text",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("model", "=", "followup.reminder")],
    )

    _cell_uniq = models.Constraint(
        "UNIQUE(level_id, company_id)", "This level already has a text of its own in this company."
    )

    @api.constrains("level_id", "company_id")
    def _check_company(self):
        for text in self:
            owner = text.level_id.plan_id.company_id
            if owner and owner not in text.company_id.parent_ids:
                raise ValidationError(
                    self.env._(
                        "“%(level)s” belongs to a plan of %(company)s: no other company uses it.",
                        level=text.level_id.name,
                        company=owner.name,
                    )
                )


class FollowupLevel(models.Model):
    """Which text a level uses."""

    _inherit = "followup.level"

    text_ids = fields.One2many("followup.level.text", "level_id", string="Texts of the companies", copy=True)

    def _get_template(self, company):
        """The text that this level uses in `company`: its own, that of the company it is a branch of, the usual one."""
        self.ensure_one()
        own = {text.company_id.id: text.template_id for text in self.sudo().text_ids}
        if own:
            for candidate in reversed(company.sudo().parent_ids.ids):
                if candidate in own:
                    return own[candidate].with_env(self.env)
        return self.template_id
