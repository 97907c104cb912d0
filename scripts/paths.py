"""Where things are: the checkout, its ``out/`` folder and the cache."""

import os
from pathlib import Path

ADDON = "account_receivable_followup"
CHECKOUT = Path(__file__).resolve().parent.parent
OUT = CHECKOUT / "out"
SCRIPTS = CHECKOUT / "scripts"


def cache_root() -> Path:
    """The cache's folder, created when missing.

    ``FOLLOWUP_CACHE`` wins, then ``XDG_CACHE_HOME``. Root's default is below
    ``/var/cache`` and not in its home: PostgreSQL refuses to run as root, and the
    ordinary user that runs it for us cannot enter a home closed to others.
    """
    if os.environ.get("FOLLOWUP_CACHE"):
        root = Path(os.environ["FOLLOWUP_CACHE"]).expanduser()
    elif os.environ.get("XDG_CACHE_HOME"):
        root = Path(os.environ["XDG_CACHE_HOME"]) / ADDON
    elif os.geteuid() == 0:
        root = Path("/var/cache") / ADDON
    else:
        root = Path.home() / ".cache" / ADDON
    root.mkdir(parents=True, exist_ok=True)
    return root.resolve()
