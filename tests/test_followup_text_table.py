import re

from lxml import html

from odoo.tests import tagged

from ..lib.plain_text import to_plain_text
from .test_followup_text import TextCommon


def rows_of(table):
    """The cells of each row of a rendered table, on one line each."""
    tree = html.fragment_fromstring(str(table), create_parent="div")
    return [
        [re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row.xpath("./td|./th")] for row in tree.iter("tr")
    ]


@tagged("post_install", "-at_install")
class TestFollowupTextTable(TextCommon):
    """F130: which lines the table of a level shows, and in which order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._entry(300, days_late=-20, ref="LATER")
        cls._entry(-100, days_late=5, ref="CREDIT")
        cls._entry(-40, days_late=3, ref="SECOND CREDIT")
        cls.reminder = cls._run().reminder_ids.sudo()

    def _table(self, channel="letter", **vals):
        """Rows of the table with these settings of the level."""
        self.reminder.level_id.write(vals)
        self.reminder.sudo().channel = channel
        self.reminder.invalidate_recordset()
        return rows_of(self.reminder.lines_table)

    def _first_cells(self, rows):
        return [row[0] for row in rows]

    def test_lines_due(self):
        """As they come by default: the debts, the credits, the total."""
        rows = self._table()
        self.assertEqual(self._first_cells(rows), ["Invoice", "FA2026-041", "CREDIT", "SECOND CREDIT", "Total due"])
        self.assertEqual(rows[-1][-1], "$ 860.00")

    def test_credits_apart(self):
        rows = self._table(table_credits_apart=True)
        self.assertEqual(
            self._first_cells(rows),
            ["Invoice", "FA2026-041", "Payments and credit notes", "CREDIT", "SECOND CREDIT", "Total due"],
        )
        self.assertEqual(rows[2][-1].replace("\ufeff", ""), "$ -140.00")
        self.assertEqual(rows[-1][-1], "$ 860.00", "they are still deducted")

    def test_level_by_level(self):
        """The highest level first, each with its sum."""
        old = self._entry(500, days_late=40, ref="OLD")
        self._deliver(old, self.first, self.TODAY.replace(day=5))
        self.reminder = self._run().reminder_ids.sudo()
        rows = self._table(table_by_level=True)
        second = self.env.ref("account_receivable_followup.followup_level_default_2")
        self.assertEqual(
            self._first_cells(rows),
            [
                "Invoice",
                second.name,
                "OLD",
                self.first.name,
                "FA2026-041",
                "Payments and credit notes",
                "CREDIT",
                "SECOND CREDIT",
                "Total due",
            ],
        )
        self.assertEqual([rows[1][-1], rows[3][-1]], ["$ 500.00", "$ 1,000.00"])

    def test_all_open_lines(self):
        """What is open and not claimed follows the total, down to the balance of the account."""
        stopped = self._entry(70, days_late=30, ref="STOPPED")
        stopped.no_followup = True
        self.reminder = self._run().reminder_ids.sudo()
        rows = self._table(table_content="open")
        self.assertEqual(
            self._first_cells(rows),
            [
                "Invoice",
                "FA2026-041",
                "CREDIT",
                "SECOND CREDIT",
                "Total due",
                "Other overdue lines, not claimed here",
                "STOPPED",
                "Not yet due",
                "LATER",
                "Balance of the account",
            ],
        )
        self.assertEqual(rows[4][-1], "$ 860.00")
        self.assertEqual(rows[-1][-1], "$ 1,230.00")
        balance = sum(
            self.env["account.move.line"]
            .search([("partner_id", "=", self.customer.id), ("account_id", "=", self.receivable.id)])
            .mapped("amount_residual")
        )
        self.assertEqual(balance, 1230)

    def test_without_what_is_not_due(self):
        rows = self._table(table_content="open", table_not_due=False)
        self.assertNotIn("LATER", self._first_cells(rows))

    def test_what_is_left_of_a_credit(self):
        """A credit larger than the debt is listed for what the message needs of it; the rest stands apart."""
        self._entry(-1000, days_late=2, ref="LARGE")
        other = self._customer("Garage Perrin")
        self._entry(2000, days_late=10, partner=other, ref="PERRIN")
        self._entry(-500, days_late=10, partner=other, ref="PERRIN CREDIT")
        self.reminder = self._run(partners=other).reminder_ids.sudo()
        rows = self._table(table_content="open")
        total = next(row[-1] for row in rows if row[0] == "Total due")
        self.assertEqual(total, "$ 1,500.00")
        self.assertNotIn("LARGE", self._first_cells(rows), "another customer's")
        self.assertFalse([row for row in rows if row[0] == "Balance of the account"], "nothing else is open")

    def test_currencies_apart(self):
        dollar, other = self.company.currency_id, self.env.ref("base.EUR")
        other.active = True
        self._entry(50, days_late=-5, ref="FOREIGN", currency_id=other.id, amount_currency=45)
        self.reminder = self._run().reminder_ids.sudo()
        self.reminder.level_id.table_content = "open"
        tables = self.reminder._get_tables()
        self.assertEqual([table.currency for table in tables], [dollar, other])
        self.assertEqual(tables[1].balance, 45)

    def test_one_query_for_all(self):
        """The other open lines of all the messages are found at once; of none when no level asks for them."""
        for number in range(6):
            partner = self._customer(f"Client {number}")
            self._entry(100, days_late=10, partner=partner)
            self._entry(30, days_late=-10, partner=partner)
        reminders = self.env["followup.reminder"].sudo().browse(self._run().reminder_ids.ids)
        self.assertGreater(len(reminders), 6)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            reminders.mapped("other_line_ids.amount_residual")
            return self.env.cr.sql_log_count - start

        count()
        self.assertFalse(reminders.other_line_ids)
        none = count()
        reminders.level_id.table_content = "open"
        count()
        some = count()
        self.assertEqual(len(reminders.other_line_ids), 7)
        self.assertLessEqual(some - none, 12)
        extra = reminders[:1]
        for number in range(5):
            self._entry(10, days_late=-10, partner=extra.partner_id, ref=f"MORE {number}")
        self.assertEqual(count(), some)

    def test_carried_totals_on_paper(self):
        """Each claimed line of a letter knows the sum down to it; a mail has no pages."""
        self._table()
        tree = html.fragment_fromstring(str(self.reminder.lines_table), create_parent="div")
        carried = [row.get("data-carried").replace("\ufeff", "") for row in tree.xpath("//tr[@data-carried]")]
        self.assertEqual(
            carried, ["$\N{NO-BREAK SPACE}1,000.00", "$\N{NO-BREAK SPACE}900.00", "$\N{NO-BREAK SPACE}860.00"]
        )
        self.assertIn("o_followup_paged", str(self.reminder.lines_table))
        self._table("email")
        self.assertNotIn("data-carried", str(self.reminder.lines_table))

    def test_as_plain_text(self):
        """The parts of the table read as well without HTML."""
        self._table("email", table_content="open", table_credits_apart=True)
        text = to_plain_text(str(self.reminder.lines_table)).replace("\N{NO-BREAK SPACE}", " ")
        for said in (
            "- FA2026-041",
            "Payments and credit notes: $ -140.00",
            "Total due: $ 860.00",
            "Not yet due: $ 300.00",
            "Balance of the account: $ 1,160.00",
        ):
            self.assertIn(said, text)
