import base64
import unittest
from io import BytesIO

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.html_docx import write_html
from lib.letter_docx import Letter, write_letter

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)
TABLE = """
<table><thead><tr><th style="text-align: left">Invoice</th><th style="text-align: right;">Due</th></tr></thead>
<tbody><tr><td>FA001</td><td style="text-align: right; border-bottom: 1px solid">1&nbsp;000,00&nbsp;€</td></tr>
<tr><td colspan="2" style="font-weight: bold; text-align: right;">Total 1&nbsp;000,00&nbsp;€</td></tr></tbody></table>
"""


def written(text):
    """A document that holds this HTML, as a word processor reads it back."""
    document = Document()
    write_html(document, text)
    stream = BytesIO()
    document.save(stream)
    return Document(BytesIO(stream.getvalue()))


def texts(document):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


class TestHtml(unittest.TestCase):
    def test_paragraphs(self):
        document = written("<div>Loose <p>First\n   line</p> between <div><div>deep</div></div>last</div>")
        self.assertEqual(texts(document), ["Loose ", "First line", "between ", "deep", "last"])

    def test_emphasis(self):
        runs = written(
            "<p>a <strong>b <em>c</em></strong> <span style='font-weight: 700'>d</span></p>"
        ).paragraphs[0].runs
        looks = {run.text.strip(): (bool(run.bold), bool(run.italic)) for run in runs if run.text.strip()}
        self.assertEqual(looks, {"a": (False, False), "b": (True, False), "c": (True, True), "d": (True, False)})

    def test_silent(self):
        document = written(
            "<style>p {color: red}</style><p style='display: none'>hidden</p><p>seen<!-- no --></p><script>x</script>"
        )
        self.assertEqual(texts(document), ["seen"])

    def test_lists(self):
        document = written("<ul><li>one</li><li>two <b>bold</b></li></ul><ol><li>first</li></ol><p>after</p>")
        self.assertEqual(
            [(paragraph.text, paragraph.style.name) for paragraph in document.paragraphs],
            [("one", "List Bullet"), ("two bold", "List Bullet"), ("first", "List Number"), ("after", "Normal")],
        )

    def test_link(self):
        self.assertEqual(texts(written('<a href="https://a.example">Pay</a>')), ["Pay (https://a.example)"])

    def test_table(self):
        table = written(TABLE).tables[0]
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        total = "Total 1\xa0000,00\xa0€"
        self.assertEqual(rows, [["Invoice", "Due"], ["FA001", "1\xa0000,00\xa0€"], [total, total]])
        self.assertIs(table.cell(2, 0)._tc, table.cell(2, 1)._tc, "one cell over two columns")
        self.assertTrue(table.cell(0, 0).paragraphs[0].runs[0].bold)
        self.assertTrue(table.cell(2, 0).paragraphs[0].runs[0].bold)
        self.assertEqual(table.cell(1, 1).paragraphs[0].alignment, 2)
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        self.assertEqual(heads, [True, False, False], "the head is said again on the next page")

    def test_table_in_a_table(self):
        document = written(f"<table><tr><td>Before{TABLE}</td></tr></table><p>after</p>")
        inner = document.tables[0].cell(0, 0).tables[0]
        self.assertEqual(inner.cell(1, 0).text, "FA001")
        self.assertEqual(texts(document), ["after"])

    def test_images(self):
        """What the text holds is shown; nothing is fetched, and what is no image is left out."""
        image = base64.b64encode(PIXEL).decode()
        document = written(
            f'<p>QR <img style="width: 30mm" src="data:image/png;base64,{image}"/>'
            '<img src="https://tracker.example/x.png"/><img src="data:image/png;base64,AAAA"/></p>'
        )
        self.assertEqual([shape.width for shape in document.inline_shapes], [Mm(30)])

    def test_characters(self):
        """What XML cannot hold would make the file unreadable."""
        document = written("<p>a\x0bb\x01c &lt;b&gt; &amp; É\N{NO-BREAK SPACE}é</p>")
        self.assertEqual(texts(document), ["a bc <b> & É\xa0é"])

    @settings(max_examples=25, deadline=None)
    @given(st.text(alphabet=st.sampled_from("<>/abptd div\"'=&;é€ \n\x00\x0b"), max_size=60))
    def test_any_text_opens(self, text):
        written(f"<div>{text}</div>" if "\x00" not in text else text)


class TestLetter(unittest.TestCase):
    def letter(self, **values):
        values = {
            "sender": ("Bois du Rhône", "1 quai Perrache", "69002 LYON"),
            "recipient": ("Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"),
            "place_and_date": "Lyon, le 21 novembre 2026",
            "subject": "Objet : mise en demeure",
            "body": f"<p>Madame, Monsieur,</p>{TABLE}",
            **values,
        }
        return Document(BytesIO(write_letter(Letter(**values))))

    def test_content(self):
        document = self.letter(mention="Lettre recommandée", footer=("SIRET 552 081 317 00029",))
        self.assertEqual(
            texts(document),
            ["Lyon, le 21 novembre 2026", "Lettre recommandée", "Objet : mise en demeure", "Madame, Monsieur,"],
        )
        self.assertEqual(len(document.tables), 1)
        section = document.sections[0]
        self.assertEqual((round(section.page_width.mm), round(section.page_height.mm)), (210, 297))
        for foot in (section.footer, section.first_page_footer):
            self.assertIn("SIRET", foot.paragraphs[0].text)
            self.assertIn("NUMPAGES", foot._element.xml)

    def test_window(self):
        """The recipient's block stands at the place of the envelope's window, whatever the length of the sender's."""
        head = self.letter().sections[0].first_page_header
        frames = {
            paragraph.text: paragraph._p.pPr.find(qn("w:framePr"))
            for paragraph in head.paragraphs
            if paragraph.text
        }
        for line in ("Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"):
            millimetres = [int(frames[line].get(qn(f"w:{axis}"))) * 25.4 / 1440 for axis in "xy"]
            self.assertEqual([round(place) for place in millimetres], [106, 52])
        self.assertEqual(round(int(frames["Bois du Rhône"].get(qn("w:x"))) * 25.4 / 1440), 20)

    def test_logo(self):
        self.assertIn("pic:pic", self.letter(logo=PIXEL).sections[0].first_page_header._element.xml)
        for unreadable in (b"<svg/>", b"", b"GIF89a"):
            with self.subTest(logo=unreadable):
                self.assertNotIn("pic:pic", self.letter(logo=unreadable).sections[0].first_page_header._element.xml)

    def test_markup_in_a_name_stays_text(self):
        head = self.letter(recipient=("Baudry <b>& Fils</b>",)).sections[0].first_page_header
        self.assertIn("Baudry <b>& Fils</b>", [paragraph.text for paragraph in head.paragraphs])
