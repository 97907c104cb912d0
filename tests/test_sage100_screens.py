from odoo.tests import new_test_user, tagged

from .common_browser import BrowserCase
from .common_sage100 import Sage100Common

SHOW = """
(async () => {
    const wait = async (selector) => {
        for (let turn = 0; turn < 200; turn++) {
            if (document.querySelector(selector)) return;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error("never shown: " + selector);
    };
    const selector = "%s";
    await wait(selector);
    document.querySelector(selector).scrollIntoView({ block: "center" });
    await new Promise((done) => setTimeout(done, 400));
    console.log("picture:%s");
    await new Promise((done) => setTimeout(done, 600));
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install", "followup_tour")
class TestSage100Screens(BrowserCase, Sage100Common):
    """The screens about Sage 100 open in a browser, for those who use them."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.sync = cls.database._synchronise()
        cls.user = new_test_user(
            cls.env,
            login="sage_screens",
            groups="base.group_user,base.group_system,account_receivable_followup.followup_group_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            lang="fr_FR",
        )

    def _show(self, path, selector, name):
        self.browser_js(path, SHOW % (selector, name), login=self.user.login, timeout=90)

    def test_screens(self):
        action = "/odoo/action-account_receivable_followup.%s"
        screens = [
            (action % "sage100_database_action", ".o_list_view .o_data_row", "sage100_bases"),
            (
                f"{action % 'sage100_database_action'}/{self.database.id}",
                ".o_form_view .o_field_widget[name=server]",
                "sage100_base",
            ),
            (
                f"{action % 'sage100_database_action'}/{self.database.id}",
                ".o_form_view .o_field_widget[name=full_hours]",
                "sage100_base_schedule",
            ),
            (action % "sage100_sync_action", ".o_list_view .o_data_row", "sage100_syncs"),
            (
                f"{action % 'sage100_sync_action'}/{self.sync.id}",
                ".o_form_view .o_field_widget[name=sage_total]",
                "sage100_sync",
            ),
            (action % "sage100_customer_action", ".o_list_view .o_data_row", "sage100_customers"),
            (action % "sage100_entry_action", ".o_list_view .o_data_row", "sage100_entries"),
            (action % "sage100_issue_action", ".o_list_view .o_group_header", "sage100_issues"),
        ]
        for path, selector, name in screens:
            with self.subTest(name=name):
                self._show(path, selector, name)
