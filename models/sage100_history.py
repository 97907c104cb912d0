from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .followup_window import window


class Sage100History(models.Model):
    """A reminder, a recovery file or something done in one, that happened in Sage before Odoo took over.

    Written once, by the take-over of a base; never changed by a later synchronisation.
    """

    _name = "sage100.history"
    _description = "Follow-up taken over from Sage 100"
    _order = "date desc, id desc"
    _rec_name = "label"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="database_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    key = fields.Char(required=True, readonly=True, help="What the row is in Sage: it comes in once.")
    kind = fields.Selection(
        [
            ("reminder", "Reminder"),
            ("file", "Recovery file"),
            ("intervention", "Step of a recovery file"),
        ],
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    customer_number = fields.Char(string="Customer in Sage", readonly=True)
    date = fields.Date(readonly=True)
    label = fields.Char(string="What happened", readonly=True)
    text = fields.Text(string="Comment", readonly=True)
    reference = fields.Char(readonly=True, help="Reference of the reminder, or number of the recovery file.")
    amount = fields.Monetary(string="Amount chased", readonly=True)
    unpaid = fields.Monetary(string="Unpaid items", readonly=True)
    penalties = fields.Monetary(readonly=True)
    user_name = fields.Char(string="By", readonly=True)
    promised_on = fields.Date(string="Promised for", readonly=True)
    end_date = fields.Date(string="Closed on", readonly=True)
    is_open = fields.Boolean(string="Open in Sage", readonly=True, help="State of the recovery file at the take-over.")
    line_ids = fields.Many2many("account.move.line", string="Due lines", readonly=True)
    line_count = fields.Integer(string="Number of due lines", compute="_compute_line_count")

    _key_uniq = models.UniqueIndex("(database_id, kind, key)", "This is already taken over.")
    #: Last message of a customer (minimum interval between two messages).
    _last_message_idx = models.Index("(company_id, partner_id, date) WHERE kind = 'reminder'")

    @api.depends("line_ids")
    def _compute_line_count(self):
        for history in self:
            history.line_count = len(history.sudo().line_ids)

    def action_open_lines(self):
        """Open the due lines concerned."""
        self.ensure_one()
        return window(self.env, "followup_due_line_action", domain=[("id", "in", self.line_ids.ids)], context={})


class ResPartner(models.Model):
    """What Sage had already done about a customer."""

    _inherit = "res.partner"

    sage100_history_ids = fields.One2many(
        "sage100.history",
        "partner_id",
        string="Taken over from Sage 100",
        groups="account_receivable_followup.followup_group_viewer",
    )


class FollowupSituation(models.Model):
    """What Sage had already done about a customer."""

    _inherit = "followup.situation"

    sage100_history_ids = fields.Many2many(
        "sage100.history", string="Taken over from Sage 100", compute="_compute_sage100_history_ids"
    )

    def _compute_sage100_history_ids(self):
        for situation in self:
            situation.sage100_history_ids = self.env["sage100.history"].search(
                Domain("partner_id.commercial_partner_id", "=", situation.partner_id.id)
                & Domain("company_id", "=", situation.company_id.id)
            )


class FollowupFacts(models.AbstractModel):
    """Messages that did not leave from Odoo count too: nobody is chased twice in the same week."""

    _inherit = "followup.facts"

    @api.model
    def _fetch_last_messages(self, company, partner_ids, states):
        """Add the reminders of Sage, and the dates set on lines (by the take-over, or by hand).

        A reminder of Odoo never dates a line later than itself: its own date stays the last one.
        """
        found = super()._fetch_last_messages(company, partner_ids, states)
        if not partner_ids:
            return found
        self.env["account.move.line"].flush_model(["followup_date", "followup_level_id", "partner_id", "company_id"])
        self.env["sage100.history"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.commercial_partner_id, MAX(known.date)
                  FROM (
                        SELECT l.partner_id, l.followup_date AS date
                          FROM account_move_line l
                         WHERE l.followup_level_id IS NOT NULL
                           AND l.company_id = %(company)s
                           AND l.parent_state = 'posted'
                        UNION ALL
                        SELECT h.partner_id, h.date
                          FROM sage100_history h
                         WHERE h.kind = 'reminder'
                           AND h.company_id = %(company)s
                       ) AS known
                  JOIN res_partner p ON p.id = known.partner_id
                 WHERE p.commercial_partner_id = ANY(%(partners)s)
                   AND known.date IS NOT NULL
              GROUP BY p.commercial_partner_id
                """,
                company=company.id,
                partners=list(partner_ids),
            )
        )
        for partner_id, day in rows:
            found[partner_id] = max(day, found.get(partner_id, day))
        return found
