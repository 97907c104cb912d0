-- Receivables of a living company, made by set-based statements, the same at each call.
-- Settings: bench.customers, bench.invoices, bench.company, bench.reference (a date), bench.sales and bench.bank
-- (journals), bench.receivable, bench.income and bench.cash (accounts), bench.currency, bench.country, bench.first and
-- bench.second (levels already reached). Ids follow the highest one of each table.
SELECT setseed(0.42);

CREATE TEMP TABLE start AS
SELECT (SELECT COALESCE(MAX(id), 0) FROM res_partner) AS last_partner,
       (SELECT COALESCE(MAX(id), 0) FROM account_move) AS last_move,
       (SELECT COALESCE(MAX(id), 0) FROM account_move_line) AS last_line,
       (SELECT COALESCE(MAX(id), 0) FROM account_partial_reconcile) AS last_partial,
       (SELECT COALESCE(MAX(id), 0) FROM account_full_reconcile) AS last_full,
       current_setting('bench.customers')::int AS customers,
       current_setting('bench.invoices')::int AS invoices,
       current_setting('bench.company')::int AS company,
       current_setting('bench.currency')::int AS currency,
       current_setting('bench.reference')::date AS reference;

-- Customers: each pays with a habit of its own, from a fortnight before to six weeks after the due date.
CREATE TEMP TABLE customer AS
SELECT k, start.last_partner + k AS id, (random() * 60)::int - 15 AS habit
  FROM start, generate_series(1, start.customers) AS k;

INSERT INTO res_partner (id, name, complete_name, active, is_company, type, lang, email, phone, street, zip, city,
                         country_id, commercial_partner_id, commercial_company_name, customer_rank, autopost_bills,
                         create_date, write_date)
SELECT customer.id, name, name, TRUE, TRUE, 'contact', 'fr_FR',
       CASE WHEN k % 20 <> 0 THEN 'compta@client-' || k || '.example' END,
       '02 40 ' || lpad((k % 1000000)::text, 6, '0'), 1 + k % 180 || ' rue des Ateliers',
       lpad((1000 + k * 7 % 94000)::text, 5, '0'), 'Commune ' || 1 + k % 300,
       current_setting('bench.country')::int, customer.id, name, 1, 'ask', now(), now()
  FROM customer,
       LATERAL (SELECT (ARRAY['Menuiserie', 'Garage', 'Cuisines', 'Transports', 'Imprimerie'])[1 + k % 5] || ' '
                       || lpad(k::text, 5, '0') AS name) AS named;

SELECT setval('res_partner_id_seq', MAX(id)) FROM res_partner;

-- Contacts of a few: in charge of the follow-up, at every level or at some, or of the invoices.
INSERT INTO res_partner (name, complete_name, active, type, lang, email, parent_id, commercial_partner_id,
                         commercial_company_name, followup_contact, autopost_bills, create_date, write_date)
SELECT 'Contact ' || k || ' ' || n, 'Contact ' || k || ' ' || n, TRUE,
       CASE WHEN k % 40 = 7 THEN 'invoice' ELSE 'contact' END, 'fr_FR', 'contact' || n || '@client-' || k || '.example',
       id, id, 'Client', k % 40 <> 7, 'ask', now(), now()
  FROM customer, generate_series(1, 2) AS n
 WHERE k % 40 = 7 AND n = 1 OR k % 25 = 3 AND n <= 1 + (k % 50 = 3)::int;

