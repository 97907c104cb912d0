"""Real Odoo processes on real databases, that a test starts, watches and kills."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

PYTHON = os.environ["FOLLOWUP_PYTHON"]
#: A database with the add-on installed; tests work on copies of it.
SOURCE = os.environ["FOLLOWUP_DATABASE"]

#: Customers with one invoice each, 10 days late, who receive their reminders through the sink.
POPULATE = """
from datetime import timedelta
from odoo.fields import Command
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
while today.weekday() > 4:
    today += timedelta(days=1)
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

    def start(self, script, **values):
        """Start a process of Odoo that runs this script."""
        process = Process(self.name, script, values)
        self.processes.append(process)
        return process

    def run(self, script, **values):
        """Run a script to its end."""
        self.start(script, **values).wait()

    def serve(self, *args, **options):
        """Start an Odoo server on this database."""
        server = Server(self.name, args, **options)
        self.processes.append(server)
        return server


class Process:
    """An Odoo shell that reads its script from a file."""

    def __init__(self, database, script, values):
        self._log = tempfile.NamedTemporaryFile("w+", prefix="followup-process-", suffix=".log")  # noqa: SIM115
        head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        self._popen = subprocess.Popen(
            [PYTHON, "-m", "odoo", "shell", "-d", database, "--no-http", "--log-level=error"],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            text=True,
        )
        # The shell reads its input whole before it runs it; its own death by an exception is told by the status.
        self._popen.stdin.write(f"{head}{script}\nprint('script', 'over')\n")
        self._popen.stdin.close()

    def kill(self):
        """Kill it as a power cut would."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGKILL)
        self._popen.wait(30)

    def wait(self, timeout=300):
        """Wait for its end; it must have been a good one."""
        self._popen.wait(timeout)
        self._log.seek(0)
        text = self._log.read()
        assert self._popen.returncode == 0 and "script over" in text, text[-4000:]
        return text


class Server:
    """An Odoo server, with its scheduled actions and, if asked for, several worker processes."""

    def __init__(self, database, args, *, addons=None, environment=None, config=""):
        self.port = _free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="followup-server-")
        folder = Path(self.folder.name)
        text = Path(os.environ["ODOO_RC"]).read_text()
        lines = [line for line in text.splitlines() if not line.startswith(("http_port", "gevent_port", "max_cron"))]
        lines += [f"http_port = {self.port}", f"gevent_port = {_free_port()}", *config.splitlines()]
        if addons:
            lines = [f"{line},{addons}" if line.startswith("addons_path") else line for line in lines]
        (folder / "odoo.conf").write_text("\n".join(lines) + "\n")
        self.log = folder / "odoo.log"
        with open(self.log, "w") as log:
            self._popen = subprocess.Popen(
                [PYTHON, "-m", "odoo", "-c", folder / "odoo.conf", "-d", database, *args],
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

    def kill(self):
        """Kill it, with all its workers, as a power cut would."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(30)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, timeout=120):
    """Wait until this is true."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def as_json(rows):
    """Rows as text, for messages of failures."""
    return json.dumps(rows, default=str)
