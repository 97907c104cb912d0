"""The follow-up engine on 5,000 customers and 200,000 invoices: preparation, situations, screens, release of e-mails.

Run in Odoo's shell (``env``) on the demo's company; ``pristine`` names an untouched copy of its database, which
``engine_volume`` fills. Times are the best of a few, in a process that has its caches: what a server does all day.
"""

from contextlib import contextmanager

import engine_volume
from copies import administer, copy_of, undisturbed
from measure import Cost, cost, figure, note
from smtp import sink

CUSTOMERS, INVOICES = 5_000, 200_000
MAILS = 1_000
USER = "marie"
RELEASE = "account_receivable_followup.ir_cron_followup_release"
#: The open lines of the followed accounts, by customer and level: the least that a run must read.
BARE = """
SELECT partner.commercial_partner_id, line.followup_level_id, COUNT(*), SUM(line.amount_residual),
       SUM(line.amount_residual_currency), MIN(line.date_maturity), MAX(line.followup_date)
  FROM account_move_line line
  JOIN account_account account ON account.id = line.account_id
  JOIN res_partner partner ON partner.id = line.partner_id
 WHERE line.company_id = %s AND account.followup_kind IS NOT NULL AND line.parent_state = 'posted'
   AND line.reconciled IS NOT TRUE
 GROUP BY 1, 2
"""
ORDERS = ("overdue desc, id", "balance desc", "next_date", "partner_id", "oldest_due_date", "level_id, overdue desc")
FILTERS = (
    [("overdue", ">", 0)],
    [("balance", "!=", 0), ("level_id", "!=", False)],
    [("reason", "!=", False)],
    [("partner_id.name", "ilike", "garage")],
)
#: Groupings of the figures of a dashboard; the amounts are summed in each.
GROUPINGS = (
    (),
    ("level_id",),
    ("next_level_id",),
    ("reason",),
    ("mode",),
    ("user_id",),
    ("plan_id",),
    ("next_date:week",),
)
SUMS = ("balance", "overdue", "not_due", "promised", "disputed", "bucket_1", "bucket_2", "bucket_3", "bucket_4")
#: Messages of which nothing is wrong: sent, once, and each line that was due has risen to its level.
TRUE_STATES = """
SELECT COUNT(*)
  FROM followup_reminder reminder
  JOIN mail_mail mail ON mail.id = reminder.mail_mail_id
 WHERE reminder.id = ANY(%s) AND reminder.state = 'sent' AND mail.state = 'sent' AND reminder.sent_at IS NOT NULL
   AND reminder.attempted_at IS NOT NULL AND NOT COALESCE(reminder.to_settle, FALSE)
   AND NOT EXISTS (
       SELECT 1
         FROM followup_reminder_line line
         JOIN account_move_line due ON due.id = line.move_line_id
        WHERE line.reminder_id = reminder.id AND line.raises
          AND (line.raised IS NOT TRUE OR due.followup_level_id <> line.level_id
               OR due.followup_date <> reminder.date)
   )
"""


@contextmanager
def company(name, customers, invoices):
    """The environment of a company that has this many customers and invoices, situations up to date."""
    with copy_of(pristine, name) as copy:
        with cost() as spent:
            engine_volume.fill(copy, customers, invoices)
        note(f"{invoices:,} invoices made", spent.seconds, "s")
        administer("VACUUM ANALYZE", name)
        copy["followup.situation"]._rebuild_company(copy.company, copy.company._followup_today())
        copy.cr.commit()
        yield copy
    administer(f"DROP DATABASE {name}")


def best(copy, action, times=3):
    """The cheapest of a few calls of ``action``, the records being read again each time; all is rolled back."""
    costs = []
    for _time in range(times):
        copy.cr.rollback()
        copy.invalidate_all()
        with cost() as spent:
            action()
            copy.flush_all()
        costs.append(spent)
    copy.cr.rollback()
    copy.invalidate_all()
    return Cost(min(spent.seconds for spent in costs), min(spent.queries for spent in costs))


def prepare(copy):
    """Prepare a run for all the customers of the default plan; return it."""
    firm = copy.company
    plan = copy["followup.plan"]._get_default_for(firm)
    return copy["followup.run"]._prepare_run(firm, plan, firm._followup_today())


def rebuild(copy):
    """Write all the situations, of which there are none."""
    copy.cr.execute("DELETE FROM followup_situation")
    copy["followup.situation"]._rebuild(copy.company, copy.company._followup_today())


def read_bare(copy):
    """Only group the open lines."""
    copy.cr.execute(BARE, (copy.company.id,))
    return copy.cr.fetchall()


