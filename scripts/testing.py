"""``make test``: every check, in the order in which they fail fastest."""

import re
from pathlib import Path

from . import odoo_log
from .console import Failure, say, step
from .paths import ADDON, CHECKOUT, OUT
from .pytest_runs import odoo_tests, pure_tests, system_tests
from .results import Results
from .runtime import Odoo, Tools, ensure_tools, work_folder
from .template import TEMPLATE, fresh_odoo


def has_odoo_tests() -> bool:
    """True when ``tests/`` holds a test."""
    return any((CHECKOUT / "tests").rglob("test_*.py"))


def install_check(odoo: Odoo, results: Results, database: str) -> None:
    """Install the add-on on an empty database; nothing may make Odoo complain."""
    odoo.clone(TEMPLATE, database)
    log = odoo.install(database, ADDON, log=OUT / "logs/install.log")
    found = odoo_log.complaints(log, everything=True)
    results.check("install", [str(record) for record in found])


def odoo_runner(odoo: Odoo, results: Results, database: str) -> None:
    """Odoo's own runner, on the classes that carry the tag ``odoo_runner``.

    It runs the same code as pytest-odoo, with another harness: these classes go through what differs
    (threads, web server, browser, country set-up), and :func:`found_by_odoo` tells that it finds all the others.
    """
    log_file = OUT / "logs/odoo-runner.log"
    args = ["-d", database, "-u", ADDON, "--stop-after-init"]
    args += [f"--test-tags=odoo_runner/{ADDON}", f"--http-port={odoo.port}"]
    try:
        log = odoo.run(*args, log=log_file)
    except Failure as failure:
        log = log_file.read_text("utf-8", "replace")
        say(str(failure).splitlines()[-1])
    totals = odoo_log.runner_totals(log)
    problems = [str(record) for record in odoo_log.complaints(log)]
    problems += odoo_log.skipped_tests(log)
    if not totals or not totals[1]:
        problems.append("ran no test")
    else:
        failed, total = totals
        say(f"{total - failed} passed, {failed} failed by Odoo's own runner")
        if failed:
            problems.append(f"{failed} failed (the whole text: {log_file})")
    results.check("Odoo's runner", problems)


FOUND = f"""
from odoo.tests.loader import make_suite
for position in ("at_install", "post_install"):
    for test in make_suite(["{ADDON}"], position):
        print("found", f"{{type(test).__name__}}.{{test._testMethodName}}")
"""


def found_by_odoo(odoo: Odoo, database: str) -> set[str]:
    """``Class.method`` of each test that Odoo's own runner would start."""
    text = odoo.run("shell", "-d", database, "--no-http", f"--test-tags=/{ADDON}", stdin=FOUND)
    return set(re.findall(r"found (\w+\.\w+)", text))


def _same_tests(outcomes: dict[str, dict[str, str]], found: set[str]) -> list[str]:
    """The tests that only one of the two runners sees."""
    seen = {".".join(name.split("::")[-2:]) for name in outcomes if "::" in name}
    seen = {re.sub(r"[\[( ].*$", "", name) for name in seen}
    return [f"Odoo's runner does not find {name}" for name in sorted(seen - found)] + [
        f"pytest-odoo does not find {name}" for name in sorted(found - seen)
    ]


def uninstall_check(odoo: Odoo, results: Results, database: str) -> None:
    """Uninstall the add-on and install it again: nothing left behind, no complaint."""
    log = odoo.run(
        *["module", "uninstall", "-c", str(odoo.config), "-d", database, ADDON],
        log=OUT / "logs/uninstall.log",
    )
    problems = [str(record) for record in odoo_log.complaints(log)]
    left = odoo.cluster.sql(
        "SELECT model FROM ir_model WHERE model LIKE 'followup.%' OR"
        " model LIKE 'sage100.%' UNION ALL"
        " SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND (tablename LIKE 'followup\\_%' OR tablename LIKE 'sage100\\_%')"
        " UNION ALL SELECT name FROM ir_model_data"
        f" WHERE module = '{ADDON}' AND name NOT LIKE 'module_%'",
        database,
    )
    problems += [f"left behind: {name}" for name in left.splitlines()]
    log = odoo.install(database, ADDON, log=OUT / "logs/reinstall.log")
    problems += [str(record) for record in odoo_log.complaints(log)]
    results.check("uninstall and install again", problems)


def _some(tools: Tools, results: Results, work: Path, only: list[str]) -> None:
    """Only the named test files."""
    pure = [name for name in only if name.startswith("unit")]
    around = [name for name in only if name.startswith("system")]
    within = [name for name in only if not name.startswith(("unit", "system"))]
    if pure:
        with step("pure tests"):
            pure_tests(tools, results, work, pure)
    if within or around:
        with fresh_odoo(tools) as odoo:
            with step("install on a clone of the template"):
                odoo.clone(TEMPLATE, "test")
                log = odoo.install("test", ADDON)
                for record in odoo_log.complaints(log, everything=True):
                    say(str(record))
            if around:
                with step("processes of Odoo"):
                    system_tests(odoo, "test", results, around)
            if within:
                with step("pytest-odoo"):
                    odoo_tests(odoo, ["test"], results, within)


def _all(tools: Tools, results: Results, work: Path) -> None:
    from . import lint

    with step("lint"):
        results.check("lint", lint.problems(tools))
    with step("pure tests"):
        pure_tests(tools, results, work, [])
    with fresh_odoo(tools) as odoo:
        with step("install on an empty database"):
            install_check(odoo, results, "installed")
        with step("translations"):
            results.check("translations", lint.untranslated(odoo, "installed"))
        if has_odoo_tests():
            databases = ["pytest1", "pytest2"]
            for name in databases:
                odoo.clone("installed", name)
            with step("pytest-odoo, with browser and ODBC"):
                outcomes = odoo_tests(odoo, databases, results, [])
            for name in databases:
                odoo.drop(name)
            with step("Odoo's own runner"):
                results.check("both runners", _same_tests(outcomes, found_by_odoo(odoo, "installed")))
                odoo.clone("installed", "runner")
                odoo_runner(odoo, results, "runner")
                odoo.drop("runner")
        with step("processes of Odoo, killed in the middle"):
            system_tests(odoo, "installed", results, [])
        with step("uninstall and install again"):
            uninstall_check(odoo, results, "installed")


def test(only: list[str]) -> int:
    """Run the tests (all, or the named files); the exit status tells."""
    (OUT / "logs").mkdir(parents=True, exist_ok=True)
    results = Results()
    with step("environment"):
        tools = ensure_tools()
    with work_folder() as work:
        if only:
            _some(tools, results, work, only)
        else:
            _all(tools, results, work)
    for problem in results.problems:
        say(f"✗ {problem}")
    print(results.closing_line(), flush=True)
    return 0 if results.good else 1
