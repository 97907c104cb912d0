from odoo import models

#: Width of the window's block, 84 mm, in ems of 10 points; what a sign is taken for, in ems.
WINDOW_EMS = 84 / 25.4 * 72 / 10
WIDE, CAPITAL, SMALL = 1.1, 0.7, 0.55
#: Lines that fit the height of the window, by style: 23.6 mm at 3.9, 3.4 and 3 mm a line.
WINDOW_STYLES = ((6, ""), (7, "o_followup_window_small"))
TINY = "o_followup_window_tiny"


class ResPartner(models.Model):
    """The recipient of a letter as the post wants it (NF Z 10-011): at most six lines, the town in capitals."""

    _inherit = "res.partner"

    def _get_address_lines(self):
        """Name of the firm, then who reads it, street, postcode and town, and the country of a foreign address."""
        self.ensure_one()
        company = self.commercial_partner_id
        lines = [company.name]
        if self != company and self.name:
            attention = self.type == "contact"
            lines.append(self.env._("For the attention of %(name)s", name=self.name) if attention else self.name)
        place = self if self.street or self.city else company
        lines += [place.street, place.street2]
        if place.country_id.code in (False, "FR", "MC"):
            lines.append(" ".join(filter(None, [place.zip, (place.city or "").upper()])))
            if place.country_id.code == "MC":
                lines.append(place.country_id.name.upper())
        else:
            said = {place.street, place.street2, place.country_id.name}
            lines += [line for line in place._display_address(without_company=True).split("\n") if line not in said]
            lines.append(place.country_id.name.upper())
        return [" ".join(line.split()) for line in lines if line and line.strip()]

    def _get_window_style(self):
        """The class that makes these lines fit the window of the envelope, the long ones being broken in two."""
        self.ensure_one()
        count = 0
        for line in self._get_address_lines():
            width = sum(WIDE if sign in "MW@" else CAPITAL if sign.isupper() else SMALL for sign in line)
            count += 1 + int(width // WINDOW_EMS)
        return next((style for most, style in WINDOW_STYLES if count <= most), TINY)
