import hashlib

from odoo import api, fields, models

PASSES = [("full", "Everything"), ("changes", "What changed")]


class Sage100Reading(models.Model):
    """How far the entries of a base are read. Apart from the base, whose form a person may be saving meanwhile.

    ``mark`` and ``next_mark`` are moments of the Sage server's own clock, never converted, never Odoo's.
    """

    _name = "sage100.reading"
    _description = "Reading of a Sage 100 base"
    _log_access = False

    database_id = fields.Many2one("sage100.database", required=True, ondelete="cascade", readonly=True)
    mark = fields.Datetime(help="Latest cbModification when the last reading began: the next one goes on from there.")
    full_at = fields.Datetime(string="Last complete reading", help="End of the last complete reading.")
    read_from = fields.Date(string="Read from", help="First accounting day that was ever read; empty: everything.")
    signature = fields.Char(help="Settings with which it was read: others need a complete reading.")
    accepted = fields.Boolean(help="The next synchronisation takes the base as it is.")
    accepted_by_id = fields.Many2one("res.users", string="Base accepted by", ondelete="set null")
    # Reading in progress
    kind = fields.Selection(PASSES, help="Empty when the last reading was completed.")
    cursor = fields.Integer(help="EC_No of the last entry read.")
    done = fields.Integer(help="Entries read.")
    next_mark = fields.Datetime(
        string="Mark of the reading in progress", help="Latest cbModification when this reading began."
    )

    _database_uniq = models.UniqueIndex("(database_id)", "A base is read once at a time.")

    def _begin(self, kind, state):
        """Start a reading, or go on with the one that was interrupted if it was the same."""
        self.ensure_one()
        settings = {"signature": state.signature, "read_from": state.read_from or False}
        if self.kind != kind or any(self[name] != value for name, value in settings.items()):
            self.write({"kind": kind, "cursor": 0, "done": 0, "next_mark": state.mark, **settings})

    def _complete(self):
        """Note that everything is read, up to the mark taken at the beginning."""
        self.ensure_one()
        if self.kind == "full":
            self.full_at = fields.Datetime.now()
        self.write({"mark": self.next_mark, "kind": False, "cursor": 0, "accepted": False})


class Sage100Database(models.Model):
    """The reading of this base."""

    _inherit = "sage100.database"

    reading_ids = fields.One2many("sage100.reading", "database_id", groups="base.group_system")
    sage_mark = fields.Char(
        string="Last change read",
        compute="_compute_reading",
        help="By the clock of the Sage server. Changes are read from a little before that moment on.",
    )
    full_read_at = fields.Datetime(string="Last complete reading", compute="_compute_reading")
    base_accepted = fields.Boolean(string="Accepted as it is", compute="_compute_reading")
    entry_count = fields.Integer(string="Number of entries", compute="_compute_entry_count")

    @api.depends("reading_ids.mark", "reading_ids.full_at", "reading_ids.accepted")
    def _compute_reading(self):
        readings = {
            reading.database_id: reading
            for reading in self.env["sage100.reading"].sudo().search([("database_id", "in", self.ids)])
        }
        for database in self:
            reading = readings.get(database._origin) or self.env["sage100.reading"]
            # A moment of another clock must not be shown in the reader's time zone.
            database.sage_mark = reading.mark and reading.mark.strftime("%d/%m/%Y %H:%M:%S")
            database.full_read_at = reading.full_at
            database.base_accepted = reading.accepted

    def _compute_entry_count(self):
        counts = dict(
            self.env["sage100.entry"]._read_group([("database_id", "in", self.ids)], ["database_id"], ["__count"])
        )
        for database in self:
            database.entry_count = counts.get(database._origin, 0)

    def _get_reading(self):
        """Return how far this base is read."""
        self.ensure_one()
        Reading = self.env["sage100.reading"].sudo()
        return Reading.search([("database_id", "=", self.id)]) or Reading.create({"database_id": self.id})

    def _read_more(self, reader, snapshot):
        """Read what else is wanted, through the connection already open. Meant to be overridden."""

    def _get_reading_signature(self):
        """Return what tells that the same entries would not be read in the same way."""
        self.ensure_one()
        wanted = [sorted(self._get_prefixes()), list(self._get_free_columns().get("F_ECRITUREC", ()))]
        return hashlib.blake2b(repr(wanted).encode(), digest_size=8).hexdigest()

    def action_view_entries(self):
        """Open the entries read in this base."""
        return self._action_of("sage100_entry_action")
