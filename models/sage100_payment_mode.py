from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.sage100.values import is_automatic


class Sage100PaymentMode(models.Model):
    """Payment mode of a Sage base (P_REGLEMENT), and whether the company collects it by itself."""

    _name = "sage100.payment.mode"
    _description = "Sage 100 payment mode"
    _order = "database_id, number"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="database_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, aggregator=None, help="Index in Sage.")
    name = fields.Char(required=True)
    automatic = fields.Boolean(
        string="Collected automatically",
        help="Direct debit, bill of exchange…: the customer has nothing to do, such due dates are not chased. "
        "Proposed from the name; your choice stays.",
    )

    _number_uniq = models.Constraint("UNIQUE(database_id, number)", "This payment mode is already known.")

    def write(self, vals):
        changed = self.browse()
        for name in ("automatic", "name"):
            if name in vals:
                changed |= self.filtered(lambda mode, name=name: mode[name] != vals[name])
        result = super().write(vals)
        changed._pend_customers()
        return result

    def _pend_customers(self):
        """Have the lines paid in these modes made again by the next synchronisation."""
        for mode in self:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO sage100_pending (database_id, number) SELECT DISTINCT database_id, customer "
                    "FROM sage100_entry WHERE database_id = %s AND payment_mode = %s "
                    "ON CONFLICT (database_id, number) DO UPDATE SET traces = NULL",
                    mode.database_id.id,
                    mode.number,
                )
            )

    @api.model
    def _load_modes(self, job):
        """Bring the modes of a base up to date; tell the job which are automatic.

        A mode whose name changes is judged again, unless somebody had decided otherwise for the former name.
        """
        known = {mode.number: mode for mode in self.search([("database_id", "=", job.database.id)])}
        new = []
        for number, name in job.snapshot.payment_modes.items():
            mode = known.get(number)
            if not mode:
                new.append(
                    {"database_id": job.database.id, "number": number, "name": name, "automatic": is_automatic(name)}
                )
            elif mode.name != name:
                follows = mode.automatic == is_automatic(mode.name)
                mode.write({"name": name, "automatic": is_automatic(name) if follows else mode.automatic})
        modes = self.create(new) + self.union(*known.values())
        job.automatic_modes = set(modes.filtered("automatic").mapped("number"))
