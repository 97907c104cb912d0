from odoo import api, models

from ..lib.contact_hours import next_contact_time


class FollowupReminder(models.Model):
    """An SMS leaves at decent hours only: 8 a.m. to 8 p.m., neither on Sundays nor on public holidays."""

    _inherit = "followup.reminder"

    def _send_sms(self):
        """Those released too early or too late wait for the next decent hour; the release takes them up again."""
        late = self.browse()
        for company, reminders in self.grouped("company_id").items():
            moment = company._followup_next_contact()
            if moment:
                reminders._wait_for_hour(moment)
                late |= reminders
        return super(FollowupReminder, self - late)._send_sms()

    def _wait_for_hour(self, moment):
        """Leave these messages in the queue until `moment` (UTC, without zone)."""
        local = self.company_id[:1]._followup_localize(moment)
        reason = self.env._(
            "An SMS leaves between 8:00 and 20:00, neither on Sundays nor on public holidays: this one waits until "
            "%(day)s, %(hour)s.",
            day=self.env["ir.qweb.field.date"].value_to_html(local.date(), {}),
            hour=f"{local:%H:%M}",
        )
        self.env["followup.release"]._write_alone(self, {"retry_at": moment, "failure_reason": reason})
        cron = self.env.ref("account_receivable_followup.ir_cron_followup_release", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at=moment)


class FollowupRun(models.Model):
    _inherit = "followup.run"

    def _get_release_text(self):
        """Messages that wait for the morning are nobody's fault."""
        if self.release_state == "running" and self.release_delayed:
            waiting = self.env["followup.reminder"].search_count(
                [("run_id", "=", self.id), ("state", "=", "queued"), ("retry_at", ">", "now"), ("channel", "=", "sms")]
            )
            if waiting == self.release_delayed:
                return self.env._(
                    "%(done)s of %(total)s done, %(delayed)s SMS wait for a decent hour (8:00 to 20:00, no Sundays).",
                    done=self.release_done,
                    total=self.release_total,
                    delayed=waiting,
                )
        return super()._get_release_text()


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.private
    def _followup_next_contact(self):
        """The next moment (UTC, without zone) at which a message may ring; nothing when it may now."""
        self.ensure_one()
        now = self._followup_now()
        local = now.replace(tzinfo=None)
        moment = next_contact_time(local, self._followup_region())
        if moment == local:
            return None
        return self._followup_to_utc(self._followup_zone().localize(moment))
