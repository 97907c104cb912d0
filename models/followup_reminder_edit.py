from odoo import models
from odoo.exceptions import UserError

from ..lib import levels as rules


class FollowupReminder(models.Model):
    """What a person changes in a preview: lines left out, the level, what waits for a decision."""

    _inherit = "followup.reminder"

    def write(self, vals):
        """A level typed by a person is asked of the rule, which may refuse it; the lines and the amounts follow."""
        level_id = vals.get("level_id")
        if self.env.su or not level_id or all(reminder.level_id.id == level_id for reminder in self):
            return super().write(vals)
        others = {name: value for name, value in vals.items() if name != "level_id"}
        self._check_editable(dict(vals))
        if others:
            super().write(others)
        self._choose_level(self.env["followup.level"].browse(level_id))
        return True

    # Level

    def _choose_level(self, level):
        """Give these messages a level chosen by hand, or say clearly why it cannot be (F051, F052)."""
        for reminder in self.sudo():
            run, plan = reminder.run_id, reminder.level_id.plan_id
            if level.plan_id != plan or level.phase == "thanks":
                raise UserError(
                    self.env._("“%(level)s” is not a level of the plan “%(plan)s”.", level=level.name, plan=plan.name)
                )
            if plan.grouping == "level":
                raise UserError(
                    self.env._(
                        "The plan “%(plan)s” sends one message a level: leave this message out, and prepare the lines "
                        "at the level you want in Follow-ups ⇒ Send reminders.",
                        plan=plan.name,
                    )
                )
            reminder.write({"level_id": level.id, "level_by_hand": True, "level_name": level.name})
            reminder.companion_ids.write({"level_id": level.id, "level_by_hand": True, "level_name": level.name})
            decided = run._decide(reminder.partner_id.ids)
            customer, decision = decided.get(reminder.partner_id.id, (None, None))
            message = decision and reminder._find_message(decision)
            if not message:
                raise UserError(reminder._describe_refusal(level, customer, decision))
            reminder._rewrite({reminder: (customer, decision, message)})
            reminder.write({"mode": str(message.mode)})

    def _describe_refusal(self, level, customer, decision):
        """Why the level cannot be sent to this customer, in words."""
        self.ensure_one()
        codes = []
        if customer:
            chosen = next((each for each in customer.plan.levels if each.id == level.id), None)
            mine = set(self.line_ids.move_line_id.ids)
            for line in customer.lines:
                code = line.id in mine and chosen and rules.refusal(line, customer.plan, chosen, self.date)
                if code and code not in codes:
                    codes.append(code)
        codes = codes or [(decision and decision.reason) or rules.Reason.PREVIOUS_NOT_DONE]
        return self.env._(
            "“%(level)s” cannot be sent to %(customer)s: %(reasons)s.",
            level=level.name,
            customer=self.partner_id.name or "",
            reasons=", ".join(label[:1].lower() + label[1:] for label in map(self._reason_label, codes)),
        )

    # Deciding

    def action_accept(self):
        """Let these messages leave with the others of their run: a person has looked at them."""
        self._check_may_send()
        waiting = self.sudo().filtered(lambda reminder: reminder.to_decide and reminder.state == "prepared")
        waiting |= waiting.companion_ids
        waiting.write({"to_decide": False, "decided_by_id": self.env.uid})

    def action_skip(self):
        """Leave these messages out of this run only; they come back in the next one."""
        self._check_may_send()
        (self | self.companion_ids)._cancel("skipped")

    def action_restore(self):
        """Take messages that were left out by hand back into the run."""
        self._check_may_send()
        skipped = (self | self.companion_ids).filtered(
            lambda r: r.state == "cancelled" and "skipped" in r.line_ids.mapped("reason")
        )
        skipped.sudo().write({"state": "prepared", "failure_reason": False})
        skipped.line_ids.sudo().write({"reason": False})

    # Lines

    def _read_again(self):
        """Bring these waiting messages up to date after a line was taken out or back; drop those that say nothing."""
        for run, reminders in self.sudo().grouped("run_id").items():
            decided = run._decide(reminders.partner_id.ids)
            found = {}
            for reminder in reminders:
                customer, decision = decided.get(reminder.partner_id.id, (None, None))
                message = decision and reminder._find_message(decision)
                if message:
                    found[reminder] = customer, decision, message
                else:
                    (reminder | reminder.companion_ids)._cancel(decision and decision.reason or "skipped")
            reminders.browse([reminder.id for reminder in found])._rewrite(found)


class FollowupReminderLine(models.Model):
    """Taking a line out of its message, for this run only (F043): it comes back in the next one."""

    _inherit = "followup.reminder.line"

    def action_take_out(self):
        """Leave these lines out of their messages; amounts, and levels if need be, follow."""
        reminders = self.reminder_id
        reminders._check_may_send()
        if any(reminder.state != "prepared" for reminder in reminders):
            raise UserError(self.env._("A reminder that has left is kept as it was sent."))
        lines = self.sudo().filtered(lambda line: line.residual > 0)
        if not lines:
            raise UserError(
                self.env._("A payment or a credit note stays in the message: the customer sees that you know of it.")
            )
        # Companions show the same lines.
        principals = reminders.companion_of_id | reminders.filtered(lambda reminder: not reminder.companion_of_id)
        together = principals | principals.companion_ids
        twins = together.sudo().line_ids.filtered(lambda line: line.move_line_id in lines.move_line_id)
        own = twins.filtered(lambda line: not line.reminder_id.companion_of_id)
        (twins - own).unlink()
        for reminder, taken in own.grouped("reminder_id").items():
            taken.write({"taken_from_id": reminder.id, "reminder_id": False, "reason": "skipped", "raises": False})
        principals._read_again()

    def action_restore(self):
        """Take this line, or its whole message, back into the run it was left out of."""
        taken = self.filtered("taken_from_id")
        reminders = taken.taken_from_id
        (self.reminder_id | reminders)._check_may_send()
        (self - taken).reminder_id.action_restore()
        if not taken:
            return
        if any(reminder.state not in ("prepared", "cancelled") for reminder in reminders):
            raise UserError(self.env._("The message has already left: the line comes back in the next run."))
        taken.sudo().unlink()
        cancelled = reminders.sudo().filtered(lambda reminder: reminder.state == "cancelled")
        (cancelled | cancelled.companion_ids).write({"state": "prepared", "failure_reason": False})
        cancelled.line_ids.write({"reason": False})
        reminders._read_again()
