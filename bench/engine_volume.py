"""Receivables of any size in an Odoo database, for the benchmark of the follow-up engine.

Customers, invoices and payments come from ``engine_volume.sql``: 200,000 invoices take seconds, and the same arguments
always give the same books. What persons add (promises, disputes, stops) is made by the add-on's own models.
"""

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

TABLES = ("account_move", "account_move_line", "account_partial_reconcile")
PLAIN_INDEXES = """
SELECT indexname, indexdef
  FROM pg_indexes
 WHERE tablename = ANY(%s) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
"""
BIGGEST_DEBTS = """
SELECT DISTINCT ON (line.partner_id) line.id
  FROM account_move_line line
  JOIN res_partner partner ON partner.id = line.partner_id
 WHERE line.account_id = %s AND line.reconciled IS NOT TRUE AND line.amount_residual > 0
   AND line.date_maturity < %s AND partner.name ~ %s
 ORDER BY line.partner_id, line.amount_residual DESC, line.id
"""


def fill(env, customers, invoices):
    """Give the company of ``env`` this many customers and invoices, and commit; the books are Odoo's own."""
    env["sage100.database"].search([]).unlink()  # never synchronised: it would hold the reminders back
    with _quickly(env.cr):
        for name, value in (_settings(env) | {"customers": customers, "invoices": invoices}).items():
            env.cr.execute("SELECT set_config(%s, %s, TRUE)", (f"bench.{name}", str(value)))
        env.cr.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    env.cr.commit()
    env.invalidate_all()
    for table in (*TABLES, "res_partner"):
        env.cr.execute(f"ANALYZE {table}")
    _persons(env)
    env.cr.commit()


@contextmanager
def _quickly(cr):
    """A block that fills tables whose secondary indexes are made afterwards, foreign keys being taken as right."""
    for setting in ("session_replication_role = replica", "max_parallel_workers_per_gather = 0", "work_mem = '128MB'"):
        cr.execute(f"SET LOCAL {setting}")
    cr.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cr.execute(PLAIN_INDEXES, (list(TABLES),))
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        cr.execute(definition)


def _settings(env):
    """Ids of what the books stand on: the company's chart of accounts and its default plan."""
    company = env.company
    journals = {kind: env["account.journal"].search([("type", "=", kind)], limit=1).id for kind in ("sale", "bank")}
    income, cash = (
        env["account.account"].search([("account_type", "=", kind)], limit=1).id for kind in ("income", "asset_cash")
    )
    levels = env["followup.plan"]._get_default_for(company).level_ids.filtered(lambda level: level.phase == "reminder")
    return {
        "company": company.id,
        "currency": company.currency_id.id,
        "country": company.country_id.id,
        "reference": company._followup_today(),
        "sales": journals["sale"],
        "bank": journals["bank"],
        "receivable": _receivable(env).id,
        "income": income,
        "cash": cash,
        "first": levels[0].id,
        "second": levels[1].id,
    }


def _receivable(env):
    return env["account.account"].search(
        [("account_type", "=", "asset_receivable"), ("followup_kind", "=", "ordinary"), ("code", "=like", "411%")],
        limit=1,
    )


def _persons(env):
    """Promises and disputes on the largest debt of one customer in a hundred each; one in two hundred is stopped."""
    today = env.company._followup_today()
    for line in _largest_debts(env, "17$", today):
        env["followup.promise"].create(
            {
                "partner_id": line.partner_id.id,
                "date": today + timedelta(days=line.id % 20),
                "line_ids": [(0, 0, {"move_line_id": line.id})],
            }
        )
    reason = env["followup.dispute.reason"].search([], limit=1)
    for line in _largest_debts(env, "31$", today):
        part = line.amount_residual if line.id % 2 else round(line.amount_residual / 2, 2)
        env["followup.dispute"].create(
            {
                "partner_id": line.partner_id.id,
                "reason_id": reason.id,
                "line_ids": [(0, 0, {"move_line_id": line.id, "amount": part})],
            }
        )
    stopped = _largest_debts(env, "[02468]53$", today).partner_id
    stopped.write({"followup_stop": True, "followup_stop_until": today + timedelta(days=30)})


def _largest_debts(env, pattern, today):
    """The largest overdue line of each customer whose name matches a regular expression."""
    env.flush_all()
    env.cr.execute(BIGGEST_DEBTS, (_receivable(env).id, today, pattern))
    return env["account.move.line"].browse(number for (number,) in env.cr.fetchall())
