from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..lib import levels as rules
from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupPayer(FollowupCommon):
    """F020: customers that a same payer pays for are chased together, at the payer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.group_by_payer = True
        cls.payer = cls._customer("Groupe Lefort")
        cls.shops = cls.env["res.partner"]
        for name in ("Lefort Nantes", "Lefort Rennes", "Lefort Brest"):
            cls.shops += cls._customer(name, followup_payer_id=cls.payer.id)
        cls.Situation = cls.env["followup.situation"]
        cls.Situation._refresh(cls.company)

    def _get(self, partners=None):
        return self.env["followup.facts"]._get_customers(self.company, partners and partners.ids)

    def _situations(self):
        self.Situation._refresh(self.company)
        found = self.Situation.search([("company_id", "=", self.company.id)])
        return {situation.partner_id: situation for situation in found}

    def test_one_message_at_the_payer(self):
        lines = [self._entry(100, days_late=10, partner=shop).id for shop in self.shops]
        own = self._entry(100, days_late=6, partner=self.payer)
        for partners in (None, self.shops[0], self.payer, self.shops + self.payer):
            with self.subTest(partners=partners and partners.mapped("name")):
                customers = self._get(partners)
                self.assertEqual(list(customers), self.payer.ids)
                decision = rules.decide_customer(customers[self.payer.id], self.TODAY)
                self.assertEqual(set(decision.listed), {*lines, own.id})

    def test_payer_without_entry_of_its_own(self):
        self._entry(100, days_late=10, partner=self.shops[0])
        self.assertEqual(list(self._get(self.payer)), self.payer.ids)
        self.assertEqual(list(self._get(self.shops[0])), self.payer.ids)
        self.assertFalse(self._get(self.shops[1]))

    def test_credits_of_one_pay_the_debts_of_another(self):
        self._entry(100, days_late=10, partner=self.shops[0])
        self._entry(-100, days_late=10, partner=self.shops[1])
        decision = rules.decide_customer(self._get()[self.payer.id], self.TODAY)
        self.assertEqual(str(decision.reason), "credits_cover")

    def test_switch_off(self):
        """Switchable at any time: each is then chased for itself, within the interval too."""
        for shop in self.shops:
            self._entry(100, days_late=10, partner=shop)
        self.plan.group_by_payer = False
        self.assertEqual(set(self._get()), set(self.shops.ids))

    def test_plan_of_the_payer_decides(self):
        self._entry(100, days_late=10, partner=self.shops[0])
        alone = self.plan.copy({"name": "Alone", "group_by_payer": False})
        self.payer.with_company(self.company).followup_plan_id = alone
        self.assertEqual(set(self._get()), {self.shops[0].id})
        self.assertEqual(self._situations()[self.shops[0]].plan_id, self.plan)

    def test_situations_stay_per_customer(self):
        """Each keeps its own figures; the step is the one of the message at the payer."""
        self._entry(100, days_late=10, partner=self.shops[0])
        self._entry(250, days_late=-30, partner=self.shops[1])
        rows = self._situations()
        self.assertEqual(rows[self.shops[0]].balance, 100)
        self.assertEqual(rows[self.shops[1]].balance, 250)
        for shop in self.shops[:2]:
            self.assertEqual(rows[shop].payer_id, self.payer)
            self.assertEqual(rows[shop].next_level_id, self.levels[1])
        self.assertNotIn(self.payer, rows)

    def test_one_paid_changes_the_others(self):
        """What happens to one customer of the payer is seen at once on the others."""
        line = self._entry(100, days_late=10, partner=self.shops[0])
        self._entry(250, days_late=-30, partner=self.shops[1])
        self.assertFalse(self._situations()[self.shops[1]].reason)
        (line + self._entry(-100, days_late=0, partner=self.shops[0])).reconcile()
        self.assertEqual(self._situations()[self.shops[1]].reason, "not_due")

    def test_what_is_set_for_a_payer_without_entry(self):
        """The payer has no situation of its own: stopping it is seen on those it pays for."""
        self._entry(100, days_late=10, partner=self.shops[0])
        self.assertFalse(self._situations()[self.shops[0]].reason)
        self.payer.with_company(self.company).followup_stop = True
        self.assertEqual(self._situations()[self.shops[0]].reason, "customer_stop")

    def test_stopped_customer_stays_apart(self):
        lines = [self._entry(100, days_late=10, partner=shop) for shop in self.shops]
        self.shops[0].with_company(self.company).followup_stop = True
        customers = self._get()
        self.assertEqual(set(customers), {self.payer.id, self.shops[0].id})
        decision = rules.decide_customer(customers[self.payer.id], self.TODAY)
        self.assertEqual(set(decision.listed), {line.id for line in lines[1:]})
        self.assertEqual(self._situations()[self.shops[0]].reason, "customer_stop")

    def test_changing_payer(self):
        other = self._customer("Groupe Morel")
        self._entry(100, days_late=10, partner=self.shops[0])
        self._entry(100, days_late=-30, partner=self.shops[1])
        self.assertFalse(self._situations()[self.shops[1]].reason)
        self.shops[0].with_company(self.company).followup_payer_id = other
        rows = self._situations()
        self.assertEqual(rows[self.shops[0]].payer_id, other)
        self.assertEqual(rows[self.shops[1]].reason, "not_due")
        self.shops[0].with_company(self.company).followup_payer_id = False
        self.assertFalse(self._situations()[self.shops[0]].payer_id)

    def test_payer_of_a_payer(self):
        holding = self._customer("Holding")
        self.payer.with_company(self.company).followup_payer_id = holding
        self._entry(100, days_late=10, partner=self.shops[0])
        self.assertEqual(list(self._get(self.shops[0])), holding.ids)
        with self.assertRaises(ValidationError):
            holding.with_company(self.company).followup_payer_id = self.shops[0]
        with self.assertRaises(ValidationError):
            holding.with_company(self.company).followup_payer_id = holding

    def test_balance_of_a_payer(self):
        """A rule on the balance looks at all that the payer pays for."""
        plan = self.plan.copy({"name": "Large", "use_rule": True, "rule_amount_min": 200, "group_by_payer": True})
        self._entry(100, days_late=10, partner=self.shops[0])
        self.assertEqual(self._get()[self.payer.id].plan.id, self.plan.id)
        self._entry(100, days_late=10, partner=self.shops[1])
        self.assertEqual(self._get()[self.payer.id].plan.id, plan.id)
        self.assertEqual(self._situations()[self.shops[0]].plan_id, plan)

    def test_interval_is_that_of_all(self):
        """A message to one of them, before they were grouped, holds the payer's back."""
        line = self._entry(100, days_late=30, partner=self.shops[0])
        self._entry(100, days_late=10, partner=self.shops[1])
        self._deliver(line, self.levels[1], self.TODAY)
        decision = rules.decide_customer(self._get()[self.payer.id], self.TODAY)
        self.assertEqual(str(decision.reason), "minimum_interval")

    def test_other_company(self):
        """The payer is set company by company."""
        company = self.setup_other_company()["company"]
        self.assertFalse(self.shops[0].with_company(company).followup_payer_id)
        self._entry(100, days_late=10, partner=self.shops[0])
        customer = self._get()[self.payer.id]
        self.assertEqual(sum((line.residual for line in customer.lines), Decimal(0)), Decimal(100))
