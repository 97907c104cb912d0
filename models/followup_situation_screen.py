from odoo import api, fields, models
from odoo.fields import Domain

from .followup_window import form_window, window


class FollowupSituation(models.Model):
    """What the screens show of a situation, and what they do with it."""

    _inherit = "followup.situation"

    # Details, read with the same conditions as the lists that the buttons open
    due_line_ids = fields.Many2many(
        "account.move.line", string="Open due lines", compute="_compute_due_line_ids"
    )
    reminder_ids = fields.Many2many(
        "followup.reminder", string="Reminders", compute="_compute_reminder_ids"
    )

    def _compute_due_line_ids(self):
        for situation in self:
            situation.due_line_ids = self.env["account.move.line"].search(
                situation._get_lines_domain(), order="date_maturity, id"
            )

    def _compute_reminder_ids(self):
        for situation in self:
            situation.reminder_ids = self.env["followup.reminder"].search(
                situation._get_history_domain()
                & Domain("state", "in", ("queued", "sent", "failed"))
            )

    def _get_lines_domain(self):
        """Open lines of the customer: their total is the balance."""
        self.ensure_one()
        return self.env["account.move.line"]._followup_open_domain(self.partner_id, self.company_id)

    def _get_history_domain(self):
        self.ensure_one()
        return Domain("partner_id", "=", self.partner_id.id) & Domain(
            "company_id", "=", self.company_id.id
        )

    # Reading: nothing stale is ever shown. Core's methods are read-only; these may
    # have a rebuild to write first, and say so.

    @api.model
    def web_search_read(self, domain, specification, *args, **kwargs):
        self._refresh()
        return super().web_search_read(domain, specification, *args, **kwargs)

    web_search_read._readonly = False

    @api.model
    def web_read_group(self, domain, groupby, *args, **kwargs):
        self._refresh()
        return super().web_read_group(domain, groupby, *args, **kwargs)

    web_read_group._readonly = False

    def web_read(self, specification):
        self._refresh()
        return super().web_read(specification)

    web_read._readonly = False

    # Actions

    @api.model
    def _open_for(self, partner):
        """Action that shows the situation of `partner` in the current company."""
        self._refresh(self.env.company)
        situation = self.search(
            Domain("partner_id", "=", partner.id)
            & Domain("company_id", "=", self.env.company.id)
        )
        if situation:
            return form_window(self.env, "followup_situation_action", situation)
        return window(self.env, "followup_situation_action", domain=[("partner_id", "=", partner.id)])

    def action_open_lines(self):
        """Open due lines of the customer: their total is the balance shown."""
        self.ensure_one()
        return window(self.env, "followup_due_line_action", domain=list(self._get_lines_domain()), context={})

    def action_open_history(self):
        """Reminders of the customer, newest first."""
        self.ensure_one()
        return window(self.env, "followup_reminder_action", domain=list(self._get_history_domain()), context={})

    def action_open_partner(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_remind(self):
        """Prepare a run for the selected customers only."""
        return window(self.env, "followup_send_wizard_action", context={"default_partner_ids": self.partner_id.ids})
