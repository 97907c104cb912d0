from odoo.fields import Command
from odoo.tests import new_test_user

from .common_sage100 import Sage100Common

INSURANCE = "N° DOSSIER ASSURANCE"
GROUPS = "base.group_user,base.group_allow_export,account_receivable_followup.followup_group_viewer"


class FreeFieldCase(Sage100Common):
    """A base whose free fields can be shown."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "SARL Exemple"})
        cls.customer = (
            cls.env["sage100.customer"]
            .sudo()
            .create(
                {"database_id": cls.database.id, "number": "EXEMPLE", "name": "Exemple", "partner_id": cls.partner.id}
            )
        )
        cls.viewer = new_test_user(
            cls.env,
            login="free_viewer",
            groups=GROUPS,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _field(self, name, database=None):
        return (database or self.database).free_field_ids.filtered(lambda field: field.sage_name == name)

    def _show(self, *names):
        self.database.action_read_free_fields()
        for name in names:
            self._field(name).used = True

    def _arch(self, model, view, user=None, **context):
        Model = self.env[model].with_user(user or self.viewer)
        view_id = self.env.ref(f"account_receivable_followup.{view}").id if "." not in view else self.env.ref(view).id
        return Model.with_context(allowed_company_ids=self.company.ids, **context).get_view(
            view_id, self.env["ir.ui.view"].browse(view_id).type
        )["arch"]
