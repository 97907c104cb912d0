import hashlib
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import Form, HttpCase, freeze_time, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tests.common import MockSMS

from .common import GROUP, FollowupCommon
from .common_letters import text_of
from .common_traps import TrapCase
from .test_sage100_incremental import Sage100ReadingCommon


@tagged("post_install", "-at_install")
class TestTrapsDates(TrapCase):
    """Traps 29, 30, 32, 33 and 35: days, and what is due to nobody."""

    def test_t29_the_day_is_the_company_s_and_the_run_keeps_it(self):
        """23:30 in London is already tomorrow in Paris, whatever the clock of the server or of the user; what a run
        prepared one day and released the next writes is of its own day."""
        line = self._entry(1000, due=date(2026, 11, 20))
        self.first.delay = 1
        user = self._user("user", tz="Pacific/Honolulu")
        with freeze_time("2026-11-20 22:30:00"):
            wizard = self.env["followup.send.wizard"].with_user(user).create({})
            self.assertEqual(wizard.date, date(2026, 11, 20))
        with freeze_time("2026-11-20 23:30:00"):
            wizard = self.env["followup.send.wizard"].with_user(user).create({})
            self.assertEqual(wizard.date, date(2026, 11, 21))
            self.assertEqual(line.followup_days_late, 1)
            run = self._run(wizard.date)
        self.assertEqual(run.reminder_ids.line_ids.days_late, 1)
        with freeze_time("2026-11-23 09:00:00"):
            self._decide_again(run)
        self.assertEqual(run.reminder_ids.line_ids.days_late, 1, "the day of the run, three days later too")
        self._release(run)
        self.assertEqual((run.reminder_ids.date, line.followup_date), (date(2026, 11, 21),) * 2)

    def _decide_again(self, run):
        run.reminder_ids._read_amounts_again()
        self.env.invalidate_all()

    def test_t30_due_today_is_not_overdue(self):
        """Not even with a delay of no day. End of the month: first the end of the month of the due date, then the
        days."""
        self.first.delay = 0
        line = self._entry(900, due=self.TODAY)
        self.assertFalse(self._run().reminder_ids)
        self.assertEqual(self._amounts(self._run(self.TODAY + timedelta(days=1))), {"Menuiserie Baudry": 900})
        self.assertEqual(self._decision(line).days_late, 0)
        self.first.write({"trigger": "end_of_month", "delay": 5})
        other = self._customer("Garage Perrin")
        self._entry(1000, due=date(2026, 10, 10), partner=other)
        self.assertFalse(self._run(date(2026, 11, 4), partners=other).reminder_ids)
        self.assertTrue(self._run(date(2026, 11, 5), partners=other).reminder_ids)

    def test_t32_levels_count_from_the_day_of_posting(self):
        """A letter printed on Friday and posted on Monday: its level, and the delay to the next one, are of Monday."""
        line = self._entry(1000, days_late=60)
        self._deliver(line, self.second, self.TODAY - timedelta(days=12))
        run = self._leave()
        self.assertEqual((run.reminder_ids.state, line.followup_level_id), ("printed", self.second))
        monday = self.TODAY + timedelta(days=3)
        run.reminder_ids._mark_posted(monday)
        self.assertRecordValues(line, [{"followup_level_id": self.third.id, "followup_date": monday}])
        days = self.notice.delay
        self.assertFalse(self._run(monday + timedelta(days=days - 1)).reminder_ids)
        self.assertEqual(self._run(monday + timedelta(days=days)).reminder_ids.level_id, self.notice)

    def test_t33_penalties_are_for_professionals_and_not_added(self):
        """The indemnity of €40 is recalled to firms, never to consumers, and no fee is added to what is due; what
        left is kept as it was."""
        person = self._customer("Marie Durand", is_company=False)
        for partner in (self.customer, person):
            line = self._entry(500, days_late=90, partner=partner)
            self._deliver(line, self.third, self.TODAY - timedelta(days=15))
        run = self._run(partners=self.customer | person)
        self.assertEqual(set(run.reminder_ids.mapped("level_id")), {self.notice})
        self._release(run)
        firm, consumer = run.reminder_ids.sorted(lambda reminder: reminder.partner_id == person)
        self.assertEqual((firm.amount_due, consumer.amount_due), (500, 500))
        for word in ("40.00", "L. 441-10"):
            self.assertIn(word, firm.body)
        for word in ("40.00", "indemnity", "L. 441-10"):
            self.assertNotIn(word, consumer.body)
        before = firm.body
        self.notice.template_id.body_html = "<p>Other rates</p>"
        self.env.invalidate_all()
        self.assertEqual(firm.body, before)


