from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date

from .account_move_line_followup import READERS
from .followup_window import window

#: What a person decides for a customer: only those in charge may, and it is logged.
DECIDED_FIELDS = (
    "followup_stop",
    "followup_stop_until",
    "followup_stop_reason_id",
    "followup_stop_reason",
    "followup_plan_id",
    "followup_mode",
    "followup_forced_level_id",
    "followup_proceedings",
    "followup_proceedings_date",
    "followup_regime_by_hand",
    "followup_penalty_waiver",
    "followup_penalty_waiver_reason",
)


class ResPartner(models.Model):
    """What a person decided for a customer, company by company."""

    _inherit = "res.partner"

    followup_stop_until = fields.Date(
        string="Stopped until",
        company_dependent=True,
        groups=READERS,
        help="Last day of the stop. Empty: until it is lifted.",
    )
    followup_stop_reason_id = fields.Many2one(
        "followup.stop.reason", string="Reason of the stop", company_dependent=True, groups=READERS
    )
    followup_mode = fields.Selection(
        [("automatic", "Automatic"), ("manual", "Proposed only")],
        string="Sending",
        company_dependent=True,
        groups=READERS,
        help="Proposed only: nothing leaves by itself, a person chooses this customer. Empty: as the plan says.",
    )
    followup_proceedings = fields.Selection(
        [
            ("safeguard", "Safeguard (sauvegarde)"),
            ("receivership", "Receivership (redressement judiciaire)"),
            ("liquidation", "Liquidation (liquidation judiciaire)"),
        ],
        string="Insolvency proceedings",
        company_dependent=True,
        groups=READERS,
    )
    followup_proceedings_date = fields.Date(
        string="Opened by the court on",
        company_dependent=True,
        groups=READERS,
        help="Debts born before this day are no longer chased; later ones are.",
    )
    followup_forced_level_id = fields.Many2one(
        "followup.level",
        string="Next level by hand",
        company_dependent=True,
        groups=READERS,
        help="Level that the next message has, whatever its delay. It serves once.",
    )
    followup_promise_count = fields.Integer(
        string="Number of promises", compute="_compute_followup_hand_counts", groups=READERS
    )
    followup_dispute_count = fields.Integer(
        string="Number of disputes", compute="_compute_followup_hand_counts", groups=READERS
    )
    # Contacts
    followup_contact_level_ids = fields.Many2many(
        "followup.level",
        "followup_contact_level_rel",
        "partner_id",
        "level_id",
        string="For these levels",
        copy=False,  # whoever duplicates a contact may not read them
        groups=READERS,
        help="Empty: this contact receives the reminders of all levels.",
    )

    @api.depends_context("company", "uid")
    def _compute_followup_hand_counts(self):
        """Promises of any state, disputes still open: what the buttons of the customer open."""
        domain = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "=", self.env.company.id),
        ]
        promises = dict(self.env["followup.promise"]._read_group(domain, ["partner_id"], ["__count"]))
        domain.append(("state", "=", "open"))
        disputes = dict(self.env["followup.dispute"]._read_group(domain, ["partner_id"], ["__count"]))
        for partner in self:
            partner.followup_promise_count = promises.get(partner.commercial_partner_id, 0)
            partner.followup_dispute_count = disputes.get(partner.commercial_partner_id, 0)

    def action_open_followup_promises(self):
        """Promises of the customer in the current company."""
        return self._open_followup_records("followup_promise_action")

    def action_open_followup_disputes(self):
        """Disputes of the customer in the current company."""
        return self._open_followup_records("followup_dispute_action")

    def _open_followup_records(self, action_name):
        self.ensure_one()
        partner, company = self.commercial_partner_id, self.env.company
        return window(
            self.env,
            action_name,
            domain=[("partner_id", "=", partner.id), ("company_id", "=", company.id)],
            context={"default_partner_id": partner.id, "default_company_id": company.id},
        )

    @api.constrains("followup_proceedings", "followup_proceedings_date")
    def _check_followup_proceedings(self):
        for partner in self.sudo():
            if partner.followup_proceedings and not partner.followup_proceedings_date:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: give the day on which the court opened the proceedings. Only debts born before "
                        "it are no longer chased.",
                        customer=partner.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if any(self._followup_decides(vals) for vals in vals_list):
            self._check_followup_decision()
        return super().create(vals_list)

    def write(self, vals):
        names = [name for name in DECIDED_FIELDS if name in vals]
        if not names or (self.env.su and self.env.context.get("tracking_disable")):
            return super().write(vals)
        before = {partner.id: partner._followup_decided(names) for partner in self.sudo()}
        result = super().write(vals)
        changed = {}
        for partner in self.sudo():
            after = partner._followup_decided(names)
            differences = [(name, old, after[name]) for name, old in before[partner.id].items() if old != after[name]]
            if differences:
                changed[partner] = differences
        if changed:
            self._check_followup_decision()
            self._log_followup_decisions(changed)
        return result

    def _followup_decides(self, vals):
        return any(vals.get(name) for name in DECIDED_FIELDS)

    @api.model
    def _check_followup_decision(self):
        """Whoever edits contacts does not decide who is chased."""
        if not self.env.su and not self.env.user.has_group("account_receivable_followup.followup_group_user"):
            raise AccessError(
                self.env._(
                    "Only a person in charge of follow-ups decides how a customer is chased. "
                    "Ask an administrator for that right."
                )
            )

    def _followup_decided(self, names):
        """{field: what it says, in words}."""
        self.ensure_one()
        said = {}
        for name in names:
            field, value = self._fields[name], self[name]
            if field.type == "many2one":
                value = value.display_name
            elif field.type == "selection":
                value = dict(field._description_selection(self.env)).get(value)
            elif field.type == "date":
                value = format_date(self.env, value)
            elif field.type == "boolean":
                value = self.env._("yes") if value else self.env._("no")
            said[name] = value or ""
        return said

    def _log_followup_decisions(self, changed):
        """Note in each customer's chatter what was decided, unless changes are not tracked (imports)."""
        if self.env.context.get("tracking_disable"):
            return
        several = len(self.env["res.company"].sudo().search([], limit=2)) > 1
        for partner, differences in changed.items():
            items = Markup("").join(
                Markup("<li>%s</li>")
                % self.env._(
                    "%(what)s: %(before)s → %(after)s",
                    what=self._fields[name]._description_string(self.env),
                    before=before or self.env._("none"),
                    after=after or self.env._("none"),
                )
                for name, before, after in differences
            )
            title = self.env._("Follow-up")
            if several:
                title = self.env._("Follow-up in %(company)s", company=self.env.company.name)
            partner._message_log(
                body=Markup("<p>%s</p><ul>%s</ul>") % (title, items), author_id=self.env.user.partner_id.id
            )
