from odoo import models


class Sage100Database(models.Model):
    """What a user reads when Sage cannot be read: the base, the cause, the way out."""

    _inherit = "sage100.database"

    def _explain(self, error):
        """Return the sentence for a failure of the Sage side (``Sage100Error``)."""
        self.ensure_one()
        explain = getattr(self, f"_explain_{error.code.value}", None)
        return explain(error) if explain else self._explain_driver(error)

    def _explain_driver(self, error):
        return self.env._(
            "Database %(name)s: the driver says: %(detail)s",
            name=self.name,
            detail=error.detail or error.subject or error.code.value,
        )

    def _explain_no_pyodbc(self, error):
        return self.env._(
            "Database %(name)s: Odoo cannot use ODBC on this server. "
            "Install the Python package « pyodbc » and unixODBC.",
            name=self.name,
        )

    def _explain_unknown_driver(self, error):
        return self.env._(
            "Database %(name)s: the ODBC driver « %(driver)s » is not installed on the Odoo server. "
            "Installed drivers: %(drivers)s.",
            name=self.name,
            driver=self.driver,
            drivers=self.installed_drivers,
        )

    def _explain_server_not_found(self, error):
        return self.env._(
            "Database %(name)s: no server is called « %(server)s » on the network. "
            "Check the server's name, or give its address.",
            name=self.name,
            server=self.server,
        )

    def _explain_port_closed(self, error):
        return self.env._(
            "Database %(name)s: server %(server)s answers, but nothing listens on port %(port)s. "
            "Check the port, the firewall, and that SQL Server accepts TCP/IP connections.",
            name=self.name,
            server=self.server,
            port=self.port or "1433",
        )

    def _explain_instance_not_found(self, error):
        return self.env._(
            "Database %(name)s: the instance of « %(server)s » was not found. Give its port (often 1433): "
            "without a port, the SQL Browser service must run and UDP port 1434 be open.",
            name=self.name,
            server=self.server,
        )

    def _explain_wrong_port(self, error):
        return self.env._(
            "Database %(name)s: what listens on port %(port)s of server %(server)s is not SQL Server. Check the port.",
            name=self.name,
            server=self.server,
            port=self.port or "1433",
        )

    def _explain_certificate(self, error):
        return self.env._(
            "Database %(name)s: the certificate of server %(server)s was refused. "
            "Choose « Encrypted, any certificate accepted » if the server has a certificate of its own making.",
            name=self.name,
            server=self.server,
        )

    def _explain_certificate_unchecked(self, error):
        return self.env._(
            "Database %(name)s: FreeTDS would not check the certificate of server %(server)s. It does so only for a "
            "server described in the file freetds.conf of the Odoo server, with a line « ca file = … »: give here the "
            "name that the server has in that file. Or choose Microsoft's driver, or « Encrypted, any certificate "
            "accepted ».",
            name=self.name,
            server=self.server,
        )

    def _explain_encryption(self, error):
        return self.env._(
            "Database %(name)s: server %(server)s and the driver found no encryption that both know; old SQL Servers "
            "only know some that are no longer safe. Update SQL Server, or choose « Not encrypted » on a network that "
            "you trust.",
            name=self.name,
            server=self.server,
        )

    def _explain_unusable_password(self, error):
        return self.env._(
            "Database %(name)s: FreeTDS cannot send a password (or another setting) that contains « }; ». "
            "Change the password, or choose Microsoft's driver.",
            name=self.name,
        )

    def _explain_login_refused(self, error):
        return self.env._(
            "Database %(name)s: server %(server)s does not let « %(login)s » in. The login may be disabled, locked or "
            "expired, or the server may accept Windows logins only. It says: %(detail)s",
            name=self.name,
            server=self.server,
            login=self.login,
            detail=error.detail,
        )

    def _explain_wrong_password(self, error):
        return self.env._(
            "Database %(name)s: password refused by server %(server)s for « %(login)s ». "
            "Check the login in Follow-ups ⇒ Configuration ⇒ Sage 100 databases.",
            name=self.name,
            server=self.server,
            login=self.login,
        )

    def _explain_unknown_base(self, error):
        return self.env._(
            "Database %(name)s: server %(server)s has no SQL database « %(base)s », or « %(login)s » may not open it.",
            name=self.name,
            server=self.server,
            base=self.database_name,
            login=self.login,
        )

    def _explain_base_unavailable(self, error):
        return self.env._(
            "Database %(name)s: SQL database « %(base)s » cannot be opened now: it is being restored, offline, or "
            "reserved by somebody. It will be tried again at the next synchronisation. The server says: %(detail)s",
            name=self.name,
            base=self.database_name,
            detail=error.detail,
        )

    def _explain_missing_right(self, error):
        return self.env._(
            "Database %(name)s: « %(login)s » may not read table %(table)s. "
            "Give it the role db_datareader on this base.",
            name=self.name,
            login=self.login,
            table=error.subject or "?",
        )

    def _explain_missing_table(self, error):
        return self.env._(
            "Database %(name)s: table %(table)s is missing. Is « %(base)s » really a Sage 100 accounting base?",
            name=self.name,
            table=error.subject or "?",
            base=self.database_name,
        )

    def _explain_missing_column(self, error):
        return self.env._(
            "Database %(name)s: this version of Sage 100 lacks a column that the import needs (%(column)s).",
            name=self.name,
            column=error.subject or "?",
        )

    def _explain_not_sage(self, error):
        return self.env._(
            "Database %(name)s: « %(base)s » holds no company. Is it really a Sage 100 accounting base?",
            name=self.name,
            base=self.database_name,
        )

    def _explain_timeout(self, error):
        return self.env._(
            "Database %(name)s: server %(server)s did not answer in time. "
            "It will be tried again at the next synchronisation. If it happens often, wait longer (Access).",
            name=self.name,
            server=self.server,
        )

    def _explain_locked(self, error):
        return self.env._(
            "Database %(name)s: somebody has been writing in Sage for too long (table %(table)s). "
            "It will be tried again at the next synchronisation. To never wait, choose « Never wait » (Access).",
            name=self.name,
            table=error.subject or "?",
        )

    def _explain_deadlock(self, error):
        return self.env._(
            "Database %(name)s: SQL Server gave way to somebody writing in Sage (table %(table)s), several times. "
            "It will be tried again at the next synchronisation.",
            name=self.name,
            table=error.subject or "?",
        )

    def _explain_snapshot(self, error):
        return self.env._(
            "Database %(name)s: SQL database « %(base)s » does not allow snapshots any more. "
            "Choose another way of reading (Access).",
            name=self.name,
            base=self.database_name,
        )

    def _explain_cancelled(self, error):
        return self.env._(
            "Database %(name)s: the question asked to server %(server)s was cancelled there. "
            "It will be tried again at the next synchronisation.",
            name=self.name,
            server=self.server,
        )

    def _explain_connection_cut(self, error):
        return self.env._(
            "Database %(name)s: the connection to server %(server)s was cut. "
            "It will be tried again at the next synchronisation.",
            name=self.name,
            server=self.server,
        )
