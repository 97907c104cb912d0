from dataclasses import dataclass, field
from decimal import Decimal

from odoo import api, models

from ..lib import levels as rules
from .followup_facts_plans import PlanFacts
from .followup_facts_values import Settings

#: States of a reminder that left, or may have: nothing else leaves within the interval.
AWAY_STATES = ("queued", "printed", "todo", "sent", "uncertain")
#: States of a reminder that did leave.
LEFT_STATES = ("printed", "sent")


@dataclass(slots=True)
class Ledger:
    """Open accounts of a company, as the decision sees them.

    Ids are those of commercial entities. ``keys`` says at whom the lines of an entity are chased: itself, or its
    payer; ``customers`` are those who are chased; ``levels``, the highest level that an open line of an entity reached.
    """

    settings: dict[int, Settings]
    keys: dict[int, int] = field(default_factory=dict)
    plans: dict[int, int] = field(default_factory=dict)
    lines: dict[int, tuple[rules.Line, ...]] = field(default_factory=dict)
    customers: dict[int, rules.Customer] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)


class FollowupFacts(models.AbstractModel):
    """Facts of the decision, fetched for any number of customers by a constant
    number of queries, and handed to the pure function of `lib.levels`."""

    _name = "followup.facts"
    _description = "Facts of the follow-up decision"

    @api.model
    def _get_customers(self, company, partner_ids=None, plan=None, by_hand=False):
        """Customers of `company` with an open line, as `lib.levels.Customer`.

        A customer whose payer is chased for it is not there itself: its lines are its payer's.

        :param partner_ids: ids of commercial entities; None for all of them
        :param plan: keep only the customers that this plan applies to
        :param by_hand: a person chose these customers
        :return: {id of the commercial partner to chase: Customer}
        """
        ledger = self._get_ledger(company, partner_ids, by_hand)
        wanted = ledger.customers if partner_ids is None else {ledger.keys.get(number) for number in partner_ids}
        return {
            number: customer
            for number, customer in ledger.customers.items()
            if number in wanted and (not plan or customer.plan.id == plan.id)
        }

    @api.model
    def _decide_lines(self, company, on, partner_ids):
        """{move line id: LineDecision} of the open lines of these customers."""
        return {
            decision.line_id: decision
            for customer in self._get_customers(company, partner_ids).values()
            for decision in rules.decide_customer(customer, on).lines
        }

    @api.model
    def _get_ledger(self, company, partner_ids=None, by_hand=False, also=()):
        """Open accounts of these commercial entities, and of all those that are chased together with them.

        :param partner_ids: ids of commercial entities; None for all of them
        :param also: ids of entities whose settings and plan are wanted even when nothing is open
        """
        today = company.sudo()._followup_today()
        plans = PlanFacts(self.env, company)
        payers = self._fetch_payers(company) if plans.by_payer else {}
        books = self._fetch_open_lines(company, self._expand(partner_ids, payers))
        rows_by_partner = {}
        for row in books.rows:
            rows_by_partner.setdefault(row.partner_id, []).append(row)
        known = rows_by_partner.keys() | set(also)
        known |= {payers[number] for number in known if number in payers}
        ledger = Ledger(self._fetch_settings(company, known))
        balances = self._sum_balances(rows_by_partner, payers) if plans.by_amount else {}
        chosen = plans.choose(ledger.settings, balances)
        for number in known:
            key = self._get_key(number, payers, ledger.settings, chosen, today)
            ledger.keys[number] = key
            ledger.plans[number] = chosen[key].id
        groups = {}
        in_process = self._fetch_in_process(company, rows_by_partner)
        ranks = self._fetch_level_ranks()
        for number, rows in rows_by_partner.items():
            plan = plans.facts_of(chosen[ledger.keys[number]])
            ledger.lines[number] = tuple([self._make_line(row, books, plan, in_process) for row in rows])
            groups.setdefault(ledger.keys[number], []).append(number)
            ledger.levels[number] = max((row.level_id for row in rows), key=ranks.get)
        last_messages = self._fetch_last_messages(company, list(known), list(AWAY_STATES))
        for key, members in groups.items():
            days = [last_messages[number] for number in {key, *members} if number in last_messages]
            ledger.customers[key] = self._make_customer(
                key,
                tuple(line for number in members for line in ledger.lines[number]),
                plans.facts_of(chosen[key]).rules,
                ledger.settings[key],
                max(days, default=None),
                by_hand,
            )
        return ledger

    @api.model
    def _get_families(self, company, partner_ids):
        """These entities with all those whose decision may be the same; None stays None."""
        by_payer = PlanFacts(self.env, company).by_payer
        return self._expand(partner_ids, self._fetch_payers(company)) if by_payer else partner_ids

    @api.model
    def _fetch_level_ranks(self):
        """{level id: what orders it among all the levels, in whichever plan}; no level comes first."""
        Level = self.env["followup.level"].sudo().with_context(active_test=False)
        levels = Level.search_fetch([], ["phase", "sequence"])
        return {level.id: (level.phase != "prevention", level.sequence, level.id) for level in levels} | {None: ()}

    @api.model
    def _get_key(self, number, payers, settings, chosen, on):
        """Id of the entity at which the lines of entity `number` are chased.

        Its payer, when the payer's plan says so. Whoever is stopped, or in insolvency proceedings, stays apart: its
        lines have their own reason, and its credits pay nobody else's debts.
        """
        payer = payers.get(number, number)
        if payer == number or not chosen[payer].group_by_payer:
            return number
        return number if settings[number].is_apart(on) else payer

    @api.model
    def _sum_balances(self, rows_by_partner, payers):
        """{entity: open balance in company currency}; a payer's includes those it pays for."""
        balances = {}
        for number, rows in rows_by_partner.items():
            total = sum((Decimal(row.residual) for row in rows), Decimal(0))
            balances[number] = balances.get(number, Decimal(0)) + total
            if number in payers:
                balances[payers[number]] = balances.get(payers[number], Decimal(0)) + total
        return balances

    @api.model
    def _make_customer(self, key, lines, plan, settings, last_message_on, by_hand):
        return rules.Customer(
            id=key,
            lines=lines,
            plan=plan,
            last_message_on=last_message_on,
            stop=settings.stop,
            stop_until=settings.stop_until,
            proceedings_on=settings.proceedings_on,
            mode=settings.mode,
            forced_level_id=settings.forced_level_id,
            by_hand=by_hand,
        )

    @staticmethod
    def _make_line(row, books, plan, in_process):
        """A line as `lib.levels` reads it.

        :param in_process: {line id: part that payments on their way cover}
        """
        residual = Decimal(row.residual_currency or 0)
        promised_until, promised = row.get_promise(residual) if row.promised_until else (None, None)
        under_way = in_process.get(row.id) if in_process else None
        return rules.Line(
            id=row.id,
            due_date=row.due_date,
            entry_date=row.date,
            invoice_date=row.invoice_date,
            residual=Decimal(row.residual or 0),
            currency=books.currencies[row.currency_id],
            residual_currency=residual,
            account_kind=books.kinds[row.account_id],
            delivered_rank=plan.rank_of(row.level_id) if row.level_id else None,
            delivered_on=row.reminded_on,
            no_followup=row.no_followup,
            stop=row.stop,
            automatic_payment=row.automatic_payment,
            disputed=row.disputed,
            promised_until=promised_until,
            document=row.move_id,
            in_plan=plan.holds_all or plan.holds(row.journal_id, row.account_id),
            in_process=under_way is not None,
            in_process_amount=under_way if under_way != residual else None,
            handed_over=row.handed_over,
            stop_until=row.stop_until,
            disputed_amount=Decimal(row.disputed_amount) if row.disputed_amount else None,
            promised_amount=promised,
            not_before=row.not_before,
            forced_level_id=row.forced_level_id,
        )
