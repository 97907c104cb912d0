"""A Sage 100 base of any size in a PostgreSQL database: ``python -m bench.sage100_volume --dsn … --password …``.

Parameters and tiers come from the demo's own code; entries from ``sage100_entries.sql``, so that 300,000 of them take
seconds. The same arguments always give the same base. All pieces balance.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import cursor as Cursor

from demo.sage100 import Base, generate_small
from demo.sage100.dates import NULL_DATE, Exercises
from demo.sage100.identifiers import french_vat, luhn_key, siret
from demo.sage100.load import load
from demo.sage100.people import Directory
from demo.sage100.schema import DEFAULTS, INDEXES, SCHEMA, TABLES, create_statements
from demo.sage100.story import CHEQUE, DIRECT_DEBIT, LCR, TRANSFER, Customer

ENTRIES = "F_ECRITUREC"
REPLACED = ("F_COMPTET", "F_COMPTETG", "F_CONTACTT", "F_REGLEMENTT", "F_BANQUET", "F_MANDAT")
SIGNS = ("Menuiserie", "Charpentes", "Agencement", "Bâtiment", "Cuisines", "Parquets", "Ébénisterie", "Rénovation")
FIRMS = ("SARL", "SAS", "SA", "EURL", "SARL", "SAS")

# Columns of F_ECRITUREC that differ from Sage's defaults, from what sage100_entries.sql left.
LINE = {
    "JO_Num": "journal",
    "EC_No": "number",
    "JM_Date": "date_trunc('month', day)",
    "EC_Jour": "extract(day FROM day)",
    "EC_Date": "entered",
    "EC_Piece": "piece",
    "CG_Num": "account",
    "EC_Sens": "(amount < 0)::int",
    "EC_Montant": "abs(amount)",
    "EC_Cloture": "(extract(year FROM day) <= current_setting('bench.closed')::int)::int",
    "EC_Impression": "CASE WHEN extract(year FROM day) <= current_setting('bench.closed')::int THEN 2 ELSE 0 END",
    "cbMarq": "number + 317",
    "cbCreateur": "'COLS'",
    "cbCreation": "entered + interval '8 hours' + number * 37 % 500 * interval '1 minute'",
    "cbModification": "changed + interval '8 hours' + number * 37 % 500 * interval '1 minute'",
    "EC_Intitule": "label",
}
CUSTOMER_LINE = LINE | {
    "EC_RefPiece": "invoice",
    "CT_Num": "customer",
    "N_Reglement": "mode",
    "EC_Echeance": f"COALESCE(due, '{NULL_DATE:%Y-%m-%d}'::date)",
    "N_Devise": "currency",
    "EC_Devise": "CASE WHEN currency > 0 THEN foreign_amount ELSE 0 END",
    "EC_Parite": "CASE WHEN currency > 0 THEN round(foreign_amount / abs(amount), 6) ELSE 0 END",
    "EC_Lettre": "CASE WHEN code IS NOT NULL AND complete THEN 1 ELSE 0 END",
    "EC_Lettrage": "COALESCE(code, '')",
    "EC_ANType": "opening::int",
    "EC_Rappel": "reminders",
    "EC_DateRelance": f"CASE WHEN reminders > 0 THEN due + 12 * reminders ELSE '{NULL_DATE:%Y-%m-%d}'::date END",
}
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT lines.*, row_number() OVER (ORDER BY entered, journal, piece, account, customer, amount) AS number,
       CASE WHEN code IS NULL THEN entered ELSE GREATEST(entered, matched_on) END AS changed,
       CASE WHEN code IS NULL AND role = 'invoice' AND deal % 3 = 0 AND due < reference - 20
            THEN 1 + (due < reference - 45)::int ELSE 0 END AS reminders
  FROM (
    SELECT line.*, CASE WHEN opening THEN day + 3 ELSE day END AS entered,
           CASE role WHEN 'payment' THEN 'REGLEMENT ' ELSE 'FACTURE ' END || piece AS label
      FROM line
     UNION ALL
    SELECT NULL, 'opposite', journal, day, NULL, account, amount, NULL, FALSE, 0, NULL, NULL, NULL, journal, day,
           piece, NULL, 0, 0, day, 'PIECE ' || piece
      FROM opposite
  ) AS lines, (SELECT current_setting('bench.reference')::date AS reference) AS setting
"""


