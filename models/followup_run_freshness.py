from datetime import timedelta

from odoo import api, fields, models

#: Beyond this age, payments may have reached Sage that Odoo does not know of.
FRESH_FOR = timedelta(hours=24)


class FollowupRun(models.Model):
    """How old the entries are: chasing someone who has paid is the worst of faults."""

    _inherit = "followup.run"

    freshness = fields.Char(compute="_compute_freshness")
    is_stale = fields.Boolean(compute="_compute_freshness")

    @api.depends("company_id", "state")
    def _compute_freshness(self):
        for run in self:
            databases = (
                self.env["sage100.database"]
                .sudo()
                .search([("company_id", "=", run.company_id.id)])
            )
            run.freshness, run.is_stale = run._describe_freshness(databases)

    def _describe_freshness(self, databases):
        """(sentence, must a person look?) about the bases that feed the company."""
        self.ensure_one()
        if not databases:
            return False, False
        late = databases.filtered(lambda base: base.state == "failed")
        if late:
            return (
                self.env._(
                    "The last synchronisation of %(name)s failed: payments may be "
                    "missing. Look at it in Follow-ups ⇒ Configuration ⇒ "
                    "Synchronisations before sending anything.",
                    name=late[0].name,
                ),
                True,
            )
        oldest = min(
            databases, key=lambda base: base.last_success_at or fields.Datetime.from_string("1970-01-01")
        )
        if not oldest.last_success_at:
            return (
                self.env._(
                    "%(name)s was never synchronised: its entries are missing here.",
                    name=oldest.name,
                ),
                True,
            )
        at = fields.Datetime.context_timestamp(self, oldest.last_success_at)
        moment = f"{self.env['ir.qweb.field.date'].value_to_html(at.date(), {})} {at:%H:%M}"
        if fields.Datetime.now() - oldest.last_success_at > FRESH_FOR:
            return (
                self.env._(
                    "Last synchronised with Sage on %(moment)s: payments may have "
                    "come in since. Synchronise before sending anything.",
                    moment=moment,
                ),
                True,
            )
        return (
            self.env._(
                "Synchronised with Sage on %(moment)s, control totals agree.",
                moment=moment,
            ),
            False,
        )
