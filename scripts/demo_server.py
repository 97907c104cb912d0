"""The demo being served: PostgreSQL, the mail sink and Odoo, on free loopback ports."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import demo_data as names
from .paths import CHECKOUT
from .ports import free_port
from .postgres import Cluster
from .processes import answers, serving
from .rpc import Session
from .runtime import Odoo, Tools, work_folder


@dataclass(frozen=True)
class ServedDemo:
    """A served demo."""

    url: str
    process: subprocess.Popen[bytes]

    def session(self, login: str, password: str) -> Session:
        """A user's session."""
        return Session(self.url, names.DATABASE, login, password)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def _point_to(cluster: Cluster, url: str, smtp_port: int) -> None:
    """Write this run's ports where the database keeps them."""
    parameters = {
        "web.base.url": url,
        "web.base.url.freeze": "True",
        "report.url": url,
    }
    for key, value in parameters.items():
        cluster.sql(
            "INSERT INTO ir_config_parameter (key, value)"
            f" VALUES ('{key}', '{value}')"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
            names.DATABASE,
        )
    cluster.sql(f"UPDATE ir_mail_server SET smtp_port = {smtp_port}", names.DATABASE)
    cluster.sql(f"UPDATE sage100_database SET port = {cluster.port}", names.DATABASE)


@contextmanager
def demo_server(tools: Tools, folder: Path, mails: Path, *, crons: bool, port: int = 0) -> Iterator[ServedDemo]:
    """Serve the demo of a cache entry until the end of the block."""
    with Cluster(folder / "pgdata") as cluster, work_folder() as work:
        odoo = Odoo(tools, cluster, work, folder / "data", port=free_port(port))
        smtp_port = free_port()
        url = f"http://127.0.0.1:{odoo.port}"
        _point_to(cluster, url, smtp_port)
        env = odoo.environment()
        sink = [tools.python, "-m", "scripts.smtp_sink", str(smtp_port), mails]
        command = odoo.command("-d", names.DATABASE, f"--max-cron-threads={1 if crons else 0}")
        with (
            serving(
                "The mail sink",
                sink,
                lambda: _listens(smtp_port),
                log=folder / "mails.log",
                env=env,
                cwd=CHECKOUT,
            ),
            serving(
                "Odoo",
                command,
                answers(f"{url}/web/login"),
                log=folder / "odoo.log",
                env=env,
                cwd=work,
            ) as process,
        ):
            yield ServedDemo(url, process)
