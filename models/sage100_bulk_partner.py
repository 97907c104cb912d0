import json

from odoo import api, models
from odoo.tools import SQL, email_normalize

from .sage100_bulk_copy import Printed, copy_rows, next_ids

# Computed by the rules of Odoo that `_prepare` follows; other stored computed fields are handed to the ORM. VIES is not
# asked about thousands of numbers: no more does Odoo when it imports a file.
FILLED = {
    "commercial_company_name",
    "commercial_partner_id",
    "company_registry",
    "complete_name",
    "email_normalized",
    "lang",
    "partner_share",
    "phone_sanitized",
    "properties",
    "user_id",
    "vies_valid",
}
# Computed from the country and the commercial fields alone: a contact has them as its firm has.
SAME_AS_FIRM = ("peppol_eas", "peppol_endpoint")
IN_BULK = "sage100_partners_in_bulk"
STAMPS = {"id", "create_uid", "create_date", "write_uid", "write_date"}


class ResPartner(models.Model):
    """VAT numbers checked in bulk: at each number, Odoo asks the database which countries are those of the EU."""

    _inherit = "res.partner"

    @api.model
    def _check_vat_in_bulk(self, country, vat):
        """Return a VAT number as Odoo writes it, empty when it refuses it; the usual ones cost no query."""
        return self._check_own_vat(country, vat) or self._run_vat_checks(country, vat, validation="setnull")[0]

    def _deduce_country_code(self):
        if self.env.context.get(IN_BULK) and self._check_own_vat(self.country_id, self.vat):
            return self.country_id.code
        return super()._deduce_country_code()

    @api.model
    def _check_own_vat(self, country, vat):
        """Return the number in the usual case alone: valid, beginning with the code of its own country of the EU."""
        if not country or not vat or not hasattr(self, "_split_vat"):
            return None  # nothing to check, or Odoo's check of numbers is not installed
        prefix, number = self._split_vat(vat)
        if not number or prefix == "GR" or prefix != country.code or prefix not in self._get_vat_prefixes():
            return None
        number = self._format_vat_number(prefix, number)
        return prefix + number if self._check_vat_number(prefix, number) and not number.startswith(prefix) else None

    @api.model
    def _get_vat_prefixes(self):
        """Return the countries whose VAT numbers begin with their code, asked once in a transaction."""
        cache = self.env.cr.cache
        if IN_BULK not in cache:
            group = self.env["res.country.group"].sudo().search([("code", "=", "EU_PREFIX")], limit=1)
            cache[IN_BULK] = frozenset(group.country_ids.mapped("code"))
        return cache[IN_BULK]


