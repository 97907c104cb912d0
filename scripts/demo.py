"""``make demo``: Sage 100 entries in, reminders out, and a real Odoo to look at."""

import os
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import cache, demo_build
from . import demo_data as names
from .console import Failure, say, step
from .demo_server import ServedDemo, demo_server
from .paths import OUT, cache_root
from .postgres import Cluster
from .rpc import Session
from .runtime import Odoo, Tools, ensure_tools, work_folder
from .template import ensure_template

DEFAULT_PORT = 8069
HOUR = 3600.0


def ensure_company(tools: Tools, key: str = "") -> Path:
    """The cache entry of the demo's company, as it is before the first import."""
    template = ensure_template(tools)
    return cache.entry(
        "company",
        key or names.demo_key(template),
        "demo company",
        lambda folder: demo_build.build_company(tools, template, folder),
    )


def ensure_demo(tools: Tools) -> Path:
    """The demo's cache entry, made when the add-on, its data or the day has changed."""
    key = names.demo_key(ensure_template(tools))
    company = ensure_company(tools, key)
    made = False

    def build(folder: Path) -> None:
        nonlocal made
        demo_build.build(tools, company, folder)
        made = True

    folder = cache.entry("demo", key, "demo", build)
    if made:
        remove_demos(older_than=HOUR)
    if made or not (OUT / "mails").is_dir():
        OUT.mkdir(exist_ok=True)
        demo_build.export(folder, OUT)
    return folder


def remove_demos(older_than: float = 0) -> None:
    """Remove the demos that nobody serves, and their companies.

    ``older_than`` (seconds) spares those that another run may be about to use.
    """
    for kind in ("demo", "company"):
        with cache.locked(kind, wait=False) as nobody_builds:
            for folder in cache_root().glob(f"{kind}-*") if nobody_builds else ():
                _remove_demo(folder, older_than)


def _remove_demo(folder: Path, older_than: float) -> None:
    mark = folder / cache.COMPLETE
    if mark.exists() and time.time() - mark.stat().st_mtime < older_than:
        return
    with cache.locked(folder.name, wait=False) as mine:
        if mine:
            mark.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def _amount(value: float) -> str:
    return f"{value:,.2f} €".replace(",", " ").replace(".", ",")


def _count(session: Session, model: str, domain: list[Any]) -> int:
    return session.call(model, "search_count", domain)


def summary(demo: ServedDemo) -> None:
    """Print what the demo holds, read as its administrator."""
    admin = demo.session(*names.ADMIN)
    totals = admin.call(
        "followup.situation",
        "formatted_read_group",
        domain=[],
        groupby=[],
        aggregates=["__count", "balance:sum", "overdue:sum"],
    )[0]
    entries = _count(admin, "account.move.line", [["sage_database_id", "!=", False]])
    say("")
    say(f"Customers        {totals['__count']}")
    say(f"Entries (Sage)   {entries}")
    say(f"Outstanding      {_amount(totals['balance:sum'] or 0)}")
    say(f"Overdue          {_amount(totals['overdue:sum'] or 0)}")
    groups = admin.call(
        "followup.reminder",
        "formatted_read_group",
        domain=[["state", "in", ["queued", "sent"]]],
        groupby=["level_id", "channel"],
        aggregates=["__count"],
    )
    channels = dict(admin.call("followup.reminder", "fields_get", ["channel"])["channel"]["selection"])
    say("Reminders sent")
    for group in groups:
        level = group["level_id"][1] if group["level_id"] else "?"
        channel = channels.get(group["channel"], group["channel"])
        say(f"  {level:<28} {channel:<18} {group['__count']:>5}")
    mails = len(list((OUT / "mails").glob("*.eml")))
    letters = len(list((OUT / "letters").glob("*.pdf")))
    say(f"Files            {mails} in out/mails, {letters} in out/letters")


def demo() -> int:
    """Make the demo if need be, then serve it until Ctrl-C."""
    with step("environment"):
        tools = ensure_tools()
    folder = ensure_demo(tools)
    with cache.locked(folder.name, wait=False) as mine:
        if not mine:
            raise Failure("This demo is being served already: see the other terminal.")
        port = int(os.environ.get("PORT") or DEFAULT_PORT)
        with ExitStack() as stack:
            with step("serving"):
                server = demo_server(tools, folder, OUT / "mails", crons=True, port=port)
                served = stack.enter_context(server)
            summary(served)
            _welcome(served)
            try:
                status = served.process.wait()
            except KeyboardInterrupt:
                say("\nStopping…")
            else:
                raise Failure(f"Odoo ended with status {status}: {folder}/odoo.log")
    return 0


def _welcome(served: ServedDemo) -> None:
    say("")
    say(f"Odoo is at {served.url}")
    for login, password, name, _group, role in names.USERS:
        say(f"  {login:<16} {password:<8} {name}, {role}")
    say(f"  {names.ADMIN[0]:<16} {names.ADMIN[1]:<8} administration")
    say("Ctrl-C stops all that this command started.")


def shell(rest: list[str]) -> int:
    """Odoo's shell on the demo's database."""
    tools = ensure_tools()
    folder = ensure_demo(tools)
    with cache.locked(folder.name, wait=False) as mine:
        if not mine:
            raise Failure("The demo is being served: stop it first (Ctrl-C).")
        with Cluster(folder / "pgdata") as cluster, work_folder() as work:
            odoo = Odoo(tools, cluster, work, folder / "data")
            words = odoo.command("shell", "-d", names.DATABASE, "--no-http", *rest)
            return subprocess.call([str(word) for word in words], cwd=work, env=odoo.environment())
