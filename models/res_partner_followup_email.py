from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.email_addresses import read_addresses
from .account_move_line_followup import READERS
from .followup_reminder_recipients import WAITING


class ResPartner(models.Model):
    """The follow-up address of a customer: one field, shown wherever the customer is chased."""

    _inherit = "res.partner"

    followup_email = fields.Char(
        string="Follow-up e-mail",
        compute="_compute_followup_email",
        inverse="_inverse_followup_email",
        groups=READERS,
        help="Address that receives the reminders of every level: the one of the follow-up contact. Empty: the "
        "invoice contact's address, else the customer's own.",
    )

    def _followup_email_contacts(self):
        """{customer: its contacts that receive the reminders of every level, in order}."""
        contacts = self.sudo().search(
            [
                ("parent_id", "in", self.ids),
                ("followup_contact", "=", True),
                ("followup_contact_level_ids", "=", False),
            ],
            order="id",
        )
        return contacts.grouped("parent_id")

    @api.depends("child_ids.email", "child_ids.followup_contact", "child_ids.followup_contact_level_ids")
    def _compute_followup_email(self):
        contacts = self._followup_email_contacts()
        for partner in self:
            found = contacts.get(partner, self.browse())
            partner.followup_email = ", ".join(filter(None, found.mapped("email"))) or False

    def _inverse_followup_email(self):
        """Write the address on the follow-up contact; make one when there is none.

        With several contacts the addresses are given back in their order; a contact whose
        address was taken away stays a contact and receives nothing more.
        """
        contacts = self._followup_email_contacts()
        for partner in self:
            typed = read_addresses(partner.followup_email)
            if typed.malformed:
                raise UserError(
                    self.env._("“%(address)s” is not an e-mail address.", address=", ".join(typed.malformed))
                )
            partner._write_followup_email(contacts.get(partner, self.browse()), list(typed.valid))
        waiting = (
            self.env["followup.reminder"]
            .sudo()
            .search([("partner_id", "in", self.ids), ("state", "in", WAITING), ("channel", "=", "email")])
        )
        waiting._find_recipients()

    def _write_followup_email(self, contacts, addresses):
        self.ensure_one()
        if not contacts and addresses:
            self.create(
                {
                    "parent_id": self.id,
                    "type": "contact",
                    "name": self.env._("Follow-ups"),
                    "followup_contact": True,
                    "email": ", ".join(addresses),
                    "lang": self.lang,
                }
            )
        rest, kept = list(addresses), {}
        for contact in contacts:
            kept[contact] = [address for address in read_addresses(contact.email).valid if address in rest]
            rest = [address for address in rest if address not in kept[contact]]
        for contact in contacts:
            if not kept[contact] and rest:
                kept[contact] = [rest.pop(0)]
        if rest and contacts:
            kept[contacts[-1]] += rest
        for contact, chosen in kept.items():
            if list(read_addresses(contact.email).valid) != chosen:
                contact.email = ", ".join(chosen) or False
