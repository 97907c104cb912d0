from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..lib.sage100 import free_fields

#: How many free fields can be used: places of Customer.free and Entry.free, hence columns of the models below.
PLACES = {"customer": 10, "entry": 3}
TABLES = {"customer": free_fields.CUSTOMERS, "entry": free_fields.ENTRIES}
#: Where the values of a place are kept: (model, field without its number, field of the base, field that remembers what
#: was imported, to be forgotten too).
COPIES = {
    "customer": [("sage100.customer", "free_", "database_id", "digest")],
    "entry": [
        ("sage100.entry", "free_", "database_id", None),
        ("account.move.line", "sage_free_", "sage_database_id", "sage_hash"),
    ],
}


class Sage100FreeField(models.Model):
    """A free field (*information libre*) of a Sage base, and the place that it was given in Odoo, if any."""

    _name = "sage100.free.field"
    _description = "Free field of a Sage 100 base"
    _order = "database_id, target, used desc, slot, sage_name"
    _rec_name = "label"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade", readonly=True)
    target = fields.Selection(
        [("customer", "Customers"), ("entry", "Entries")], string="On", required=True, readonly=True
    )
    sage_name = fields.Char(string="Name in Sage", required=True, readonly=True)
    kind = fields.Selection(
        [("text", "Text"), ("number", "Number"), ("date", "Date")], required=True, default="text", readonly=True
    )
    max_length = fields.Integer(
        string="Length", readonly=True, aggregator=None, help="Greatest number of characters of a text."
    )
    missing = fields.Boolean(string="Gone from Sage", readonly=True, help="Its last values are kept.")
    used = fields.Boolean(string="Shown", help="Up to ten on customers and three on entries.")
    label = fields.Char(string="Name in Odoo", required=True, help="Name shown on screens, in filters and in exports.")
    # Never changes while the field is used: filters and texts of reminders name it.
    slot = fields.Integer(
        string="Place", readonly=True, aggregator=None, help="1 to 10 for customers, 1 to 3 for entries, 0 unused."
    )
    expression = fields.Char(
        string="In the texts",
        compute="_compute_expression",
        help="Copy it into a text: it becomes the customer's value.",
    )

    _name_uniq = models.Constraint("UNIQUE(database_id, target, sage_name)", "This free field is already known.")
    _slot_uniq = models.UniqueIndex("(database_id, target, slot) WHERE slot > 0", "This place is already taken.")
    _slot_range = models.Constraint(
        "CHECK(slot >= 0 AND slot <= CASE target WHEN 'customer' THEN 10 ELSE 3 END)", "There is no such place."
    )
    _used_slot = models.Constraint("CHECK(used = (slot > 0))", "A free field that is shown has a place.")

    @api.depends("target", "slot")
    def _compute_expression(self):
        for field in self:
            shown = field.slot and field.target == "customer"
            field.expression = f"{{{{ object.partner_id.sage_free_{field.slot} }}}}" if shown else False

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        wanted = [vals.get("used") for vals in vals_list]
        records = super().create(
            [
                {
                    **vals,
                    "used": False,
                    "slot": 0,
                    "label": vals.get("label") or free_fields.label(vals.get("sage_name", "")),
                }
                for vals in vals_list
            ]
        )
        for record, used in zip(records, wanted, strict=True):
            if used:
                record.used = True
        return records

    def write(self, vals):
        if "label" in vals and not (vals["label"] or "").strip():
            vals = {name: value for name, value in vals.items() if name != "label"}
            for record in self:
                record.label = free_fields.label(record.sage_name)
        if "used" in vals:
            changing = self.filtered(lambda record: record.used != bool(vals["used"]))
            changing._begin_change()
            changing.filtered("used")._forget_values()
            for record in changing:
                place = record._get_free_place() if vals["used"] else 0
                super(Sage100FreeField, record).write({"used": bool(place), "slot": place})
            vals = {name: value for name, value in vals.items() if name != "used"}
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        shown = self.filtered("used")
        shown._begin_change()
        shown._forget_values()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # Places

    def _begin_change(self):
        """Keep synchronisations away until the end of the transaction; the next one reads what changes again.

        Customers are always all read.
        """
        for database in self.database_id:
            database._lock()
        self.filtered(lambda record: record.target == "entry").database_id._read_entries_again()

    def _get_free_place(self):
        """Return the first place left of the base."""
        self.ensure_one()
        known = self.search([("database_id", "=", self.database_id.id), ("target", "=", self.target)])
        taken = set(known.mapped("slot"))
        places = PLACES[self.target]
        left = (place for place in range(1, places + 1) if place not in taken)
        place = next(left, None)
        if place:
            return place
        if self.target == "customer":
            message = self.env._(
                "%(count)s free fields at most can be shown on customers: hide one before showing « %(name)s ».",
                count=places,
                name=self.sage_name,
            )
        else:
            message = self.env._(
                "%(count)s free fields at most can be shown on entries: hide one before showing « %(name)s ».",
                count=places,
                name=self.sage_name,
            )
        raise UserError(message)

    def _forget_values(self):
        """Empty the places: values must not show under the name of another field."""
        for record in self:
            for model, prefix, base, mark in COPIES[record.target]:
                names = [f"{prefix}{record.slot}", *filter(None, [mark])]
                self._clear(self.env[model], names, base, record.database_id.id)

    @staticmethod
    def _clear(Model, names, base, database_id):
        """Empty the first column, and the others with it, for a base: plain SQL, since nothing is computed from these
        texts and a base may have 300,000 lines."""
        Model.flush_model([*names, base])
        Model.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE %s = %s AND %s IS NOT NULL",
                SQL.identifier(Model._table),
                SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in names),
                SQL.identifier(base),
                database_id,
                SQL.identifier(names[0]),
            )
        )
        Model.invalidate_model(names)

    # Labels

    @api.model
    @tools.ormcache("target", "company_ids")
    def _get_labels(self, target, company_ids):
        """Return place → label for these companies, as a tuple of pairs.

        Several bases may give one place to different fields: all their names are told, in the order of the companies.
        """
        domain = [("target", "=", target), ("used", "=", True), ("database_id.company_id", "in", company_ids)]
        ordered = (
            self.sudo()
            .search(domain)
            .sorted(lambda field: (company_ids.index(field.database_id.company_id.id), field.database_id.id))
        )
        labels = {}
        for field in ordered:
            names = labels.setdefault(field.slot, [])
            if field.label not in names:
                names.append(field.label)
        return tuple((slot, " / ".join(names)) for slot, names in sorted(labels.items()))

    @api.model
    def _get_fingerprint(self):
        """Return what the screens depend on, for browsers that keep them."""
        self.flush_model(["target", "used", "slot", "label"])
        return self.env.execute_query(
            SQL(
                "SELECT database.company_id, field.target, field.slot, field.label FROM sage100_free_field field"
                " JOIN sage100_database database ON database.id = field.database_id WHERE field.used ORDER BY field.id"
            )
        )
