from odoo import fields, models

#: What a message does with late-payment penalties.
PENALTY_MODES = [
    ("none", "Not mentioned"),
    ("show", "Shown for information"),
    ("claim", "Claimed"),
]


class FollowupPlan(models.Model):
    """What the messages of a plan do with late-payment penalties."""

    _inherit = "followup.plan"

    penalty_mode = fields.Selection(
        PENALTY_MODES,
        string="Penalties",
        required=True,
        default="none",
        help="Late-payment penalties and the fixed indemnity for recovery costs. Shown: the message says what they "
        "come to, without asking for them. Claimed: they are added to the amount asked for.",
    )


class FollowupLevel(models.Model):
    """A level may depart from its plan."""

    _inherit = "followup.level"

    penalty_mode = fields.Selection(
        PENALTY_MODES, string="Penalties", help="Late-payment penalties and fixed indemnity. Empty: as the plan says."
    )
