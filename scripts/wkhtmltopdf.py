"""wkhtmltopdf with patched Qt: the build that prints headers and footers."""

import subprocess
from pathlib import Path

from . import cache
from .console import Failure


def ensure_wkhtmltopdf(python: Path) -> Path:
    """A folder for PATH in which the patched program is called ``wkhtmltopdf``."""
    program = python.parent / "wkhtmltopdf-pack"

    def build(folder: Path) -> None:
        (folder / "wkhtmltopdf").symlink_to(program)
        version = subprocess.run(
            [folder / "wkhtmltopdf", "--version"],
            capture_output=True,
            text=True,
            check=False,
        )
        if "with patched qt" not in version.stdout:
            raise Failure(f"wkhtmltopdf: {version.stdout}{version.stderr}")

    return cache.entry("bin", cache.digest(str(program)), "wkhtmltopdf", build)
