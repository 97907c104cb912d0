import contextlib

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect

from ..lib.sage100 import connection as odbc
from ..lib.sage100.cancelling import watching
from ..lib.sage100.reader import Reader

LONGEST = 3600  # seconds: beyond, a dead server would hold a worker for hours


class Sage100Database(models.Model):
    """Opening the base: how long to wait, and what to do beside people who are typing."""

    _inherit = "sage100.database"

    login_timeout = fields.Integer(
        string="Wait for the server (s)", required=True, default=odbc.LOGIN_TIMEOUT, help="To connect."
    )
    query_timeout = fields.Integer(
        string="Wait for an answer (s)",
        required=True,
        default=odbc.QUERY_TIMEOUT,
        help="For each question asked to the SQL server.",
    )
    lock_timeout = fields.Integer(
        string="Wait for entries being typed (s)",
        required=True,
        default=odbc.LOCK_TIMEOUT,
        help="Beyond, the synchronisation gives up and is tried again at the next one.",
    )

    @api.constrains("login_timeout", "query_timeout", "lock_timeout")
    def _check_timeouts(self):
        for database in self:
            waits = (database.login_timeout, database.query_timeout, database.lock_timeout)
            if not all(1 <= seconds <= LONGEST for seconds in waits):
                raise ValidationError(
                    self.env._("A wait lasts from 1 to %(longest)s seconds: nothing waits for ever.", longest=LONGEST)
                )

    def _get_settings(self):
        """Return the neutral connection settings; printing them does not print the password."""
        self.ensure_one()
        return odbc.Settings(
            driver=self.driver,
            server=self.server.strip(),
            database=self.database_name.strip(),
            port=self.port,
            login=(self.login or "").strip(),
            password=self._get_password(),
            encryption=odbc.Encryption(self.encryption),
            extra_options=self.extra_options or "",
            login_timeout=self.login_timeout,
            query_timeout=self.query_timeout,
            lock_timeout=self.lock_timeout,
        )

    @contextlib.contextmanager
    def _connect(self, sync=None):
        """Yield a reader of the base, through a connection closed at the end.

        A synchronisation is told when the server refuses the isolation wanted: an information, not a failure. It can
        be cancelled even while the server is answering.
        """
        settings = self._get_settings()
        note = sync._note_isolation if sync is not None else lambda detail: None
        wished = sync._get_wish() if sync is not None else None
        with odbc.connect(settings, self.isolation, note) as connection, watching(wished) as watch:
            yield Reader(connection, settings, free=self._get_free_columns(), watch=watch)


class Sage100Sync(models.Model):
    """What is good to know of a synchronisation, though nothing is wrong."""

    _inherit = "sage100.sync"

    note = fields.Char(readonly=True)

    def _note_isolation(self, detail):
        """Note that the server refused the isolation level; entries being typed are then read as they are."""
        self.ensure_one()
        self.note = self.env._(
            "The server refused the way of reading that was chosen: it was read without waiting, as « never wait » "
            "does. It said: %(detail)s",
            detail=detail,
        )

    def _get_wish(self):
        """Return a function, for another thread, that tells whether a person asked to cancel this synchronisation.

        None when nobody could: what is not committed is seen by nobody else.
        """
        self.ensure_one()
        if not self._is_committing():
            return None
        connection, sync_id = db_connect(self.env.cr.dbname), self.id

        def wished():
            with connection.cursor() as cr:
                cr.execute("SELECT 1 FROM sage100_sync_cancel WHERE sync_id = %s LIMIT 1", (sync_id,))
                return bool(cr.rowcount)

        return wished
