from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .followup_facts import AWAY_STATES
from .followup_run import LEFT_OUT


class FollowupRun(models.Model):
    """Why a run chases nobody: the reason of all its lines, or the most frequent one."""

    _inherit = "followup.run"

    nobody_text = fields.Char(string="Why nobody is chased", compute="_compute_nobody_text")

    @api.depends("reminder_ids.state", "excluded_line_ids.reason")
    @api.depends_context("lang")
    def _compute_nobody_text(self):
        for run in self:
            run.nobody_text = not run.reminder_count and run._describe_nobody()

    def _describe_nobody(self):
        """Why nobody is chased, in two sentences."""
        counts = self._count_reasons()
        if not counts:
            return self.env._("Nobody is to be chased with this plan: nothing is overdue on this date.")
        reason, count = next(iter(counts.items()))
        why = self._describe_reason(reason)
        if len(counts) == 1:
            return self.env._(
                "Nobody is to be chased on this date with this plan. The reason is the same for all: %(why)s.", why=why
            )
        return self.env._(
            "Nobody is to be chased on this date with this plan. "
            "The most frequent reason, for %(count)s due lines out of %(total)s: %(why)s.",
            count=count,
            total=sum(counts.values()),
            why=why,
        )

    def _describe_reason(self, reason):
        """Why a line is left out, within a sentence."""
        days = self._get_days_written() if reason == "minimum_interval" else {}
        if days:
            return self.env._(
                "the minimum interval between two messages is not over (last message on %(date)s)",
                date=format_date(self.env, max(days.values())),
            )
        return self.env._("“%(reason)s”", reason=dict(self.excluded_line_ids._selection_reason())[reason])

    def _count_reasons(self):
        """{reason: number of due lines left out}, the most frequent first.

        Once a message has left, no level is due any more; yet whatever came due, nobody may be written to again before
        the minimum interval is over: that is the reason to tell.
        """
        self.ensure_one()
        groups = self.env["followup.reminder.line"]._read_group(
            [("run_id", "=", self.id), *LEFT_OUT], ["reason", "partner_id"], ["__count"]
        )
        written = self._get_days_written()
        counts = Counter()
        for reason, partner, count in groups:
            held = reason == "not_due" and partner.commercial_partner_id.id in written
            counts["minimum_interval" if held else reason] += count
        return dict(counts.most_common())

    def _get_days_written(self):
        """{customer id: day of the last message}, of the lines left out whose customers the interval still holds."""
        partners = self.excluded_line_ids.partner_id.commercial_partner_id
        if not partners:
            return {}
        days = self.env["followup.facts"]._fetch_last_messages(self.company_id, partners.ids, list(AWAY_STATES))
        # Two messages never leave on the same day, whatever the plan says.
        since = self.date - timedelta(days=max(1, self.plan_id.minimum_interval))
        return {number: day for number, day in days.items() if since < day <= self.date}