-- Invoices: a few customers hold many of them; sizes are log-normal; a quarter is unpaid.
CREATE TEMP TABLE invoice AS
SELECT n, customer.k, customer.id AS customer, amount, due, habit, part, spread, kind, is_open,
       start.last_move + n AS move, start.last_line + 2 * n - 1 AS line,
       CASE WHEN NOT is_open THEN amount WHEN kind >= 0.07 AND kind < 0.17 THEN round(amount * part::numeric, 2)
            ELSE 0 END AS paid,
       CASE WHEN is_open AND kind < 0.03 THEN -1 ELSE 1 END AS sign,
       is_open AND kind >= 0.03 AND kind < 0.07 AS blocked
  FROM start,
       LATERAL (
           SELECT n, 1 + floor(power(random(), 2) * start.customers)::int AS k,
                  round(exp(6 + 3 * random())::numeric, 2) AS amount,
                  start.reference + 30 - (random() * 430)::int AS due,
                  random() < 0.25 AS is_open, random() AS kind, random() AS part, random() AS spread
             FROM generate_series(1, start.invoices) AS n
       ) AS drawn
  JOIN customer ON customer.k = drawn.k;

INSERT INTO account_move (id, name, state, move_type, journal_id, company_id, currency_id, auto_post, date,
                          invoice_date, invoice_date_due, partner_id, commercial_partner_id, payment_state,
                          amount_untaxed, amount_untaxed_signed, amount_total, amount_total_signed,
                          amount_total_in_currency_signed, amount_residual, amount_residual_signed, sequence_prefix,
                          sequence_number, invoice_currency_rate, create_date, write_date)
SELECT move, 'FAC/' || lpad(n::text, 8, '0'), 'posted', CASE WHEN sign < 0 THEN 'out_refund' ELSE 'out_invoice' END,
       current_setting('bench.sales')::int, company, currency, 'no', due - 30, due - 30, due, customer, customer,
       CASE WHEN paid = amount THEN 'paid' WHEN paid > 0 THEN 'partial' ELSE 'not_paid' END,
       amount, sign * amount, amount, sign * amount, sign * amount, amount - paid, sign * (amount - paid), 'FAC/', n, 1,
       now(), now()
  FROM invoice, start;

CREATE TEMP TABLE payment AS
SELECT row_number() OVER (ORDER BY n) AS p, invoice.*, paid = amount AS whole,
       LEAST(reference, due + habit + (20 * spread)::int - 10) AS day
  FROM invoice, start
 WHERE paid > 0;

INSERT INTO account_move (id, name, state, move_type, journal_id, company_id, currency_id, auto_post, date, partner_id,
                          commercial_partner_id, payment_state, sequence_prefix, sequence_number, create_date,
                          write_date)
SELECT start.last_move + invoices + p, 'BNQ/' || lpad(p::text, 8, '0'), 'posted', 'entry', current_setting('bench.bank')::int,
       company, currency, 'no', day, customer, customer, 'not_paid', 'BNQ/', p, now(), now()
  FROM payment, start;

INSERT INTO account_full_reconcile (id, create_date, write_date)
SELECT start.last_full + p, now(), now() FROM payment, start WHERE payment.whole;

-- Lines: what the customer owes or paid, and the other side. One customer in three was chased before.
INSERT INTO account_move_line (id, move_id, move_name, name, display_type, parent_state, journal_id, company_id,
                               company_currency_id, currency_id, account_id, partner_id, date, invoice_date,
                               date_maturity, balance, debit, credit, amount_currency, amount_residual,
                               amount_residual_currency, reconciled, full_reconcile_id, matching_number, no_followup,
                               followup_automatic_payment, followup_level_id, followup_date, followup_count,
                               create_date, write_date)
