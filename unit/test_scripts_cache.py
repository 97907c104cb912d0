"""The cache: built once, also by runs that start together; half-built entries go."""

import os
import subprocess
import sys

import pytest

from scripts import cache
from scripts.console import Failure
from scripts.paths import CHECKOUT

BUILDER = """
import time
from scripts import cache
def build(folder):
    time.sleep(0.3)
    with open(folder.parent / "builds", "a") as log:
        log.write("built ")
    (folder / "content").write_text("whole")
folder = cache.entry("thing", "k1", "thing", build)
assert (folder / "content").read_text() == "whole"
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLLOWUP_CACHE", str(tmp_path))


def test_runs_started_together_build_once(tmp_path):
    """Three programs ask for the same entry at the same time: one builds it."""
    programs = [subprocess.Popen([sys.executable, "-c", BUILDER], cwd=CHECKOUT, env=os.environ) for _ in range(3)]
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    assert (tmp_path / "builds").read_text() == "built "


def test_half_built_entry_is_built_again():
    """A build that fails leaves nothing that the next run would believe."""

    def broken(folder):
        (folder / "half").touch()
        raise Failure("cut")

    with pytest.raises(Failure):
        cache.entry("thing", "k2", "thing", broken)
    folder = cache.entry("thing", "k2", "thing", lambda folder: (folder / "all").touch())
    assert (folder / "all").exists() and not (folder / "half").exists()


def test_digest_depends_on_content_and_cuts(tmp_path):
    """Two lists of parts that read the same when joined have different digests."""
    one = tmp_path / "one"
    one.write_text("a")
    before = cache.digest("x", one)
    one.write_text("b")
    assert cache.digest("x", one) != before
    assert cache.digest("ab", "c") != cache.digest("a", "bc")


def test_taken_lock_is_told():
    """A lock that another open file holds is not waited for when asked so."""
    with cache.locked("name") as first, cache.locked("name", wait=False) as second:
        assert first and not second
