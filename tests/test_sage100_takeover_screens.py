from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common_browser import BrowserCase
from .common_sage100 import Sage100Common

#: Waits for each selector in turn and clicks on all but the last, then has the screen kept.
SHOW = """
(async () => {
    const wait = async (selector) => {
        for (let turn = 0; turn < 200; turn++) {
            const found = document.querySelector(selector);
            if (found) return found;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error("never shown: " + selector);
    };
    const selectors = %s;
    for (const selector of selectors.slice(0, -1)) {
        (await wait(selector)).click();
        await new Promise((done) => setTimeout(done, 300));
    }
    (await wait(selectors.at(-1))).scrollIntoView({ block: "center" });
    await new Promise((done) => setTimeout(done, 500));
    console.log("picture:%s");
    await new Promise((done) => setTimeout(done, 700));
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install", "followup_tour")
class TestSage100TakeoverScreens(BrowserCase, Sage100Common):
    """The screens about the take-over, the alert and the age of the entries open, for those who use them."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            login="takeover_screens",
            name="Marie Lefèvre",
            email="marie@example.com",
            groups="base.group_user,base.group_system,account_receivable_followup.followup_group_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            lang="fr_FR",
            tz="Europe/Paris",
        )
        cls.database.responsible_id = cls.user
        cls.database._synchronise()
        cls.env["sage100.takeover"].create(
            {
                "database_id": cls.database.id,
                "number": 1,
                "name": "Rappel 1",
                "level_id": cls.env.ref("account_receivable_followup.followup_plan_default").level_ids[1].id,
            }
        )
        cls.customer = cls.env["sage100.customer"].search(
            [("database_id", "=", cls.database.id), ("number", "=", cls.base.cases["sage_reminders"])]
        )
        cls.situation = cls.env["followup.situation"].sudo().search([("partner_id", "=", cls.customer.partner_id.id)])

    def _show(self, path, name, *selectors):
        with self.subTest(name=name):
            self.browser_js(path, SHOW % (list(selectors), name), login=self.user.login, timeout=90)

    def test_screens(self):
        action = "/odoo/action-account_receivable_followup.%s"
        self._show(action % "sage100_history_action", "takeover_history", ".o_data_row, .o_kanban_record .fw-bold")
        self._show(
            f"{action % 'sage100_database_action'}/{self.database.id}",
            "takeover_settings",
            ".o_notebook a[name=takeover]",
            ".o_field_widget[name=takeover_mode]",
        )
        self._show(
            f"/odoo/followup-situations/{self.situation.id}",
            "takeover_situation",
            ".o_notebook a[name=sage100_history]",
            ".o_field_widget[name=sage100_history_ids] :is(.o_data_row, .o_kanban_record)",
        )
        self._show(
            f"/odoo/res.partner/{self.customer.partner_id.id}",
            "takeover_partner",
            ".o_notebook a[name=followup]",
            ".o_field_widget[name=sage100_history_ids] :is(.o_data_row, .o_kanban_record)",
        )
        self._show("/odoo/followup-due-lines", "freshness_fresh", ".o_followup_freshness.text-muted")

    def test_alert(self):
        line = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("reconciled", "=", False), ("balance", ">", 100)], limit=1
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET debit = debit + 5, balance = balance + 5,"
            " amount_residual = amount_residual + 5 WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.database._synchronise().failure, "control")
        self._show("/odoo/followup-due-lines", "freshness_failed", ".o_followup_freshness.alert-danger")
        self._show(
            f"/odoo/action-account_receivable_followup.sage100_database_action/{self.database.id}",
            "alert_activity",
            ".o-mail-Activity",
        )

    def test_level_wizard(self):
        self._show(
            "/odoo/followup-situations",
            "level_wizard",
            "thead .o_list_record_selector input",
            "button[name=action_set_level]",
            ".modal .o_field_widget[name=kept_count]",
        )

    def test_run_held(self):
        self.database.last_success_at = fields.Datetime.now() - timedelta(hours=30)
        plan = self.env.ref("account_receivable_followup.followup_plan_default")
        run = (
            self.env["followup.run"]
            .with_user(self.user)
            ._prepare_run(self.company, plan, self.company._followup_today())
        )
        self._show(f"/odoo/followup-runs/{run.id}", "run_held", ".o_form_view .btn-warning")


@tagged("post_install", "-at_install", "followup_tour")
class TestSage100TakeoverScreensMobile(TestSage100TakeoverScreens):
    """The same on a phone."""

    allow_inherited_tests_method = True  # Odoo\'s runner passes inherited tests over otherwise
    browser_size = "375x667"
    touch_enabled = True
    # Lists, hence selections, are for wider screens; the others are laid out like the ones looked at here.
    test_alert = test_level_wizard = test_run_held = None
