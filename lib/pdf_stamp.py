"""A word on each page of a PDF: a duplicate says that it is one."""

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

#: Font size, and distances from the right and top edges, in points.
_SIZE, _RIGHT, _TOP = 9, 28, 22


def stamp_pdf(content: bytes, text: str) -> bytes:
    """``content`` (a PDF) with ``text`` at the top right of each of its pages; the original is left as it is.

    >>> from io import BytesIO
    >>> stream = BytesIO()
    >>> canvas = Canvas(stream)
    >>> canvas.showPage(), canvas.save()
    (None, None)
    >>> page = PdfReader(BytesIO(stamp_pdf(stream.getvalue(), "DUPLICATA du 1er mai 2026"))).pages[0]
    >>> page.extract_text().strip()
    'DUPLICATA du 1er mai 2026'
    """
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    stamps = {}
    for page in writer.pages:
        size = float(page.mediabox.width), float(page.mediabox.height)
        if size not in stamps:
            stamps[size] = PdfReader(BytesIO(_draw(*size, text))).pages[0]
        page.merge_page(stamps[size])
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _draw(width: float, height: float, text: str) -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(width, height))
    canvas.setFont("Helvetica-Bold", _SIZE)
    canvas.setFillGray(0.35)
    canvas.drawRightString(width - _RIGHT, height - _TOP, text)
    canvas.save()
    return stream.getvalue()