@tagged("post_install", "-at_install")
class TestTrapsSms(FollowupCommon, MockSMS, MockEmail):
    """Trap 35."""

    def test_t35_a_blacklist_is_a_failure_to_handle(self):
        """Refused by its owner, a number or an address is not passed over in silence: no level, somebody is told."""
        self.env["iap.account"].get("sms")
        self.company.followup_sms = True
        first = self.levels[1]
        by_sms = self._customer("By SMS", phone="06 12 34 56 78")
        sms_plan = self.plan.copy({"name": "By SMS"})
        sms_plan.level_ids.filtered(lambda level: level.sequence == first.sequence).channel = "sms"
        by_sms.with_company(self.company).sudo().followup_plan_id = sms_plan
        lines = self._entry(1000, days_late=10) | self._entry(1000, days_late=10, partner=by_sms)
        run = self._run(partners=self.customer | by_sms).sudo()
        self.assertEqual(sorted(run.reminder_ids.mapped("channel")), ["email", "sms"])
        self.env["mail.blacklist"]._add(self.customer.email)
        self.env["phone.blacklist"].sudo().add("+33612345678")
        with self.mock_mail_gateway(), self.mockSMSGateway():
            run.reminder_ids._release()
        self.assertFalse(self._mails or self._sms)
        for reminder in run.reminder_ids:
            self.assertRecordValues(reminder, [{"state": "failed", "delivery": "blacklisted"}])
            self.assertTrue(reminder.partner_id.activity_ids)
        self.assertFalse(lines.followup_level_id)
        again = self._run()
        self.assertEqual(again.excluded_line_ids.mapped("reason"), ["blacklisted"])


@tagged("post_install", "-at_install")
class TestTrapsSchedule(FollowupCommon, MockEmail):
    """Trap 31."""

    def test_t31_nothing_by_night_nor_on_sundays_and_no_notice_by_itself(self):
        """The schedule keeps to its hour and to working days; a formal notice waits for a person even when all else
        is automatic."""
        self.company.write({"followup_schedule": True, "followup_hour": 8.25})
        self.plan.mode = "automatic"
        self.levels.filtered(lambda level: level.phase != "notice").mode = "automatic"
        line = self._entry(1000, due=date(2026, 10, 1))
        other = self._customer("Garage Perrin")
        late = self._entry(500, due=date(2026, 8, 1), partner=other)
        self._deliver(late, self.levels[3], date(2026, 10, 1))
        for moment in (
            "2026-11-12 23:30:00",  # a night
            "2026-11-13 05:00:00",  # early
            "2026-11-14 09:00:00",  # a Saturday
            "2026-11-15 09:00:00",  # a Sunday
            "2026-11-11 09:00:00",  # Armistice
            "2026-07-14 09:00:00",
            "2026-04-06 09:00:00",  # Easter Monday
        ):
            with self.subTest(moment=moment):
                self.assertFalse(self._pass(moment))
        run = self._pass("2026-11-16 09:00:00")
        states = {reminder.partner_id: (reminder.state, reminder.to_decide) for reminder in run.reminder_ids}
        self.assertEqual(states, {self.customer: ("sent", False), other: ("prepared", True)})
        self.assertEqual(line.followup_level_id, self.levels[1])
        self.assertEqual(late.followup_level_id, self.levels[3])

    def _pass(self, moment):
        with freeze_time(moment), self.mock_mail_gateway():
            return self.env["followup.run"].sudo()._prepare_scheduled(self.company)


@tagged("post_install", "-at_install")
class TestTrapsNotice(FollowupCommon, HttpCase):
    """Trap 34, with real PDFs."""

    def test_t34_the_formal_notice_that_left_is_kept(self):
        """The very file, its day, its recipient and its channel: neither rendered again, nor changed, nor deleted."""
        self.env["ir.config_parameter"].sudo().set_param("report.print_delay", "50")
        notice = self.levels[4]
        user = self._user("user")
        line = self._entry(500, days_late=90, ref="FA-NOTICE")
        self._deliver(line, self.levels[3], self.TODAY - timedelta(days=15))
        reminder = self._run(partners=self.customer).reminder_ids.sudo()
        reminder.with_context(force_report_rendering=True)._release()
        reminder._mark_posted(self.TODAY)
        self.assertRecordValues(
            reminder,
            [
                {
                    "state": "sent",
                    "channel": "registered",
                    "posted_on": self.TODAY,
                    "recipient_id": self.customer.id,
                    "level_id": notice.id,
                }
            ],
        )
        kept = reminder.attachment_id
        content = kept.raw
        self.assertIn("FA-NOTICE", text_of(content))
        self.assertEqual(reminder.pdf_sha256, hashlib.sha256(content).hexdigest())
        notice.template_id.body_html = "<p>Another text</p>"
        self.customer.name = "Baudry Frères"
        (line | self._entry(-500, days_late=0, ref="VIR")).reconcile()
        report = self.env["ir.actions.report"].with_user(user).with_context(force_report_rendering=True)
        again = report._render_qweb_pdf("account_receivable_followup.action_report_followup_letter", reminder.ids)[0]
        self.assertEqual(hashlib.sha256(again).hexdigest(), reminder.pdf_sha256)
        manager = self._user("manager")
        for refused in (
            lambda: kept.with_user(manager).unlink(),
            lambda: kept.with_user(manager).write({"raw": b"%PDF-1.4 another"}),
            lambda: kept.with_user(manager).write({"res_id": 0}),
            lambda: reminder.with_user(manager).write({"body": "x"}),
            lambda: reminder.with_user(manager).unlink(),
        ):
            with self.assertRaises(UserError):
                refused()


