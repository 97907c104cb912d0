from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupStop(FollowupCommon):
    """Stops with a reason and an end, on a customer or a due line, logged (F041, F042)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.customer = cls.customer.with_env(cls.env)
        cls.old = cls._entry(1000, days_late=40, ref="FA001").with_env(cls.env)
        cls.recent = cls._entry(500, days_late=20, ref="FA002").with_env(cls.env)
        cls.reason = cls.env.ref("account_receivable_followup.followup_stop_reason_salesperson")
        cls.user = cls._user("user")
        cls.env["followup.situation"]._refresh(cls.company)
        cls.situation = cls.env["followup.situation"].search([("partner_id", "=", cls.customer.id)])

    def _stop(self, action, until=None, note=False):
        form = Form(self.env["followup.stop.wizard"].with_user(self.user).with_context(**action["context"]))
        form.reason_id = self.reason
        form.until = until
        form.note = note
        form.save().action_apply()

    def _reasons(self, on=None):
        decisions = self.env["followup.facts"]._decide_lines(self.company, on or self.TODAY, self.customer.ids)
        return [str(decisions[line.id].reason or "") for line in self.old | self.recent]

    def test_line_stopped_until_a_day(self):
        until = self.TODAY + timedelta(days=10)
        self._stop(self.old.with_user(self.user).action_followup_stop(), until, "Ask Marc")
        self.assertRecordValues(
            self.old,
            [
                {
                    "followup_stop": True,
                    "followup_stop_until": until,
                    "followup_stop_reason_id": self.reason.id,
                    "followup_stop_reason": "Ask Marc",
                }
            ],
        )
        self.assertEqual(self._reasons(), ["line_stop", ""])
        self.assertEqual(self._reasons(until), ["line_stop", ""])
        self.assertEqual(self._reasons(until + timedelta(days=1)), ["", ""])
        note = self.customer.message_ids[0]
        self.assertEqual(note.author_id, self.user.partner_id)
        for text in ("FA001", "11/30/2026", self.reason.name, "Ask Marc"):
            self.assertIn(text, note.body)

    def test_line_resumed(self):
        self._stop(self.old.with_user(self.user).action_followup_stop())
        self.old.with_user(self.user).action_followup_resume()
        self.assertRecordValues(
            self.old,
            [
                {
                    "followup_stop": False,
                    "followup_stop_until": False,
                    "followup_stop_reason_id": False,
                    "followup_stop_reason": False,
                }
            ],
        )
        self.assertIn("resumed", self.customer.message_ids[0].body)
        count = len(self.customer.message_ids)
        self.old.with_user(self.user).action_followup_resume()
        self.assertEqual(len(self.customer.message_ids), count, "nothing to resume, nothing to log")

    def test_customer_stopped_until_a_day(self):
        until = self.TODAY + timedelta(days=10)
        self._stop(self.situation.with_user(self.user).action_stop(), until)
        partner = self.customer.with_company(self.company)
        self.assertTrue(partner.followup_stop)
        self.assertEqual(self._reasons(), ["customer_stop", "customer_stop"])
        self.assertEqual(self._reasons(until + timedelta(days=1)), ["", ""])
        self.env["followup.situation"]._refresh(self.company)
        self.assertTrue(self.situation.stopped)
        self.assertIn(self.reason.name, self.customer.message_ids[0].body)
        self.assertIn("11/30/2026", self.customer.message_ids[0].body)
        self.situation.with_user(self.user).action_resume()
        self.env["followup.situation"]._refresh(self.company)
        self.assertFalse(self.situation.stopped)
        self.assertEqual(self._reasons(), ["", ""])

    def test_a_stop_ends_today_or_later(self):
        with self.assertRaisesRegex(UserError, "today or later"):
            self._stop(self.old.with_user(self.user).action_followup_stop(), self.TODAY - timedelta(days=1))

    def test_stop_is_in_one_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._stop(self.situation.with_user(self.user).action_stop())
        self.assertFalse(self.customer.with_company(other).followup_stop)
        self.assertFalse(self.customer.with_company(other).followup_stop_reason_id)

    def test_reason_in_use_stays(self):
        self._stop(self.old.with_user(self.user).action_followup_stop())
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.reason.unlink()

    def test_proceedings(self):
        """Debts born before the judgement are no longer chased; later ones are."""
        partner = self.customer.with_company(self.company)
        born = self.recent.date
        partner.write({"followup_proceedings": "receivership", "followup_proceedings_date": born})
        self.assertEqual(self._reasons(), ["proceedings", ""])
        self.assertIn("Insolvency proceedings", self.customer.message_ids[0].body)
        partner.write({"followup_proceedings": False})
        self.assertEqual(self._reasons(), ["", ""], "the day alone means nothing")
        with self.assertRaisesRegex(ValidationError, "day on which the court"):
            partner.write({"followup_proceedings": "receivership", "followup_proceedings_date": False})

    def test_who_decides(self):
        """Whoever edits contacts, salespeople first, does not decide who is chased."""
        viewer, contacts = self._user("viewer"), self._user("")
        contacts.group_ids += self.env.ref("base.group_partner_manager")
        viewer.group_ids += self.env.ref("base.group_partner_manager")
        for stranger in (viewer, contacts):
            partner = self.customer.with_user(stranger).with_company(self.company)
            partner.write({"phone": "02 40 00 00 00"})
            if stranger == viewer:  # the others do not even read it
                partner.write({"phone": "02 40 00 00 01", "followup_stop": False})
            for name, value in (
                ("followup_stop", True),
                ("followup_stop_reason", "x"),
                ("followup_mode", "manual"),
                ("followup_plan_id", self.plan.copy().id),
            ):
                with self.subTest(stranger=stranger.login, name=name), self.assertRaises(AccessError):
                    partner.write({name: value})
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(stranger).create({"name": "x", "followup_stop": True})
        self.customer.with_user(self.user).followup_stop = True
        copied = self.customer.with_user(contacts).copy()
        self.assertFalse(copied.sudo().followup_stop, "duplicating a stopped customer neither fails nor decides")
        with self.assertRaises(AccessError):
            self.old.with_user(viewer).action_followup_resume()
        with self.assertRaises(AccessError):
            self.situation.with_user(viewer).action_stop()
        with self.assertRaises(AccessError):
            self.customer.with_user(contacts).read(["followup_stop_until"])
