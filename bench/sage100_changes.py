"""A day's work of the accountants: 1,000 entries of a volume base changed, whoever the customers are."""

from __future__ import annotations

from contextlib import closing

import psycopg2

COUNT = 1000

# Open invoices of the year, one line each, shuffled; then what becomes of them.
CHOSEN = """
SET LOCAL search_path TO dbo;
SET LOCAL work_mem = '64MB';
CREATE TEMP TABLE piece AS
SELECT jo_num, jm_date, ec_jour, ec_piece, MIN(ec_no) FILTER (WHERE ct_num IS NOT NULL) AS ec_no
  FROM f_ecriturec
 WHERE jo_num = 'VTE' AND jm_date >= date_trunc('year', (SELECT MAX(jm_date) FROM f_ecriturec))
 GROUP BY jo_num, jm_date, ec_jour, ec_piece
HAVING COUNT(ct_num) = 1 AND MAX(ec_lettrage) = '' AND SUM(ec_sens * (ct_num IS NOT NULL)::int) = 0;
CREATE TEMP TABLE chosen AS
SELECT *, row_number() OVER (ORDER BY md5(ec_no::text))::int AS rank,
       (SELECT MAX(ec_no) FROM f_ecriturec)::int AS last
  FROM piece;
ANALYZE chosen;
"""
AMOUNTS = """
UPDATE f_ecriturec e
   SET ec_montant = ec_montant + 10, ec_devise = CASE WHEN ec_devise > 0 THEN ec_devise + 11 ELSE 0 END,
       cbmodification = clock_timestamp()
  FROM chosen c
 WHERE c.rank <= 200 AND (e.jo_num, e.jm_date, e.ec_jour, e.ec_piece) = (c.jo_num, c.jm_date, c.ec_jour, c.ec_piece)
   AND (e.ec_no = c.ec_no OR e.cg_num = '707000')
"""
DUE_DATES = """
UPDATE f_ecriturec e SET ec_echeance = ec_echeance + interval '15 days', cbmodification = clock_timestamp()
  FROM chosen c WHERE c.rank BETWEEN 201 AND 400 AND e.ec_no = c.ec_no
"""
DELETED = """
DELETE FROM f_ecriturec e USING chosen c
 WHERE c.rank BETWEEN 401 AND 500
   AND (e.jo_num, e.jm_date, e.ec_jour, e.ec_piece) = (c.jo_num, c.jm_date, c.ec_jour, c.ec_piece)
"""
# Each of these copies the rows of the pieces chosen, other values in some columns.
NEW_INVOICES = {
    "rank": "BETWEEN 501 AND 600",
    "rows": "TRUE",
    "ec_no": "c.last + 4 * c.rank + row_number() OVER (PARTITION BY c.ec_no ORDER BY e.ec_no)",
    "ec_piece": "'FN' || c.rank",
    "ec_refpiece": "'FN' || c.rank",
}
PAYMENTS = {
    "rank": "BETWEEN 601 AND 700",
    "rows": "e.ct_num IS NOT NULL",
    "ec_no": "c.last + 4 * c.rank",
    "ec_piece": "'BN' || c.rank",
    "jo_num": "'BNQ'",
    "ec_sens": "1",
    "ec_echeance": "'1753-01-01'::timestamp",
    "ec_lettre": "1",
    "ec_lettrage": "'Y' || chr(65 + c.rank / 26 % 26) || chr(65 + c.rank % 26)",
}
BANK = PAYMENTS | {
    "ec_no": "c.last + 4 * c.rank + 1",
    "cg_num": "'512000'",
    "ct_num": "NULL",
    "ec_sens": "0",
    "ec_lettre": "0",
    "ec_lettrage": "''",
}
LETTERED = """
UPDATE f_ecriturec e
   SET ec_lettre = 1, ec_lettrage = 'Y' || chr(65 + c.rank / 26 % 26) || chr(65 + c.rank % 26),
       cbmodification = clock_timestamp()
  FROM chosen c WHERE c.rank BETWEEN 601 AND 700 AND e.ec_no = c.ec_no
"""
UNLETTERED = """
UPDATE f_ecriturec e SET ec_lettre = 0, ec_lettrage = '', cbmodification = clock_timestamp()
  FROM (
    SELECT ct_num, cg_num, ec_lettrage
      FROM f_ecriturec
     WHERE jm_date >= date_trunc('year', (SELECT MAX(jm_date) FROM f_ecriturec)) AND ec_lettre = 1
       AND ec_lettrage < 'Y'
     GROUP BY ct_num, cg_num, ec_lettrage HAVING COUNT(*) = 2
     ORDER BY md5(ct_num || cg_num || ec_lettrage) LIMIT 100
  ) AS found
 WHERE jm_date >= date_trunc('year', (SELECT MAX(jm_date) FROM f_ecriturec)) AND e.ec_lettre = 1
   AND (e.ct_num, e.cg_num, e.ec_lettrage) = (found.ct_num, found.cg_num, found.ec_lettrage)
"""


def _copies(cr, values: dict[str, str]) -> str:
    """The statement that adds copies of the chosen pieces' rows."""
    cr.execute(
        "SELECT quote_ident(column_name) FROM information_schema.columns"
        " WHERE table_schema = 'dbo' AND table_name = 'f_ecriturec' ORDER BY ordinal_position"
    )
    columns = [name for (name,) in cr.fetchall()]
    values = values | {"cbmarq": f"{values['ec_no']} + 317", "cbmodification": "clock_timestamp()"}
    chosen = ", ".join(values.get(name, f"e.{name}") for name in columns)
    return (
        f"INSERT INTO f_ecriturec ({', '.join(columns)}) SELECT {chosen} FROM f_ecriturec e JOIN chosen c"
        " ON (e.jo_num, e.jm_date, e.ec_jour, e.ec_piece) = (c.jo_num, c.jm_date, c.ec_jour, c.ec_piece)"
        f" WHERE c.rank {values['rank']} AND {values['rows']}"
    )


def change(dsn: str) -> None:
    """Change 1,000 entries: 200 amounts, 200 due dates, 100 deleted, 200 new, 100 lettered, 200 unlettered."""
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cr:
        cr.execute(CHOSEN)
        touched = 0
        for statement, share in (
            (AMOUNTS, 0.5),
            (DUE_DATES, 1),
            (DELETED, 1 / 3),
            (_copies(cr, NEW_INVOICES), 1 / 3),
            (_copies(cr, PAYMENTS), 1),
            (_copies(cr, BANK), 0),
            (LETTERED, 1),
            (UNLETTERED, 1),
        ):
            cr.execute(statement)
            touched += round(cr.rowcount * share)  # without the rows of sales, VAT and bank
        assert touched == COUNT, touched
