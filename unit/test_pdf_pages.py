import unittest
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lib.pdf_pages import BLOCK, count_pages, cut_pdf, join_pdfs
from lib.pdf_stamp import stamp_pdf


def pdf(*texts, image=None):
    """A PDF with a text a page."""
    stream = BytesIO()
    canvas = Canvas(stream)
    for text in texts:
        canvas.drawString(72, 720, text)
        if image:
            canvas.drawImage(ImageReader(BytesIO(image)), 72, 400)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def texts(content):
    return [page.extract_text().strip() for page in PdfReader(BytesIO(content)).pages]


def picture():
    """A PNG that does not compress."""
    from random import Random

    from PIL import Image

    stream = BytesIO()
    Image.frombytes("RGB", (60, 60), Random(5).randbytes(10800)).save(stream, "PNG")
    return stream.getvalue()


class TestJoin(unittest.TestCase):
    def test_order(self):
        self.assertEqual(texts(join_pdfs([pdf("a", "b"), pdf("c"), pdf("d")])), ["a", "b", "c", "d"])

    def test_more_than_a_block(self):
        whole = join_pdfs(pdf(str(number)) for number in range(2 * BLOCK + 3))
        self.assertEqual(texts(whole), [str(number) for number in range(2 * BLOCK + 3)])

    def test_both_sides(self):
        whole = join_pdfs([pdf("a"), pdf("b", "c"), pdf("d"), pdf("e")], duplex=True)
        self.assertEqual(texts(whole), ["a", "", "b", "c", "d", "", "e"])
        many = texts(join_pdfs((pdf(str(number)) for number in range(BLOCK + 2)), duplex=True))
        self.assertEqual(many[::2], [str(number) for number in range(BLOCK + 2)])

    def test_shared_once(self):
        """A picture that all of them hold is written once; the pages stay as they are."""
        parts = [pdf(str(number), image=picture()) for number in range(10)]
        whole = join_pdfs(parts)
        self.assertLess(len(whole), 2 * len(parts[0]))
        self.assertEqual(texts(whole), [str(number) for number in range(10)])
        for page in PdfReader(BytesIO(whole)).pages:
            self.assertEqual(len(page.images[0].data), len(PdfReader(BytesIO(parts[0])).pages[0].images[0].data))

    def test_same_letters_same_file(self):
        parts = [pdf("a"), pdf("b")]
        self.assertEqual(join_pdfs(parts), join_pdfs(parts))

    def test_nothing(self):
        with self.assertRaises(ValueError):
            join_pdfs([])


class TestCut(unittest.TestCase):
    def with_headings(self, pages, *starts):
        """A PDF whose outline names these pages."""
        writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(*(str(number) for number in range(pages))))))
        for start in starts:
            writer.add_outline_item(f"Letter {start}", start)
        stream = BytesIO()
        writer.write(stream)
        return stream.getvalue()

    def test_along_the_headings(self):
        parts = cut_pdf(self.with_headings(6, 0, 1, 4), 3)
        self.assertEqual([texts(part) for part in parts], [["0"], ["1", "2", "3"], ["4", "5"]])

    def test_one_page_each(self):
        self.assertEqual([texts(part) for part in cut_pdf(pdf("a", "b"), 2)], [["a"], ["b"]])

    def test_two_headings_of_a_page(self):
        parts = cut_pdf(self.with_headings(3, 0, 0, 1), 2)
        self.assertEqual([texts(part) for part in parts], [["0"], ["1", "2"]])

    def test_what_cannot_be_told_apart(self):
        for pages, starts, count in ((4, (), 2), (4, (1, 2), 2), (4, (0, 1, 2), 2), (4, (0,), 2)):
            with self.subTest(starts=starts):
                self.assertIsNone(cut_pdf(self.with_headings(pages, *starts), count))


class TestStamp(unittest.TestCase):
    def test_each_page(self):
        original = pdf("a", "b")
        stamped = stamp_pdf(original, "DUPLICATA")
        self.assertEqual(count_pages(stamped), 2)
        for text, letter in zip(texts(stamped), "ab", strict=True):
            self.assertIn("DUPLICATA", text)
            self.assertIn(letter, text)
        self.assertEqual(texts(original), ["a", "b"])
