from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..lib.working_days import next_sending_day
from ..models.followup_window import form_window, window

#: Beyond this number, chosen customers and lines are counted rather than named.
NAMED = 8


class FollowupSendWizard(models.TransientModel):
    """“Send reminders”: choose a plan and a date, or customers, lines, criteria; then look at what would leave."""

    _name = "followup.send.wizard"
    _inherit = ["followup.criteria.mixin"]
    _description = "Send reminders"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "followup.plan",
        string="Follow-up plan",
        required=True,
        check_company=True,
        compute="_compute_plan_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    date = fields.Date(
        string="Sending date",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
        help="Levels are those due on this day.",
    )
    day_warning = fields.Char(string="Warning about the day", compute="_compute_day_warning")
    level_id = fields.Many2one(
        "followup.level",
        string="Level chosen by hand",
        domain="[('plan_id', '=', plan_id), ('phase', '!=', 'thanks')]",
        help="Empty: each customer gets the level that is due. A level chosen here is sent at once to those whose plan "
        "allows it; the preview says who cannot get it, and why.",
    )
    extra_text = fields.Text(
        string="Text added", help="Said once, in all the messages of this run, above the table of the due lines."
    )
    # Whom
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only these customers",
        help="Empty: every customer that the plan applies to.",
    )
    line_ids = fields.Many2many("account.move.line", string="Only these due lines")
    chosen_text = fields.Char(string="Chosen", compute="_compute_chosen_text")
    criteria_id = fields.Many2one("followup.run.criteria", string="Favourite")
    use_criteria = fields.Boolean(string="By criteria")
    match_text = fields.Char(string="Customers who meet the criteria", compute="_compute_match_text")
    favourite_name = fields.Char(string="Keep as a favourite")
    favourite_shared = fields.Boolean(string="Shared with everybody")

    freshness = fields.Char(compute="_compute_freshness")
    is_stale = fields.Boolean(string="Entries to be checked", compute="_compute_freshness")

    @api.depends("company_id")
    def _compute_freshness(self):
        for wizard in self:
            freshness = wizard.company_id.sudo()._followup_freshness()
            wizard.freshness = freshness["text"]
            wizard.is_stale = freshness["state"] not in ("none", "fresh")

    @api.depends("company_id")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = self.env["followup.plan"]._get_default_for(wizard.company_id)

    @api.depends("company_id")
    def _compute_date(self):
        for wizard in self:
            wizard.date = wizard.company_id.sudo()._followup_today()

    @api.depends("date", "plan_id", "company_id")
    def _compute_day_warning(self):
        """Said, not forbidden: whoever prepares a run on a Sunday has decided so."""
        for wizard in self:
            wizard.day_warning = False
            if not wizard.date or not wizard.plan_id:
                continue
            rule = wizard.plan_id._get_rules(wizard.company_id.sudo()._followup_region())
            following = next_sending_day(wizard.date, rule.sending_days, rule.skip_holidays, rule.region)
            if following != wizard.date:
                day = format_date(self.env, wizard.date, date_format="EEEE d MMMM")
                wizard.day_warning = self.env._(
                    "%(day)s is not a sending day of this plan; the next one is %(next)s.",
                    day=day[:1].upper() + day[1:],
                    next=format_date(self.env, following, date_format="EEEE d MMMM"),
                )

    @api.depends("partner_ids", "line_ids")
    def _compute_chosen_text(self):
        for wizard in self:
            text = False
            if wizard.line_ids:
                text = self.env._(
                    "%(lines)s due lines of %(customers)s customers",
                    lines=len(wizard.line_ids),
                    customers=len(wizard.line_ids.partner_id.commercial_partner_id),
                )
            elif len(wizard.partner_ids) > NAMED:
                text = self.env._("%(count)s customers", count=len(wizard.partner_ids))
            wizard.chosen_text = text

    @api.depends("use_criteria", "date", "company_id", *(
        "overdue_min days_late_min salesperson_ids category_ids country_ids partner_domain".split()
    ))  # fmt: skip
    def _compute_match_text(self):
        """How many customers meet the criteria, before anything is prepared."""
        for wizard in self:
            wizard.match_text = False
            if not wizard.use_criteria or not wizard.date or wizard._is_any_customer():
                continue
            wizard.env["followup.situation"]._refresh(wizard.company_id)
            found = wizard.env["followup.situation"].formatted_read_group(
                wizard._get_situation_domain(wizard.date), [], ["__count", "overdue:sum"]
            )[0]
            wizard.match_text = self.env._(
                "%(count)s customers meet them; overdue: %(amount)s.",
                count=found["__count"],
                amount=wizard.currency_id.format(found["overdue:sum"] or 0),
            )

    @api.onchange("criteria_id")
    def _onchange_criteria_id(self):
        if self.criteria_id:
            self.use_criteria = True
            for name in self._get_criteria_fields():
                self[name] = self.criteria_id[name]

    def action_prepare(self):
        """Prepare the run and open its preview; nothing leaves yet."""
        self.ensure_one()
        if not self.plan_id.level_ids.filtered("active"):
            raise UserError(
                self.env._(
                    "The plan “%(plan)s” has no level. Add its levels in Follow-ups ⇒ Configuration ⇒ Follow-up plans.",
                    plan=self.plan_id.name,
                )
            )
        run = self.env["followup.run"]._prepare_run(
            self.company_id, self.plan_id, self.date, self._get_partners(), **self._prepare_run_vals()
        )
        if self.level_id and not run.reminder_ids:
            raise UserError(self._describe_refusal(run))
        self._keep_favourite()
        return form_window(self.env, "followup_run_action", run, target="current")

    def _get_partners(self):
        """Customers that the run is about; None for all those of the plan."""
        if self.line_ids:
            return None
        if self.partner_ids:
            return self.partner_ids
        if self.use_criteria and not self._is_any_customer():
            partners = self._find_partners(self.date)
            if not partners:
                raise UserError(
                    self.env._("No customer meets these criteria: %(criteria)s.", criteria=self._describe_criteria())
                )
            return partners
        return None

    def _prepare_run_vals(self):
        vals = {"extra_text": self.extra_text, "level_id": self.level_id.id}
        if self.line_ids:
            vals["line_ids"] = [(6, 0, self.line_ids.ids)]
        elif not self.partner_ids and self.use_criteria and not self._is_any_customer():
            # Criteria choose no one in particular: ceilings and customers proposed only still ask for a decision.
            vals.update(criteria_text=self._describe_criteria(), by_hand=False)
        return vals

    def _describe_refusal(self, run):
        """Why a level chosen by hand can be sent to nobody, in words."""
        counts = run._count_reasons()
        if not counts:
            return self.env._(
                "“%(level)s” cannot be sent: none of these customers has anything overdue.", level=self.level_id.name
            )
        labels = dict(run.excluded_line_ids._selection_reason())
        return self.env._(
            "“%(level)s” cannot be sent to any of these customers: %(reasons)s.",
            level=self.level_id.name,
            reasons=", ".join(labels[code] for code in counts).lower(),
        )

    def _keep_favourite(self):
        """Keep the criteria under the name that was typed."""
        name = (self.favourite_name or "").strip()
        if not name:
            return
        if self._is_any_customer():
            raise UserError(self.env._("Fill at least one criterion to keep a favourite."))
        self.env["followup.run.criteria"].create(
            {
                "name": name,
                "company_id": self.company_id.id,
                "user_id": False if self.favourite_shared else self.env.uid,
                "overdue_min": self.overdue_min,
                "days_late_min": self.days_late_min,
                "salesperson_ids": [(6, 0, self.salesperson_ids.ids)],
                "category_ids": [(6, 0, self.category_ids.ids)],
                "country_ids": [(6, 0, self.country_ids.ids)],
                "partner_domain": self.partner_domain,
            }
        )

    def action_forget_favourite(self):
        """Delete the favourite; the criteria stay as they are filled."""
        self.ensure_one()
        self.criteria_id.unlink()
        return window(self.env, "followup_send_wizard_action", res_id=self.id)


class AccountMoveLine(models.Model):
    """Chasing the selected due lines."""

    _inherit = "account.move.line"

    def action_followup_remind(self):
        """Prepare a run for the selected due lines only (F034, F053)."""
        self.check_access("read")
        lines = self.filtered(lambda line: line.followup_kind and line.parent_state == "posted" and not line.reconciled)
        companies = lines.company_id
        if not lines:
            raise UserError(self.env._("No open due line is selected."))
        if len(companies) > 1:
            raise UserError(self.env._("Select due lines of one company only."))
        return window(
            self.env,
            "followup_send_wizard_action",
            context={"default_company_id": companies.id, "default_line_ids": lines.ids},
        )
