-- Entries of a living Sage 100 base, made by set-based statements, the same at each call.
-- Settings: bench.entries (rows wanted on followed accounts), bench.customers, bench.reference (a date).
-- A deal is one business event (an invoice and how it gets paid); its items are the lines on customers' accounts.
SELECT setseed(0.19);

CREATE TEMP TABLE deal AS
SELECT id, k, kind, day, amount, r1, r2, r3, r4,
       '4' || lpad(k::text, 5, '0') AS customer,
       CASE WHEN k % 50 = 7 THEN '411100' ELSE '411000' END AS account,
       CASE WHEN k % 50 = 7 THEN 2 ELSE 0 END AS currency,
       CASE WHEN k % 14 = 5 THEN 3 WHEN k % 5 = 2 THEN 2 WHEN k % 40 = 9 THEN 4 ELSE 1 END AS mode,
       (ARRAY[30, 30, 45, 60])[1 + k % 4] AS term,
       k * 7 % 33 - 6 + (r3 * 18)::int AS late,
       CASE kind WHEN 'batch' THEN 2 + floor(r1 * 3)::int ELSE 1 END AS invoices,
       CASE kind WHEN 'dues' THEN 2 + (r2 < 0.4)::int WHEN 'open' THEN 1 + (r2 < 0.25)::int + (r2 < 0.08)::int
                 ELSE 1 END AS dues,
       CASE kind WHEN 'dues' THEN 2 + (r2 < 0.4)::int WHEN 'many' THEN 2 + (r4 < 0.3)::int ELSE 1 END AS payments
  FROM (
    SELECT id, kind, r1, r2, r3, r4,
           1 + floor(power(r5, 2.5) * current_setting('bench.customers')::int)::int AS k,
           round(exp(3.5 + 2.25 * (r1 + r2 + r6))::numeric, 2) AS amount,
           current_setting('bench.reference')::date - 1
             - CASE WHEN kind IN ('partial', 'open', 'credit', 'advance') THEN (power(r6, 2) * 500)::int
                    ELSE (r6 * 910)::int END AS day
      FROM (
        SELECT id, r1, r2, r3, r4, r5, r6,
               CASE WHEN r0 < 0.45 THEN 'one' WHEN r0 < 0.57 THEN 'dues' WHEN r0 < 0.65 THEN 'many'
                    WHEN r0 < 0.73 THEN 'batch' WHEN r0 < 0.77 THEN 'corrected' WHEN r0 < 0.80 THEN 'bill'
                    WHEN r0 < 0.85 THEN 'partial' WHEN r0 < 0.95 THEN 'open' WHEN r0 < 0.97 THEN 'credit'
                    ELSE 'advance' END AS kind
          FROM (SELECT id, random() AS r0, random() AS r1, random() AS r2, random() AS r3, random() AS r4,
                       random() AS r5, random() AS r6
                  FROM generate_series(1, current_setting('bench.entries')::int / 2) AS id) AS draws
      ) AS kinds
  ) AS deals;

-- Invoices: one to three due dates in one piece; several invoices in a batch.
CREATE TEMP TABLE item AS
SELECT deal.id AS deal, 'invoice' AS role, 'VTE' AS journal, document, rank,
       day + 9 * (document - 1) AS day, day + 9 * (document - 1) + term * rank AS due, account,
       CASE rank WHEN dues THEN amount - (dues - 1) * round(amount / dues, 2) ELSE round(amount / dues, 2) END AS amount,
       CASE kind WHEN 'dues' THEN rank ELSE 1 END AS grp
  FROM deal, generate_series(1, invoices) AS document, generate_series(1, dues) AS rank
 WHERE kind NOT IN ('credit', 'advance');

-- Credit notes: beside their invoice, or alone.
INSERT INTO item
SELECT id, 'credit', 'VTE', 9, 1, day + 10, day + 10, account,
       CASE kind WHEN 'corrected' THEN -round(amount * 0.15, 2) ELSE -amount END, 1
  FROM deal WHERE kind IN ('corrected', 'credit');

-- Bills of exchange: the debt goes from 411 to 413, in a piece of its own.
INSERT INTO item
SELECT id, 'bill', 'EFF', 1, side, day + 5, day + term, CASE side WHEN 1 THEN account ELSE '413000' END,
       CASE side WHEN 1 THEN -amount ELSE amount END, side
  FROM deal, generate_series(1, 2) AS side WHERE kind = 'bill';

-- Payments: of one due line, in several times, of several invoices, in part, in advance; in currency, at a better rate.
INSERT INTO item
SELECT id, 'payment', 'BNQ', n, 1,
       day + term * CASE kind WHEN 'dues' THEN n WHEN 'advance' THEN 0 ELSE 1 END
           + CASE kind WHEN 'many' THEN late + 12 * n WHEN 'batch' THEN late + 27 WHEN 'bill' THEN 0 ELSE late END,
       NULL, CASE kind WHEN 'bill' THEN '413000' ELSE account END,
       -CASE WHEN payments > 1 AND n = payments THEN amount - (payments - 1) * round(amount / payments, 2)
             WHEN payments > 1 THEN round(amount / payments, 2)
             WHEN kind = 'batch' THEN amount * invoices
             WHEN kind = 'corrected' THEN amount - round(amount * 0.15, 2)
             WHEN kind = 'partial' THEN round(amount * (0.2 + 0.5 * r4)::numeric, 2)
             WHEN kind = 'one' AND currency > 0 THEN amount - round(amount * 0.01, 2)
             ELSE amount END,
       CASE kind WHEN 'dues' THEN n WHEN 'bill' THEN 2 ELSE 1 END
  FROM deal, generate_series(1, payments) AS n
 WHERE kind NOT IN ('open', 'credit');

