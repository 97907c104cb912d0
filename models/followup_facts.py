from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..lib import levels as rules


class FollowupFacts(models.AbstractModel):
    """Facts of the decision, fetched for any number of customers by a constant
    number of queries, and handed to the pure function of `lib.levels`."""

    _name = "followup.facts"
    _description = "Facts of the follow-up decision"

    @api.model
    def _get_customers(self, company, partner_ids=None, plan=None):
        """Customers of `company` with an open line, as `lib.levels.Customer`.

        :param partner_ids: ids of commercial entities; None for all of them
        :param plan: keep only the customers that this plan applies to
        :return: {commercial partner id: Customer}
        """
        rows_by_partner = {}
        for row in self._fetch_open_lines(company, partner_ids):
            rows_by_partner.setdefault(row["partner_id"], []).append(row)
        settings = self._fetch_settings(company, list(rows_by_partner))
        last_messages = self._fetch_last_messages(
            company, list(rows_by_partner), ["queued", "sent"]
        )
        customers = {}
        ranks = _Ranks(self.env, company)
        for partner_id, rows in rows_by_partner.items():
            customer_plan, stop = settings[partner_id]
            if plan and customer_plan != plan:
                continue
            customers[partner_id] = rules.Customer(
                id=partner_id,
                lines=tuple(self._make_line(row, customer_plan, ranks) for row in rows),
                last_message_on=last_messages.get(partner_id),
                stop=stop,
                plan=ranks.rules_of(customer_plan),
            )
        return customers

    @api.model
    def _decide_lines(self, company, on, partner_ids):
        """{move line id: LineDecision} of the open lines of these customers."""
        return {
            decision.line_id: decision
            for customer in self._get_customers(company, partner_ids).values()
            for decision in rules.decide_customer(customer, on).lines
        }

    @api.model
    def _fetch_open_lines(self, company, partner_ids=None):
        """Open posted lines of the followed accounts of `company`, one dict a line.

        Amounts come as text: Odoo reads numeric columns as floats.
        The condition on `reconciled` is the one of core's partial index. Lines
        without a partner belong to nobody and cannot be chased.
        """
        self._flush_facts()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT l.id,
                       p.commercial_partner_id AS partner_id,
                       l.date_maturity,
                       l.date,
                       COALESCE(l.invoice_date, l.date) AS invoice_date,
                       l.amount_residual::text,
                       l.amount_residual_currency::text,
                       c.name AS currency,
                       a.followup_kind,
                       l.followup_level_id,
                       l.followup_date,
                       COALESCE(l.no_followup, FALSE) AS no_followup,
                       COALESCE(l.followup_stop, FALSE) AS followup_stop,
                       %(automatic)s AS automatic_payment
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                  JOIN res_partner p ON p.id = l.partner_id
                  JOIN res_currency c ON c.id = l.currency_id
                 WHERE l.company_id = %(company)s
                   AND l.parent_state = 'posted'
                   AND (l.reconciled IS NULL OR l.reconciled = FALSE)
                   AND (l.amount_residual <> 0 OR l.amount_residual_currency <> 0)
                   AND a.followup_kind IS NOT NULL
                   %(partners)s
                 ORDER BY p.commercial_partner_id, l.date_maturity, l.id
                """,
                automatic=self._sql_automatic_payment(),
                company=company.id,
                partners=SQL("")
                if partner_ids is None
                else SQL(
                    "AND p.commercial_partner_id = ANY(%s)", list(partner_ids)
                ),
            )
        )

    @api.model
    def _flush_facts(self):
        """Write pending values of the tables that the queries of this file read."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type"])
        self.env["account.account"].flush_model(["followup_kind"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])

    @api.model
    def _sql_automatic_payment(self):
        """Is line `l` to be collected by us (direct debit, LCR)? Then it is not chased."""
        return SQL("COALESCE(l.followup_automatic_payment, FALSE)")

    @api.model
    def _fetch_settings(self, company, partner_ids):
        """{partner id: (plan or an empty recordset, stop)} in `company`."""
        default = self.env["followup.plan"].sudo()._get_default_for(company)
        partners = self._browse_customers(company, partner_ids)
        return {
            partner.id: (partner.followup_plan_id or default, partner.followup_stop)
            for partner in partners
        }

    @api.model
    def _browse_customers(self, company, partner_ids):
        """These partners in `company`, with nothing in memory but what the follow-up asks of them."""
        partners = self.env["res.partner"].sudo().with_company(company).browse(partner_ids)
        partners.fetch(["followup_plan_id", "followup_stop", "followup_user_id", "user_id"])
        return partners

    @api.model
    def _fetch_last_messages(self, company, partner_ids, states):
        """{partner id: day of the last message in one of these states}."""
        groups = (
            self.env["followup.reminder"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", partner_ids),
                    ("state", "in", states),
                ],
                ["partner_id"],
                ["date:max"],
            )
        )
        return {partner.id: day for partner, day in groups}

    @api.model
    def _make_line(self, row, plan, ranks):
        level_id = row["followup_level_id"]
        return rules.Line(
            id=row["id"],
            due_date=row["date_maturity"],
            entry_date=row["date"],
            invoice_date=row["invoice_date"],
            residual=Decimal(row["amount_residual"] or 0),
            currency=row["currency"],
            residual_currency=Decimal(row["amount_residual_currency"] or 0),
            account_kind=row["followup_kind"],
            delivered_rank=ranks.of(plan, level_id) if level_id else None,
            delivered_on=row["followup_date"],
            no_followup=row["no_followup"],
            stop=row["followup_stop"],
            automatic_payment=row["automatic_payment"],
        )


class _Ranks:
    """Plans as rules, and ranks of delivered levels, each computed once."""

    def __init__(self, env, company):
        self._levels = env["followup.level"].sudo().with_context(active_test=False)
        self._region = company.sudo()._followup_region()
        self._rules = {}
        self._ranks = {}

    def rules_of(self, plan):
        if plan.id not in self._rules:
            self._rules[plan.id] = (
                plan._get_rules(self._region) if plan else self._no_plan()
            )
        return self._rules[plan.id]

    def _no_plan(self):
        """A plan without level: figures are right, nothing is ever due."""
        return rules.Plan(
            id=0,
            levels=(),
            strict_order=False,
            minimum_interval=0,
            customer_threshold=Decimal(0),
            line_minimum=Decimal(0),
            region=self._region,
        )

    def of(self, plan, level_id):
        if not plan:
            return None
        key = plan.id, level_id
        if key not in self._ranks:
            self._ranks[key] = plan._rank_of(self._levels.browse(level_id))
        return self._ranks[key]
