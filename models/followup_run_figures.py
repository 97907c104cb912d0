from odoo import api, fields, models

from .followup_run import LEFT_OUT

#: Channels in the order that a sentence names them; a registered letter is printed as a letter is.
KINDS = {"email": "email", "letter": "letter", "registered": "letter", "phone": "call", "sms": "sms", "other": "other"}


class FollowupRun(models.Model):
    """Figures of a run, and what pressing its button will do: to how many, for how much."""

    _inherit = "followup.run"

    reminder_count = fields.Integer(string="Number of reminders", compute="_compute_figures")
    amount_due = fields.Monetary(string="Amount to chase", compute="_compute_figures")
    email_count = fields.Integer(string="E-mails to send", compute="_compute_figures")
    letter_count = fields.Integer(string="Letters to print", compute="_compute_figures")
    other_count = fields.Integer(string="Calls and others", compute="_compute_figures")
    ready_count = fields.Integer(string="Ready to leave", compute="_compute_figures")
    decision_count = fields.Integer(string="To decide", compute="_compute_figures")
    decision_amount = fields.Monetary(string="Amount to decide on", compute="_compute_figures")
    sent_count = fields.Integer(string="Reminders sent", compute="_compute_figures")
    queued_count = fields.Integer(string="On their way", compute="_compute_figures")
    failed_count = fields.Integer(string="Failed", compute="_compute_figures")
    release_label = fields.Char(string="Summary of what leaves", compute="_compute_figures")
    decision_label = fields.Char(string="Summary of the decisions", compute="_compute_figures")
    excluded_count = fields.Integer(string="Due lines left out", compute="_compute_excluded")
    excluded_amount = fields.Monetary(string="Amount left out", compute="_compute_excluded")

    @api.depends("reminder_ids.state", "reminder_ids.amount_due", "reminder_ids.channel", "reminder_ids.to_decide")
    @api.depends_context("lang")
    def _compute_figures(self):
        """A customer reached by several channels at once owes its amount once."""
        groups = self.env["followup.reminder"]._read_group(
            [("run_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["run_id", "state", "channel", "to_decide"],
            ["__count", "amount_due:sum"],
        )
        companions = self.env["followup.reminder"]._read_group(
            [("run_id", "in", self.ids), ("state", "!=", "cancelled"), ("companion_of_id", "!=", False)],
            ["run_id", "state", "channel", "to_decide"],
            ["amount_due:sum"],
        )
        twice = {(run.id, *key): amount for run, *key, amount in companions}
        found = {run.id: [] for run in self}
        for run, state, channel, to_decide, count, amount in groups:
            amount -= twice.get((run.id, state, channel, to_decide), 0)
            found[run.id].append((state, channel, to_decide, count, amount))
        for run in self:
            run._set_figures(found[run.id])

    def _set_figures(self, groups):
        """Set the figures of one run from its (state, channel, waits for a decision, number, amount)."""

        def total(position, wanted):
            return sum(group[position] for group in groups if wanted(*group[:3]))

        def ready(state, _channel, to_decide):
            return state == "prepared" and not to_decide

        kinds = dict.fromkeys(KINDS.values(), 0)
        for state, channel, to_decide, count, _amount in groups:
            if ready(state, channel, to_decide):
                kinds[KINDS[channel]] += count
        self.reminder_count = total(3, lambda *_group: True)
        self.amount_due = total(4, lambda *_group: True)
        self.email_count = kinds["email"]
        self.letter_count = kinds["letter"]
        self.other_count = kinds["call"] + kinds["sms"] + kinds["other"]
        self.ready_count = sum(kinds.values())
        self.decision_count = total(3, lambda state, _channel, to_decide: state == "prepared" and to_decide)
        self.decision_amount = total(4, lambda state, _channel, to_decide: state == "prepared" and to_decide)
        self.sent_count = total(3, lambda state, *_rest: state in ("sent", "printed", "todo"))
        self.queued_count = total(3, lambda state, *_rest: state == "queued")
        self.failed_count = total(3, lambda state, *_rest: state == "failed")
        self.release_label = self._get_release_label(kinds, total(4, ready))
        self.decision_label = self._get_decision_label()

    def _get_release_label(self, kinds, amount):
        """What the button does: “Send 34 e-mails and print 3 letters (84,210.50 €)”. False when nothing is ready."""
        parts = [self._count_kind(kind, count) for kind, count in kinds.items() if count]
        if not parts:
            return False
        text = parts[0]
        if len(parts) > 1:
            text = self.env._("%(first)s and %(last)s", first=", ".join(parts[:-1]), last=parts[-1])
        return self.env._(
            "%(what)s (%(amount)s)", what=text[0].upper() + text[1:], amount=self.currency_id.format(amount)
        )

    def _count_kind(self, kind, count):
        """One part of the sentence; singular and plural are whole phrases, for the translators."""
        one = {
            "email": self.env._("send one e-mail"),
            "letter": self.env._("print one letter"),
            "call": self.env._("plan one call"),
            "sms": self.env._("send one SMS"),
            "other": self.env._("plan one other action"),
        }
        many = {
            "email": self.env._("send %(count)s e-mails", count=count),
            "letter": self.env._("print %(count)s letters", count=count),
            "call": self.env._("plan %(count)s calls", count=count),
            "sms": self.env._("send %(count)s SMS", count=count),
            "other": self.env._("plan %(count)s other actions", count=count),
        }
        return one[kind] if count == 1 else many[kind]

    def _get_decision_label(self):
        """How many messages wait for a decision, for how much; False when none does."""
        if not self.decision_count:
            return False
        amount = self.currency_id.format(self.decision_amount)
        if self.decision_count == 1:
            return self.env._("One message waits for your decision (%(amount)s).", amount=amount)
        return self.env._(
            "%(count)s messages wait for your decision (%(amount)s).", count=self.decision_count, amount=amount
        )

    @api.depends("reminder_ids.state", "excluded_line_ids.reason")
    def _compute_excluded(self):
        groups = self.env["followup.reminder.line"]._read_group(
            [("run_id", "in", self.ids), *LEFT_OUT], ["run_id"], ["__count", "residual_company:sum"]
        )
        found = {run.id: (count, amount) for run, count, amount in groups}
        for run in self:
            run.excluded_count, run.excluded_amount = found.get(run.id, (0, 0))
