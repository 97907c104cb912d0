from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.levels import FOLLOWED_KINDS

#: Disputes, stops and the like are nobody else's business: neither salespeople nor the portal read them.
READERS = "account_receivable_followup.followup_group_viewer"


class AccountMoveLine(models.Model):
    """What promises, disputes and persons made of a due line.

    Plain columns, without default nor computation: the table is huge, and the decision reads nothing else. They are
    written by the promises, the disputes and the wizards only.
    """

    _inherit = "account.move.line"

    # Promise: see `followup.promise`
    followup_promised_until = fields.Date(
        string="Promised until",
        readonly=True,
        copy=False,
        groups=READERS,
        help="Last day on which the promised payment is waited for, days of grace included.",
    )
    followup_promised_amount = fields.Monetary(
        string="Amount promised",
        currency_field="currency_id",
        readonly=True,
        copy=False,
        groups=READERS,
        help="In the currency of the line. Zero with a date: the whole line.",
    )
    followup_promised_rest = fields.Monetary(
        string="Left by the promise",
        currency_field="currency_id",
        readonly=True,
        copy=False,
        groups=READERS,
        help="What the promise leaves open, in the currency of the line: what is promised is what exceeds it, so that "
        "a payment, by whatever way it comes, lowers the promise and not the rest.",
    )
    # Dispute: see `followup.dispute`
    followup_disputed = fields.Boolean(string="Disputed", readonly=True, copy=False, groups=READERS)
    followup_disputed_amount = fields.Monetary(
        string="Disputed amount",
        currency_field="currency_id",
        readonly=True,
        copy=False,
        groups=READERS,
        help="In the currency of the line. Zero on a disputed line: the whole line.",
    )
    followup_not_before = fields.Date(
        string="Not chased before",
        readonly=True,
        copy=False,
        groups=READERS,
        help="First day on which the line may be chased again, after a dispute was settled.",
    )
    # Stop
    followup_stop_until = fields.Date(
        string="Stopped until", copy=False, groups=READERS, help="Last day of the stop. Empty: until it is lifted."
    )
    followup_stop_reason_id = fields.Many2one(
        "followup.stop.reason",
        string="Reason of the stop",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups=READERS,
    )
    # Decided by hand
    followup_forced_level_id = fields.Many2one(
        "followup.level",
        string="Next level by hand",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups=READERS,
        help="Level that the next message has for this line, whatever its delay. It serves once.",
    )
    followup_count = fields.Integer(
        string="Reminders counted", readonly=True, copy=False, aggregator=None, groups=READERS
    )
    followup_handed_over = fields.Boolean(
        string="Handed over",
        readonly=True,
        copy=False,
        groups=READERS,
        help="Given to a recovery agency or to litigation: no reminder leaves by itself any more.",
    )

    def _followup_company_rate(self):
        """What one unit of the line's currency was worth in the company's when the line was booked."""
        self.ensure_one()
        return self.balance / self.amount_currency if self.amount_currency else 1.0

    @api.model
    def _followup_get_debts(self, partners, company):
        """Open debts of these customers in a company, the oldest due first."""
        return self.search(
            self._followup_open_domain(partners, company) & Domain("amount_residual_currency", ">", 0),
            order="date_maturity, id",
        )

    @api.model
    def _followup_open_domain(self, partners, companies, listed=False):
        """Open entries of these customers (commercial entities) on every account that is followed; with `listed`, only
        those that a message may list."""
        kinds = Domain("followup_kind", "in", list(FOLLOWED_KINDS)) if listed else Domain("followup_kind", "!=", False)
        return (
            Domain("partner_id.commercial_partner_id", "in", partners.ids)
            & Domain("company_id", "in", companies.ids)
            & kinds
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
        )
