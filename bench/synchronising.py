"""A synchronisation as the scheduled action does it."""

from typing import Any

from measure import Cost, cost

ACTION = "account_receivable_followup.ir_cron_sage100_sync"


def synchronise(env: Any) -> tuple[Cost, Any]:
    """Ask for a synchronisation and run the scheduled action; return its cost and the synchronisation.

    The action stops before the server's time limit (``limit_time_real``), as it does in production: it is run again
    until all is done. Everything of Sage must be there, and the totals agree.
    """
    sync = env["sage100.database"].search([], limit=1)._request_sync()
    env.cr.commit()
    with cost() as spent:
        while sync.state in ("queued", "paused"):
            env.ref(ACTION).method_direct_trigger()
            env.cr.rollback()  # the action committed elsewhere: look again
            env.invalidate_all()
    assert sync.state in ("done", "warning") and not sync.difference, (sync.state, sync.message)
    return spent, sync
