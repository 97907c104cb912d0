from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common_penalties import PenaltyCommon


@tagged("post_install", "-at_install")
class TestPenaltyTerms(PenaltyCommon):
    """Whose law and whose terms: regimes, waivers, rates."""

    def test_regime_of_a_customer(self):
        """A firm, or whoever has a SIRET or a VAT number, is a professional; others are consumers; public is said."""
        person = self._customer("Marie Durand", is_company=False)
        self.assertEqual(self.customer.followup_debtor_regime, "professional")
        self.assertEqual(person.followup_debtor_regime, "consumer")
        person.company_registry = "73282932000074"
        self.assertEqual(person.followup_debtor_regime, "professional")
        self.customer.followup_debtor_regime = "public"
        self.customer.company_registry = "73282932000074"
        self.assertEqual(self.customer.followup_debtor_regime, "public", "what a person chose stays")
        self.customer.followup_debtor_regime = False
        self.assertEqual(self.customer.followup_debtor_regime, "professional")

    def test_public_buyer(self):
        """Bank rate plus eight, whatever the terms of sale; 40 as well."""
        self.customer.followup_debtor_regime = "public"
        self.company.write({"followup_rate_basis": "fixed", "followup_rate_fixed": 20})
        self._late()
        reminder = self._prepared()
        self.assertEqual((reminder.interest_amount, reminder.indemnity_amount), (598.85, 40))
        self.assertIn("Default interest", reminder.penalties_table)

    def test_consumer(self):
        """Neither 40 nor penalties; the legal rate, from the formal notice only."""
        self.customer.followup_debtor_regime = "consumer"
        line = self._late()
        reminder = self._prepared()
        self.assertEqual(reminder.level_id, self.notice)
        self.assertEqual((reminder.interest_amount, reminder.indemnity_amount), (0, 0))
        self.assertFalse(reminder._has_penalty_annex())
        self._leave(reminder)
        line.followup_forced_level_id = self.notice
        later = self._prepared(date(2026, 4, 10))
        self.assertEqual((later.interest_amount, later.indemnity_amount), (26.2, 0))  # ten days at 2.62 %
        self.assertIn("Interest at the legal rate", later.penalties_table)

    def test_proceedings(self):
        """Interest stops on debts born before the judgment; none is claimed. Later debts bear theirs."""
        self.customer.with_company(self.company).write(
            {"followup_proceedings": "receivership", "followup_proceedings_date": date(2025, 12, 1)}
        )
        self._late()  # of 1 January
        self.assertEqual(self._prepared().interest_amount, 716.85)
        facts = self.env["followup.reminder"]._get_penalty_customers(self.company, self.customer.ids)
        self.assertEqual(facts[self.customer.id][1], date(2025, 12, 1))

    def test_terms_of_the_company(self):
        self._late(due=date(2025, 11, 30))
        for values, expected in (
            ({"followup_rate_basis": "fixed", "followup_rate_fixed": 10}, 1210),
            ({"followup_rate_basis": "ecb", "followup_rate_margin": 12}, 121 * 14.15),
            ({"followup_indemnity": 50}, 121 * 14.15),
        ):
            self.company.write(values)
            with self.subTest(values=values):
                self.assertEqual(self._prepared().interest_amount, expected)
        self.assertEqual(self._prepared().indemnity_amount, 50)

    def test_too_low_a_rate_is_warned_of(self):
        """Three times the legal rate of the half-year is the least (article L441-10)."""
        self.company.write({"followup_rate_basis": "fixed", "followup_rate_fixed": 7.85})
        warning = self.company._get_penalty_warning(self.DAY)
        self.assertIn("7.85 %", warning)
        self.assertIn("7.86 %", warning)
        self.company.followup_rate_fixed = 7.86
        self.assertFalse(self.company._get_penalty_warning(self.DAY))

    def test_settings_warn_before_saving(self):
        settings = self.env["res.config.settings"].create({})
        self.assertIn("missing", settings.followup_penalty_warning)  # the second half of 2026
        self.env["followup.interest.rate"].create({"date_from": "2026-07-01", "ecb_rate": 2, "legal_rate": 2.5})
        settings = self.env["res.config.settings"].create({"followup_rate_basis": "fixed", "followup_rate_fixed": 1})
        self.assertIn("below the lowest", settings.followup_penalty_warning)

    def test_waiver(self):
        """Waived with a reason: neither interest nor indemnity, and the customer's history says who decided."""
        partner = self.customer.with_company(self.company)
        with self.assertRaises(ValidationError):
            partner.followup_penalty_waiver = "waived"
        partner.with_user(self.user).with_context(tracking_disable=False).write(
            {"followup_penalty_waiver": "waived", "followup_penalty_waiver_reason": "Old customer"}
        )
        self.assertIn("Old customer", partner.message_ids[:1].body)
        self._late()
        reminder = self._prepared()
        self.assertEqual((reminder.interest_amount, reminder.indemnity_amount, reminder.claimed_total), (0, 0, 36500))

    def test_no_waiver_for_public_buyers(self):
        partner = self.customer.with_company(self.company)
        partner.followup_debtor_regime = "public"
        with self.assertRaises(ValidationError):
            partner.write({"followup_penalty_waiver": "waived", "followup_penalty_waiver_reason": "Town hall"})

    def test_sage_leaves_a_customer_out(self):
        """“Hors pénalité” in Sage waives by default; a person may say otherwise."""
        database = self.env["sage100.database"].create(
            {
                "name": "BIJOU",
                "company_id": self.company.id,
                "driver": "none",
                "server": "none",
                "database_name": "none",
                "login": "none",
            }
        )
        self.env["sage100.customer"].sudo().create(
            {
                "database_id": database.id,
                "number": "BAUDRY",
                "name": "Baudry",
                "partner_id": self.customer.id,
                "no_penalty": True,
            }
        )
        self._late()
        reminder = self._prepared()
        self.assertFalse(reminder.interest_amount)
        self.assertTrue(reminder.penalties_waived)
        self.customer.with_company(self.company).followup_penalty_waiver = "due"
        reminder = self._prepared()
        self.assertEqual(reminder.interest_amount, 716.85)
        self.assertFalse(reminder.penalties_waived)

    def test_only_those_in_charge_decide(self):
        viewer = self._user("viewer")
        viewer.group_ids += self.env.ref("base.group_partner_manager")
        for values in ({"followup_debtor_regime": "public"}, {"followup_penalty_waiver": "due"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.customer.with_user(viewer).write(values)


@tagged("post_install", "-at_install")
class TestInterestRates(PenaltyCommon):
    """The table of rates."""

    def test_shipped(self):
        """The half-years of the law's table, and no other: a rate that nobody read is not shipped."""
        rates = self.env["followup.interest.rate"].search([], order="date_from")
        self.assertEqual(
            [(str(rate.date_from), rate.ecb_rate, rate.legal_rate) for rate in rates],
            [
                ("2024-01-01", 4.5, 5.07),
                ("2024-07-01", 4.25, 4.92),
                ("2025-01-01", 3.15, 3.71),
                ("2025-07-01", 2.15, 2.76),
                ("2026-01-01", 2.15, 2.62),
            ],
        )
        first = rates[0]
        self.assertEqual((first.default_rate, first.public_rate), (14.5, 12.5))
        self.assertAlmostEqual(first.floor_rate, 15.21)
        self.assertEqual(first.date_to, date(2024, 6, 30))
        self.assertTrue(all(rate.source for rate in rates))

    def test_only_half_years(self):
        for values in (
            {"date_from": "2026-07-02", "ecb_rate": 2, "legal_rate": 3},
            {"date_from": "2026-07-01", "ecb_rate": 2},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.env["followup.interest.rate"].create(values)

    def test_access(self):
        """Managers type the rates; the others read them."""
        manager, viewer = self._user("manager"), self._user("viewer")
        Rate = self.env["followup.interest.rate"]
        Rate.with_user(manager).create({"date_from": "2026-07-01", "ecb_rate": 2, "legal_rate": 3})
        self.assertTrue(Rate.with_user(viewer).search([]))
        for user in (viewer, self.user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                Rate.search([], limit=1).with_user(user).write({"ecb_rate": 1})
