from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_traps import TrapCase

#: What nobody but those who follow up may read.
SECRET_MODELS = (
    "followup.dispute",
    "followup.dispute.line",
    "followup.promise",
    "followup.promise.line",
    "followup.reminder",
    "followup.reminder.line",
    "followup.run",
    "followup.situation",
    "sage100.entry",
)


@tagged("post_install", "-at_install")
class TestTrapsPeople(TrapCase):
    """Traps 12 to 16: people, companies and rights."""

    def _contact(self, name, email=None, customer=None, **vals):
        return self.env["res.partner"].create(
            {"name": name, "parent_id": (customer or self.customer).id, "email": email, "type": "contact", **vals}
        )

    # T12

    def test_t12_one_message_a_company_sent_to_its_contact(self):
        """Lines of the contacts are the company's; a daughter company has its own message."""
        anne = self._contact("Anne", "anne@baudry.example", followup_contact=True)
        workshop = self._contact("Workshop", "workshop@baudry.example", type="delivery")
        daughter = self._contact("Baudry Sud", "sud@baudry.example", is_company=True)
        lines = self._entry(1000, days_late=10) | self._entry(500, days_late=10, partner=workshop)
        own = self._entry(300, days_late=10, partner=daughter)
        run = self._leave()
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 1500, "Baudry Sud": 300})
        self.assertEqual(
            {received.recipients: received.message["Subject"] for received in self.sink.received}.keys(),
            {("anne@baudry.example",), ("sud@baudry.example",)},
        )
        mine = run.reminder_ids.filtered(lambda reminder: reminder.partner_id == self.customer)
        self.assertEqual((mine.recipient_id, mine.line_ids.move_line_id), (anne, lines))
        self.assertEqual((lines | own).followup_level_id, self.first)

    def test_t12_merged_and_archived_customers_keep_their_history(self):
        other = self._customer("Baudry SARL")
        line = self._entry(1000, days_late=10, partner=other)
        reminder = self._leave().reminder_ids
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((self.customer | other).ids, self.customer, extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(other.exists())
        self.assertEqual(reminder.partner_id, self.customer)
        self.assertEqual(line.followup_level_id, self.first)
        self.assertRecordValues(self._situation(), [{"level_id": self.first.id, "balance": 1000}])
        self.customer.active = False
        self.assertEqual(self._situation().balance, 1000)
        later = line.followup_date + line.followup_date.resolution * 10
        self.assertEqual(self._run(later).reminder_ids.level_id, self.second, "an archived debtor still owes")

    # T13

    def test_t13_another_channel_only_when_the_whole_chain_failed(self):
        """Blacklisted and malformed addresses are passed over, contact after contact; only then comes the letter."""
        self.plan.fallback_channel = "letter"
        self._contact("Anne", "anne@baudry.example", followup_contact=True)
        self._contact("Paul", "paul @@ baudry", followup_contact=True)
        self._contact("Invoices", "factures@baudry.example", type="invoice")
        self.env["mail.blacklist"]._add("anne@baudry.example")
        self._entry(1000, days_late=10)
        reminder = self._run().reminder_ids
        self.assertEqual((reminder.channel, reminder.recipient_id.name), ("email", "Invoices"))
        self.env["mail.blacklist"]._add("factures@baudry.example")
        self.env["mail.blacklist"]._add(self.customer.email)
        reminder = self._run().reminder_ids
        self.assertEqual(reminder.channel, "letter")

    def test_t13_no_address_is_told_and_counts_no_level(self):
        """Known when preparing: listed, with its reason. Lost meanwhile: failed, and the person in charge is told."""
        user = self._user("user")
        self.customer.with_company(self.company).sudo().followup_user_id = user
        line = self._entry(1000, days_late=10)
        run = self._run()
        self.customer.email = False
        self.assertEqual(self._reasons(self._run()), {line: "no_address"})
        self._release(run)
        self.assertRecordValues(run.reminder_ids, [{"state": "failed", "delivery": "no_address"}])
        self.assertEqual(self.customer.activity_ids.user_id, user)
        self.assertFalse(line.followup_level_id)

    # T14

    def test_t14_language_and_broken_texts(self):
        """Each message in its reader's language, with its amounts; a text that fails stops its own messages only."""
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self._customer("Scierie Morel", lang="fr_FR")
        template = self.first.template_id
        template.with_context(lang="fr_FR").body_html = "<p>Bonjour, <t t-out='object.lines_table'/></p>"
        for partner in (self.customer, french):
            self._entry(1234.5, days_late=10, partner=partner)
        self._leave()
        texts = {received.recipients[0]: received.text("html") for received in self.sink.received}
        self.assertIn("1,234.50", texts["compta@baudry.example"])
        self.assertIn("Bonjour", texts["compta@morel.example"])
        self.assertRegex(texts["compta@morel.example"], r"1([\s\u202f\xa0]|&nbsp;)234,50")
        template.with_context(lang="fr_FR").body_html = "<p t-out='100 / (object.amount_due - 10)'/>"
        self.sink.received.clear()
        lines = self._entry(10, days_late=10, partner=self._customer("Fine"))
        lines |= self._entry(10, days_late=10, partner=self._customer("Broken", lang="fr_FR"))
        run = self._leave()
        states = {reminder.partner_id.name: reminder.state for reminder in run.reminder_ids}
        self.assertEqual(states, {"Fine": "sent", "Broken": "failed"})
        self.assertEqual(len(lines.filtered("followup_level_id")), 1)

    # T15

    def test_t15_each_company_for_itself(self):
        """The same customer owes two companies: stop, level, next date and interval are apart; each mail comes from
        its company and names what is owed to it alone."""
        other = self.setup_other_company(name="Second firm")
        company = other["company"]
        company.write({"followup_plan_id": self.plan.id, "email": "firm2@second.example"})
        company.partner_id.tz = "Europe/Paris"
        self.company.write({"email": "firm1@first.example"})
        (self.company | company).write({"followup_sender": "company"})
        mine = self._entry(1000, days_late=10, ref="FA-MINE")
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "journal_id": other["default_journal_misc"].id,
                    "date": mine.date,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": other["default_account_receivable"].id,
                                "partner_id": self.customer.id,
                                "name": "FA-THEIRS",
                                "date_maturity": mine.date_maturity,
                                "balance": 70,
                                "no_followup": False,
                            }
                        ),
                        Command.create({"account_id": other["default_account_revenue"].id, "balance": -70}),
                    ],
                }
            )
        )
        move.action_post()
        theirs = move.line_ids[0]
        self.customer.with_company(company).sudo().followup_stop = True
        self.assertEqual(self._amounts(self._leave()), {"Menuiserie Baudry": 1000})
        self.assertEqual((mine.followup_level_id, theirs.followup_level_id), (self.first, self.first.browse()))
        run = self.env["followup.run"].sudo()._prepare_run(company, self.plan, self.TODAY)
        self.assertEqual(self._reasons(run), {theirs: "customer_stop"})
        self.customer.with_company(company).sudo().followup_stop = False
        run = self.env["followup.run"].sudo()._prepare_run(company, self.plan, self.TODAY)
        self._release(run)
        self.assertEqual(self._amounts(run), {"Menuiserie Baudry": 70})
        one, two = self.sink.received
        self.assertIn("firm1@first.example", one.message["Reply-To"])
        self.assertIn("firm2@second.example", two.message["Reply-To"])
        self.assertIn("FA-THEIRS", two.text("html"))
        for received, foreign in ((one, "FA-THEIRS"), (two, "FA-MINE")):
            self.assertNotIn(foreign, received.text("html"))
        self.assertIn("Second firm", two.text("html"))

    # T16

    def test_t16_salespeople_and_customers_read_nothing(self):
        """Disputes, promises, stops, levels, notes: neither a salesperson, nor a bookkeeper, nor the customer on the
        portal reads them; other companies' are not seen either."""
        line = self._entry(1000, days_late=10)
        self._entry(500, days_late=10)
        reason = self.env.ref("account_receivable_followup.followup_dispute_reason_quality")
        dispute = self.env["followup.dispute"].sudo()._make(self.customer, self.company, reason, line, note="Secret")
        self._leave()
        self._situation()
        common = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        bookkeeper = new_test_user(self.env, "bookkeeper", "account.group_account_invoice", **common)
        seller = new_test_user(self.env, "seller", "base.group_user", **common)
        portal = new_test_user(self.env, "portal_baudry", "base.group_portal", **common)
        portal.partner_id.parent_id = self.customer
        for user in (bookkeeper, seller, portal):
            for model in SECRET_MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                dispute.with_user(user).read(["note"])
            for field in ("followup_stop", "followup_stop_reason", "followup_mode", "followup_balance"):
                with self.subTest(user=user.login, field=field), self.assertRaises(AccessError):
                    self.customer.with_user(user).read([field])
            named = [name for name in self.customer.with_user(user).fields_get() if name.startswith("followup_")]
            public = {"followup_contact", "followup_payer_id", "followup_plan_id", "followup_user_id"}
            self.assertLessEqual(set(named), public, user.login)
        self.assertTrue(line.with_user(bookkeeper).read(["balance"]), "bookkeepers keep the books")
        for field in ("followup_disputed", "followup_promised_until", "followup_count", "followup_stop_reason"):
            with self.assertRaises(AccessError):
                line.with_user(bookkeeper).read([field])
        notes = "".join(body for body in self.customer.with_user(seller).message_ids.mapped("body") if body)
        self.assertNotIn("Secret", notes)
        stranger_company = self.setup_other_company(name="Elsewhere")["company"]
        stranger = self._user("manager")
        stranger.write({"company_ids": [Command.set(stranger_company.ids)], "company_id": stranger_company.id})
        for model in SECRET_MODELS:
            with self.subTest(model=model):
                mine = self.env[model].sudo().search([])
                self.assertFalse(self.env[model].with_user(stranger).search([]) & mine)
