import base64
from datetime import timedelta
from io import BytesIO

from PIL import Image

from odoo.fields import Command
from odoo.tests import tagged

from .common_letters import STATEMENT, LetterCommon, pictures_of, text_of, words_of

#: What always shows in the window of a French DL envelope, whatever the sheet's place in it: left, top, right, bottom
#: in millimetres (windows of 35 × 100 and 45 × 100 mm, 20 mm from the right and lower edges of 110 × 220 mm).
WINDOW = (100, 55, 190, 79)
LONG_NAME = "SOCIÉTÉ INDUSTRIELLE DES ÉTABLISSEMENTS MÉTALLURGIQUES NORD"
LAYOUTS = ("standard", "striped", "boxed", "bold", "folder", "wave", "bubble")


def inside(word, box):
    """Whether the whole word lies in the box."""
    _page, _text, left, top, right, bottom = word
    return box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]


def touches(word, box):
    _page, _text, left, top, right, bottom = word
    return left < box[2] and right > box[0] and top < box[3] and bottom > box[1]


@tagged("post_install", "-at_install")
class TestLetterLayout(LetterCommon):
    """Where things are on the sheet, to the millimetre: real PDFs."""

    def assertInWindow(self, content, address):
        """Each word of the address is in the window on the first page, and nothing else is."""
        first = [word for word in words_of(content) if word[0] == 1]
        wanted = " ".join(address).split()
        shown = [word for word in first if touches(word, WINDOW)]
        self.assertEqual([word[1] for word in shown], wanted)
        for word in shown:
            self.assertTrue(inside(word, WINDOW), word)

    def assertOnSheet(self, content):
        """Nothing leaves the sheet, nor the margins that printers cannot reach (5 mm)."""
        for word in words_of(content):
            self.assertTrue(inside(word, (5, 5, 205, 292)), word)

    # Window and marks

    def test_address_in_the_window(self):
        reminder = self._reminder([self._line("FA001", 500)])
        for report in (None, STATEMENT):
            content = self._print(reminder, **({"report": report} if report else {}))
            self.assertInWindow(content, ["Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"])
            self.assertOnSheet(content)

    def test_long_address_in_the_window(self):
        """A name of sixty characters, six other lines: smaller letters, still in the window."""
        self.assertEqual(len(LONG_NAME), 59)
        firm = self._customer(
            LONG_NAME,
            street="Zone d'activités de la Grande Prairie, bâtiment C, escalier 12",
            street2="Boîte postale 12345",
            city="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
            country_id=self.env.ref("base.be").id,
        )
        contact = self.env["res.partner"].create(
            {"name": "Marie-Charlotte de la Rochefoucauld", "parent_id": firm.id, "type": "contact"}
        )
        reminder = self._reminder([self._line("FA001", 500)], partner=firm, recipient_id=contact.id)
        lines = contact._get_address_lines()
        self.assertEqual(lines[0], LONG_NAME)
        self.assertEqual(lines[1], "For the attention of Marie-Charlotte de la Rochefoucauld")
        self.assertEqual(lines[-1], "BELGIUM")
        self.assertInWindow(self._print(reminder), lines)

    def test_unbreakable_name(self):
        """A word that cannot be broken moves nothing: the address stays where it is."""
        firm = self._customer("W" * 90)
        content = self._print(self._reminder([self._line("FA001", 500)], partner=firm))
        address = [word for word in words_of(content) if word[0] == 1 and touches(word, WINDOW)]
        self.assertEqual("".join(word[1] for word in address if set(word[1]) == {"W"}), "W" * 90)
        for word in address:
            self.assertTrue(inside(word, WINDOW), word)

    def test_address_lines(self):
        """The town in capitals, the country of a foreign address alone, the name of another address of the firm."""
        firm = self._customer("Baudry & Fils", street2="BP 12")
        self.assertEqual(firm._get_address_lines(), ["Baudry & Fils", "12 rue des Acacias", "BP 12", "44000 NANTES"])
        firm.country_id = self.env.ref("base.mc")
        self.assertEqual(firm._get_address_lines()[-2:], ["44000 NANTES", "MONACO"])
        firm.write({"country_id": self.env.ref("base.de").id, "zip": "10115", "city": "Berlin", "street2": False})
        self.assertEqual(firm._get_address_lines()[-2:], ["10115 Berlin", "GERMANY"])
        site = self.env["res.partner"].create(
            {
                "name": "Site de Bouguenais",
                "parent_id": firm.id,
                "type": "other",
                "street": "1 quai Sud",
                "zip": "44340",
                "city": "Bouguenais",
                "country_id": False,
            }
        )
        self.assertEqual(
            site._get_address_lines(), ["Baudry & Fils", "Site de Bouguenais", "1 quai Sud", "44340 BOUGUENAIS"]
        )

    def test_fold_marks(self):
        """At a third and two thirds of the first sheet, in its left margin; none on the next ones."""
        reminder = self._reminder([self._line(f"FA{n:03}", 10) for n in range(60)])
        first, second = pictures_of(self._print(reminder), dpi=100)[:2]
        scale = 100 / 25.4

        def marks(picture):
            column = [picture.getpixel((int(5 * scale), y)) < 230 for y in range(picture.height)]
            return [round(y / scale) for y in range(1, len(column)) if column[y] and not column[y - 1]]

        self.assertEqual(marks(first), [99, 198])
        self.assertEqual(marks(second), [])

    # The company's own layout

    def test_company_layouts(self):
        """Whatever the layout: its header above the address, its footer, the number of the page."""
        self.company.report_footer = "SAS au capital de 120 000 € – RCS Lyon 552 081 317"
        self.company.report_header = "<p>Menuiseries depuis 1926</p>"
        reminder = self._reminder([self._line("FA001", 500)])
        address = ["Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"]
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                content = self._print(reminder)
                text = text_of(content)
                self.assertIn("552 081 317", text)
                self.assertIn("depuis 1926", text)
                self.assertIn("Page 1 / 1", text)
                self.assertInWindow(content, address)
                self.assertOnSheet(content)

    def test_neither_logo_nor_footer_nor_bank(self):
        self.bank.unlink()
        self.company.bank_journal_ids.bank_account_id = False
        self.company.write({"logo": False, "report_footer": False, "report_header": False, "street": False})
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                content = self._print(self._reminder([self._line("FA001", 500)], self.notice))
                self.assertNotIn("IBAN", text_of(content))
                self.assertInWindow(content, ["Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"])
                self.assertOnSheet(content)

    def test_logo_of_any_shape(self):
        """A logo as high as wide does not run into the address."""
        stream = BytesIO()
        Image.new("RGB", (900, 900), "#123456").save(stream, "PNG")
        self.company.logo = base64.b64encode(stream.getvalue())
        self.company.write({"street": "1 rue A", "street2": "Bâtiment B", "zip": "69001", "phone": "04 00 00 00 00"})
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                content = self._print(self._reminder([self._line("FA001", 500)]))
                self.assertInWindow(content, ["Menuiserie Baudry", "12 rue des Acacias", "44000 NANTES"])

    # One letter an invoice

    def test_one_letter_an_invoice(self):
        """The plan's grouping by document: each letter lists its own invoice, and claims it alone."""
        self.plan.grouping = "document"
        for number, amount in (("FA001", 500), ("FA002", 700)):
            line = self._entry(amount, days_late=60, ref=number)
            self._deliver(line, self.levels[2], self.TODAY - timedelta(days=15))
        letters = self._run().reminder_ids.sudo()
        self.assertEqual(len(letters), 2)
        letters._render_texts()
        for letter in letters:
            mine = letter.line_ids.document
            other = "FA001" if mine == "FA002" else "FA002"
            text = text_of(self._print(letter))
            self.assertIn(mine, text)
            self.assertNotIn(other, text)
        self.assertEqual(sorted(letters.mapped("amount_due")), [500, 700])

    def test_markup_in_names_stays_text(self):
        """Names and comments are never markup, on the letter and on the statement."""
        name = "Baudry <b>& Fils</b> <img src=x>"
        self.customer.write({"name": name, "street": "12 <i>rue</i>", "ref": "<u>411</u>"})
        reminder = self._reminder([self._line("<s>FA001</s>", 500)], extra_text="<h1>Bonjour</h1>")
        text = text_of(self._print(reminder))
        for expected in (name, "12 <i>rue</i>", "<s>FA001</s>", "<h1>Bonjour</h1>"):
            self.assertIn(expected, text)
        self._entry(500, ref="<s>FA001</s>")
        statement = text_of(self._print(reminder, report=STATEMENT))
        self.assertIn("<u>411</u>", statement)
        self.assertIn("<s>FA001</s>", statement)

    def test_titles_of_a_text(self):
        """A person's text may have titles: the batch is still cut into the right letters."""
        letters = self.env["followup.reminder"]
        for name in ("Un", "Deux"):
            letter = self._reminder([self._line(f"FA{name}", 10)], partner=self._customer(name))
            letter.kept_body = f"<h1>Titre {name}</h1><h2>Suite</h2><div style='height: 300mm'></div><h1>Fin</h1>"
            letters += letter
        self._print(letters)
        for letter, name in zip(letters, ("Un", "Deux"), strict=True):
            kept = (
                self.env["ir.attachment"]
                .sudo()
                .search([("res_model", "=", "followup.reminder"), ("res_id", "=", letter.id)])
            )
            text = text_of(kept.raw)
            self.assertIn(f"Titre {name} Suite", text)
            self.assertIn("Fin", text)
            self.assertEqual(text.count("Titre"), 1)

    def test_formal_notice_fits_one_page(self):
        """The formal notice of a few invoices: everything the law wants, on a single page."""
        self.customer.company_registry = "732829320"
        self.company.company_registry = "55208131700029"
        reminder = self._reminder([self._line(f"FA00{n}", 500, paid=50) for n in range(5)], self.notice)
        content = self._print(reminder)
        self.assertEqual({word[0] for word in words_of(content)}, {1})

    def test_consumer_and_company_alone(self):
        """A customer without street nor country still gets a letter that holds together."""
        person = self._customer("Ada", is_company=False, street=False, zip=False, city=False, country_id=False)
        reminder = self._reminder([self._line("FA001", 500)], partner=person)
        self.assertEqual(person._get_address_lines(), ["Ada"])
        self.assertInWindow(self._print(reminder), ["Ada"])

    def test_two_languages_in_one_batch(self):
        """Each letter in its own language, its own header and footer, its own count of pages."""
        self.customer.lang = "fr_FR"
        french = self._reminder([self._line(f"FR{n:03}", 10) for n in range(60)])
        english = self._reminder([self._line("EN001", 10)], partner=self._customer("Smith"))
        words = words_of(self._print(french + english))
        pages = {
            page: " ".join(word[1] for word in words if word[0] == page) for page in sorted({word[0] for word in words})
        }
        self.assertEqual(len(pages), 4)
        self.assertIn("Page 1 / 3", pages[1])
        self.assertIn("Page 3 / 3", pages[3])
        self.assertIn("Page 1 / 1", pages[4])
        self.assertIn("EN001", pages[4])

    def test_recipient_of_the_statement(self):
        """The statement is cut at its own pages too, debits and credits apart."""
        reminder = self._reminder([self._line("FA001", 500)])
        self.env["account.move"].create(
            [
                {
                    "move_type": "entry",
                    "journal_id": self.company_data["default_journal_misc"].id,
                    "date": self.TODAY,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": self.receivable.id,
                                "partner_id": self.customer.id,
                                "name": f"DOC{n:03}",
                                "balance": 100 if n % 3 else -10,
                            }
                        ),
                        Command.create(
                            {
                                "account_id": self.company_data["default_account_revenue"].id,
                                "balance": -100 if n % 3 else 10,
                            }
                        ),
                    ],
                }
                for n in range(90)
            ]
        ).action_post()
        content = self._print(reminder, report=STATEMENT)
        words = words_of(content)
        first = [word[1] for word in words if word[0] == 1]
        shown = [int(word[3:]) for word in first if word.startswith("DOC")]
        debit, credit = sum(100 for n in shown if n % 3), sum(10 for n in shown if not n % 3)
        text = " ".join(first)
        self.assertIn(f"Carried forward $ {debit:,.2f} $ {credit:,.2f}", text)
        self.assertIn(f"Brought forward $ {debit:,.2f} $ {credit:,.2f}", " ".join(w[1] for w in words if w[0] == 2))
