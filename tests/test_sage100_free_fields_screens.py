from odoo.tests import new_test_user, tagged

from .common_browser import BrowserCase
from .common_sage100 import Sage100Common

SCRIPT = """
(async () => {
    const sleep = (delay) => new Promise((done) => setTimeout(done, delay));
    const wait = async (what, found) => {
        for (let turn = 0; turn < 300; turn++) {
            if (found()) return found();
            await sleep(50);
        }
        throw new Error("never seen: " + what);
    };
    const find = (selector) => document.querySelector(selector);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const shows = (selector, text) => () => all(selector).find((node) => node.textContent.includes(text));
    const picture = async (name) => {
        await sleep(400);
        console.log("picture:" + name);
        await sleep(800);
    };
    %s
    console.log("test successful");
})();
"""

DATABASE = """
    (await wait("the page", () => find(".o_notebook .nav-link[name=free_fields]"))).click();
    await wait("a field", shows("[name=free_field_ids]", "N° BON DE COMMANDE"));
    find("[name=free_field_ids]").scrollIntoView({ block: "center" });
    await picture("free_fields_base");
"""

TICK = """
    const row = await wait("a row", shows("[name=free_field_ids] .o_data_row", "CONDITION PAIEMENT"));
    row.querySelector("td[name=used] input").click();
    await wait("the change", () => find(".o_form_status_indicator_buttons:not(.invisible) .o_form_button_save"));
    find(".o_form_button_save").click();
    await wait("the form saved", () => find(".o_form_status_indicator_buttons.invisible"));
    await wait("the places", shows("[name=free_field_note]", "2 "));
"""

LABEL = """
    await wait("the name", shows("%s", "Police d'assurance"));
    (%s)?.scrollIntoView({ block: "center" });
    await picture("%s");
"""


class FreeFieldScreens(BrowserCase, Sage100Common):
    """Free fields of a base that was synchronised, looked at by a manager who is also an administrator."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.database.action_read_free_fields()
        shown = cls.database.free_field_ids.filtered(
            lambda field: field.sage_name in ("N° DOSSIER ASSURANCE", "CHANTIER LIVRÉ")
        )
        shown.used = True
        shown.filtered(lambda field: field.target == "customer").label = "Police d'assurance"
        sync = cls.database._synchronise()
        assert sync.state in ("done", "warning"), sync.message
        cls.customer = cls.env["sage100.customer"].search([("free_1", "not in", ["", False])], limit=1)
        cls.user = new_test_user(
            cls.env,
            login="free_screens",
            groups="base.group_user,base.group_system,account_receivable_followup.followup_group_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            lang="fr_FR",
        )

    def _open(self, action, record, script):
        path = f"/odoo/action-account_receivable_followup.{action}"
        if "." in action:
            path = f"/odoo/{action}"
        self.browser_js(f"{path}/{record.id}" if record else path, SCRIPT % script, login=self.user.login, timeout=120)


@tagged("post_install", "-at_install", "followup_tour")
class TestFreeFieldScreens(FreeFieldScreens):
    """From the tick on the base to the name on the screens."""

    def test_screens(self):
        self._open("sage100_database_action", self.database, DATABASE + TICK)
        self.assertEqual(len(self.database.free_field_ids.filtered("used")), 3)
        self._open(
            "sage100_customer_action", None, LABEL % (".o_list_view th", "find('.none')", "free_fields_customers")
        )
        self._open(
            "sage100_customer_action",
            self.customer,
            LABEL % (".o_form_view label", "find('[name=free_1]')", "free_fields_customer"),
        )
        self._open(
            "res.partner",
            self.customer.partner_id,
            """
            for (const tab of await wait("tabs", () => find(".o_notebook .nav-link") && all(".o_notebook .nav-link"))) {
                tab.click();
                await sleep(300);
                if (find("[name=sage_free_1]")) break;
            }
            """
            + LABEL % (".o_form_view label", "find('[name=sage_free_1]')", "free_fields_partner"),
        )

    def _call(self, path, **params):
        answer = self.url_open(path, json={"jsonrpc": "2.0", "method": "call", "params": params})
        return answer.json()["result"]

    def test_stored_views(self):
        """Browsers keep views from one page to the next: another name makes them fetch them again."""
        self.authenticate(self.user.login, self.user.login)
        before = self._call("/web/session/get_session_info")["registry_hash"]
        self.assertEqual(self._call("/web/session/get_session_info")["registry_hash"], before)
        self.database.free_field_ids.filtered("used")[:1].label = "Assureur"
        self.env.flush_all()
        self.assertNotEqual(self._call("/web/session/get_session_info")["registry_hash"], before)

    def test_export(self):
        """The choice of the columns of an export offers the fields shown, by their names."""
        self.authenticate(self.user.login, self.user.login)
        for model, prefix in (("sage100.customer", "free_"), ("res.partner", "sage_free_")):
            fields = self._call("/web/export/get_fields", model=model, domain=[], import_compat=False)
            names = [field["string"] for field in fields if field["id"].startswith(prefix)]
            self.assertEqual(names, ["Police d'assurance"])


@tagged("post_install", "-at_install", "followup_tour")
class TestFreeFieldScreensMobile(FreeFieldScreens):
    """The same page on a phone, 375 px wide."""

    browser_size = "375x667"
    touch_enabled = True

    def test_screens(self):
        self._open("sage100_database_action", self.database, DATABASE)
