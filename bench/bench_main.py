"""Import of the demo's Sage 100 base, then preparation of the first run.

Run in Odoo's shell (``env``) on the demo's company, before its first synchronisation.
Times are ratios to what plain Odoo code needs for the same work on the same machine, so
that a busy or slow machine changes them little; queries are counted.
"""

from measure import cost, figure
from synchronising import synchronise

from odoo.fields import Command

BASELINE_MOVES = 100


def create_moves(count):
    """Cost of as many posted entries of two lines, made one by one by the ORM.

    It is what a loader without batches would do. The entries are rolled back.
    """
    database = env["sage100.database"].search([], limit=1)
    partner = env["sage100.customer"].search([], limit=1).partner_id
    receivable = partner.property_account_receivable_id
    with cost() as spent:
        for number in range(count):
            amounts = ((receivable, 100.0), (database.counterpart_account_id, -100.0))
            env["account.move"].create(
                {
                    "move_type": "entry",
                    "journal_id": database.journal_id.id,
                    "name": f"BENCH/{number}",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": partner.id,
                                "balance": amount,
                            }
                        )
                        for account, amount in amounts
                    ],
                }
            )._post(soft=False)
    env.cr.rollback()
    return spent


def prepare():
    """Cost of the wizard's preparation, and the run."""
    wizard = env["followup.send.wizard"].new({})
    with cost() as spent:
        run = env["followup.run"]._prepare_run(
            wizard.company_id, wizard.plan_id, wizard.date
        )
        env.flush_all()
    return spent, run


def read_open_lines():
    """Cost of only reading the open receivable lines through the ORM."""
    env.invalidate_all()
    with cost() as spent:
        env["account.move.line"].search_read(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            ["partner_id", "date_maturity", "amount_residual", "currency_id"],
        )
    return spent


first, sync = synchronise(env)
entries = sync.entries_kept
assert entries > 1000, entries
again, second = synchronise(env)
assert not second.entries_created, second.entries_created
baseline = create_moves(BASELINE_MOVES)
per_move = baseline.seconds / BASELINE_MOVES
figure(
    "first import, queries per entry",
    first.queries / entries,
    "queries",
    at_most=0.4,
)
figure(
    "first import, time per entry against one-by-one ORM creation",
    first.seconds / entries / per_move,
    "times",
    at_most=0.06,
)
figure(
    "second import, queries per entry",
    again.queries / entries,
    "queries",
    at_most=0.15,
)
figure(
    "second import, time against the first",
    again.seconds / first.seconds,
    "times",
    at_most=0.2,
)
reading = read_open_lines()
env.invalidate_all()
prepared, run = prepare()
assert run.reminder_count > 20, run.reminder_count
figure(
    "preparation, queries per reminder",
    prepared.queries / run.reminder_count,
    "queries",
    at_most=5,
)
figure(
    "preparation, time against reading the open lines",
    prepared.seconds / reading.seconds,
    "times",
    at_most=60,
)
