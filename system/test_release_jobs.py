"""The release with OCA's queue_job: its chunks are jobs, which several worker processes take."""

import os
import signal

import pytest
from harness import RELEASE, find_client, wait_until

NUMBER = 220
CONFIG = """
workers = 2
max_cron_threads = 0
limit_time_real = 300
server_wide_modules = base,rpc,web,queue_job
"""


@pytest.fixture(scope="module")
def installed(installed):
    """It has queue_job too."""
    addons = os.environ["FOLLOWUP_ADDONS"]
    installed.serve("-i", "queue_job", "--stop-after-init", "--no-http", addons=addons).wait()
    return installed


@pytest.fixture
def database(database, sink):
    """The mail server takes its time."""
    sink.delay = 0.02
    return database


def serve(database):
    """A server of two worker processes, with the runner of the jobs."""
    return database.serve(
        "--log-level=warn",
        addons=os.environ["FOLLOWUP_ADDONS"],
        environment={"ODOO_QUEUE_JOB_CHANNELS": "root:2"},
        config=CONFIG,
    ).wait_until_ready()


def release(database):
    """Release the run, as a person does."""
    database.run(RELEASE, OFFSET=0, addons=os.environ["FOLLOWUP_ADDONS"])


def jobs(database):
    """[(state, pid of the worker)] of the chunks' jobs."""
    return database.query("SELECT state, worker_pid FROM queue_job WHERE method_name = '_job_release'")


def test_two_worker_processes(database, sink):
    """Each chunk is a job; two processes take them; each message leaves once."""
    release(database)
    assert [state for state, _pid in jobs(database)] == ["pending"] * 5
    assert database.states() == {"queued": NUMBER}
    server = serve(database)
    wait_until(lambda: database.states() == {"sent": NUMBER}, tell=lambda: f"{jobs(database)} {server.said()}")
    wait_until(lambda: all(state == "done" for state, _pid in jobs(database)))
    assert not sink.doubles
    assert len(sink.recipients) == NUMBER
    assert len({pid for _state, pid in jobs(database)}) >= 2, "both workers had their share"
    assert not database.query("SELECT 1 FROM followup_reminder WHERE to_settle")


def test_a_worker_process_killed(database, sink):
    """The one whose message goes out is killed: that one is to check, all the others leave, once."""
    release(database)
    sink.hold_at("data", 12)
    server = serve(database)
    port = sink.wait_until_held()
    # The other must not be the one: between its commit and the mail server, what it sends may never arrive.
    os.kill(find_client(port, server.worker_pids()), signal.SIGKILL)
    sink.let_go()
    wait_until(lambda: database.states().get("queued", 0) <= 1, timeout=180)
    # queue_job starts again the job of a dead worker; the scheduled action does as much for what is left.
    database.run("env['followup.release']._cron_release(); env.cr.commit()", addons=os.environ["FOLLOWUP_ADDONS"])
    wait_until(lambda: "queued" not in database.states(), timeout=180)
    assert server.worker_pids()
    assert database.states() == {"sent": NUMBER - 1, "uncertain": 1}
    assert not sink.doubles
    assert len(sink.recipients) == NUMBER
