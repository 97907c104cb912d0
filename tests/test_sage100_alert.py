from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common_sage100 import Sage100Common

ACTIVITY = "account_receivable_followup.mail_activity_type_sage100"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestSage100Alert(Sage100Common, MockEmail):
    """A failed synchronisation, a balance that differs: the person alerted knows, once."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._person("alerted", "account_receivable_followup.followup_group_manager")
        cls.database.responsible_id = cls.user
        cls.database._synchronise()

    @classmethod
    def _person(cls, login, *groups):
        return new_test_user(
            cls.env,
            login=login,
            email=f"{login}@example.com",
            groups=",".join(["base.group_user", *groups]),
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def _activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "sage100.database"), ("res_id", "=", self.database.id)]
        )

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("email_to", "ilike", "alerted@example.com")])

    def _cut(self):
        """The server answers no more."""
        self.database.server = "no-such-server.invalid"

    def _break_a_balance(self):
        """Something changed an imported line behind everybody's back."""
        line = self.env["account.move.line"].search(
            [
                ("sage_database_id", "=", self.database.id),
                ("reconciled", "=", False),
                ("balance", ">", 100),
                ("sage_ec_no", "!=", 0),
            ],
            limit=1,
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET debit = debit + 5, balance = balance + 5,"
            " amount_residual = amount_residual + 5 WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        return line

    def test_a_difference_alerts_with_the_balances(self):
        line = self._break_a_balance()
        sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "control")
        activity = self._activities()
        self.assertEqual((activity.user_id, activity.activity_type_id), (self.user, self.env.ref(ACTIVITY)))
        self.assertIn("differ", activity.summary)
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        number = line.partner_id.sage100_customer_ids.number
        for text in (number, line.partner_id.name, f"sage100_sync_action/{sync.id}", sync.message):
            self.assertIn(text, mail.body_html)
        issue = sync.issue_ids.filtered(lambda item: item.kind == "control")
        self.assertEqual(self.database.alerted, "control")
        self.assertAlmostEqual(issue.odoo_amount - issue.sage_amount, 5)
        for amount in (issue.sage_amount, issue.odoo_amount):
            self.assertIn(f"{amount:,.2f}", mail.body_html)

    def test_told_once_until_the_next_success(self):
        server = self.database.server
        self._cut()
        for _turn in range(3):
            self._synchronise(("failed",))
        self.assertEqual((len(self._activities()), len(self._mails())), (1, 1))
        self.assertIn("not synchronised", self._activities().summary)
        self.database.server = server
        self._synchronise()
        self.assertFalse(self._activities().filtered("active"))
        self.assertFalse(self.database.alerted)
        self._cut()
        self._synchronise(("failed",))
        self.assertEqual((len(self._activities().filtered("active")), len(self._mails())), (1, 2))

    def test_balances_are_told_even_after_a_failure(self):
        """Being cut off, then differing: the second is another matter, which the first must not hide."""
        server = self.database.server
        self._cut()
        self._synchronise(("failed",))
        self.database.server = server
        self._break_a_balance()
        self._synchronise(("failed",))
        self.assertEqual((len(self._activities()), len(self._mails())), (1, 2))
        self.assertIn("differ", self._activities().summary)
        self._cut()
        self._synchronise(("failed",))
        self.assertEqual(len(self._mails()), 2)

    def test_who_asked_sees_it_on_the_screen(self):
        self._cut()
        self.database.sudo()._request_sync()
        self._synchronise(("failed",))
        self.assertFalse(self._activities())
        self.assertFalse(self._mails())

    def test_who_is_alerted(self):
        plain = self._person("plain")
        with self.assertRaisesRegex(ValidationError, "cannot open the databases"), self.env.cr.savepoint():
            self.database.responsible_id = plain
        self.assertEqual(self.database._get_alert_user(), self.user)
        collector = self._person("collector", "account_receivable_followup.followup_group_manager")
        self.company.followup_user_id = collector
        self.database.responsible_id = False
        self.assertEqual(self.database._get_alert_user(), collector)
        self.company.followup_user_id = plain  # opens no base
        self.assertTrue(self.database._may_be_alerted(self.database._get_alert_user()))

    def test_a_broken_text_does_not_hide_the_failure(self):
        template = self.env.ref("account_receivable_followup.mail_template_sage100_alert")
        template.body_html = """<p t-if="object.failure == 'server_not_found'" t-out="1 / 0"/>"""
        self._cut()
        with self.assertLogs("odoo.addons.account_receivable_followup.models.sage100_database_alert", "ERROR"):
            sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "server_not_found")
        self.assertEqual(self.database.state, "failed")

    def test_the_alert_is_in_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("account_receivable_followup.mail_template_sage100_alert")
        template.with_context(lang="fr_FR").subject = "Sage 100 : à regarder"
        self.user.lang = "fr_FR"
        self._cut()
        self._synchronise(("failed",))
        self.assertEqual(self._mails().subject, "Sage 100 : à regarder")
