from odoo import fields
from odoo.tests import tagged

from .common import FollowupCommon
from .common_browser import BrowserCase
from .test_sage100_progress import SCRIPT

FOLLOW = """
    const bar = () => find(".o_followup_release_progress .progress");
    await wait("the bar", bar);
    if (bar().getAttribute("aria-valuenow") !== "25") throw new Error("not a quarter: " + bar().outerHTML);
    await picture("followup_release_running");
    await run(%(further)s);
    await wait("three quarters, read without the form", () => bar()?.getAttribute("aria-valuenow") === "75");
    await run(%(interrupted)s);
    await wait("the end", () => !bar());
    await wait("the interruption", () => find("button[name=action_resume]")?.offsetParent);
    await picture("followup_release_interrupted");
"""


class ReleaseScreenCase(BrowserCase, FollowupCommon):
    """A run of four messages on their way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user", lang="fr_FR")
        for name in ("Alpha", "Bravo", "Charlie", "Delta"):
            cls._entry(1000, days_late=10, partner=cls._customer(name), ref=f"FA {name}")
        cls.run_ = cls._run().sudo()
        cls.reminders = cls.run_.reminder_ids.sorted("id")
        now = fields.Datetime.now()
        cls.run_.release_at = now
        cls.reminders.write({"state": "queued", "asked_at": now, "release_user_id": cls.user.id})
        cls.reminders[0].state = "sent"

    def _action(self, reminders, state):
        """Make a server action that brings these messages to a state, as the release does between two screens."""
        return (
            self.env["ir.actions.server"]
            .sudo()
            .create(
                {
                    "name": "Progress",
                    "model_id": self.env["ir.model"]._get_id("followup.reminder"),
                    "state": "code",
                    "code": f"env['followup.reminder'].sudo().browse({reminders.ids!r}).write({{'state': {state!r}}})",
                }
            )
            .id
        )

    def _follow(self):
        actions = {
            "further": self._action(self.reminders[1:3], "sent"),
            "interrupted": self._action(self.reminders[3], "prepared"),
        }
        path = f"/odoo/action-account_receivable_followup.followup_run_action/{self.run_.id}"
        self.browser_js(path, SCRIPT % (FOLLOW % actions), login=self.user.login, timeout=120)


@tagged("post_install", "-at_install", "followup_tour")
class TestFollowupReleaseScreens(ReleaseScreenCase):
    """The bar of a release follows it without anybody reloading the run."""

    def test_follow(self):
        self._follow()


@tagged("post_install", "-at_install", "followup_tour")
class TestFollowupReleaseScreensMobile(ReleaseScreenCase):
    """The same on a phone, 375 px wide."""

    browser_size = "375x667"
    touch_enabled = True

    def test_follow(self):
        self._follow()
