from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_sage100 import REFERENCE, Sage100Common

GROUP = "account_receivable_followup.followup_group_%s"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestSage100Takeover(Sage100Common):
    """What Sage had done before Odoo comes in once, so that the first day chases nobody wrongly."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(GROUP % "manager")

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Europe/Paris"
        cls.plan = cls.env.ref("account_receivable_followup.followup_plan_default")
        cls.company.followup_plan_id = cls.plan
        cls.levels = cls.plan._get_active_levels()
        cls.reminders = cls.levels.filtered(lambda level: level.phase == "reminder")
        cls.notice = cls.levels.filtered(lambda level: level.phase == "notice")
        cls.number = cls.base.cases["sage_reminders"]

    def _lines(self, number=None):
        return self.env["account.move.line"].search(
            [
                ("sage_database_id", "=", self.database.id),
                ("sage_ec_no", "!=", 0),
                ("partner_id", "=", self._partner(number).id),
            ]
        )

    def _partner(self, number=None):
        return (
            self.env["sage100.customer"]
            .search([("database_id", "=", self.database.id), ("number", "=", number or self.number)])
            .partner_id
        )

    def _chased(self):
        return self._lines().filtered("sage_reminders").sorted("sage_reminders")

    def _facts(self, number=None):
        partner = self._partner(number)
        return self.env["followup.facts"]._get_customers(self.company, partner.ids)[partner.id]

    # Levels

    def test_reminders_of_sage_are_levels_reached(self):
        self._synchronise()
        self.assertRecordValues(
            self._chased(),
            [
                {
                    "sage_reminders": rank,
                    "followup_level_id": self.reminders[rank - 1].id,
                    "followup_date": fields.Date.to_date(day),
                }
                for rank, day in ((1, "2026-11-12"), (2, "2026-11-05"), (3, "2026-10-31"))
            ],
        )
        others = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_reminders", "=", 0)]
        )
        self.assertTrue(others)
        self.assertFalse(others.followup_level_id)
        self.assertEqual(self.database.takeover_at, fields.Datetime.now())
        self.assertIn("3 due lines go on", self.database.takeover_summary)
        self.env["followup.situation"]._refresh(self.company)
        situation = self.env["followup.situation"].search([("partner_id", "=", self._partner().id)])
        self.assertEqual(situation.level_id, self.reminders[2])
        self.assertEqual(situation.last_reminder_date, date(2026, 11, 12))

    def test_a_reminder_without_date_counts_as_of_today(self):
        """Its customer is not chased again within the minimum interval."""
        self._sage("UPDATE dbo.f_ecriturec SET ec_daterelance = '1753-01-01' WHERE ec_rappel > 0")
        self._sage("DELETE FROM dbo.f_comptetrappel")
        self._synchronise()
        self.assertEqual(set(self._chased().mapped("followup_date")), {REFERENCE})
        self.assertEqual(self._facts().last_message_on, REFERENCE)

    def test_nobody_is_chased_twice_in_a_week(self):
        """The last reminder of Sage counts, even when the line it chased has been paid since."""
        self._sage("UPDATE dbo.f_comptetrappel SET cr_date = '2026-11-18' WHERE cr_date = '2026-11-12'")
        self._synchronise()
        self.assertEqual(self._facts().last_message_on, date(2026, 11, 18))
        run = self.env["followup.run"]._prepare_run(self.company, self.plan, REFERENCE, self._partner())
        self.assertFalse(run.reminder_ids)
        self.assertIn("minimum_interval", run.excluded_line_ids.mapped("reason"))

    def test_formal_notice_is_never_presumed(self):
        self._sage("UPDATE dbo.f_ecriturec SET ec_rappel = 9 WHERE ec_rappel = 3")
        self._synchronise()
        self.assertEqual(self._chased()[-1].followup_level_id, self.reminders[-1])

    def test_table_of_the_base_comes_first(self):
        self.env["sage100.takeover"].create({"database_id": self.database.id, "number": 3, "level_id": self.notice.id})
        self._synchronise()
        self.assertEqual(
            self._chased().mapped("followup_level_id"), self.reminders[0] + self.reminders[1] + self.notice
        )

    def test_levels_are_read_in_the_base(self):
        self.database.action_read_takeover_levels()
        self.database.action_read_takeover_levels()
        rows = self.database.takeover_level_ids
        self.assertEqual(rows.mapped("name"), ["Rappel 1", "Rappel 2", "Rappel 3", "Rappel 4"])
        self.assertEqual(rows.level_id, self.reminders)
        self.assertEqual(rows[3].level_id, self.reminders[-1])

    def test_plan_of_the_customer_is_his(self):
        short = self.plan.copy({"name": "Short"})
        short.level_ids.filtered(lambda level: level.phase == "reminder")[2:].active = False
        self.env["res.partner"].search([]).with_company(self.company).write({"followup_plan_id": False})
        self._synchronise()
        self._partner().with_company(self.company).followup_plan_id = short
        self._again()
        expected = short._get_active_levels().filtered(lambda level: level.phase == "reminder")
        self.assertEqual(self._chased().mapped("followup_level_id"), expected)
        self.assertEqual(self._chased()[-1].followup_level_id, expected[1])

    def _again(self, **values):
        """Do the take-over again, from nothing."""
        lines = self.env["account.move.line"].search([("sage_database_id", "=", self.database.id)])
        lines.write({"followup_level_id": False, "followup_date": False})
        self.database.write({"takeover_at": False, **values})
        self._synchronise()

    def test_start_level_for_the_whole_import(self):
        """Day one does not send a thousand formal notices: overdue lines start at the level chosen."""
        day = date(2026, 11, 10)
        self.database.write({"takeover_mode": "level", "takeover_level_id": self.reminders[1].id, "takeover_date": day})
        self._synchronise()
        lines = self.env["account.move.line"].search(
            [
                ("sage_database_id", "=", self.database.id),
                ("reconciled", "=", False),
                ("sage_ec_no", "!=", 0),
            ]
        )
        overdue = lines.filtered(lambda line: line.balance > 0 and line.date_maturity < day)
        self.assertTrue(overdue)
        self.assertTrue(lines - overdue)
        self.assertEqual(overdue.followup_level_id, self.reminders[1])
        self.assertEqual(set(overdue.mapped("followup_date")), {day})
        self.assertFalse((lines - overdue).followup_level_id)
        settled = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("reconciled", "=", True)]
        )
        self.assertFalse(settled.followup_level_id)

    def test_start_level_only_where_sage_counted_nothing(self):
        self.database.write({"takeover_level_id": self.reminders[0].id, "takeover_date": "2026-11-10"})
        self._synchronise()
        self.assertEqual(self._chased().mapped("followup_level_id"), self.reminders)
        never = self.env["account.move.line"].search(
            [
                ("sage_database_id", "=", self.database.id),
                ("sage_reminders", "=", 0),
                ("followup_level_id", "!=", False),
            ]
        )
        self.assertTrue(never)
        self.assertEqual(never.followup_level_id, self.reminders[0])

    def test_none(self):
        """Levels start again; the history still tells what Sage sent, and when."""
        self.database.takeover_mode = "none"
        self._synchronise()
        self.assertFalse(self._lines().followup_level_id)
        self.assertEqual(self._facts().last_message_on, date(2026, 11, 12))

    def test_start_level_is_in_the_past(self):
        level = self.reminders[0].id
        for values in (
            {"takeover_mode": "level"},
            {"takeover_level_id": level},
            {"takeover_level_id": level, "takeover_date": "2026-11-21"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.database.write(values)

    # Once

    def test_later_synchronisations_touch_no_level(self):
        self._synchronise()
        first = self._chased()[0]
        self._chased()[1].followup_level_id = self.notice  # Odoo's own reminder
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_rappel = 3, ec_daterelance = '2026-11-19',"
            " cbmodification = '2026-11-20 09:59:00' WHERE ec_no = %s",
            [first.sage_current_ec_no or first.sage_ec_no],
        )
        history = self.env["sage100.history"].search_count([])
        self._sage("UPDATE dbo.f_comptetrappel SET cr_refrappel = 'NEW'")
        self._synchronise()
        first.invalidate_recordset()
        self.assertEqual((first.sage_reminders, first.followup_level_id), (3, self.reminders[0]))
        self.assertEqual(first.followup_date, date(2026, 11, 12))
        self.assertIn(self.notice, self._lines().followup_level_id)
        self.assertEqual(self.env["sage100.history"].search_count([]), history)

    def test_done_again_changes_nothing(self):
        """A run cut after the take-over and before the end of its transaction starts it again."""
        self._synchronise()
        history = self.env["sage100.history"].search([])
        levels = {line: (line.followup_level_id, line.followup_date) for line in self._lines()}
        self.database.takeover_at = False
        self._synchronise()
        self.assertEqual(self.env["sage100.history"].search([]), history)
        self.assertEqual(levels, {line: (line.followup_level_id, line.followup_date) for line in self._lines()})

    # History

    def test_history_of_the_reminders(self):
        self._synchronise()
        history = self.env["sage100.history"].search([("kind", "=", "reminder")], order="date")
        self.assertRecordValues(
            history,
            [
                {"partner_id": self._partner().id, "date": date(2026, 10, 31), "amount": 1452, "reference": "R261031"},
                {"partner_id": self._partner().id, "date": date(2026, 11, 5), "amount": 936.5, "reference": "R261105"},
                {"partner_id": self._partner().id, "date": date(2026, 11, 12), "amount": 1188, "reference": "R261112"},
            ],
        )
        self.assertEqual(history.line_ids, self._chased())
        situation = self.env["followup.situation"].search([("partner_id", "=", self._partner().id)])
        self.assertEqual(situation.sage100_history_ids, history)
        self.assertEqual(self._partner().sage100_history_ids, history)

    def test_open_recovery_files_stop_their_lines(self):
        number = self.base.cases["doubtful_416"]
        self._synchronise()
        files = self.env["sage100.history"].search([("kind", "=", "file")], order="reference")
        self.assertEqual(files.mapped("is_open"), [False, True])
        opened = files[1]
        self.assertEqual((opened.partner_id, opened.user_name), (self._partner(number), "Marie LEFÈVRE"))
        self.assertTrue(opened.line_ids)
        self.assertTrue(all(opened.line_ids.mapped("followup_stop")))
        self.assertEqual(
            set(opened.line_ids.mapped("followup_stop_reason")), {f"Recovery file no. {opened.reference} of Sage"}
        )
        self.assertAlmostEqual(opened.amount, sum(opened.line_ids.mapped("amount_residual")))
        steps = self.env["sage100.history"].search([("kind", "=", "intervention")])
        self.assertEqual(set(steps.mapped("reference")), {opened.reference})
        self.assertIn(date(2026, 10, 6), steps.mapped("promised_on"))
        # Lifted by a person: no synchronisation stops it again.
        opened.line_ids.action_followup_resume()
        self._synchronise()
        self.assertFalse(any(opened.line_ids.mapped("followup_stop")))

    def test_base_without_these_tables(self):
        self._sage("DROP TABLE dbo.f_comptetrappel, dbo.f_drecouvrement, dbo.f_drecouvrementec, dbo.f_drecouvrementiv")
        self._synchronise()
        self.assertFalse(self.env["sage100.history"].search([]))
        self.assertEqual(self._chased().mapped("followup_level_id"), self.reminders)

    def test_who_reads_the_history(self):
        self._synchronise()
        history = self.env["sage100.history"].search([])
        viewer, stranger = (
            new_test_user(
                self.env,
                login=f"history_{name}",
                groups=f"base.group_user,{GROUP % 'viewer'}",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            for name, company in (
                ("viewer", self.company),
                ("stranger", self.env["res.company"].create({"name": "Other"})),
            )
        )
        seen = history.with_user(viewer)
        self.assertTrue(seen.read(["label", "amount"]))
        self.assertEqual(seen[0].action_open_lines()["res_model"], "account.move.line")
        self.assertTrue(self._partner().with_user(viewer).web_read({"sage100_history_ids": {"fields": {"label": {}}}}))
        self.assertFalse(self.env["sage100.history"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            seen.write({"amount": 0})

    def test_only_administrators_set_the_take_over(self):
        manager = new_test_user(
            self.env,
            login="takeover_manager",
            groups=f"base.group_user,{GROUP % 'manager'}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.database.with_user(manager).action_read_takeover_levels()
