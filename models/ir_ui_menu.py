from odoo import api, models


class IrUiMenu(models.Model):
    """Root menu of accounting: Community calls it Invoicing, users look for Accounting."""

    _inherit = "ir.ui.menu"

    @api.model
    def _followup_name_root_menu(self):
        """Name the root menu Accounting in every installed language.

        Its translations belong to `account` and would win over those of our own file.
        """
        menu = self.env.ref("account.menu_finance")
        for code, _name in self.env["res.lang"].get_installed():
            localised = menu.with_context(lang=code)
            localised.name = localised.env._("Accounting")

    @api.model
    def _followup_restore_root_menu(self):
        """Give the root menu back the name that `account` gives it (uninstallation)."""
        menu = self.env.ref("account.menu_finance")
        menu.with_context(lang="en_US").name = "Invoicing"
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        account = self.env["ir.module.module"].search([("name", "=", "account")])
        account._update_translations(codes, overwrite=True)
