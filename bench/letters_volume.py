"""Customers with as many due lines each, ready for a letter, for the benchmark of the letters.

The first customer's entry is posted by Odoo, the others' are copies of it, by set-based SQL.
"""

from datetime import timedelta

from odoo.fields import Command

#: Columns of which each copy has its own value.
OWN = {
    "account_move": {"name": "'BENCH/' || p.id", "ref": "'BENCH ' || p.id", "partner_id": "p.id"},
    "account_move_line": {"move_id": "n.id", "move_name": "n.name", "partner_id": "n.partner_id"},
}
COLUMNS = """
SELECT column_name FROM information_schema.columns
 WHERE table_name = %s AND is_generated = 'NEVER' AND column_name <> 'id'
"""


def fill(env, customers, lines):
    """The customers, each of whom owes ``lines`` invoices and was reminded twice."""
    env["sage100.database"].search([]).unlink()  # never synchronised: it would hold the reminders back
    towns = ("Nantes", "Lyon", "Rennes", "Lille", "Brest", "Paris", "Tours", "Dijon")
    partners = env["res.partner"].create(
        [
            {
                "name": f"Menuiserie {towns[n % 8]} {n:04}",
                "is_company": True,
                "ref": f"411B{n:04}",
                "email": f"compta{n}@bench.example",
                "street": f"{n} rue des Acacias",
                "zip": f"{10000 + (n * 7919) % 80000:05}",
                "city": towns[n % 8],
                "country_id": env.ref("base.fr").id,
                "lang": "fr_FR",
            }
            for n in range(customers)
        ]
    )
    model = _entry(env, partners[0], lines)
    _copy(env, model, partners[1:])
    levels = _levels(env)
    # The letter alone: the day-by-day detail of penalties would be pages more.
    levels.penalty_mode = "none"
    _remind(env, partners, levels[1])
    env.cr.commit()
    for table in OWN:
        env.cr.execute(f"ANALYZE {table}")
    env["followup.situation"]._rebuild_company(env.company, env.company._followup_today())
    env.cr.commit()
    env.invalidate_all()
    return partners


def prepare(env, partners):
    """A run for these customers alone; nothing of it waits for a decision."""
    plan = env["followup.plan"]._get_default_for(env.company)
    run = env["followup.run"]._prepare_run(env.company, plan, env.company._followup_today(), partners)
    run.reminder_ids.to_decide = False
    return run


def make_due_by_email(env, partners):
    """Bring these customers back to where an e-mail with its letter is due."""
    levels = _levels(env)
    levels[1].write({"channel": "email", "call": False, "also_letter": False, "also_sms": False})
    levels[1].write({"attach_letter": True, "attach_statement": False, "attach_invoices": False})
    _remind(env, partners, levels[0])
    env.cr.commit()


def _levels(env):
    plan = env["followup.plan"]._get_default_for(env.company)
    return plan.level_ids.filtered(lambda level: level.phase == "reminder").sorted("sequence")


def _entry(env, partner, lines):
    """A posted entry of so many invoices of one customer, all overdue."""
    today = env.company._followup_today()
    receivable = partner.property_account_receivable_id
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    journal = env["account.journal"].search([("type", "=", "general")], limit=1)
    amounts = [round(100 + 37.13 * n, 2) for n in range(lines)]
    entry = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": today - timedelta(days=120),
            "line_ids": [
                *(
                    Command.create(
                        {
                            "name": f"FA26{number:05}",
                            "account_id": receivable.id,
                            "partner_id": partner.id,
                            "date_maturity": today - timedelta(days=40 + number),
                            "balance": amount,
                            "no_followup": False,
                        }
                    )
                    for number, amount in enumerate(amounts)
                ),
                Command.create({"name": "FA26", "account_id": income.id, "balance": -sum(amounts)}),
            ],
        }
    )
    entry.action_post()
    env.flush_all()
    return entry


def _copy(env, model, partners):
    """The same entry for other customers."""
    env.flush_all()
    cr = env.cr
    moves = _insert(cr, "account_move")
    cr.execute(
        f"{moves} FROM account_move m, unnest(%s) AS p (id) WHERE m.id = %s RETURNING id", (partners.ids, model.id)
    )
    copies = [number for (number,) in cr.fetchall()]
    lines = _insert(cr, "account_move_line")
    cr.execute(
        f"{lines} FROM account_move_line m, account_move n WHERE m.move_id = %s AND n.id = ANY(%s)", (model.id, copies)
    )
    env.invalidate_all()


def _insert(cr, table):
    """An INSERT of copies, up to its FROM: ``m`` is the row that is copied."""
    cr.execute(COLUMNS, (table,))
    names = [name for (name,) in cr.fetchall()]
    values = [OWN[table].get(name, f'm."{name}"') for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)}"


def _remind(env, partners, level):
    """The due lines of these customers reached this level three weeks ago."""
    env.flush_all()
    env.cr.execute(
        """
        UPDATE account_move_line SET followup_level_id = %s, followup_date = %s, followup_count = 1
         WHERE partner_id = ANY(%s) AND date_maturity IS NOT NULL AND balance > 0
        """,
        (level.id, env.company._followup_today() - timedelta(days=21), partners.ids),
    )
    env.invalidate_all()
