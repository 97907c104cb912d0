from odoo import api, models

from .sage100_free_field import PLACES

#: What keeps a field out of filters, groups, exports and texts.
OFFERED = ("searchable", "sortable", "groupable", "exportable")


class Sage100FreeLabels(models.AbstractModel):
    """Fields that bear the names that users gave to the free fields of Sage; those without a name are hidden."""

    _name = "sage100.free.labels"
    _description = "Fields named after the free fields of Sage 100"

    #: Target and prefix of the fields: set by each model.
    _free_target = None
    _free_prefix = None

    @api.model
    def _get_free_companies(self):
        """Return the companies whose names apply: those that the user works in."""
        return self.env.companies

    @api.model
    def _get_free_names(self):
        """Return field name → label, None when the field has no use."""
        FreeField = self.env["sage100.free.field"]
        labels = dict(FreeField._get_labels(self._free_target, tuple(self._get_free_companies().ids)))
        return {f"{self._free_prefix}{slot}": labels.get(slot) for slot in range(1, PLACES[self._free_target] + 1)}

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Name the fields; keep those without a name away from filters, groups, exports and texts."""
        result = super().fields_get(allfields, attributes)
        for name, label in self._get_free_names().items():
            if name not in result:
                continue
            if label and "string" in result[name]:
                result[name]["string"] = label
            if not label:
                result[name].update({key: False for key in OFFERED if attributes is None or key in attributes})
        return result

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Views differ with the names given to the free fields."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, tuple(self._get_free_names().items()))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Name the filters after the free fields; remove what concerns fields without a name."""
        arch, view = super()._get_view(view_id, view_type, **options)
        for name, label in self._get_free_names().items():
            path = "//field[@name=$name] | //filter[@name=$group]"
            for node in arch.xpath(path, name=name, group=f"group_by_{name}"):
                if not label:
                    node.getparent().remove(node)
                elif node.tag == "filter":
                    node.set("string", label)
        for group in arch.xpath("//group[@name='sage_free_fields'][not(.//field)]"):
            group.getparent().remove(group)
        return arch, view
