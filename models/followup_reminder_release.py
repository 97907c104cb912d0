from odoo import models

from ..lib import levels as rules


class FollowupReminder(models.Model):
    """Releasing reminders: read the amounts again, keep the PDF, let the message go."""

    _inherit = "followup.reminder"

    def _release(self):
        """Send or print these prepared reminders.

        Each reminder is claimed first: of two users who press the button together,
        one sends and the other finds nothing left to send.
        """
        self._check_may_send()
        claimed = self.sudo().try_lock_for_update().filtered(
            lambda reminder: reminder.state == "prepared"
        )
        claimed._read_amounts_again()
        ready = claimed.filtered(lambda reminder: reminder.state == "prepared")
        emails = ready.filtered(lambda reminder: reminder.channel == "email")
        letters = ready - emails
        if emails:
            printed, _content = emails._keep_pdfs()
            printed._queue_mails()
        for run, of_run in letters._in_address_order().grouped("run_id").items():
            printed, content = of_run._keep_pdfs()
            if printed:
                printed._mark_sent()
                run._append_letters(content)
        return ready

    def _read_amounts_again(self):
        """Drop or refresh what changed since the preparation (paid, stopped, sent…)."""
        Facts = self.env["followup.facts"]
        for (company, run), reminders in self.grouped(
            lambda reminder: (reminder.company_id, reminder.run_id)
        ).items():
            customers = Facts._get_customers(company, reminders.partner_id.ids)
            for reminder in reminders:
                customer = customers.get(reminder.partner_id.id)
                if not customer:
                    reminder._cancel("paid")
                    continue
                decision = rules.decide_customer(customer, run.date)
                reminder._apply_decision(run, decision)

    def _apply_decision(self, run, decision):
        """Keep, refresh or drop a prepared reminder now that facts were read again."""
        self.ensure_one()
        if not decision.level:
            self._cancel(decision.reason or "paid")
            return
        shown = {
            (line.move_line_id.id, line.residual, line.raises) for line in self.line_ids
        }
        lines = self._browse_lines({self.partner_id.id: decision})
        vals = self._prepare_lines_vals(decision, lines, run)
        actual = {
            (line["move_line_id"], line["residual"], line["raises"])
            for _code, _id, line in vals["line_ids"][1:]
        }
        if shown == actual and self.level_id.id == decision.level.id:
            return
        if self.text_edited:
            self._fail(
                self.env._(
                    "The account changed since you edited the text: look at the "
                    "text again, then send it."
                )
            )
            self.write(vals)
            return
        self.write(vals | {"level_id": decision.level.id})
        self._render_texts()

    def _in_address_order(self):
        """Letters in the order of the post: country, postcode, name."""
        return self.sorted(
            lambda reminder: (
                reminder.recipient_id.country_id.code or "",
                reminder.recipient_id.zip or "",
                reminder.partner_id.name or "",
            )
        )

    def _queue_mails(self):
        """Hand one mail a reminder over to Odoo's mail queue, sent after the commit.

        A rolled back transaction sends nothing; a crash after the commit leaves the
        mails to Odoo's own queue. The state follows in `mail.mail`.
        """
        mails = self.env["mail.mail"].create(
            [reminder._prepare_mail_vals() for reminder in self]
        )
        for reminder, mail in zip(self, mails, strict=True):
            reminder.write({"state": "queued", "mail_mail_id": mail.id})
        mails.send_after_commit()

    def _prepare_mail_vals(self):
        self.ensure_one()
        sender = self.user_id.email_formatted or self.company_id.email_formatted
        return {
            "model": "res.partner",
            "res_id": self.partner_id.id,
            "message_type": "email_outgoing",
            "author_id": (self.user_id.partner_id or self.company_id.partner_id).id,
            "subject": self.subject,
            "body": self.body,
            "body_html": self.body,
            "email_from": sender,
            "reply_to": sender,
            "recipient_ids": [(6, 0, self.recipient_id.ids)],
            "attachment_ids": [(6, 0, self.attachment_id.ids)],
            "auto_delete": False,
        }
