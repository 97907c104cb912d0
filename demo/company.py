"""The invented firm of the demo and of the pictures of documents: who it is, what its papers look like."""

import base64
import io

from PIL import Image, ImageDraw, ImageFont

from .sage100 import identifiers
from .sage100.names import FIRM

SIREN = "160042424"
GREEN, BROWN, PALE = "#1f5f4a", "#8a5a32", "#c9a26b"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"


def logo() -> bytes:
    """The firm's logo, a PNG: three boards and the name."""
    picture = Image.new("RGBA", (1180, 300), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    boards = ((0, 236, BROWN), (28, 158, PALE), (56, 80, GREEN))
    for left, top, colour in boards:
        draw.rounded_rectangle((left, top, left + 190, top + 50), radius=10, fill=colour)
        for ring in (60, 110):
            start = left + ring
            draw.line((start, top + 12, start + 36, top + 12), "white", 4)
            draw.line((start - 30, top + 36, start + 22, top + 36), "white", 4)
    first, _space, rest = FIRM["name"].partition(" ")
    draw.text((290, 66), first.upper(), GREEN, ImageFont.truetype(FONT, 78))
    draw.text((294, 168), rest, BROWN, ImageFont.truetype(FONT, 66))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def iban() -> str:
    """A valid French IBAN, of a bank code that no bank has."""
    bank, branch, account = "99912", "00044", "00042424244"
    key = identifiers.rib_key(bank, branch, account)
    return identifiers.iban("FR", f"{bank}{branch}{account}{key}")


def set_company_up(env, company):
    """Identity, address, bank account, look of the documents."""
    siren = SIREN[:8] + identifiers.luhn_key(SIREN[:8])
    company.write(
        {
            "name": FIRM["name"],
            "street": FIRM["street"],
            "zip": FIRM["postcode"],
            "city": FIRM["city"].title(),
            "country_id": env.ref("base.fr").id,
            "phone": FIRM["phone"],
            "email": f"comptabilite@{FIRM['domain']}",
            "website": f"https://www.{FIRM['domain']}",
            "company_registry": identifiers.siret(siren),
            "vat": identifiers.french_vat(siren),
            "logo": base64.b64encode(logo()),
            "primary_color": GREEN,
            "secondary_color": BROWN,
            "font": "Lato",
            "external_report_layout_id": env.ref("web.external_layout_standard").id,
            "paperformat_id": env.ref("base.paperformat_euro").id,
            "report_footer": (
                f"SAS au capital de 120 000 € – RCS Nantes {siren[:3]} {siren[3:6]} {siren[6:]}"
                f" – TVA {identifiers.french_vat(siren)}"
            ),
        }
    )
    company.partner_id.write({"lang": "fr_FR", "tz": "Europe/Paris"})
    env["res.partner.bank"].create(
        {
            "acc_number": iban(),
            "partner_id": company.partner_id.id,
            "company_id": company.id,
            "allow_out_payment": True,
        }
    )
