"""``make bench``: run the benchmarks, each figure against its bound."""

import re
from pathlib import Path

from .console import Failure, say, step
from .demo import ensure_company
from .demo_data import DATABASE
from .paths import CHECKOUT, OUT
from .postgres import Cluster
from .runtime import Odoo, Tools, ensure_tools, work_folder
from .template import copy_template

BENCH = CHECKOUT / "bench"
PRISTINE = f"{DATABASE}_pristine"
FIGURE = re.compile(r"^\S.* = \S+ .*\(bound (<=|>=) \S+\): (?P<verdict>ok|SHORT)$")
NOTE = "· "
# The bench script runs in Odoo's shell; its own folder is importable. ``pristine`` is an untouched copy of the
# database, which no session holds: it may be cloned as often as need be.
PROLOGUE = """
import sys
pristine = {pristine!r}
sys.path.insert(0, {bench!r})
sys.path.insert(0, {checkout!r})
exec(compile(open({path!r}, encoding="utf-8").read(), {path!r}, "exec"))
"""


def _benchmarks(only: list[str]) -> list[Path]:
    found = sorted(BENCH.glob("bench_*.py"))
    if not only:
        return found
    chosen = [BENCH / f"bench_{name}.py" for name in only]
    unknown = [path.name for path in chosen if path not in found]
    if unknown:
        raise Failure(f"No such benchmark: {', '.join(unknown)}")
    return chosen


def _run(tools: Tools, company: Path, path: Path) -> list[str]:
    """The figures and notes that one benchmark printed, on a copy of the demo's company."""
    with work_folder() as work:
        work.chmod(0o711)  # PostgreSQL's user must enter, not list
        copy_template(company, work)
        with Cluster(work / "pgdata") as cluster:
            odoo = Odoo(tools, cluster, work)
            cluster.sql(f"UPDATE sage100_database SET port = {cluster.port}", DATABASE)
            odoo.clone(DATABASE, PRISTINE)
            script = PROLOGUE.format(pristine=PRISTINE, bench=str(BENCH), checkout=str(CHECKOUT), path=str(path))
            log = OUT / "logs" / f"{path.stem}.log"
            text = odoo.run(
                *["shell", "-d", DATABASE, "--no-http", "--log-level=warn"],
                stdin=script,
                log=log,
            )
    found = [line for line in text.splitlines() if FIGURE.match(line) or line.startswith(NOTE)]
    if not any(FIGURE.match(line) for line in found):
        raise Failure(f"{path.name} printed no figure: {log}")
    return found


def bench(only: list[str]) -> int:
    """Run the benchmarks; 1 when a figure falls short of its bound."""
    (OUT / "logs").mkdir(parents=True, exist_ok=True)
    with step("environment"):
        tools = ensure_tools()
    company = ensure_company(tools)
    figures: list[str] = []
    for path in _benchmarks(only):
        with step(path.stem):
            found = _run(tools, company, path)
            say("\n".join(found))
            figures += [line for line in found if FIGURE.match(line)]
    short = sum(line.endswith("SHORT") for line in figures)
    print(f"{len(figures)} figures, {short} short", flush=True)
    return 1 if short else 0
