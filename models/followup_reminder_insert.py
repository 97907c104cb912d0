"""Messages and their lines, from decisions to the tables.

For thousands of customers: a few statements, whatever their number. The ORM is bypassed; what it would have done is
done here: defaults, the stored computed fields of other add-ons, the cache.
"""

from decimal import ROUND_HALF_UP, Decimal

from odoo.tools import SQL

from ..lib import levels as rules
from .sage100_bulk_copy import copy_rows, next_ids, rows_as_table

ZERO = Decimal(0)
MANUAL = rules.Mode.MANUAL
SILENT_REASONS = {rules.Reason.NOT_DUE, rules.Reason.CREDIT, rules.Reason.PAID}
#: What a row says of a line; the rest is copied from the line itself, by PostgreSQL.
LINE_ARRAYS = {
    "reminder_id": "int",
    "line_id": "int",
    "level_id": "int",
    "raises": "bool",
    "reason": "varchar",
    "days_late": "int",
    "promised": "numeric",
    "disputed": "numeric",
    "in_process": "numeric",
    "credit": "numeric",
    "shown_only": "bool",
}


#: Totals of a message that lists nothing.
NO_TOTALS = dict.fromkeys(("amount_due", "promised_amount", "disputed_amount"), ZERO) | {
    "line_count": 0,
    "days_late": 0,
}


class _Totals:
    """Totals of one message in the company's currency: the sums that `_sum_lines` would find, to the cent."""

    def __init__(self, cent):
        """``cent``: the smallest unit of the currency."""
        self.vals = dict(NO_TOTALS)
        self._cent = cent

    def add_debt(self, line, days_late, promised, disputed, in_process):
        """Count a line listed and its parts not claimed, which are in the line's own currency (None: nothing)."""
        vals = self.vals
        vals["line_count"] += 1
        vals["days_late"] = max(vals["days_late"], days_late)
        withheld = (promised or ZERO) + (disputed or ZERO) + (in_process or ZERO)
        vals["amount_due"] += self._share(line, line.residual_currency - withheld)
        if promised:
            vals["promised_amount"] += self._share(line, promised)
        if disputed:
            vals["disputed_amount"] += self._share(line, disputed)

    def deduct(self, line, amount):
        """Count a credit, or the part of it (in its own currency, positive) that the message deducts."""
        self.vals["amount_due"] += self._share(line, -amount)

    def _share(self, line, amount):
        """``amount`` of a line's own currency in the company's, at the line's own rate."""
        if amount == line.residual_currency:
            return line.residual
        return (line.residual * amount / line.residual_currency).quantize(self._cent, ROUND_HALF_UP)


