from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupPlanRule(FollowupCommon):
    """F031, F049: a plan per customer, else by rule, else the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Situation = cls.env["followup.situation"]
        cls.public = cls.env["res.partner.category"].create({"name": "Public sector"})

    def _plan(self, name, domain="[]", sequence=5, **vals):
        return self.plan.copy({"name": name, "use_rule": True, "partner_domain": domain, "sequence": sequence, **vals})

    def _plan_of(self, partner=None):
        self.Situation._refresh(self.company)
        situation = self.Situation.search([("partner_id", "=", (partner or self.customer).id)])
        customer = self.env["followup.facts"]._get_customers(self.company, situation.partner_id.ids)
        self.assertEqual(customer[situation.partner_id.id].plan.id, situation.plan_id.id)
        return situation.plan_id

    def test_own_plan_then_rule_then_default(self):
        self._entry(1000, days_late=10)
        self.assertEqual(self._plan_of(), self.plan)
        second = self._plan("All the others", sequence=7)
        self.assertEqual(self._plan_of(), second)
        first = self._plan("Public", f"[('category_id', 'in', {self.public.ids})]", sequence=3)
        self.assertEqual(self._plan_of(), second)
        self.customer.category_id = self.public
        self.assertEqual(self._plan_of(), first)
        first.sequence = 9
        self.assertEqual(self._plan_of(), second)
        own = self.plan.copy({"name": "Its own"})
        self.customer.with_company(self.company).followup_plan_id = own
        self.assertEqual(self._plan_of(), own)

    def test_conditions(self):
        """Category, country, salesperson, name of a related record, contact's own fields."""
        self._entry(1000, days_late=10)
        seller = self._user("viewer")
        for domain, vals in (
            (f"[('country_id', '=', {self.env.ref('base.be').id})]", {"country_id": self.env.ref("base.be").id}),
            (f"[('user_id', '=', {seller.id})]", {"user_id": seller.id}),
            ("[('category_id.name', 'ilike', 'public')]", {"category_id": [(4, self.public.id)]}),
            ("[('zip', '=like', '67%')]", {"zip": "67000"}),
        ):
            with self.subTest(domain=domain):
                plan = self._plan("Rule", domain)
                self.assertEqual(self._plan_of(), self.plan)
                self.customer.write(vals)
                self.assertEqual(self._plan_of(), plan)
                plan.unlink()

    def test_condition_on_what_no_write_tells(self):
        """The rule is on a name elsewhere: renaming it changes the plan at the next reading."""
        self._entry(1000, days_late=10)
        self.customer.category_id = self.env["res.partner.category"].create({"name": "Builders"})
        plan = self._plan("Public", "[('category_id.name', 'ilike', 'public')]")
        self.assertEqual(self._plan_of(), self.plan)
        self.customer.category_id.name = "Public works"
        self.assertEqual(self._plan_of(), plan)
        self.customer.category_id.name = "Builders"
        self.assertEqual(self._plan_of(), self.plan)

    def test_amounts(self):
        """The balance decides: from the lower bound, below the upper one."""
        plan = self._plan("Large accounts", rule_amount_min=1000, rule_amount_max=5000)
        self._entry(999, days_late=10)
        self.assertEqual(self._plan_of(), self.plan)
        self._entry(1, days_late=10)
        self.assertEqual(self._plan_of(), plan)
        self._entry(4000, days_late=-10)
        self.assertEqual(self._plan_of(), self.plan)
        self._entry(-1, days_late=1)
        self.assertEqual(self._plan_of(), plan)

    def test_free_field_of_sage(self):
        account = (
            self.env["sage100.customer"]
            .sudo()
            .create(
                {
                    "database_id": self._sage_base().id,
                    "number": "BAUDRY",
                    "name": "Baudry",
                    "partner_id": self.customer.id,
                    "free_1": "Silver",
                }
            )
        )
        self._entry(1000, days_late=10)
        plan = self._plan("Gold", "[('sage_free_1', '=', 'Gold')]")
        self.assertEqual(self._plan_of(), self.plan)
        account.free_1 = "Gold"
        self.assertEqual(self._plan_of(), plan)

    def test_two_plans_on_the_same_day(self):
        """F031: two profiles produce different steps on the same day."""
        other = self._customer("Mairie de Nantes", category_id=self.public.ids)
        plan = self._plan("Public", f"[('category_id', 'in', {self.public.ids})]")
        plan.level_ids.filtered(lambda level: level.sequence == 20).delay = 30
        for partner in self.customer + other:
            self._entry(1000, days_late=10, partner=partner)
        self.Situation._refresh(self.company)
        situations = {s.partner_id: s for s in self.Situation.search([("company_id", "=", self.company.id)])}
        self.assertFalse(situations[self.customer].reason)
        self.assertEqual(situations[other].reason, "not_due")

    def test_rule_of_another_company(self):
        company = self.setup_other_company()["company"]
        self._entry(1000, days_late=10)
        self._plan("Elsewhere", company_id=company.id)
        self.assertEqual(self._plan_of(), self.plan)

    def test_nonsense_is_refused(self):
        for domain in ("[('no_such_field', '=', 1)]", "[('name'", "uid", "[('user_id', '=', uid)]"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self._plan("Nonsense", domain)

    def test_rule_that_cannot_be_read_any_more(self):
        """Its field is gone: the rule fits nobody, says so in the log, and stops nobody's follow-up."""
        self._entry(1000, days_late=10)
        plan = self._plan("Broken")
        self.env.flush_all()
        self.env.cr.execute("UPDATE followup_plan SET partner_domain = %s", ["[('gone', '=', 1)]"])
        plan.invalidate_recordset()
        with self.assertLogs("odoo.addons.account_receivable_followup", "WARNING"):
            self.assertEqual(self._plan_of(), self.plan)

    def test_form(self):
        with Form(self.env["followup.plan"]) as form:
            form.name = "By rule"
            form.use_rule = True
            form.partner_domain = "[('zip', '=', '44000')]"
            form.rule_amount_min = 100
        self.assertTrue(form.save()._fits_balance(None) is False)

    def test_rules_cost_no_query_a_customer(self):
        self._plan("Large accounts", "[('zip', '=', '44000')]", rule_amount_min=1000)
        counts = []
        for names in (range(1), range(1, 2), range(2, 20)):
            for number in names:
                self._entry(100, days_late=10, partner=self._customer(f"Count {number}"))
            self.Situation._rebuild_company(self.company, self.TODAY)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Situation._rebuild_company(self.company, self.TODAY)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])  # caches get warmer
