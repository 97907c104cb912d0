from odoo import api, fields, models
from odoo.tools import SQL

from ..lib import ageing
from ..lib import levels as rules
from ..lib.collector import uncollected
from ..lib.set_apart import set_apart
from .followup_facts import LEFT_STATES
from .sage100_bulk_copy import rows_as_table

#: Columns written by a rebuild, in the order of `_prepare_rows`.
COLUMNS = (
    "partner_id",
    "company_id",
    "plan_id",
    "user_id",
    "salesperson_id",
    "balance",
    "overdue",
    "not_due",
    "unallocated",
    "promised",
    "disputed",
    "bucket_1",
    "bucket_2",
    "bucket_3",
    "bucket_4",
    "overdue_count",
    "oldest_due_date",
    "level_id",
    "next_level_id",
    "next_date",
    "reason",
    "mode",
    "ask_reason",
    "payer_id",
    "stopped",
    "last_reminder_date",
    "last_payment_date",
    "last_move_date",
)


class FollowupSituation(models.Model):
    """Who owes what: one commercial entity in one company.

    Rows are written by `_rebuild` only, set-wise and from the facts alone: once the
    queue is drained, they equal what a rebuild from nothing would give.
    Amounts are in the company currency.
    """

    _name = "followup.situation"
    _description = "Account situation"
    _order = "overdue DESC, id"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one("followup.plan", ondelete="set null")
    user_id = fields.Many2one(
        "res.users", string="Person in charge", ondelete="set null"
    )
    salesperson_id = fields.Many2one(
        "res.users", ondelete="set null"
    )
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    city = fields.Char(related="partner_id.city")
    # Amounts
    balance = fields.Monetary()
    overdue = fields.Monetary()
    not_due = fields.Monetary(string="Not due")
    unallocated = fields.Monetary(
        string="Unallocated credits",
        help="Payments and credit notes not matched with an invoice yet.",
    )
    promised = fields.Monetary(help="Still waited for: promised on open lines, days of grace included.")
    disputed = fields.Monetary(help="Contested on open lines: not claimed until the dispute is settled.")
    bucket_1 = fields.Monetary(string="1–30 days")
    bucket_2 = fields.Monetary(string="31–60 days")
    bucket_3 = fields.Monetary(string="61–90 days")
    bucket_4 = fields.Monetary(string="Over 90 days")
    overdue_count = fields.Integer(string="Overdue lines")
    # Follow-up
    oldest_due_date = fields.Date(string="Oldest due date")
    days_late = fields.Integer(
        string="Days late",
        compute="_compute_days_late",
        help="Calendar days since the oldest due date passed.",
    )
    level_id = fields.Many2one(
        "followup.level", string="Highest level", ondelete="set null"
    )
    next_level_id = fields.Many2one(
        "followup.level", string="Next level", ondelete="set null"
    )
    next_date = fields.Date(string="Next step on")
    reason = fields.Selection(
        selection="_selection_reason", string="Why not today", readonly=True
    )
    mode = fields.Selection(
        [
            ("automatic", "Automatic"),
            ("confirm", "Automatic, to confirm"),
            ("manual", "Manual"),
        ],
        string="Leaves",
        help="How the message due today leaves. Empty: none is due.",
    )
    ask_reason = fields.Selection(
        selection="_selection_reason", string="Why a person decides", readonly=True
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Chased at",
        index="btree_not_null",
        ondelete="set null",
        help="The payer, when it is chased for this customer.",
    )
    stopped = fields.Boolean()
    last_reminder_date = fields.Date(string="Last reminder")
    last_payment_date = fields.Date(string="Last payment")
    last_move_date = fields.Date(string="Last entry")

    # A constraint and not an index: merging customers looks for it.
    _partner_company_uniq = models.Constraint(
        "UNIQUE(company_id, partner_id)", "A customer has one situation a company."
    )
    #: Default order of the main screen.
    _overdue_idx = models.Index("(company_id, overdue DESC, id)")

    @api.depends("oldest_due_date")
    def _compute_days_late(self):
        for situation in self:
            today = situation.company_id.sudo()._followup_today()
            due = situation.oldest_due_date
            situation.days_late = max((today - due).days, 0) if due else 0

    @api.model
    def _selection_reason(self):
        return self.env["followup.reminder.line"]._selection_reason()

    # Keeping up to date

    @api.model
    def _refresh(self, companies=None):
        """Bring the situations of `companies` (the active ones) up to date."""
        for company in (companies or self.env.companies).sudo():
            today = company._followup_today()
            if company.followup_situation_date != today:
                self._rebuild_company(company, today)
            else:
                self._drain_queue(company, today)

    @api.model
    def _rebuild_company(self, company, on):
        """Rebuild every situation of `company` as of `on`, the company's day."""
        self.env["followup.situation.queue"].sudo()._take(company)
        self._rebuild(company, on)
        self.env["followup.plan.match"].sudo()._refresh(company)
        self.env.cr.execute(
            "UPDATE res_company SET followup_situation_date = %s WHERE id = %s",
            (on, company.id),
        )
        company.invalidate_recordset(["followup_situation_date"])

    @api.model
    def _drain_queue(self, company, on=None):
        """Rebuild the customers of `company` that something touched."""
        partner_ids = self.env["followup.situation.queue"].sudo()._take(company)
        partner_ids |= self.env["followup.plan.match"].sudo()._refresh(company)
        if partner_ids:
            self._rebuild(company, on or company._followup_today(), partner_ids)

    @api.model
    def _cron_refresh(self):
        """Scheduled action, also triggered when something is queued."""
        for company in self.env["res.company"].sudo().search([]):
            self._refresh(company)
            self.env["ir.cron"]._commit_progress(1)

    # Rebuilding

    @api.model
    def _rebuild(self, company, on, partner_ids=None):
        """Write the situations of these customers (None: all) as of the day `on`.

        Plain SQL bypasses the ORM: the model has no computed stored field, no
        constraint and no follower; its cache is invalidated.
        """
        if partner_ids is not None:
            partner_ids = self.env["followup.facts"]._get_families(company, partner_ids)
        rows = self._prepare_rows(company, on, partner_ids)
        gone = SQL(
            "DELETE FROM followup_situation WHERE company_id = %s AND"
            " NOT (partner_id = ANY(%s)) %s",
            company.id,
            [row[0] for row in rows],
            SQL("")
            if partner_ids is None
            else SQL("AND partner_id = ANY(%s)", list(partner_ids)),
        )
        self.env.cr.execute(gone)
        if rows:
            kinds = {name: self._fields[name].column_type[1] for name in COLUMNS}
            values = [SQL.identifier(name) for name in COLUMNS[2:]]
            self.env.cr.execute(
                SQL(
                    "INSERT INTO followup_situation AS s (%(columns)s) SELECT * FROM %(rows)s"
                    " ON CONFLICT (company_id, partner_id) DO UPDATE SET (%(values)s) = (%(new)s)"
                    " WHERE (%(old)s) IS DISTINCT FROM (%(new)s)",
                    columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                    rows=rows_as_table(rows, kinds),
                    values=SQL(", ").join(values),
                    old=SQL(", ").join(SQL("s.%s", name) for name in values),
                    new=SQL(", ").join(SQL("EXCLUDED.%s", name) for name in values),
                )
            )
        self.invalidate_model()

    @api.model
    @uncollected()
    def _prepare_rows(self, company, on, partner_ids=None):
        """Values of `COLUMNS`, one tuple a customer that has entries in `company`."""
        accounts = self._fetch_accounts(company, partner_ids)
        Facts = self.env["followup.facts"]
        ledger = Facts._get_ledger(company, None if partner_ids is None else list(accounts), also=accounts)
        reminded_on = Facts._fetch_last_messages(company, list(accounts), list(LEFT_STATES))
        decisions = {key: rules.decide_customer(customer, on) for key, customer in ledger.customers.items()}
        return [
            self._prepare_row(number, company, on, ledger, decisions, account, reminded_on.get(number))
            for number, account in accounts.items()
        ]

    @api.model
    def _prepare_row(self, number, company, on, ledger, decisions, account, reminded_on):
        settings = ledger.settings[number]
        lines = ledger.lines.get(number, ())
        key = ledger.keys[number]
        decision = decisions.get(key) if lines or key == number else None
        message = decision.messages[0] if decision and decision.messages else None
        ages = ageing.age(lines, on)
        promised, disputed = set_apart(lines, on)
        overdue = [
            due
            for line in lines
            if line.residual > 0 and (due := line.due_date or line.entry_date) < on
        ]
        step = decision and (decision.level or decision.next_level)
        return (
            number,
            company.id,
            ledger.plans[number] or None,
            settings.user_id,
            settings.salesperson_id,
            ages.balance,
            ages.overdue,
            ages.not_due,
            ages.unallocated,
            promised,
            disputed,
            *ages.buckets,
            len(overdue),
            min(overdue, default=None),
            ledger.levels.get(number),
            step.id if step else None,
            decision.next_date if decision else None,
            str(decision.reason) if decision and decision.reason else None,
            str(message.mode) if message else None,
            str(message.ask) if message and message.ask else None,
            key if key != number else None,
            settings.is_stopped(on),
            reminded_on,
            account["last_payment_date"],
            account["last_move_date"],
        )

    @api.model
    def _fetch_accounts(self, company, partner_ids=None):
        """{partner id: dates of its last entries}, one for each customer that has, or had, one on a followed account.

        Every entry of the company is read: each is grouped by its own partner first, and credit notes alone are joined.
        """
        self.env["followup.facts"]._flush_facts()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH dates AS (
                    SELECT l.partner_id,
                           MAX(l.date) AS last_move_date,
                           MAX(l.date) FILTER (WHERE l.balance < 0 AND note.id IS NULL) AS last_payment_date
                      FROM account_move_line l
                 LEFT JOIN account_move note ON note.id = l.move_id AND note.move_type = 'out_refund'
                     WHERE %s
                  GROUP BY l.partner_id
                )
                SELECT p.commercial_partner_id AS partner_id,
                       MAX(dates.last_move_date) AS last_move_date,
                       MAX(dates.last_payment_date) AS last_payment_date
                  FROM dates
                  JOIN res_partner p ON p.id = dates.partner_id
              GROUP BY p.commercial_partner_id
                """,
                self._sql_followed_lines(company, partner_ids),
            )
        )
        return {row.pop("partner_id"): row for row in rows}

    @api.model
    def _sql_followed_lines(self, company, partner_ids):
        """Condition on `l`: a posted line on a followed account, of these commercial entities (None: of all)."""
        return SQL(
            "l.company_id = %s AND l.parent_state = 'posted'"
            " AND l.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE followup_kind IS NOT NULL)) %s",
            company.id,
            SQL("")
            if partner_ids is None
            else SQL(
                "AND l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))",
                list(partner_ids),
            ),
        )