def fill(dsn: str, login: str, password: str, entries: int, customers: int, reference: dt.date) -> None:
    """Replace the base of the database by one of ``entries`` rows on customers' accounts."""
    base = generate_small(reference)
    _replace_tiers(base, customers)
    base.tables[ENTRIES] = []
    load(base, dsn, login, password)
    with closing(psycopg2.connect(dsn)) as connection:
        with connection, connection.cursor() as cr:
            _fill_entries(cr, entries, customers, reference)
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(f"VACUUM ANALYZE {SCHEMA}.{ENTRIES}")


def _replace_tiers(base: Base, count: int) -> None:
    """Put ``count`` customers with their contacts, terms, banks and mandates instead of the demo's."""
    directory = Directory(Exercises(base.reference_date), "volume")
    rng = random.Random("volume")
    for k in range(1, count + 1):
        siren = f"16{k:06d}"
        siren += luhn_key(siren)
        mode = DIRECT_DEBIT if k % 14 == 5 else CHEQUE if k % 5 == 2 else LCR if k % 40 == 9 else TRANSFER
        columns: dict[str, object] = {"CT_Siret": siret(siren), "CT_Identifiant": french_vat(siren)}
        if k % 33 == 4:
            columns["CT_NumPayeur"] = f"4{k // 2:05d}"
        customer = Customer(f"4{k:05d}", f"{rng.choice(SIGNS)} {k:05d}", mode=mode, columns=columns)
        customer.account = "411100" if k % 50 == 7 else "411000"
        directory.customer(customer, rng.choice(FIRMS), "Négoce")
    base.tables.update({name: directory.tables[name] for name in REPLACED})


def _fill_entries(cr: Cursor, entries: int, customers: int, reference: dt.date) -> None:
    """Make the entries, then the indexes: quicker than the other way round."""
    closed = max(year for year in Exercises(reference).years if Exercises(reference).closed(year))
    settings = {"entries": entries, "customers": customers, "reference": reference, "closed": closed}
    for name, value in settings.items():
        cr.execute("SELECT set_config(%s, %s, TRUE)", (f"bench.{name}", str(value)))
    for statement in ("SET LOCAL work_mem = '128MB'", "SET LOCAL max_parallel_workers_per_gather = 0"):
        cr.execute(statement)
    indexes = [index for index in INDEXES[ENTRIES]]
    for index in indexes:
        cr.execute(f"DROP INDEX {SCHEMA}.{ENTRIES}_{index}")
    cr.execute(Path(__file__).with_suffix("").with_name("sage100_entries.sql").read_text("utf-8"))
    cr.execute(NUMBERED)
    for source, where in ((CUSTOMER_LINE, "customer IS NOT NULL"), (LINE, "customer IS NULL")):
        names = ", ".join(column.identifier for column in TABLES[ENTRIES])
        values = ", ".join(source.get(column.name) or _literal(column.name) for column in TABLES[ENTRIES])
        cr.execute(f"INSERT INTO {SCHEMA}.{ENTRIES} ({names}) SELECT {values} FROM numbered WHERE {where}")
    for statement in create_statements():
        if any(f"INDEX {ENTRIES}_{index} " in statement for index in indexes):
            cr.execute(statement)


def _literal(column: str) -> str:
    """What Sage writes in a column when nothing is typed, as SQL; NULL for the optional tiers."""
    value = DEFAULTS[ENTRIES][column]
    if value is None or column in ("CT_Num", "CG_NumCont", "CT_NumCont"):
        return "NULL"
    return str(value) if not isinstance(value, (str, dt.datetime)) else f"'{value}'"


def main() -> None:
    """Fill the database named by the arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench.sage100_volume", description=__doc__)
    parser.add_argument("--dsn", required=True, help="superuser libpq DSN of an existing database")
    parser.add_argument("--login", required=True, help="login that may only read")
    parser.add_argument("--password", required=True, help="its password")
    parser.add_argument("--entries", type=int, default=300_000)
    parser.add_argument("--customers", type=int, default=12_000)
    parser.add_argument("--reference-date", type=dt.date.fromisoformat, default=dt.date.today())
    given = parser.parse_args()
    fill(given.dsn, given.login, given.password, given.entries, given.customers, given.reference_date)


if __name__ == "__main__":
    main()