def measure_engine(copy):
    """Costs of the preparation, of the rebuild and of the bare query on a database."""
    copy.cr.rollback()
    return (
        best(copy, lambda: prepare(copy)),
        best(copy, lambda: rebuild(copy)),
        best(copy, lambda: read_bare(copy), 7),
    )


def screens(copy):
    """(slowest first page of the list, slowest figure of a dashboard), in milliseconds, for a person in charge."""
    user = copy["res.users"].search([("login", "=like", f"{USER}%")], limit=1)
    Situation = copy["followup.situation"].with_user(user).with_context(lang=user.lang)
    view = Situation.get_view(copy.ref("account_receivable_followup.followup_situation_view_list").id, "list")
    fields = Situation.fields_get(view["models"]["followup.situation"], ["type"])
    wanted = {
        name: {"fields": {"display_name": {}}} if field["type"] == "many2one" else {}
        for name, field in fields.items()
        if field["type"] not in ("one2many", "many2many")
    }
    pages = [(domain, order) for domain in FILTERS for order in ORDERS]
    lists = [
        best(copy, lambda d=domain, o=order: Situation.web_search_read(d, wanted, order=o, limit=80, count_limit=10001))
        for domain, order in pages
    ]
    sums = [f"{name}:sum" for name in SUMS]
    figures = [
        best(copy, lambda g=grouping: Situation.formatted_read_group([], list(g), [*sums, "__count"]))
        for grouping in GROUPINGS
    ]
    return (1000 * max(spent.seconds for spent in found) for found in (lists, figures))


def release(copy):
    """Mails a second, from the first one claimed to the last one delivered with its consequences drawn."""
    levels = copy["followup.level"].search([])
    levels.write({"attach_letter": False, "attach_statement": False, "attach_invoices": False})
    run = prepare(copy)
    emails = run.reminder_ids.filtered(lambda reminder: reminder.channel == "email" and not reminder.to_decide)
    assert len(emails) >= MAILS, len(emails)
    emails = emails.sorted("id")[:: len(emails) // MAILS][:MAILS]
    emails._release()
    copy.cr.commit()
    with sink(copy) as folder:
        with cost() as spent:
            while copy["followup.release"]._count_waiting():
                copy.ref(RELEASE).method_direct_trigger()
                copy.cr.rollback()  # the action committed elsewhere: look again
                copy.invalidate_all()
        received = len(list(folder.glob("*.eml")))
    copy.cr.execute(TRUE_STATES, (emails.ids,))
    (right,) = copy.cr.fetchone()
    assert received == right == MAILS, (received, right)
    return spent


undisturbed()
with company("engine_tenth", CUSTOMERS // 10, INVOICES // 10) as small:
    tenth_prepared, tenth_rebuilt, _bare = measure_engine(small)
with company("engine_whole", CUSTOMERS, INVOICES) as whole:
    prepared, rebuilt, bare = measure_engine(whole)
    page, dashboard = screens(whole)
    sent = release(whole)
with company("engine_five", 5 * CUSTOMERS, 5 * INVOICES) as large:
    large_page, large_dashboard = screens(large)
note("bare grouped query", bare.seconds, "s")
note(f"preparation for {CUSTOMERS // 10:,} customers", tenth_prepared.seconds, "s")
note(f"situations of {CUSTOMERS // 10:,} customers", tenth_rebuilt.seconds, "s")
note(f"release of {MAILS:,} e-mails", sent.seconds, "s")
note(f"release of {MAILS:,} e-mails, queries each", sent.queries / MAILS, "queries")
figure(f"preparation for {CUSTOMERS:,} customers", prepared.seconds, "s", at_most=5)
figure("preparation, time against the bare grouped query", prepared.seconds / bare.seconds, "times", at_most=60)
figure("preparation, queries", prepared.queries, "queries", at_most=90)
figure(
    "preparation, queries more than for ten times fewer",
    prepared.queries - tenth_prepared.queries,
    "queries",
    at_most=0,
)
figure("ten times the data, time of the preparation", prepared.seconds / tenth_prepared.seconds, "times", at_most=11)
figure(f"situations of {CUSTOMERS:,} customers", rebuilt.seconds, "s", at_most=2)
figure("ten times the data, time of the situations", rebuilt.seconds / tenth_rebuilt.seconds, "times", at_most=11)
figure("list of situations, slowest first page", page, "ms", at_most=150)
figure("sums of situations, slowest", dashboard, "ms", at_most=150)
figure("list of situations, slowest first page, five times the data", large_page, "ms", at_most=300)
figure("sums of situations, slowest, five times the data", large_dashboard, "ms", at_most=300)
figure("release of e-mails", MAILS / sent.seconds, "e-mails/s", at_least=25)
