from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import GROUP

STAMPS = {"id", "create_date", "write_date"}


@tagged("post_install", "-at_install")
class TestSage100BulkPartner(AccountTestInvoicingCommon):
    """Partners made in bulk are those that the ORM would make."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(GROUP % "user")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.bulk = cls.env["sage100.bulk.partner"]
        cls.user = cls.env.user
        cls.companies = [
            {
                "name": " Menuiserie  Dupont ",
                "is_company": True,
                "customer_rank": 1,
                "ref": "DUPONT",
                "street": "3 rue des Lilas\tBât. B",
                "street2": "\\N",
                "zip": "44000",
                "city": "NANTES",
                "country_id": cls.env.ref("base.fr").id,
                "vat": "FR44732829320",
                "company_registry": "73282932000074",
                "phone": "02 61 91 10 01",
                "website": "www.dupont.example",
                "email": "Compta <Compta@Dupont.example>",
                "comment": "<p>Payer & <script>x</script>mieux</p>",
                "user_id": cls.user.id,
                "followup_user_id": cls.user.id,
                "followup_stop": True,
                "credit_limit": 5000.0,
                "lang": "en_US",
            },
            {"name": "Durand", "is_company": True, "customer_rank": 1},
            {
                "name": "Bruxelles SA",
                "is_company": True,
                "country_id": cls.env.ref("base.be").id,
                "vat": "BE0477472701",
                "email": "pas une adresse",
                "phone": "n'appelez pas",
            },
        ]

    def _read(self, partners):
        """Return the rows of partners without what cannot be equal, ids of their own replaced by their rank."""
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM res_partner WHERE id = ANY(%s) ORDER BY id", (partners.ids,))
        ranks = {partner_id: f"#{rank}" for rank, partner_id in enumerate(sorted(partners.ids))}
        return [
            {
                name: ranks.get(value, value) if name in ("parent_id", "commercial_partner_id") else value or None
                for name, value in row.items()
                if name not in STAMPS
            }
            for row in self.env.cr.dictfetchall()
        ]

    def _contacts(self, parents):
        return [
            {"name": f"Claire {n}", "type": "contact", "parent_id": parent.id, "email": f"C{n}@x.example", **more}
            for n, parent in enumerate(parents)
            for more in ({"function": "Comptable", "followup_contact": True}, {"phone": "06 39 98 10 01"})
        ]

    def _make(self, create):
        companies = create(self.companies)
        contacts = create(self._contacts(companies))
        return companies + contacts

    def test_same_rows_as_the_orm(self):
        expected = self._read(self._make(self.env["res.partner"].create))
        found = self._read(self._make(self.bulk._create))
        self.assertEqual(len(found), 9)
        for one, other in zip(found, expected, strict=True):
            self.assertEqual(one, other)

    def test_contacts_of_a_person_and_of_a_contact(self):
        """A parent that is no company, or that has a parent itself: as the ORM does."""
        person = self.env["res.partner"].create({"name": "Zoé", "street": "1 quai", "lang": "en_US"})
        company = self.env["res.partner"].create(self.companies[0])
        delivery = self.env["res.partner"].create(
            {"name": "Dépôt", "type": "delivery", "parent_id": company.id, "street": "9 zone", "user_id": False}
        )
        for parent in (person, delivery):
            vals = {"name": "Ana", "type": "contact", "parent_id": parent.id}
            expected = self._read(self.env["res.partner"].create([vals]))
            self.assertEqual(self._read(self.bulk._create([vals])), expected)

    def test_cache_shows_them(self):
        company = self.bulk._create([self.companies[1]])
        self.assertFalse(company.child_ids)
        contact = self.bulk._create([{"name": "Ana", "type": "contact", "parent_id": company.id}])
        self.assertEqual(company.child_ids, contact)
        self.assertEqual(contact.commercial_partner_id, company)
        self.assertEqual(contact.display_name, "Durand, Ana")

    def test_vat_numbers_checked_the_same(self):
        """Each number gets the answer that Odoo gives, with queries for the unusual ones only."""
        Partner = self.env["res.partner"]
        bulk = Partner.with_context(sage100_partners_in_bulk=True)
        numbers = ["FR44732829320", "FR 44 732 829 320", "44732829320", "FR99", "/", "BE0477472701", "X", "EL094259216"]
        for country in self.env.ref("base.fr") | self.env.ref("base.gr") | self.env.ref("base.us"):
            for number in numbers:
                expected = Partner._run_vat_checks(country, number, validation="setnull")[0]
                self.assertEqual(bulk._check_vat_in_bulk(country, number), expected, (country.code, number))
                partner = Partner.new({"country_id": country.id, "vat": number})
                other = bulk.new({"country_id": country.id, "vat": number})
                self.assertEqual(other._deduce_country_code(), partner._deduce_country_code())
        france = self.env.ref("base.fr")
        self.assertEqual(bulk._check_vat_in_bulk(france, "FR44732829320"), "FR44732829320")
        with self.assertQueryCount(0):
            bulk._check_vat_in_bulk(france, "FR 44 732 829 320")
