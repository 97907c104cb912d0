import operator as op
from datetime import timedelta
from decimal import Decimal

from odoo.tests import freeze_time, tagged

from ..models.followup_situation import COLUMNS
from .common import FollowupCommon

OPERATORS = {">": op.gt, ">=": op.ge, "<": op.lt, "<=": op.le, "==": op.eq, "!=": op.ne}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupSituation(FollowupCommon):
    """The stored situation: right figures, and always equal to a rebuild."""

    def setUp(self):
        super().setUp()
        self.Situation = self.env["followup.situation"]
        self.Situation._refresh(self.company)

    def _situation(self, partner=None):
        self.Situation._refresh(self.company)
        return self.Situation.search(
            [("partner_id", "=", (partner or self.customer).id)]
        )

    def _assert_equals_rebuild(self):
        self.Situation._refresh(self.company)
        self.env.cr.execute(
            f"SELECT {', '.join(COLUMNS)} FROM followup_situation ORDER BY partner_id"  # noqa: S608
        )
        stored = self.env.cr.fetchall()
        self.env.cr.execute("DELETE FROM followup_situation")
        self.Situation._rebuild(self.company, self.TODAY)
        self.env.cr.execute(
            f"SELECT {', '.join(COLUMNS)} FROM followup_situation ORDER BY partner_id"  # noqa: S608
        )
        self.assertEqual(stored, self.env.cr.fetchall())

    def test_figures(self):
        self._entry(1000, days_late=10)
        self._entry(200, days_late=45)
        self._entry(400, days_late=75)
        self._entry(50, days_late=120)
        self._entry(800, days_late=-15)
        self._entry(-150, days_late=3, ref="VIR")
        self.assertRecordValues(
            self._situation(),
            [
                {
                    "balance": 2300,
                    "overdue": 1650,
                    "not_due": 800,
                    "unallocated": -150,
                    "bucket_1": 1000,
                    "bucket_2": 200,
                    "bucket_3": 400,
                    "bucket_4": 50,
                    "overdue_count": 4,
                    "days_late": 120,
                }
            ],
        )
        situation = self._situation()
        buckets = sum(situation[f"bucket_{n}"] for n in range(1, 5))
        self.assertEqual(
            Decimal(str(buckets + situation.not_due + situation.unallocated)),
            Decimal(str(situation.balance)),
        )

    def test_follows_payments_and_unmatching(self):
        line = self._entry(1000, days_late=10)
        payment = self._entry(-1000, days_late=1, ref="VIR")
        self.assertEqual(self._situation().balance, 0)
        (line + payment).reconcile()
        self.assertEqual(self._situation().overdue, 0)
        line.remove_move_reconcile()
        self.assertEqual(self._situation().overdue, 1000)
        self._assert_equals_rebuild()

    def test_follows_every_change(self):
        """A drained queue = rebuilt from nothing, after every step."""
        line = self._entry(1000, days_late=10)
        self._assert_equals_rebuild()
        line.date_maturity = self.TODAY + timedelta(days=5)
        self._assert_equals_rebuild()
        self.assertEqual(self._situation().overdue, 0)
        line.move_id.button_draft()
        self._assert_equals_rebuild()
        line.move_id.action_post()
        self._assert_equals_rebuild()
        self.customer.followup_stop = True
        self._assert_equals_rebuild()
        self.assertTrue(self._situation().stopped)
        self.levels[1].delay = 50
        self._assert_equals_rebuild()
        self.levels[0].unlink()
        self._assert_equals_rebuild()
        line.move_id.button_draft()
        line.move_id.unlink()
        self._assert_equals_rebuild()
        self.assertFalse(self._situation())

    def test_new_day_rebuilds(self):
        """Nothing recomputes at midnight: the first reading of a day does."""
        line = self._entry(1000, days_late=0)
        self.assertEqual(self._situation().overdue, 0)
        with freeze_time("2026-11-21 10:00:00"):
            self.assertEqual(self._situation().overdue, 1000)
            self.assertEqual(line.followup_days_late, 1)

    def test_next_step(self):
        self._entry(1000, days_late=2)
        situation = self._situation()
        self.assertEqual(situation.next_level_id, self.levels[1])
        self.assertEqual(situation.next_date, self.TODAY + timedelta(days=3))
        self.assertEqual(situation.reason, "not_due")

    def test_list_is_fresh(self):
        """A tile or a list never shows yesterday's or an unqueued figure."""
        self._entry(1000, days_late=10)
        rows = self.Situation.web_search_read(
            [("partner_id", "=", self.customer.id)], {"overdue": {}}
        )
        self.assertEqual(rows["records"][0]["overdue"], 1000)

    def test_search_on_days_late(self):
        line = self._entry(1000, days_late=31)
        self._entry(1000, days_late=30)
        found = self.env["account.move.line"].search(
            [
                ("followup_days_late", ">", 30),
                ("partner_id", "=", self.customer.id),
                ("account_id", "=", self.receivable.id),
            ]
        )
        self.assertEqual(found, line)

    def test_days_late_agree_with_their_search(self):
        """F018: calendar days after the due date; a credit is never late."""
        lines = (
            self._entry(1000, days_late=31)
            + self._entry(1000, days_late=30)
            + self._entry(1000, days_late=0)
            + self._entry(1000, days_late=-9)
            + self._entry(-400, days_late=31, ref="VIR")
        )
        self.assertEqual(lines.mapped("followup_days_late"), [31, 30, 0, 0, 0])
        for operator, value in (
            (">", 30),
            (">=", 30),
            ("<", 31),
            ("<=", 0),
            (">", 0),
            ("=", 30),
            ("=", 0),
            ("!=", 0),
        ):
            with self.subTest(operator=operator, value=value):
                compare = {"=": "=="}.get(operator, operator)
                expected = lines.filtered(
                    lambda line, compare=compare, value=value: OPERATORS[compare](
                        line.followup_days_late, value
                    )
                )
                found = lines.search(
                    [("id", "in", lines.ids), ("followup_days_late", operator, value)]
                )
                self.assertEqual(found.sorted("id"), expected.sorted("id"))

    def test_lines_sum_to_the_balance(self):
        """Promise 7: the list that a figure opens sums to that figure."""
        self._entry(1000, days_late=10)
        self._entry(-150, days_late=3, ref="VIR")
        situation = self._situation()
        lines = self.env["account.move.line"].search(
            situation.action_open_lines()["domain"]
        )
        self.assertEqual(sum(lines.mapped("amount_residual")), situation.balance)

    def test_merged_customers(self):
        """T12: two customers merged have one account, at once."""
        other = self._customer("Menuiserie Baudry et fils")
        self._entry(1000, days_late=10)
        self._entry(300, days_late=10, partner=other)
        self.assertEqual(self._situation(other).balance, 300)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge([self.customer.id, other.id], self.customer, extra_checks=False)
        self.assertFalse(other.exists())
        self.assertEqual(self._situation().balance, 1300)
        self._assert_equals_rebuild()

    def test_contact_that_changes_firm(self):
        """The lines of a contact follow it to another firm, which owes them from then on."""
        contact = self.env["res.partner"].create({"name": "Agence", "parent_id": self.customer.id})
        self._entry(1000, days_late=10, partner=contact)
        self.assertEqual(self._situation().balance, 1000)
        other = self._customer("Groupe Lefort")
        contact.parent_id = other
        self.assertEqual(self._situation(other).balance, 1000)
        self.assertFalse(self._situation())
        self._assert_equals_rebuild()

    def test_account_no_longer_followed(self):
        self._entry(1000, days_late=10)
        self.assertEqual(self._situation().overdue, 1000)
        self.receivable.followup_kind = False
        self.assertFalse(self._situation())

    def test_promised_and_disputed(self):
        """Both in company currency, of open debts only; a promise counts until its last day."""
        line = self._entry(1000, days_late=10).sudo()
        line.write(
            {
                "followup_disputed": True,
                "followup_disputed_amount": 300,
                "followup_promised_until": self.TODAY,
                "followup_promised_amount": 500,
                "followup_promised_rest": 500,
            }
        )
        self.assertRecordValues(self._situation(), [{"promised": 500, "disputed": 300, "balance": 1000}])
        with freeze_time("2026-11-21 10:00:00"):
            self.assertRecordValues(self._situation(), [{"promised": 0, "disputed": 300}])

    def test_how_the_message_leaves(self):
        self._entry(1000, days_late=10)
        self.assertRecordValues(self._situation(), [{"mode": "confirm", "ask_reason": False, "plan_id": self.plan.id}])
        self.plan.customer_ceiling = 500
        self.assertRecordValues(self._situation(), [{"mode": "manual", "ask_reason": "above_ceiling"}])
        self.customer.with_company(self.company).followup_stop = True
        self.assertRecordValues(self._situation(), [{"mode": False, "ask_reason": False, "stopped": True}])

    def test_stop_that_ends(self):
        """The stop is over the day after its last day, without anybody lifting it."""
        self._entry(1000, days_late=10)
        self.customer.with_company(self.company).write(
            {"followup_stop": True, "followup_stop_until": self.TODAY + timedelta(days=2)}
        )
        self.assertRecordValues(self._situation(), [{"stopped": True, "reason": "customer_stop"}])
        with freeze_time("2026-11-23 10:00:00"):
            self.assertRecordValues(self._situation(), [{"stopped": False, "reason": False}])
