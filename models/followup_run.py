from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..lib import levels as rules
from .followup_reminder_pdf import merge_pdfs

#: Lines that enter no message of the run: never in one, or taken out since.
LEFT_OUT = ["|", ("reminder_id", "=", False), ("reminder_id.state", "=", "cancelled")]


class FollowupRun(models.Model):
    """One preparation (campagne): who gets which message, and who does not and why."""

    _name = "followup.run"
    _description = "Dunning run"
    _order = "date DESC, id DESC"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one(
        "followup.plan", required=True, check_company=True, ondelete="restrict"
    )
    date = fields.Date(
        string="As of",
        required=True,
        help="Levels and days late are those of this day.",
    )
    user_id = fields.Many2one(
        "res.users", string="Prepared by", default=lambda self: self.env.user
    )
    state = fields.Selection(
        [("prepared", "To send"), ("done", "Sent")],
        compute="_compute_state",
        store=True,
        default="prepared",
    )
    reminder_ids = fields.One2many("followup.reminder", "run_id", string="Reminders")
    kept_reminder_ids = fields.One2many(
        "followup.reminder",
        "run_id",
        string="Customers to chase",
        domain=[("state", "!=", "cancelled")],
    )
    excluded_line_ids = fields.One2many(
        "followup.reminder.line",
        "run_id",
        string="Left out",
        domain=LEFT_OUT,
    )
    # Figures
    reminder_count = fields.Integer(compute="_compute_figures")
    amount_due = fields.Monetary(
        string="Amount to chase", compute="_compute_figures"
    )
    excluded_count = fields.Integer(compute="_compute_figures")
    excluded_amount = fields.Monetary(compute="_compute_figures")
    email_count = fields.Integer(string="E-mails to send", compute="_compute_figures")
    letter_count = fields.Integer(
        string="Letters to print", compute="_compute_figures"
    )
    sent_count = fields.Integer(string="Reminders sent", compute="_compute_figures")
    queued_count = fields.Integer(string="On their way", compute="_compute_figures")
    failed_count = fields.Integer(string="Failed", compute="_compute_figures")
    release_label = fields.Char(compute="_compute_figures")
    letters_attachment_id = fields.Many2one(
        "ir.attachment", string="Letters of the run", readonly=True, copy=False
    )

    @api.depends("date", "plan_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._(
                "%(plan)s – %(date)s",
                plan=run.plan_id.name,
                date=fields.Date.to_string(run.date) if run.date else "",
            )

    @api.depends("name", "date", "plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(plan)s of %(date)s",
                plan=run.plan_id.name,
                date=self.env["ir.qweb.field.date"].value_to_html(run.date, {}),
            )

    @api.depends("reminder_ids.state")
    def _compute_state(self):
        for run in self:
            waiting = run.reminder_ids.filtered(lambda r: r.state == "prepared")
            sent = run.reminder_ids.filtered(lambda r: r.state in ("queued", "sent"))
            run.state = "done" if sent and not waiting else "prepared"

    @api.depends("reminder_ids.state", "reminder_ids.amount_due")
    def _compute_figures(self):
        for run in self:
            alive = run.reminder_ids.filtered(lambda r: r.state != "cancelled")
            waiting = alive.filtered(lambda r: r.state == "prepared")
            emails = waiting.filtered(lambda r: r.channel == "email")
            run.reminder_count = len(alive)
            run.amount_due = sum(alive.mapped("amount_due"))
            run.excluded_count = len(run.excluded_line_ids)
            run.excluded_amount = sum(run.excluded_line_ids.mapped("residual_company"))
            run.email_count = len(emails)
            run.letter_count = len(waiting - emails)
            run.sent_count = len(alive.filtered(lambda r: r.state == "sent"))
            run.queued_count = len(alive.filtered(lambda r: r.state == "queued"))
            run.failed_count = len(alive.filtered(lambda r: r.state == "failed"))
            run.release_label = run._get_release_label()

    def _get_release_label(self):
        """What pressing the buttons will do: how many messages, for how much."""
        self.ensure_one()
        waiting = self.reminder_ids.filtered(lambda r: r.state == "prepared")
        if not waiting:
            return False
        counts = {
            "emails": self._count_emails(self.email_count),
            "letters": self._count_letters(self.letter_count),
            "amount": self.currency_id.format(sum(waiting.mapped("amount_due"))),
        }
        if self.sent_count or self.queued_count:
            return self.env._(
                "Still to leave: %(emails)s, %(letters)s, for %(amount)s.", **counts
            )
        return self.env._(
            "Nothing has left yet: %(emails)s, %(letters)s, for %(amount)s.", **counts
        )

    def _count_emails(self, count):
        if count > 1:
            return self.env._("%(count)s e-mails to send", count=count)
        return (
            self.env._("one e-mail to send")
            if count
            else self.env._("no e-mail to send")
        )

    def _count_letters(self, count):
        if count > 1:
            return self.env._("%(count)s letters to print", count=count)
        return (
            self.env._("one letter to print")
            if count
            else self.env._("no letter to print")
        )

    # Preparing

    @api.model
    def _prepare_run(self, company, plan, date, partners=None):
        """Create a run: one reminder a customer at its highest level due, and every
        overdue line left out with its reason.

        :param partners: customers to consider; None for all of them
        """
        customers = self.env["followup.facts"]._get_customers(
            company, partners and partners.commercial_partner_id.ids, plan
        )
        decisions = {
            partner_id: rules.decide_customer(customer, date)
            for partner_id, customer in customers.items()
        }
        run = self.create(
            {"company_id": company.id, "plan_id": plan.id, "date": date}
        )
        self.env["followup.reminder"].sudo()._create_for_run(run, decisions)
        return run

    # Actions

    def action_send_emails(self):
        """Send the e-mails of the run that are still waiting."""
        self.ensure_one()
        return self._release(
            self.reminder_ids.filtered(lambda reminder: reminder.channel == "email"),
            self.env._("No e-mail is waiting in this run."),
        )

    def action_print_letters(self):
        """Print the letters of the run that are still waiting, in one PDF.

        The PDF is offered as a link: browsers block a window that opens by itself
        seconds after the click.
        """
        self.ensure_one()
        self._release(
            self.reminder_ids.filtered(lambda reminder: reminder.channel != "email"),
            self.env._("No letter is waiting in this run."),
        )
        if not self.letters_attachment_id:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("The letters are printed in one PDF"),
                "message": "%s",
                "links": [
                    {
                        "label": self.letters_attachment_id.name,
                        "url": self._get_letters_url(),
                    }
                ],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _append_letters(self, content):
        """Add freshly printed letters (bytes) to the one PDF of the run."""
        self.ensure_one()
        previous = self.letters_attachment_id
        if previous:
            content = merge_pdfs(previous.raw, content)
        self.letters_attachment_id = self.env["ir.attachment"].create(
            {
                "name": self.env._(
                    "Letters of %(date)s.pdf",
                    date=format_date(self.env, self.date).replace("/", "-"),
                ),
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _get_letters_url(self):
        return f"/web/content/{self.letters_attachment_id.id}"

    def _release(self, reminders, nothing):
        reminders = reminders.filtered(lambda reminder: reminder.state == "prepared")
        if not reminders:
            raise UserError(nothing)
        reminders._release()
        return True

    def action_open_letters(self):
        """Open the PDF that holds all the letters printed from this run."""
        self.ensure_one()
        if not self.letters_attachment_id:
            raise UserError(self.env._("No letter of this run has been printed yet."))
        return {
            "type": "ir.actions.act_url",
            "url": self._get_letters_url(),
            "target": "new",
        }

    def action_open_reminders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_receivable_followup.followup_reminder_action"
        )
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_excluded(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_receivable_followup.followup_excluded_line_action"
        )
        action["domain"] = [("run_id", "=", self.id), *LEFT_OUT]
        action["context"] = {"search_default_group_reason": 1}
        return action

    @api.model
    def action_open_next(self):
        """Menu “To chase”: the run that is waiting, else the wizard that prepares one."""
        waiting = self.search(
            [
                ("state", "=", "prepared"),
                ("company_id", "=", self.env.company.id),
                ("date", "=", self.env.company.sudo()._followup_today()),
                ("reminder_ids.state", "=", "prepared"),
            ],
            limit=1,
        )
        if not waiting:
            return self.env["ir.actions.act_window"]._for_xml_id(
                "account_receivable_followup.followup_send_wizard_action"
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_receivable_followup.followup_run_action"
        )
        action.update(views=[(False, "form")], view_mode="form", res_id=waiting.id)
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(r.state in ("queued", "sent") for r in self.reminder_ids):
            raise UserError(
                self.env._(
                    "A run from which reminders have left is part of the history "
                    "and cannot be deleted."
                )
            )
