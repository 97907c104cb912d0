from odoo.tests import new_test_user, tagged

from .common_browser import BrowserCase
from .common_sage100 import Sage100Common

SCRIPT = """
(async () => {
    const sleep = (delay) => new Promise((done) => setTimeout(done, delay));
    const wait = async (what, found) => {
        for (let turn = 0; turn < 240; turn++) {
            if (found()) return;
            await sleep(50);
        }
        throw new Error("never seen: " + what);
    };
    const picture = async (name) => {
        await sleep(400);
        console.log("picture:" + name);
        await sleep(800);
    };
    const run = (action) =>
        fetch("/web/dataset/call_kw/ir.actions.server/run", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({
                jsonrpc: "2.0",
                method: "call",
                params: { model: "ir.actions.server", method: "run", args: [[action]], kwargs: {} },
            }),
        });
    const find = (selector) => document.querySelector(selector);
    const readings = () =>
        performance.getEntriesByType("resource").filter((entry) => entry.name.includes("sage100.sync/web_read")).length;
    const quiet = async (why) => {
        const before = readings();
        if (!before) throw new Error("readings are not seen");
        await sleep(6000);
        if (readings() !== before) throw new Error("the form still reads: " + why);
    };
    %s
    console.log("test successful");
})();
"""

FOLLOW = """
    await wait("the form waiting", () => find(".o_form_view .alert-info .fa-spinner"));
    await picture("sage100_sync_waiting");
    await run(%(running)s);
    await wait("the step", () => find(".alert-info")?.textContent.includes("40"));
    await wait("the bar", () => find(".alert-info .o_progressbar"));
    await picture("sage100_sync_running");
    await run(%(done)s);
    await wait("the end", () => !find(".alert-info .fa-spinner"));
    await wait("the counts", () => find(".o_field_widget[name=entries_read]").textContent.includes("12"));
    await quiet("it is over");
"""

LEAVE = """
    await wait("the form waiting", () => find(".o_form_view .alert-info .fa-spinner"));
    await wait("the menu", () => find(".o_menu_brand"));
    find(".o_menu_brand").click();
    await wait("another screen", () => !find(".alert-info .fa-spinner"));
    await quiet("it was left");
"""


class ProgressCase(BrowserCase, Sage100Common):
    """A synchronisation that waits, looked at by a manager."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            login="sage_progress",
            groups="base.group_user,base.group_system,account_receivable_followup.followup_group_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            lang="fr_FR",
        )
        cls.sync = cls.env["sage100.sync"].sudo().create({"database_id": cls.database.id})

    def _action(self, **values):
        """Make a server action that writes on the synchronisation, as its run does between two chunks."""
        return (
            self.env["ir.actions.server"]
            .sudo()
            .create(
                {
                    "name": "Progress",
                    "model_id": self.env["ir.model"]._get_id("sage100.sync"),
                    "state": "code",
                    "code": f"env['sage100.sync'].sudo().browse({self.sync.id}).write({values!r})",
                }
            )
            .id
        )

    def _open(self, script):
        path = f"/odoo/action-account_receivable_followup.sage100_sync_action/{self.sync.id}"
        self.browser_js(path, SCRIPT % script, login=self.user.login, timeout=120)


@tagged("post_install", "-at_install", "followup_tour")
class TestSage100Progress(ProgressCase):
    """The form of a synchronisation follows it without anybody reloading it."""

    def test_follow(self):
        actions = {
            "running": self._action(
                state="running", step="Lecture des écritures", step_done=4800, step_total=12000, entries_read=4800
            ),
            "done": self._action(state="done", step=False, step_done=0, step_total=0, entries_read=12000),
        }
        self._open(FOLLOW % actions)

    def test_leave(self):
        self._open(LEAVE)


@tagged("post_install", "-at_install", "followup_tour")
class TestSage100ProgressMobile(ProgressCase):
    """The same on a phone, 375 px wide."""

    browser_size = "375x667"
    touch_enabled = True

    def test_follow(self):
        running = self._action(
            state="running", step="Lecture des écritures", step_done=4800, step_total=12000, entries_read=4800
        )
        self._open(FOLLOW % {"running": running, "done": self._action(state="done", entries_read=12000)})
