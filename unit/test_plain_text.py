from lib.plain_text import to_plain_text

TABLE = """<table><thead><tr><th>Facture</th><th>Échéance</th><th>Solde</th></tr></thead><tbody>
<tr><td>FA-1<div>du 01/10/2026</div></td><td>31/10/2026<div>20 jours de retard</div></td>
<td>1\u202f200,00\xa0€</td></tr>
<tr><td>AV-2</td><td></td><td>-\ufeff100,00\xa0€</td></tr>
<tr><td colspan="2">Total dû</td><td>1\u202f100,00\xa0€</td></tr></tbody></table>"""


def page(body, lang="fr"):
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>Rappel</title><style>p {{}}</style></head>'
        f"<body>{body}</body></html>"
    )


def test_table_reads_line_by_line():
    """A narrow screen shows every amount with its name; nothing is lined up with spaces."""
    assert to_plain_text(page(TABLE)) == (
        "- FA-1 – du 01/10/2026\n"
        "  Échéance\xa0: 31/10/2026 – 20 jours de retard\n"
        "  Solde\xa0: 1\u202f200,00\xa0€\n"
        "- AV-2\n"
        "  Solde\xa0: -100,00\xa0€\n"
        "Total dû\xa0: 1\u202f100,00\xa0€"
    )


def test_colon_of_the_language():
    assert "Solde: 1" in to_plain_text(page(TABLE, "en"))


def test_table_without_headings():
    rows = "<table><tr><td>IBAN</td><td>FR76 3000</td></tr><tr><td>Seule</td></tr><tr><td></td><td></td></tr></table>"
    assert to_plain_text(page(rows)) == "IBAN\xa0: FR76 3000\nSeule"


def test_paragraphs_and_lines():
    text = to_plain_text(page("<p>Madame,\n  Monsieur,</p><div>Un<br>Deux</div><div>Trois</div><p>Fin</p>"))
    assert text == "Madame, Monsieur,\n\nUn\nDeux\nTrois\n\nFin"


def test_lists_links_and_what_says_nothing():
    body = '<ul><li>Un</li><li>Deux</li></ul><a href="https://x.fr/p">Payer</a> <a href="mailto:a@x.fr">a@x.fr</a>'
    assert to_plain_text(page(body + "<script>x()</script><!-- note --><img alt='logo'/>")) == (
        "- Un\n- Deux\n\nPayer (https://x.fr/p) a@x.fr"
    )


def test_nothing():
    assert to_plain_text("") == ""
    assert to_plain_text("  ") == ""
    assert to_plain_text("<p></p>") == ""
