from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 10:00:00")
class TestFollowupCriteria(FollowupCommon):
    """Whom a run is about: ticked customers or lines, criteria, a level chosen by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third, cls.notice = cls.levels[1:5]
        cls.garage = cls._customer("Garage Perrin")
        cls.hotel = cls._customer("Hotel Morel", country_id=cls.env.ref("base.be").id)
        cls._entry(1000, days_late=10, ref="FA-1")
        cls.second_line = cls._entry(300, days_late=20, ref="FA-2")
        cls._entry(6000, days_late=50, partner=cls.garage, ref="FA-3")
        cls._entry(200, days_late=12, partner=cls.hotel, ref="FA-4")

    def _wizard(self, context=None, **values):
        form = Form(self.env["followup.send.wizard"].with_context(**(context or {})))
        for name, value in values.items():
            if name in ("salesperson_ids", "category_ids", "country_ids"):
                for record in value:
                    form[name].add(record)
            else:
                form[name] = value
        return form.save()

    def _prepare(self, context=None, **values):
        action = self._wizard(context, **values).action_prepare()
        return self.env["followup.run"].browse(action["res_id"])

    # Ticked lines

    def test_only_the_ticked_lines(self):
        """F034, F053: a run for the ticked due lines, and nothing else of these customers."""
        action = self.second_line.action_followup_remind()
        run = self._prepare(action["context"])
        self.assertEqual(run.reminder_ids.line_ids.move_line_id, self.second_line)
        self.assertEqual(run.reminder_ids.amount_due, 300)
        self.assertFalse(run.excluded_line_ids)
        self.assertTrue(run.by_hand)

    def test_nothing_to_chase_is_ticked(self):
        with self.assertRaisesRegex(UserError, "No open due line"):
            self.env["account.move.line"].action_followup_remind()

    # Criteria

    def test_criteria(self):
        """F033: amount, delay, salesperson, category, country, any field of the customer."""
        category = self.env["res.partner.category"].create({"name": "Key account"})
        self.garage.category_id = category
        self.hotel.user_id = self.env.user
        self.hotel.ref = "H-12"
        for values, found in (
            ({"overdue_min": 1300}, self.customer | self.garage),
            ({"overdue_min": 1300.01}, self.garage),
            ({"days_late_min": 20}, self.customer | self.garage),
            ({"days_late_min": 21}, self.garage),
            ({"salesperson_ids": self.env.user}, self.hotel),
            ({"category_ids": category}, self.garage),
            ({"country_ids": self.env.ref("base.be")}, self.hotel),
            ({"partner_domain": "[('ref', '=like', 'H-%')]"}, self.hotel),
            ({"days_late_min": 5, "country_ids": self.env.ref("base.fr")}, self.customer | self.garage),
        ):
            with self.subTest(values=values):
                run = self._prepare(use_criteria=True, **values)
                self.assertEqual(run.reminder_ids.partner_id, found)
                self.assertTrue(run.criteria_text)
                self.assertFalse(run.by_hand)

    def test_criteria_say_how_many_they_meet(self):
        wizard = self._wizard(use_criteria=True, overdue_min=1300)
        self.assertIn("2 customers meet them", wizard.match_text)
        self.assertIn("7,300.00", wizard.match_text)

    def test_criteria_that_nobody_meets(self):
        with self.assertRaisesRegex(UserError, "No customer meets these criteria: overdue from"):
            self._prepare(use_criteria=True, overdue_min=99999)

    def test_conditions_that_cannot_be_read(self):
        with self.assertRaisesRegex(UserError, "cannot be read"):
            self._prepare(use_criteria=True, partner_domain="[('ref', '=', nonsense)]")

    def test_favourite(self):
        """Criteria kept, found again, one's own or shared."""
        user = self._user("user")
        other = self._user("manager")
        Wizard = self.env["followup.send.wizard"].with_user(user)
        form = Form(Wizard)
        form.use_criteria = True
        form.overdue_min = 1300
        form.favourite_name = "Large amounts"
        form.save().action_prepare()
        Favourite = self.env["followup.run.criteria"]
        favourite = Favourite.with_user(user).search([])
        self.assertRecordValues(favourite, [{"name": "Large amounts", "overdue_min": 1300, "user_id": user.id}])
        self.assertFalse(Favourite.with_user(other).search([]))
        form = Form(Wizard)
        form.criteria_id = favourite
        self.assertTrue(form.use_criteria)
        self.assertEqual(form.overdue_min, 1300)
        form.favourite_name = "For everybody"
        form.favourite_shared = True
        form.save().action_prepare()
        self.assertEqual(Favourite.with_user(other).search([]).name, "For everybody")
        wizard = Wizard.create({"criteria_id": favourite.id, "use_criteria": True, "overdue_min": 1300})
        self.assertEqual(wizard.action_forget_favourite()["res_id"], wizard.id)
        self.assertFalse(favourite.exists())
        self.assertEqual(wizard.overdue_min, 1300)

    def test_screen_of_the_favourites(self):
        """Menu “Favourite criteria”: the persons in charge keep and change their own and the shared ones."""
        menu = self.env.ref("account_receivable_followup.followup_run_criteria_menu")
        action = menu.action
        user, other = self._user("user"), self._user("manager")
        Favourite = self.env[action.res_model]
        form = Form(Favourite.with_user(user), action.view_id)
        form.name = "Large amounts"
        form.overdue_min = 1300
        form.country_ids.add(self.env.ref("base.be"))
        favourite = form.save()
        self.assertEqual(favourite.user_id, user)
        self.assertIn("1,300.00", favourite.criteria_text)
        self.assertIn("Belgium", favourite.criteria_text)
        with self.assertRaises(AccessError):
            favourite.with_user(other).read(["name"])
        with self.assertRaises(AccessError):
            favourite.with_user(other).write({"name": "Mine now"})
        with Form(favourite, action.view_id) as form:
            form.user_id = self.env["res.users"]
        self.assertEqual(Favourite.with_user(other).search([]), favourite)
        favourite.with_user(other).unlink()
        with self.assertRaises(AccessError):
            Favourite.with_user(self._user("viewer")).search([])
        menus = self.env["ir.ui.menu"]
        self.assertIn(menu.id, menus.with_user(user)._visible_menu_ids())
        self.assertNotIn(menu.id, menus.with_user(self._user("viewer"))._visible_menu_ids())

    def test_a_favourite_whose_conditions_cannot_be_read_is_listed(self):
        favourite = self.env["followup.run.criteria"].create({"name": "Odd", "partner_domain": "[('ref', '=', uid)]"})
        self.assertEqual(favourite.criteria_text, "other conditions")

    # Level by hand

    def test_level_chosen_for_a_selection(self):
        """F052: everybody selected gets the level chosen, at once."""
        run = self._prepare(level_id=self.second)
        self.assertEqual(run.reminder_ids.level_id, self.second)
        self.assertEqual(run.reminder_ids.partner_id, self.customer | self.garage | self.hotel)
        self.assertTrue(all(run.reminder_ids.mapped("level_by_hand")))

    def test_strict_order_refuses_with_the_reason(self):
        """F051: those who cannot have it are listed with the reason; when nobody can, a clear message."""
        self.plan.strict_order = True
        with self.assertRaisesRegex(UserError, "cannot be sent to any of these customers: previous level not done"):
            self._prepare(level_id=self.second)
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.garage.id), ("followup_kind", "!=", False)]
        )
        self._deliver(lines, self.first, self.TODAY - timedelta(days=15))
        run = self._prepare(level_id=self.second)
        self.assertEqual(run.reminder_ids.partner_id, self.garage)
        self.assertEqual(set(run.excluded_line_ids.mapped("reason")), {"previous_not_done"})

    def test_day_that_is_not_a_sending_day_is_said(self):
        """Said, not forbidden: a person who prepares a run on a Sunday has decided so."""
        wizard = self._wizard(date="2026-11-22")
        self.assertIn("is not a sending day", wizard.day_warning)
        self.assertIn("23 November", wizard.day_warning)
        self.assertTrue(self._prepare(date="2026-11-22").reminder_ids)
        self.assertFalse(self._wizard(date="2026-11-20").day_warning)

    def test_text_added_to_the_run(self):
        run = self._prepare(extra_text="Closed in August.")
        for reminder in run.reminder_ids:
            self.assertIn("Closed in August.", reminder.body)
