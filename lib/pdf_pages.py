"""Putting many PDFs together, in bounded memory, and cutting one along its documents.

The library is `pikepdf` (QPDF): it joins two thousand letters in seconds. What the letters share, their fonts and the
logo, is written once: the whole is ten times lighter than the sum of its parts.
"""

import hashlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

#: Letters put together at once: what they hold twice is dropped before the next ones are read.
BLOCK = 100
#: Bytes under which a stream is not worth looking for a second time.
_SMALL = 1024


def join_pdfs(contents: Iterable[bytes], *, duplex: bool = False) -> bytes:
    """One PDF with the pages of all ``contents``, in order; they are read one after the other.

    :param duplex: each document begins on a new sheet of paper when both sides are printed

    >>> one, two = make_blank(1), make_blank(2)
    >>> count_pages(join_pdfs([one, two, one])), count_pages(join_pdfs([one, two, one], duplex=True))
    (4, 5)
    """
    contents, parts = iter(contents), []
    while block := list(islice(contents, BLOCK)):
        parts.append(_join(block, duplex))
    if not parts:
        raise ValueError("Nothing to put together")
    return parts[0] if len(parts) == 1 else _join(parts, duplex)


def cut_pdf(content: bytes, count: int) -> list[bytes] | None:
    """The ``count`` documents that a PDF holds, one after the other; None when its pages do not tell where they begin.

    Each begins on the page of a heading of the first level, and has no other: wkhtmltopdf lists them as the outline.

    >>> [count_pages(part) for part in cut_pdf(make_blank(3), 3)]
    [1, 1, 1]
    >>> cut_pdf(make_blank(3), 2) is None
    True
    """
    with Pdf.open(BytesIO(content)) as whole:
        starts = _starts(whole) if len(whole.pages) != count else list(range(count))
        if len(starts) != count or starts[:1] != [0]:
            return None
        parts = []
        for first, last in zip(starts, [*starts[1:], len(whole.pages)], strict=True):
            part = Pdf.new()
            part.pages.extend(whole.pages[first:last])
            parts.append(_save(part))
        return parts


def _starts(pdf: Pdf) -> list[int]:
    """Numbers, from 0, of the pages on which there is a heading of the first level."""
    places = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    named = pdf.Root.get("/Dests", Dictionary())
    item = pdf.Root.get("/Outlines", Dictionary()).get("/First")
    found = set()
    while item is not None:
        target = item.get("/Dest", item.get("/A", Dictionary()).get("/D"))
        target = named.get(str(target)) if isinstance(target, Name) else target
        if isinstance(target, Array):
            # wkhtmltopdf writes the number of the page; others, the page itself.
            place = target[0]
            found.add(place if isinstance(place, int) else places.get(place.objgen, 0))
        item = item.get("/Next")
    return sorted(found)


def count_pages(content: bytes) -> int:
    """Number of pages of a PDF.

    >>> count_pages(make_blank(3))
    3
    """
    with Pdf.open(BytesIO(content)) as pdf:
        return len(pdf.pages)


def make_blank(pages: int) -> bytes:
    """A PDF of blank sheets of A4.

    >>> make_blank(1)[:5]
    b'%PDF-'
    """
    pdf = Pdf.new()
    for _page in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    return _save(pdf)


def _join(contents: Iterable[bytes], duplex: bool) -> bytes:
    whole = Pdf.new()
    known: dict[bytes, Object] = {}
    for content in contents:
        if duplex and len(whole.pages) % 2:
            whole.add_blank_page(page_size=tuple(float(side) for side in whole.pages[-1].mediabox[2:]))
        first = len(whole.pages)
        with Pdf.open(BytesIO(content)) as part:
            whole.pages.extend(part.pages)
        for page in whole.pages[first:]:
            _share(page.obj.get("/Resources"), known)
    return _save(whole)


def _share(resources: Object | None, known: dict[bytes, Object]) -> None:
    """Replace the fonts' files and the images of a page by those that another page has already brought."""
    if resources is None:
        return
    for holder, name in (*_font_files(resources), *_images(resources)):
        stream = holder[name]
        if not isinstance(stream, Stream):
            continue
        if int(stream.get("/Length", 0)) < _SMALL:
            continue
        mark = _mark(stream)
        holder[name] = known.setdefault(mark, stream)


def _mark(stream: Stream) -> bytes:
    """What tells two streams apart: their bytes, what is said of them, and an image's transparency."""
    about = sorted((key, str(value)) for key, value in stream.items() if not isinstance(value, Stream))
    inside = b"".join(_mark(value) for _key, value in sorted(stream.items()) if isinstance(value, Stream))
    return hashlib.sha256(repr(about).encode() + inside + stream.read_raw_bytes()).digest()


def _font_files(resources: Object) -> Iterator[tuple[Object, str]]:
    """(what holds it, its name) of each file of a font."""
    for _key, font in resources.get("/Font", Dictionary()).items():
        for one in (font, *font.get("/DescendantFonts", ())):
            descriptor = one.get("/FontDescriptor")
            for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                if descriptor is not None and name in descriptor:
                    yield descriptor, name


def _images(resources: Object) -> Iterator[tuple[Object, str]]:
    """(what holds it, its name) of each image."""
    images = resources.get("/XObject", Dictionary())
    for name, image in images.items():
        if isinstance(image, Stream) and image.get("/Subtype") == Name.Image:
            yield images, name


def _save(pdf: Pdf) -> bytes:
    stream = BytesIO()
    # The same letters give the same file.
    pdf.save(stream, deterministic_id=True)
    pdf.close()
    return stream.getvalue()
