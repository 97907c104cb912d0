"""Checks of the sources that need libraries: translations, XML, tests, sizes.

Run by the virtual environment's interpreter: ``python -m scripts.source_checks``
prints one line a problem. ``--exported FILE`` checks the French against the terms that
Odoo exported, and nothing else.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from lxml import etree

from .paths import CHECKOUT

MAX_LINES = 600
SKIPPED_FOLDERS = {".git", "out", "node_modules", "__pycache__"}
FRENCH = CHECKOUT / "i18n/fr.po"


def files(*suffixes: str) -> Iterator[Path]:
    """The checkout's files with one of the suffixes."""
    for path in sorted(CHECKOUT.rglob("*")):
        inside = path.relative_to(CHECKOUT)
        if path.suffix in suffixes and not SKIPPED_FOLDERS.intersection(inside.parts):
            yield path


def name(path: Path) -> str:
    """The path as the reader knows it."""
    return str(path.relative_to(CHECKOUT))


def well_formed_xml() -> Iterator[str]:
    """XML files that do not parse."""
    for path in files(".xml", ".svg"):
        try:
            etree.parse(path)
        except etree.XMLSyntaxError as error:
            yield f"{name(path)}: {error}"


def long_files() -> Iterator[str]:
    """Source files too long to hold one concept."""
    for path in files(".py", ".js", ".scss"):
        lines = len(path.read_text("utf-8").splitlines())
        if lines > MAX_LINES:
            yield f"{name(path)}: {lines} lines (at most {MAX_LINES})"


def _imported(init: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(init.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                found.add(node.module.split(".")[0])
            else:
                found |= {alias.name for alias in node.names}
    return found


def unimported_tests() -> Iterator[str]:
    """Test files that Odoo's own runner would never see."""
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        folder = path.parent
        needed = path.stem
        while folder != CHECKOUT:
            init = folder / "__init__.py"
            if not init.exists() or needed not in _imported(init):
                yield f"{name(init)} does not import {needed}"
            needed, folder = folder.name, folder.parent


def odoo_in_lib() -> Iterator[str]:
    """Modules of lib/ that import Odoo: the rules of the trade stand without it."""
    for path in sorted((CHECKOUT / "lib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            if any(module.split(".")[0] == "odoo" for module in modules):
                yield f"{name(path)}:{node.lineno}: imports odoo"


def french() -> Iterator[str]:
    """Entries of the French translation that are empty, fuzzy or left over."""
    if not FRENCH.exists():
        yield f"{name(FRENCH)} is missing"
        return
    catalogue = polib.pofile(str(FRENCH))
    for entry in catalogue:
        where = f"{name(FRENCH)}:{entry.linenum}"
        if entry.obsolete:
            yield f"{where}: obsolete: {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"{where}: fuzzy: {entry.msgid!r}"
        elif not entry.msgstr:
            yield f"{where}: empty: {entry.msgid!r}"


def untranslated(exported: Path) -> Iterator[str]:
    """Terms that Odoo exports and the French translation lacks, and the reverse."""
    if not FRENCH.exists():
        yield f"{name(FRENCH)} is missing"
        return
    wanted = {entry.msgid for entry in polib.pofile(str(exported))}
    known = {entry.msgid for entry in polib.pofile(str(FRENCH))}
    for term in sorted(wanted - known):
        yield f"not in {name(FRENCH)}: {term!r}"
    for term in sorted(known - wanted):
        yield f"only in {name(FRENCH)}: {term!r}"


def main(args: list[str]) -> None:
    """Print the problems, one a line."""
    if args[:1] == ["--exported"]:
        found = list(untranslated(Path(args[1])))
    else:
        checks = [well_formed_xml, long_files, unimported_tests, odoo_in_lib, french]
        found = [problem for check in checks for problem in check()]
    for problem in found:
        print(problem)


if __name__ == "__main__":
    main(sys.argv[1:])
