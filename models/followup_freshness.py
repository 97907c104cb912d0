from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

#: From the one that a person must see first. `none`: the company has no Sage 100 base.
STATES = ("failed", "never", "stale", "fresh", "none")


class ResCompany(models.Model):
    """How old the entries of a company are: chasing someone who has paid is the worst of faults."""

    _inherit = "res.company"

    followup_freshness_hours = fields.Integer(
        string="Entries are out of date after (hours)",
        default=24,
        required=True,
        help="Beyond this age, payments may have reached Sage that Odoo does not know of: "
        "every screen says so and automatic sending is on hold.",
    )

    @api.constrains("followup_freshness_hours")
    def _check_followup_freshness_hours(self):
        if any(company.followup_freshness_hours < 1 for company in self):
            raise ValidationError(self.env._("Entries are out of date after one hour at least."))

    def _followup_freshness(self):
        """What every screen, run and release knows of the age of the entries: the worst of the company's bases.

        :return: {"state": one of `STATES`, "text": a sentence or False, "moment": last success or False,
            "sync_id": synchronisation to open, or False, "database_id": idem}
        """
        self.ensure_one()
        databases = self.env["sage100.database"].sudo().search([("company_id", "=", self.id)])
        if not databases:
            return {"state": "none", "text": False, "moment": False, "sync_id": False, "database_id": False}
        found = [self._followup_freshness_of(database) for database in databases]
        return min(found, key=lambda item: (STATES.index(item["state"]), item["moment"] or fields.Datetime.now()))

    def _followup_freshness_of(self, database):
        moment = database.last_success_at
        last = database.env["sage100.sync"].search(
            [
                ("database_id", "=", database.id),
                ("state", "in", ("done", "warning", "failed")),
                ("failure", "!=", "busy"),
            ],
            limit=1,
        )
        limit = timedelta(hours=self.followup_freshness_hours)
        if database.state == "failed":
            state = "failed"
        elif not moment:
            state = "never"
        elif fields.Datetime.now() - moment > limit:
            state = "stale"
        else:
            state = "fresh"
        return {
            "state": state,
            "text": self._followup_freshness_text(state, database, last),
            "moment": moment,
            "sync_id": last.id,
            "database_id": database.id,
        }

    def _followup_freshness_text(self, state, database, last):
        moment = database.last_success_at and self._followup_moment(database.last_success_at)
        if state == "failed" and last.failure == "control" and last.customers_differing == 1:
            return self.env._(
                "The balance of one customer of %(name)s differs from Sage: look at it before sending anything.",
                name=database.name,
            )
        if state == "failed" and last.failure == "control":
            return self.env._(
                "The balances of %(count)s customers of %(name)s differ from Sage: "
                "look at them before sending anything.",
                count=last.customers_differing,
                name=database.name,
            )
        if state == "failed":
            return self.env._(
                "The last synchronisation of %(name)s failed: payments may be missing. "
                "Look at it in Follow-ups ⇒ Configuration ⇒ Synchronisations before sending anything.",
                name=database.name,
            )
        if state == "never":
            return self.env._("%(name)s was never synchronised: its entries are missing here.", name=database.name)
        if state == "stale":
            return self.env._(
                "Last synchronised with Sage on %(moment)s: payments may have come in since. "
                "Synchronise before sending anything.",
                moment=moment,
            )
        return self.env._("Sage 100: up to date on %(moment)s, control totals agree.", moment=moment)

    def _followup_moment(self, at):
        """A moment as its reader counts it: in the reader's time zone, else the company's (scheduled actions)."""
        zone = self.env.user.tz or self.partner_id.tz or "Europe/Paris"
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), at)
        return self.env._("%(day)s at %(time)s", day=format_date(self.env, local.date()), time=f"{local:%H:%M}")

    def _followup_hold_reason(self):
        """Why nothing may leave by itself: a sentence, or None when the entries are up to date and agree with Sage."""
        self.ensure_one()
        freshness = self._followup_freshness()
        return None if freshness["state"] in ("none", "fresh") else freshness["text"]


class FollowupFreshness(models.AbstractModel):
    """What the banner above the follow-up screens shows."""

    _name = "followup.freshness"
    _description = "Age of the entries shown"

    @api.model
    @api.readonly
    def get_banner(self):
        """Return the worst of the selected companies: {state, text, sync_id}, named when there are several."""
        if not self.env.user.has_group("account_receivable_followup.followup_group_viewer"):
            return {"state": "none"}
        companies = self.env.companies.sudo()
        found = [(company, company._followup_freshness()) for company in companies]
        company, worst = min(found, key=lambda item: STATES.index(item[1]["state"]))
        text = worst["text"]
        if text and len(companies) > 1:
            text = self.env._("%(company)s: %(text)s", company=company.name, text=text)
        return {"state": worst["state"], "text": text, "sync_id": worst["sync_id"]}


class FollowupRun(models.Model):
    """The age of the entries that a run was prepared from, and what was decided when they were out of date."""

    _inherit = "followup.run"

    freshness = fields.Char(compute="_compute_freshness")
    is_stale = fields.Boolean(string="Entries to be checked", compute="_compute_freshness")
    hold_decision = fields.Text(
        string="Sent in spite of a warning",
        readonly=True,
        copy=False,
        help="Who had messages of this run leave although the entries were out of date or differed from Sage.",
    )

    @api.depends("company_id", "state")
    def _compute_freshness(self):
        for run in self:
            freshness = run.company_id.sudo()._followup_freshness()
            run.freshness = freshness["text"]
            run.is_stale = freshness["state"] not in ("none", "fresh")

    def _log_hold_decision(self, reason):
        """Keep who had messages leave in spite of `reason`."""
        for run in self.sudo():
            line = self.env._(
                "%(user)s, %(moment)s, although: %(reason)s",
                user=self.env.user.name,
                moment=run.company_id._followup_moment(fields.Datetime.now()),
                reason=reason,
            )
            run.hold_decision = "\n".join(filter(None, [run.hold_decision, line]))


class FollowupReminder(models.Model):
    """Nothing leaves by itself when the entries cannot be relied upon."""

    _inherit = "followup.reminder"

    is_stale = fields.Boolean(string="Entries to be checked", related="run_id.is_stale")

    def _release(self):
        """Hold a release that nobody asked for; keep what a person decided in spite of the warning.

        Promise: automatic sending needs a successful synchronisation, recent, whose totals agree.
        """
        held = {company: reason for company in self.company_id if (reason := company.sudo()._followup_hold_reason())}
        if held and self._is_automatic_release():
            reason = next(iter(held.values()))
            raise UserError(self.env._("Nothing was sent, automatic sending is on hold. %(reason)s", reason=reason))
        released = super()._release()
        for company, reason in held.items():
            released.filtered(lambda r, company=company: r.company_id == company).run_id._log_hold_decision(reason)
        return released

    @api.model
    def _is_automatic_release(self):
        """Whether no person asked for the release: a scheduled action, or Odoo itself."""
        return bool(self.env.context.get("cron_id")) or self.env.user._is_superuser()
