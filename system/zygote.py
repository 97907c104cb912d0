"""A process that has loaded Odoo, and makes copies of itself that run scripts: they begin at once.

One line of JSON on the input asks for one: ``{"database", "script", "log", "user"}``; the pid of the copy is answered.
Each copy is an ordinary process with its own connections, which a test may kill.
"""

import json
import os
import signal
import sys

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config


def run(order):
    """Run a script in a new environment; the status of the process tells how it ended."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    with Registry(order["database"]).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        exec(compile(order["script"], "script", "exec"), {"env": env})  # noqa: S102 (that is what it is for)
    print("script over", flush=True)


def main():
    """Load the source database's registry, then make a copy of this process a line."""
    config.parse_config(["-d", sys.argv[1], "--log-level=error", *sys.argv[2:]], setup_logging=True)
    Registry(sys.argv[1])
    Registry.delete_all()
    sql_db.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            status = 1
            try:
                run(order)
                status = 0
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(pid, flush=True)


main()
