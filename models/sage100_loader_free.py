from odoo import models
from odoo.tools import SQL

from .sage100_free_field import TABLES


class Sage100LoaderRead(models.AbstractModel):
    """Free fields that the base lost: the values read before stay."""

    _inherit = "sage100.loader.read"

    def _load(self, job):
        result = super()._load(job)
        job.database._note_free_gone(job)
        return result

    def _read_state(self, job, reading, reader):
        state = super()._read_state(job, reading, reader)
        job.free_gone = job.database._get_free_gone(reader.catalog)
        return state

    def _merge(self, job):
        """Stage the known values where the base has none any more, so that nothing differs there."""
        slots = job.free_gone.get("entry", {})
        if slots:
            names = [SQL.identifier(f"free_{slot}") for slot in slots]
            self.env.cr.execute(
                SQL(
                    "UPDATE sage100_staging staging SET %s FROM sage100_entry known"
                    " WHERE known.database_id = %s AND known.ec_no = staging.ec_no",
                    SQL(", ").join(SQL("%s = known.%s", name, name) for name in names),
                    job.database.id,
                )
            )
        return super()._merge(job)


class Sage100LoaderCustomer(models.AbstractModel):
    _inherit = "sage100.loader.customer"

    def _prepare_facts(self, job, *args):
        """Leave alone the free fields that the base lost."""
        gone = {f"free_{slot}" for slot in job.free_gone.get("customer", ())}
        facts = super()._prepare_facts(job, *args)
        return {name: value for name, value in facts.items() if name not in gone}


class Sage100Database(models.Model):
    _inherit = "sage100.database"

    def _get_free_gone(self, catalog):
        """Return target → place → name of the free fields shown in Odoo that the base no longer has."""
        shown = self.sudo().free_field_ids.filtered("used").grouped("target")
        gone = {}
        for target, rows in shown.items():
            columns = catalog.columns(TABLES[target])
            lost = {row.slot: row.sage_name for row in rows if row.sage_name.lower() not in columns}
            if lost:
                gone[target] = lost
        return gone

    def _note_free_gone(self, job):
        """Tell of the free fields that the base lost, once each."""
        shown = self.sudo().free_field_ids.filtered("used")
        job.forget("read", keys=shown.mapped("sage_name"))
        for row in shown:
            missing = row.slot in job.free_gone.get(row.target, ())
            if row.missing != missing:
                row.missing = missing
            if missing:
                job.issue(
                    "warning",
                    "missing_free_field",
                    self.env._(
                        "The free field « %(name)s » is no longer in the base: its last values are kept. Hide it, or "
                        "show the one that replaces it.",
                        name=row.sage_name,
                    ),
                    scope="read",
                    sage_table=TABLES[row.target],
                    sage_key=row.sage_name,
                )
