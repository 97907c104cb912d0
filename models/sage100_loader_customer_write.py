from markupsafe import escape

from odoo import models
from odoo.exceptions import UserError, ValidationError

from ..lib.sage100.tiers_matching import clean_siret, clean_vat
from ..lib.sage100.tiers_values import split_emails

# A change of these alone is nothing that a person would see.
TECHNICAL = {"digest", "mark"}


class Sage100LoaderCustomer(models.AbstractModel):
    """Making and changing the partners and the bindings of customers."""

    _inherit = "sage100.loader.customer"

    # Values

    def _prepare_facts(self, job, customer, digest, lookup):
        """Return what sage100.customer keeps of a customer."""
        collaborator = lookup.collaborators.get(customer.collaborator)
        risk = job.snapshot.risks.get(customer.risk)
        return {
            "name": customer.name,
            "missing": False,
            "mark": customer.mark,
            "digest": digest,
            "siret": clean_siret(customer.siret) or False,
            "vat": clean_vat(customer.vat) or False,
            "main_contact": customer.contact or False,
            "payer_number": customer.payer or False,
            "collaborator_id": collaborator.id if collaborator else False,
            "payment_terms": lookup.payment_terms(customer) or False,
            "payment_modes": lookup.payment_modes(customer) or False,
            "risk": risk.label if risk else False,
            "risk_effect": str(risk.effect) if risk and risk.effect in (0, 1, 2) else False,
            "credit_limit": float(customer.credit_limit),
            "credit_control": str(customer.credit_control) if customer.credit_control in (0, 1, 2) else False,
            "no_reminder": customer.no_reminder,
            "no_penalty": customer.no_penalty,
            "dormant": customer.dormant,
            **{f"free_{n}": value or False for n, value in enumerate(customer.free[:10], 1)},
            **self.env["sage100.customer"]._prepare_solvency(customer),
        }

    def _prepare_partner(self, customer, lookup):
        """Return the partner's fields as Sage has them (plain values, so that they can be remembered and compared)."""
        collaborator = lookup.collaborators.get(customer.collaborator)
        user = collaborator.user_id if collaborator else self.env["res.users"]
        emails = split_emails(customer.email)
        vals = {
            "name": customer.name,
            "ref": customer.number,
            "street": customer.address,
            "street2": customer.complement,
            "zip": customer.zip,
            "city": customer.city,
            "country_id": lookup.country(customer),
            "vat": customer.vat,
            "company_registry": customer.siret,
            "phone": customer.phone,
            "website": customer.website,
            "email": emails[0] if emails else "",
            "comment": str(escape(customer.comment)),
            "lang": lookup.language(customer),
            "user_id": user.id if user and collaborator.seller else False,
            "followup_user_id": user.id if user and collaborator.collector else False,
            "followup_stop": customer.no_reminder,
            "followup_stop_reason": self.env._("Excluded from reminders in Sage") if customer.no_reminder else "",
        }
        if lookup.company.account_use_credit_limit:
            vals["credit_limit"] = float(customer.credit_limit)
        return {name: value or False for name, value in vals.items()}

    def _get_weak(self, customer, record):
        """Return the fields whose value Sage does not really state: they dispute nothing."""
        weak = set()
        if not customer.language:
            weak.add("lang")
        if not customer.country:
            weak.add("country_id")
        if record.partner_id.ref in record.partner_id.sage100_customer_ids.mapped("number"):
            weak.add("ref")  # the number that another base gave
        return weak

    def _check_values(self, customer, vals, country):
        """Drop what Odoo would refuse; return the warnings to note (never a reason to lose the customer)."""
        warnings = []
        if vals.get("vat"):
            country = self.env["res.country"].browse(vals.get("country_id") or []) or country
            country = country or self.env.company.country_id
            if not self.env["res.partner"]._check_vat_in_bulk(country, vals["vat"]):
                vals["vat"] = False
                message = self.env._(
                    "Customer %(number)s: VAT number « %(vat)s » is not valid, it was left out.",
                    number=customer.number,
                    vat=customer.vat,
                )
                warnings.append(self._prepare_warning(customer, "invalid_vat", message))
        if customer.country and not vals.get("country_id", True):
            message = self.env._(
                "Customer %(number)s: country « %(label)s » is unknown.", number=customer.number, label=customer.country
            )
            warnings.append(self._prepare_warning(customer, "unknown_country", message))
        return warnings

    @staticmethod
    def _prepare_warning(customer, reason, message):
        return {
            "kind": "warning",
            "reason": reason,
            "message": message,
            "customer_number": customer.number,
            "sage_table": "F_COMPTET",
            "sage_key": customer.number,
        }

    # Writing

    def _create_customers(self, job, items, lookup, decisions):
        """Tie new customers to the partners that they already are, make the other ones."""
        job.forget("customer", keys=[customer.number for customer, _digest in items])
        matched, new = [], []
        for customer, digest in items:
            decision = decisions.get(customer.number)
            partner_id = decision.partner if decision else 0
            (matched if partner_id else new).append((customer, digest, decision))
        self._create_partners(job, new, lookup)
        self._bind_partners(job, matched, lookup)

    def _create_partners(self, job, items, lookup):
        """Create partners and their bindings, all at once, else one by one so that a refused one stops no other."""
        if not items:
            return
        values = [self._prepare_partner(customer, lookup) for customer, *_rest in items]
        checked, warnings = [], []
        for (customer, _digest, decision), vals in zip(items, values, strict=True):
            written = dict(vals)
            warnings += self._check_values(customer, written, self.env["res.country"])
            warnings += self._get_doubts(customer, decision)
            checked.append({name: value for name, value in written.items() if value})
        try:
            with self.env.cr.savepoint():
                self._create_batch(job, items, values, checked, lookup)
        except (UserError, ValidationError) as error:
            if len(items) == 1:
                self._reject(job, items[0][0], error)
                return
            for item in items:
                self._create_partners(job, [item], lookup)
            return
        self._note(job, warnings)
        job.count("customers_created", len(items))
        job.pend([customer.number for customer, *_rest in items])

    def _create_batch(self, job, items, values, checked, lookup):
        firms = [{"is_company": True, "customer_rank": 1, **vals} for vals in checked]
        partners = self.env["sage100.bulk.partner"]._create(firms)
        customers = self.env["sage100.bulk.partner"]._create_bindings(
            "sage100.customer",
            [
                {
                    "database_id": job.database.id,
                    "company_id": job.company.id,
                    "number": customer.number,
                    "partner_id": partner.id,
                    "last_values": self._get_marks(partner, vals),
                    **self._prepare_facts(job, customer, digest, lookup),
                }
                for (customer, digest, _decision), partner, vals in zip(items, partners, values, strict=True)
            ],
        )
        self._write_mandates(customers, lookup)

    def _bind_partners(self, job, items, lookup):
        """Tie customers to partners that Odoo already had: blanks are filled, values typed stay and are shown."""
        if not items:
            return
        records = self.env["sage100.customer"].create(
            [
                {
                    "database_id": job.database.id,
                    "number": customer.number,
                    "name": customer.name,
                    "partner_id": decision.partner,
                    "matched_by": decision.by,
                }
                for customer, _digest, decision in items
            ]
        )
        plans = [
            self._plan_customer(job, customer, record, digest, lookup)
            for (customer, digest, _decision), record in zip(items, records, strict=True)
        ]
        self._write_plans(job, plans, lookup)
        job.count("customers_matched", len(items))
        job.pend([customer.number for customer, *_rest in items])

    def _update_customers(self, job, items, lookup):
        """Write what changed in Sage."""
        job.forget("customer", keys=[customer.number for customer, *_rest in items])
        records = self.env["sage100.customer"].browse([record_id for *_rest, record_id in items])
        plans = [
            self._plan_customer(job, customer, record, digest, lookup)
            for (customer, digest, _id), record in zip(items, records, strict=True)
        ]
        written = self._write_plans(job, plans, lookup)
        job.count("customers_updated", sum(bool(plan.news or plan.facts.keys() - TECHNICAL) for plan in written))

    def _plan_customer(self, job, customer, record, digest, lookup):
        """Return what is to be written for a customer, without writing it."""
        vals = self._prepare_partner(customer, lookup)
        plan = self._plan(record, vals, self._get_weak(customer, record), customer)
        plan.warnings = self._check_values(customer, plan.free, record.partner_id.country_id)
        plan.facts = self._get_changes(record, self._prepare_facts(job, customer, digest, lookup))
        return plan

    def _write_plans(self, job, plans, lookup):
        """Write plans all at once, else one by one; return those that were written."""
        try:
            with self.env.cr.savepoint():
                for plan in plans:
                    self._apply(plan)
                records = self.env["sage100.customer"].union(*(plan.record for plan in plans))
                self._write_mandates(records, lookup)
                self.env["sage100.conflict"]._settle(plans)
                self.env.flush_all()
        except (UserError, ValidationError) as error:
            if len(plans) == 1:
                self._reject(job, plans[0].customer, error)
                return []
            return [written for plan in plans for written in self._write_plans(job, [plan], lookup)]
        self._note(job, [warning for plan in plans for warning in plan.warnings])
        return plans

    def _write_mandates(self, customers, lookup):
        """Make the mandates of these customers what they are in Sage; nothing refers to them."""
        Mandate = self.env["sage100.mandate"]
        names = ("number", "reference", "signed_date", "business", "revoked", "sage_status")
        wanted = {
            (
                customer.id,
                mandate.number,
                mandate.reference or False,
                mandate.signed_on or False,
                mandate.business,
                mandate.revoked,
                mandate.status,
            )
            for customer in customers
            for mandate in lookup.mandates.get(customer.number, ())
        }
        over = Mandate.browse()
        for mandate in Mandate.search([("customer_id", "in", customers.ids)]):
            key = (mandate.customer_id.id, *(mandate[name] for name in names))
            if key in wanted:
                wanted.remove(key)
            else:
                over += mandate
        over.unlink()
        Mandate.create([dict(zip(("customer_id", *names), key, strict=True)) for key in sorted(wanted, key=str)])

    def _note(self, job, warnings):
        for warning in warnings:
            vals = dict(warning)
            job.issue(vals.pop("kind"), vals.pop("reason"), vals.pop("message"), scope="customer", **vals)

    def _reject(self, job, customer, error):
        message = self.env._("Customer %(number)s refused: %(reason)s", number=customer.number, reason=str(error))
        self._note(job, [{**self._prepare_warning(customer, "refused", message), "kind": "rejected"}])
