import base64
from contextlib import closing

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tools.misc import clean_context

from ..lib.plain_text import to_plain_text

#: Lines shown at most: a preview is looked at, not sent.
MOST_LINES = 200


class FollowupTextPreview(models.TransientModel):
    """A text as a real customer would read it today: the e-mail, its plain text, the letter. Nothing is kept."""

    _name = "followup.text.preview"
    _description = "Preview of a text"

    template_id = fields.Many2one("mail.template", string="Text", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    level_id = fields.Many2one(
        "followup.level",
        compute="_compute_level_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        ondelete="cascade",
        help="Its table, its penalties.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Empty: the customer's.",
    )
    subject = fields.Char(readonly=True)
    body = fields.Html(readonly=True, sanitize=False)
    plain_text = fields.Text(readonly=True)
    letter = fields.Binary(attachment=False, readonly=True)
    problem = fields.Text(readonly=True)

    @api.depends("template_id")
    def _compute_level_id(self):
        for preview in self:
            using = preview.template_id.followup_level_ids
            plan = preview.company_id.followup_plan_id
            levels = using or plan.level_ids
            preview.level_id = levels.filtered(lambda level, plan=plan: level.plan_id == plan)[:1] or levels[:1]

    @api.depends("company_id")
    def _compute_partner_id(self):
        """The customer who owes most."""
        for preview in self:
            situation = self.env["followup.situation"].search(
                [("company_id", "=", preview.company_id.id)], order="overdue DESC, id", limit=1
            )
            preview.partner_id = situation.partner_id

    # Actions

    def action_show(self):
        """Show the e-mail as it reads now."""
        self.ensure_one()
        self._show("email")
        return self._reopen()

    def action_show_letter(self):
        """Show the letter, as a PDF."""
        self.ensure_one()
        self._show("letter")
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.template_id.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # Showing

    def _show(self, channel):
        """Keep what the customer would read; the message that it is rendered from is undone at once."""
        self.check_access("write")
        self.partner_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("You do not work in %(company)s.", company=self.company_id.sudo().name))
        if not self.partner_id:
            shown = {"problem": self.env._("Choose a customer: none owes anything yet.")}
        else:
            with closing(self.env.cr.savepoint()):
                shown = self._render(channel)
        empty = dict.fromkeys(("subject", "body", "plain_text", "letter", "problem"), False)
        self.write({**empty, **shown})

    def _render(self, channel):
        """Values of this preview, from a message that really exists for the time of the call."""
        plain = self.with_env(self.env(context=clean_context(self.env.context)))
        reminder = plain.sudo()._create_reminder(channel)
        template = self.template_id
        if self.lang:
            (reminder.recipient_id | reminder.partner_id).lang = self.lang
        try:
            as_read = reminder._get_template_as_read(template)
            subject = as_read._render_field("subject", reminder.ids)[reminder.id]
            body = as_read._render_field("body_html", reminder.ids)[reminder.id]
            reminder.write({"kept_subject": subject, "kept_body": body})
            shown = {"subject": subject}
            if channel == "letter":
                shown["letter"] = base64.b64encode(reminder._print_unkept())
            else:
                shown["body"] = Markup(body)
                shown["plain_text"] = to_plain_text(str(reminder._get_mail_body()))
        except Exception as error:  # user-edited text: any error may come
            return {"problem": reminder._describe_text_problem(template, error)}
        return shown

    def _create_reminder(self, channel):
        """A message of the level to the customer, listing what it would claim: all that is overdue today."""
        company, partner = self.company_id, self.partner_id.commercial_partner_id
        level = self.level_id
        today = company._followup_today()
        recipients = self.env["followup.recipients"]._get([(partner.id, level.id, self.env.uid)], company)
        (found,) = recipients.values()
        lines = self._get_lines(partner, today)
        reminder = self.env["followup.reminder"].create(
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "date": today,
                "level_id": level.id,
                "level_name": level.name,
                "channel": channel,
                "user_id": (partner.with_company(company).followup_user_id or company.followup_user_id).id
                or self.env.uid,
                **found.vals(channel),
                "line_ids": [Command.create(self._prepare_line_vals(line, today)) for line in lines],
            }
        )
        reminder._sum_lines()
        reminder._set_penalties()
        return reminder

    def _get_lines(self, partner, today):
        """What is overdue for the customer; what is to come for a prevention notice."""
        operator = ">=" if self.level_id.phase == "prevention" else "<"
        Line = self.env["account.move.line"]
        return Line.search(
            Line._followup_open_domain(partner, self.company_id, listed=True)
            & Domain("amount_residual", ">", 0)
            & Domain("date_maturity", operator, today),
            order="date_maturity, id",
            limit=MOST_LINES,
        )

    def _prepare_line_vals(self, line, today):
        due = line.date_maturity or line.date
        return {
            "company_id": self.company_id.id,
            "partner_id": line.partner_id.commercial_partner_id.id,
            "move_line_id": line.id,
            "document": line.followup_document or line.name,
            "document_date": line.invoice_date or line.date,
            "due_date": due,
            "days_late": max((today - due).days, 0),
            "currency_id": line.currency_id.id,
            "amount": line.amount_currency,
            "paid": line.amount_currency - line.amount_residual_currency,
            "residual": line.amount_residual_currency,
            "residual_company": line.amount_residual,
            "level_id": self.level_id.id,
        }


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def action_followup_preview(self):
        """Look at this text as a customer would read it."""
        self.ensure_one()
        env = self.env(context=clean_context(self.env.context))
        return env["followup.text.preview"].create({"template_id": self.id}).action_show()
