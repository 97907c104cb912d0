from decimal import Decimal

from odoo.tests import tagged

from ..models.sage100_job import Job
from .common_sage100_tiers import Sage100TiersCommon


@tagged("post_install", "-at_install")
class TestSage100Customers(Sage100TiersCommon):
    """What is brought in of customers, their contacts, banks, terms and risks."""

    def test_dormant_customer_without_entries_stays_in_sage(self):
        self._add_customer("NEW1", ct_sommeil=1)
        self._synchronise()
        self.assertFalse(self._customer("NEW1"))

    def test_payer(self):
        payer, customer = self.env["sage100.customer"].search([("database_id", "=", self.database.id)], limit=2)
        self._change(customer.number, ct_numpayeur=payer.number)
        self._synchronise()
        self.assertEqual(customer.payer_id, payer)
        self._change(customer.number, ct_numpayeur=customer.number)
        self._synchronise()
        self.assertFalse(customer.payer_id)

    def test_payer_of_the_follow_up(self):
        """F020: Sage's payer is the one chased; a payer chosen in Odoo stays, whatever Sage says later."""
        first, second, customer = self.env["sage100.customer"].search([("database_id", "=", self.database.id)], limit=3)
        partner = customer.partner_id.with_company(self.company)
        self._change(customer.number, ct_numpayeur=first.number)
        self._synchronise()
        self.assertEqual(partner.followup_payer_id, first.partner_id)
        self._change(customer.number, ct_numpayeur=second.number)
        self._synchronise()
        self.assertEqual(partner.followup_payer_id, second.partner_id)
        partner.followup_payer_id = first.partner_id
        self._change(customer.number, ct_numpayeur=customer.number)
        self._synchronise()
        self.assertEqual(partner.followup_payer_id, first.partner_id)

    def test_payers_in_a_circle(self):
        """Two customers that pay for each other in Sage: one is noted, the synchronisation goes on."""
        first, second = self.env["sage100.customer"].search([("database_id", "=", self.database.id)], limit=2)
        self._change(first.number, ct_numpayeur=second.number)
        self._change(second.number, ct_numpayeur=first.number)
        sync = self._synchronise(("warning",))
        self.assertIn("payer", sync.issue_ids.mapped("reason"))
        payers = [item.partner_id.with_company(self.company).followup_payer_id for item in (first, second)]
        self.assertEqual(len([payer for payer in payers if payer]), 1)

    def test_countries_and_languages(self):
        self._sage("CREATE TABLE dbo.f_pays (pa_intitule varchar(35), pa_code varchar(3), pa_codeiso2 varchar(3))")
        self._sage("INSERT INTO dbo.f_pays VALUES ('DEUTSCHLAND (RFA)', 'DEU', 'DE'), ('GUERNESEY', 'GG', '')")
        self._sage(f'GRANT SELECT ON dbo.f_pays TO "{self.name}"')
        cases = {
            "NEW1": ("DEUTSCHLAND (RFA)", "DE"),
            "NEW2": ("Guernesey", "GG"),
            "NEW3": ("ROYAUME-UNI", "GB"),
            "NEW4": ("Belgique", "BE"),
            "NEW5": ("", "FR"),
            "NEW6": ("ATLANTIDE", False),
        }
        for number, (label, _code) in cases.items():
            self._add_customer(number, ct_pays=label)
        self._add_customer("NEW7", ct_pays="Belgique", ct_langueiso2="EN")
        sync = self._synchronise(("warning",))
        for number, (label, code) in cases.items():
            with self.subTest(label=label):
                self.assertEqual(self._customer(number).partner_id.country_id.code, code)
        self.assertEqual(self._customer("NEW7").partner_id.lang, "en_US")
        self.assertEqual(self._customer("NEW4").partner_id.lang, "fr_FR")
        unknown = sync.issue_ids.filtered(lambda issue: issue.reason == "unknown_country")
        self.assertEqual(unknown.mapped("customer_number"), ["NEW6"])
        # The warning stays as long as nobody corrects it, and goes with its cause.
        self.assertIn("unknown_country", self._synchronise(("warning",)).issue_ids.mapped("reason"))
        self._change("NEW6", ct_pays="FRANCE")
        self.assertNotIn("unknown_country", self._synchronise().issue_ids.mapped("reason"))

    def test_several_addresses_in_one_field(self):
        self._add_customer("NEW1", ct_email="Compta@n.example; b@n.example,c@n.example")
        self._synchronise()
        customer = self._customer("NEW1")
        self.assertEqual(customer.partner_id.email, "compta@n.example")
        self.assertEqual(sorted(customer.partner_id.child_ids.mapped("email")), ["b@n.example", "c@n.example"])

    def test_bank_accounts_and_mandates(self):
        self._add_customer("NEW1")
        self._copy_row(
            "f_banquet", "TRUE", ct_num="NEW1", cbmarq=999001, bt_iban="FR76 3000 6000 0112 3456 7890 189", bt_bic=""
        )
        self._copy_row("f_banquet", "TRUE", ct_num="NEW1", cbmarq=999002, bt_num=2, bt_iban="FR00 BAD", bt_bic="")
        self._copy_row(
            "f_mandat", "TRUE", ct_num="NEW1", cbmarq=999003, md_no=9001, md_reference="RUM-9", md_revoque=1, md_b2b=0
        )
        sync = self._synchronise(("warning",))
        customer = self._customer("NEW1")
        self.assertIn("invalid_bank", sync.issue_ids.mapped("reason"))
        self.assertRecordValues(
            customer.bank_ids,
            [
                {
                    "acc_number": "FR76 3000 6000 0112 3456 7890 189",
                    "sanitized_acc_number": "FR7630006000011234567890189",
                    "acc_type": "iban",
                    "allow_out_payment": False,
                    "active": True,
                    "acc_holder_name": customer.partner_id.name,
                }
            ],
        )
        self.assertRecordValues(
            customer.mandate_ids, [{"reference": "RUM-9", "state": "revoked", "business": False, "number": 9001}]
        )
        self._sage("UPDATE dbo.f_mandat SET md_revoque = 0 WHERE md_no = 9001")
        self._synchronise()
        self.assertEqual(customer.mandate_ids.state, "active")

    def test_payment_terms_in_words(self):
        customer = self.known
        before = customer.partner_id.property_payment_term_id
        self._sage("DELETE FROM dbo.f_reglementt WHERE ct_num = %s", (customer.number,))
        row = {"ct_num": customer.number, "rt_condition": 2, "rt_nbjour": 30, "rt_jourtb01": 10}
        self._copy_row("f_reglementt", "TRUE", cbmarq=999001, n_reglement=1, rt_trepart=1, **row)
        self._synchronise()
        mode = self.env["sage100.payment.mode"].search([("database_id", "=", self.database.id), ("number", "=", 1)])
        self.assertEqual(customer.payment_modes, mode.name)
        self.assertIn("30", customer.payment_terms)
        self.assertIn("10", customer.payment_terms)
        self.assertIn(mode.name, customer.payment_terms)
        self.assertEqual(customer.partner_id.property_payment_term_id, before)

    def test_risk_insurance_and_solvency(self):
        customer = self.known
        self._sage("UPDATE dbo.p_crisque SET r_intitule = 'BLOQUE', r_type = 2 WHERE cbindice = 2")
        self._change(
            customer.number,
            n_risque=2,
            ct_controlenc=1,
            ct_encours=Decimal("1500.5"),
            ct_assurance=Decimal(8000),
            ct_coface="CF12",
            ct_surveillance=1,
            ct_svformejuri="SARL",
            ct_sveffectif="12",
            ct_svca=Decimal(500000),
            ct_svresultat=Decimal(-1200),
            ct_svincident=1,
            ct_svdateincid="2026-03-04",
            ct_svprivil=2,
            ct_svregul="B",
            ct_svcotation="AA",
            ct_svdatemaj="2026-05-06",
            ct_svobjetmaj="Bilan",
            ct_notpenal=1,
        )
        self._synchronise()
        self.assertRecordValues(
            customer,
            [
                {
                    "risk": "BLOQUE",
                    "risk_effect": "2",
                    "blocked": True,
                    "credit_limit": 1500.5,
                    "insured_amount": 8000,
                    "coface_number": "CF12",
                    "watched": True,
                    "legal_form": "SARL",
                    "headcount": "12",
                    "turnover": 500000,
                    "net_result": -1200,
                    "incident": True,
                    "liens": True,
                    "payment_regularity": "B",
                    "rating": "AA",
                    "solvency_subject": "Bilan",
                    "no_penalty": True,
                }
            ],
        )
        self.assertEqual((str(customer.incident_date), str(customer.solvency_date)), ("2026-03-04", "2026-05-06"))
        self.assertIn(customer, customer.search([("blocked", "=", True)]))
        self.assertNotIn(customer, customer.search([("blocked", "=", False)]))

    def test_authorised_outstanding_where_the_company_uses_it(self):
        customer = self.known
        partner = customer.partner_id.with_company(self.company)
        self._change(customer.number, ct_encours=Decimal(1500))
        self._synchronise()
        self.assertFalse(partner.credit_limit)
        self.company.account_use_credit_limit = True
        self._synchronise()
        self.assertEqual(partner.credit_limit, 1500)
        partner.credit_limit = 900
        self._change(customer.number, ct_encours=Decimal(2000))
        self._synchronise()
        self.assertEqual(partner.credit_limit, 900)

    def test_salespeople_and_collectors_are_never_created(self):
        users = self.env["res.users"].search_count([])
        self.assertTrue(self.env["sage100.collaborator"].search_count([("database_id", "=", self.database.id)]))
        self._sage("UPDATE dbo.f_collaborateur SET co_email = 'nobody@known.example'")
        self._synchronise()
        self.assertEqual(self.env["res.users"].search_count([]), users)

    # Payment modes

    def test_automatic_modes_are_proposed_and_chosen(self):
        modes = self.env["sage100.payment.mode"].search([("database_id", "=", self.database.id)])
        automatic = modes.filtered("automatic")
        self.assertTrue(automatic)
        self.assertTrue(modes - automatic)
        manual = (modes - automatic)[0]
        manual.sudo().automatic = True
        self._synchronise()
        self.assertTrue(manual.automatic)
        self.assertIn(manual.number, self._job().automatic_modes)
        # A new name is judged again, unless a person had decided otherwise.
        self._sage("UPDATE dbo.p_reglement SET r_intitule = 'Prelevement' WHERE cbindice = %s", (manual.number,))
        self._sage("UPDATE dbo.p_reglement SET r_intitule = 'Especes' WHERE cbindice = %s", (automatic[0].number,))
        self._synchronise()
        self.assertTrue(manual.automatic)
        self.assertFalse(automatic[0].automatic)

    def test_another_choice_makes_the_lines_again(self):
        self.env.cr.execute(
            "SELECT payment_mode, array_agg(DISTINCT customer) FROM sage100_entry WHERE database_id = %s "
            "AND payment_mode > 0 GROUP BY payment_mode LIMIT 1",
            [self.database.id],
        )
        number, customers = self.env.cr.fetchone()
        mode = self.env["sage100.payment.mode"].search(
            [("database_id", "=", self.database.id), ("number", "=", number)]
        )
        mode.automatic = not mode.automatic
        pending = self.env["sage100.pending"].search([("database_id", "=", self.database.id)])
        self.assertEqual(set(pending.mapped("number")), set(customers))

    # Nothing new

    def _job(self):
        """Do the step of customers alone; return its job."""
        with self.database._connect() as reader:
            snapshot = reader.snapshot(self.database._get_prefixes(), self.database.start_date)
        database = self.database.sudo().with_company(self.company)
        database = database.with_context(
            allowed_company_ids=self.company.ids, lang=self.company.partner_id.lang or self.env.lang
        )
        job = Job(database, self.first.with_env(database.env), lambda *args: None, snapshot)
        database.env["sage100.loader.customer"]._load(job)
        database.env.flush_all()
        return job

    def test_unchanged_base_costs_a_few_queries(self):
        self._job()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            self._job()

    def test_nothing_is_written_when_nothing_changed(self):
        self.env.cr.execute("SELECT max(write_date), count(*) FROM res_partner")
        before = self.env.cr.fetchone()
        sync = self._synchronise()
        self.assertFalse(sync.customers_created or sync.customers_updated or sync.contacts_created)
        self.env.cr.execute("SELECT max(write_date), count(*) FROM res_partner")
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_free_fields_come_with_the_customer(self):
        """The columns are chosen on the database; the loader fills the places in their order."""
        customer = self.known
        self._sage(
            'UPDATE dbo.f_comptet SET "CONDITION PAIEMENT" = %s WHERE ct_num = %s', ("30 J FDM", customer.number)
        )
        self.patch(
            type(self.database),
            "_get_free_columns",
            lambda database: {"F_COMPTET": ["CONDITION PAIEMENT"], "F_ECRITUREC": []},
        )
        self._synchronise()
        self.assertEqual(customer.free_1, "30 J FDM")

    # Several companies

    def test_facts_of_one_company_are_not_shown_to_another(self):
        """The partner is shared, what each Sage base says of it is not."""
        customer = self.known
        partner = customer.partner_id
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.database.create(
            {**self._settings(server="localhost", name="Other base"), "company_id": elsewhere.id}
        )
        foreign = (
            self.env["sage100.customer"]
            .sudo()
            .create(
                {"database_id": other.id, "number": "SECRET", "name": "X", "partner_id": partner.id, "rating": "ZZ"}
            )
        )
        self.env["sage100.mandate"].sudo().create({"customer_id": foreign.id, "number": 1, "reference": "SECRET"})
        self.env["sage100.conflict"].sudo().create({"customer_id": foreign.id, "field_name": "phone"})
        self.env["sage100.payment.mode"].sudo().create({"database_id": other.id, "number": 1, "name": "SECRET"})
        self.env.flush_all()
        self.env.invalidate_all()
        for kind in ("viewer", "user", "manager"):
            with self.subTest(kind=kind):
                user = self._user(kind)
                seen = partner.with_user(user)
                self.assertEqual(seen.sage100_customer_ids, customer.with_user(user))
                self.assertFalse(seen.sage100_conflict_count)
                for model in ("customer", "mandate", "conflict", "payment.mode"):
                    found = self.env[f"sage100.{model}"].with_user(user).search([])
                    self.assertNotIn(elsewhere, found.sudo().company_id)
        stranger = partner.with_user(self._user("viewer", elsewhere))
        self.assertEqual(stranger.sage100_customer_ids.mapped("number"), ["SECRET"])
        self.assertEqual(stranger.sage100_conflict_count, 1)
