from datetime import date, datetime

from odoo import models
from odoo.tools import SQL

from .sage100_bulk_copy import Printed
from .sage100_bulk_write import LINE_COLUMNS, PARTIAL_COLUMNS

MODULE = "account_receivable_followup"
STAMPS = {"id", "create_uid", "write_uid", "create_date", "write_date"}
# Computed fields that a mirror leaves empty: it is no invoice, it has no tax, no product and no analytics.
EMPTY_MOVE = {
    "auto_post_until",
    "delivery_date",
    "fiscal_position_id",
    "incoterm_location",
    "invoice_incoterm_id",
    "invoice_payment_term_id",
    "invoice_user_id",
    "narration",
    "partner_bank_id",
    "partner_shipping_id",
    "payment_reference",
    "preferred_payment_method_line_id",
    "taxable_supply_date",
}
EMPTY_LINE = {
    "analytic_distribution",
    "invoice_date",
    "payment_id",
    "product_uom_id",
    "statement_id",
    "statement_line_id",
    "tax_group_id",
    "tax_ids",
    "tax_line_id",
}
# What a NOT NULL column gets until its own compute has run, by PostgreSQL type.
ZEROS = {
    "int4": "0",
    "int8": "0",
    "numeric": "0",
    "float8": "0",
    "bool": "f",
    "varchar": "",
    "text": "",
    "jsonb": "{}",
    "date": date.min.isoformat(),
    "timestamp": datetime.min.isoformat(),
}


class Guard:
    """What other add-ons put on the tables that the bulk path writes: nothing costs anything when there is nothing.

    Their stored computed fields are handed to the ORM, their defaults are filled, and the stored computed fields of
    other models that depend on what is written are computed again.
    """

    def __init__(self, env, filled):
        """Look at what is there. ``filled``: model → names that the loader takes care of."""
        self.env = env
        self.filled = filled
        self.computed = {model: self._get_computed(model) for model in filled}
        self._defaults = {model: self._get_defaults(model) for model in filled}
        self._trees = self._get_trees()
        self._pending = {}

    def defaults(self, model):
        """Return column → value of the plain columns of others, for each new row of a model."""
        return self._defaults[model]

    # What there is

    def _get_others(self, model):
        fields = self.env[model]._fields.values()
        return [field for field in fields if field.store and field.name not in self.filled[model] | STAMPS]

    def _get_computed(self, model):
        return [field for field in self._get_others(model) if field.compute]

    def _get_defaults(self, model):
        """Return column → text for COPY: the default as the ORM would write it, else something for NOT NULL."""
        others = {
            field.name: field for field in self._get_others(model) if field.column_type and not field.company_dependent
        }
        if not others:
            return {}
        plain = [name for name, field in others.items() if not field.compute]
        values = self.env[model].default_get(plain) if plain else {}
        found = {}
        for name, value in values.items():
            field = others[name]
            record = self.env[model]
            converted = field.convert_to_column_insert(field.convert_to_cache(value, record), record)
            if converted is not None:
                kind = SQL(field.column_type[1])
                found[name] = Printed(self.env.execute_query(SQL("SELECT CAST(%s AS %s)::text", converted, kind))[0][0])
        for name, kind in self._get_not_null(model):
            if name in others and name not in found and kind in ZEROS:
                found[name] = Printed(ZEROS[kind])
        return found

    def _get_not_null(self, model):
        return self.env.execute_query(
            SQL(
                "SELECT column_name, udt_name FROM information_schema.columns"
                " WHERE table_schema = current_schema AND table_name = %s AND is_nullable = 'NO'",
                self.env[model]._table,
            )
        )

    def _get_trees(self):
        """Return model → what the stored computed fields of other models, from add-ons that this one does not know,
        depend on."""
        ours = self._get_modules()
        found = set()
        for model in self.env.registry.models.values():
            if model._name in self.filled or model._abstract:
                continue
            for field in model._fields.values():
                if field.store and field.compute and not ours.intersection(field._modules):
                    found.add(field)
        sources = self._get_sources(found)
        trees = {}
        for model in self.filled:
            stored = [field for field in self.env[model]._fields.values() if field.store and field in sources]
            if stored:
                trees[model] = self.env.registry.get_trigger_tree(stored, select=found.__contains__)
        return {model: tree for model, tree in trees.items() if tree}

    def _get_sources(self, computed):
        """Return the fields that some computed ones depend on, however far.

        Most of these depend on nothing that is written here: merging the trees of all the fields written only to find
        nothing in them would take a second at each load.
        """
        sources, todo = set(), list(computed)
        while todo:
            field = todo.pop()
            try:
                dependencies = list(field.resolve_depends(self.env.registry))
            except Exception:
                # As the registry does: a field made by hand may depend on one that is gone.
                if not field.base_field.manual:
                    raise
                continue
            for dependency in dependencies:
                source = dependency[-1]
                if source not in sources:
                    sources.add(source)
                    todo.append(source)
        return sources

    def _get_modules(self):
        module = self.env["ir.module.module"].sudo()._get(MODULE)
        known = module.upstream_dependencies(exclude_states=("uninstallable",))
        return {MODULE, "base", *known.mapped("name")}

    def _targets(self, model, ids):
        """Yield (field, records) of the outside fields that depend on these records."""
        if ids and model in self._trees:
            for field, records, _created in self.env[model].browse(ids)._modified_triggers(self._trees[model]):
                yield field, records

    # Around the writing

    def before(self, line_ids):
        """Note what depends on lines about to change: afterwards they may hang on something else."""
        self._pending = {}
        for field, records in self._targets("account.move.line", line_ids):
            self._pending.setdefault(field, set()).update(records._ids)

    def after(self, *, moves, lines, partials, fulls):
        """Have the ORM compute what the loader does not know, on the records just written."""
        written = {
            "account.move": moves,
            "account.move.line": lines,
            "account.partial.reconcile": partials,
            "account.full.reconcile": fulls,
        }
        env, some = self.env, False
        for field, ids in self._pending.items():
            env.add_to_compute(field, env[field.model_name].browse(ids).exists())
            some = True
        for model, ids in written.items():
            ids = sorted(set(ids))
            for field in self.computed[model]:
                env.add_to_compute(field, env[model].browse(ids))
                some = True
            for field, records in self._targets(model, ids):
                env.add_to_compute(field, records)
                some = True
        if some:
            env.flush_all()


class Sage100LoaderEntry(models.AbstractModel):
    """Guard of the bulk path: the fields of other add-ons."""

    _inherit = "sage100.loader.entry"

    def _get_guard(self, run):
        """Return the guard of this load, made at the first writing."""
        if run.guard is None:
            stamped = {"sage_database_id"}
            run.guard = Guard(
                self.env,
                {
                    "account.move": {
                        *self._header_columns,
                        *self._get_move_constants(run),
                        *EMPTY_MOVE,
                        "name",
                        "date",
                    },
                    "account.move.line": {*LINE_COLUMNS, *self._get_line_constants(run), *EMPTY_LINE},
                    "account.partial.reconcile": {*PARTIAL_COLUMNS, *stamped, "company_id"},
                    "account.full.reconcile": set(),
                },
            )
        return run.guard
