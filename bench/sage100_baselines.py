"""What the import is compared with: the ORM way on a sample of its pieces, and bare COPY and INSERT of all its rows."""

from contextlib import closing
from pathlib import Path

import psycopg2
from measure import Cost, cost
from psycopg2 import sql

from odoo import Command
from odoo.tools import SQL

# The tables that the import fills, in the order of their foreign keys.
BARE = (
    "res_partner",
    "sage100_customer",
    "sage100_contact",
    "sage100_entry",
    "account_move",
    "account_full_reconcile",
    "account_move_line",
    "account_partial_reconcile",
    "followup_situation",
)


def marks(env) -> dict[str, int]:
    """The last id of each table of the bare baseline."""
    found = {}
    for table in BARE:
        query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
        found[table] = env.execute_query(query)[0][0]
    return found


# The ORM way


def _choose(env, count: int) -> list[int]:
    """Imported pieces in the proportions of the base: four in five matched, one in a hundred shared by customers."""
    settled = SQL(
        """
        SELECT line.full_reconcile_id, array_agg(DISTINCT move.id)
          FROM account_move_line line JOIN account_move move ON move.id = line.move_id
         WHERE full_reconcile_id IN (SELECT id FROM account_full_reconcile ORDER BY md5(id::text) LIMIT %s)
         GROUP BY full_reconcile_id HAVING COUNT(*) = COUNT(move.partner_id) ORDER BY md5(full_reconcile_id::text)
        """,
        count,
    )
    chosen: dict[int, None] = {}
    for _full, moves in env.execute_query(settled):
        if len(chosen) < count * 0.79:
            chosen |= dict.fromkeys(moves)
    open_lines = """
        SELECT move.id FROM account_move move
         WHERE %s AND EXISTS (SELECT FROM account_move_line line WHERE line.move_id = move.id AND sage_ec_no <> 0
                                 AND full_reconcile_id IS NULL)
         ORDER BY md5(id::text) LIMIT %s
    """
    shared = env.execute_query(SQL(open_lines, SQL("partner_id IS NULL"), count // 100))
    alone = env.execute_query(SQL(open_lines, SQL("partner_id IS NOT NULL"), count))
    chosen |= dict.fromkeys(move_id for (move_id,) in shared + alone)
    return list(chosen)[:count]


def sample(env, count: int) -> tuple[list[dict], list[list[int]]]:
    """``count`` imported pieces, and the groups of their lines that settle each other.

    Lines are known by their number in Sage; the pieces of a group come together.
    """
    pieces: dict[int, dict] = {}
    groups: dict[tuple, list[int]] = {}
    for row in env.execute_query_dict(
        SQL(
            """
            SELECT line.move_id, move.ref, line.date, line.partner_id, line.name,
                   COALESCE(sage_ec_no, 0) AS sage_ec_no, line.balance, line.amount_currency,
                   currency.name AS currency, line.date_maturity, line.full_reconcile_id,
                   account.account_type, account.code_store->>%s AS code
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account account ON account.id = line.account_id
              JOIN res_currency currency ON currency.id = line.currency_id
             WHERE move_id = ANY(%s) ORDER BY line.date, line.move_id, line.id
            """,
            str(env.company.id),
            _choose(env, count),
        )
    ):
        piece = pieces.setdefault(row["move_id"], {"date": row["date"], "ref": row["ref"], "lines": []})
        piece["lines"].append(row)
        if row["full_reconcile_id"]:
            groups.setdefault(row["full_reconcile_id"], []).append(row["sage_ec_no"])
    sizes = dict(
        env.execute_query(
            SQL(
                "SELECT full_reconcile_id, COUNT(*) FROM account_move_line"
                " WHERE full_reconcile_id = ANY(%s) GROUP BY full_reconcile_id",
                list(groups),
            )
        )
    )
    return list(pieces.values()), [numbers for key, numbers in groups.items() if len(numbers) == sizes[key]]


def orm_way(env, pieces: list[dict], groups: list[list[int]]) -> tuple[Cost, int]:
    """Cost of entering these pieces as plain Odoo code does, one after the other, and how many entries they hold.

    Accounts, partners and currencies are there before; all is rolled back.
    """
    accounts = {row["code"]: _account(env, row) for piece in pieces for row in piece["lines"]}
    numbers = sorted({row["partner_id"] or 0 for piece in pieces for row in piece["lines"]})
    partners = dict(zip(numbers, env["res.partner"].create([{"name": str(number)} for number in numbers]), strict=True))
    Currency = env["res.currency"].with_context(active_test=False)
    currencies = {currency.name: currency for currency in Currency.search([])}
    for piece in pieces:
        for row in piece["lines"]:
            currencies[row["currency"]].active = True
    journal = env["account.journal"].create({"name": "Bench", "code": "BENCH", "type": "general"})
    env.flush_all()
    lines = {}
    with cost() as spent:
        for piece in pieces:
            move = env["account.move"].create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "date": piece["date"],
                    "ref": piece["ref"],
                    "line_ids": [
                        Command.create(
                            {
                                "name": row["name"],
                                "account_id": accounts[row["code"]].id,
                                "partner_id": row["partner_id"] and partners[row["partner_id"]].id,
                                "currency_id": currencies[row["currency"]].id,
                                "amount_currency": row["amount_currency"],
                                "balance": row["balance"],
                                "date_maturity": row["date_maturity"],
                            }
                        )
                        for row in piece["lines"]
                    ],
                }
            )
            move.action_post()
            lines.update(zip((row["sage_ec_no"] for row in piece["lines"]), move.line_ids.sorted("id"), strict=True))
        for group in groups:
            env["account.move.line"].union(*(lines[number] for number in group)).reconcile()
        env.flush_all()
    lines.pop(0, None)  # the counterparts
    env.cr.rollback()
    env.invalidate_all()
    return spent, sum(row["sage_ec_no"] != 0 for piece in pieces for row in piece["lines"])


