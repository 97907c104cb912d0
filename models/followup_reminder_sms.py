import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from odoo.addons.sms.tools.sms_api import SmsApi

from ..lib.phone_numbers import international

#: What the text of an SMS may name between braces.
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLACEHOLDERS = {"amount", "company", "customer", "days", "lines", "phone"}
#: What Odoo says of an SMS (`failure_type`) → what is known of the reminder. The others are the provider's or the
#: settings' fault: nothing is said against the number.
DELIVERIES = {
    "sms_number_missing": "no_address",
    "sms_number_format": "no_address",
    "sms_blacklist": "blacklisted",
    "sms_optout": "blacklisted",
    "sms_duplicate": "not_delivered",
    "sms_expired": "not_delivered",
    "sms_invalid_destination": "not_delivered",
    "sms_not_allowed": "not_delivered",
    "sms_not_delivered": "not_delivered",
    "sms_rejected": "not_delivered",
}


class FollowupReminder(models.Model):
    """Reminders by SMS, through Odoo's own machinery and whichever provider it has.

    The SMS is created in the customer's history, and the attempt committed, before the provider is called. What becomes
    of it is read where Odoo keeps it (`sms.tracker`), whoever sends it: the release, Odoo's queue, a delivery report.
    """

    _inherit = "followup.reminder"

    delivery = fields.Selection(selection_add=[("delivered", "Delivered"), ("not_delivered", "Not delivered")])
    sms_uuid = fields.Char(string="SMS reference", readonly=True, copy=False, index="btree_not_null")

    # Sending

    def _hand_over_sms(self):
        """Hand these messages over to the provider, in one call."""
        for company, reminders in self.grouped("company_id").items():
            problem = company._followup_sms_problem()
            if problem:
                reminders._record_failure(problem, "unreachable")
            else:
                reminders._check_numbers()._send_sms()

    def _check_numbers(self):
        """Those of these messages that have a number to go to; the others fail, each with its reason."""
        numbers = {reminder: reminder._get_sms_number() for reminder in self}
        refused = self._get_refused_numbers()
        ready = self.browse()
        for reminder, number in numbers.items():
            if not reminder.call_number:
                reminder._record_failure(self.env._("No phone number is known."), "no_address")
            elif not number:
                reminder._record_failure(
                    self.env._("“%(number)s” is not a phone number.", number=reminder.call_number), "no_address"
                )
            elif number in refused:
                reminder._record_failure(
                    self.env._("%(number)s is on the blacklist of phone numbers.", number=number), "blacklisted"
                )
            else:
                ready |= reminder
        return ready

    @api.model
    def _get_refused_numbers(self):
        """Phone numbers on Odoo's blacklist, in international form: there they stand as they were typed."""
        country = self.env.company.country_id.phone_code
        blacklist = self.env["phone.blacklist"].sudo().search_fetch([], ["number"])
        return {international(number, country) for number in blacklist.mapped("number")}

    def _get_sms_number(self):
        """The number of the message in international form; empty when it is none."""
        self.ensure_one()
        owner = self.recipient_id if self.recipient_id.phone else self.partner_id
        country = owner.country_id or self.company_id.country_id
        number = owner._phone_format(number=self.call_number, country=country) if self.call_number else ""
        return international(number, country.phone_code)

    def _send_sms(self):
        """Create the SMS of these reminders, commit the attempt, send them all, and read what became of them."""
        release = self.env["followup.release"]
        for reminder in self:
            reminder.sms_uuid = reminder._create_sms().uuid
        release._write_alone(self, {"attempted_at": fields.Datetime.now()})
        release._commit()
        # From here on Odoo's own queue would send them, should this server stop: once, and the reminder would follow.
        self.env["sms.sms"].sudo().search([("uuid", "in", self.mapped("sms_uuid"))]).send()
        release._commit()

    def _create_sms(self):
        """The SMS, in the history of its customer; it stands in Odoo's queue."""
        self.ensure_one()
        recipient = self.recipient_id or self.partner_id
        message = self.partner_id.with_company(self.company_id)._message_sms(
            body=html2plaintext(self.body or "").strip(),
            partner_ids=recipient.ids,
            sms_pid_to_number={recipient.id: self._get_sms_number()},
            author_id=(self.user_id.partner_id or self.company_id.partner_id).id,
            put_in_queue=True,
        )
        message.record_company_id = self.company_id
        return self.env["sms.sms"].sudo().search(
            [("mail_message_id", "=", message.id), ("partner_id", "=", recipient.id)], limit=1
        )

    # What becomes of it

    def _follow_sms(self, status, failure_type, failure_reason):
        """Draw the consequences of what is known of the SMS of these reminders.

        :param status: of the notification, as `sms.tracker` writes it
        """
        if status in ("process", "pending", "sent"):
            self.filtered(lambda reminder: reminder.state in ("queued", "uncertain", "failed"))._record_sent()
            if status == "sent":
                self.env["followup.release"]._write_alone(self, {"delivery": "delivered"})
        elif status in ("exception", "bounce", "canceled"):
            lost = self.filtered(lambda reminder: reminder.state in ("queued", "uncertain", "sent"))
            reason = self._explain_sms(status, failure_type, failure_reason)
            lost.filtered(lambda reminder: reminder.state == "sent")._undo_delivery(reason)
            lost._record_failure(reason, DELIVERIES.get(failure_type, "unreachable"))
        if not self.env.context.get("followup_at_release"):
            self._settle()

    @api.model
    def _explain_sms(self, status, failure_type, failure_reason):
        """Why an SMS did not arrive, in words."""
        if status == "canceled":
            return self.env._("The SMS was cancelled.")
        labels = dict(self.env["mail.notification"]._fields["failure_type"]._description_selection(self.env))
        why = ", ".join(filter(None, [labels.get(failure_type), failure_reason]))
        return self.env._("The SMS was not delivered: %(why)s", why=why or failure_type or "")

    def _put_back(self):
        """The SMS of the failed attempt is given up: sent again from Odoo's list, it would double the next one."""
        numbers = [number for number in self.mapped("sms_uuid") if number]
        self.sms_uuid = False
        waiting = self.env["sms.sms"].sudo().search([("uuid", "in", numbers), ("state", "in", ("outgoing", "error"))])
        waiting.action_set_canceled()
        return super()._put_back()

    # Text

    def _try_to_render(self, name):
        """What is said on the phone, or in an SMS, is the level's own text: it needs no template."""
        if self.channel in ("sms", "phone", "other"):
            return self._render_field_of(None, name), False
        return super()._try_to_render(name)

    def _render_field_of(self, template, name):
        if self.channel not in ("sms", "phone", "other"):
            return super()._render_field_of(template, name)
        lang = self.recipient_id.lang or self.partner_id.lang if self.channel == "sms" else self.env.lang
        reminder = self.with_context(lang=lang or self.env.lang)
        if name == "subject":
            return reminder.level_id.name
        if self.channel == "sms":
            return Markup("<p>%s</p>") % Markup("<br/>").join(reminder._get_sms_text().splitlines())
        return reminder.level_id.call_script

    def _get_sms_text(self):
        """The level's text with its placeholders filled, or a plain one when the level has none."""
        self.ensure_one()
        values = {
            "amount": " + ".join(currency.format(total) for currency, total in self._get_principals().items()),
            "company": self.company_id.name,
            "customer": self.partner_id.name or "",
            "days": str(self.days_late),
            "lines": str(self.line_count),
            "phone": self.user_id.phone or self.company_id.phone or "",
        }
        text = self.level_id.sms_text or self.env._(
            "{company}: {amount} overdue on your account. Please pay or call us: {phone}"
        )
        text = PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text).strip()
        # No-break spaces of amounts are not in the alphabet of SMS: with one, a message holds 70 characters, not 160.
        return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


