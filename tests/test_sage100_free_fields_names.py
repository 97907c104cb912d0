from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common_sage100_free import GROUPS, INSURANCE, FreeFieldCase


@tagged("post_install", "-at_install")
class TestFreeFieldNames(FreeFieldCase):
    """The names given by the user stand on the screens; what has no name is not there."""

    def setUp(self):
        super().setUp()
        self._show(INSURANCE, "CHANTIER LIVRÉ")
        self._field(INSURANCE).label = "Police d'assurance"
        self.customer.free_1 = "AC12345"

    def _labels(self, model, prefix, user=None, **context):
        Model = self.env[model].with_user(user or self.viewer).with_context(**context)
        fields = Model.fields_get(attributes=["string", "searchable", "exportable"])
        return {
            name: field["string"]
            for name, field in fields.items()
            if name.startswith(prefix) and field["searchable"] and field["exportable"]
        }

    def test_labels(self):
        self.assertEqual(self._labels("sage100.customer", "free_"), {"free_1": "Police d'assurance"})
        self.assertEqual(self._labels("res.partner", "sage_free_"), {"sage_free_1": "Police d'assurance"})
        self.assertEqual(self._labels("account.move.line", "sage_free_"), {"sage_free_1": "Chantier livré"})

    def test_labels_follow(self):
        """A new name, or none any more, shows at once."""
        self._field(INSURANCE).label = "Assureur"
        self.assertEqual(self._labels("sage100.customer", "free_"), {"free_1": "Assureur"})
        self._field(INSURANCE).used = False
        self.assertEqual(self._labels("sage100.customer", "free_"), {})

    def test_views(self):
        """Every screen shows the fields that have a name, and only those."""
        for model, view, prefix in [
            ("sage100.customer", "sage100_customer_view_list", "free_"),
            ("sage100.customer", "sage100_customer_view_form", "free_"),
            ("sage100.customer", "sage100_customer_view_search", "free_"),
            ("account.move.line", "followup_due_line_view_list", "sage_free_"),
            ("account.move.line", "followup_due_line_view_search", "sage_free_"),
            ("res.partner", "base.view_partner_form", "sage_free_"),
            ("res.partner", "base.view_res_partner_filter", "sage_free_"),
        ]:
            with self.subTest(view=view):
                arch = self._arch(model, view)
                self.assertIn(f'name="{prefix}1"', arch)
                self.assertNotIn(f'name="{prefix}2"', arch)

    def test_group_by(self):
        """Lists can be grouped, under the same names."""
        arch = self._arch("sage100.customer", "sage100_customer_view_search")
        self.assertIn('name="group_by_free_1" string="Police d\'assurance"', arch)
        self.assertNotIn("group_by_free_2", arch)
        self.assertIn('string="Chantier livré"', self._arch("account.move.line", "followup_due_line_view_search"))

    def test_nothing_shown(self):
        """Without a free field there is no empty group either."""
        self.database.free_field_ids.used = False
        arch = self._arch("res.partner", "base.view_partner_form")
        self.assertNotIn("sage_free_", arch)

    def test_browsers(self):
        """What a browser keeps of the views goes with the names."""
        before = self.env["sage100.free.field"]._get_fingerprint()
        self._field(INSURANCE).label = "Assureur"
        self.assertNotEqual(self.env["sage100.free.field"]._get_fingerprint(), before)

    def test_other_company(self):
        """Another company sees neither the names nor the values."""
        other = self._other_company()
        user = new_test_user(
            self.env,
            login="free_other",
            groups=GROUPS,
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self._labels("sage100.customer", "free_", user=user), {})
        self.assertEqual(self._labels("res.partner", "sage_free_", user=user), {})
        partner = self.partner.with_user(user)
        self.assertFalse(partner.sage_free_1)
        self.assertNotIn(partner, partner.search([("sage_free_1", "=", "AC12345")]))

    def _other_company(self):
        return self.env["res.company"].create({"name": "Ailleurs"})

    def test_two_companies(self):
        """Who works in two companies reads both names of a place, each once."""
        other = self._other_company()
        values = {name: value for name, value in self._settings().items() if name != "password"}
        second = self.env["sage100.database"].create(
            {**values, "company_id": other.id, "name": "SECOND", "database_name": "second"}
        )
        self.env["sage100.free.field"].sudo().create(
            [
                {"database_id": second.id, "target": "customer", "sage_name": "REGION", "used": True},
                {"database_id": second.id, "target": "customer", "sage_name": "DEPOT", "used": True},
            ]
        )
        user = new_test_user(
            self.env,
            login="free_both",
            groups=GROUPS,
            company_id=self.company.id,
            company_ids=[Command.set((self.company + other).ids)],
        )
        both = (self.company + other).ids
        self.assertEqual(
            self._labels("sage100.customer", "free_", user=user, allowed_company_ids=both),
            {"free_1": "Police d'assurance / Region", "free_2": "Depot"},
        )
        self.assertEqual(
            self._labels("res.partner", "sage_free_", user=user, allowed_company_ids=both),
            {"sage_free_1": "Police d'assurance"},
            "a customer shows the values of one company",
        )
        second.company_id = self.company
        self.assertEqual(
            self._labels("sage100.customer", "free_"), {"free_1": "Police d'assurance / Region", "free_2": "Depot"}
        )

    def test_company_of_base_changed(self):
        self.database.write({"company_id": self._other_company().id})
        self.assertEqual(self._labels("sage100.customer", "free_"), {})

    def test_partner_value(self):
        partner = self.partner.with_user(self.viewer)
        self.assertEqual(partner.sage_free_1, "AC12345")
        self.assertFalse(partner.sage_free_2)
        self.customer.copy({"number": "EXEMPLE2", "free_1": "AC999"})
        self.env.invalidate_all()
        self.assertEqual(partner.sage_free_1, "AC12345, AC999")

    def test_partner_search(self):
        partner = self.partner.with_user(self.viewer)
        other = self.env["res.partner"].create({"name": "Sans Sage"}).with_user(self.viewer)
        both = [("id", "in", (partner + other).ids)]
        for domain, found in [
            ([("sage_free_1", "=", "AC12345")], partner),
            ([("sage_free_1", "ilike", "123")], partner),
            ([("sage_free_1", "not ilike", "123")], other),
            ([("sage_free_1", "!=", "AC12345")], other),
            ([("sage_free_1", "!=", False)], partner),
            ([("sage_free_1", "=", False)], other),
            ([("sage_free_2", "=", False)], partner + other),
            ([("sage_free_1", "in", ["AC12345", False])], partner + other),
        ]:
            with self.subTest(domain=domain):
                self.assertEqual(partner.search(both + domain), found)

    def test_partner_hidden(self):
        """A user without access to follow-ups reads nothing of Sage."""
        user = new_test_user(self.env, login="free_nobody", groups="base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.partner.with_user(user).sage_free_1  # noqa: B018
        self.assertNotIn("sage_free_1", self.partner.with_user(user).fields_get())

    def test_customer_search_and_export(self):
        Customer = self.env["sage100.customer"].with_user(self.viewer)
        customer = Customer.search([("free_1", "=", "AC12345")])
        self.assertEqual(customer, self.customer)
        self.assertEqual(customer.export_data(["number", "free_1"])["datas"], [["EXEMPLE", "AC12345"]])

    def test_template(self):
        """A text of a reminder names a free field of the customer: the one of the reminder's company."""
        env = self.env(su=True)
        other = self._other_company()
        values = {name: value for name, value in self._settings().items() if name != "password"}
        second = env["sage100.database"].create({**values, "company_id": other.id, "database_name": "second"})
        self.customer.copy({"database_id": second.id, "free_1": "ELSEWHERE"})
        template = env["mail.template"].create(
            {
                "name": "Free",
                "model_id": env["ir.model"]._get_id("followup.reminder"),
                "subject": "Dossier {{ object.partner_id.sage_free_1 }}",
                "body_html": '<p>Police <t t-out="object.partner_id.sage_free_1"/></p>',
            }
        )
        reminder = env["followup.reminder"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "level_id": env["followup.level"].search([], limit=1).id,
                "date": "2026-11-20",
                "channel": "email",
            }
        )
        reminder.with_company(other)._render_text(template.with_company(other))
        self.assertEqual(reminder.subject, "Dossier AC12345")
        self.assertIn("Police AC12345", reminder.body)
        self.assertEqual(self._field(INSURANCE).expression, "{{ object.partner_id.sage_free_1 }}")

    def test_form(self):
        """An administrator ticks and names on the base's form; a manager only looks."""
        self.env.invalidate_all()
        with Form(self.database) as form:
            rank = [field.sage_name for field in self.database.free_field_ids].index("CONDITION PAIEMENT")
            with form.free_field_ids.edit(rank) as line:
                line.used = True
                line.label = "Condition"
        self.assertEqual(self._field("CONDITION PAIEMENT").slot, 2)
        self.assertEqual(self._labels("sage100.customer", "free_")["free_2"], "Condition")
        manager = new_test_user(
            self.env,
            login="free_manager",
            groups="base.group_user,account_receivable_followup.followup_group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        field = self._field(INSURANCE).with_user(manager)
        self.assertEqual(field.label, "Police d'assurance")
        with self.assertRaises(AccessError):
            field.label = "Autre"
        with self.assertRaises(AccessError):
            self.database.with_user(manager).action_read_free_fields()
        with self.assertRaises(AccessError):
            field.with_user(self.viewer).read(["label"])

    def test_deleted_base(self):
        self.customer.unlink()
        self.database.unlink()
        self.assertEqual(self._labels("sage100.customer", "free_"), {})
