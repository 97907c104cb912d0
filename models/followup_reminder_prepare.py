from odoo import api, models
from odoo.fields import Command

from ..lib import levels as rules

#: Reasons not worth a row when the line is not even overdue.
SILENT_REASONS = {rules.Reason.NOT_DUE, rules.Reason.CREDIT, rules.Reason.PAID}


class FollowupReminder(models.Model):
    """Composing the reminders of a run from decisions."""

    _inherit = "followup.reminder"

    @api.model
    def _create_for_run(self, run, decisions):
        """Create the reminders and the left-out lines of `run`.

        :param decisions: {commercial partner id: lib.levels.CustomerDecision}
        """
        Situation = self.env["followup.situation"].sudo()
        Situation._refresh(run.company_id)
        situations = Situation.search_fetch(
            [
                ("company_id", "=", run.company_id.id),
                ("partner_id", "in", list(decisions)),
            ]
        ).grouped("partner_id")
        reminder_vals, excluded_vals = [], []
        lines = self._browse_lines(decisions)
        for partner in self.env["res.partner"].sudo().browse(decisions):
            decision = decisions[partner.id]
            vals = reason = None
            if decision.level:
                vals = self._prepare_vals(
                    run, partner, decision, lines, situations.get(partner)
                )
                reason = self._address_problem(vals)
            if vals and not reason:
                reminder_vals.append(vals)
            excluded_vals += self._prepare_excluded_vals(
                run, partner, decision, lines, reason
            )
        self.env["followup.reminder.line"].create(excluded_vals)
        reminders = self.create(reminder_vals)
        reminders._render_texts()
        return reminders

    @api.model
    def _browse_lines(self, decisions):
        """{id: move line} of every line decided upon, in one prefetch group."""
        lines = self.env["account.move.line"].sudo().browse(
            line.line_id for decision in decisions.values() for line in decision.lines
        )
        return {line.id: line for line in lines}

    @api.model
    def _prepare_vals(self, run, partner, decision, lines, situation):
        level = self.env["followup.level"].sudo().browse(decision.level.id)
        company = run.company_id
        partner = partner.with_company(company)
        recipient = partner._followup_recipient()
        vals = {
            "run_id": run.id,
            "company_id": company.id,
            "partner_id": partner.id,
            "recipient_id": recipient.id,
            "date": run.date,
            "level_id": level.id,
            "level_name": level.name,
            "channel": level.channel,
            "user_id": (
                partner.followup_user_id or company.followup_user_id or run.user_id
            ).id,
            **self._prepare_lines_vals(decision, lines, run),
        }
        if situation:
            vals.update(
                balance=situation.balance,
                previous_level_id=situation.level_id.id,
                previous_date=situation.last_reminder_date,
                last_move_date=situation.last_move_date,
            )
        return vals

    @api.model
    def _prepare_lines_vals(self, decision, lines, run):
        """Lines listed by the message, and the totals that follow from them."""
        decided = {line.line_id: line for line in decision.lines}
        Line = self.env["followup.reminder.line"]
        line_vals = [
            Line._prepare_vals(run, lines[line_id], decided[line_id])
            | {"raises": line_id in decision.due}
            for line_id in decision.listed
        ]
        credit_vals = [
            Line._prepare_vals(run, credit, decided[credit.id])
            # The number of a payment's piece says nothing to the customer.
            | {"due_date": False, "document": credit.name or credit.followup_document}
            for credit in self._get_credits_shown(decision, lines)
        ]
        return {
            "line_ids": [
                Command.clear(),
                *(Command.create(vals) for vals in line_vals + credit_vals),
            ],
            "line_count": len(line_vals),
            "amount_due": run.currency_id.round(
                sum(vals["residual_company"] for vals in line_vals + credit_vals)
            ),
            "days_late": max((vals["days_late"] for vals in line_vals), default=0),
        }

    @api.model
    def _get_credits_shown(self, decision, lines):
        """Payments and credit notes not matched yet that the message deducts.

        R04: the customer who paid part of it sees that we know. Only those in a
        currency of the debts listed: currencies are never added. A prevention notice
        announces invoices and deducts nothing.
        """
        if decision.level.phase == rules.Phase.PREVENTION:
            return []
        currencies = {lines[line_id].currency_id for line_id in decision.listed}
        credits_found = (
            lines[line.line_id]
            for line in decision.lines
            if line.reason == rules.Reason.CREDIT
        )
        return [
            credit
            for credit in credits_found
            if credit.currency_id in currencies
            and credit.followup_kind in rules.FOLLOWED_KINDS
        ]

    @api.model
    def _address_problem(self, vals):
        """Reason code when the message cannot reach anybody, else None."""
        Partner = self.env["res.partner"].sudo()
        if vals["channel"] == "email":
            reachable = Partner.browse(vals["recipient_id"]).email
        else:
            partner = Partner.browse(vals["partner_id"])
            reachable = (partner.street or partner.street2) and partner.city
        return None if reachable else "no_address"

    @api.model
    def _prepare_excluded_vals(self, run, partner, decision, lines, reason=None):
        """One row a line that the run leaves out, with its reason.

        :param reason: reason of the whole customer (no address), that also
            applies to the lines the message would have listed
        """
        Line = self.env["followup.reminder.line"]
        vals_list = []
        for line in decision.lines:
            if line.line_id in decision.listed:
                code = reason
            elif line.overdue or line.reason not in SILENT_REASONS:
                code = line.reason and str(line.reason)
            else:
                code = None
            if code and lines[line.line_id].amount_residual > 0:
                move_line = lines[line.line_id]
                vals_list.append(
                    Line._prepare_vals(run, move_line, line)
                    | {
                        "reason": code,
                        "partner_id": partner.id,
                        # Left out, it stays where it was.
                        "level_id": move_line.followup_level_id.id,
                    }
                )
        return vals_list
