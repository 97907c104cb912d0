"""HTML written into a word processor's document: paragraphs, emphasis, lists, tables, links and images it holds.

Only what a letter needs: the text of Odoo's editor and of the add-on's own tables, whose styles are inline.
"""

import base64
import binascii
import re
from io import BytesIO

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import html

#: Elements that say nothing.
_SILENT = {"head", "link", "meta", "script", "style", "title"}
#: Elements that begin and end a paragraph.
_BLOCKS = {
    "address", "article", "blockquote", "body", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "html", "main", "ol", "p", "section", "ul",
}  # fmt: skip
#: Elements that change how their text looks, besides their own style.
_EMPHASIS = {"b": "bold", "strong": "bold", "em": "italic", "i": "italic", "u": "underline"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_ALIGNMENTS = {
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
#: What a browser collapses; no-break spaces stay.
_SPACES = re.compile(r"[ \t\r\n\v\f]+")
_LENGTH = re.compile(r"([0-9.]+)(mm|px)")
_MM_A_PX = 25.4 / 96
#: Word shows no character of these: they would make the file unreadable.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_html(container, text: str) -> None:
    """Add an HTML text at the end of a `python-docx` document, or of a cell.

    >>> from docx import Document
    >>> document = Document()
    >>> write_html(document, "<div><p>Dear <b>Sir</b>,</p><p>You owe 12,50&nbsp;€.<br/>Thanks</p></div>")
    >>> [paragraph.text for paragraph in document.paragraphs]
    ['Dear Sir,', 'You owe 12,50\\xa0€.\\nThanks']
    >>> document.paragraphs[0].runs[1].bold
    True
    """
    if text and text.strip():
        _Writer(container).add(html.document_fromstring(text))


class _Writer:
    """Writes elements one after the other; a paragraph is begun when something is to be said in it."""

    def __init__(self, container, alignment=None, base=frozenset()):
        self.container = container
        self.alignment = alignment
        self.base = base
        self.paragraph = None
        self.list_style = None
        self.item_begins = False

    def add(self, node, looks=None) -> None:
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            return
        style = read_style(node)
        if style.get("display") == "none":
            return
        looks = self._looks(node, style, self.base if looks is None else looks)
        if node.tag == "table":
            self._end()
            self._table(node)
        elif node.tag == "br":
            self._text("\n", looks)
        elif node.tag == "img":
            self._image(node, style)
        elif node.tag == "hr":
            self._end()
        elif node.tag == "li":
            self._item(node, looks)
        elif node.tag in _BLOCKS:
            self._block(node, style, looks)
        else:
            self._inside(node, looks)
            if node.tag == "a":
                self._address(node, looks)

    def _looks(self, node, style, looks):
        """How the text of an element looks: bold, italic, underlined."""
        found = set(looks)
        if node.tag in _EMPHASIS:
            found.add(_EMPHASIS[node.tag])
        if node.tag in _HEADINGS or style.get("font-weight") in ("bold", "600", "700", "800"):
            found.add("bold")
        if style.get("font-style") == "italic":
            found.add("italic")
        return frozenset(found)

    def _block(self, node, style, looks) -> None:
        self._end()
        before, lists = self.alignment, self.list_style
        if node.tag in ("ul", "ol"):
            self.list_style = "List Bullet" if node.tag == "ul" else "List Number"
        self.alignment = style.get("text-align") or node.get("align") or before
        self._inside(node, looks)
        self.alignment, self.list_style = before, lists
        self._end()

    def _item(self, node, looks) -> None:
        self._end()
        self.item_begins = True
        self._inside(node, looks)
        self.item_begins = False
        self._end()

    def _inside(self, node, looks) -> None:
        self._text(_SPACES.sub(" ", node.text or ""), looks)
        for child in node:
            self.add(child, looks)
            self._text(_SPACES.sub(" ", child.tail or ""), looks)

    def _address(self, link, looks) -> None:
        """On paper a link is its address."""
        address = link.get("href") or ""
        if address.startswith("http") and address not in link.text_content():
            self._text(f" ({address})", looks)

    # Text

    def _text(self, text: str, looks) -> None:
        if self.paragraph is None or self.paragraph.text.endswith((" ", "\n")) or not self.paragraph.runs:
            text = text.lstrip(" ")
        text = _UNREADABLE.sub("", text)
        if not text:
            return
        run = self._begin().add_run(text)
        for look in looks:
            setattr(run, look, True)

    def _begin(self):
        if self.paragraph is None:
            self.paragraph = self._new_paragraph()
            self.paragraph.alignment = _ALIGNMENTS.get(self.alignment)
            if self.item_begins and self.list_style:
                self.paragraph.style = self.list_style
                self.item_begins = False
        return self.paragraph

    def _new_paragraph(self):
        """The paragraph that every new cell holds already, or one more."""
        existing = self.container.paragraphs
        if hasattr(self.container, "_tc"):
            if len(existing) == 1 and not existing[0].text and self.container._element[-1] is existing[0]._p:
                paragraph = existing[0]
            else:
                paragraph = self.container.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            return paragraph
        return self.container.add_paragraph()

    def _end(self) -> None:
        self.paragraph = None

    # Images

    def _image(self, node, style) -> None:
        """An image that the text holds; remote ones are left out."""
        kind, _separator, data = (node.get("src") or "").partition(";base64,")
        if not kind.startswith("data:image/") or not data:
            return
        try:
            content = base64.b64decode(data)
        except binascii.Error:
            return
        add_image(self._begin(), content, width=_width(node, style))

    # Tables

    def _table(self, node) -> None:
        rows = _rows(node)
        if not rows:
            return
        columns = max(sum(_span(cell) for cell in row) for row in rows)
        table = self.container.add_table(len(rows), columns, *self._table_width())
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = True
        heads = len(node.xpath("./thead/tr"))
        for number, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
            _mark_row(row, number < heads)
            place = 0
            for element in cells:
                cell = row.cells[place]
                place += _span(element)
                if _span(element) > 1:
                    cell = cell.merge(row.cells[place - 1])
                self._cell(cell, element)
        self._after_table()

    def _table_width(self):
        """A document's tables take the width of its text; the caller of a header's or a cell's must say it."""
        return () if hasattr(self.container, "sections") or hasattr(self.container, "_tc") else (Mm(170),)

    def _cell(self, cell, element) -> None:
        style = read_style(element)
        bold = element.tag == "th" or style.get("font-weight") in ("bold", "600", "700")
        writer = _Writer(cell, style.get("text-align") or element.get("align"), frozenset({"bold"} if bold else ()))
        writer._inside(element, writer.base)
        if "border-bottom" in style or "border-top" in style:
            _rule(cell)

    def _after_table(self) -> None:
        """What separates a table from what follows; a cell must end with a paragraph."""
        paragraph = self.container.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)


def add_image(paragraph, content: bytes, **size) -> bool:
    """Add an image at the end of a paragraph, and say whether it is one that word processors show (PNG, JPEG, GIF…)."""
    run = paragraph.add_run()
    try:
        run.add_picture(BytesIO(content), **size)
    except Exception:  # whatever is no image fails in its own way, SVG among them
        paragraph._p.remove(run._r)
        return False
    return True


def read_style(node) -> dict[str, str]:
    """{property: value} of an element's own style.

    >>> read_style(html.fragment_fromstring('<p style="Text-Align: right; color:#000; broken">x</p>'))
    {'text-align': 'right', 'color': '#000'}
    """
    pairs = (piece.partition(":") for piece in (node.get("style") or "").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, separator, value in pairs if separator}


def _rows(table) -> list[list]:
    """Cells of each row of a table, its head first; rows and tables within its cells are not its own."""
    rows = table.xpath("./thead/tr | ./tr | ./tbody/tr | ./tfoot/tr")
    return [cells for row in rows if (cells := row.xpath("./td | ./th"))]


def _span(cell) -> int:
    """How many columns a cell takes."""
    text = cell.get("colspan") or "1"
    return max(1, int(text)) if text.isdigit() else 1


def _width(node, style):
    """Width of an image as its style says it, at most that of the text; a small one when it says nothing."""
    found = _LENGTH.match(style.get("width") or node.get("width") or "")
    if not found:
        return Mm(25)
    return Mm(min(170, float(found[1]) * (1 if found[2] == "mm" else _MM_A_PX)))


def _mark_row(row, is_head: bool) -> None:
    """A row is not cut by the end of a page; a head is said again on the next one."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))


def _rule(cell) -> None:
    """A thin line under a cell."""
    borders = OxmlElement("w:tcBorders")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "9CA3AF")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    cell._tc.get_or_add_tcPr().append(borders)
