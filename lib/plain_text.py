"""The plain text of an HTML e-mail: what a mail program without HTML, or a screen reader, gets."""

import re
from collections.abc import Iterator

from lxml import etree, html

#: Elements that say nothing.
_SILENT = {"head", "style", "script", "title", "img"}
#: Elements that begin a new line.
_BLOCKS = {"address", "blockquote", "body", "div", "footer", "header", "html", "section", "td", "th"}
#: Elements that stand between two blank lines.
_PARAGRAPHS = {"h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "ul"}
_SPACES = re.compile(r"[ \t\r\n\v\f]+")
#: Odoo writes one between a minus sign and its amount: some mail programs show it as a box.
_NOTHING = "\N{ZERO WIDTH NO-BREAK SPACE}"
#: Where a block begins or ends: one new line, however many blocks do so there.
_EDGE = "\v"
_EDGES = re.compile(r"\n?[ \v]*\v[ \v]*\n?")
_BLANK_LINES = re.compile(r"\n\s*\n\s*(\n\s*)*")
#: What stands for a line of a table, and what ties the parts of a cell together.
BULLET = "- "
DASH = " – "


def to_plain_text(page: str) -> str:
    """Text of an HTML page, its tables laid out line by line, so that a narrow screen shows them whole.

    Each row of a table that has a heading becomes an item: its first cell, then one line a cell,
    named by its column. Lines are not cut: mail programs do it at their own width.

    Examples:
        >>> print(to_plain_text("<p>Dear Sir,</p><p>You owe <b>12,50 €</b>.<br/>Thank you</p>"))
        Dear Sir,
        <BLANKLINE>
        You owe 12,50 €.
        Thank you
        >>> rows = "<tr><td>FA1<div>of 1 May</div></td><td>31 May</td></tr><tr><td colspan='2'>Total</td></tr>"
        >>> print(to_plain_text(f"<table><thead><tr><th>Invoice</th><th>Due</th></tr></thead>{rows}</table>"))
        - FA1 – of 1 May
          Due: 31 May
        Total
        >>> to_plain_text('<a href="https://example.com/pay">Pay online</a>')
        'Pay online (https://example.com/pay)'
    """
    if not page or not page.strip():
        return ""
    root = html.document_fromstring(page)
    colon = "\N{NO-BREAK SPACE}: " if (root.get("lang") or "").startswith("fr") else ": "
    text = _EDGES.sub("\n", "".join(_walk(root, colon)).replace(_NOTHING, ""))
    lines = (line.rstrip(" ") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _walk(node, colon: str) -> Iterator[str]:
    """Pieces of text of an element: what it says, then its children and what follows each."""
    if not isinstance(node.tag, str) or node.tag in _SILENT:
        return
    if node.tag == "br":
        yield "\n"
        return
    if node.tag == "table":
        yield f"\n\n{_table(node, colon)}\n\n"
        return
    edge = "\n\n" if node.tag in _PARAGRAPHS else _EDGE if node.tag in _BLOCKS else ""
    yield edge + (f"\n{BULLET}" if node.tag == "li" else "")
    yield _SPACES.sub(" ", node.text or "")
    for child in node:
        yield from _walk(child, colon)
        yield _SPACES.sub(" ", child.tail or "")
    if node.tag == "a" and _is_worth_showing(node):
        yield f" ({node.get('href')})"
    yield edge


def _is_worth_showing(link) -> bool:
    """Whether the address of a link is not what it shows already."""
    address = link.get("href") or ""
    return address.startswith("http") and address not in link.text_content()


def _table(table, colon: str) -> str:
    """Text of a table, one item a row; of one without headings, one line a row."""
    heads = [_inline(cell, colon) for cell in table.xpath("./thead/tr[1]/*")]
    rows = []
    for row in table.xpath("./tr | ./tbody/tr | ./tfoot/tr"):
        cells = [_inline(cell, colon) for cell in row]
        said = [cell for cell in cells if cell]
        if heads and len(cells) == len(heads):
            first, *others = zip(heads, cells, strict=True)
            named = [f"  {head}{colon}{cell}" for head, cell in others if cell]
            rows.append("\n".join([BULLET + first[1], *named]))
        elif said:
            rows.append(said[0] if len(said) == 1 else colon.join([said[0], DASH.join(said[1:])]))
    return "\n".join(rows)


def _inline(cell: etree._Element, colon: str) -> str:
    """Text of a cell on one line."""
    text = "".join(_walk(cell, colon)).replace(_EDGE, "\n")
    return DASH.join(part.strip() for part in text.split("\n") if part.strip())