class Sage100BulkPartner(models.AbstractModel):
    """Many partners at once: the rows that ``res.partner.create`` would make, by COPY.

    For customers without parent and for contacts, which share address, language and commercial fields with their
    parent. No follower, no message, no VIES.
    """

    _name = "sage100.bulk.partner"
    _description = "Sage 100 import: partners in bulk"

    @api.model
    def _create(self, vals_list):
        """Make partners; return them, in the order given."""
        Partner = self.env["res.partner"]
        if not vals_list:
            return Partner
        Partner.flush_model()
        ids = next_ids(self.env, "res_partner", len(vals_list))
        defaults = self._get_defaults()
        parents = self._fetch_parents({vals["parent_id"] for vals in vals_list if vals.get("parent_id")})
        rows = [
            self._prepare(number, defaults | vals, parents.get(vals.get("parent_id")))
            for number, vals in zip(ids, vals_list, strict=True)
        ]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        values = [[row.get(name) for name in columns] for row in rows]
        copy_rows(self.env, "res_partner", columns, values, self._get_stamps())
        Partner.browse(parents).invalidate_recordset(["child_ids"], flush=False)
        self._compute_others(rows)
        return Partner.browse(ids)

    @api.model
    def _get_defaults(self):
        """Return the defaults of the fields that nothing computes."""
        fields = self.env["res.partner"]._fields
        names = [name for name, field in fields.items() if field.store and field.column_type and name not in FILLED]
        names = [name for name in names if not fields[name].compute]
        return {"lang": None, **self.env["res.partner"].default_get([*names, "lang"])}

    @api.model
    def _compute_others(self, rows):
        """Have the ORM compute the stored columns that no value came for (images are files: there is none)."""
        Partner = self.env["res.partner"].with_context(**{IN_BULK: True})
        for name, field in Partner._fields.items():
            if field.store and field.column_type and field.compute and name not in FILLED:
                self.env.add_to_compute(field, Partner.browse(row["id"] for row in rows if name not in row))
        Partner.browse(row["id"] for row in rows).flush_recordset()

    @api.model
    def _create_bindings(self, name, vals_list):
        """Make records of a model of this add-on, which has no override of ``create`` nor constraint in Python."""
        Model = self.env[name]
        if not vals_list:
            return Model
        Model.flush_model()
        stored = {name: field for name, field in Model._fields.items() if field.store and field.column_type}
        plain = [name for name, field in stored.items() if not field.compute and name not in STAMPS]
        defaults = Model.default_get(plain)
        columns = list(dict.fromkeys([*defaults, *(column for vals in vals_list for column in vals)]))
        ids = next_ids(self.env, Model._table, len(vals_list))
        rows = [
            [
                number,
                *(
                    self._print(stored[column].convert_to_column_insert(values.get(column, False), Model, values))
                    for column in columns
                ),
            ]
            for number, values in zip(ids, (defaults | vals for vals in vals_list), strict=True)
        ]
        copy_rows(self.env, Model._table, ["id", *columns], rows, self._get_stamps())
        created = Model.browse(ids)
        for column in columns:
            for inverse in self.env.registry.field_inverses[stored[column]]:
                self.env[inverse.model_name].invalidate_model([inverse.name], flush=False)
        for column, field in stored.items():
            if field.compute and column not in columns:
                self.env.add_to_compute(field, created)
        created.modified(columns, create=True)
        return created

    def _get_stamps(self):
        now = self.env.cr.now()
        return {"create_uid": self.env.uid, "write_uid": self.env.uid, "create_date": now, "write_date": now}

    # Values

    def _prepare(self, number, vals, parent):
        """Return column → value of a partner."""
        Partner = self.env["res.partner"]
        if vals.get("website"):
            vals["website"] = Partner._clean_website(vals["website"])
        row = {"id": number}
        for name, value in vals.items():
            field = Partner._fields[name]
            if field.store and field.column_type:
                row[name] = self._print(field.convert_to_column_insert(value, Partner, vals))
        row["partner_share"] = True
        row["email_normalized"] = email_normalize(vals.get("email"), strict=False) or None
        row["commercial_partner_id"] = number
        row["commercial_company_name"] = row["name"] if vals.get("is_company") else None
        row["complete_name"] = (vals["name"] or "").strip()
        if "vies_valid" in Partner._fields:
            row["vies_valid"] = False
        if parent and not vals.get("is_company"):
            row |= self._inherit_parent(row, parent)
        if "phone_sanitized" in Partner._fields:
            row["phone_sanitized"] = self._sanitize_phone(row)
        return row

    def _sanitize_phone(self, row):
        """Return the first telephone number that can be called, as Odoo keeps it."""
        Partner = self.env["res.partner"]
        country = self.env["res.country"].browse(row.get("country_id") or [])
        for name in Partner._phone_get_number_fields():
            number = row.get(name) and Partner._phone_format(number=row[name], country=country)
            if number:
                return number
        return None

    @staticmethod
    def _inherit_parent(row, parent):
        """Return the columns that a contact takes from its parent."""
        shared = dict(parent)
        if shared["commercial_partner_id"] != row["parent_id"]:
            for same in SAME_AS_FIRM:
                shared.pop(same, None)
        company, name = shared.pop("commercial_company_name"), shared.pop("name")
        lang, user = shared.pop("lang"), shared.pop("user_id")
        return {
            **shared,
            "commercial_company_name": company,
            "complete_name": f"{company or name or ''}, {row['complete_name']}".strip(),
            "lang": lang or row["lang"],
            "user_id": row.get("user_id") or user,
        }

    def _fetch_parents(self, parent_ids):
        """Return id → what the contacts of these partners share with them."""
        if not parent_ids:
            return {}
        Partner = self.env["res.partner"]
        names = [*Partner._address_fields(), *Partner._commercial_fields(), *SAME_AS_FIRM]
        fields = Partner._fields
        names = [name for name in dict.fromkeys(names) if name in fields]
        shared = [name for name in names if fields[name].store and fields[name].column_type]
        jsons = {name for name in shared if fields[name].company_dependent}
        owner = {name: "company" if name in Partner._commercial_fields() else "parent" for name in shared}
        columns = SQL(", ").join(
            SQL("%s%s", SQL.identifier(owner[name], name), SQL("::text" if name in jsons else "")) for name in shared
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT parent.id, parent.name, parent.lang, parent.user_id, parent.commercial_partner_id,
                       CASE WHEN company.is_company THEN company.name END, %s
                  FROM res_partner parent
                  JOIN res_partner company ON company.id = parent.commercial_partner_id
                 WHERE parent.id = ANY(%s)
                """,
                columns,
                list(parent_ids),
            )
        )
        first = ("name", "lang", "user_id", "commercial_partner_id", "commercial_company_name")
        return {row[0]: dict(zip((*first, *shared), row[1:], strict=True)) for row in rows}

    @staticmethod
    def _print(value):
        """Return a value fit for COPY: JSON columns come wrapped, HTML is more than a text."""
        if isinstance(value, str):
            return str(value)
        adapted = getattr(value, "adapted", None)
        return value if adapted is None else Printed(json.dumps(adapted))
