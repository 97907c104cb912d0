"""Real Odoo processes on real databases, that a test starts, watches and kills."""

import atexit
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg2

PYTHON = os.environ["FOLLOWUP_PYTHON"]
#: A database with the add-on installed; tests work on copies of it.
SOURCE = os.environ["FOLLOWUP_DATABASE"]

#: Customers with one invoice each, 10 days late, who receive their reminders through the sink.
POPULATE = """
from datetime import timedelta
from odoo.fields import Command
from odoo.addons.account_receivable_followup.lib.working_days import next_sending_day
company = env.company
company.email = "compta@vendeur.example"
plan = env.ref("account_receivable_followup.followup_plan_default")
company.followup_plan_id = plan
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create(
    {"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": PORT, "smtp_encryption": "none"}
)
env.ref("base.user_admin").group_ids += env.ref("account_receivable_followup.followup_group_manager")
today = company._followup_today()
rule = plan._get_rules(company._followup_region())
today = next_sending_day(today, rule.sending_days, rule.skip_holidays, rule.region)
partners = env["res.partner"].create(
    [
        {"name": f"Client {number:04}", "is_company": True, "email": f"c{number:04}@client.example",
         "street": "1 rue", "zip": "44000", "city": "Nantes", "lang": "fr_FR"}
        for number in range(NUMBER)
    ]
)
journal = env["account.journal"].search([("type", "=", "general"), ("company_id", "=", company.id)], limit=1)
receivable = partners[0].property_account_receivable_id
other = env["account.account"].search([("account_type", "=", "income")], limit=1)
moves = env["account.move"].create(
    [
        {
            "move_type": "entry", "journal_id": journal.id, "ref": f"FA{partner.id}",
            "date": today - timedelta(days=40),
            "line_ids": [
                Command.create({"name": "FA", "account_id": receivable.id, "partner_id": partner.id, "debit": 1000,
                                "date_maturity": today - timedelta(days=10), "no_followup": False}),
                Command.create({"name": "FA", "account_id": other.id, "credit": 1000}),
            ],
        }
        for partner in partners
    ]
)
moves.action_post()
for _again in range(RUNS):
    run = env["followup.run"].with_user(env.ref("base.user_admin"))._prepare_run(company, plan, today)
    assert len(run.reminder_ids) == NUMBER, (len(run.reminder_ids), run.excluded_line_ids.mapped("reason"))
env.cr.commit()
"""
RELEASE = """
run = env["followup.run"].with_user(env.ref("base.user_admin")).search([], order="id", limit=1, offset=OFFSET)
run.reminder_ids._release()
env.cr.commit()
"""
WORK = "env['followup.release']._cron_release()\n"


class Database:
    """A copy of a database, thrown away at the end."""

    count = 0

    def __init__(self, source=SOURCE):
        Database.count += 1
        self.name = f"system_{os.getpid()}_{Database.count}"
        self._admin(f'CREATE DATABASE "{self.name}" TEMPLATE "{source}"')
        self.processes = []

    def _admin(self, statement):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def drop(self):
        """End what still runs on it, and remove it."""
        for process in self.processes:
            process.kill()
        self._admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def query(self, statement, *args):
        """Rows of a statement, in a transaction of its own."""
        connection = psycopg2.connect(dbname=self.name)
        try:
            with connection, connection.cursor() as cr:
                cr.execute(statement, args)
                return cr.fetchall() if cr.description else []
        finally:
            connection.close()

    def states(self):
        """{state: number of reminders}."""
        return dict(self.query("SELECT state, count(*) FROM followup_reminder GROUP BY state"))

    def start(self, script, addons=None, **values):
        """Start a process of Odoo that runs this script; `addons` is a folder of add-ons of others."""
        process = Process(self.name, script, values, addons)
        self.processes.append(process)
        return process

    def run(self, script, addons=None, **values):
        """Run a script to its end."""
        self.start(script, addons, **values).wait()

    def serve(self, *args, **options):
        """Start an Odoo server on this database."""
        server = Server(self.name, args, **options)
        self.processes.append(server)
        return server