@tagged("post_install", "-at_install")
class TestTrapsSage(Sage100ReadingCommon):
    """Traps 36 and 37, on a base read through ODBC."""

    DAY = Date.to_date("2026-11-20")

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(GROUP % "manager")

    def _prepare(self, partner):
        partner.email = "compta@client.example"
        plan = self.company.followup_plan_id
        return self.env["followup.run"].sudo()._prepare_run(self.company, plan, self.DAY, partner)

    def _overdue(self):
        """A due line of Sage that is chased, alone in its message or not; its entry."""
        for entry in self.env["sage100.entry"].search(
            [("database_id", "=", self.database.id), ("fate", "=", "open"), ("amount", ">", 0), ("opening", "=", 0)]
        ):
            line = self._line(entry.ec_no)
            if line and line.date_maturity < self.DAY - timedelta(days=20):
                run = self._prepare(line.partner_id)
                if line in run.reminder_ids.line_ids.move_line_id:
                    return entry, line, run
        self.fail("no chased line in the demo base")

    def test_t36_what_sage_settled_is_not_chased(self):
        """Imported debts are chased, explicitly, each at its own due date; what is lettered is not; a payment that
        nobody lettered counts all the same; read again, everything keeps its place."""
        lines = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), ("sage_ec_no", "!=", 0)]
        )
        self.assertFalse(lines.filtered("no_followup"), "core leaves entries out by default")
        due = dict(self._sage("SELECT ec_no, ec_echeance::date FROM dbo.f_ecriturec"))
        for line in lines.filtered(lambda line: line.balance > 0 and due.get(line.sage_ec_no)):
            if due[line.sage_ec_no].year > 1900:
                self.assertEqual(line.date_maturity, due[line.sage_ec_no])
        lettered = {number for *_row, number in self._sage("SELECT 0, ec_no FROM dbo.f_ecriturec WHERE ec_lettre = 1")}
        run = self.env["followup.run"].sudo()._prepare_run(self.company, self.company.followup_plan_id, self.DAY)
        chased = set((run.reminder_ids.line_ids | run.excluded_line_ids).move_line_id.mapped("sage_ec_no"))
        self.assertTrue(chased)
        self.assertFalse(chased & lettered)
        entry, line, run = self._overdue()
        self._insert_entry(
            900101, like=entry.ec_no, ec_sens=1, ec_montant=10**7, ec_piece="REG101", cbmodification=self._later()
        )
        self._synchronise()
        before = self.env["account.move.line"].search_count([("sage_database_id", "=", self.database.id)])
        run = self._prepare(line.partner_id)
        self.assertFalse(run.reminder_ids)
        self.assertIn("credits_cover", run.excluded_line_ids.mapped("reason"))
        for full in (False, True):
            if full:
                self.reading.full_at -= timedelta(hours=self.database.full_hours)
            self._synchronise()
            self.assertEqual(
                self.env["account.move.line"].search_count([("sage_database_id", "=", self.database.id)]), before
            )
        self.assertEqual(self._line(entry.ec_no), line)

    def test_t37_settled_or_deleted_in_sage_since_the_preparation(self):
        """What Sage undid is dropped when the message should leave; the wizard says how old the entries are."""
        self.assertIn("Sage 100", Form(self.env["followup.send.wizard"]).freshness)
        entry, line, run = self._overdue()
        amount = run.reminder_ids.amount_due
        claimed = run.reminder_ids.line_ids.filtered(lambda one: one.move_line_id == line).claimed_company
        self._insert_entry(900102, like=entry.ec_no, ec_sens=1, ec_piece="REG102", cbmodification=self._later())
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_lettrage = 'ZZZ', ec_lettre = 1, cbmodification = %s WHERE ec_no IN %s",
            (self._later(2), (entry.ec_no, 900102)),
        )
        self._synchronise()
        self.env.invalidate_all()
        self.assertTrue(line.reconciled)
        run.reminder_ids._read_amounts_again()
        left = run.reminder_ids.filtered(lambda reminder: reminder.state == "prepared")
        self.assertNotIn(line, left.line_ids.move_line_id)
        self.assertAlmostEqual(sum(left.mapped("amount_due")), amount - claimed)
        numbers = tuple(left.line_ids.move_line_id.mapped("sage_ec_no") or [0])
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no IN %s", [numbers])
        entry, line, run = self._overdue()
        numbers = tuple(run.reminder_ids.line_ids.move_line_id.mapped("sage_ec_no"))
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no IN %s", [numbers])
        self._synchronise()
        self.env.invalidate_all()
        run.reminder_ids._release()
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"cancelled"})
