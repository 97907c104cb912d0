import logging
from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.exceptions import ValidationError

from ..lib.working_days import next_sending_day

_logger = logging.getLogger(__name__)


class FollowupRun(models.Model):
    """The schedule: at the company's hour, the runs of the day are prepared and what is automatic leaves.

    Twice on a day changes nothing: each plan has one scheduled run a day. When the entries cannot be relied upon the
    runs are prepared all the same, nothing leaves, and the person in charge is told why; what is automatic leaves by
    itself as soon as the entries are right again, that very day.
    """

    _inherit = "followup.run"

    @api.model
    def _cron_prepare(self):
        """Scheduled action, every hour and at the very minute of each company's preparation."""
        companies = self.env["res.company"].sudo().search([("followup_schedule", "=", True)])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                with self.env.cr.savepoint():
                    self._prepare_scheduled(company)
            except Exception:  # one company's trouble stops no other; it is tried again at the next hour
                _logger.exception("The scheduled run of %s could not be prepared", company.name)
            company._followup_wake_schedule()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _prepare_scheduled(self, company):
        """Prepare the runs of the day of `company`, one a plan, and release what is automatic in them."""
        now = company._followup_now()
        if now < company._followup_preparation_time(now.date()):
            return self.browse()
        runs = self.browse()
        for plan in self._get_scheduled_plans(company):
            run = self._get_scheduled_run(company, plan, now.date())
            if not run and self._is_sending_day(company, plan, now.date()):
                run = self._prepare_scheduled_run(company, plan, now.date())
            runs |= run
        runs._release_automatic()
        return runs

    @api.model
    def _get_scheduled_plans(self, company):
        """Plans that may have something to send in `company`."""
        Plan = self.env["followup.plan"].sudo()
        Partner = self.env["res.partner"].sudo().with_company(company)
        default = Plan._get_default_for(company)
        return Plan.search([("company_id", "in", [False, company.id])]).filtered(
            lambda plan: (
                plan._get_active_levels()
                and (plan == default or plan.use_rule or Partner.search([("followup_plan_id", "=", plan.id)], limit=1))
            )
        )

    @api.model
    def _is_sending_day(self, company, plan, day):
        rule = plan._get_rules(company._followup_region())
        return next_sending_day(day, rule.sending_days, rule.skip_holidays, rule.region) == day

    @api.model
    def _get_scheduled_run(self, company, plan, day):
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("plan_id", "=", plan.id),
                ("date", "=", day),
                ("origin", "=", "schedule"),
            ],
            limit=1,
        )

    @api.model
    def _prepare_scheduled_run(self, company, plan, day):
        """Prepare the run of the day of `plan`; a plan that nobody follows today gets none."""
        Run = self.sudo().with_company(company)
        user = company.followup_user_id or self.env.user
        earlier = Run.search(
            [
                ("company_id", "=", company.id),
                ("plan_id", "=", plan.id),
                ("date", "<", day),
                ("origin", "=", "schedule"),
                ("state", "=", "prepared"),
            ]
        )
        run = Run._prepare_run(company, plan, day, origin="schedule", user_id=user.id)
        if not run.reminder_ids and not run.excluded_line_ids:
            run.unlink()
            return self.browse()
        earlier._replace_waiting()
        run.held_reason = company._followup_hold_reason()
        run._tell_responsible()
        return run

    def _replace_waiting(self):
        """Leave out what still waits in these runs: today's run asks the same again. What a person wrote stays."""
        waiting = self.reminder_ids.filtered(lambda reminder: reminder.state == "prepared" and not reminder.text_edited)
        waiting._cancel("replaced")
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _tell_responsible(self):
        """One activity for the person in charge when something waits for them: to confirm, to decide, or on hold."""
        for run in self:
            waiting = run.reminder_ids.filtered(lambda reminder: reminder.state == "prepared")
            if not run.held_reason:
                waiting = waiting.filtered(lambda reminder: reminder.mode != "automatic")
            if waiting and run.user_id:
                run.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=run.date,
                    user_id=run.user_id.id,
                    summary=run._get_activity_summary(len(waiting)),
                    note=run.held_reason,
                )

    def _get_activity_summary(self, count):
        if self.held_reason:
            return self.env._("Reminders on hold: %(count)s messages wait", count=count)
        return self.env._("Reminders to send: %(count)s messages wait", count=count)

    def _release_automatic(self):
        """Let the automatic messages of these runs leave, unless the entries cannot be relied upon."""
        for run in self:
            reason = run.company_id.sudo()._followup_hold_reason()
            if (run.held_reason or None) != reason:
                run.held_reason = reason
            if reason:
                continue
            automatic = run.reminder_ids.filtered(
                lambda reminder: (
                    reminder.state == "prepared"
                    and reminder.mode == "automatic"
                    and not reminder.to_decide
                    # A person who interrupted the release resumes it.
                    and not reminder.release_user_id
                )
            )
            if automatic:
                automatic._release()


class ResCompany(models.Model):
    """The hour at which a company's reminders are prepared, in its own time zone."""

    _inherit = "res.company"

    @api.constrains("followup_hour")
    def _check_followup_hour(self):
        if any(not 0 <= company.followup_hour < 24 for company in self):
            raise ValidationError(self.env._("The hour of the preparation is between 0:00 and 23:59."))

    def _followup_preparation_time(self, day):
        """When the runs of `day` are prepared, on the company's own clock."""
        minutes = round(self.followup_hour * 60)
        return self._followup_zone().localize(datetime.combine(day, time(minutes // 60 % 24, minutes % 60)))

    def _followup_wake_schedule(self):
        """Have the schedule wake up at the company's next preparation, to the minute."""
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_schedule", raise_if_not_found=False)
        for company in self.filtered("followup_schedule"):
            now = company._followup_now()
            moment = company._followup_preparation_time(now.date())
            if moment <= now:
                moment = company._followup_preparation_time(now.date() + timedelta(days=1))
            # The hourly pass would come too late, not the one of another hour.
            if cron and moment - now < timedelta(hours=1):
                cron.sudo()._trigger(at=self._followup_to_utc(moment))
