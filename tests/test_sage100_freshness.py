from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import FollowupCommon
from .common_browser import BrowserCase

NOW = "2026-11-20 10:00:00"


class FreshnessCommon(FollowupCommon):
    """A company fed by a Sage 100 base, whose state each test decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = cls._base(cls.company)

    @classmethod
    def _base(cls, company, name="BIJOU", **values):
        return cls._sage_base(company, name, **{"responsible_id": False, **values})

    def _sync(self, base=None, **values):
        return self.env["sage100.sync"].sudo().create({"database_id": (base or self.base).id, **values})

    def _fresh(self, base=None, **ago):
        """The base was synchronised so long ago, its totals agreeing."""
        moment = fields.Datetime.now() - timedelta(**ago)
        (base or self.base).write({"state": "done", "last_success_at": moment})
        return self._sync(base, state="done", started_at=moment, ended_at=moment)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSage100Freshness(FreshnessCommon, MockEmail):
    """How old the entries are: said everywhere by the same words, and holding what leaves by itself."""

    def _state(self, company=None):
        return (company or self.company)._followup_freshness()["state"]

    # What is said

    def test_states(self):
        self.assertEqual(self._state(), "never")
        self.assertIn("never synchronised", self.company._followup_hold_reason())
        self._fresh(hours=23)
        self.assertEqual(self._state(), "fresh")
        self.assertIsNone(self.company._followup_hold_reason())
        self._fresh(hours=25)
        self.assertEqual(self._state(), "stale")
        self.assertIn("Synchronise before sending", self.company._followup_hold_reason())
        self._fresh(hours=1)
        self._sync(state="failed", failure="timeout")
        self.base.state = "failed"
        self.assertEqual(self._state(), "failed")
        self.assertIn("payments may be missing", self.company._followup_hold_reason())

    def test_a_control_difference_is_named(self):
        self._fresh(hours=1)
        self._sync(state="failed", failure="control", customers_differing=3)
        self.base.state = "failed"
        self.assertIn("balances of 3 customers of BIJOU differ", self.company._followup_hold_reason())

    def test_a_busy_base_does_not_hide_the_failure(self):
        self._sync(state="failed", failure="control", customers_differing=3)
        self._sync(state="failed", failure="busy")
        self.base.state = "failed"
        self.assertIn("3 customers", self.company._followup_hold_reason())

    def test_no_base_no_word(self):
        self.base.active = False
        self.assertEqual(self._state(), "none")
        self.assertIsNone(self.company._followup_hold_reason())
        self.assertEqual(self.env["followup.freshness"].get_banner()["state"], "none")

    def test_age_limit_is_a_setting_of_the_company(self):
        self._fresh(hours=30)
        self.assertEqual(self._state(), "stale")
        self.company.followup_freshness_hours = 48
        self.assertEqual(self._state(), "fresh")
        with self.assertRaises(ValidationError):
            self.company.followup_freshness_hours = 0

    def test_the_worst_of_several_bases(self):
        self._fresh(hours=1)
        second = self._base(self.company, "SECOND")
        self._fresh(second, hours=30)
        found = self.company._followup_freshness()
        self.assertEqual((found["state"], found["database_id"]), ("stale", second.id))

    def test_the_worst_of_the_selected_companies(self):
        self._fresh(hours=1)
        other = self.env["res.company"].create({"name": "Second firm"})
        self._fresh(self._base(other), hours=40)
        user = self._user("viewer")
        banner = self.env["followup.freshness"].with_user(user).get_banner()
        self.assertEqual(banner["state"], "fresh")
        self.assertIn("control totals agree", banner["text"])
        user.company_ids |= other
        both = (
            self.env["followup.freshness"].with_user(user).with_context(allowed_company_ids=(self.company | other).ids)
        )
        banner = both.get_banner()
        self.assertEqual(banner["state"], "stale")
        self.assertTrue(banner["text"].startswith("Second firm: "))

    def test_the_banner_is_for_followup_readers(self):
        self._fresh(hours=1)
        self.assertEqual(self.env["followup.freshness"].with_user(self._user("")).get_banner(), {"state": "none"})

    def test_wizard_says_it(self):
        self._fresh(hours=30)
        form = Form(self.env["followup.send.wizard"])
        self.assertTrue(form.is_stale)
        self.assertIn("Synchronise before sending", form.freshness)

    # Holding

    def test_nothing_leaves_by_itself_when_out_of_date(self):
        """Promise: automatic sending needs a recent successful synchronisation whose totals agree."""
        self._entry(1000, days_late=10)
        run = self._run()
        cron = self.env.ref("account_receivable_followup.ir_cron_sage100_sync")
        for state in ("never", "stale", "failed", "control"):
            self._hold(state)
            for automatic in (run.with_context(cron_id=cron.id), run.sudo().with_user(1)):
                with self.subTest(state=state), self.assertRaisesRegex(UserError, "on hold"):
                    automatic.action_send_emails()
        self.assertEqual(run.reminder_ids.state, "prepared")
        self._fresh(hours=1)
        with self.mock_mail_gateway():
            run.with_context(cron_id=cron.id).action_send_emails()
        self.assertIn(run.reminder_ids.state, ("queued", "sent"))
        self.assertFalse(run.hold_decision)

    def _hold(self, state):
        if state == "never":
            self.base.write({"state": "new", "last_success_at": False})
        elif state == "stale":
            self._fresh(hours=30)
        else:
            self._fresh(hours=1)
            self._sync(state="failed", failure="control" if state == "control" else "timeout", customers_differing=1)
            self.base.state = "failed"

    def test_a_person_decides_and_it_is_kept(self):
        user = self._user("user", name="Marie Lefèvre")
        self._entry(1000, days_late=10)
        run = self._run(user=user)
        self._hold("control")
        run.invalidate_recordset()
        self.assertTrue(run.is_stale)
        with self.mock_mail_gateway():
            run.with_user(user).action_send_emails()
        self.assertIn(run.reminder_ids.state, ("queued", "sent"))
        for text in ("Marie Lefèvre", "11/20/2026", "one customer of BIJOU differs"):
            self.assertIn(text, run.hold_decision)

    def test_other_companies_are_not_held(self):
        """The base of one company holds nothing in another."""
        other = self.env["res.company"].create({"name": "Second firm"})
        self._base(other)
        self._fresh(hours=1)
        self._entry(1000, days_late=10)
        run = self._run()
        with self.mock_mail_gateway():
            run.with_context(cron_id=1).action_send_emails()
        self.assertIn(run.reminder_ids.state, ("queued", "sent"))


@tagged("post_install", "-at_install", "followup_tour")
class TestFreshnessTour(BrowserCase, FreshnessCommon):
    """The banner above the screens, in a real browser."""

    @classmethod
    @FollowupCommon.setup_country("fr")
    @FollowupCommon.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.TODAY = cls.company._followup_today()
        cls.user = cls._user("user", lang="fr_FR", name="Marie Lefèvre", tz="Europe/Paris")
        cls._entry(1000, days_late=10)

    def _tour(self):
        self.start_tour("/odoo/followup-situations", "followup_freshness", login=self.user.login, timeout=120)

    def test_out_of_date(self):
        self._fresh(hours=30)
        self._tour()


@tagged("post_install", "-at_install", "followup_tour")
class TestFreshnessTourMobile(TestFreshnessTour):
    """The same on a phone."""

    allow_inherited_tests_method = True  # Odoo\'s runner passes inherited tests over otherwise
    browser_size = "375x667"
    touch_enabled = True

    def _tour(self):
        self.start_tour("/odoo/followup-situations", "followup_freshness_mobile", login=self.user.login, timeout=120)