-- Exchange differences, which Sage posts on the customer's account.
INSERT INTO item
SELECT id, 'exchange', 'OD', 1, 1, day + term + late, NULL, account, -round(amount * 0.01, 2), 1
  FROM deal WHERE kind = 'one' AND currency > 0;

-- What has not happened yet is not in the books; what is not complete is not lettered.
DELETE FROM item WHERE day >= current_setting('bench.reference')::date;
CREATE TEMP TABLE matched AS
SELECT item.deal, item.account, grp, MAX(item.day) AS matched_on, SUM(item.amount) = 0 AS complete
  FROM item JOIN deal ON deal.id = item.deal
 GROUP BY item.deal, item.account, grp, kind
HAVING COUNT(*) > 1 AND (SUM(item.amount) = 0 OR kind = 'partial');
ANALYZE item, matched;

-- Each year opens with a copy of every line still open (à-nouveaux in detail); deals enough for the rows wanted.
CREATE TEMP TABLE standing AS
SELECT item.*, matched_on, complete, year, year > extract(year FROM item.day) AS opening
  FROM item
  LEFT JOIN matched USING (deal, account, grp),
       generate_series(extract(year FROM item.day)::int,
                       extract(year FROM current_setting('bench.reference')::date)::int) AS year
 WHERE year = extract(year FROM item.day) OR complete IS NOT TRUE OR year <= extract(year FROM matched_on);
DELETE FROM standing
 USING (SELECT deal, SUM(COUNT(*)) OVER (ORDER BY deal) - COUNT(*) AS before FROM standing GROUP BY deal) AS counted
 WHERE counted.deal = standing.deal AND before >= current_setting('bench.entries')::int;

-- Lettering codes: a sequence for each account, customer and year; capitals when complete.
CREATE TEMP TABLE code AS
SELECT deal, account, grp, year,
       chr(letter + rank / 676 % 26) || chr(letter + rank / 26 % 26) || chr(letter + rank % 26) AS code
  FROM (
    SELECT groups.*, CASE WHEN complete THEN 65 ELSE 97 END AS letter,
           row_number() OVER (PARTITION BY groups.account, customer, year, complete ORDER BY deal, grp)::int - 1 AS rank
      FROM (SELECT DISTINCT deal, account, grp, year, complete
              FROM standing
             WHERE CASE WHEN complete THEN year = extract(year FROM matched_on)
                        ELSE year >= extract(year FROM matched_on) END) AS groups
      JOIN deal ON deal.id = groups.deal
  ) AS ranked;
ANALYZE standing, code;

-- Lines with their piece: one payment in fourteen goes to the bank with those of other customers, in one remittance.
CREATE TEMP TABLE line AS
SELECT deal.id AS deal, role, s.journal AS origin, s.day AS origin_day, customer, s.account, s.amount, due, opening,
       mode, matched_on, complete, code,
       CASE WHEN opening THEN 'AN' ELSE s.journal END AS journal,
       CASE WHEN opening THEN make_date(year, 1, 1) ELSE s.day END AS day,
       CASE WHEN role = 'payment' AND r1 + r2 + r3 + r4 < 1.15 THEN 'RC' || to_char(s.day, 'DDMM')
            WHEN role = 'payment' THEN 'B' || to_char(s.day, 'MM') || deal.id * 4 + document
            ELSE CASE role WHEN 'invoice' THEN 'FA' WHEN 'credit' THEN 'AV' WHEN 'bill' THEN 'LCR' ELSE 'ECC' END
                 || to_char(s.day, 'YY') || lpad((deal.id * 10 + document)::text, 8, '0') END AS piece,
       CASE WHEN role = 'credit' OR kind = 'advance' THEN ''
            ELSE 'FA' || to_char(deal.day, 'YY')
                 || lpad((deal.id * 10 + CASE role WHEN 'invoice' THEN document ELSE 1 END)::text, 8, '0') END AS invoice,
       CASE WHEN role = 'exchange' THEN 0 ELSE currency END AS currency,
       CASE WHEN role = 'payment' AND kind = 'one' THEN round(deal.amount * 1.085, 2)
            ELSE round(abs(s.amount) * 1.085, 2) END AS foreign_amount
  FROM (SELECT * FROM standing LEFT JOIN code USING (deal, account, grp, year)) AS s
  JOIN deal ON deal.id = s.deal;

-- The other side of the pieces: sales and VAT, bank, exchange gains and losses.
CREATE TEMP TABLE opposite AS
SELECT journal, day, piece, account, amount
  FROM (SELECT journal, day, piece, -SUM(amount) AS total FROM line WHERE NOT opening GROUP BY journal, day, piece)
           AS pieces,
       LATERAL (VALUES ('VTE', '707000', total - round(total / 6, 2)), ('VTE', '445710', round(total / 6, 2)),
                       ('BNQ', '512000', total), ('OD', '666000', total)) AS side (origin, account, amount)
 WHERE journal = origin AND amount <> 0;
