import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib.sage100 import connection as odbc
from ..lib.sage100.errors import Sage100Error
from .followup_window import window

FIRST_YEARS = 2  # closed years imported by default, besides the current one


class Sage100Database(models.Model):
    """One Sage 100 accounting base: how to read it, and which Odoo company it feeds."""

    _name = "sage100.database"
    _description = "Sage 100 database"
    _order = "company_id, name"
    _check_company_auto = True

    # Identity
    name = fields.Char(required=True, help="As your users call it, for instance the name of the company in Sage.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Odoo company that receives the entries. It must keep its books in the same currency.",
    )
    # Connection
    driver = fields.Char(
        string="ODBC driver",
        required=True,
        default="ODBC Driver 18 for SQL Server",
        help="Name of a driver installed on the Odoo server, or the path of its library (.so).",
    )
    installed_drivers = fields.Char(string="Drivers installed", compute="_compute_installed_drivers")
    server = fields.Char(required=True, help="Name or address, with the instance when there is one: SRV-SAGE\\SAGE100")
    port = fields.Integer(
        help="Usually 1433. Give it whenever you can: finding a named instance needs another port "
        "(UDP 1434), often closed."
    )
    database_name = fields.Char(
        string="SQL database", required=True, help="Name of the accounting base on the SQL server."
    )
    login = fields.Char(
        required=True,
        help="Create a SQL login that may only read this base (role db_datareader). Never use « sa »: "
        "nothing here needs to write.",
    )
    password = fields.Char(
        compute="_compute_password",
        inverse="_inverse_password",
        search="_search_password",
        copy=False,
        exportable=False,
        groups="base.group_system",
        help="Kept encrypted; nobody can read it again, not even an administrator. "
        "Leave empty to keep the present one.",
    )
    has_password = fields.Boolean(string="Password set", compute="_compute_has_password")
    encryption = fields.Selection(
        [
            ("default", "As the driver does by default"),
            ("no", "Not encrypted"),
            ("yes", "Encrypted, certificate checked"),
            ("trust", "Encrypted, any certificate accepted"),
        ],
        required=True,
        default="trust",
        help="SQL Server usually has a certificate of its own making: a strict check refuses it. "
        "FreeTDS only checks that of a server described in freetds.conf (ca file), given by its name there.",
    )
    extra_options = fields.Char(
        string="Other ODBC options",
        help="Added to the connection as they are: Key=Value;Key=Value. No password here: it would be readable.",
    )
    isolation = fields.Selection(
        [
            ("read_uncommitted", "Never wait, never slow Sage users down (read uncommitted)"),
            ("read_committed", "Wait for entries being typed (read committed)"),
            ("snapshot", "Snapshot, when the SQL database allows it"),
        ],
        required=True,
        default="read_uncommitted",
    )
    # What to import
    start_date = fields.Date(
        string="Import from",
        default=lambda self: self._default_start_date(),
        help="Settled entries before this date stay in Sage. It goes back to the first day of its fiscal year. "
        "Whatever is still open is always imported, however old. Empty: everything.",
    )
    account_prefixes = fields.Char(
        string="Followed accounts",
        required=True,
        default="411,413,416",
        help="First digits of the customer accounts to import, separated by commas.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Mirror journal",
        check_company=True,
        domain=[("type", "=", "general")],
        ondelete="restrict",
        copy=False,
        help="Journal of the entries read from Sage. Created at the first synchronisation when empty.",
    )
    counterpart_account_id = fields.Many2one(
        "account.account",
        string="Mirror counterpart account",
        check_company=True,
        ondelete="restrict",
        copy=False,
        help="Balances the customer lines, the only ones imported. Created at the first synchronisation when empty.",
    )
    # State
    state = fields.Selection(
        [
            ("new", "Never synchronised"),
            ("done", "Up to date"),
            ("warning", "Up to date, rows to look at"),
            ("failed", "Failed"),
        ],
        default="new",
        readonly=True,
        copy=False,
        help="Result of the last synchronisation.",
    )
    last_success_at = fields.Datetime(string="Last synchronised", readonly=True, copy=False)
    sage_company = fields.Char(
        string="Company in Sage",
        readonly=True,
        copy=False,
        help="Read at the first synchronisation. Another name later means another base: nothing is imported then.",
    )
    sage_siret = fields.Char(string="SIRET in Sage", readonly=True, copy=False)
    sync_ids = fields.One2many("sage100.sync", "database_id", string="Synchronisations")
    sync_count = fields.Integer(string="Number of synchronisations", compute="_compute_counts")
    customer_count = fields.Integer(string="Number of customers", compute="_compute_counts")

    _server_database_uniq = models.Constraint(
        "UNIQUE(server, database_name, company_id)", "This base is already set up for this company."
    )
    # Entry names are made of Sage's own numbers: two bases in one journal would collide.
    _journal_uniq = models.UniqueIndex(
        "(journal_id) WHERE journal_id IS NOT NULL", "Each base needs its own mirror journal."
    )
    _port_range = models.Constraint("CHECK(port >= 0 AND port < 65536)", "A port is a number from 1 to 65535.")

    @api.model
    def _default_start_date(self):
        return fields.Date.context_today(self).replace(
            year=fields.Date.context_today(self).year - FIRST_YEARS, month=1, day=1
        )

    def _compute_installed_drivers(self):
        self.installed_drivers = ", ".join(odbc.installed_drivers()) or self.env._("none")

    def _compute_counts(self):
        syncs = dict(
            self.env["sage100.sync"]._read_group([("database_id", "in", self.ids)], ["database_id"], ["__count"])
        )
        customers = dict(
            self.env["sage100.customer"]._read_group([("database_id", "in", self.ids)], ["database_id"], ["__count"])
        )
        for database in self:
            database.sync_count = syncs.get(database, 0)
            database.customer_count = customers.get(database, 0)

    @api.constrains("account_prefixes")
    def _check_account_prefixes(self):
        for database in self:
            prefixes = database._get_prefixes()
            if not prefixes or not all(re.fullmatch(r"[0-9A-Za-z]+", prefix) for prefix in prefixes):
                raise ValidationError(
                    self.env._("Followed accounts: give digits separated by commas, for instance 411,413,416.")
                )

    @api.constrains("extra_options")
    def _check_extra_options(self):
        """Keep secrets, and whatever would replace the fields of the form, out of a readable field."""
        for database in self:
            try:
                odbc.split_options(database.extra_options or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Other ODBC options: remove « %(option)s », which has its own field.", option=error.args[0]
                    )
                ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        if self.env["account.move.line"].sudo().search_count([("sage_database_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("Entries were imported from this base: archive it instead of deleting it."))

    def _get_prefixes(self):
        """Return the followed accounts as a list of prefixes."""
        self.ensure_one()
        return [prefix for prefix in re.split(r"[\s,;]+", self.account_prefixes or "") if prefix]

    # Actions

    def action_test_connection(self):
        """Connect, and tell what is there."""
        self.ensure_one()
        self.check_access("write")
        message = self._test_connection()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("Database %(name)s: connected", name=self.name),
                "message": message,
            },
        }

    def _test_connection(self):
        """Return a sentence on the company found in the base; raise with the way out when it cannot be read."""
        failure = None
        try:
            with self._connect() as reader:
                company = reader.company()
                counts = reader.count("F_COMPTET"), reader.count("F_ECRITUREC")
                years = [f"{start:%d/%m/%Y}" for start, _end in company.periods]
        except Sage100Error as error:
            failure = error
        if failure is not None:
            raise UserError(self._explain(failure))
        return self.env._(
            "%(company)s (SIRET %(siret)s), fiscal years from %(years)s: %(tiers)s third parties, %(entries)s entries.",
            company=company.name,
            siret=company.siret or "–",
            years=", ".join(years) or "–",
            tiers=counts[0],
            entries=counts[1],
        )

    def action_synchronise(self):
        """Ask for a synchronisation, done by the scheduled action so that no screen waits for it."""
        self.ensure_one()
        if not self.env.user.has_group("account_receivable_followup.followup_group_manager"):
            raise UserError(self.env._("Only a follow-up manager can start a synchronisation."))
        self.check_access("read")
        return self._action_view_sync(self.sudo()._request_sync())

    def _request_sync(self, trigger="manual"):
        """Return the waiting synchronisation of this base, made if need be, and wake the scheduled action."""
        self.ensure_one()
        Sync = self.env["sage100.sync"]
        sync = Sync.search([("database_id", "=", self.id), ("state", "=", "queued")], limit=1)
        if not sync:
            sync = Sync.create({"database_id": self.id, "trigger": trigger})
        self.env.ref("account_receivable_followup.ir_cron_sage100_sync")._trigger()
        return sync

    def action_view_syncs(self):
        """Open the synchronisations of this base."""
        return self._action_of("sage100_sync_action")

    def action_view_customers(self):
        """Open the Sage customers of this base."""
        return self._action_of("sage100_customer_action")

    def _action_of(self, name):
        self.ensure_one()
        return window(self.env, name, domain=[("database_id", "=", self.id)], context={"default_database_id": self.id})
