from dataclasses import dataclass, field
from typing import Any

from odoo import models

from ..lib.sage100.tiers_values import same_value

# Odoo makes it up from another field: no conflict of its own.
DERIVED = frozenset({"followup_stop_reason"})


@dataclass
class PartnerPlan:
    """What a synchronisation will write on a partner: values that are free to be written, and those in dispute."""

    record: Any
    customer: Any  # as read in Sage
    news: dict[str, Any]
    before: dict[str, Any]
    free: dict[str, Any]
    disputed: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)


class Sage100LoaderPartner(models.AbstractModel):
    """The rule on values typed in Odoo: Sage overwrites a field only while it holds what Sage last wrote there.

    ``last_values`` of a binding keeps, for each field, the value in Sage and the value then written in Odoo, which
    reformats some of them (VAT number, telephone, HTML).
    """

    _name = "sage100.loader.partner"
    _description = "Sage 100 import: values of partners"

    @staticmethod
    def _remember(partner, names):
        """Return field → value now in Odoo, plain."""
        return {name: partner._fields[name].convert_to_write(partner[name], partner) for name in names}

    @staticmethod
    def _get_blank(partner, name):
        """Return what a field holds when nobody filled it: False, or the default of the company."""
        definition = partner._fields[name]
        if not definition.company_dependent:
            return False
        return definition.convert_to_write(definition.get_company_dependent_fallback(partner), partner)

    def _plan(self, record, vals, weak=(), customer=None):
        """Return what to write for the values that changed in Sage since the last synchronisation.

        ``weak`` names the values that Sage does not really state: they fill a blank and dispute nothing.
        """
        last = record.last_values or {}
        news = {name: value for name, value in vals.items() if name not in last or last[name][0] != value}
        partner = record.partner_id
        before = {name: last[name][1] if name in last else self._get_blank(partner, name) for name in news}
        plan = PartnerPlan(record, customer, news, before, {})
        for name, now in self._remember(partner, news).items():
            value = news[name]
            if (before[name] or False) == (now or False):
                plan.free[name] = value
            elif same_value(name, value, now):
                plan.before[name] = now  # both say the same: Sage may go on
            elif (name in last or value) and name not in weak and name not in DERIVED:
                plan.disputed[name] = value
        return plan

    def _apply(self, plan):
        """Write what is free to be written; what someone changed stays, with the last imported value as its mark."""
        record = plan.record
        partner, last = record.partner_id, dict(record.last_values or {})
        if plan.facts:
            record.write(plan.facts)
        if not plan.news:
            return
        if plan.free:
            free = {
                name: self._get_blank(partner, name) if value is False else value for name, value in plan.free.items()
            }
            partner.write(free)
        after = self._remember(partner, plan.free)
        for name, value in plan.news.items():
            last[name] = [value, after[name] if name in after else plan.before[name]]
        record.last_values = last

    def _get_marks(self, partner, vals):
        """Return the ``last_values`` of a partner just made from these values."""
        now = self._remember(partner, vals)
        return {name: [value, now[name]] for name, value in vals.items()}

    @staticmethod
    def _get_changes(record, vals):
        """Return the values that differ from the record's."""
        definitions = record._fields
        return {
            name: value
            for name, value in vals.items()
            if (definitions[name].convert_to_write(record[name], record) or False) != (value or False)
        }
