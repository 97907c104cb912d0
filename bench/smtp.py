"""A local SMTP server that keeps what it receives."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.ports import free_port

CHECKOUT = Path(__file__).resolve().parent.parent


@contextmanager
def sink(env: Any) -> Iterator[Path]:
    """The only mail server of a database during the block; yields the folder of what it receives."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "scripts.smtp_sink", str(port), folder]
        env["ir.mail_server"].search([]).write({"active": False})
        env["ir.mail_server"].create(
            {"name": "Bench", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"}
        )
        env.cr.commit()
        process = subprocess.Popen(command, cwd=CHECKOUT)
        try:
            time.sleep(2)
            yield Path(folder)
        finally:
            process.terminate()
            process.wait(10)
