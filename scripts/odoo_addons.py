"""Odoo add-ons of others that some tests install beside ours, in a folder of their own.

Nobody else sees them: a run that does not name the folder behaves as if they did not exist.
"""

import os
from pathlib import Path

from . import cache
from .console import run
from .paths import SCRIPTS

REQUIREMENTS = sorted((SCRIPTS / "requirements/addons").glob("*.txt"))


def ensure_addons(python: Path) -> Path:
    """The folder to add to Odoo's ``addons_path``."""

    def build(folder: Path) -> None:
        files = [word for path in REQUIREMENTS for word in ("-r", str(path))]
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        run([*pip, "--target", folder, *files], env=env, log=folder / "pip.log")

    folder = cache.entry("addons", cache.digest(*REQUIREMENTS), "Odoo add-ons of others", build)
    return folder / "odoo/addons"
