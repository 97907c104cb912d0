"""The virtual environment that runs Odoo, the add-on and its checks."""

import os
import platform
import subprocess
import sys
from pathlib import Path

from . import cache
from .console import run
from .paths import SCRIPTS

REQUIREMENTS = sorted((SCRIPTS / "requirements").glob("*.txt"))


def _build(folder: Path) -> None:
    run([sys.executable, "-m", "venv", folder])
    files = [word for path in REQUIREMENTS for word in ("-r", str(path))]
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
    run([*pip, "--upgrade", "pip", "setuptools", "wheel"], env=env)
    run([*pip, *files], env=env, log=folder / "pip.log")


def ensure_python() -> Path:
    """The interpreter of the virtual environment, made when its needs have changed."""
    # Not the whole version: a security update of Python changes it, often during the very
    # run that installs Debian's packages, and the environment works on.
    kind = f"{sys.implementation.cache_tag} {platform.machine()}"
    key = cache.digest(kind, os.path.realpath(sys.executable), *REQUIREMENTS)
    folder = cache.entry("python", key, "Python packages", _build)
    python = folder / "bin/python"
    if subprocess.run([python, "-c", ""], check=False).returncode:
        # The interpreter it was made from is gone, so the entry is worthless.
        (folder / cache.COMPLETE).unlink(missing_ok=True)
        folder = cache.entry("python", key, "Python packages, again", _build)
    return python
