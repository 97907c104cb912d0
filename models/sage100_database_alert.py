import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)

ACTIVITY = "account_receivable_followup.mail_activity_type_sage100"
TEMPLATE = "account_receivable_followup.mail_template_sage100_alert"
#: Failures that concern nobody: another synchronisation is doing the work, a person asked to stop.
SILENT = {"busy", "cancelled", "interrupted"}


class Sage100Database(models.Model):
    """Who is told when a synchronisation fails: one open activity, one e-mail for each run of failures."""

    _name = "sage100.database"
    _inherit = ["sage100.database", "mail.thread", "mail.activity.mixin"]

    responsible_id = fields.Many2one(
        "res.users",
        string="Person alerted",
        default=lambda self: self._default_responsible_id(),
        domain=lambda self: [("share", "=", False), ("all_group_ids", "in", self._get_alert_groups().ids)],
        copy=False,
        help="Gets an activity and an e-mail when balances differ from Sage or a scheduled synchronisation fails.",
    )
    # What the present run of failures has already told; empty once a synchronisation has succeeded.
    alerted = fields.Selection(
        [("sync", "Synchronisation failed"), ("control", "Balances that differ from Sage")],
        string="Alert sent",
        readonly=True,
        copy=False,
    )

    @api.model
    def _default_responsible_id(self):
        """Whoever sets the base up, unless it is Odoo itself or somebody who could not open it."""
        user = self.env.user
        return user if user.active and user.all_group_ids & self._get_alert_groups() else user.browse()

    @api.model
    def _get_alert_groups(self):
        """Groups that may open a base, hence be told of it."""
        return self.env.ref("account_receivable_followup.followup_group_manager") | self.env.ref("base.group_system")

    @api.constrains("responsible_id", "company_id")
    def _check_responsible(self):
        for database in self:
            user = database.responsible_id
            if user and not database._may_be_alerted(user):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot open the databases of %(company)s, hence cannot be alerted: "
                        "choose a manager of the follow-ups of this company.",
                        user=user.name,
                        company=database.company_id.name,
                    )
                )

    def _may_be_alerted(self, user):
        """Whether the user can open this base, and is somebody."""
        self.ensure_one()
        return (
            user.active
            and not user.share
            and self.company_id in user.company_ids
            and bool(user.all_group_ids & self._get_alert_groups())
        )

    def _get_alert_user(self):
        """Return who is told: the person alerted, else the one in charge of the company's follow-ups, else any
        manager of the company. Nobody left means nobody to tell."""
        self.ensure_one()
        candidates = self.responsible_id | self.company_id.followup_user_id
        found = candidates.filtered(self._may_be_alerted)[:1]
        if found:
            return found
        return self.env["res.users"].search(
            [
                ("company_ids", "in", self.company_id.ids),
                ("all_group_ids", "in", self._get_alert_groups().ids),
                ("share", "=", False),
            ],
            order="id",
            limit=1,
        )

    # Hooks, called by the synchronisation once its result is written on it

    def _sync_failed(self, sync):
        """A synchronisation could not be done. Who pressed the button sees why: only scheduled ones alert."""
        self.ensure_one()
        if sync.trigger == "schedule" and sync.failure not in SILENT:
            self._alert("sync", sync)

    def _control_failed(self, sync):
        """A synchronisation was done and balances differ from Sage: always told, whoever started it."""
        self.ensure_one()
        self._alert("control", sync)

    def _sync_passed(self, sync):
        """A synchronisation succeeded, its totals agree: what was open is closed."""
        self.ensure_one()
        database = self.sudo()
        database.alerted = False
        database.activity_feedback(
            [ACTIVITY], feedback=self.env._("Closed by itself: synchronised since, control totals agree.")
        )

    # Telling

    def _alert(self, kind, sync):
        """Open (or refresh) the activity; send one e-mail for a run of failures, one more if balances come to differ.

        A text that somebody broke must not undo the failure being written.
        """
        database = self.sudo()
        user = database._get_alert_user()
        if not user:
            _logger.warning("Sage 100 base %s: nobody to alert", self.id)
            return
        try:
            with self.env.cr.savepoint():
                database._open_activity(kind, sync, user)
                if not database.alerted or (database.alerted == "sync" and kind == "control"):
                    database.alerted = kind
                    database._send_alert(sync, user)
        except Exception:
            _logger.exception("Sage 100 base %s: the alert could not be made", self.id)

    def _open_activity(self, kind, sync, user):
        lang = user.lang or self.env.lang
        env = self.with_context(lang=lang).env
        summary = (
            env._("Sage 100: balances of %(name)s differ", name=self.name)
            if kind == "control"
            else env._("Sage 100: %(name)s not synchronised", name=self.name)
        )
        values = {"summary": summary, "note": sync.message or "", "user_id": user.id}
        activities = self.activity_search([ACTIVITY])
        if activities:
            activities[0].write(values)
            activities[1:].unlink()
        else:
            self.activity_schedule(ACTIVITY, **values)

    def _send_alert(self, sync, user):
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if template and user.email:
            mail_id = template.with_context(alert_user_id=user.id).send_mail(sync.id)
            self.env["mail.mail"].browse(mail_id).send_after_commit()


class Sage100Sync(models.Model):
    """What the alert says of a synchronisation."""

    _inherit = "sage100.sync"

    def _get_alert_user(self):
        self.ensure_one()
        user_id = self.env.context.get("alert_user_id")
        return self.env["res.users"].browse(user_id) if user_id else self.database_id.sudo()._get_alert_user()

    def _get_alert_issues(self, limit=50):
        """Return the balances that differ, for the table of the alert."""
        self.ensure_one()
        return (
            self.env["sage100.issue"]
            .sudo()
            .search([("sync_id", "=", self.id), ("kind", "=", "control")], order="customer_number, id", limit=limit)
        )

    def _get_alert_url(self):
        """Return the address of the synchronisation in Odoo."""
        self.ensure_one()
        return f"{self.get_base_url()}/odoo/action-account_receivable_followup.sage100_sync_action/{self.id}"
