from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..lib.levels import Reason
from ..lib.thanks import PaidLine, decide_thanks
from .followup_facts_plans import PlanFacts
from .followup_reminder_insert import ReminderRows

#: Payments older than this many days are no longer looked at: thanks would only surprise.
RECENT = 90
#: After every other level: thanks close a chase.
THANKS_RANK = 99


class FollowupRun(models.Model):
    """Thanks: once, some days after invoices that were chased have been paid in full (F030)."""

    _inherit = "followup.run"

    def _thank(self, busy):
        """Add the thanks that are due to the customers of the run's plan.

        :param busy: ids of the customers who get another message in this run: one message a customer
        """
        self.ensure_one()
        levels = self.plan_id.level_ids.filtered(lambda level: level.active and level.phase == "thanks")
        if not levels or self.level_id or self.line_ids:
            return
        paid = self._fetch_paid_lines(self._get_asked_partners())
        for partner_id in set(busy) & set(paid):
            del paid[partner_id]
        found = {
            partner_id: (customer, decision.message)
            for partner_id, (customer, decision) in self._decide_thanks(paid, levels[0]).items()
            if decision.message
        }
        if found:
            rows = ReminderRows(self, {})
            rows.add_thanks(found)
            rows.insert()._check_sample_texts()

    def _decide_thanks(self, paid, level):
        """{customer id: (lib.levels.Customer, lib.thanks.ThanksDecision)}, on the day of the run."""
        if not paid:
            return {}
        rules = level._get_rules(THANKS_RANK)
        facts = self.env["followup.facts"].with_context(followup_releasing_run_id=self.id)
        ledger = facts._get_ledger(self.company_id, list(paid), also=list(paid))
        plan = PlanFacts(self.env, self.company_id).facts_of(self.plan_id).rules
        messages = facts._fetch_last_messages(self.company_id, list(paid), ["queued", "printed", "todo", "sent"])
        found = {}
        for partner_id, lines in paid.items():
            if ledger.plans.get(partner_id) != self.plan_id.id:
                continue
            # A customer who owes nothing any more has no line, hence no facts of its own yet.
            customer = ledger.customers.get(partner_id) or facts._make_customer(
                partner_id, (), plan, ledger.settings[partner_id], messages.get(partner_id), False
            )
            found[partner_id] = customer, decide_thanks(customer, lines, rules, self.date)
        return found

    def _fetch_paid_lines(self, partner_ids):
        """{customer id: [PaidLine]} of the chased lines that were paid in full not long ago, and not thanked for."""
        self.env["account.partial.reconcile"].flush_model()
        self.env["followup.facts"]._flush_facts()
        self.env["followup.reminder"].flush_model(["state", "level_id"])
        self.env["followup.reminder.line"].flush_model(["move_line_id", "reminder_id"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT p.commercial_partner_id AS partner_id,
                       l.id,
                       l.move_id AS document,
                       l.balance::text AS amount,
                       l.followup_level_id AS level_id,
                       l.followup_date AS reminded_on,
                       payment.day AS paid_on
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id AND a.followup_kind IS NOT NULL
                  JOIN res_partner p ON p.id = l.partner_id
                  JOIN LATERAL (
                        SELECT MAX(r.max_date) AS day FROM account_partial_reconcile r WHERE r.debit_move_id = l.id
                       ) payment ON payment.day BETWEEN %(first)s AND %(day)s
                 WHERE l.company_id = %(company)s
                   AND l.reconciled
                   AND l.balance > 0
                   AND l.followup_level_id IS NOT NULL
                   AND l.parent_state = 'posted'
                   AND NOT EXISTS (
                        SELECT 1
                          FROM followup_reminder_line rl
                          JOIN followup_reminder r ON r.id = rl.reminder_id
                          JOIN followup_level v ON v.id = r.level_id
                         WHERE rl.move_line_id = l.id
                           AND v.phase = 'thanks'
                           AND r.state NOT IN ('prepared', 'failed', 'cancelled')
                           AND r.run_id IS DISTINCT FROM %(run)s
                       )
                   %(partners)s
              ORDER BY p.commercial_partner_id, l.date_maturity, l.id
                """,
                first=self.date - timedelta(days=RECENT),
                day=self.date,
                company=self.company_id.id,
                run=self.id,
                partners=SQL("")
                if partner_ids is None
                else SQL("AND p.commercial_partner_id = ANY(%s)", list(partner_ids)),
            )
        )
        levels = self.env["followup.level"].with_context(active_test=False).browse({row["level_id"] for row in rows})
        # A prevention notice is no chase.
        ranks = {level.id: None if level.phase == "prevention" else max(level._get_rank(), 1) for level in levels}
        found = {}
        for row in rows:
            found.setdefault(row["partner_id"], []).append(
                PaidLine(
                    id=row["id"],
                    document=row["document"],
                    amount=Decimal(row["amount"]),
                    paid_on=row["paid_on"],
                    reminded_rank=ranks[row["level_id"]],
                    reminded_on=row["reminded_on"],
                )
            )
        return found


class FollowupReminder(models.Model):
    _inherit = "followup.reminder"

    def _decide_thanks_again(self):
        """Thanks leave if they still hold: no payment went back, and nothing else is late meanwhile."""
        for (run, level), reminders in self.grouped(lambda reminder: (reminder.run_id, reminder.level_id)).items():
            decided = run._decide_thanks(run._fetch_paid_lines(reminders.partner_id.ids), level)
            for reminder in reminders:
                _customer, decision = decided.get(reminder.partner_id.id, (None, None))
                message = decision and decision.message
                if not message or not set(message.listed).issuperset(reminder.line_ids.move_line_id.ids):
                    stopped = decision and decision.reason == Reason.CUSTOMER_STOP
                    reminder._drop(Reason.CUSTOMER_STOP if stopped else Reason.NOT_DUE)
