from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.sage100 import free_fields
from ..lib.sage100.errors import Sage100Error
from .sage100_free_field import PLACES, TABLES


def _shows(command):
    """Return whether a command of a one2many shows a free field."""
    values = command[-1]
    return isinstance(values, dict) and bool(values.get("used"))


class Sage100Database(models.Model):
    """The free fields of the base: which it has, which are shown in Odoo."""

    _inherit = "sage100.database"

    free_field_ids = fields.One2many("sage100.free.field", "database_id", string="Free fields")
    free_field_note = fields.Char(string="Note on the free fields", compute="_compute_free_field_note")
    free_field_gone = fields.Boolean(string="Free field gone from Sage", compute="_compute_free_field_gone")

    @api.depends("free_field_ids.used")
    @api.depends_context("lang")
    def _compute_free_field_note(self):
        for database in self:
            used = database.free_field_ids.filtered("used").grouped("target")
            database.free_field_note = self.env._(
                "Shown: %(customers)s of %(most_customers)s on customers, %(entries)s of %(most_entries)s on entries.",
                customers=len(used.get("customer", ())),
                most_customers=PLACES["customer"],
                entries=len(used.get("entry", ())),
                most_entries=PLACES["entry"],
            )

    @api.depends("free_field_ids.missing")
    def _compute_free_field_gone(self):
        for database in self:
            database.free_field_gone = any(database.free_field_ids.mapped("missing"))

    def write(self, vals):
        """Hide before showing, so that one field can replace another when all places are taken."""
        if "free_field_ids" in vals:
            vals = {**vals, "free_field_ids": sorted(vals["free_field_ids"], key=_shows)}
        result = super().write(vals)
        if "company_id" in vals:
            self.env.registry.clear_cache()  # the names of free fields go with the company
        return result

    def unlink(self):
        self.free_field_ids.sudo().unlink()
        return super().unlink()

    def action_read_free_fields(self):
        """Read which free fields the base has."""
        self.ensure_one()
        self.check_access("write")
        failure = None
        try:
            with self._connect() as reader:
                found = {target: free_fields.available(reader.catalog, table) for target, table in TABLES.items()}
        except Sage100Error as error:
            failure = error
        if failure is not None:
            raise UserError(self._explain(failure))
        self.sudo()._update_free_fields(found)
        if not any(found.values()):
            raise UserError(
                self.env._("Database %(name)s has no free field, neither on customers nor on entries.", name=self.name)
            )
        return True

    def _update_free_fields(self, found):
        """Bring the list up to date with the base; a field that is shown stays when it is gone, and says so."""
        known = self.free_field_ids.grouped("target")
        new = []
        for target, columns in found.items():
            rows = {row.sage_name: row for row in known.get(target, self.env["sage100.free.field"])}
            for column in columns:
                vals = {"kind": column.kind.value, "max_length": column.length, "missing": False}
                if column.name in rows:
                    rows.pop(column.name).write(vals)
                else:
                    new.append({**vals, "database_id": self.id, "target": target, "sage_name": column.name})
            for row in rows.values():
                if row.used:
                    row.missing = True
                else:
                    row.unlink()
        self.env["sage100.free.field"].create(new)
        self.invalidate_recordset(["free_field_ids"])  # their order changed

    # For the synchronisation

    def _get_free_columns(self):
        """Return table → names of the columns to read, one a place, "" for a place not used."""
        self.ensure_one()
        columns = {}
        used = self.sudo().free_field_ids.filtered("used").grouped("target")
        for target, table in TABLES.items():
            names = {field.slot: field.sage_name for field in used.get(target, ())}
            columns[table] = [names.get(slot, "") for slot in range(1, max(names, default=0) + 1)]
        return columns

    def _read_entries_again(self):
        """Have the next synchronisation read all entries, those of a reading that was interrupted included."""
        for database in self:
            database._get_reading().write({"full_at": False, "kind": False, "cursor": 0})
