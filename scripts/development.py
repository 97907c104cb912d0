"""A throw-away Odoo with the add-on installed: a server or a shell to work with."""

import subprocess

from . import odoo_log
from .console import say, step
from .paths import ADDON
from .runtime import ensure_tools
from .template import TEMPLATE, fresh_odoo


def play(kind: str, rest: list[str]) -> int:
    """Install the add-on on a clone of the template, then serve it or open a shell.

    ``kind`` is ``serve [port]`` or ``console [words for odoo shell]``; all is thrown
    away at the end.
    """
    tools = ensure_tools()
    with fresh_odoo(tools) as odoo:
        with step("install on a clone of the template"):
            odoo.clone(TEMPLATE, "play")
            for record in odoo_log.complaints(odoo.install("play", ADDON)):
                say(str(record))
        if kind == "serve":
            port = rest[0] if rest else str(odoo.port)
            say(f"http://127.0.0.1:{port}  admin / admin   database play")
            say(" ".join(f"{k}={v}" for k, v in odoo.cluster.environment().items()))
            command = odoo.command("-d", "play", f"--http-port={port}")
        else:
            command = odoo.command("shell", "-d", "play", "--no-http", *rest)
        words = [str(word) for word in command]
        return subprocess.call(words, cwd=odoo.work, env=odoo.environment())
