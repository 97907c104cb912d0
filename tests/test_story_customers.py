from odoo.tests import tagged

from .common_story import StoryCase


@tagged("post_install", "-at_install")
class TestStoryUsdCustomer(StoryCase):
    """A French company that invoices an American customer in dollars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd, eur = cls.env.ref("base.USD"), cls.env.ref("base.EUR")
        (cls.usd | eur).active = True
        cls.company.currency_id = eur
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.usd | eur).ids)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.usd.id, "company_id": cls.company.id, "name": day, "rate": rate}
                for day, rate in (("2026-01-01", 1.25), ("2026-10-10", 1.0))
            ]
        )
        cls.american = cls._customer("Boston Timber", country_id=cls.env.ref("base.us").id)

    def test_dollars_stay_dollars(self):
        """The customer reads dollars, we read euros; what is left is counted in dollars, whatever the rate does."""
        invoice = self._invoice(
            5000, partner=self.american, invoice_date="2026-09-01", due="2026-10-01", currency_id=self.usd.id
        )
        line = self._due_lines(invoice)
        self.assertEqual((line.amount_residual, line.amount_residual_currency), (4000, 5000))
        with self.on("2026-10-06") as day:
            run = self._leave(day)
            self.assertRecordValues(run.reminder_ids, [{"state": "sent", "amount_due": 4000}])
            mail = self._mail()
            self.assertIn("5,000.00", mail)
            self.assertNotIn("4,000.00", mail)

        # The dollar has risen: 3,000 dollars bring 3,000 euros, and leave 2,000 dollars.
        dollars = {"currency_id": self.usd.id, "partner": self.american}
        payment = self._entry(-3000, due="2026-11-11", ref="WIRE 1", amount_currency=-3000, **dollars)
        (line | payment).reconcile()
        self._entry(-2500, due="2026-11-11", ref="EUROS", partner=self.american)
        with self.on("2026-10-16") as day:
            self.sink.received.clear()
            run = self._leave(day)
            self.assertRecordValues(
                run.reminder_ids, [{"state": "sent", "level_id": self.second.id, "amount_due": 1600}]
            )
            self.assertRecordValues(
                run.reminder_ids.line_ids.filtered("raises"), [{"currency_id": self.usd.id, "residual": 2000}]
            )
            self.assertIn("2,000.00", self._mail())

        payment = self._entry(-2000, due="2026-11-20", ref="WIRE 2", amount_currency=-2000, **dollars)
        (line | payment).reconcile()
        self.assertTrue(line.reconciled)
        with self.on("2026-10-26") as day:
            run = self._leave(day)
            self.assertFalse(run.reminder_ids, "neither the gain nor the loss of the rate is chased")
            self.assertRecordValues(self._situation(self.american), [{"overdue": 0, "next_level_id": False}])


@tagged("post_install", "-at_install")
class TestStoryPayer(StoryCase):
    """A group that pays for three shops."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.group_by_payer = True
        cls.payer = cls._customer("Groupe Lefort")
        cls.nantes, cls.rennes, cls.brest = (
            cls._customer(name, email=f"{name.lower()}@shop.example", followup_payer_id=cls.payer.id)
            for name in ("Nantes", "Rennes", "Brest")
        )

    def test_one_message_for_three_shops(self):
        """One mail at the payer's; each shop keeps its figures; one leaves the group and is written to by itself."""
        nantes, rennes, brest = (
            self._entry(amount, due="2026-10-01", ref=f"FA-{shop.name}", partner=shop)
            for amount, shop in ((1000, self.nantes), (600, self.rennes), (400, self.brest))
        )
        with self.on("2026-10-06") as day:
            run = self._leave(day)
            self.assertRecordValues(
                run.reminder_ids, [{"partner_id": self.payer.id, "state": "sent", "amount_due": 2000}]
            )
            [received] = self.sink.received
            self.assertEqual(received.recipients, ("compta@lefort.example",))
            for ref in ("FA-Nantes", "FA-Rennes", "FA-Brest"):
                self.assertIn(ref, self._mail())
            self.assertEqual((nantes | rennes | brest).followup_level_id, self.first)
            self.assertEqual(self._situation(self.rennes).overdue, 600)

        self._receive(rennes, "2026-10-09")
        with self.on("2026-10-12"):
            reason = self.env.ref("account_receivable_followup.followup_dispute_reason_price")
            self.env["followup.dispute"].sudo()._make(self.brest, self.company, reason)
        with self.on("2026-10-16") as day:
            run = self._leave(day)
            self.assertRecordValues(
                run.reminder_ids, [{"partner_id": self.payer.id, "level_id": self.second.id, "amount_due": 1000}]
            )
            self.assertEqual(self._reasons(run), {brest: "disputed"})
            self.assertEqual((nantes.followup_level_id, brest.followup_level_id), (self.second, self.first))

        self.brest.with_company(self.company).followup_payer_id = False  # sold to another group
        with self.on("2026-10-19"):
            self.env["followup.dispute"].sudo().search([("partner_id", "=", self.brest.id)]).action_settle()
        with self.on("2026-10-26") as day:
            run = self._run(day)
            self.assertEqual(self._amounts(run), {"Groupe Lefort": 1000, "Brest": 400})
            levels = {reminder.partner_id: reminder.level_id for reminder in run.reminder_ids}
            self.assertEqual(levels, {self.payer: self.third, self.brest: self.second})
            self._release(run)
            self.assertEqual(self.sink.received[-1].recipients, ("brest@shop.example",))


@tagged("post_install", "-at_install")
class TestStoryStrasbourg(StoryCase):
    """A company in Strasbourg does not work on Good Friday, nor on the day after Christmas."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"followup_schedule": True, "followup_hour": 8.25})
        cls.first.write({"mode": "automatic", "delay": 5, "delay_unit": "six_day"})

    def _days(self, *days):
        """Those of these days on which something leaves by itself."""
        gone = []
        for day in days:
            with self.on(day):
                if "sent" in self._schedule().reminder_ids.mapped("state"):
                    gone.append(day)
        return gone

    EASTER = ("2026-04-02", "2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06", "2026-04-07", "2026-04-08")

    def test_good_friday(self):
        """Due on Saturday 28 March, five six-day days: Good Friday is none in Strasbourg, so that the fifth is the
        Saturday, when nothing leaves, nor on Sunday, nor on Easter Monday: Tuesday 7 April."""
        self.company.followup_holiday_region = "alsace_moselle"
        line = self._entry(1000, due="2026-03-28", ref="FA-1")
        self.assertEqual(self._days(*self.EASTER), ["2026-04-07"])
        self.assertEqual(str(line.followup_date), "2026-04-07")

    def test_good_friday_on_the_mainland(self):
        """The same invoice in Nantes: Good Friday is a day like any other."""
        self._entry(1000, due="2026-03-28", ref="FA-1")
        self.assertEqual(self._days(*self.EASTER), ["2026-04-03"])

    def test_day_after_christmas(self):
        """Friday 26 December 2025: a working day in Nantes, a holiday in Strasbourg, by the schedule only."""
        self.company.followup_holiday_region = "alsace_moselle"
        line = self._entry(1000, due="2025-12-01", ref="FA-1")
        with self.on("2025-12-26") as day:
            self.assertFalse(self._schedule())
            self.assertTrue(self._run(day).reminder_ids, "who works that day has decided so")
            self.assertEqual(self._situation().next_date, day.replace(day=29))
        self.assertEqual(self._days("2025-12-26", "2025-12-29"), ["2025-12-29"])
        self.assertEqual(line.followup_level_id, self.first)
