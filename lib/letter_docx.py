"""A letter as a word processor opens it: the same sender, address, text and tables as the printed one, to be edited.

The file is made by the `python-docx` library (Office Open XML, ISO/IEC 29500); its text comes from `lib.html_docx`.
"""

from dataclasses import dataclass
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from .html_docx import add_image, write_html

#: French DL window envelope: where the recipient's block begins and how wide it is, from the corner of the sheet (mm).
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH = 106, 52, 90
#: Where the text begins on the first page, under the window (mm).
TEXT_TOP = 95
_MARGIN = 20
_TWIPS_A_MM = 1440 / 25.4


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says and to whom. Lists are lines."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    #: “Lyon, le 21 novembre 2026”.
    place_and_date: str
    #: “Objet : …”.
    subject: str
    #: HTML.
    body: str
    #: “Lettre recommandée avec accusé de réception”, or nothing.
    mention: str = ""
    footer: tuple[str, ...] = ()
    #: An image, as the company has it.
    logo: bytes | None = None
    #: As in `fr_FR`.
    lang: str = "fr_FR"


def write_letter(letter: Letter) -> bytes:
    """The .docx file (bytes) of a letter: A4, the recipient in the window of the envelope.

    >>> content = write_letter(Letter(("Bois SA",), ("Client",), "Lyon, le 1er mai 2026", "Objet : relance", "1"))
    >>> content[:2]
    b'PK'
    """
    document = Document()
    _set_up(document, letter.lang)
    section = document.sections[0]
    _write_first_header(section.first_page_header, letter)
    for foot in (section.footer, section.first_page_footer):
        _write_footer(foot, letter.footer)
    _paragraph(document, letter.place_and_date, space_after=16)
    if letter.mention:
        _paragraph(document, letter.mention, bold=True, space_after=6)
    _paragraph(document, letter.subject, bold=True, space_after=12)
    write_html(document, letter.body)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _set_up(document, lang: str) -> None:
    """Page, font and language."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(10)
    style.paragraph_format.space_after = Pt(8)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), lang.replace("_", "-"))
    style.element.get_or_add_rPr().append(language)


def _write_first_header(header, letter: Letter) -> None:
    """Sender and recipient at their places on the sheet; the text begins under them, on the first page only."""
    first = header.paragraphs[0]
    if letter.logo:
        add_image(first, letter.logo, height=Mm(15))
    _fix(first, _MARGIN, 12, 80)
    _write_lines([first, *(header.add_paragraph() for _line in letter.sender)], ("", *letter.sender), _MARGIN, 12, 80)
    recipient = [header.add_paragraph() for _line in letter.recipient]
    _write_lines(recipient, letter.recipient, WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH)
    # A word processor begins the text under the header, however high it is.
    spacer = header.add_paragraph()
    spacer.paragraph_format.space_before = Mm(TEXT_TOP - 10)
    spacer.paragraph_format.space_after = Pt(0)


def _write_lines(paragraphs, lines, left: float, top: float, width: float) -> None:
    for number, (paragraph, line) in enumerate(zip(paragraphs, lines, strict=True)):
        paragraph.paragraph_format.space_after = Pt(0)
        # The name of the sender comes after the logo, that of the recipient first.
        paragraph.add_run(line).bold = number == (0 if lines[0] else 1)
        _fix(paragraph, left, top, width)


def _fix(paragraph, left: float, top: float, width: float) -> None:
    """Put a paragraph at a place of the sheet (mm); neighbours of the same frame follow one another."""
    properties = paragraph._p.get_or_add_pPr()
    for old in properties.findall(qn("w:framePr")):
        properties.remove(old)
    frame = OxmlElement("w:framePr")
    for name, value in (
        ("w", round(width * _TWIPS_A_MM)),
        ("hSpace", 0),
        ("wrap", "around"),
        ("vAnchor", "page"),
        ("hAnchor", "page"),
        ("x", round(left * _TWIPS_A_MM)),
        ("y", round(top * _TWIPS_A_MM)),
    ):
        frame.set(qn(f"w:{name}"), str(value))
    properties.insert_element_before(
        frame, "w:widowControl", "w:numPr", "w:suppressLineNumbers", "w:pBdr", "w:shd", "w:tabs", "w:spacing", "w:ind",
        "w:jc", "w:rPr",
    )  # fmt: skip


def _write_footer(footer, lines: tuple[str, ...]) -> None:
    """The company's footer, and the number of the page."""
    first = footer.paragraphs[0]
    for number, line in enumerate((*lines, "")):
        paragraph = first if number == 0 else footer.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(line).font.size = Pt(8)
    _write_field(paragraph, "PAGE")
    paragraph.add_run(" / ").font.size = Pt(8)
    _write_field(paragraph, "NUMPAGES")


def _write_field(paragraph, name: str) -> None:
    """A number that the word processor keeps up to date."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    run.font.size = Pt(8)
    field.append(run._r)
    paragraph._p.append(field)


def _paragraph(document, text: str, *, bold: bool = False, space_after: float = 8) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(space_after)
    paragraph.add_run(text).bold = bold
