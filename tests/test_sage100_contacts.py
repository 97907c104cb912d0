from odoo.tests import tagged

from .common_sage100_tiers import Sage100TiersCommon


@tagged("post_install", "-at_install")
class TestSage100Contacts(Sage100TiersCommon):
    """Contacts of customers: who receives the reminders, who is archived."""

    def _add_contact(self, number, **values):
        blank = {"cbmarq": 990000 + number, "ct_no": 990000 + number, "ct_prenom": "Ada", "ct_nom": f"TEST{number}"}
        self._copy_row("f_contactt", "TRUE", ct_num=self.known.number, **blank | values)

    def _contact(self, number):
        return self.env["sage100.contact"].search(
            [("database_id", "=", self.database.id), ("sage_key", "=", str(990000 + number))]
        )

    def _service(self, label):
        """Return the number of a service of Sage, its label replaced."""
        self._sage("UPDATE dbo.p_servicecpta SET s_intitule = %s WHERE cbindice = 1", (label,))
        return 1

    def test_accounting_service_receives_the_reminders(self):
        service = self._service("Comptabilité fournisseurs")
        self._add_contact(1, n_service=service)
        self._add_contact(2, n_service=0)
        self._synchronise()
        self.assertTrue(self._contact(1).partner_id.followup_contact)
        self.assertEqual(self._contact(1).service, "Comptabilité fournisseurs")
        self.assertFalse(self._contact(2).partner_id.followup_contact)

    def test_words_of_the_accounting_service_are_a_setting(self):
        service = self._service("Règlements")
        self._add_contact(1, n_service=service)
        self._synchronise()
        self.assertFalse(self._contact(1).partner_id.followup_contact)
        self.database.accounting_services = "compta, reglement"
        self._synchronise()
        self.assertTrue(self._contact(1).partner_id.followup_contact)

    def test_contact_gone_from_sage_is_archived_and_comes_back(self):
        self._add_contact(1)
        self._synchronise()
        contact = self._contact(1)
        partner = contact.partner_id
        self._sage("DELETE FROM dbo.f_contactt WHERE ct_no = 990001")
        sync = self._synchronise()
        self.assertEqual((partner.active, contact.missing, sync.contacts_archived), (False, True, 1))
        self.assertFalse(self._synchronise().contacts_archived)
        self._add_contact(1)
        self._synchronise()
        self.assertEqual((partner.active, contact.missing, contact.archived), (True, False, False))

    def test_contact_changed_in_odoo_stays(self):
        self._add_contact(1)
        self._synchronise()
        contact = self._contact(1)
        contact.partner_id.phone = "06 06 06 06 06"
        self._sage("DELETE FROM dbo.f_contactt WHERE ct_no = 990001")
        self._synchronise()
        self.assertEqual((contact.partner_id.active, contact.missing), (True, True))

    def test_contact_archived_by_a_person_stays_archived(self):
        self._add_contact(1)
        self._synchronise()
        contact = self._contact(1)
        contact.partner_id.active = False
        for statement in ("DELETE FROM dbo.f_contactt WHERE ct_no = 990001", None):
            if statement:
                self._sage(statement)
            else:
                self._add_contact(1)
            self._synchronise()
            self.assertFalse(contact.partner_id.active)

    def test_contacts_all_gone_at_once_are_kept(self):
        """A right withdrawn on the table, a restored base: nobody is archived for that."""
        contacts = self.env["sage100.contact"].search([("database_id", "=", self.database.id)])
        partners = contacts.partner_id
        parent = self.known.partner_id
        self.env["sage100.contact"].sudo().create(
            [
                {"customer_id": self.known.id, "sage_key": f"X{n}", "partner_id": partner.id, "last_values": {}}
                for n, partner in enumerate(
                    self.env["res.partner"].create([{"name": f"X{n}", "parent_id": parent.id} for n in range(60)])
                )
            ]
        )
        self._sage("DELETE FROM dbo.f_contactt")
        sync = self._synchronise(("warning",))
        self.assertFalse(sync.contacts_archived)
        self.assertTrue(all(partners.mapped("active")))
        self.assertIn("many_gone", sync.issue_ids.mapped("reason"))

    def test_contact_that_odoo_already_has_is_not_doubled(self):
        parent = self.known.partner_id
        child = self.env["res.partner"].create(
            {"name": "Ada T.", "parent_id": parent.id, "email": "Ada@x.example", "phone": "01 00 00 00 00"}
        )
        self._add_contact(1, ct_email="ada@x.example", ct_fonction="Comptable")
        self._synchronise()
        self.assertEqual(self._contact(1).partner_id, child)
        self.assertEqual((child.name, child.phone, child.function), ("Ada T.", "01 00 00 00 00", "Comptable"))

    def test_contact_that_changes_customer_in_sage(self):
        self._add_contact(1)
        self._synchronise()
        contact = self._contact(1)
        other = self.env["sage100.customer"].search(
            [("database_id", "=", self.database.id), ("id", "!=", self.known.id)], limit=1
        )
        self._sage("UPDATE dbo.f_contactt SET ct_num = %s WHERE ct_no = 990001", (other.number,))
        self._synchronise()
        self.assertEqual((contact.customer_id, contact.partner_id.parent_id), (other, other.partner_id))

    def test_contact_deleted_in_odoo_does_not_come_back(self):
        self._add_contact(1)
        self._synchronise()
        contact = self._contact(1)
        contact.partner_id.unlink()
        self._sage("UPDATE dbo.f_contactt SET ct_fonction = 'Autre' WHERE ct_no = 990001")
        sync = self._synchronise()
        self.assertFalse(contact.partner_id)
        self.assertFalse(sync.contacts_created)
