from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Command
from odoo.tools import formataddr

from ..lib.email_addresses import read_addresses
from ..lib.phone_numbers import international

#: Channels that go through the post.
POSTAL = ("letter", "registered")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who receives the messages of one level to one customer, channel by channel."""

    #: Contacts whom one e-mail reaches, the one whose language it speaks first.
    email_ids: tuple[int, ...] = ()
    email_to: str = ""
    email_cc: str = ""
    #: Whom a letter is addressed to, and whether it has a street and a town to go to.
    letter_id: int = 0
    has_post: bool = False
    #: Whom to ring up (or to text), and at which number.
    phone_id: int = 0
    phone: str = ""
    #: The number is one that an SMS can go to, and the company sends SMS.
    has_sms: bool = False
    #: Every address known of this customer is on Odoo's blacklist.
    blacklisted: bool = False

    def problem(self, channel):
        """Reason code when `channel` reaches nobody, else None."""
        if channel == "email":
            if self.email_ids:
                return None
            return "blacklisted" if self.blacklisted else "no_address"
        if channel in POSTAL:
            return None if self.has_post else "no_address"
        if channel == "phone":
            return None if self.phone else "no_address"
        if channel == "sms":
            return None if self.has_sms else "no_address"
        return None

    def choose(self, channel, fallback=None):
        """`channel` if it reaches somebody, else `fallback` if that one does, else `channel`."""
        if fallback and self.problem(channel) and not self.problem(fallback):
            return fallback
        return channel

    def vals(self, channel):
        """Values of a reminder through `channel` (the ids of the many2many as a command)."""
        ids = self.ids(channel)
        return {
            "recipient_id": ids[0] if ids else False,
            "recipient_ids": [Command.set(ids)],
            "email_to": self.email_to if channel == "email" else False,
            "email_cc": self.email_cc if channel == "email" else False,
        }

    def ids(self, channel):
        """Contacts who receive the message, the first one first."""
        if channel == "email":
            return self.email_ids or ((self.letter_id,) if self.letter_id else ())
        if channel in POSTAL:
            return (self.letter_id,)
        return (self.phone_id or self.letter_id,)


class FollowupRecipients(models.AbstractModel):
    """Follow-up contacts of the level → invoice contact → the customer itself (R08, T13).

    All the follow-up contacts of a level get the same message; a contact who cannot be
    reached (no address, a malformed or a blacklisted one) is passed over, and the channel
    is given up only when the whole chain is.
    """

    _name = "followup.recipients"
    _description = "Recipients of reminders"

    @api.model
    def _get(self, wanted, company=None):
        """{(customer id, level id, responsible's user id): Recipients} of all these keys.

        The number of queries depends neither on the number of customers nor of contacts.

        :param wanted: iterable of such keys; the responsible may be False
        :param company: the one that writes; contacts that belong to another one receive nothing from it (T15)
        """
        wanted = set(wanted)
        partners = self.env["res.partner"].sudo().browse({key[0] for key in wanted})
        contacts = self._get_contacts(partners, company)
        blacklist = self._get_blacklist(contacts.values())
        levels = self.env["followup.level"].sudo().browse({key[1] for key in wanted if key[1]})
        copies = {level.id: level._get_copies() for level in levels}
        users = self.env["res.users"].sudo().browse({key[2] for key in wanted if key[2]})
        users.fetch(["email", "name"])
        sms = bool(company) and not company._followup_sms_problem()
        return {
            key: self._choose(partners.browse(key[0]), key[1], users.browse(key[2]), contacts, blacklist, copies, sms)
            for key in wanted
        }

    @api.model
    def _get_contacts(self, partners, company):
        """{customer id: its contacts that may receive reminders, itself last}."""
        Partner = partners.with_context(active_test=False)
        found = Partner.search_fetch(
            [
                "|",
                ("id", "in", partners.ids),
                "&",
                "&",
                ("commercial_partner_id", "in", partners.ids),
                ("active", "=", True),
                "|",
                ("followup_contact", "=", True),
                ("type", "=", "invoice"),
            ],
            [
                "active", "city", "commercial_partner_id", "company_id", "email", "followup_contact",
                "followup_contact_level_ids", "lang", "name", "phone", "street", "street2", "type", "user_id",
            ],
            order="id",
        )  # fmt: skip
        contacts, partner_ids = {}, set(partners.ids)
        for contact in found:
            foreign = company and contact.company_id and contact.company_id != company
            if contact.id not in partner_ids and not foreign:
                contacts.setdefault(contact.commercial_partner_id.id, []).append(contact)
        return {partner.id: [*contacts.get(partner.id, ()), partner] for partner in partners}

    @api.model
    def _get_blacklist(self, contact_lists):
        """Addresses of these contacts that are on Odoo's blacklist."""
        addresses = {
            address
            for contacts in contact_lists
            for contact in contacts
            for address in read_addresses(contact.email).valid
        }
        blacklisted = self.env["mail.blacklist"].sudo().search_fetch([("email", "in", list(addresses))], ["email"])
        return set(blacklisted.mapped("email"))

    @api.model
    def _choose(self, partner, level_id, user, contacts, blacklist, copies, sms):
        """Recipients of one level to one customer, all facts being read; ``sms``: whether any is sent."""
        *children, itself = contacts[partner.id]
        concerned = [
            contact
            for contact in children
            if contact.followup_contact and level_id in (contact.followup_contact_level_ids._ids or (level_id,))
        ]
        invoice = [contact for contact in children if contact.type == "invoice" and contact not in concerned]
        chain = [*concerned, *invoice, itself]
        reached = {contact.id: self._reachable(contact, blacklist) for contact in chain}
        mailed = [contact for contact in concerned if reached[contact.id]]
        mailed = mailed or [contact for contact in [*invoice, itself] if reached[contact.id]][:1]
        postal = next((contact for contact in chain if self._has_post(contact, itself)), None)
        phoned = next((contact for contact in chain if contact.phone), None)
        return Recipients(
            email_ids=tuple(contact.id for contact in mailed),
            email_to=self._format([(contact.name, reached[contact.id]) for contact in mailed]),
            email_cc=self._get_email_cc(itself, user, copies.get(level_id, ())),
            letter_id=(postal or chain[0]).id,
            has_post=bool(postal),
            phone_id=phoned.id if phoned else 0,
            phone=(phoned.phone or "") if phoned else "",
            has_sms=bool(sms and phoned and international(phoned.phone, phoned.country_id.phone_code)),
            blacklisted=not mailed and any(read_addresses(contact.email).valid for contact in chain),
        )

    @api.model
    def _reachable(self, contact, blacklist):
        return [address for address in read_addresses(contact.email).valid if address not in blacklist]

    @api.model
    def _has_post(self, contact, customer):
        """Whether a letter finds its way: the contact's own address, else the customer's."""
        place = contact if contact.street or contact.city else customer
        return bool((place.street or place.street2) and place.city)

    @api.model
    def _format(self, people):
        """“Name <address>”, comma separated; each address once.

        :param people: [(name, [addresses])]
        """
        seen, formatted = set(), []
        for name, addresses in people:
            for address in addresses:
                if address not in seen:
                    seen.add(address)
                    # A line break in a name would end the header.
                    formatted.append(formataddr((" ".join((name or "").split()), address)))
        return ", ".join(formatted)

    @api.model
    def _get_email_cc(self, customer, user, copies):
        """Copies that the level asks for: the salesperson, the person in charge."""
        people = {"salesperson": customer.user_id, "user": user}
        return self._format(
            [(people[kind].name, read_addresses(people[kind].email).valid) for kind in copies if people[kind].email]
        )


class FollowupLevel(models.Model):
    _inherit = "followup.level"

    def _get_copies(self):
        """Who gets a copy of the e-mails of this level ("salesperson", "user")."""
        self.ensure_one()
        return tuple(kind for kind, wanted in (("salesperson", self.cc_salesperson), ("user", self.cc_user)) if wanted)
