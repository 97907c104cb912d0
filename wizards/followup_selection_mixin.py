from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.followup_window import window


class FollowupSelectionMixin(models.AbstractModel):
    """Decision of a person in charge for the customers, or the due lines, that they selected."""

    _name = "followup.selection.mixin"
    _description = "Customers"

    line_ids = fields.Many2many("account.move.line", string="Due lines")
    situation_ids = fields.Many2many("followup.situation", string="Customers")

    @api.model
    def _open_for(self, lines=None, situations=None):
        """Action that asks what is decided for these lines, or for these customers."""
        self.env["followup.reminder"]._check_may_send()
        records = situations if lines is None else lines
        records.check_access("read")
        if not records:
            raise UserError(self.env._("Nothing is selected."))
        defaults = {f"default_{name}": value for name, value in self._get_defaults(records).items()}
        chosen = f"default_{'situation_ids' if lines is None else 'line_ids'}"
        return window(self.env, f"{self._table}_action", context={chosen: records.ids, **defaults})

    def _check_may_apply(self):
        """Only those who may send decide, and on what they may read."""
        self.ensure_one()
        self.env["followup.reminder"]._check_may_send()
        self.line_ids.check_access("read")

    def _write_lines(self, values):
        """Write the decision on the selected lines, and note it on their customers."""
        if self.line_ids:
            # Persons in charge do not keep the books: they may change these facts, and nothing else.
            self.line_ids.sudo().write(values)
            self.line_ids._followup_log(self._describe())

    # Hooks

    @api.model
    def _get_defaults(self, records):
        """{field: value} of a decision on these situations or lines, once it is checked that it can be taken."""
        return {}

    def _describe(self):
        """Sentence of the customers' chatter."""
        raise NotImplementedError
