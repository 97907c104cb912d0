from decimal import Decimal

from odoo import api, fields, models

from .followup_penalty_company import format_rate


class FollowupReminder(models.Model):
    """What the texts and the letters say of the penalties: all of it read in what the message keeps."""

    _inherit = "followup.reminder"

    penalties_table = fields.Html(compute="_compute_penalties_table", sanitize=False)

    @api.depends("penalty_mode", "line_ids.interest", "line_ids.indemnity")
    @api.depends_context("lang")
    def _compute_penalties_table(self):
        """Principal, penalties, indemnity and total, each currency apart; empty when the message mentions none."""
        for reminder in self:
            reminder.penalties_table = reminder._has_penalty_annex() and self.env["ir.qweb"]._render(
                "account_receivable_followup.reminder_penalties_table", {"reminder": reminder}
            )

    def _has_penalty_annex(self):
        """Return whether the message has penalties to detail, day by day, at the end of the letter."""
        self.ensure_one()
        return self.penalty_mode in ("show", "claim") and bool(self._penalty_lines())

    def _penalty_lines(self):
        """Lines that bear penalties, the oldest due date first."""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line.interest or line.indemnity).sorted(
            lambda line: (line.due_date, line.id)
        )

    def _claimed_by_currency(self):
        """[(currency, principal, interest, indemnity, total)]: currencies are never added together.

        The total holds the penalties whether they are shown or claimed; the indemnity is in the company's currency.
        """
        self.ensure_one()
        groups = {currency: [principal, 0, 0] for currency, principal in self._get_principals().items()}
        for line in self._penalty_lines():
            groups[line.currency_id][1] += line.interest
            if line.indemnity:
                groups.setdefault(self.currency_id, [0, 0, 0])[2] += line.indemnity
        return [(currency, *amounts, sum(amounts)) for currency, amounts in groups.items()]

    def _get_penalty_regimes(self):
        """{regime of each line that bears penalties} (`lib.penalties.Regime`)."""
        return {line.penalty_detail["regime"] for line in self._penalty_lines()}

    def _get_penalty_rates(self, currency):
        """“13,15 %, 12,15 %”: the rates of the lines in this currency, each once."""
        lines = self._penalty_lines().filtered(lambda line: line.currency_id == currency)
        texts = [row["rate_text"] for line in lines for row in line._get_penalty_slices() if row["rate_text"]]
        return ", ".join(dict.fromkeys(texts))

    def _get_penalty_imputation(self):
        """What part payments paid first: ``principal`` or ``interest``; False when there was none."""
        found = [line.penalty_detail["imputation"] for line in self._penalty_lines()]
        return next(filter(None, found), False)

    def _get_penalty_until(self):
        """Last day that interest is counted for: the message's own, unless rates are missing."""
        self.ensure_one()
        rows = [row for line in self._penalty_lines() for row in line._get_penalty_slices() if row["rate"]]
        return max((row["last"] for row in rows), default=self.date)

    def _get_penalty_missing_since(self):
        """First day whose rate is not known, over all the lines; False when all are."""
        self.ensure_one()
        days = [(line.penalty_detail or {}).get("missing_since") for line in self.line_ids]
        return fields.Date.to_date(min(filter(None, days), default=False))

    def _get_penalty_tables(self):
        """Tables of the annex, one a currency: [{currency, rows, interest, indemnity}].

        Each row has its kind (``title``, ``slice``, ``paid``, ``indemnity``) and what the table comes to so far, for
        the sums carried over the pages.
        """
        self.ensure_one()
        tables = []
        for currency, lines in self._penalty_lines().grouped("currency_id").items():
            rows, so_far = [], 0
            for line in lines:
                found = [{"kind": "title", "line": line}]
                found += [{"kind": "slice", **each} for each in line._get_penalty_slices()]
                if line.penalty_detail["paid"]:
                    found.append({"kind": "paid", "amount": -line.penalty_detail["paid"]})
                if line.indemnity:
                    found.append({"kind": "indemnity", "amount": line.indemnity})
                for row in found:
                    counts = row["kind"] != "indemnity" or currency == self.currency_id
                    so_far += row.get("amount", 0) if counts else 0
                    row["carried"] = False if row["kind"] == "title" else currency.format(so_far)
                rows += found
            sums = {name: sum(lines.mapped(name)) for name in ("interest", "indemnity")}
            tables.append({"currency": currency, "rows": rows, **sums})
        return tables


class FollowupReminderLine(models.Model):
    """The penalties of a line, in words."""

    _inherit = "followup.reminder.line"

    penalty_rate = fields.Char(string="Penalty rate", compute="_compute_penalty_rate")

    @api.depends("penalty_detail")
    @api.depends_context("lang")
    def _compute_penalty_rate(self):
        """“13,15 %, 12,15 %”: each rate once, in order."""
        for line in self:
            texts = dict.fromkeys(row["rate_text"] for row in line._get_penalty_slices() if row["rate_text"])
            line.penalty_rate = ", ".join(texts) or False

    def _get_penalty_slices(self):
        """Rows of the day-by-day detail: dates as dates, rates as people write them (False: not known)."""
        self.ensure_one()
        return [
            {
                **row,
                "first": fields.Date.to_date(row["first"]),
                "last": fields.Date.to_date(row["last"]),
                "rate_text": row["rate"] and f"{format_rate(self.env, Decimal(row['rate']))}\u00a0%",
            }
            for row in (self.penalty_detail or {}).get("slices", [])
        ]
