from odoo.tests import tagged

from .common_sage100_tiers import OTHER_SIRET, OTHER_VAT, SAME_FIRM, SIRET, VAT, Sage100TiersCommon


@tagged("post_install", "-at_install")
class TestSage100Matching(Sage100TiersCommon):
    """Which partner of Odoo a new customer of Sage becomes."""

    def _partner(self, **values):
        return self.env["res.partner"].create({"name": "Typed in Odoo", "is_company": True, **values})

    def _reasons(self, sync):
        return set(sync.issue_ids.filtered(lambda issue: issue.customer_number == "NEW1").mapped("reason"))

    def test_recognised_by_siret(self):
        partner = self._partner(company_registry="732 829 320 00074", phone="01 02 03 04 05")
        self._add_customer("NEW1", ct_siret=SIRET, ct_ville="BREST", ct_telephone="02 99 99 99 99")
        sync = self._synchronise()
        customer = self._customer("NEW1")
        self.assertEqual((customer.partner_id, customer.matched_by), (partner, "siret"))
        self.assertEqual((sync.customers_matched, sync.customers_created), (1, 0))
        # What was typed stays, blanks are filled.
        self.assertEqual((partner.name, partner.phone, partner.city), ("Typed in Odoo", "01 02 03 04 05", "BREST"))
        self.assertEqual(set(customer.conflict_ids.mapped("field_name")), {"name", "phone"})

    def test_recognised_by_vat_number(self):
        partner = self._partner(vat=OTHER_VAT)
        self._add_customer("NEW1", ct_siret=OTHER_SIRET, ct_identifiant="FR 83 404833048")
        self.database.customer_matching = "vat"
        self._synchronise()
        self.assertEqual((self._customer("NEW1").partner_id, self._customer("NEW1").matched_by), (partner, "vat"))

    def test_siret_counts_for_nothing_when_only_vat_numbers_may_match(self):
        partner = self._partner(company_registry=SIRET)
        self._add_customer("NEW1", ct_siret=SIRET)
        self.database.customer_matching = "vat"
        self._synchronise()
        self.assertNotEqual(self._customer("NEW1").partner_id, partner)

    def test_never_recognised_when_so_set(self):
        partner = self._partner(company_registry=SIRET, vat=VAT)
        self._add_customer("NEW1", ct_siret=SIRET, ct_identifiant=VAT)
        self.database.customer_matching = "never"
        sync = self._synchronise()
        self.assertNotEqual(self._customer("NEW1").partner_id, partner)
        self.assertFalse(sync.customers_matched)

    def test_a_name_is_never_enough(self):
        partner = self._partner(name="CLIENT NEW1")
        self._add_customer("NEW1")
        self._synchronise()
        self.assertNotEqual(self._customer("NEW1").partner_id, partner)

    def test_several_partners_make_a_new_one_and_a_warning(self):
        both = self._partner(company_registry=SIRET) + self._partner(company_registry=SIRET)
        self._add_customer("NEW1", ct_siret=SIRET)
        sync = self._synchronise(("warning",))
        self.assertNotIn(self._customer("NEW1").partner_id, both)
        self.assertIn("ambiguous", self._reasons(sync))

    def test_a_partner_that_two_customers_claim_is_for_neither(self):
        partner = self._partner(vat=VAT)
        for number in ("NEW1", "NEW2"):
            self._add_customer(number, ct_identifiant=VAT)
        sync = self._synchronise(("warning",))
        self.assertNotIn(partner, (self._customer("NEW1") + self._customer("NEW2")).partner_id)
        self.assertIn("ambiguous", self._reasons(sync))

    def test_another_establishment_of_the_firm_is_another_customer(self):
        partner = self._partner(company_registry=SAME_FIRM, vat=VAT)
        self._add_customer("NEW1", ct_siret=SIRET, ct_identifiant=VAT)
        self._synchronise()
        self.assertNotEqual(self._customer("NEW1").partner_id, partner)

    def test_recognised_through_the_binding_of_another_base(self):
        """The other company's partner bears no number in Odoo, but its Sage base does."""
        partner = self._partner()
        other = self.database.create(self._settings(server="localhost", name="Other base"))
        self.env["sage100.customer"].sudo().create(
            {"database_id": other.id, "number": "X9", "name": "X", "partner_id": partner.id, "siret": SIRET}
        )
        self._add_customer("NEW1", ct_siret=SIRET)
        self._synchronise()
        self.assertEqual(self._customer("NEW1").partner_id, partner)

    def test_partners_that_the_company_cannot_see_are_left_alone(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._partner(company_registry=SIRET, company_id=elsewhere.id)
        archived = self._partner(company_registry=OTHER_SIRET, active=False)
        self._add_customer("NEW1", ct_siret=SIRET)
        self._add_customer("NEW2", ct_siret=OTHER_SIRET)
        sync = self._synchronise()
        self.assertFalse(sync.customers_matched)
        self.assertFalse((foreign + archived).sage100_customer_ids)

    def test_a_contact_stands_for_its_firm(self):
        partner = self._partner(company_registry=SIRET)
        self.env["res.partner"].create({"name": "Paul", "parent_id": partner.id})
        self._add_customer("NEW1", ct_siret=SIRET)
        self._synchronise()
        self.assertEqual(self._customer("NEW1").partner_id, partner)


@tagged("post_install", "-at_install")
class TestSage100Renumbered(Sage100TiersCommon):
    """Numbers that change, merge, go and come back."""

    def _mirror(self, number):
        domain = [("database_id", "=", self.database.id), ("customer", "=", number)]
        return self.env["sage100.entry"].search(domain)

    def test_renumbered_customer_keeps_its_partner(self):
        customer = self.known
        old, partner, count = customer.number, customer.partner_id, self.env["res.partner"].search_count([])
        self.assertTrue(self._mirror(old))
        self._renumber(old, "RENAMED")
        sync = self._synchronise()
        self.assertEqual((sync.customers_created, sync.customers_renumbered), (0, 1))
        self.assertEqual((customer.number, customer.partner_id, partner.ref), ("RENAMED", partner, "RENAMED"))
        self.assertFalse(customer.missing)
        self.assertEqual(self.env["res.partner"].search_count([]), count)
        self.assertFalse(self._mirror(old))
        self.assertTrue(self._mirror("RENAMED"))

    def test_row_written_anew_is_recognised_by_siret_and_name(self):
        customer = self.known
        self._renumber(customer.number, "RENAMED")
        self._change("RENAMED", cbmarq=987654)
        self._synchronise()
        self.assertEqual((customer.number, customer.mark), ("RENAMED", 987654))

    def test_extra_address_follows_the_new_number(self):
        customer = self.known
        self._change(customer.number, ct_email="a@x.example; b@x.example")
        self._synchronise()
        contact = customer.contact_ids.filtered(lambda item: item.sage_key.endswith("b@x.example"))
        self._renumber(customer.number, "RENAMED")
        sync = self._synchronise()
        self.assertEqual(contact.sage_key, "RENAMED/b@x.example")
        self.assertFalse(sync.contacts_created)
        self.assertTrue(contact.partner_id.active)

    def test_another_customer_on_the_same_row_number_is_no_renumbering(self):
        customer = self.known
        number, partner = customer.number, customer.partner_id
        self._renumber(number, "RENAMED")
        self._change("RENAMED", ct_intitule="QUELQU UN D AUTRE", ct_siret=OTHER_SIRET)
        self._synchronise()
        self.assertEqual((customer.number, customer.missing), (number, True))
        self.assertNotEqual(self._customer("RENAMED").partner_id, partner)

    def test_merged_customer_is_marked_and_its_lines_follow(self):
        customer = self.known
        number, partner = customer.number, customer.partner_id
        other = self.env["sage100.customer"].search(
            [("database_id", "=", self.database.id), ("id", "!=", customer.id), ("dormant", "=", False)], limit=1
        )
        entries = self._mirror(number).mapped("ec_no")
        self._sage("UPDATE dbo.f_ecriturec SET ct_num = %s WHERE ct_num = %s", (other.number, number))
        self._sage("DELETE FROM dbo.f_comptet WHERE ct_num = %s", (number,))
        sync = self._synchronise()
        self.assertEqual((customer.missing, sync.customers_missing), (True, 1))
        self.assertEqual(customer.partner_id, partner)
        self.assertTrue(partner.active)
        self.assertTrue(all(customer.contact_ids.partner_id.mapped("active")))
        lines = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "in", entries)]
        )
        self.assertTrue(lines)
        self.assertEqual(lines.partner_id, other.partner_id)

    def test_number_that_comes_back_is_no_longer_missing(self):
        self._add_customer("NEW1", ct_siret=SIRET)
        self._synchronise()
        customer = self._customer("NEW1")
        self._sage("DELETE FROM dbo.f_comptet WHERE ct_num = 'NEW1'")
        self._synchronise()
        self.assertTrue(customer.missing)
        self.assertFalse(self._synchronise().customers_missing)
        self._add_customer("NEW1", ct_siret=SIRET)
        self._synchronise()
        self.assertFalse(customer.missing)

    def test_new_number_after_a_deletion_finds_its_partner_again(self):
        self._add_customer("NEW1", ct_siret=SIRET)
        self._synchronise()
        customer = self._customer("NEW1")
        self._sage("DELETE FROM dbo.f_comptet WHERE ct_num = 'NEW1'")
        self._synchronise()
        self._add_customer("NEW2", ct_siret=SIRET, ct_intitule="AUTRE NOM")
        self._synchronise()
        self.assertEqual(self._customer("NEW2").partner_id, customer.partner_id)
