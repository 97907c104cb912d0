from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib.sage100.errors import Sage100Error
from ..lib.sage100.reader_reminders import read_reminders

SAGE_LEVELS = 10  # EC_Rappel goes from 0 to 10


class Sage100Takeover(models.Model):
    """Which level of the follow-up a reminder level of Sage stands for."""

    _name = "sage100.takeover"
    _description = "Reminder level of Sage 100 taken over"
    _order = "database_id, number"

    database_id = fields.Many2one("sage100.database", required=True, index=True, ondelete="cascade")
    number = fields.Integer(string="Level in Sage", required=True, aggregator=None, help="EC_Rappel, from 1 to 10.")
    name = fields.Char(string="Name in Sage", help="P_RAPPEL.")
    level_id = fields.Many2one(
        "followup.level",
        string="Level reached",
        required=True,
        ondelete="cascade",
        domain="[('phase', '!=', 'thanks')]",
        help="Customers who have another plan reach the level of the same rank in theirs.",
    )

    _number_uniq = models.Constraint("UNIQUE(database_id, number)", "This level of Sage is already in the table.")
    _number_range = models.Constraint("CHECK(number BETWEEN 1 AND 10)", "Levels of Sage go from 1 to 10.")


class Sage100Database(models.Model):
    """How the follow-up that Sage did so far is taken over: once, at the end of the first complete import."""

    _inherit = "sage100.database"

    takeover_mode = fields.Selection(
        [
            ("sage", "Go on from the reminders counted by Sage"),
            ("level", "Every overdue line starts at the level chosen"),
            ("none", "Start again from the beginning"),
        ],
        string="Levels at the start",
        required=True,
        default="sage",
        help="So that the first day does not send a thousand formal notices, nor the first reminder again.",
    )
    takeover_level_id = fields.Many2one(
        "followup.level",
        string="Start level",
        domain="[('phase', 'in', ('reminder', 'notice')), ('company_id', 'in', (False, company_id))]",
        ondelete="set null",
        help="Level that overdue lines have reached when Sage counted no reminder for them.",
    )
    takeover_date = fields.Date(
        string="Reached on",
        help="Past day on which the start level counts as sent. Lines that were not overdue on that day have no level.",
    )
    takeover_level_ids = fields.One2many(
        "sage100.takeover",
        "database_id",
        string="Levels of Sage",
        help="Empty: the n-th reminder of Sage is the n-th reminder of the customer's plan; a formal notice is never "
        "presumed sent.",
    )
    takeover_at = fields.Datetime(string="Taken over on", readonly=True, copy=False)
    takeover_summary = fields.Text(string="What was taken over", readonly=True, copy=False)
    history_count = fields.Integer(string="Number of elements taken over", compute="_compute_history_count")

    def _compute_history_count(self):
        counts = dict(
            self.env["sage100.history"]._read_group([("database_id", "in", self.ids)], ["database_id"], ["__count"])
        )
        for database in self:
            database.history_count = counts.get(database, 0)

    @api.constrains("takeover_mode", "takeover_level_id", "takeover_date")
    def _check_takeover(self):
        for database in self:
            if database.takeover_mode == "level" and not (database.takeover_level_id and database.takeover_date):
                raise ValidationError(self.env._("Take-over: choose the start level and the past day it was reached."))
            if database.takeover_level_id and not database.takeover_date:
                raise ValidationError(self.env._("Take-over: give the past day on which the start level was reached."))
            if database.takeover_date and database.takeover_date > database.company_id.sudo()._followup_today():
                raise ValidationError(self.env._("Take-over: the start level was reached in the past, not tomorrow."))

    def action_read_takeover_levels(self):
        """Fill the table with the reminder levels of the base (P_RAPPEL), as they would be taken over by default."""
        self.ensure_one()
        self.check_access("write")
        failure = None
        try:
            with self._connect() as reader:
                labels = reader.labels("P_RAPPEL", "R_Intitule")
        except Sage100Error as error:
            failure = error
        if failure is not None:
            raise UserError(self._explain(failure))
        levels = self._get_takeover_levels(self.env["followup.plan"].sudo()._get_default_for(self.company_id))
        known = set(self.takeover_level_ids.mapped("number"))
        self.env["sage100.takeover"].create(
            [
                {"database_id": self.id, "number": number, "name": labels[number], "level_id": levels[number]}
                for number in sorted(labels.keys() & levels.keys() - known)
            ]
        )
        return True

    def action_view_history(self):
        """Open what was taken over from this base."""
        return self._action_of("sage100_history_action")

    def _read_more(self, reader, snapshot):
        """Read the reminders that Sage keeps, as long as the base is not taken over."""
        if not self.takeover_at:
            read_reminders(reader, snapshot)
        return super()._read_more(reader, snapshot)

    def _get_takeover_levels(self, plan):
        """{level of Sage: id of the level of `plan` it stands for, when no table says otherwise}.

        Formal notices are left out: a legal act is never presumed.
        """
        if not plan:
            return {}
        reminders = plan._get_active_levels().filtered(lambda level: level.phase == "reminder")
        if not reminders:
            return {}
        return {number: reminders[min(number, len(reminders)) - 1].id for number in range(1, SAGE_LEVELS + 1)}
