"""Processes killed in the middle of a release: nothing leaves twice, nothing is lost."""

import pytest
from harness import RELEASE, WORK, wait_until

NUMBER = 60
#: Odoo's own mail queue, again and again.
QUEUE = """
import time
for _time in range(60):
    env["mail.mail"].process_email_queue()
    env.cr.commit()
    time.sleep(0.05)
"""


@pytest.fixture
def database(database):
    """Its run is released."""
    database.run(RELEASE, OFFSET=0)
    return database


def assert_all_once(sink, number=NUMBER):
    """Everybody got one message."""
    assert not sink.doubles
    assert len(sink.recipients) == number


def risen(database):
    """How many invoices have reached a level."""
    return database.query("SELECT count(*) FROM account_move_line WHERE followup_level_id IS NOT NULL")[0][0]


def test_release_without_accident(database, sink):
    """All leave once, each level counts once, and there is nothing left to do."""
    assert database.states() == {"queued": NUMBER}
    database.run(WORK)
    assert database.states() == {"sent": NUMBER}
    assert_all_once(sink)
    assert len(set(sink.message_ids)) == NUMBER
    assert risen(database) == NUMBER
    assert database.query("SELECT DISTINCT followup_count FROM account_move_line WHERE followup_count > 0") == [(1,)]
    assert not database.query("SELECT 1 FROM followup_reminder WHERE to_settle")
    database.run(WORK)
    assert_all_once(sink)


def test_killed_between_claim_and_send(database, sink):
    """Claimed, never attempted: taken up again, and sent once."""
    sink.hold_at("ehlo")
    worker = database.start(WORK)
    sink.wait_until_held()
    assert database.query("SELECT 1 FROM followup_reminder WHERE claimed_at IS NOT NULL")
    worker.kill()
    assert database.states() == {"queued": NUMBER}
    assert not database.query("SELECT 1 FROM followup_reminder WHERE attempted_at IS NOT NULL")
    # Odoo's own queue must not send what the release will send again with fresh amounts.
    database.run("env['mail.mail'].process_email_queue()")
    assert not sink.recipients
    database.run(WORK)
    assert database.states() == {"sent": NUMBER}
    assert_all_once(sink)
    assert risen(database) == NUMBER
    assert database.query("SELECT count(*) FROM mail_mail WHERE state <> 'sent'") == [(0,)]


@pytest.mark.parametrize("number", [1, 7])
def test_killed_between_send_and_commit(database, sink, number):
    """Taken in charge by the mail server, its answer never seen: not sent again, a person decides; the others leave."""
    sink.hold_at("data", number)
    worker = database.start(WORK)
    sink.wait_until_held()
    worker.kill()
    assert database.states() == {
        key: value for key, value in {"queued": NUMBER - number + 1, "sent": number - 1}.items() if value
    }
    assert database.query(
        "SELECT count(*) FROM followup_reminder WHERE state = 'queued' AND attempted_at IS NOT NULL"
    ) == [(1,)]
    database.run("env['mail.mail'].process_email_queue()")
    database.run(WORK)
    assert database.states() == {"sent": NUMBER - 1, "uncertain": 1}
    assert_all_once(sink)
    assert risen(database) == NUMBER - 1, "what left before the crash counts, what is uncertain does not"
    assert database.query("SELECT count(*) FROM mail_activity WHERE res_model = 'res.partner'") == [(1,)]
    database.run("env['mail.mail'].process_email_queue()")
    database.run(WORK)
    assert_all_once(sink)
    database.run(
        "env['followup.reminder'].search([('state', '=', 'uncertain')]).action_confirm_sent(); env.cr.commit()"
    )
    assert database.states() == {"sent": NUMBER}
    assert risen(database) == NUMBER
    assert_all_once(sink)


def test_two_workers(database, sink):
    """Two processes share the messages: each leaves once."""
    sink.delay = 0.02
    workers = [database.start(WORK), database.start(WORK)]
    for worker in workers:
        worker.wait()
    assert database.states() == {"sent": NUMBER}
    assert_all_once(sink)
    assert risen(database) == NUMBER


def test_odoo_s_mail_queue_in_between(database, sink):
    """Odoo's own mail queue, run all the time by another process, sends none of them a second time."""
    sink.delay = 0.02
    queue = database.start(QUEUE)
    database.run(WORK)
    queue.wait()
    assert database.states() == {"sent": NUMBER}
    assert_all_once(sink)


def test_interrupted_and_resumed(database, sink):
    """What nobody has in hand waits again at once; resumed, all the rest leaves, once."""
    sink.hold_at("data", 5)
    worker = database.start(WORK)
    sink.wait_until_held()
    database.run("env['followup.run'].search([]).action_interrupt(); env.cr.commit()")
    states = database.states()
    assert states["prepared"] == NUMBER - 5
    sink.let_go()
    worker.wait()
    assert database.states() == {"sent": 5, "prepared": NUMBER - 5}
    assert sum(sink.recipients.values()) == 5
    database.run("env['followup.run'].search([]).action_resume(); env.cr.commit()")
    database.run(WORK)
    assert database.states() == {"sent": NUMBER}
    assert_all_once(sink)


def test_server_killed_and_started_again(database, sink):
    """The scheduled action of a whole server, killed in the middle; the server started again goes on."""
    sink.hold_at("data", 9)
    server = database.serve("--max-cron-threads=1", "--log-level=warn").wait_until_ready()
    server.wake_crons()
    sink.wait_until_held()
    server.kill()
    again = database.serve("--max-cron-threads=1", "--log-level=warn").wait_until_ready()
    wait_until(lambda: (again.wake_crons(), database.states() == {"sent": NUMBER - 1, "uncertain": 1})[1])
    assert_all_once(sink)
    wait_until(lambda: risen(database) == NUMBER - 1)
