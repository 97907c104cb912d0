import hashlib
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..lib.pdf_pages import join_pdfs
from .followup_recipients import POSTAL
from .followup_window import window

_logger = logging.getLogger(__name__)


class FollowupRun(models.Model):
    """The letters of a run: one PDF in address order, and those that are still to be posted."""

    _inherit = "followup.run"

    letters_key = fields.Char(
        string="Letters of the PDF",
        readonly=True,
        copy=False,
        help="Which letters the PDF of the run holds, in which order.",
    )
    printed_count = fields.Integer(string="Letters to post", compute="_compute_to_do")
    printed_label = fields.Char(string="Summary of the printed letters", compute="_compute_to_do")
    call_count = fields.Integer(string="Calls to make", compute="_compute_to_do")
    call_label = fields.Char(string="Summary of the calls", compute="_compute_to_do")

    @api.depends("reminder_ids.state", "reminder_ids.to_call")
    @api.depends_context("lang")
    def _compute_to_do(self):
        """What waits for a person once the run is released."""
        Reminder = self.env["followup.reminder"]
        aggregates = ["__count", "amount_due:sum"]
        mine = [("run_id", "in", self.ids)]
        printed = Reminder._read_group([*mine, ("state", "=", "printed")], ["run_id"], aggregates)
        calls = Reminder._read_group([*mine, ("to_call", "=", True)], ["run_id"], aggregates)
        printed = {run.id: values for run, *values in printed}
        calls = {run.id: values for run, *values in calls}
        for run in self:
            run.printed_count, amount = printed.get(run.id, (0, 0))
            run.printed_label = run._get_printed_label(run.printed_count, amount)
            run.call_count, amount = calls.get(run.id, (0, 0))
            run.call_label = run._get_call_label(run.call_count, amount)

    def _get_printed_label(self, count, amount):
        """How many letters are to be posted, for how much; singular and plural are whole sentences."""
        if not count:
            return False
        amount = self.currency_id.format(amount)
        if count == 1:
            return self.env._(
                "One letter is printed (%(amount)s). Once it is posted, say so: its level counts only then.",
                amount=amount,
            )
        return self.env._(
            "%(count)s letters are printed (%(amount)s). Once they are posted, say so: their levels count only then.",
            count=count,
            amount=amount,
        )

    def _get_call_label(self, count, amount):
        """How many calls are to be made, for how much."""
        if not count:
            return False
        amount = self.currency_id.format(amount)
        if count == 1:
            return self.env._("One call or action is to be made (%(amount)s).", amount=amount)
        return self.env._("%(count)s calls or actions are to be made (%(amount)s).", count=count, amount=amount)

    # One PDF

    def _gather_letters_if_over(self):
        """Put the letters together once the last of them is printed; before, whoever opens them has it done."""
        waiting = [("run_id", "=", self.id), ("state", "=", "queued"), ("channel", "in", POSTAL)]
        if self.env["followup.reminder"].search_count(waiting, limit=1):
            return
        try:
            with self.env.cr.savepoint():
                self._gather_letters()
        except Exception:  # a kept file may be damaged: the letters are printed all the same
            _logger.exception("The letters of the run %s cannot be put together", self.id)

    def _gather_letters(self):
        """Bring the one PDF of the run up to date: the letters that were printed, in address order."""
        self.ensure_one()
        # Not the texts of thousands of letters.
        letters = self.env["followup.reminder"].search_fetch(
            [
                ("run_id", "=", self.id),
                ("channel", "in", POSTAL),
                ("state", "in", ("printed", "sent")),
                ("attachment_id", "!=", False),
            ],
            ["attachment_id", "partner_id", "pdf_sha256", "recipient_id"],
        )
        letters = letters._in_address_order()
        duplex = self.company_id.followup_duplex
        words = [f"duplex:{duplex}", *(f"{one.id}:{one.pdf_sha256}" for one in letters)]
        key = hashlib.sha256(" ".join(words).encode()).hexdigest()
        if self.letters_key == key:
            return
        if not letters:
            self.letters_attachment_id.unlink()
            self.letters_key = False
            return
        vals = {
            "name": self.env._(
                "Letters of %(date)s.pdf", date=format_date(self.env, self.date).replace("/", "-")
            ),
            "raw": join_pdfs(letters._read_kept_pdfs(), duplex=duplex),
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }
        if self.letters_attachment_id:
            self.letters_attachment_id.write(vals)
        else:
            self.letters_attachment_id = self.env["ir.attachment"].create(vals)
        self.letters_key = key

    def action_open_letters(self):
        """Open the PDF that holds all the letters printed from this run, in address order."""
        self.ensure_one()
        self.check_access("read")
        self.sudo()._gather_letters()
        if not self.letters_attachment_id:
            raise UserError(self.env._("No letter of this run has been printed yet."))
        return {
            "type": "ir.actions.act_url",
            "url": self._get_letters_url(),
            "target": "new",
        }

    # What a person does next

    def action_letters_posted(self):
        """Say on which day the printed letters of the run were posted."""
        self.ensure_one()
        printed = self.reminder_ids.filtered(
            lambda reminder: reminder.state == "printed" and reminder.channel in POSTAL
        )
        return printed.action_letters_posted()

    def action_open_printed(self):
        """The printed letters of the run, to tick those that were posted."""
        action = self.action_open_reminders()
        action["domain"] += [("state", "=", "printed")]
        return action

    def action_open_calls(self):
        """The calls of the run that are to be made."""
        self.ensure_one()
        return window(
            self.env, "followup_call_action", domain=[("run_id", "=", self.id), ("to_call", "=", True)], context={}
        )


class FollowupReminder(models.Model):
    _inherit = "followup.reminder"

    def _read_kept_pdfs(self):
        """Yield the kept PDFs (bytes) of these reminders, one at a time in memory."""
        for reminder in self:
            attachment = reminder.attachment_id
            yield attachment.raw
            attachment.invalidate_recordset(["raw", "datas", "db_datas"], flush=False)


class ResCompany(models.Model):
    _inherit = "res.company"

    followup_duplex = fields.Boolean(
        string="Letters printed on both sides",
        help="In the one PDF of a run, each letter begins on a new sheet: a blank page is added after those that have "
        "an odd number of pages.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_duplex = fields.Boolean(related="company_id.followup_duplex", readonly=False)
