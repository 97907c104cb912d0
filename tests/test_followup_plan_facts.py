from datetime import date, timedelta
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..lib import levels as rules
from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupPlanFacts(FollowupCommon):
    """Every setting of a plan changes what is decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Facts = cls.env["followup.facts"]

    def _decide(self, on=None, partner=None, **kwargs):
        partner = partner or self.customer
        customer = self.Facts._get_customers(self.company, partner.ids, **kwargs)[partner.id]
        return rules.decide_customer(customer, on or self.TODAY)

    def _reasons(self, decision):
        return {line.line_id: line.reason and str(line.reason) for line in decision.lines}

    def test_sending_days(self):
        """TODAY is a Friday: off, the message waits for Monday."""
        self._entry(1000, days_late=10)
        self.assertEqual(self._decide().level.id, self.levels[1].id)
        self.plan.send_friday = False
        decision = self._decide()
        self.assertEqual((decision.level, str(decision.reason)), (None, "not_sending_day"))
        self.assertEqual(decision.next_date, date(2026, 11, 23))
        self.assertEqual(self._decide(by_hand=True).level.id, self.levels[1].id)

    def test_weekend_is_off_by_default(self):
        self._entry(1000, days_late=10)
        for day in (date(2026, 11, 21), date(2026, 11, 22)):
            self.assertEqual(str(self._decide(day).reason), "not_sending_day")
        self.plan.write({"send_saturday": True, "send_sunday": True})
        for day in (date(2026, 11, 21), date(2026, 11, 22)):
            self.assertEqual(self._decide(day).level.id, self.levels[1].id)

    def test_public_holidays(self):
        """11 November 2026 is a Wednesday; 26 December only counts in Alsace-Moselle (2025: a Friday)."""
        self._entry(1000, due=date(2025, 11, 10))
        self.assertEqual(str(self._decide(date(2026, 11, 11)).reason), "not_sending_day")
        self.assertTrue(self._decide(date(2025, 12, 26)).level)
        self.company.followup_holiday_region = "alsace_moselle"
        self.assertEqual(str(self._decide(date(2025, 12, 26)).reason), "not_sending_day")
        self.plan.skip_holidays = False
        self.assertTrue(self._decide(date(2026, 11, 11)).level)
        self.assertTrue(self._decide(date(2025, 12, 26)).level)

    def test_first_delay(self):
        """F055: nothing before N days after the due date, whatever the level says."""
        self._entry(1000, days_late=10)
        self.plan.first_delay = 11
        decision = self._decide()
        self.assertFalse(decision.level)
        self.assertEqual(decision.next_date, date(2026, 11, 23))  # the 21st is a Saturday

    def test_ceiling(self):
        self._entry(1000, days_late=10)
        self.plan.customer_ceiling = 999
        message = self._decide().messages[0]
        self.assertEqual((message.mode, message.ask), (rules.Mode.MANUAL, rules.Reason.ABOVE_CEILING))
        self.plan.customer_ceiling = 1001
        self.assertFalse(self._decide().messages[0].ask)

    def test_grouping(self):
        """The same account gives one, two or three messages."""
        old, new, other = (self._entry(100, days_late=40), self._entry(100, days_late=6), self._entry(100, days_late=7))
        self._deliver(old, self.levels[1], date(2026, 11, 1))
        for grouping, listed in (
            ("customer", [{old.id, new.id, other.id}]),
            ("level", [{old.id}, {new.id, other.id}]),
            ("document", [{old.id}, {new.id}, {other.id}]),
        ):
            with self.subTest(grouping=grouping):
                self.plan.grouping = grouping
                messages = self._decide().messages
                self.assertCountEqual([set(message.listed) for message in messages], listed)

    def test_credit_policy(self):
        self._entry(1000, days_late=10)
        self._entry(-400, days_late=3)
        self._entry(600, days_late=-30)
        deducted = self._decide()
        self.assertTrue(deducted.level)
        self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("balance", "=", -400)]
        ).move_id.button_draft()
        self._entry(-1000, days_late=3)
        self.assertEqual(str(self._decide().reason), "credits_cover")
        self.plan.credit_policy = "show"
        self.assertTrue(self._decide().level)

    def test_future_credits(self):
        """F040: a credit note not yet due does not lower what is chased, when the plan says so."""
        self._entry(1000, days_late=10)
        self._entry(-1000, days_late=-20)
        self.assertEqual(str(self._decide().reason), "credits_cover")
        self.plan.ignore_future_credits = True
        self.assertTrue(self._decide().level)

    def test_journals_and_accounts(self):
        """F036: a plan chases some journals or some accounts; the figures keep the rest."""
        line = self._entry(1000, days_late=10)
        self.plan.journal_ids = self.company_data["default_journal_sale"]
        self.assertEqual(self._reasons(self._decide()), {line.id: "not_in_plan"})
        self.plan.journal_ids += line.journal_id
        self.assertTrue(self._decide().level)
        other = self.receivable.copy({"code": "411999"})
        self.plan.account_ids = other
        self.assertEqual(self._reasons(self._decide()), {line.id: "not_in_plan"})
        self.plan.account_ids = other + self.receivable
        self.assertTrue(self._decide().level)

    def test_automatic_payment(self):
        line = self._entry(1000, days_late=10)
        line.followup_automatic_payment = True
        self.assertEqual(self._reasons(self._decide()), {line.id: "automatic_payment"})
        self.plan.exclude_automatic_payment = False
        self.assertTrue(self._decide().level)

    def test_promises(self):
        line = self._entry(1000, days_late=10)
        line.sudo().followup_promised_until = self.TODAY
        self.assertEqual(self._reasons(self._decide()), {line.id: "promised"})
        self.assertEqual(self._decide(date(2026, 11, 23)).listed, (line.id,))
        self.plan.exclude_promised = False
        self.assertTrue(self._decide().level)

    def test_part_promised_and_part_disputed(self):
        """R03: what a promise or a dispute does not cover is claimed; a payment lowers the promise, not the rest."""
        line = self._entry(1000, days_late=10)
        line.sudo().write(
            {
                "followup_promised_until": self.TODAY,
                "followup_promised_amount": 600,
                "followup_promised_rest": 400,
                "followup_disputed": True,
                "followup_disputed_amount": 100,
            }
        )
        self.assertEqual(self._decide().lines[0].claimed, Decimal(300))
        self._pay(line, 500)
        self.assertEqual(self._decide().lines[0].claimed, Decimal(300))
        self._pay(line, 100)
        self.assertEqual(self._decide().lines[0].claimed, Decimal(300))
        self._pay(line, 50)
        self.assertEqual(self._decide().lines[0].claimed, Decimal(250))

    def _pay(self, line, amount):
        (line + self._entry(-amount, days_late=0, ref="VIR")).reconcile()

    def test_line_facts(self):
        """What persons set on a line reaches the decision."""
        for vals, reason in (
            ({"followup_stop": True}, "line_stop"),
            ({"followup_stop": True, "followup_stop_until": self.TODAY}, "line_stop"),
            ({"followup_stop": True, "followup_stop_until": self.TODAY - timedelta(days=1)}, None),
            ({"followup_disputed": True}, "disputed"),
            ({"followup_not_before": self.TODAY + timedelta(days=1)}, "grace"),
            ({"followup_not_before": self.TODAY}, None),
            ({"followup_handed_over": True}, "handed_over"),
            ({"no_followup": True}, "no_followup"),
        ):
            with self.subTest(vals=vals):
                partner = self._customer("Line facts")
                line = self._entry(1000, days_late=10, partner=partner)
                line.sudo().write(vals)
                self.assertEqual(self._reasons(self._decide(partner=partner)), {line.id: reason})

    def test_customer_facts(self):
        """What persons set on a customer reaches the decision; earlier debts only stop with proceedings."""
        for vals, reason in (
            ({"followup_stop": True}, "customer_stop"),
            ({"followup_stop": True, "followup_stop_until": self.TODAY}, "customer_stop"),
            ({"followup_stop": True, "followup_stop_until": self.TODAY - timedelta(days=1)}, None),
            ({"followup_proceedings": "receivership", "followup_proceedings_date": self.TODAY}, "proceedings"),
            ({"followup_proceedings": "receivership", "followup_proceedings_date": date(2026, 1, 1)}, None),
        ):
            with self.subTest(vals=vals):
                partner = self._customer("Customer facts")
                line = self._entry(1000, days_late=10, partner=partner)
                partner.with_company(self.company).sudo().write(vals)
                self.assertEqual(self._reasons(self._decide(partner=partner)), {line.id: reason})

    def test_modes(self):
        """The strictest of the plan, the level and the customer."""
        self._entry(1000, days_late=10)
        level = self.levels[1]
        for plan, of_level, customer, expected in (
            ("automatic", "automatic", False, "automatic"),
            ("automatic", "confirm", False, "confirm"),
            ("automatic", "confirm", "automatic", "confirm"),
            ("confirm", "automatic", False, "confirm"),
            ("automatic", "automatic", "manual", "manual"),
            ("manual", "automatic", False, "manual"),
        ):
            with self.subTest(plan=plan, level=of_level, customer=customer):
                self.plan.mode = plan
                level.mode = of_level
                self.customer.with_company(self.company).followup_mode = customer
                self.assertEqual(str(self._decide().messages[0].mode), expected)

    def test_prescription(self):
        """Article L110-4 of the Code de commerce: five years, 0 for no limit."""
        line = self._entry(1000, due=date(2021, 11, 1))
        self.assertEqual(self._reasons(self._decide()), {line.id: "prescribed"})
        self.plan.prescription_years = 0
        self.assertTrue(self._decide().level)

    def test_ignored_level(self):
        """A level « à ignorer » is passed over."""
        line = self._entry(1000, days_late=40)
        self._deliver(line, self.levels[1], date(2026, 11, 1))
        self.levels[2].ignored = True
        decision = self._decide()
        self.assertEqual(decision.level.id, self.levels[3].id)

    def test_end_of_month(self):
        """End of month, then the days: due on 3 October, 5 days after the month is 5 November."""
        self.levels[1].write({"trigger": "end_of_month", "delay": 5})
        self._entry(1000, due=date(2026, 10, 3))
        self.assertFalse(self._decide(date(2026, 11, 4)).level)
        self.assertEqual(self._decide(date(2026, 11, 5)).level.id, self.levels[1].id)

    def test_forced_level(self):
        """F037: the next level chosen by hand is due at once, on a line or for the customer."""
        line = self._entry(1000, days_late=2)
        line.sudo().followup_forced_level_id = self.levels[3]
        self.assertEqual(self._decide().level.id, self.levels[3].id)
        line.sudo().followup_forced_level_id = False
        self.assertFalse(self._decide().level)
        self.customer.with_company(self.company).followup_forced_level_id = self.levels[2]
        self.assertEqual(self._decide().level.id, self.levels[2].id)

    def test_hand_over(self):
        self.levels[1].hand_over = True
        facts = self.plan._get_rules()
        self.assertEqual([level.id for level in facts.levels if level.hand_over], self.levels[1].ids)

    def test_settings_of_the_company(self):
        """Changing a setting that the decision depends on makes the situations stale."""
        self.env["followup.situation"]._refresh(self.company)
        for vals in ({"followup_holiday_region": "alsace_moselle"}, {"followup_plan_id": self.plan.copy().id}):
            self.env["followup.situation"]._refresh(self.company)
            self.assertTrue(self.company.followup_situation_date)
            self.company.write(vals)
            self.assertFalse(self.company.followup_situation_date)

    def test_constant_queries(self):
        """As many queries for twenty customers as for two."""
        counts = []
        for names in (range(1), range(1, 2), range(2, 20)):
            for number in names:
                self._entry(100, days_late=10, partner=self._customer(f"Count {number}"))
            partners = self.env["res.partner"].search([("name", "like", "Count ")])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.Facts._get_customers(self.company, partners.ids)), len(partners))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])  # the first one warms the caches up

    def test_levels_are_typed_with_their_channels(self):
        level = self.env["followup.level"].create(
            {"plan_id": self.plan.id, "name": "Call", "channel": "phone", "call_counts": True}
        )
        self.assertTrue(level.attach_letter)
        self.assertFalse(level.also_sms)
        plan = self.env["followup.plan"].create({"name": "x", "level_ids": [Command.create({"name": "y"})]})
        self.assertEqual(plan.level_ids.mode, "confirm")
