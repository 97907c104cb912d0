from lxml import etree

from odoo import models


class IrQweb(models.AbstractModel):
    """The text of a mail template, which Odoo compiles for each record, is compiled once for a chunk of reminders."""

    _inherit = "ir.qweb"

    def _generate_code_uncached(self, template):
        compiled = self.env.context.get("followup_compiled")
        if compiled is None or not isinstance(template, etree._Element):
            return super()._generate_code_uncached(template)
        # What a restricted user may not say is refused at compilation.
        names = [*self._get_template_cache_keys(), "raise_on_forbidden_code_for_model"]
        key = etree.tostring(template), *(self.env.context.get(name) or False for name in names)
        if key not in compiled:
            compiled[key] = super()._generate_code_uncached(template)
        return compiled[key]
