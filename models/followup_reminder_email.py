from odoo import fields, models
from odoo.tools import SQL, html_escape
from odoo.tools.mail import email_split_tuples

from ..lib.email_addresses import read_addresses
from ..lib.mail_reports import read_smtp_error

#: Marks the mails of reminders: their plain text is laid out by `lib.plain_text`.
MAIL_CLASS = "o_followup_mail"
#: No colour is set: each mail program shows its own, light or dark.
MAIL_PAGE = f"""<!DOCTYPE html>
<html lang="%(lang)s">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="supported-color-schemes" content="light dark"/>
<title>%(subject)s</title>
</head>
<body class="{MAIL_CLASS}" style="margin: 0; padding: 16px; word-break: break-word;">
%(body)s
</body>
</html>
"""


class FollowupReminder(models.Model):
    """The e-mail of a reminder: whom it is written to, from whom, and the mail that carries it."""

    _inherit = "followup.reminder"

    email_problem = fields.Char(
        string="Not written to",
        readonly=True,
        copy=False,
        help="Addresses of this message that were left out, and why, when others did get it.",
    )

    def _hand_over_email(self):
        """Hand these claimed, refreshed and rendered reminders over to the mail server, one e-mail each."""
        self._prepare_emails()._send_emails()

    def _prepare_emails(self):
        """Create the mail of each reminder, set-wise; return the reminders that have one.

        Those that reach nobody, or whose attachments cannot be made, fail alone, with their reason.
        """
        blacklist = self._get_blacklist()
        reachable = self._check_addresses(blacklist)
        attached = reachable._prepare_attachments()
        ready = reachable.filtered(lambda reminder: reminder.state != "failed")
        mails = self.env["mail.mail"].create(
            [reminder._prepare_mail_vals(attached.get(reminder.id, ()), blacklist) for reminder in ready]
        )
        for reminder, mail in zip(ready, mails, strict=True):
            reminder.mail_mail_id = mail
        return ready

    # Addresses

    def _check_addresses(self, blacklist):
        """Read the addresses again, just before the message leaves; return the reminders that reach somebody.

        An address may have been blacklisted or spoilt since the preparation: the whole chain of contacts is
        tried again before giving up, and an alert says why nobody could be written to.
        """
        lost = self.filtered(lambda reminder: not reminder._usable_addresses(reminder.email_to, blacklist))
        lost._find_recipients()
        failed = self.browse()
        for reminder in lost:
            if not reminder._usable_addresses(reminder.email_to, blacklist):
                reason, delivery = reminder._explain_addresses()
                reminder._mark_mail_failed(reason, delivery)
                failed |= reminder
        reached = self - failed
        (reached.recipient_id | reached.recipient_ids).fetch(["email", "name"])
        for reminder in reached:
            reminder._note_left_out(blacklist)
        return reached

    def _get_blacklist(self):
        """Addresses of these messages, contacts' ones included, that are on Odoo's blacklist."""
        texts = self.mapped("email_to") + self.mapped("email_cc")
        addresses = {address for text in texts for address in read_addresses(text).valid}
        found = self.env["mail.blacklist"].sudo().search_fetch([("email", "in", list(addresses))], ["email"])
        return set(found.mapped("email"))

    def _usable_addresses(self, text, blacklist):
        return [address for address in read_addresses(text).valid if address not in blacklist]

    def _explain_addresses(self):
        """(why nobody can be written to, code of `delivery`)."""
        self.ensure_one()
        read = [read_addresses(contact.email) for contact in self._recipients_in_order()]
        blacklisted = ", ".join(address for addresses in read for address in addresses.valid)
        malformed = ", ".join(piece for addresses in read for piece in addresses.malformed)
        if blacklisted:
            return self.env._("%(address)s is on the blacklist.", address=blacklisted), "blacklisted"
        if malformed:
            return self.env._("“%(address)s” is not an e-mail address.", address=malformed), "invalid"
        return self.env._("No e-mail address is known."), "no_address"

    def _note_left_out(self, blacklist):
        """Say which recipients are not written to while others are: nobody is left out in silence (T35)."""
        self.ensure_one()
        left_out = []
        for contact in self._recipients_in_order():
            addresses = read_addresses(contact.email)
            unwanted = [address for address in addresses.valid if address in blacklist]
            if unwanted:
                left_out.append(self.env._("%(address)s is on the blacklist.", address=", ".join(unwanted)))
            left_out += [
                self.env._("“%(address)s” is not an e-mail address.", address=piece) for piece in addresses.malformed
            ]
            if not contact.email:
                left_out.append(self.env._("%(contact)s has no e-mail address.", contact=contact.name))
        problem = " ".join(left_out) or False
        if self.email_problem != problem:
            self.email_problem = problem

    def _note_refused(self, refused):
        """Keep what the mail server said of the recipients that it refused while it took the message for others.

        Only the reminder's own row is written: this happens while the result itself is being recorded.

        :param refused: {address: (code, text)}
        :return: whether the message reached nobody that it was written to: copies alone are no delivery
        """
        self.ensure_one()
        addresses = read_addresses(self.mail_mail_id.email_to).valid
        refused_addresses = {address.lower() for address in refused}
        if refused_addresses.issuperset(addresses):
            return True
        problem = " ".join(filter(None, [self.email_problem, self._describe_refused(refused)]))
        self.env["followup.release"]._write_alone(self, {"email_problem": problem})
        return False

    def _record_trouble(self, reason, failure_type, code):
        """As the mail server said it, rather than the exception that Odoo made of it. A sender that it refuses for
        good says nothing against the customer's address: no letter is called for, the settings are."""
        said = read_smtp_error(reason)
        refused = "SMTPSenderRefused" in (reason or "") and (code or 0) >= 500
        if refused or failure_type in ("mail_from_invalid", "mail_from_missing"):
            problem = self.env._(
                "The mail server does not take the sender %(sender)s: %(reason)s",
                sender=self._get_sender(),
                reason=said,
            )
            return self._record_failure(problem, "unreachable")
        return super()._record_trouble(said, failure_type, code)

    def _settle_sent(self):
        result = super()._settle_sent()
        emails = self.filtered(lambda reminder: reminder.channel == "email")
        emails._show_in_history()
        for reminder in emails.filtered("email_problem"):
            reminder._alert_partial(reminder.email_problem)
        return result

    def _show_in_history(self):
        """The messages that left stand in the history of their customers, where answers join them.

        Plain SQL: nothing else of a message changes, and it would be one statement a message. The text that was kept is
        clean already: it was when it was written.
        """
        messages = self.mail_mail_id.mail_message_id
        if messages:
            messages.flush_recordset()
            self.flush_recordset(["kept_body", "mail_mail_id", "partner_id"])
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE mail_message message
                       SET model = 'res.partner', res_id = reminder.partner_id,
                           body = COALESCE(reminder.kept_body, message.body)
                      FROM followup_reminder reminder JOIN mail_mail mail ON mail.id = reminder.mail_mail_id
                     WHERE message.id = mail.mail_message_id AND reminder.id = ANY(%s)
                    """,
                    self.ids,
                )
            )
            messages.invalidate_recordset(["body", "model", "res_id"])

    # The mail

    def _prepare_mail_vals(self, attachment_ids, blacklist):
        """Values of the one mail of this reminder: all its recipients in the same message.

        It joins the customer's history, text included, once it has left (`_show_in_history`). Until its turn comes it
        is in no state that Odoo's own queue sends.
        """
        self.ensure_one()
        company = self.company_id
        template = self._get_template()
        sender = self._get_sender()
        return {
            "state": "cancel",
            "model": self._name,
            "res_id": self.id,
            "record_name": self.partner_id.display_name,
            "record_company_id": company.id,
            "record_alias_domain_id": company.alias_domain_id.id,
            "message_type": "email_outgoing",
            "message_id": self._get_message_id(),
            "mail_server_id": template.mail_server_id.id,
            "author_id": (self.user_id.partner_id or company.partner_id).id,
            "subject": " ".join((self.subject or "").split()),
            "body_html": self._get_mail_body(),
            "email_from": sender,
            "reply_to": self._render_mail_field("reply_to") or company.followup_reply_to or sender,
            "email_to": self._without_blacklisted(self.email_to, blacklist),
            "email_cc": self._without_blacklisted(self.email_cc, blacklist),
            "headers": repr(self._prepare_mail_headers(sender)),
            "attachment_ids": [fields.Command.set(list(attachment_ids))],
            "auto_delete": False,
        }

    def _without_blacklisted(self, text, blacklist):
        """`text`, several “Name <address>”, without the blacklisted and the malformed ones."""
        names = {address.lower(): name for name, address in email_split_tuples(text)}
        usable = self._usable_addresses(text, blacklist)
        return self.env["followup.recipients"]._format([(names.get(address), [address]) for address in usable])

    def _get_sender(self):
        """“Name <address>” that the message comes from: what its text says, else the person in charge or the company,
        by the company's setting."""
        self.ensure_one()
        company = self.company_id
        if typed := self._render_mail_field("email_from"):
            return typed
        responsible = company.followup_sender == "responsible" and self.user_id.email_formatted
        return responsible or company.email_formatted or company.partner_id.email_formatted

    def _render_mail_field(self, name):
        """What the level's text says of a field of the mail, if it says anything."""
        self.ensure_one()
        template = self._get_template()
        return template[name] and template.with_company(self.company_id)._render_field(name, self.ids)[self.id]

    def _prepare_mail_headers(self, sender):
        """Headers of the message: the read receipt, if the company asks for one.

        No header named “Content-…”: Python's mail library would make an empty part of the message out of it.
        """
        if not self.company_id.followup_read_receipt:
            return {}
        return {"Disposition-Notification-To": self.company_id.catchall_email or sender}

    def _get_recipient_lang(self):
        """Language that the message speaks: its first recipient's, else the customer's."""
        self.ensure_one()
        return self.recipient_id.lang or self.partner_id.lang or self.env.lang

    def _get_mail_body(self):
        """The body as a whole HTML page: phones show it at their own width, and read it in its language."""
        self.ensure_one()
        return MAIL_PAGE % {
            "lang": html_escape((self._get_recipient_lang() or "").split("_")[0]),
            "subject": html_escape(self.subject or ""),
            "body": self.kept_body or self.body or "",
        }
