import re

import lxml.html
from markupsafe import Markup
from reportlab.graphics.barcode.qr import QrCodeWidget

from odoo import models

#: Class of the bank details in the texts, beside which the code to scan stands.
PAYMENT_CLASS = "o_followup_payment"
#: Largest amount of a SEPA credit transfer, in euros (European Payments Council, EPC069-12).
MOST = 999_999_999.99
#: Side of the code: 21 mm, in pixels of 1/96 inch.
CODE_SIDE = 80

#: Mask of the code: squares whose row and column add up to an even number are turned over.
MASK = 0

_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)


class FollowupReminder(models.Model):
    """What the paper adds to a text: the code that pays it, scanned with the application of a bank."""

    _inherit = "followup.reminder"

    def _get_letter_body(self):
        """The text, with the code to scan beside the bank details; a text without them is not meant to be paid so.

        Titles become bold paragraphs: the only heading of a letter is its subject, along which a batch is cut.
        """
        self.ensure_one()
        body = str(self.body or "")
        code = PAYMENT_CLASS in body and self._get_payment_code()
        if not code and not _HEADING.search(body):
            return Markup(body)
        root = lxml.html.fragment_fromstring(body, create_parent="div")
        for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
            heading.set("class", f"{heading.get('class') or ''} o_followup_title {heading.tag}".strip())
            heading.tag = "p"
        for place in root.find_class(PAYMENT_CLASS)[:1] if code else ():
            block = lxml.html.fragment_fromstring(str(code))
            block.tail, place.text = place.text, None
            place.insert(0, block)
        return Markup(lxml.html.tostring(root, encoding="unicode"))

    def _get_payment_code(self):
        """The code that pays the total claimed in euros, as HTML; empty without IBAN, or when none is due in euros."""
        self.ensure_one()
        text = self._get_payment_code_text()
        if not text:
            return Markup("")
        return Markup('<div class="o_followup_code"><div>%s</div>%s</div>') % (
            self.env._("Scan to pay"),
            _draw_qr(_qr_matrix(text)),
        )

    def _get_payment_code_text(self):
        """What the code says, in Odoo's own words for a SEPA credit transfer; None when there is nothing to pay."""
        self.ensure_one()
        bank = self.payment_bank_id.sudo()
        euro = self.env.ref("base.EUR")
        amount = euro.round(self._get_totals().get(euro, 0))
        if not bank or not 0 < amount <= MOST or self.level_id.phase == "thanks":
            return None
        reference = self.partner_id.ref or self.partner_id.name or ""
        values = bank._build_qr_code_vals(amount, reference, "", euro, self.partner_id, qr_method="sct_qr")
        return bank._get_qr_code_generation_params(**values)["value"] if values else None


def _qr_matrix(text):
    """Rows of a QR code, True where it is dark; correction level M, as the European Payments Council asks.

    Any of the eight masks makes a code that scanners read (ISO/IEC 18004): comparing them costs eight codes.
    """
    code = QrCodeWidget(text, barLevel="M").qr
    code.getBestMaskPattern = lambda: MASK
    code.make()
    size = range(code.getModuleCount())
    return [[code.isDark(row, column) for column in size] for row in size]


def _draw_qr(matrix):
    """A QR code as a drawing, sharp at any size: one bar for each run of dark squares."""
    bars = []
    for y, row in enumerate(matrix):
        for run in re.finditer("#+", "".join("#" if dark else "." for dark in row)):
            width = len(run.group())
            bars.append(f"M{run.start()} {y}h{width}v1h-{width}z")
    return Markup('<svg width="%s" height="%s"><g transform="scale(%.5f)"><path d="%s"></path></g></svg>') % (
        CODE_SIDE,
        CODE_SIDE,
        CODE_SIDE / len(matrix),
        "".join(bars),
    )
