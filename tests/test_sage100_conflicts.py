from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common_sage100_tiers import SIRET, Sage100TiersCommon


@tagged("post_install", "-at_install")
class TestSage100Conflicts(Sage100TiersCommon):
    """What a person typed in Odoo stands; where Sage says otherwise, it is shown until somebody decides."""

    def setUp(self):
        super().setUp()
        self.customer = self.known
        self.partner = self.customer.partner_id
        self.partner.phone = "01 02 03 04 05"
        self._change(self.customer.number, ct_telephone="09 99 99 99 99", ct_ville="BREST")
        self._synchronise()

    @property
    def conflicts(self):
        return self.customer.conflict_ids

    def test_conflict_is_shown_and_nothing_erased(self):
        self.assertEqual((self.partner.phone, self.partner.city), ("01 02 03 04 05", "BREST"))
        self.assertRecordValues(
            self.conflicts,
            [{"field_name": "phone", "sage_value": "09 99 99 99 99", "odoo_value": "01 02 03 04 05"}],
        )
        self.assertEqual(self.conflicts.field_label, self.partner._fields["phone"]._description_string(self.env))
        self.assertIn(self.customer, self.customer.search([("conflict_ids", "!=", False)]))
        self.assertEqual(self.partner.sage100_conflict_count, 1)

    def test_it_stays_until_somebody_decides(self):
        conflict = self.conflicts
        self._synchronise()
        self.assertEqual(self.conflicts, conflict)
        self._change(self.customer.number, ct_telephone="08 88 88 88 88")
        self._synchronise()
        self.assertRecordValues(self.conflicts, [{"id": conflict.id, "sage_value": "08 88 88 88 88"}])

    def test_taking_the_value_of_sage(self):
        self.conflicts.with_user(self._user("user")).action_take_sage()
        self.assertEqual(self.partner.phone, "09 99 99 99 99")
        self.assertFalse(self.conflicts)
        # From then on the field is Sage's again.
        self._change(self.customer.number, ct_telephone="08 88 88 88 88")
        self._synchronise()
        self.assertEqual(self.partner.phone, "08 88 88 88 88")
        self.assertFalse(self.conflicts)

    def test_keeping_the_value_of_odoo(self):
        self.conflicts.with_user(self._user("user")).action_keep_odoo()
        self.assertFalse(self.conflicts)
        self._synchronise()
        self.assertFalse(self.conflicts)
        self.assertEqual(self.partner.phone, "01 02 03 04 05")
        # Sage changes again: it is said again.
        self._change(self.customer.number, ct_telephone="08 88 88 88 88")
        self._synchronise()
        self.assertEqual(self.conflicts.sage_value, "08 88 88 88 88")
        self.assertEqual(self.partner.phone, "01 02 03 04 05")

    def test_typing_the_value_of_sage_settles_it(self):
        """The same number written in another way is the same number, and Sage may go on."""
        self.env.cr.execute("UPDATE sage100_conflict SET write_date = write_date - interval '1 day'")
        self.partner.phone = "+33 9 99 99 99 99"
        self._synchronise()
        self.assertFalse(self.conflicts)
        self._change(self.customer.number, ct_telephone="08 88 88 88 88")
        self._synchronise()
        self.assertEqual(self.partner.phone, "08 88 88 88 88")

    def test_sage_coming_back_settles_it(self):
        self._change(self.customer.number, ct_telephone="01.02.03.04.05")
        self._synchronise()
        self.assertFalse(self.conflicts)
        self.assertEqual(self.partner.phone, "01 02 03 04 05")

    def test_only_those_in_charge_decide(self):
        viewer = self.conflicts.with_user(self._user("viewer"))
        self.assertTrue(viewer.read(["sage_value", "odoo_value", "field_label"]))
        for action in ("action_take_sage", "action_keep_odoo"):
            with self.assertRaises(AccessError):
                getattr(viewer, action)()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.conflicts.with_user(self._user("user", elsewhere)).action_take_sage()
        self.assertEqual(self.partner.phone, "01 02 03 04 05")

    def test_values_are_shown_in_words(self):
        self.partner.country_id = self.env.ref("base.be")
        user = self._user("user")
        self.partner.with_user(user).with_company(self.company).followup_stop = True
        self._change(self.customer.number, ct_pays="ITALIE", ct_notrappel=0)
        self._synchronise()
        conflict = self.conflicts.filtered(lambda item: item.field_name == "country_id")
        self.assertEqual(conflict.odoo_value, self.env.ref("base.be").name)
        self.assertEqual(conflict.sage_value, self.env.ref("base.it").name)
        conflict.with_user(user).action_take_sage()
        self.assertEqual(self.partner.country_id, self.env.ref("base.it"))

    def test_recognised_partner_disputes_only_what_sage_states(self):
        """Sage has no telephone, no country and no language for it: those of Odoo are not in question."""
        partner = self.env["res.partner"].create(
            {
                "name": "Typed",
                "company_registry": SIRET,
                "phone": "01 01 01 01 01",
                "country_id": self.env.ref("base.de").id,
                "lang": "en_US",
                "street": "1 rue A",
            }
        )
        self._add_customer("NEW1", ct_siret=SIRET, ct_adresse="2 rue B", ct_langueiso2="")
        self._synchronise()
        customer = self._customer("NEW1")
        self.assertEqual(customer.partner_id, partner)
        self.assertEqual(set(customer.conflict_ids.mapped("field_name")), {"name", "street"})
        self.assertEqual((partner.ref, partner.country_id), ("NEW1", self.env.ref("base.de")))

    def test_partner_form_shows_the_conflict(self):
        user = self._user("user")
        form = Form(self.partner.with_user(user))
        self.assertEqual(form.sage100_conflict_count, 1)
        action = self.partner.with_user(user).action_view_sage100_conflicts()
        found = self.env["sage100.conflict"].with_user(user).search(action["domain"])
        self.assertEqual(found, self.conflicts)
