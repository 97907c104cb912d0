from odoo import api, fields, models


class FollowupRun(models.Model):
    """Penalties that the messages of a run mention, and what to know before they leave."""

    _inherit = "followup.run"

    penalty_amount = fields.Monetary(
        string="Penalties claimed",
        compute="_compute_penalty_amount",
        help="Late-payment penalties and indemnities that the messages of this run claim (company currency).",
    )
    penalty_warning = fields.Char(compute="_compute_penalty_amount")

    @api.depends("reminder_ids.interest_amount", "reminder_ids.indemnity_amount", "reminder_ids.penalty_mode", "state")
    def _compute_penalty_amount(self):
        found = self.env["followup.reminder"]._read_group(
            [
                ("run_id", "in", self.ids),
                ("penalty_mode", "in", ("show", "claim")),
                ("companion_of_id", "=", False),
                ("state", "!=", "cancelled"),
            ],
            ["run_id", "penalty_mode"],
            ["interest_amount:sum", "indemnity_amount:sum"],
        )
        claimed = {run: interest + indemnity for run, mode, interest, indemnity in found if mode == "claim"}
        concerned = {run for run, *_others in found}
        for run in self:
            run.penalty_amount = claimed.get(run, 0)
            waits = run in concerned and run.state == "prepared"
            run.penalty_warning = waits and run.company_id.sudo()._get_penalty_warning(run.date)