class FollowupLevel(models.Model):
    _inherit = "followup.level"

    sms_text = fields.Text(
        help="A short text without accents costs a single SMS. Between braces: {amount}, {company}, {customer}, {days} "
        "late, number of {lines}, {phone} of the person in charge. Empty: a plain sentence with the amount."
    )

    @api.constrains("sms_text")
    def _check_sms_text(self):
        for level in self:
            unknown = set(PLACEHOLDER.findall(level.sms_text or "")) - PLACEHOLDERS
            if unknown:
                raise ValidationError(
                    self.env._(
                        "“%(level)s”: an SMS cannot name {%(name)s}. It knows %(names)s.",
                        level=level.name,
                        name=min(unknown),
                        names=", ".join("{%s}" % name for name in sorted(PLACEHOLDERS)),
                    )
                )


class ResCompany(models.Model):
    _inherit = "res.company"

    def _followup_sms_problem(self):
        """Why this company sends no SMS, in words; False when it can."""
        self.ensure_one()
        company = self.sudo()
        if not company.followup_sms:
            return self.env._("SMS are off: switch them on in Configuration ⇒ Settings.")
        if not company._followup_has_sms_provider():
            return company._get_no_provider_text()
        return False

    def _get_no_provider_text(self):
        return self.env._("No SMS provider is set up: see Odoo's general settings, SMS.")

    def _followup_has_sms_provider(self):
        """Whether somebody carries the SMS: Odoo's own service wants an account; another provider has its settings."""
        if self._get_sms_api_class() is not SmsApi:
            return True
        accounts = self.env["iap.account"].search(
            [("service_name", "=", "sms"), ("company_ids", "in", [False, *self.ids])]
        )
        return bool(accounts.filtered(lambda account: account.state not in ("banned", "unregistered")))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_sms_problem = fields.Char(string="Why no SMS leaves", compute="_compute_followup_sms_problem")

    @api.depends("followup_sms")
    def _compute_followup_sms_problem(self):
        """What is still missing once SMS are switched on."""
        for settings in self:
            company = settings.company_id.sudo()
            settings.followup_sms_problem = (
                settings.followup_sms and not company._followup_has_sms_provider() and company._get_no_provider_text()
            )


class SmsTracker(models.Model):
    """Odoo's own follow-up of an SMS: reminders follow it."""

    _inherit = "sms.tracker"

    def _update_sms_notifications(self, notification_status, failure_type=False, failure_reason=False):
        result = super()._update_sms_notifications(notification_status, failure_type, failure_reason)
        reminders = self.env["followup.reminder"].sudo().search([("sms_uuid", "in", self.mapped("sms_uuid"))])
        reminders._follow_sms(notification_status, failure_type, failure_reason)
        return result
