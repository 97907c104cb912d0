import logging

from odoo import models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class FollowupReminder(models.Model):
    """What goes with the e-mail of a reminder: the letter, the statement of account, the invoices."""

    _inherit = "followup.reminder"

    def _prepare_attachments(self):
        """{reminder id: ids of its attachments}, as its level asks for; a PDF that fails, fails its reminder alone."""
        letters = self.filtered(lambda reminder: reminder.level_id.attach_letter)._keep_pdfs()
        attached = {reminder.id: reminder.attachment_id.ids for reminder in letters}
        statements = self.filtered(
            lambda reminder: reminder.level_id.attach_statement and reminder.state != "failed"
        )._print_statements()
        for reminder_id, attachment in statements.items():
            attached.setdefault(reminder_id, []).append(attachment.id)
        for reminder_id, attachment_ids in self._get_invoice_attachments().items():
            attached.setdefault(reminder_id, []).extend(attachment_ids)
        return attached

    # Statement of account

    def _print_statements(self):
        """{reminder id: the attachment of its statement}: the printer takes all of them, else one at a time."""
        if not self:
            return {}
        report = self.env.ref("account_receivable_followup.action_report_followup_statement").sudo()
        try:
            with self.env.cr.savepoint():
                return self._keep_statements(report)
        except Exception:  # templates, logos and printers fail in any way
            _logger.info("A batch of statements cannot be printed: one by one")
        printed = {}
        for reminder in self:
            try:
                with self.env.cr.savepoint():
                    printed |= reminder._keep_statements(report)
            except Exception as error:
                reminder._mark_mail_failed(
                    self.env._("The statement of account cannot be printed: %(error)s", error=error)
                )
        return printed

    def _keep_statements(self, report):
        """Print the statements of these reminders, and return the attachment of each."""
        streams = self._print_together(report) or {}
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": reminder.with_context(lang=reminder._get_recipient_lang())._get_statement_name(),
                    "raw": stream.getvalue(),
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": reminder.id,
                }
                for reminder, stream in streams.items()
            ]
        )
        return {attachment.res_id: attachment for attachment in attachments}

    def _get_statement_name(self):
        self.ensure_one()
        return self.env._("Statement of account %(date)s.pdf", date=self.date)

    def _get_statement_lines(self):
        """Everything open on the account, debts and credits, oldest first: what the statement shows."""
        self.ensure_one()
        partner = self.partner_id
        Line = self.env["account.move.line"].sudo()
        lines = Line.search(
            Line._followup_open_domain(partner.commercial_partner_id, self.company_id, listed=True)
            & Domain("partner_id", "child_of", partner.id)
        )
        return lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _statement_by_currency(self):
        """[(currency, lines, total residual)]: currencies are never added together."""
        self.ensure_one()
        return [
            (currency, lines, sum(lines.mapped("amount_residual_currency")))
            for currency, lines in self._get_statement_lines().grouped("currency_id").items()
        ]

    # Invoices

    def _get_invoice_attachments(self):
        """{reminder id: ids of the PDFs of the invoices that it lists}, by one query.

        The invoice as it was issued: the legal PDF, else the document kept with the entry.
        """
        concerned = self.filtered(lambda reminder: reminder.level_id.attach_invoices and reminder.state != "failed")
        moves = concerned.line_ids.move_line_id.move_id
        if not moves:
            return {}
        found = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", moves.ids),
                    ("mimetype", "=", "application/pdf"),
                    ("res_field", "in", [False, "invoice_pdf_report_file"]),
                ],
                order="id",
            )
        )
        chosen = {}
        for move_id, attachments in found.grouped("res_id").items():
            legal = attachments.filtered("res_field")
            main = attachments & self.env["account.move"].browse(move_id).sudo().message_main_attachment_id
            chosen[move_id] = (legal or main or attachments)[:1].id
        return {
            reminder.id: [
                chosen[move.id] for move in reminder.line_ids.move_line_id.move_id.sorted("date") if move.id in chosen
            ]
            for reminder in concerned
        }
