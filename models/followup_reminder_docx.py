import base64

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from ..lib.letter_docx import Letter, write_letter
from ..lib.plain_text import to_plain_text
from .followup_reminder_prepare import WRITTEN_CHANNELS


class FollowupReminder(models.Model):
    """An editable copy (.docx) of one letter: the same text, table and address. Nothing of the reminder changes."""

    _inherit = "followup.reminder"

    def action_editable_copy(self):
        """Download the letter for a word processor."""
        self.ensure_one()
        self.check_access("read")
        if self.channel not in WRITTEN_CHANNELS:
            raise UserError(self.env._("Only a letter or an e-mail has a text to edit."))
        name = f"{self.level_name or self.level_id.name} - {self.partner_id.name}.docx".replace("/", "-")
        return self.env["followup.document"]._offer(name, self._write_docx())

    def _write_docx(self):
        """The .docx file (bytes) of this letter, in its recipient's language."""
        self.ensure_one()
        lang = self._get_recipient_lang()
        reminder = self.with_context(lang=lang)
        company = reminder.company_id.sudo()
        mention = ""
        if reminder.channel == "registered":
            mention = reminder.env._("Registered letter with acknowledgement of receipt")
        return write_letter(
            Letter(
                sender=tuple(company._followup_sender_lines()),
                recipient=tuple(reminder._get_post_lines()),
                place_and_date=reminder._get_place_and_date(lang),
                mention=mention,
                subject=reminder.env._("Subject: %(subject)s", subject=reminder.subject or reminder.level_name or ""),
                body=reminder._get_letter_html(),
                footer=tuple(to_plain_text(str(company.report_footer or "")).splitlines()),
                logo=company.logo and base64.b64decode(company.logo),
                lang=lang or "fr_FR",
            )
        )

    def _get_place_and_date(self, lang):
        """“Lyon, le 21 novembre 2026”, as the printed letter says it."""
        self.ensure_one()
        values = {"o": self, "company": self.company_id.sudo(), "letter_lang": lang or "en_US"}
        line = self.env["ir.qweb"]._render("account_receivable_followup.followup_letter_date", values)
        return " ".join(to_plain_text(f"<div>{line}</div>").split())

    def _get_letter_html(self):
        """Body of the letter, with the day-by-day detail of its penalties when it has one."""
        self.ensure_one()
        if not self._has_penalty_annex():
            return str(self.body or "")
        annex = self.env["ir.qweb"]._render("account_receivable_followup.reminder_penalties_annex", {"o": self})
        return str(Markup("%s<div>%s</div>") % (Markup(self.body or ""), annex))


class ResCompany(models.Model):
    _inherit = "res.company"

    def _followup_sender_lines(self):
        """Who writes: name, address, phone, e-mail, registration, line by line."""
        self.ensure_one()
        town = " ".join(filter(None, [self.zip, self.city]))
        registry = self.company_registry and f"{self.partner_id.company_registry_label} {self.company_registry}"
        lines = [self.name, self.street, self.street2, town, self.phone, self.email, registry]
        return [line for line in lines if line]