class ReminderRows:
    """Rows of the reminders of one run, gathered in memory and then written at once."""

    def __init__(self, run, decided):
        """``decided``: {customer id: (Customer, CustomerDecision)}."""
        self.run = run
        self.env = run.env
        self.decided = decided
        self.reminders = []
        self.recipients = []
        self.lines = []
        self.excluded = []
        self.cent = Decimal(1).scaleb(-run.company_id.currency_id.decimal_places)

    # Gathering

    def compose(self):
        """Turn the decisions into rows: messages that reach somebody, lines listed, lines left out."""
        keys = self._get_keys(key for key, (_customer, decision) in self.decided.items() if decision.messages)
        problems = self.add_messages(
            [
                (*keys[partner_id], customer, decision, message)
                for partner_id, (customer, decision) in self.decided.items()
                for message in decision.messages
            ]
        )
        for customer, decision in self.decided.values():
            self._add_excluded(customer, decision, problems)

    def add_thanks(self, found):
        """Rows of the messages of thanks. ``found``: {customer id: (Customer, Message)}."""
        keys = self._get_keys(found)
        self.add_messages([(*keys[number], customer, None, message) for number, (customer, message) in found.items()])

    def add_messages(self, wanted):
        """Rows of messages that reach somebody.

        :param wanted: [(partner, person in charge, Customer, CustomerDecision, Message)]; thanks have no decision
        :return: {line id: why the message that should have listed it is not there}
        """
        found = self.env["followup.recipients"]._get(
            [(partner.id, message.level.id, user.id) for partner, user, _customer, _decision, message in wanted],
            self.run.company_id,
        )
        problems = {}
        asked_level = self.run.level_id
        for partner, user, customer, decision, message in wanted:
            level = self.env["followup.level"].browse(message.level.id)
            if asked_level and level != asked_level:
                problems.update(self._refusals(asked_level, customer, message))
                continue
            recipients = found[partner.id, level.id, user.id]
            channel = recipients.choose(level.channel, level.plan_id.fallback_channel or None)
            problem = recipients.problem(channel)
            if problem:
                problems.update(dict.fromkeys(message.listed, problem))
                continue
            for number, one in enumerate(self._channels(level, channel, recipients)):
                self._add(partner, user, level, one, recipients, message, number)
                if decision:
                    self.add_listed(None, customer, decision, message, raises=not number)
                else:
                    self._add_paid(message)
        return problems

    def _refusals(self, level, customer, message):
        """{line id: why the level chosen by hand cannot be sent for it}."""
        plan = customer.plan
        chosen = next((each for each in plan.levels if each.id == level.id), None)
        late = rules.Reason.PREVIOUS_NOT_DONE
        if not chosen:
            return dict.fromkeys(message.listed, "other_plan")
        facts = {line.id: line for line in customer.lines}
        return {one: rules.refusal(facts[one], plan, chosen, self.run.date) or late for one in message.listed}

    def _get_keys(self, partner_ids):
        """{customer id: (partner, person in charge)}."""
        company = self.run.company_id
        partners = self.env["followup.facts"]._browse_customers(company, list(partner_ids))
        default = company.followup_user_id or self.run.user_id
        return {partner.id: (partner, partner.followup_user_id or default) for partner in partners}

    def _channels(self, level, channel, recipients):
        """The channel of the message, then those of its companions that reach somebody (R15)."""
        yield channel
        if level.also_letter and channel != "letter" and not recipients.problem("letter"):
            yield "letter"
        if level.also_sms and channel != "sms" and not recipients.problem("sms"):
            yield "sms"

    def _add(self, partner, user, level, channel, recipients, message, number):
        """Row of one message; ``number`` is 0 for the message itself, then 1, 2… for its companions."""
        mode = message.mode
        vals = recipients.vals(channel)
        self.recipients.append(recipients.ids(channel))
        self.reminders.append(
            {
                "partner_id": partner.id,
                "user_id": user.id or None,
                "level_id": level.id,
                "level_name": level.name,
                "message_key": message.key,
                "level_by_hand": bool(self.run.level_id),
                "companion_of_id": number or None,  # how many rows before this one; an id when it is written
                "mode": str(mode),
                "ask_reason": message.ask and str(message.ask),
                # Who chose this very customer, or this very level, has decided.
                "to_decide": mode == MANUAL and not self.run.by_hand and not self.run.level_id,
                "channel": channel,
                "recipient_id": vals["recipient_id"] or None,
                "email_to": vals["email_to"] or None,
                "email_cc": vals["email_cc"] or None,
                **NO_TOTALS,
            }
        )

    def add_listed(self, reminder_id, customer, decision, message, raises=True):
        """Rows of the lines that a message lists, and of the credits that it shows (R04).

        :param reminder_id: the message, or None for the last one added
        :param raises: whether the lines that are due rise with it; they do not with a companion
        """
        key = reminder_id or -len(self.reminders)
        due = frozenset(message.due) if raises else ()
        listed = frozenset(message.listed)
        decisions = {item.line_id: item for item in decision.lines if item.line_id in listed}
        facts = {line.id: line for line in customer.lines}
        totals = _Totals(self.cent)
        for line_id in message.listed:
            item, line = decisions[line_id], facts[line_id]
            promised, disputed, in_process = parts = self._parts(line, item)
            level_id = item.level.id if item.level else None
            self.lines.append(
                (
                    key,
                    line_id,
                    level_id,
                    line_id in due,
                    None,
                    item.days_late,
                    promised,
                    disputed,
                    in_process,
                    None,
                    False,
                )
            )
            totals.add_debt(line, item.days_late, *parts)
        shown_only = customer.plan.credit_policy == rules.CreditPolicy.SHOW
        for line_id, amount in message.credits:
            self.lines.append((key, line_id, None, False, None, 0, None, None, None, amount, shown_only))
            if not shown_only:
                totals.deduct(facts[line_id], amount)
        if not reminder_id:
            self.reminders[-1].update(totals.vals)

    def _add_paid(self, message):
        """Rows of the lines that thanks mention: nothing is left of them."""
        key = -len(self.reminders)
        self.lines += [
            (key, line_id, None, False, None, 0, None, None, None, None, False) for line_id in message.listed
        ]

    def _parts(self, line, item):
        """What is not claimed of a line: promised, disputed, under way (its own currency; None for nothing)."""
        left = line.residual_currency - item.claimed
        if not left or not item.claimed:
            return None, None, None
        disputed = min(line.disputed_amount or ZERO, left)
        promised = min(line.promised_amount or ZERO, left - disputed)
        return promised or None, disputed or None, left - disputed - promised or None

    def _add_excluded(self, customer, decision, problems):
        """Rows of the lines left out, each with its reason; a line not even due says nothing."""
        listed = frozenset(decision.listed)
        for line, item in zip(customer.lines, decision.lines, strict=True):
            if line.id in listed:
                reason = problems.get(line.id)
            elif item.overdue or item.reason not in SILENT_REASONS:
                reason = item.reason
            else:
                continue
            if reason and line.residual > ZERO:
                self.excluded.append(
                    (None, line.id, None, False, str(reason), item.days_late, None, None, None, None, False)
                )

    # Writing

    def insert(self):
        """Insert everything; return the reminders."""
        Reminder = self.env["followup.reminder"]
        ids = next_ids(self.env, Reminder._table, len(self.reminders))
        rows, columns = self._finish(ids)
        defaults = self._get_defaults(Reminder, columns)
        copy_rows(self.env, Reminder._table, [*columns, *defaults], [(*row, *defaults.values()) for row in rows])
        relation = Reminder._fields["recipient_ids"]
        pairs = [(one, contact) for one, contacts in zip(ids, self.recipients, strict=True) for contact in contacts]
        copy_rows(self.env, relation.relation, [relation.column1, relation.column2], pairs)
        # add_listed() counted the reminders: -1 is the first one.
        self.lines = [(ids[-line[0] - 1], *line[1:]) for line in self.lines]
        self.insert_lines(summed=True)
        reminders = Reminder.browse(ids)
        self._compute_others(reminders, columns)
        return reminders

    def _finish(self, ids):
        """(rows, columns) of the reminders, with what the situations say of the customers."""
        situations = self._get_situations()
        common = {
            "run_id": self.run.id,
            "company_id": self.run.company_id.id,
            "date": self.run.date,
            "state": "prepared",
            "notice_end": None,  # runs from the receipt of what has left
        }
        empty = dict.fromkeys(("balance", "previous_level_id", "previous_date", "last_move_date"))
        rows, columns = [], ["id"]
        for position, (reminder_id, vals) in enumerate(zip(ids, self.reminders, strict=True)):
            if vals["companion_of_id"]:
                vals["companion_of_id"] = ids[position - vals["companion_of_id"]]
            vals = {"id": reminder_id, **common, **vals, **situations.get(vals["partner_id"], empty)}
            columns = list(vals)
            rows.append(tuple(vals.values()))
        return rows, columns

    def _get_situations(self):
        partner_ids = list({vals["partner_id"] for vals in self.reminders})
        self.env["followup.situation"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT partner_id,
                       balance,
                       level_id AS previous_level_id,
                       last_reminder_date AS previous_date,
                       last_move_date
                  FROM followup_situation
                 WHERE company_id = %s AND partner_id = ANY(%s)
                """,
                self.run.company_id.id,
                partner_ids,
            )
        )
        return {row.pop("partner_id"): row for row in rows}

    def _get_defaults(self, records, columns):
        """{column: value} that the ORM would have given to fields that nothing here fills."""
        stamps = {
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": self.env.cr.now(),
            "write_date": self.env.cr.now(),
        }
        names = [
            name
            for name, field in records._fields.items()
            if field.store and field.column_type and not field.compute and name not in {*columns, *stamps, "id"}
        ]
        defaults = dict(stamps)
        for name, value in records.default_get(names).items():
            field = records._fields[name]
            defaults[name] = field.convert_to_column_insert(field.convert_to_cache(value, records), records)
        return defaults

    def _compute_others(self, records, columns):
        """Hand to the ORM the stored computed fields that it would have computed."""
        records.invalidate_model()
        for name, field in records._fields.items():
            if field.store and field.compute and name not in columns:
                self.env.add_to_compute(field, records)

    def insert_lines(self, summed=False):
        """Insert the rows of the lines; give the reminders the totals that follow, unless they have them already."""
        rows = self.lines + self.excluded
        if not rows:
            return
        run = self.run
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type", "ref", "name"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO followup_reminder_line (
                    reminder_id, run_id, company_id, partner_id, move_line_id, document, label, document_date,
                    due_date, days_late, currency_id, amount, paid, residual, residual_company, level_id, raises,
                    reason, promised, disputed, in_process, shown_only
                )
                SELECT d.reminder_id, %(run)s, l.company_id, p.commercial_partner_id, l.id,
                       -- The number of a payment's piece says nothing to the customer.
                       CASE WHEN d.credit IS NULL THEN %(document)s
                            ELSE COALESCE(NULLIF(l.name, ''), %(document)s) END,
                       l.name,
                       COALESCE(l.invoice_date, l.date),
                       CASE WHEN d.credit IS NULL THEN COALESCE(l.date_maturity, l.date) END,
                       d.days_late,
                       l.currency_id,
                       l.amount_currency,
                       l.amount_currency - COALESCE(-d.credit, l.amount_residual_currency),
                       COALESCE(-d.credit, l.amount_residual_currency),
                       CASE WHEN d.credit IS NULL OR -d.credit = l.amount_residual_currency THEN l.amount_residual
                            ELSE ROUND(-d.credit * l.amount_residual / l.amount_residual_currency, %(digits)s) END,
                       COALESCE(d.level_id, l.followup_level_id),
                       d.raises,
                       d.reason,
                       COALESCE(d.promised, 0),
                       COALESCE(d.disputed, 0),
                       COALESCE(d.in_process, 0),
                       d.shown_only
                  FROM %(table)s WITH ORDINALITY AS d(%(names)s, position)
                  JOIN account_move_line l ON l.id = d.line_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner p ON p.id = l.partner_id
              ORDER BY d.position
                """,
                run=run.id or None,
                document=self.env["account.move.line"]._sql_followup_document(),
                digits=run.company_id.currency_id.decimal_places,
                table=rows_as_table(rows, LINE_ARRAYS),
                names=SQL(", ").join(map(SQL.identifier, LINE_ARRAYS)),
            )
        )
        self.env["followup.reminder.line"].invalidate_model()
        if not summed:
            self.env["followup.reminder"].browse({line[0] for line in self.lines})._sum_lines()
