"""``make documents``: every document of the add-on as a picture, and the page of the guide that shows them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import odoo_log
from .console import Failure, run, say, step
from .paths import ADDON, CHECKOUT, OUT
from .runtime import Odoo, ensure_tools
from .template import TEMPLATE, fresh_odoo

PAGE = CHECKOUT / "docs/documents.md"
PICTURES = CHECKOUT / "docs/images/documents"
PDFS = OUT / "documents"
DPI = "66"
#: Pages shown of one document.
MOST = 3

INTRODUCTION = """# Les documents

Chaque document que le module imprime, en français et en anglais, tel qu’il sort de l’imprimante. La langue est celle du
destinataire ; l’en-tête, le logo, les couleurs, la police et le pied de page sont ceux de la société (*Paramètres ⇒
Sociétés ⇒ Mise en page des documents*).

- **Enveloppe** : l’adresse tient entre 55 et 79 mm du haut et entre 105 et 190 mm de la gauche de la feuille. Elle se
  lit dans la fenêtre d’une enveloppe DL (110 × 220 mm), de 35 × 100 ou de 45 × 100 mm, où que la feuille glisse. Deux
  traits dans la marge disent où plier, à 99 et 198 mm.
- **Tableaux longs** : l’en-tête revient à chaque page, avec une ligne « À reporter » en bas et « Report » en haut.
- **Règlement** : coordonnées bancaires, référence, et, pour une somme en euros sur un compte qui a un IBAN, le code à
  scanner avec l’application de sa banque (norme EPC).

Cette page est faite par `make documents` ; les fichiers PDF sont alors dans `out/documents/`.
"""
#: Document → its title and what it is for, in the order of the page.
DOCUMENTS = {
    "prevention": ("Relance préventive", "Avant l’échéance, une courtoisie."),
    "reminder_1": ("1re relance", "Un rappel : sans doute un oubli."),
    "reminder_2": ("2e relance", "Ferme : elle demande une date."),
    "reminder_3": ("3e relance", "La dernière avant la mise en demeure ; les pénalités y sont chiffrées."),
    "formal_notice": ("Mise en demeure", "En recommandé ; le décompte des pénalités suit, jour par jour."),
    "thanks": ("Remerciement", "Une facture relancée est soldée."),
    "long_table": ("Une lettre de soixante factures", "Les totaux se reportent d’une page à l’autre."),
    "statement": ("Relevé de compte", "Tout ce qui est ouvert ce jour-là, débits et crédits."),
    "duplicate": ("Duplicata avec décompte", "Ce qui est parti, marqué comme duplicata."),
    "transmission": ("Transmission à un tiers", "Le dossier remis à une société de recouvrement ou à un avocat."),
}
LANGUAGES = {"fr": "français", "en": "anglais"}


def documents() -> int:
    """Print the documents of the invented firm, picture their pages, write the guide's page."""
    tools = ensure_tools()
    shutil.rmtree(PDFS, ignore_errors=True)
    PDFS.mkdir(parents=True)
    with fresh_odoo(tools) as odoo:
        with step("install on a clone of the template"):
            odoo.clone(TEMPLATE, "documents")
            for record in odoo_log.complaints(odoo.install("documents", ADDON)):
                say(str(record))
        with step("print the documents"):
            _print(odoo)
    with step("picture their pages"):
        shutil.rmtree(PICTURES, ignore_errors=True)
        PICTURES.mkdir(parents=True)
        shown = {name: _picture(name) for name in DOCUMENTS}
    PAGE.write_text(_page(shown), "utf-8")
    say(f"{PAGE.relative_to(CHECKOUT)}: {sum(map(len, shown.values()))} pictures")
    return 0


def _print(odoo: Odoo) -> None:
    script = (CHECKOUT / "demo/setup_documents.py").read_text("utf-8")
    text = run(
        odoo.command("shell", "-d", "documents", "--no-http", "--log-level=warn"),
        cwd=odoo.work,
        env={**odoo.environment(), "FOLLOWUP_DOCUMENTS": str(PDFS)},
        stdin=f"exec(compile({script!r}, 'demo/setup_documents.py', 'exec'))\n",
    )
    if "documents made" not in text:
        raise Failure(f"demo/setup_documents.py:\n{text}")


def _picture(name: str) -> list[tuple[str, Path]]:
    """[(language, picture of a page)] of a document, the first pages of each language."""
    found = []
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            command = ["pdftoppm", "-r", DPI, "-png", "-l", str(MOST), PDFS / f"{name}.{language}.pdf"]
            subprocess.run([*command, Path(folder) / "page"], check=True)
            for number, path in enumerate(sorted(Path(folder).glob("*.png")), 1):
                target = PICTURES / f"{name}.{language}.{number}.png"
                shutil.copy(path, target)
                found.append((language, target))
    return found


def _page(shown: dict[str, list[tuple[str, Path]]]) -> str:
    """The page of the guide."""
    parts = [INTRODUCTION]
    for name, (title, purpose) in DOCUMENTS.items():
        parts.append(f"## {title}\n\n{purpose}\n")
        for language, words in LANGUAGES.items():
            pictures = [path for spoken, path in shown[name] if spoken == language]
            links = [
                f"![{title}, {words}, page {number}]({path.relative_to(PAGE.parent)})"
                for number, path in enumerate(pictures, 1)
            ]
            parts.append("\n".join(links) + "\n")
    return "\n".join(parts)
