from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .followup_window import dialog


class AccountMoveLine(models.Model):
    """What a person in charge does with the due lines that he selected."""

    _inherit = "account.move.line"

    @api.depends("followup_document", "date_maturity")
    @api.depends_context("followup_document_name", "lang")
    def _compute_display_name(self):
        """In the follow-up's own forms, the number and the due date that the customer knows."""
        if not self.env.context.get("followup_document_name"):
            return super()._compute_display_name()
        for line in self:
            line.display_name = self.env._(
                "%(document)s due %(day)s",
                document=line.followup_document or line.name or "",
                day=format_date(self.env, line.date_maturity or line.date),
            )
        return None

    def action_followup_promise(self):
        """Note a promise to pay these due lines."""
        lines = self._followup_choose_debts()
        if len(lines.currency_id) > 1:
            raise UserError(self.env._("A promise is in one currency: choose due lines of the same currency."))
        return self._followup_open_dialog(
            "followup.promise", self.env._("Promise to pay"), lines, default_currency_id=lines.currency_id.id
        )

    def action_followup_dispute(self):
        """Open a dispute on these due lines."""
        return self._followup_open_dialog("followup.dispute", self.env._("Dispute"), self._followup_choose_debts())

    def action_followup_stop(self):
        """Ask why, and until when, these due lines are not chased any more."""
        return self.env["followup.stop.wizard"]._open_for(lines=self)

    def action_followup_resume(self):
        """Chase these due lines again: lift their stop, take back what was handed over."""
        self.env["followup.reminder"]._check_may_send()
        self.check_access("read")
        # Persons in charge do not keep the books: they may change these facts, and nothing else.
        lines = (self | self._followup_moved_from()).sudo()
        stopped = lines.filtered("followup_stop")
        stopped.write(
            {
                "followup_stop": False,
                "followup_stop_until": False,
                "followup_stop_reason_id": False,
                "followup_stop_reason": False,
            }
        )
        stopped._followup_log(self.env._("Follow-up resumed"))
        handed_over = lines.filtered("followup_handed_over")
        if handed_over:
            if not self.env.user.has_group("account_receivable_followup.followup_group_manager"):
                raise UserError(
                    self.env._(
                        "%(document)s was handed over: only a manager of the follow-ups can take it back.",
                        document=handed_over[0].followup_document or handed_over[0].name or "",
                    )
                )
            handed_over.followup_handed_over = False
            handed_over._followup_log(self.env._("Taken back after it was handed over"))

    def action_followup_next_level(self):
        """Ask for the level that the next message has for these due lines."""
        return self.env["followup.next.level.wizard"]._open_for(lines=self)

    def action_followup_count(self):
        """Ask for the number of reminders counted for these due lines."""
        return self.env["followup.count.wizard"]._open_for(self)

    # Helpers

    def _followup_choose_debts(self):
        """The open debts among the selected lines, of one customer in one company."""
        self.env["followup.reminder"]._check_may_send()
        self.check_access("read")
        debts = self.filtered(
            lambda line: (
                line.followup_kind
                and line.parent_state == "posted"
                and not line.reconciled
                and line.amount_residual_currency > 0
            )
        )
        if not debts:
            raise UserError(self.env._("No open due line is selected: credits and settled lines are left out."))
        if len(debts.partner_id.commercial_partner_id) != 1 or len(debts.company_id) > 1:
            raise UserError(self.env._("Select due lines of one customer."))
        return debts

    def _followup_open_dialog(self, model, title, lines, **context):
        """Action that opens a new record of `model` on `lines`, which are all of one customer."""
        return dialog(
            model,
            title,
            default_partner_id=lines.partner_id.commercial_partner_id.id,
            default_company_id=lines.company_id.id,
            default_line_ids=[(0, 0, {"move_line_id": line.id}) for line in lines],
            **context,
        )

    def _followup_log(self, sentence, describe=None):
        """Note a decision in the chatter of the customers of these lines, with the lines.

        :param describe: what to say of a line; its document by default
        """
        describe = describe or (lambda line: line.followup_document or line.name or "")
        for partner, lines in self.grouped(lambda line: line.partner_id.commercial_partner_id).items():
            if partner:
                items = Markup("").join(Markup("<li>%s</li>") % describe(line) for line in lines)
                partner.sudo()._message_log(
                    body=Markup("<p>%s</p><ul>%s</ul>") % (sentence, items),
                    author_id=self.env.user.partner_id.id,
                )
