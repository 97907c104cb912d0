"""The two ways the tests are run with pytest: without Odoo, and within it."""

import json
import os
import subprocess
from pathlib import Path

from .console import say
from .paths import ADDON, CHECKOUT, SCRIPTS
from .results import Results
from .runtime import Odoo, Tools

PLUGIN = SCRIPTS / "pytest_plugin"
# Deprecations in our own code are errors; an ini file, because -W escapes patterns.
INI = f"""[pytest]
filterwarnings =
    error::DeprecationWarning:odoo\\.addons\\.{ADDON}.*
"""


def _pytest(args: list[str], cwd: Path, env: dict[str, str], outcomes: Path, results: Results) -> None:
    """Run pytest with its text on the terminal, then count what it wrote down."""
    outcomes.unlink(missing_ok=True)
    env = {**env, "FOLLOWUP_RESULTS": str(outcomes), "PYTHONDONTWRITEBYTECODE": "1"}
    path = [str(PLUGIN), *filter(None, [env.get("PYTHONPATH")])]
    env["PYTHONPATH"] = os.pathsep.join(path)
    words = ["-p", "followup_pytest", "-p", "no:cacheprovider", "-q", "--tb=short"]
    words += ["--no-header", "-rfE"]
    done = subprocess.run(
        [env["FOLLOWUP_PYTHON"], "-m", "pytest", *words, *args],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    known = json.loads(outcomes.read_text()) if outcomes.exists() else {}
    results.add(known)
    failures = any(entry["outcome"] == "failed" for entry in known.values())
    if done.returncode and not failures:
        results.check("pytest", [f"ended with status {done.returncode}"])


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
    _pytest(args, config.parent, env, work / "unit.json", results)


def odoo_tests(odoo: Odoo, database: str, results: Results, only: list[str]) -> dict[str, dict[str, str]]:
    """The tests of ``tests/`` under pytest-odoo, with a web server for the browser.

    pytest runs from the work folder, where the add-on is a link that carries its name.
    """
    env = odoo.environment()
    env["FOLLOWUP_PYTHON"] = str(odoo.tools.python)
    (odoo.work / "pytest.ini").write_text(INI)
    outcomes = odoo.work / "odoo.json"
    args = [f"--odoo-config={odoo.config}", f"--odoo-database={database}"]
    args += ["--odoo-http", "--odoo-log-level=critical"]
    args += [f"addons/{ADDON}/{name}" for name in only or ["tests"]]
    _pytest(args, odoo.work, env, outcomes, results)
    return json.loads(outcomes.read_text()) if outcomes.exists() else {}
