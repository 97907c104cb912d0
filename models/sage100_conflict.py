from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, html2plaintext
from odoo.tools.misc import formatLang

from ..lib.sage100.tiers_values import same_value


class Sage100Conflict(models.Model):
    """Field of a customer where Sage says one thing and Odoo another, typed by a person: theirs stands."""

    _name = "sage100.conflict"
    _description = "Sage 100 conflict"
    _order = "customer_id, id"
    _rec_name = "field_name"

    customer_id = fields.Many2one("sage100.customer", required=True, index=True, ondelete="cascade")
    database_id = fields.Many2one(related="customer_id.database_id", store=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    field_name = fields.Char(
        string="Technical name of the field", required=True, help="Technical name of the field of the customer."
    )
    field_label = fields.Char(string="Field", compute="_compute_field_label")
    sage_value = fields.Char(string="In Sage", help="As it was last read.")
    odoo_value = fields.Char(string="In Odoo", compute="_compute_odoo_value", help="As it is now.")

    _field_uniq = models.Constraint("UNIQUE(customer_id, field_name)", "This conflict is already known.")

    @api.depends("field_name")
    @api.depends_context("lang")
    def _compute_field_label(self):
        Partner = self.env["res.partner"]
        for conflict in self:
            definition = Partner._fields.get(conflict.field_name)
            conflict.field_label = definition._description_string(self.env) if definition else conflict.field_name

    @api.depends("field_name", "customer_id.partner_id")
    @api.depends_context("lang")
    def _compute_odoo_value(self):
        for conflict in self:
            partner = conflict._get_partner()
            name = conflict.field_name
            known = name in partner._fields
            conflict.odoo_value = known and conflict._show(partner, name, self._get_plain(partner, name))

    def _get_partner(self):
        """Return the partner as the company of the base sees it: some fields depend on the company."""
        self.ensure_one()
        return self.customer_id.sudo().partner_id.with_company(self.customer_id.sudo().company_id)

    @staticmethod
    def _get_plain(partner, name):
        return partner._fields[name].convert_to_write(partner[name], partner)

    @api.model
    def _show(self, partner, name, value):
        """Return a value as a person reads it."""
        definition = partner._fields[name]
        if definition.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if not value:
            return False
        if definition.type == "many2one":
            return self.env[definition.comodel_name].sudo().browse(value).display_name
        if definition.type == "selection":
            return dict(definition._description_selection(self.env)).get(value, value)
        if definition.type == "html":
            return html2plaintext(value)
        if definition.type == "float":
            return formatLang(self.env, value, digits=2)
        return str(value)

    # Deciding

    def action_take_sage(self):
        """Write Sage's values over those typed in Odoo."""
        self._check_may_decide()
        conflicts = self.sudo()
        for conflict in conflicts:
            customer, name, partner = conflict.customer_id, conflict.field_name, conflict._get_partner()
            value = (customer.last_values or {}).get(name, [False])[0]
            partner.write({name: value})
            customer.last_values = {**(customer.last_values or {}), name: [value, self._get_plain(partner, name)]}
        conflicts.unlink()

    def action_keep_odoo(self):
        """Leave the values typed in Odoo as they are; nothing more is said until Sage changes again."""
        self._check_may_decide()
        self.sudo().unlink()

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group("account_receivable_followup.followup_group_user"):
            raise AccessError(self.env._("Only a person in charge of follow-ups can decide between Sage and Odoo."))

    # Kept by the synchronisation

    @api.model
    def _settle(self, plans):
        """Make the conflicts of these customers what their plans say, once written."""
        records = self.env["sage100.customer"].union(*(plan.record for plan in plans))
        known = {
            (conflict.customer_id.id, conflict.field_name): conflict
            for conflict in self.search([("customer_id", "in", records.ids)])
        }
        over, new = self.browse(), []
        for plan in plans:
            partner = plan.record.partner_id
            for name, value in plan.news.items():
                conflict = known.get((plan.record.id, name))
                if name not in plan.disputed:
                    over |= conflict or over
                    continue
                shown = self._show(partner, name, value)
                if conflict:
                    conflict.sage_value = shown
                else:
                    new.append({"customer_id": plan.record.id, "field_name": name, "sage_value": shown})
        over.unlink()
        self.create(new)

    @api.model
    def _refresh(self, job):
        """Remove the conflicts that somebody settled by typing Sage's value on the customer since.

        Only customers changed after their conflict was last looked at are examined.
        """
        self.env["res.partner"].flush_model(["write_date"])
        self.flush_model()
        query = SQL(
            "SELECT conflict.id FROM sage100_conflict conflict "
            "JOIN sage100_customer customer ON customer.id = conflict.customer_id "
            "JOIN res_partner partner ON partner.id = customer.partner_id "
            "WHERE conflict.database_id = %s AND partner.write_date > conflict.write_date",
            job.database.id,
        )
        conflicts = self.browse(row[0] for row in self.env.execute_query(query))
        over = self.browse()
        for conflict in conflicts:
            customer, name, partner = conflict.customer_id, conflict.field_name, conflict._get_partner()
            last = customer.last_values or {}
            now = self._get_plain(partner, name)
            if name in last and same_value(name, last[name][0], now):
                customer.last_values = {**last, name: [last[name][0], now]}
                over |= conflict
        over.unlink()
        (conflicts - over).write({"write_uid": self.env.uid})
