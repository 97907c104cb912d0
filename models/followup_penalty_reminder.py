import json
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.penalties import ZERO
from .followup_penalty_facts import PenaltyBook
from .followup_penalty_level import PENALTY_MODES


class FollowupReminder(models.Model):
    """Late-payment penalties of a message: those of its day, computed when it is prepared and again when it leaves.

    Once it has left they never change, whatever becomes of the rates and the settings.
    """

    _inherit = "followup.reminder"

    penalty_mode = fields.Selection(PENALTY_MODES, string="Penalties", readonly=True, default="none", copy=False)
    interest_amount = fields.Monetary(
        string="Late-payment penalties", readonly=True, copy=False, help="Of the lines listed, in the company currency."
    )
    indemnity_amount = fields.Monetary(
        string="Indemnity for recovery costs", readonly=True, copy=False, help="Once for each invoice paid late."
    )
    claimed_total = fields.Monetary(
        string="Total claimed",
        compute="_compute_claimed_total",
        help="Amount chased, with the penalties and the indemnity when the message claims them (company currency).",
    )
    penalties_waived = fields.Boolean(
        string="Penalties waived",
        compute="_compute_penalties_waived",
        compute_sudo=True,
        help="Neither penalties nor indemnity are asked of this customer: the texts do not recall them either.",
    )
    penalty_warning = fields.Char(compute="_compute_penalty_warning", compute_sudo=True)

    @api.depends("amount_due", "interest_amount", "indemnity_amount", "penalty_mode")
    def _compute_claimed_total(self):
        for reminder in self:
            penalties = reminder.interest_amount + reminder.indemnity_amount
            reminder.claimed_total = reminder.amount_due + (penalties if reminder.penalty_mode == "claim" else 0)

    @api.depends("partner_id", "company_id")
    def _compute_penalties_waived(self):
        for company, reminders in self.grouped("company_id").items():
            customers = reminders._get_penalty_customers(company, reminders.partner_id.ids)
            for reminder in reminders:
                reminder.penalties_waived = reminder.partner_id.id in customers and customers[reminder.partner_id.id][2]

    @api.depends("penalty_mode", "state", "date", "company_id")
    def _compute_penalty_warning(self):
        """What whoever looks at a message with penalties must know before it leaves."""
        for (company, day), reminders in self.grouped(lambda reminder: (reminder.company_id, reminder.date)).items():
            waiting = reminders.filtered(
                lambda reminder: reminder.penalty_mode in ("show", "claim") and reminder.state == "prepared"
            )
            (reminders - waiting).penalty_warning = False
            if waiting:
                waiting.penalty_warning = company._get_penalty_warning(day)

    # Computing

    def _set_penalties(self):
        """Give these waiting messages the penalties of their day, set-wise.

        Those whose levels mention none cost one query, whatever their number.
        """
        modes, companies = {}, {}
        for reminder_id, company_id, mode in self._fetch_penalty_modes():
            modes[reminder_id] = mode
            companies.setdefault(company_id, []).append(reminder_id)
        for company_id, reminder_ids in companies.items():
            company = self.env["res.company"].sudo().browse(company_id)
            wanted = self.browse(number for number in reminder_ids if modes[number] != "none")
            lines = self._compute_penalties(wanted, company) if wanted else []
            self._write_penalties(self.browse(reminder_ids), lines, modes)

    def _fetch_penalty_modes(self):
        """[(message id, company id, mode of its level)] of those that mention penalties, or did."""
        if not self:
            return []
        self.env["followup.level"].flush_model(["penalty_mode"])
        self.env["followup.plan"].flush_model(["penalty_mode"])
        self.flush_recordset(["level_id", "penalty_mode"])
        return self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.company_id, COALESCE(v.penalty_mode, p.penalty_mode)
                  FROM followup_reminder r
                  JOIN followup_level v ON v.id = r.level_id
                  JOIN followup_plan p ON p.id = v.plan_id
                 WHERE r.id = ANY(%s)
                   AND (COALESCE(v.penalty_mode, p.penalty_mode) <> 'none'
                        OR COALESCE(r.penalty_mode, 'none') <> 'none')
              ORDER BY r.id
                """,
                self.ids,
            )
        )

    def _prepare_fallbacks(self):
        """The same message by another channel has another date: its penalties are counted up to it."""
        fallbacks = super()._prepare_fallbacks()
        fallbacks._set_penalties()
        return fallbacks

    @api.model
    def _compute_penalties(self, reminders, company):
        """[(line id, interest, indemnity, detail, interest in company currency)] of the lines that bear some."""
        book = PenaltyBook(reminders, company)
        cent = Decimal(1).scaleb(-company.currency_id.decimal_places)
        found, seen = [], set()
        for row in book.debts:
            interest, paid = book.compute(row)
            rows = interest.rows(row.digits)
            due = max(sum((amount for _slice, amount in rows), ZERO) - paid, ZERO)
            # A message and the one that goes with it say the same; two messages never claim the same indemnity.
            key = (book.indemnity_key(row), row.reminder_id if row.is_companion else None)
            indemnity, indemnity_paid = (ZERO, ZERO) if key in seen else book.indemnity(row)
            seen.add(key)
            left = max(indemnity - indemnity_paid, ZERO)
            if not (due or left or interest.missing_since):
                continue
            detail = {
                "slices": [
                    {
                        "first": str(each.first),
                        "last": str(each.last),
                        "days": each.days,
                        "base": round(float(each.base), row.digits),
                        "rate": None if each.rate is None else str(each.rate),
                        "amount": float(amount),
                    }
                    for each, amount in rows
                ],
                "paid": float(paid),
                "indemnity_paid": float(indemnity_paid),
                "missing_since": interest.missing_since and str(interest.missing_since),
                "imputation": str(book.terms.imputation) if book.was_paid_in_part(row) else None,
                "regime": str(book.regime(row)),
            }
            in_company = (Decimal(row.residual_company) * due / Decimal(row.residual)).quantize(cent, ROUND_HALF_UP)
            found.append((row.id, row.reminder_id, due, left, detail, in_company))
        return found

    @api.model
    def _write_penalties(self, reminders, lines, modes):
        """Write the penalties of these messages and of their lines, which bear none yet or the same ones."""
        totals = {reminder_id: [ZERO, ZERO] for reminder_id in reminders.ids}
        for _line_id, reminder_id, _due, left, _detail, in_company in lines:
            totals[reminder_id][0] += in_company
            totals[reminder_id][1] += left
        # By their keys alone: the tables have just grown, and PostgreSQL knows little of them.
        self.env.cr.execute(
            SQL(
                """
                UPDATE followup_reminder_line l
                   SET interest = d.interest, indemnity = d.indemnity, penalty_detail = d.detail::jsonb
                  FROM UNNEST(%s::int[], %s::numeric[], %s::numeric[], %s::text[])
                       AS d (id, interest, indemnity, detail)
                 WHERE l.id = d.id
                """,
                [line[0] for line in lines],
                [line[2] for line in lines],
                [line[3] for line in lines],
                [json.dumps(line[4]) for line in lines],
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE followup_reminder r
                   SET penalty_mode = d.mode, interest_amount = d.interest, indemnity_amount = d.indemnity
                  FROM UNNEST(%s::int[], %s::text[], %s::numeric[], %s::numeric[]) AS d (id, mode, interest, indemnity)
                 WHERE r.id = d.id
                """,
                reminders.ids,
                [modes[number] for number in reminders.ids],
                [totals[number][0] for number in reminders.ids],
                [totals[number][1] for number in reminders.ids],
            )
        )
        self.env["followup.reminder.line"].invalidate_model(["interest", "indemnity", "penalty_detail"])
        stored = ["penalty_mode", "interest_amount", "indemnity_amount"]
        reminders.invalidate_recordset([*stored, "body", "subject"])
        reminders.modified(stored)


class FollowupReminderLine(models.Model):
    """Penalties of one due line, as the message said them."""

    _inherit = "followup.reminder.line"

    interest = fields.Monetary(string="Late-payment penalties", readonly=True, copy=False, aggregator=None)
    indemnity = fields.Monetary(
        string="Indemnity for recovery costs", currency_field="company_currency_id", readonly=True, copy=False
    )
    #: {"slices": [{first, last, days, base, rate, amount}], "paid", "indemnity_paid", "missing_since", "imputation",
    #: "regime"}; dates and rates (percent a year, null: not known) as text, amounts in the currency of the line.
    penalty_detail = fields.Json(readonly=True, copy=False)
