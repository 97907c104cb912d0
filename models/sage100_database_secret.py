import base64
import contextlib

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

COLUMN = "password_encrypted"


class Sage100Database(models.Model):
    """The password: written through the form, used to connect, read by nobody.

    It is no field of the ORM, so no read, export, search, copy or access right can show it. The column holds it
    encrypted with a key derived from the database's own secret: it shows neither in a log of SQL statements nor in an
    extract of the table, and a copy of the database that got a new secret cannot synchronise by mistake.
    """

    _inherit = "sage100.database"

    def _auto_init(self):
        result = super()._auto_init()
        if not column_exists(self.env.cr, self._table, COLUMN):
            create_column(self.env.cr, self._table, COLUMN, "varchar")
        return result

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        """Nothing: ``create`` and ``write`` take the value out before it can reach any cache."""

    def _search_password(self, operator, value):
        raise UserError(self.env._("A password cannot be searched."))

    def _compute_has_password(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM sage100_database WHERE id IN %s AND %s IS NOT NULL",
                tuple(self.ids) or (0,),
                SQL.identifier(COLUMN),
            )
        )
        found = {row[0] for row in rows}
        for database in self:
            database.has_password = database._origin.id in found

    @api.model_create_multi
    def create(self, vals_list):
        passwords = [vals.get("password") for vals in vals_list]
        databases = super().create([self._without_password(vals) for vals in vals_list])
        for database, password in zip(databases, passwords, strict=True):
            database._set_password(password)
        return databases

    def write(self, vals):
        result = super().write(self._without_password(vals))
        self._set_password(vals.get("password"))
        return result

    @staticmethod
    def _without_password(vals):
        return {name: value for name, value in vals.items() if name != "password"}

    def _set_password(self, password):
        """Store a password; an empty one changes nothing (the form always shows an empty box)."""
        if not password or not self:
            return
        self.check_access("write")
        token = self._cipher().encrypt(password.encode()).decode()
        self.env.cr.execute(
            SQL("UPDATE sage100_database SET %s = %s WHERE id IN %s", SQL.identifier(COLUMN), token, tuple(self.ids))
        )
        self.invalidate_recordset(["password", "has_password"])

    def _get_password(self):
        """Return the password, for the connection only."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL("SELECT %s FROM sage100_database WHERE id = %s", SQL.identifier(COLUMN), self.id)
        )
        token = rows[0][0] if rows else None
        if not token:
            return ""
        with contextlib.suppress(InvalidToken):
            return self._cipher().decrypt(token.encode()).decode()
        raise UserError(
            self.env._(
                "Database %(name)s: its password was typed in another Odoo database, of which this one is a copy. "
                "Type it again to synchronise here.",
                name=self.name,
            )
        )

    @api.model
    def _cipher(self):
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret") or ""
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"sage100.database").derive(secret.encode())
        return Fernet(base64.urlsafe_b64encode(key))
