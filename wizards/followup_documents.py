import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..lib.pdf_pages import join_pdfs
from ..lib.pdf_stamp import stamp_pdf
from ..models.followup_reminder_prepare import WRITTEN_CHANNELS
from ..models.followup_window import dialog

#: Reminders that left, or may have: what a third party is told of.
LEFT = ("sent", "printed", "todo", "uncertain")


class FollowupDocument(models.TransientModel):
    """A document made on demand for one customer, and the file that was made: it is downloaded, then forgotten."""

    _name = "followup.document"
    _description = "Document on demand"

    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    date = fields.Date(default=lambda self: self.env.company.sudo()._followup_today())
    kind = fields.Selection(
        [
            ("statement", "Statement of account"),
            ("duplicate", "Duplicate of reminders"),
            ("transmission", "File for a third party"),
        ],
        string="Document",
        required=True,
        default="statement",
    )
    reminder_ids = fields.Many2many(
        "followup.reminder", string="Reminders", compute="_compute_reminder_ids", store=True, readonly=False
    )
    third_party_id = fields.Many2one(
        "res.partner", string="Handed to", help="Who takes the recovery over: an agency, a lawyer, a court officer."
    )
    with_letters = fields.Boolean(
        string="With the letters sent", default=True, help="The kept PDFs of the reminders, at the end of the file."
    )
    name = fields.Char(readonly=True)
    file = fields.Binary(readonly=True)

    @api.depends("kind", "partner_id")
    def _compute_reminder_ids(self):
        """A duplicate is first proposed of the last reminder that left."""
        for document in self:
            document.reminder_ids = document.kind == "duplicate" and document._get_history()[-1:]

    def _get_history(self):
        """Reminders that left for the customer, the oldest first."""
        self.ensure_one()
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "in", LEFT),
        ]
        return self.env["followup.reminder"].search(domain, order="date, id")

    # Downloading

    @api.model
    def _offer(self, name, content):
        """Action that downloads a file (bytes) under this name."""
        return self.create({"name": name, "file": base64.b64encode(content)})._download()

    def _download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content?model={self._name}&id={self.id}&field=file&filename_field=name&download=true",
            "target": "new",
            "close": True,
        }

    def action_make(self):
        """Make the document and download it."""
        self.ensure_one()
        content = {
            "statement": self._make_statement,
            "duplicate": self._make_duplicate,
            "transmission": self._make_transmission,
        }[self.kind]()
        name = self.env._(
            "%(document)s - %(customer)s - %(date)s.pdf",
            document=dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            customer=self.partner_id.name or "",
            date=self.date,
        )
        self.write({"name": name.replace("/", "-"), "file": base64.b64encode(content)})
        if self.kind == "transmission":
            self._log_transmission(content)
        return self._download()

    # Statement of account

    def _make_statement(self):
        return self._print("report_followup_document_statement")

    def _as_reminder(self):
        """A letter to the customer that nobody sends: what the templates of the reminders read."""
        self.ensure_one()
        recipient_id = self.kind == "transmission" and self.third_party_id.id
        if not recipient_id:
            found = self.env["followup.recipients"]._get([(self.partner_id.id, False, False)], self.company_id)
            recipient_id = next(iter(found.values())).letter_id
        return self.env["followup.reminder"].new(
            {
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "recipient_id": recipient_id,
                "date": self.date,
                "channel": "letter",
                "user_id": self.env.uid,
            }
        )

    # Duplicate

    def _make_duplicate(self):
        """The very PDFs that left, each page saying that it is a duplicate; an e-mail without one is printed from the
        text that was kept.

        The day-by-day detail of the penalties is the last part of a letter that has some.
        """
        reminders = self.reminder_ids.filtered(lambda reminder: reminder.partner_id == self.partner_id)
        reminders.check_access("read")
        written = reminders.filtered(lambda one: one.channel in WRITTEN_CHANNELS and one.state in LEFT)
        if not written:
            raise UserError(self.env._("Choose reminders that left by e-mail or by post."))
        written._check_files()
        copies = [self._duplicate(reminder) for reminder in written.sorted("date")]
        return join_pdfs([self._print("report_followup_document_cover"), *copies])

    def _duplicate(self, reminder):
        content = reminder.attachment_id.raw if reminder.attachment_id else reminder._print_unkept()
        lang = reminder._get_recipient_lang()
        env = reminder.with_context(lang=lang).env
        day = format_date(env, reminder.posted_on or reminder.date, lang_code=lang)
        return stamp_pdf(content, env._("DUPLICATE of the letter of %(day)s", day=day))

    # File for a third party

    def _make_transmission(self):
        """Who owes what, since when, what was done, the statement; then the letters themselves."""
        self.env["followup.reminder"]._check_may_send()
        if not self.third_party_id:
            raise UserError(self.env._("Say whom the file is handed to."))
        parts = [self._print("report_followup_document_cover"), self._make_statement()]
        if self.with_letters:
            letters = self._get_history().filtered("attachment_id")
            letters._check_files()
            parts += letters._read_kept_pdfs()
        return join_pdfs(parts)

    def _log_transmission(self, content):
        """Personal data left the firm: the customer's history says to whom, and keeps the file."""
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": self.name,
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": self.partner_id._name,
                    "res_id": self.partner_id.id,
                }
            )
        )
        self.partner_id._message_log(
            body=Markup("<p>%s</p>")
            % self.env._("File handed to %(third_party)s.", third_party=self.third_party_id.display_name),
            attachment_ids=attachment.ids,
        )

    def _get_notice_with_penalties(self):
        """The last reminder that left with a day-by-day detail of penalties."""
        history = self._get_history()
        return history.filtered(lambda reminder: reminder._has_penalty_annex())[-1:]

    def _get_promises(self):
        return self.env["followup.promise"].search(self._get_domain(), order="date, id")

    def _get_disputes(self):
        return self.env["followup.dispute"].search(self._get_domain(), order="id")

    def _get_domain(self):
        return [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]

    # Printing

    def _print(self, report):
        """PDF (bytes) of a report on this very document."""
        name = f"account_receivable_followup.{report}"
        return self.env["ir.actions.report"].sudo()._render_qweb_pdf(name, self.ids)[0]


class FollowupSituation(models.Model):
    _inherit = "followup.situation"

    def action_documents(self):
        """The dialog that makes a document for this customer."""
        self.ensure_one()
        return dialog(
            "followup.document",
            self.env._("Documents"),
            default_partner_id=self.partner_id.id,
            default_company_id=self.company_id.id,
        )
