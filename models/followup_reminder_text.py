from markupsafe import Markup

from odoo import api, models
from odoo.tools import is_html_empty

from .followup_reminder_prepare import WRITTEN_CHANNELS

#: Marks the text added by hand, so that it is never said twice.
EXTRA_CLASS = "o_followup_extra_text"


class FollowupReminder(models.Model):
    """Subject and text of a reminder.

    While it waits, a text follows the template of its level, the amounts and the recipient: it is rendered when
    somebody looks at it. It is kept when a person types it, and when the message leaves: from then on it never changes.
    """

    _inherit = "followup.reminder"

    @api.depends("kept_subject", "level_id", "recipient_id", "partner_id", "amount_due", "user_id")
    def _compute_subject(self):
        for reminder in self:
            reminder.subject = reminder.kept_subject or reminder._try_to_render("subject")[0]

    @api.depends(
        "amount_due",
        "channel",
        "extra_text",
        "kept_body",
        "level_id",
        "line_ids",
        "partner_id",
        "recipient_id",
        "run_id.extra_text",
        "user_id",
    )
    def _compute_body(self):
        for reminder in self:
            if reminder.kept_body:
                # Cleaned when it was kept: not once more for each message of a chunk.
                self._fields["body"]._update_cache(reminder, reminder.kept_body)
            else:
                reminder.body = reminder._try_to_render("body_html")[0]

    @api.depends("subject", "body", "state")
    def _compute_text_problem(self):
        """Why the text cannot be shown nor sent: a template that a user has changed may fail on some customers."""
        for reminder in self:
            problem = False
            if not reminder.kept_body and reminder.state == "prepared":
                problem = reminder._try_to_render("subject")[1] or reminder._try_to_render("body_html")[1]
            reminder.text_problem = problem

    def _inverse_texts(self):
        """Keep what a person typed; the other half of the message stays as it was shown."""
        for reminder in self:
            subject, body = reminder.subject, reminder.body
            reminder.sudo().write({"kept_subject": subject, "kept_body": body})

    @api.depends("line_ids.residual", "extra_text", "level_id", "other_line_ids", "run_id.extra_text")
    @api.depends_context("lang")
    def _compute_lines_table(self):
        """Table of the due lines, after the text added by hand if there is one."""
        for reminder in self:
            table = self.env["ir.qweb"]._render(
                "account_receivable_followup.reminder_lines_table",
                {"reminder": reminder},
            )
            reminder.lines_table = reminder._get_extra_text() + table

    def _ensure_texts(self):
        """Keep the texts that are about to leave; those typed by hand, or kept before, stay as they are."""
        self.filtered(lambda reminder: not reminder.kept_body)._render_texts()

    def _render_texts(self):
        """Render and keep subject and body, in the recipient's language.

        A text that cannot be rendered fails that reminder alone, and says why.
        """
        rendered = self._render_together()
        for reminder in self:
            template = reminder._get_template()
            try:
                if reminder in rendered:
                    reminder._keep_texts(*rendered[reminder])
                else:
                    reminder._render_text(template)
            except Exception as error:  # user-edited template: any error may come
                reminder._fail(reminder._describe_text_problem(template, error))

    def _render_together(self):
        """{reminder: (subject, body)} of those that are written from a template, all those of a text at once.

        Where one of them fails, those of the same text are missing: each is to be tried alone.
        """
        rendered = {}
        written = self.filtered(lambda reminder: reminder.channel in WRITTEN_CHANNELS and reminder._get_template())
        for reminders in written.grouped(
            lambda reminder: (reminder._get_template(), reminder._get_recipient_lang(), reminder.company_id)
        ).values():
            template = reminders[0]._get_template_as_read(reminders[0]._get_template())
            try:
                subjects = template._render_field("subject", reminders.ids)
                bodies = template._render_field("body_html", reminders.ids)
            except Exception:  # noqa: S112 - each says why when it is tried alone
                continue
            for reminder in reminders:
                rendered[reminder] = subjects[reminder.id], reminder._with_extra_text(bodies[reminder.id])
        return rendered

    def _render_text(self, template):
        """Keep the subject and the body that `template` gives."""
        self.ensure_one()
        self._keep_texts(self._render_field_of(template, "subject"), self._render_field_of(template, "body_html"))

    def _keep_texts(self, subject, body):
        self.ensure_one()
        self.write({"kept_subject": subject, "kept_body": body, "level_name": self.level_id.name, "text_edited": False})

    def _render_field_of(self, template, name):
        """Render a field of `template` in the recipient's language; errors of the template are let through."""
        self.ensure_one()
        record_id = self._origin.id or self.id
        text = self._get_template_as_read(template)._render_field(name, [record_id])[record_id]
        return text if name == "subject" else self._with_extra_text(text)

    def _get_template(self):
        """The text of the level, in the company that writes."""
        self.ensure_one()
        return self.level_id._get_template(self.company_id)

    def _get_template_as_read(self, template):
        """`template` in the recipient's language, each text of it compiled once for all the messages it is used for.

        Free fields of Sage and the like differ with the company.
        """
        self.ensure_one()
        lang = self._get_recipient_lang()
        return template.sudo().with_context(lang=lang, followup_compiled={}).with_company(self.company_id)

    def _try_to_render(self, name):
        """Return (text, False), or (False, why the level's template cannot give it)."""
        template = self._get_template()
        if not template or not (self._origin.id or self.id):
            return False, self._describe_text_problem(template)
        try:
            return self._render_field_of(template, name), False
        except Exception as error:  # user-edited template: any error may come
            return False, self._describe_text_problem(template, error)

    def _describe_text_problem(self, template, error=None):
        if not template:
            return self.env._(
                "The level “%(level)s” has no text. Choose one in the plan.", level=self.level_id.name or ""
            )
        return self.env._(
            "The text “%(template)s” cannot be used: %(error)s", template=template.name, error=error or ""
        )

    def _get_extra_text(self):
        """What is said once, as HTML: the run's text, then the message's own."""
        self.ensure_one()
        texts = [text.strip() for text in (self.run_id.extra_text, self.extra_text) if text and text.strip()]
        if not texts:
            return Markup("")
        paragraphs = Markup("").join(Markup("<p>%s</p>") % Markup("<br/>").join(text.splitlines()) for text in texts)
        return Markup('<div class="%s">%s</div>') % (EXTRA_CLASS, paragraphs)

    def _with_extra_text(self, body):
        """The body with the text added, for a template that shows no table of the due lines."""
        extra = self._get_extra_text()
        if not extra or EXTRA_CLASS in (body or ""):
            return body
        return extra if is_html_empty(body) else extra + Markup(body)