def _account(env, row):
    """The account of a line, found by its code or created."""
    found = env["account.account"].search([("code", "=", row["code"])], limit=1)
    found = found or env["account.account"].create(
        {"code": row["code"], "name": row["code"], "account_type": row["account_type"]}
    )
    if row["sage_ec_no"]:
        found.reconcile = True
    return found


# Bare SQL


def dump(env, after: dict[str, int], folder: Path) -> dict[str, int]:
    """Write in files the rows that the import added to each table; returns how many."""
    counts = {}
    for table, mark in after.items():
        statement = f"COPY (SELECT * FROM {table} WHERE id > {mark} ORDER BY id) TO STDOUT"
        with open(folder / table, "wb") as target:
            env.cr._obj.copy_expert(statement, target)
        counts[table] = env.cr.rowcount
    return counts


def empty(database: str, after: dict[str, int]) -> None:
    """Take these rows away from a copy of the database, indexes made again as they were before the import."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute("SET session_replication_role = replica")  # no cascade: the rows come back
            for table, mark in after.items():
                cr.execute(f"DELETE FROM {table} WHERE id > {mark}")
            for table in after:
                cr.execute(f"VACUUM (FULL, ANALYZE) {table}")


def bare(database: str, tables: dict[str, int], folder: Path) -> Cost:
    """Cost of the shortest way that SQL knows: COPY in staging tables, then plain INSERT … SELECT, indexes in place."""
    with closing(psycopg2.connect(dbname=database)) as connection, cost() as spent:
        with connection, connection.cursor() as cr:
            for table in tables:
                names = {"staging": sql.Identifier(f"staging_{table}"), "table": sql.Identifier(table)}
                cr.execute(sql.SQL("CREATE TEMP TABLE {staging} (LIKE {table})").format(**names))
                with open(folder / table, "rb") as source:
                    cr.copy_expert(sql.SQL("COPY {staging} FROM STDIN").format(**names), source)
            for table in tables:
                names = {"staging": sql.Identifier(f"staging_{table}"), "table": sql.Identifier(table)}
                cr.execute(sql.SQL("INSERT INTO {table} SELECT * FROM {staging}").format(**names))
    return spent
