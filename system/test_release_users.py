"""Two users who release the same customers at the same moment: one message each."""

from harness import WORK, wait_until

#: Few enough to leave at the end of the very request that releases them.
NUMBER = 18
#: On the same customers.
RUNS = 2
#: Both begin together: when the third process lets go of the lock.
RELEASE_TOGETHER = """
env.cr.execute("SELECT pg_advisory_xact_lock_shared(4242)")
env.cr.commit()
run = env["followup.run"].with_user(env.ref("base.user_admin")).search([], order="id", limit=1, offset=OFFSET)
env.cr.commit()
run.reminder_ids._release()
env.cr.commit()
"""
STARTER = """
import time
env.cr.execute("SELECT pg_advisory_xact_lock(4242)")
open(FLAG, "w").close()
time.sleep(4)
"""


def test_two_users_at_once(database, sink, tmp_path):
    """Each customer gets one message; the other run says why it sent nothing to them."""
    sink.delay = 0.02
    flag = tmp_path / "begun"
    starter = database.start(STARTER, FLAG=str(flag))
    wait_until(flag.exists)
    users = [database.start(RELEASE_TOGETHER, OFFSET=number) for number in (0, 1)]
    for process in (starter, *users):
        process.wait()
    database.run(WORK)
    assert not sink.doubles
    assert len(sink.recipients) == NUMBER
    assert database.states() == {"sent": NUMBER, "cancelled": NUMBER}
    assert database.query("SELECT DISTINCT followup_count FROM account_move_line WHERE followup_count > 0") == [(1,)]
    reasons = database.query(
        "SELECT DISTINCT l.reason FROM followup_reminder_line l JOIN followup_reminder r ON r.id = l.reminder_id"
        " WHERE r.state = 'cancelled'"
    )
    assert reasons, "each reminder dropped says why"
    assert {reason for (reason,) in reasons} <= {"not_due", "minimum_interval"}
