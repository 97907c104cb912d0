import random
from datetime import datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..models.followup_situation import COLUMNS
from .common import FollowupCommon

#: Histories played, and steps of each.
HISTORIES = range(5)
STEPS = 40


@tagged("post_install", "-at_install")
class TestFollowupSituationHistories(FollowupCommon):
    """Once the queue is drained, the stored situations are those of a rebuild from nothing.

    Random histories of two companies, two currencies, customers, contacts and a payer: after each step, what is
    stored is compared with what a rebuild of everything gives.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Situation = cls.env["followup.situation"]
        cls.other = cls.setup_other_company()
        cls.other_company = cls.other["company"]
        cls.other_company.write({"followup_plan_id": cls.plan.id})
        cls.other_company.partner_id.tz = "Europe/Paris"
        cls.usd = cls.setup_other_currency("USD")
        cls.env.user.company_ids |= cls.other_company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=(cls.company + cls.other_company).ids))
        cls.tags = cls.env["res.partner.category"].create([{"name": "Public"}, {"name": "Private"}])
        cls.by_rule = cls.plan.copy(
            {
                "name": "By rule",
                "use_rule": True,
                "sequence": 1,
                "partner_domain": "[('category_id.name', 'ilike', 'public')]",
                "rule_amount_max": 20000,
            }
        )
        cls.payer_plan = cls.plan.copy({"name": "At the payer", "group_by_payer": True})
        cls.firms = cls.env["res.partner"]
        for number in range(5):
            cls.firms += cls._customer(f"Firm {number}")
        cls.contacts = cls.env["res.partner"].create(
            [{"name": f"Contact of {firm.name}", "parent_id": firm.id, "is_company": False} for firm in cls.firms[:2]]
        )

    def test_random_histories(self):
        for seed in HISTORIES:
            with self.subTest(seed=seed):
                self._play(seed)

    def _play(self, seed):
        self.random = random.Random(seed)
        self.moment = datetime(2026, 11, 20, 10)
        self.done = []
        steps = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("_step_")]
        with self.env.cr.savepoint() as savepoint:
            for _ in range(STEPS):
                step = self.random.choice(steps)
                with freeze_time(self.moment):
                    self._try(step)
                    self._compare()
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertGreater(len(self.done), STEPS // 2, "Odoo refused too many steps: this history tells little")

    def _try(self, step):
        """Play a step; what Odoo itself refuses is no step."""
        try:
            with self.env.cr.savepoint():
                step()
                self.env.flush_all()
                self.done.append(step.__name__)
        except (UserError, ValidationError):
            self.env.invalidate_all()

    def _compare(self):
        self.Situation._refresh(self.company + self.other_company)
        stored = self._read()
        self.env.cr.execute("DELETE FROM followup_situation")
        for company in self.company + self.other_company:
            self.Situation._rebuild(company, company._followup_today())
        rebuilt = self._read()
        if stored != rebuilt:
            self.assertEqual(sorted(stored), sorted(rebuilt), f"after {self.done}")
            for key, row in rebuilt.items():
                self.assertEqual(stored[key], row, f"after {self.done}")

    def _read(self):
        self.env.cr.execute(
            f"SELECT {', '.join(COLUMNS)} FROM followup_situation ORDER BY company_id, partner_id"  # noqa: S608
        )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in self.env.cr.fetchall()]
        return {(row["company_id"], row["partner_id"]): row for row in rows}

    # Picking

    def _pick(self, records):
        return records[self.random.randrange(len(records))] if records else records

    def _pick_company(self):
        return self.random.choice([self.company, self.company, self.other_company])

    def _pick_partner(self):
        return self._pick((self.firms + self.contacts).exists())

    def _pick_firm(self, company=None):
        return self._pick(self.firms.exists()).with_company(company or self._pick_company())

    def _lines(self, extra=()):
        company = self._pick_company()
        domain = [
            ("company_id", "=", company.id),
            ("followup_kind", "!=", False),
            ("partner_id", "in", (self.firms + self.contacts).exists().ids),
            *extra,
        ]
        return self.env["account.move.line"].with_company(company).search(domain, order="id")

    def _pick_line(self, extra=(("parent_state", "=", "posted"),)):
        return self._pick(self._lines(extra))

    def _pick_open_line(self):
        return self._pick_line((("parent_state", "=", "posted"), ("reconciled", "=", False), ("balance", ">", 0)))

    def _day(self, before=120, after=30):
        return self.moment.date() + timedelta(days=self.random.randint(-before, after))

    # Entries

    def _data(self, company):
        return self.company_data if company == self.company else self.other

    def _post(self, amount):
        company = self._pick_company()
        data = self._data(company)
        currency = self.random.choice([company.currency_id, company.currency_id, self.usd])
        due = self._day()
        account = data["default_account_receivable"]
        vals = {"name": "x", "account_id": account.id, "partner_id": self._pick_partner().id, "no_followup": False}
        vals |= {"date_maturity": self.random.choice([due, due, False]), "currency_id": currency.id}
        balance = amount if currency == company.currency_id else round(amount / 2, 2)
        amounts = {"amount_currency": amount, "balance": balance}
        other = {"amount_currency": -amount, "balance": -balance, "currency_id": currency.id, "name": "x"}
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": data["default_journal_misc"].id,
                    "date": due - timedelta(days=30),
                    "line_ids": [
                        Command.create(vals | amounts),
                        Command.create(other | {"account_id": data["default_account_revenue"].id}),
                    ],
                }
            )
        )
        move.action_post()

    def _step_debt(self):
        self._post(self.random.choice([50, 900, 1000, 12000]))

    _step_debt_too = _step_another_debt = _step_debt

    def _step_credit(self):
        self._post(-self.random.choice([50, 900, 1000]))

    _step_payment = _step_credit

    def _step_invoice(self):
        company = self._pick_company()
        journal = self._data(company)["default_journal_sale"]
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": self.random.choice(["out_invoice", "out_invoice", "out_refund"]),
                    "partner_id": self._pick_partner().id,
                    "journal_id": journal.id,
                    "invoice_date": self._day(90, 0),
                    "invoice_line_ids": [
                        Command.create({"name": "x", "quantity": 1, "price_unit": 700, "tax_ids": []})
                    ],
                }
            )
        )
        move.action_post()

    def _step_reconcile(self):
        lines = self._lines([("parent_state", "=", "posted"), ("reconciled", "=", False)])
        debts = lines.filtered(lambda line: line.balance > 0)
        credits = lines - debts
        if debts and credits:
            (self._pick(debts) + self._pick(credits)).reconcile()

    _step_reconcile_too = _step_reconcile

    def _step_unreconcile(self):
        self._pick_line([("matching_number", "!=", False)]).remove_move_reconcile()

    def _step_back_to_draft(self):
        self._pick_line().move_id.button_draft()

    def _step_post_again(self):
        self._pick_line([("parent_state", "=", "draft")]).move_id.action_post()

    def _step_delete(self):
        self._pick_line([("parent_state", "=", "draft")]).move_id.unlink()

    def _step_due_date(self):
        self._pick_line().date_maturity = self._day()

    def _step_entry_date(self):
        self._pick_line([("parent_state", "=", "draft")]).move_id.date = self._day()

    def _step_partner_of_entry(self):
        self._pick_line([("parent_state", "=", "draft")]).partner_id = self._pick_partner()

    def _step_block(self):
        moves = self._lines([("move_id.move_type", "=", "out_invoice"), ("parent_state", "=", "posted")]).move_id
        move = self._pick(moves)
        if move:
            move.action_toggle_block_payment()

    # What persons decide of a line

    def _step_promise(self):
        line = self._pick_open_line().sudo()
        part = self.random.choice([0, 30])
        rest = line.amount_residual_currency - part if part else 0
        line.write(
            {
                "followup_promised_until": self._day(10, 20),
                "followup_promised_amount": part,
                "followup_promised_rest": max(rest, 0),
            }
        )

    def _step_dispute(self):
        self._pick_open_line().sudo().write(
            {"followup_disputed": True, "followup_disputed_amount": self.random.choice([0, 20])}
        )

    def _step_settle_dispute(self):
        self._pick_line([("followup_disputed", "=", True)]).sudo().write(
            {"followup_disputed": False, "followup_not_before": self._day(0, 10)}
        )

    def _step_stop_line(self):
        self._pick_line().sudo().write(
            {"followup_stop": self.random.random() < 0.7, "followup_stop_until": self._day(10, 20)}
        )

    def _step_exclude(self):
        self._pick_line().no_followup = self.random.random() < 0.5

    def _step_delivered(self):
        levels = self.plan.level_ids.filtered("active")
        self._pick_open_line().sudo().write(
            {"followup_level_id": self._pick(levels).id, "followup_date": self._day(20, 0)}
        )

    def _step_force_level(self):
        self._pick_open_line().sudo().followup_forced_level_id = self._pick(self.plan.level_ids.filtered("active"))

    def _step_hand_over(self):
        self._pick_open_line().sudo().followup_handed_over = self.random.random() < 0.5

    # What persons decide of a customer

    def _step_stop_customer(self):
        self._pick_firm().sudo().write(
            {"followup_stop": self.random.random() < 0.6, "followup_stop_until": self._day(10, 20)}
        )

    def _step_proceedings(self):
        kind = self.random.choice([False, "receivership"])
        self._pick_firm().sudo().write(
            {"followup_proceedings": kind, "followup_proceedings_date": self._day() if kind else False}
        )

    def _step_mode(self):
        self._pick_firm().sudo().followup_mode = self.random.choice([False, "automatic", "manual"])

    def _step_plan_of_customer(self):
        plans = self.plan + self.payer_plan
        self._pick_firm().followup_plan_id = self.random.choice([plans[0], plans[1], self.env["followup.plan"]])

    def _step_payer(self):
        self._pick_firm().followup_payer_id = self._pick(self.firms.exists())

    _step_payer_too = _step_payer

    def _step_in_charge(self):
        self._pick_firm().write({"followup_user_id": self.env.user.id, "user_id": self.env.user.id})

    def _step_category(self):
        self._pick_firm().category_id = self.random.choice([self.tags[0], self.tags[1], self.tags.browse()])

    def _step_rename_category(self):
        self._pick(self.tags).name = self.random.choice(["Public", "Private", "Public works"])

    def _step_archive(self):
        firm = self._pick_firm()
        firm.active = not firm.active

    def _step_contact_moves(self):
        self._pick(self.contacts.exists()).parent_id = self._pick(self.firms.exists())

    def _step_contact_alone(self):
        contact = self._pick(self.contacts.exists())
        contact.is_company = not contact.is_company

    def _step_merge(self):
        if self.random.random() < 0.3 and len(self.firms.exists()) > 3:
            pair = self.random.sample(list(self.firms.exists()), 2)
            wizard = self.env["base.partner.merge.automatic.wizard"].with_context(active_test=False)
            wizard._merge([partner.id for partner in pair], pair[1])

    # Rules and days

    def _step_edit_level(self):
        level = self._pick(self.plan.level_ids.filtered("active"))
        if level.phase != "prevention":
            level.write({"delay": self.random.randint(1, 40), "minimum_amount": self.random.choice([0, 500])})

    def _step_edit_plan(self):
        plan = self._pick(self.plan + self.by_rule + self.payer_plan)
        plan.write(
            {
                "customer_threshold": self.random.choice([0, 500]),
                "customer_ceiling": self.random.choice([0, 5000]),
                "minimum_interval": self.random.choice([0, 7, 30]),
                "grouping": self.random.choice(["customer", "level", "document"]),
                "credit_policy": self.random.choice(["deduct", "show"]),
                "exclude_promised": self.random.random() < 0.5,
                "strict_order": self.random.random() < 0.5,
                "prescription_years": self.random.choice([0, 5]),
            }
        )

    def _step_group_by_payer(self):
        self.plan.group_by_payer = not self.plan.group_by_payer

    def _step_rule(self):
        self.by_rule.use_rule = not self.by_rule.use_rule

    def _step_region(self):
        self._pick_company().followup_holiday_region = self.random.choice(["metropole", "alsace_moselle"])

    def _step_default_plan(self):
        self._pick_company().followup_plan_id = self._pick(self.plan + self.payer_plan)

    def _step_account_kind(self):
        account = self._data(self._pick_company())["default_account_receivable"]
        account.followup_kind = self.random.choice(["ordinary", "ordinary", "doubtful", "bills"])

    def _step_next_day(self):
        self.moment += timedelta(days=self.random.choice([1, 1, 2, 7]))

    _step_next_day_too = _step_next_day
