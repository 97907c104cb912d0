"""The demo's names: databases, people, passwords, dates, and what it depends on."""

import datetime as dt
import os
from pathlib import Path

from . import cache
from .paths import CHECKOUT

DATABASE = "demo"
SAGE_DATABASE = "sage100_demo"
SAGE_LOGIN = "sage_lecture"
SAGE_PASSWORD = "lecture-seule"

# Login, password, name, group of the add-on, what the person does.
USERS = (
    ("marie.lefevre", "marie", "Marie Lefèvre", "user", "chargée de relance"),
    ("paul.durand", "paul", "Paul Durand", "manager", "directeur financier"),
    ("lea.martin", "lea", "Léa Martin", "viewer", "consultation"),
)
ADMIN = ("admin", "admin")

# What the demo's database is made from, besides the template and the date.
SOURCES = (
    "controllers",
    "data",
    "demo",
    "i18n",
    "lib",
    "models",
    "reports",
    "security",
    "static",
    "views",
    "wizards",
    "__init__.py",
    "__manifest__.py",
    "scripts/demo.py",
    "scripts/demo_build.py",
    "scripts/demo_data.py",
)


def reference_date() -> dt.date:
    """The day of the demo: today, or FOLLOWUP_DEMO_DATE (YYYY-MM-DD)."""
    given = os.environ.get("FOLLOWUP_DEMO_DATE")
    return dt.date.fromisoformat(given) if given else dt.date.today()


def _source_files() -> list[Path]:
    found: list[Path] = []
    for name in SOURCES:
        path = CHECKOUT / name
        found += [path] if path.is_file() else sorted(path.rglob("*"))
    return [path for path in found if path.is_file() and path.suffix != ".pyc" and "tests" not in path.parts]


def demo_key(template: Path) -> str:
    """Changes with the add-on, the demo's data, the template and the date."""
    parts: list[str | Path] = [template.name, reference_date().isoformat()]
    for path in _source_files():
        parts += [str(path.relative_to(CHECKOUT)), path]
    return cache.digest(*parts)