class Process:
    """A process of Odoo that runs a script, with the add-ons of the database that it works on."""

    def __init__(self, database, script, values, addons=None):
        head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        descriptor, self._log = tempfile.mkstemp(prefix="followup-process-", suffix=".log")
        os.close(descriptor)
        order = {"database": database, "script": head + script, "log": self._log}
        self._pid = Zygote.of(addons).ask(order)

    def _is_alive(self):
        return Path(f"/proc/{self._pid}").exists()

    def kill(self):
        """Kill it as a power cut would."""
        if self._is_alive():
            os.kill(self._pid, signal.SIGKILL)
        wait_until(lambda: not self._is_alive(), 30)

    def wait(self, timeout=300):
        """Wait for its end; it must have been a good one."""
        wait_until(lambda: not self._is_alive(), timeout)
        text = Path(self._log).read_text()
        assert "script over" in text, text[-4000:]
        return text


class Zygote:
    """The process that the others are copies of, one a set of add-ons: they need not load Odoo."""

    _known = {}

    def __init__(self, addons):
        self._popen = subprocess.Popen(
            [PYTHON, Path(__file__).parent / "zygote.py", SOURCE, *_with_addons(addons)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._popen.stdout.readline() == "ready\n"

    @classmethod
    def of(cls, addons):
        """The one with this folder of add-ons."""
        if addons not in cls._known:
            cls._known[addons] = cls(addons)
        return cls._known[addons]

    @classmethod
    def stop_all(cls):
        """End them."""
        for zygote in cls._known.values():
            zygote._popen.stdin.close()
            zygote._popen.wait(30)
        cls._known.clear()

    def ask(self, order):
        """Start a copy; return its pid."""
        self._popen.stdin.write(json.dumps(order) + "\n")
        self._popen.stdin.flush()
        return int(self._popen.stdout.readline())


class Server:
    """An Odoo server, with its scheduled actions and, if asked for, several worker processes."""

    def __init__(self, database, args, *, addons=None, environment=None, config=""):
        self.port = _free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="followup-server-")
        folder = Path(self.folder.name)
        text = Path(os.environ["ODOO_RC"]).read_text()
        lines = [line for line in text.splitlines() if not line.startswith(("http_port", "gevent_port", "max_cron"))]
        changed = tuple(line.split(" ")[0] for line in config.splitlines() if line)
        lines = [line for line in lines if not line.startswith(changed)] if changed else lines
        lines += [f"http_port = {self.port}", f"gevent_port = {_free_port()}", *config.splitlines()]
        (folder / "odoo.conf").write_text("\n".join(lines) + "\n")
        self.log = folder / "odoo.log"
        with open(self.log, "w") as log:
            self._popen = subprocess.Popen(
                [PYTHON, "-m", "odoo", "-c", folder / "odoo.conf", "-d", database, *_with_addons(addons), *args],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "ODOO_RC": str(folder / "odoo.conf"), **(environment or {})},
                start_new_session=True,
            )
        self._database = database

    def wait_until_ready(self, timeout=120):
        """Wait until it answers."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return self
            except OSError:
                assert self._popen.poll() is None and time.monotonic() < deadline, self.log.read_text()[-4000:]
                time.sleep(0.2)

    def wait(self, timeout=300):
        """Wait for its end, when it was told to stop by itself."""
        self._popen.wait(timeout)
        assert not self._popen.returncode, self.log.read_text()[-4000:]

    def wake_crons(self):
        """Have it look at its scheduled actions now."""
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        connection.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [self._database])
        connection.close()

    def worker_pids(self):
        """Pids of its child processes."""
        children = Path(f"/proc/{self._popen.pid}/task/{self._popen.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def said(self):
        """The end of its log."""
        return self.log.read_text()[-6000:]

    def kill(self):
        """Kill it, with all its workers, as a power cut would."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(30)


def _with_addons(folder):
    """Words of the command line that add a folder of add-ons to those of the configuration."""
    if not folder:
        return []
    settings = Path(os.environ["ODOO_RC"]).read_text().splitlines()
    known = next(line.split("=", 1)[1].strip() for line in settings if line.startswith("addons_path"))
    return [f"--addons-path={known},{folder}"]


atexit.register(Zygote.stop_all)


def find_client(port, pids):
    """The one of these processes that holds the connection from this local port (Linux)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if int(row[1].split(":")[1], 16) == port}
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                if os.readlink(descriptor) in sockets:
                    return pid
    raise AssertionError(f"none of the processes {pids} is the client on port {port}")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, timeout=300, tell=None):
    """Wait until this is true; else fail with what `tell` says."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, tell() if tell else "it never came"
        time.sleep(0.05)