SELECT invoice.line + side, invoice.move, name, name, CASE side WHEN 0 THEN 'payment_term' ELSE 'product' END, 'posted',
       current_setting('bench.sales')::int, company, currency, currency,
       CASE side WHEN 0 THEN current_setting('bench.receivable')::int ELSE current_setting('bench.income')::int END,
       invoice.customer, invoice.due - 30, invoice.due - 30, CASE side WHEN 0 THEN invoice.due END,
       signed, GREATEST(signed, 0), GREATEST(-signed, 0), signed, CASE side WHEN 0 THEN left_open ELSE 0 END,
       CASE side WHEN 0 THEN left_open ELSE 0 END, side = 0 AND left_open = 0,
       CASE WHEN side = 0 AND payment.whole THEN start.last_full + payment.p END,
       CASE WHEN side = 1 OR payment.p IS NULL THEN NULL WHEN payment.whole THEN (start.last_full + payment.p)::text
            ELSE 'P' || start.last_partial + payment.p END,
       side = 0 AND invoice.blocked, side = 0 AND invoice.k % 50 = 11,
       CASE WHEN chased > 1 THEN current_setting('bench.second')::int
            WHEN chased = 1 THEN current_setting('bench.first')::int END,
       CASE WHEN chased > 0 THEN reference - 20 END, chased, now(), now()
  FROM start, invoice
  LEFT JOIN payment ON payment.n = invoice.n,
       LATERAL (SELECT 'FAC/' || lpad(invoice.n::text, 8, '0') AS name,
                       invoice.sign * (invoice.amount - invoice.paid) AS left_open) AS common,
       generate_series(0, 1) AS side,
       LATERAL (SELECT CASE side WHEN 0 THEN invoice.sign * invoice.amount ELSE -invoice.sign * invoice.amount END
                           AS signed,
                       CASE WHEN side = 1 OR left_open <= 0 OR invoice.k % 3 > 0 THEN 0
                            WHEN invoice.due < start.reference - 90 AND invoice.k % 9 = 0 THEN 2
                            WHEN invoice.due < start.reference - 40 THEN 1 ELSE 0 END AS chased) AS values;

INSERT INTO account_move_line (id, move_id, move_name, name, display_type, parent_state, journal_id, company_id,
                               company_currency_id, currency_id, account_id, partner_id, date, date_maturity, balance,
                               debit, credit, amount_currency, amount_residual, amount_residual_currency, reconciled,
                               full_reconcile_id, matching_number, create_date, write_date)
SELECT start.last_line + 2 * invoices + 2 * p - 1 + side, start.last_move + invoices + p, 'BNQ/' || lpad(p::text, 8, '0'),
       'Virement', CASE side WHEN 0 THEN 'payment_term' ELSE 'product' END, 'posted',
       current_setting('bench.bank')::int, company, currency, currency,
       CASE side WHEN 0 THEN current_setting('bench.receivable')::int ELSE current_setting('bench.cash')::int END,
       customer, day, CASE side WHEN 0 THEN day END, signed, GREATEST(signed, 0), GREATEST(-signed, 0), signed, 0, 0,
       side = 0, CASE WHEN side = 0 AND payment.whole THEN start.last_full + p END,
       CASE WHEN side = 1 THEN NULL WHEN payment.whole THEN (start.last_full + p)::text ELSE 'P' || start.last_partial + p END,
       now(), now()
  FROM payment, start, generate_series(0, 1) AS side,
       LATERAL (SELECT CASE side WHEN 0 THEN -paid ELSE paid END AS signed) AS values;

INSERT INTO account_partial_reconcile (id, debit_move_id, credit_move_id, full_reconcile_id, amount,
                                       debit_amount_currency, credit_amount_currency, debit_currency_id,
                                       credit_currency_id, company_id, max_date, create_date, write_date)
SELECT start.last_partial + p, payment.line, start.last_line + 2 * invoices + 2 * p - 1,
       CASE WHEN payment.whole THEN start.last_full + p END, paid, paid, paid, currency, currency, company,
       GREATEST(due - 30, day), now(), now()
  FROM payment, start;

SELECT setval(pg_get_serial_sequence(name, 'id'), number)
  FROM (
    SELECT 'account_move' AS name, MAX(id) AS number FROM account_move
     UNION ALL SELECT 'account_move_line', MAX(id) FROM account_move_line
     UNION ALL SELECT 'account_partial_reconcile', MAX(id) FROM account_partial_reconcile
     UNION ALL SELECT 'account_full_reconcile', MAX(id) FROM account_full_reconcile
  ) AS numbers;
