"""The ways the tests are run with pytest: without Odoo, within it, and around it."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .console import say
from .odoo_addons import ensure_addons
from .paths import ADDON, CHECKOUT, OUT, SCRIPTS
from .results import Results
from .runtime import Odoo, Tools

PLUGIN = SCRIPTS / "pytest_plugin"
# Deprecations in our own code are errors; an ini file, because -W escapes patterns.
INI = f"""[pytest]
filterwarnings =
    error::DeprecationWarning:odoo\\.addons\\.{ADDON}.*
"""


def _pytest(args: list[str], cwd: Path, env: dict[str, str], outcomes: Path, log: Path | None = None) -> int:
    """Run pytest with its text on the terminal (or in a file); what it wrote down is in ``outcomes``."""
    outcomes.unlink(missing_ok=True)
    env = {**env, "FOLLOWUP_RESULTS": str(outcomes), "PYTHONDONTWRITEBYTECODE": "1"}
    path = [str(PLUGIN), *filter(None, [env.get("PYTHONPATH")])]
    env["PYTHONPATH"] = os.pathsep.join(path)
    words = ["-p", "followup_pytest", "-p", "no:cacheprovider", "-q", "--tb=short"]
    words += ["--no-header", "-rfE"]
    target = log.open("w", encoding="utf-8") if log else None
    try:
        done = subprocess.run(
            [env["FOLLOWUP_PYTHON"], "-m", "pytest", *words, *args],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT if target else None,
            check=False,
        )
    finally:
        if target:
            target.close()
    return done.returncode


def _count(status: int, outcomes: Path, results: Results) -> dict[str, dict[str, str]]:
    """Count what pytest wrote down, and return it."""
    known = json.loads(outcomes.read_text()) if outcomes.exists() else {}
    results.add(known)
    failures = any(entry["outcome"] == "failed" for entry in known.values())
    # 5: no test left, when there are fewer classes than parts.
    if status not in (0, 5) and not failures:
        results.check("pytest", [f"ended with status {status}"])
    return known


def pure_tests(tools: Tools, results: Results, work: Path, only: list[str]) -> None:
    """The tests of ``unit/``: no Odoo, no database; with the doctests of ``lib/``."""
    if not only and not list((CHECKOUT / "unit").glob("test_*.py")):
        say("(no pure test yet)")
        return
    env = {name: value for name, value in tools.environment().items() if name != "PYTHONPATH"}
    env["FOLLOWUP_PYTHON"] = str(tools.python)
    config = CHECKOUT / "unit/pytest.ini"
    args = ["-c", str(config), "--rootdir", str(config.parent)]
    args += [str(CHECKOUT / name) for name in only] or [str(config.parent)]
    outcomes = work / "unit.json"
    _count(_pytest(args, config.parent, env, outcomes), outcomes, results)


def odoo_tests(odoo: Odoo, databases: list[str], results: Results, only: list[str]) -> dict[str, dict[str, str]]:
    """The tests of ``tests/`` under pytest-odoo, with a web server for the browser.

    The classes are shared between as many processes as databases, each with its own.
    pytest runs from the work folder, where the add-on is a link that carries its name.
    """
    (odoo.work / "pytest.ini").write_text(INI)
    parts = range(1, len(databases) + 1)
    with ThreadPoolExecutor(len(databases)) as pool:
        runs = list(pool.map(lambda part: _odoo_part(odoo, databases, part, only), parts))
    found: dict[str, dict[str, str]] = {}
    for status, outcomes, log in runs:
        if log:
            say(log.read_text("utf-8", "replace"))
        found |= _count(status, outcomes, results)
    return found


def _odoo_part(odoo: Odoo, databases: list[str], part: int, only: list[str]) -> tuple[int, Path, Path | None]:
    """Run one part of the tests; its text goes to a file when it is not alone."""
    env = odoo.environment()
    env["FOLLOWUP_PYTHON"] = str(odoo.tools.python)
    env["FOLLOWUP_SHARD"] = f"{part}/{len(databases)}"
    outcomes = odoo.work / f"odoo-{part}.json"
    log = OUT / f"logs/pytest-{part}.log" if len(databases) > 1 else None
    args = [f"--odoo-config={odoo.config}", f"--odoo-database={databases[part - 1]}"]
    args += ["--odoo-http", "--odoo-log-level=critical"]
    args += [f"addons/{ADDON}/{name}" for name in only or ["tests"]]
    return _pytest(args, odoo.work, env, outcomes, log), outcomes, log


def system_tests(odoo: Odoo, database: str, results: Results, only: list[str]) -> None:
    """The tests of ``system/``: whole processes of Odoo, started, watched and killed, on copies of ``database``."""
    config = CHECKOUT / "system/pytest.ini"
    env = odoo.environment()
    env["FOLLOWUP_PYTHON"] = str(odoo.tools.python)
    env["FOLLOWUP_DATABASE"] = database
    env["FOLLOWUP_ADDONS"] = str(ensure_addons(odoo.tools.python))
    args = ["-c", str(config), "--rootdir", str(config.parent), "--durations=10"]
    args += [str(CHECKOUT / name) for name in only] or [str(config.parent)]
    outcomes = odoo.work / "system.json"
    _count(_pytest(args, odoo.work, env, outcomes), outcomes, results)
