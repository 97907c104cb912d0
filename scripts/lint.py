"""``make lint``: what can be said of the sources without running them."""

import subprocess
from pathlib import Path

from .console import Failure, run, say, step
from .paths import ADDON, CHECKOUT, OUT
from .runtime import Odoo, Tools, ensure_tools, work_folder

# Checks of oca-checks-odoo-module that contradict this project's layout.
OCA_DISABLED = [
    "prefer-readme-rst",  # README.md, read on the forge
    "weblate-component-too-long",  # no Weblate here
    "xml-header-wrong",
    "xml-tag-position",
]
# oca-checks-po asks for an order and a wrapping that Odoo's own export does not keep.
PO_DISABLED = ["po-pretty-format"]
# Folders of Python that Odoo imports; the rest (scripts, bench, demo) is ruff's alone.
ADDON_FOLDERS = ["controllers", "lib", "models", "reports", "tests", "wizards"]


def _lines(command: list[str | Path], cwd: Path, env: dict[str, str], *, stop: bool = False) -> list[str]:
    """What a checker printed when it found something; nothing when it was content."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode and not lines:
        raise Failure(f"{command[1:4]}:\n{done.stderr[-3000:]}")
    return lines if done.returncode or stop else []


def _ruff(tools: Tools, _work: Path) -> list[str]:
    command = [tools.python, "-m", "ruff", "check", "--no-cache", "--quiet"]
    return _lines([*command, "--output-format=concise", "."], CHECKOUT, tools.environment())


def _pylint(tools: Tools, work: Path) -> list[str]:
    """pylint-odoo, on the link that carries the add-on's technical name."""
    addon = Path("addons") / ADDON
    targets = [addon / "__init__.py", addon / "__manifest__.py"]
    targets += [addon / name for name in ADDON_FOLDERS if (CHECKOUT / name).is_dir()]
    targets = [path for path in targets if any((work / path).rglob("*.py"))] + targets[:2]
    command = [tools.python, "-m", "pylint", f"--rcfile={CHECKOUT / 'pyproject.toml'}"]
    command += ["--msg-template={path}:{line}: {symbol}: {msg}"]
    found = _lines([*command, *targets], work, tools.environment())
    return [line.replace(f"{addon}/", "") for line in found if not line.startswith("*****")]


def _oca_module(tools: Tools, work: Path) -> list[str]:
    command = [tools.python.parent / "oca-checks-odoo-module"]
    command += [f"--disable={','.join(OCA_DISABLED)}", Path("addons") / ADDON]
    return _lines(command, work, tools.environment())


def _oca_po(tools: Tools, _work: Path) -> list[str]:
    catalogues = sorted((CHECKOUT / "i18n").glob("*.po*"))
    if not catalogues:
        return []
    command = [tools.python.parent / "oca-checks-po"]
    command += [f"--disable={','.join(PO_DISABLED)}", *catalogues]
    return _lines(command, CHECKOUT, tools.environment())


def _sources(tools: Tools, _work: Path) -> list[str]:
    command = [tools.python, "-m", "scripts.source_checks"]
    return _lines(command, CHECKOUT, tools.environment(), stop=True)


CHECKS = {
    "ruff": _ruff,
    "pylint-odoo": _pylint,
    "oca-checks-odoo-module": _oca_module,
    "oca-checks-po": _oca_po,
    "XML, French, tests, sizes": _sources,
}


def problems(tools: Tools) -> list[str]:
    """What all the checkers found."""
    found: list[str] = []
    with work_folder() as work:
        for title, check in CHECKS.items():
            with step(title):
                lines = check(tools, work)
                for line in lines:
                    say(line)
                found += [f"{title}: {line}" for line in lines]
    return found


def untranslated(odoo: Odoo, database: str) -> list[str]:
    """Terms of the installed add-on that are not in the French translation."""
    exported = OUT / "logs/exported.pot"
    odoo.run(
        *["i18n", "export", "-c", str(odoo.config), "-d", database],
        *["-o", str(exported), ADDON],
    )
    command = [odoo.tools.python, "-m", "scripts.source_checks", "--exported", exported]
    return run(command, cwd=CHECKOUT, env=odoo.tools.environment()).splitlines()


def lint() -> int:
    """Print what the checkers found; 1 when there is something."""
    with step("environment"):
        tools = ensure_tools()
    found = problems(tools)
    say(f"{len(found)} problem(s)")
    return 1 if found else 0
