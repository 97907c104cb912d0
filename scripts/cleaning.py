"""``make clean`` and ``make distclean``."""

import shutil

from .cache import locked
from .console import Failure, say
from .demo import remove_demos
from .paths import CHECKOUT, OUT, cache_root

LEFT_BY_TOOLS = (".ruff_cache", ".pytest_cache", ".hypothesis", "unit/.hypothesis")


def clean() -> int:
    """Remove what commands wrote in the checkout, and the demos that nobody serves."""
    shutil.rmtree(OUT, ignore_errors=True)
    for name in LEFT_BY_TOOLS:
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)
    for folder in CHECKOUT.rglob("__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)
    remove_demos()
    return 0


def distclean() -> int:
    """Clean, and remove the cache."""
    clean()
    served = [path.name for path in cache_root().glob("demo-*")]
    if served:
        raise Failure(f"Still served, so the cache stays: {', '.join(served)}")
    with locked("python"), locked("odoo"), locked("template"), locked("demo"):
        shutil.rmtree(cache_root(), ignore_errors=True)
    say("The cache is gone.")
    return 0
