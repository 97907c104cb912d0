from datetime import timedelta

from odoo import fields

from .common import FollowupCommon
from .common_smtp import SmtpMixin


class ReleaseCommon(SmtpMixin, FollowupCommon):
    """Reminders that really leave, through a real mail server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = cls.levels[1], cls.levels[2]
        cls.Release = cls.env["followup.release"]

    @classmethod
    def _run(cls, *args, **kwargs):
        return super()._run(*args, **kwargs).sudo()

    def _prepared(self, names=("Menuiserie Baudry",), amount=1000, **vals):
        """A run with one reminder a customer, and their lines: (run, lines)."""
        lines = self.env["account.move.line"]
        for name in names:
            partner = self.customer if name == self.customer.name else self._customer(name)
            lines |= self._entry(amount, days_late=10, partner=partner, ref=f"FA {name}", **vals)
        return self._run(), lines

    def _again(self, reminders):
        """The next time that a worker comes round, long after."""
        reminders.filtered("retry_at").retry_at = fields.Datetime.now() - timedelta(minutes=1)
        self.Release._for_chunk(reminders)._treat()
