"""Odoo ready to run: interpreter, code, wkhtmltopdf, add-on folder, database server."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import debian
from .console import run
from .odoo_source import OdooSource, ensure_odoo
from .paths import ADDON, CHECKOUT, OUT
from .ports import free_port
from .postgres import SUPERUSER, Cluster
from .python_env import ensure_python
from .wkhtmltopdf import ensure_wkhtmltopdf


@dataclass(frozen=True)
class Tools:
    """What does not change from one run to the next."""

    python: Path
    odoo: OdooSource
    bin: Path

    def environment(self) -> dict[str, str]:
        """The environment in which Odoo runs."""
        keep = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "PYTHON", "ODOO", "OPENERP", "MAKE"))
        }
        path = f"{self.bin}:{self.python.parent}:{os.environ.get('PATH', '/usr/bin')}"
        return {
            **keep,
            "PATH": path,
            "PYTHONPATH": str(self.odoo.pythonpath),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "FOLLOWUP_ODBC_POSTGRESQL": str(debian.driver("psqlodbcw.so")),
            "FOLLOWUP_ODBC_FREETDS": str(debian.driver("libtdsodbc.so")),
        }


def ensure_tools() -> Tools:
    """All programs, installed or downloaded when they are missing."""
    debian.ensure_packages()
    python = ensure_python()
    return Tools(python, ensure_odoo(), ensure_wkhtmltopdf(python))


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder that goes with the run, holding ``addons/<technical name>``.

    The link carries the name under which Odoo and pytest-odoo must see the add-on,
    whatever the checkout is called.
    """
    work = Path(tempfile.mkdtemp(prefix="followup-"))
    try:
        (work / "addons").mkdir()
        (work / "addons" / ADDON).symlink_to(CHECKOUT)
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Odoo:
    """Odoo on one database server, configured in one work folder."""

    def __init__(
        self,
        tools: Tools,
        cluster: Cluster,
        work: Path,
        data: Path | None = None,
        *,
        addons: bool = True,
        port: int = 0,
    ) -> None:
        self.tools = tools
        self.cluster = cluster
        self.work = work
        self.data = data or work / "data"
        self.port = port or free_port()
        self.config = work / "odoo.conf"
        folders = [*tools.odoo.addons, *([work / "addons"] if addons else [])]
        settings = {
            "addons_path": ",".join(map(str, folders)),
            "data_dir": self.data,
            "db_host": cluster.socket,
            "db_port": cluster.port,
            "db_user": SUPERUSER,
            "http_interface": "127.0.0.1",
            "http_port": self.port,
            "gevent_port": free_port(),
            "list_db": "False",
            "max_cron_threads": 0,
            "screenshots": OUT / "test-failures",
            "server_wide_modules": "base,rpc,web",
            "smtp_server": "127.0.0.1",
            "smtp_port": 9,  # nothing leaves the machine unless the demo says so
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        self.config.write_text("[options]\n" + "\n".join(lines) + "\n")

    def environment(self) -> dict[str, str]:
        """The environment of Odoo's own processes and of tests."""
        return {
            **self.tools.environment(),
            **self.cluster.environment(),
            "ODOO_RC": str(self.config),
            "FOLLOWUP_SCREENSHOTS": str(OUT / "screenshots"),
        }

    def command(self, *args: str) -> list[str | Path]:
        """The words that start Odoo with this configuration."""
        return [self.tools.python, "-m", "odoo", *args]

    def run(self, *args: str, log: Path | None = None, stdin: str | None = None) -> str:
        """Run Odoo to its end; returns its log."""
        return run(
            self.command(*args),
            cwd=self.work,
            env=self.environment(),
            log=log,
            stdin=stdin,
        )

    def install(self, database: str, modules: str, log: Path | None = None) -> str:
        """Install add-ons and return the log."""
        args = ["-d", database, "-i", modules, "--stop-after-init", "--no-http"]
        return self.run(*args, log=log)

    def clone(self, source: str, target: str) -> None:
        """Copy a database and its files."""
        self.cluster.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        files = self.data / "filestore"
        if (files / source).is_dir():
            shutil.copytree(files / source, files / target)

    def drop(self, database: str) -> None:
        """Remove a database and its files."""
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(self.data / "filestore" / database, ignore_errors=True)
