from odoo.fields import Date

from .common import FollowupCommon


class PenaltyCommon(FollowupCommon):
    """Invoices late in the first half of 2026, whose rates are known: 2.15 % for the ECB, 2.62 % for the legal one."""

    DAY = Date.to_date("2026-03-31")
    #: Two months before: 59 days late on `DAY`. 36,500 bear 12.15 a day at 12.15 %.
    DUE = Date.to_date("2026-01-31")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third, cls.notice = cls.levels[3], cls.levels[4]
        cls.user = cls._user("user")
        cls.Claim = cls.env["followup.penalty.claim"]

    @classmethod
    def _late(cls, amount=36500, due=None, level=None, partner=None, ref="FA001", **vals):
        """An invoice for which the level after `level` is due on `DAY` (by default the formal notice)."""
        line = cls._entry(amount, due=due or cls.DUE, partner=partner, ref=ref, **vals)
        line.write({"followup_level_id": (level or cls.third).id, "followup_date": Date.to_date("2026-03-15")})
        return line

    @classmethod
    def _paid(cls, line, amount, day, ref="VIR"):
        """A payment of `line`, matched with it."""
        due = Date.add(Date.to_date(day), days=30)  # an entry is dated a month before its due date
        payment = cls._entry(-amount, due=due, partner=line.partner_id, ref=ref)
        (line | payment).reconcile()
        return payment

    def _prepared(self, day=None):
        """The messages prepared on `DAY`."""
        return self._run(date=day or self.DAY).sudo().reminder_ids

    def _leave(self, reminders):
        """These letters are printed, and posted on their own day."""
        reminders.action_accept()
        reminders._release()
        reminders._mark_posted(reminders[:1].date)
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
