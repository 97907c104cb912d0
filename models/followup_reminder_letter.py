from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .followup_recipients import POSTAL


class FollowupReminder(models.Model):
    """The letters: printed by the release, posted by a person, who says so. Their level counts only then."""

    _inherit = "followup.reminder"

    delivery = fields.Selection(selection_add=[("not_posted", "Not posted after all")])
    posted_on = fields.Date(string="Posted on", readonly=True, copy=False)

    # Printing

    def _hand_over_letter(self):
        """Print these letters in address order; whoever has no address to write to is told apart."""
        printed = self._check_post_addresses()._in_address_order()._keep_pdfs()
        printed._record(
            {
                "state": "printed",
                "printed_at": fields.Datetime.now(),
                "posted_on": None,
                "failure_reason": False,
                "delivery": False,
            }
        )

    def _hand_over_registered(self):
        """A registered letter is printed like any other; the post office makes it registered."""
        self._hand_over_letter()

    def _check_post_addresses(self):
        """Those of these letters that find their way; the others fail, and the person in charge is told."""
        found = self._get_recipients()
        lost = self.filtered(lambda reminder: found[reminder].problem(reminder.channel))
        # A recipient chosen by hand may have an address that the contacts of the level have not.
        lost = lost.filtered(lambda reminder: not reminder._get_post_place())
        lost._record_failure(self.env._("No postal address is known: a street and a town are needed."), "no_address")
        return self - lost

    def _get_post_place(self):
        """The contact whose address the letter bears, if it is one that a letter can go to."""
        self.ensure_one()
        recipient = self.recipient_id
        place = recipient if recipient.street or recipient.city else self.partner_id
        return place.filtered(lambda partner: (partner.street or partner.street2) and partner.city)

    def _in_address_order(self):
        """Letters in the order of the post: country, postcode, name."""
        return self.sorted(
            lambda reminder: (
                reminder._get_post_place().country_id.code or "",
                reminder._get_post_place().zip or "",
                reminder.partner_id.name or "",
                reminder.id,
            )
        )

    def _settle_printed(self):
        """The run offers its letters in one PDF; the interval to the next message begins."""
        self._queue_situations()
        for run in self.run_id:
            run._gather_letters_if_over()

    # Posting

    def action_letters_posted(self):
        """Ask for the day on which the selected letters were posted."""
        return self.env["followup.post.wizard"]._open_for(self, "posted")

    def action_not_posted(self):
        """Ask why the selected letters were not posted after all."""
        return self.env["followup.post.wizard"]._open_for(self, "not_posted")

    def _mark_posted(self, day):
        """These printed letters were posted that day: their levels count from it."""
        posted = self.filtered(lambda reminder: reminder.channel in POSTAL and reminder.state == "printed")
        posted.posted_on = day
        posted._mark_sent()

    def _mark_not_posted(self, reason):
        """These letters, printed or even said to be posted, did not leave: their levels are put back."""
        letters = self.filtered(
            lambda reminder: reminder.channel in POSTAL and reminder.state in ("printed", "sent")
        )
        text = self.env._("Not posted after all: %(reason)s", reason=reason)
        letters._undo_delivery(text)
        letters.write({"state": "failed", "delivery": "not_posted", "sent_at": False, "posted_on": False})
        for reminder in letters:
            reminder._try("_log_not_posted")

    def _put_back(self):
        """A letter printed again is another one: the day on which the first left is forgotten."""
        self.filtered(lambda reminder: reminder.channel in POSTAL).write({"printed_at": False})
        return super()._put_back()

    # History

    def _log_on_customer(self):
        """Note a letter in the customer's history, with the letter itself."""
        self.ensure_one()
        if self.channel not in POSTAL:
            return super()._log_on_customer()
        return self.partner_id._message_log(
            body=Markup("<p>%s</p>")
            % self.env._(
                "%(level)s posted on %(day)s: %(amount)s, %(count)s lines.",
                level=self.level_name or self.level_id.name,
                day=format_date(self.env, self.posted_on or self.date),
                amount=self.currency_id.format(self.amount_due),
                count=self.line_count,
            ),
            attachment_ids=self.attachment_id.ids,
            author_id=self.user_id.partner_id.id or None,
        )

    def _log_not_posted(self):
        self.ensure_one()
        self.partner_id._message_log(
            body=Markup("<p>%s</p>")
            % self.env._(
                "%(level)s of %(day)s: %(reason)s",
                level=self.level_name or self.level_id.name,
                day=format_date(self.env, self.date),
                reason=self.failure_reason,
            )
        )

    # Looking

    def action_print_again(self):
        """Open the kept PDFs of the selected letters as one, in address order."""
        kept = self.filtered("attachment_id")
        if not kept:
            raise UserError(self.env._("No PDF is kept yet: the reminder has not left."))
        return self.env.ref("account_receivable_followup.action_report_followup_letter").report_action(
            kept._in_address_order(), config=False
        )
