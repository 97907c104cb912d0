from odoo import api, models

from .followup_release import CHUNK


class FollowupRelease(models.AbstractModel):
    """With OCA's `queue_job`, the chunks are its jobs: any number of Odoo workers take them. Nothing else differs."""

    _inherit = "followup.release"

    @api.model
    def _has_jobs(self):
        return "queue.job" in self.env

    @api.model
    def _wake(self):
        return self._delay_chunks() if self._has_jobs() else super()._wake()

    @api.model
    def _cron_release(self):
        """What a stopped server left becomes jobs again."""
        return self._delay_chunks() if self._has_jobs() else super()._cron_release()

    @api.model
    def _delay_chunks(self):
        """One job a chunk; those that already wait are not doubled, as each has its number."""
        release = self.sudo()
        for number in range(-(-release._count_waiting() // CHUNK)):
            release.with_delay(
                description=self.env._("Send released reminders, chunk %(number)s", number=number + 1),
                identity_key=f"followup.release {number}",
            )._job_release()

    @api.model
    def _job_release(self):
        """Send one chunk. It has its own transactions: a job must not commit its own."""
        return self._work_chunk()
