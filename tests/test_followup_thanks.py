from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowupThanks(FollowupCommon, MockEmail):
    """F030: thanks, once, some days after a chased invoice was paid in full."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.thanks = cls.plan.with_context(active_test=False).level_ids.filtered_domain([("phase", "=", "thanks")])[:1]
        cls.thanks.active = True
        cls.line = cls._entry(1000, days_late=40, ref="FA-1")
        cls.line.write({"followup_level_id": cls.levels[1].id, "followup_date": cls.TODAY - timedelta(days=20)})

    def _pay(self, line, days_ago=5, amount=None):
        day = self.TODAY - timedelta(days=days_ago)
        # Built 30 days before its due date.
        payment = self._entry(-(amount or line.amount_residual), due=day + timedelta(days=30), ref="VIR")
        (line + payment).reconcile()

    def test_thanks_leave_once(self):
        self._pay(self.line)
        run = self._run()
        self.assertRecordValues(
            run.reminder_ids, [{"level_id": self.thanks.id, "partner_id": self.customer.id, "amount_due": 0}]
        )
        self.assertEqual(run.reminder_ids.line_ids.move_line_id, self.line)
        body = run.reminder_ids.body
        self.assertIn(run.reminder_ids.line_ids.document, body, "the invoice paid is named")
        self.assertIn("1,000.00", body.replace("\N{ZERO WIDTH NO-BREAK SPACE}", ""))
        with self.mock_mail_gateway():
            run.action_release()
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(self.line.followup_level_id, self.levels[1], "thanks are no level that a debt reaches")
        self.assertFalse(self._run(date=self.TODAY + timedelta(days=9)).reminder_ids)

    def test_not_before_their_day_nor_weeks_later(self):
        self._pay(self.line, days_ago=1)
        self.assertFalse(self._run().reminder_ids)
        self.assertTrue(self._run(date=self.TODAY + timedelta(days=4)).reminder_ids)
        self.assertFalse(self._run(date=self.TODAY + timedelta(days=40)).reminder_ids)

    def test_never_to_who_still_owes(self):
        self._entry(100, days_late=3, ref="FA-2")
        self._pay(self.line)
        self.assertFalse(self._run().reminder_ids.filtered(lambda r: r.level_id == self.thanks))

    def test_never_when_it_was_not_chased_or_not_paid_in_full(self):
        other = self._customer("Garage Perrin")
        line = self._entry(1000, days_late=40, partner=other)
        payment = self._entry(-1000, days_late=-25, partner=other)
        (line + payment).reconcile()
        self._pay(self.line, amount=900)
        self.assertFalse(self._run().reminder_ids.filtered(lambda r: r.level_id == self.thanks))

    def test_switched_off(self):
        self.thanks.active = False
        self._pay(self.line)
        self.assertFalse(self._run().reminder_ids)
