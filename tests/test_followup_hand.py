from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupHand(FollowupCommon):
    """What a person decides by hand: the next level, the number of reminders, the sending of a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.customer = cls.customer.with_env(cls.env)
        cls.old = cls._entry(1000, days_late=40, ref="FA001").with_env(cls.env)
        cls.recent = cls._entry(500, days_late=2, ref="FA002").with_env(cls.env)
        cls.user = cls._user("user")
        cls.env["followup.situation"]._refresh(cls.company)
        cls.situation = cls.env["followup.situation"].search([("partner_id", "=", cls.customer.id)])
        cls.reminders = cls.plan._get_active_levels().filtered(lambda level: level.phase != "prevention")

    def _next_level(self, action, level, reason="Agreed with the management"):
        form = Form(self.env["followup.next.level.wizard"].with_user(self.user).with_context(**action["context"]))
        form.level_id = level
        form.reason = reason
        form.save().action_apply()

    def _decision(self):
        customers = self.env["followup.facts"]._get_customers(self.company, self.customer.ids)
        return customers[self.customer.id]

    def test_next_level_of_a_line(self):
        """F037: the next run uses it, before its delay; the change is logged."""
        third = self.reminders[2]
        self._next_level(self.recent.with_user(self.user).action_followup_next_level(), third)
        self.assertEqual(self.recent.followup_forced_level_id, third)
        line = next(line for line in self._decision().lines if line.id == self.recent.id)
        self.assertEqual(line.forced_level_id, third.id)
        reminder = self._run().reminder_ids
        self.assertEqual(reminder.level_id, third)
        note = self.customer.message_ids.filtered(lambda message: "by hand" in (message.body or ""))
        for text in ("FA002", third.name, "Agreed with the management"):
            self.assertIn(text, note.body)
        self.assertEqual(note.author_id, self.user.partner_id)

    def test_next_level_of_a_customer(self):
        last = self.reminders[-1]
        self._next_level(self.situation.with_user(self.user).action_next_level(), last)
        partner = self.customer.with_company(self.company)
        self.assertEqual(partner.followup_forced_level_id, last)
        self.assertEqual(self._decision().forced_level_id, last.id)
        notes = self.customer.message_ids.filtered(lambda message: last.name in (message.body or ""))
        self.assertEqual(len(notes), 1, "noted once, with the reason")
        self.assertIn("Agreed with the management", notes.body)
        self._next_level(self.situation.with_user(self.user).action_next_level(), self.env["followup.level"])
        self.assertFalse(partner.followup_forced_level_id)
        self.assertIn("as the plan gives it", "".join(self.customer.message_ids.mapped("body")))

    def test_only_levels_of_the_plan(self):
        other = self._customer("Garage Perrin")
        other.with_company(self.company).followup_plan_id = self.plan.copy()
        line = self._entry(100, days_late=30, partner=other)
        with self.assertRaisesRegex(UserError, "one plan at a time"):
            (self.old | line).with_user(self.user).action_followup_next_level()
        action = line.with_user(self.user).action_followup_next_level()
        self.assertNotEqual(action["context"]["default_plan_id"], self.plan.id)

    def test_strict_order_refuses_at_once(self):
        """F051: level 2 cannot leave without a date on level 1; a person is told when choosing it."""
        plan = self.plan.copy({"strict_order": True})
        self.customer.with_company(self.company).followup_plan_id = plan
        levels = plan._get_active_levels().filtered(lambda level: level.phase != "prevention")
        for open_dialog in (self.old.with_user(self.user).action_followup_next_level, self._open_for_customer):
            with self.assertRaisesRegex(UserError, "strict order"):
                self._next_level(open_dialog(), levels[1])
        self._next_level(self.old.with_user(self.user).action_followup_next_level(), levels[0])
        self._deliver(self.old, levels[0], self.TODAY - timedelta(days=1))
        self._next_level(self.old.with_user(self.user).action_followup_next_level(), levels[1])
        self._next_level(self._open_for_customer(), levels[1])

    def _open_for_customer(self):
        self.env["followup.situation"]._refresh(self.company)
        return self.situation.with_user(self.user).action_next_level()

    def test_count_corrected_by_a_manager(self):
        """F038: the number of reminders of an invoice is editable by an authorised user, and logged."""
        manager = self._user("manager")
        self.old.followup_count = 3
        action = (self.old | self.recent).with_user(manager).action_followup_count()
        form = Form(self.env["followup.count.wizard"].with_user(manager).with_context(**action["context"]))
        self.assertEqual(form.count, 3)
        form.count = 1
        form.reason = "The letters came back"
        form.save().action_apply()
        self.assertEqual((self.old | self.recent).mapped("followup_count"), [1, 1])
        note = self.customer.message_ids[0]
        for text in ("The letters came back", "FA001: 3 → 1", "FA002: 0 → 1"):
            self.assertIn(text, note.body)
        self.assertEqual(note.author_id, manager.partner_id)
        with self.assertRaisesRegex(UserError, "Only a manager"):
            self.old.with_user(self.user).action_followup_count()
        with self.assertRaises(AccessError):
            self.env["followup.count.wizard"].with_user(self.user).create(
                {"line_ids": [(6, 0, self.old.ids)], "count": 0, "reason": "-"}
            )
        with self.assertRaises(AccessError):
            self.old.with_user(manager).followup_count = 9

    def test_rare_decisions_stand_in_the_menu_of_actions(self):
        """The menu of the due lines offers them to managers alone; entries that nobody follows are left alone."""
        manager = self._user("manager")
        names = {"Set the level reached…", "Correct the number of reminders…"}
        for user, offered in ((manager, names), (self.user, set())):
            bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("account.move.line")
            self.assertEqual(names & {action["name"] for action in bindings.get("action", ())}, offered)
        action = self.env.ref("account_receivable_followup.followup_due_line_action_count").with_user(manager)
        lines = self.old.move_id.line_ids
        opened = action.with_context(active_model=lines._name, active_ids=lines.ids).run()
        self.assertEqual(opened["context"]["default_line_ids"], self.old.ids)
        action = self.env.ref("account_receivable_followup.followup_due_line_action_set_level").with_user(manager)
        opened = action.with_context(active_model=lines._name, active_ids=self.old.ids).run()
        self.assertEqual(opened["context"]["default_line_ids"], self.old.ids)
        with self.assertRaisesRegex(UserError, "No open due line"):
            (lines - self.old).with_user(manager).action_followup_count()

    def test_customer_proposed_only(self):
        """F056: off, the customer is proposed and a person decides; the change is logged."""
        partner = self.customer.with_user(self.user).with_company(self.company)
        partner.followup_mode = "manual"
        self.assertEqual(str(self._decision().mode), "manual")
        body = self.customer.message_ids[0].body
        self.assertIn("Proposed only", body)
        self.assertIn(self.user.partner_id, self.customer.message_ids[0].author_id)
        self.assertEqual(self._run().reminder_ids.mode, "manual")

    def test_every_decision_rebuilds_the_situation(self):
        """The stored situation follows at once: each decision queues the customer."""
        partner = self.customer.with_company(self.company)
        queue = self.env["followup.situation.queue"]
        decisions = (
            (partner, "followup_mode", "manual"),
            (partner, "followup_stop", True),
            (partner, "followup_stop_until", self.TODAY),
            (partner, "followup_forced_level_id", self.reminders[0].id),
            (partner, "followup_proceedings_date", self.TODAY),
            (partner, "followup_proceedings", "safeguard"),
            (self.old, "followup_stop", True),
            (self.old, "followup_stop_until", self.TODAY),
            (self.old, "followup_forced_level_id", self.reminders[0].id),
            (self.old, "followup_disputed", True),
            (self.old, "followup_disputed_amount", 10),
            (self.old, "followup_promised_until", self.TODAY),
            (self.old, "followup_promised_amount", 10),
            (self.old, "followup_promised_rest", 10),
            (self.old, "followup_not_before", self.TODAY),
            (self.old, "followup_handed_over", True),
        )
        for record, name, value in decisions:
            with self.subTest(name=name, model=record._name):
                queue._take(self.company)
                record.write({name: value})
                self.assertIn(self.customer.id, queue._take(self.company))

    def test_handed_over_is_taken_back_by_a_manager(self):
        """The last level hands over, never again by itself (trap 24): a person takes it back, and it is logged."""
        self.old.followup_handed_over = True
        with self.assertRaisesRegex(UserError, "only a manager"):
            self.old.with_user(self.user).action_followup_resume()
        self.assertTrue(self.old.followup_handed_over)
        self.old.with_user(self._user("manager")).action_followup_resume()
        self.assertFalse(self.old.followup_handed_over)
        self.assertIn("Taken back", self.customer.message_ids[0].body)

    def test_contact_of_some_levels(self):
        contact = self.env["res.partner"].create(
            {"name": "Claire", "parent_id": self.customer.id, "email": "claire@baudry.example"}
        )
        contact.write({"followup_contact": True, "followup_contact_level_ids": [(6, 0, self.reminders[2].ids)]})
        self.assertEqual(contact.followup_contact_level_ids, self.reminders[2])

    def test_the_form_names_due_lines_by_their_document(self):
        named = self.old.with_context(followup_document_name=True)
        self.assertEqual(named.display_name, "FA001 due 10/11/2026")
        self.assertNotIn("due", self.old.display_name)
