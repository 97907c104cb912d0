"""Import of a large Sage 100 base: first load, nothing new, 1,000 changes; against the ORM way and bare SQL.

Run in Odoo's shell (``env``) on the demo's company; ``pristine`` names an untouched copy of its database. The base is
made by ``sage100_volume.py`` in the same PostgreSQL and read through psqlODBC; nothing of the add-on is replaced.
"""

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import sage100_volume
from copies import administer, copy_of, undisturbed
from measure import cost, figure, note, peak_memory, timed
from sage100_baselines import bare, dump, empty, marks, orm_way, sample
from sage100_changes import COUNT, change
from synchronising import synchronise

CHECKOUT = Path(sage100_volume.__file__).resolve().parent.parent
ENTRIES, CUSTOMERS = 300_000, 12_000
PIECES = 300
PASSWORD = "lecture-seule"
PHASES = {
    "read": ("sage100.loader.read", "_load"),
    "customers": ("sage100.loader.customer", "_load"),
    "lines and matching": ("sage100.loader.entry", "_load"),
    "control totals": ("sage100.loader.control", "_load"),
    "situations": ("followup.situation", "_rebuild"),
}


@contextmanager
def company(name, template, sage):
    """The environment of a copy of a database, set up to read the Sage base ``sage``."""
    with copy_of(template, name) as copy:
        copy["sage100.database"].search([], limit=1).write({"database_name": sage, "login": sage, "password": PASSWORD})
        copy.cr.commit()
        yield copy


def make_base(name, entries, customers):
    """A Sage base of that size; made by another process, so that this one's memory stays as it is."""
    administer(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    command = [sys.executable, "-m", "bench.sage100_volume", "--dsn", f"dbname={name}", "--login", name]
    command += ["--password", PASSWORD, "--entries", str(entries), "--customers", str(customers)]
    with cost() as spent:
        subprocess.run(command, cwd=CHECKOUT, check=True)
    note(f"base of {entries:,} entries made", spent.seconds, "s")


def phased(copy):
    """A synchronisation; returns its cost, each phase's seconds and the synchronisation."""
    with timed(copy.registry, PHASES) as phases:
        spent, sync = synchronise(copy)
    return spent, phases, sync


def load(copy, title):
    """First load of a base; returns its cost and the number of lines made."""
    spent, phases, sync = phased(copy)
    query = "SELECT COUNT(*) FROM account_move_line WHERE sage_ec_no <> 0"
    copy.cr.execute(query)
    (lines,) = copy.cr.fetchone()
    assert sync.entries_read >= lines > sync.entries_read * 0.85, (sync.entries_read, lines)
    note(f"{title}, {sync.entries_read:,} entries", spent.seconds, "s")
    note(f"{title}, speed", sync.entries_read / spent.seconds, "entries/s")
    for phase, seconds in phases.items():
        note(f"{title}, {phase}", seconds, "s")
    return spent, lines


undisturbed()
make_base("sage_full", ENTRIES, CUSTOMERS)
make_base("sage_half", ENTRIES // 2, CUSTOMERS // 2)
with tempfile.TemporaryDirectory() as folder:
    with company("bench_full", pristine, "sage_full") as full:
        before = marks(full)
        with peak_memory() as memory:
            first, lines = load(full, "first load")
        pieces, groups = sample(full, PIECES)
        rows = dump(full, before, Path(folder))
    administer("CREATE DATABASE bench_bare TEMPLATE bench_full")
    empty("bench_bare", before)
    bare_cost = bare("bench_bare", rows, Path(folder))
administer("DROP DATABASE bench_bare")
note(f"bare COPY and INSERT of {sum(rows.values()):,} rows", bare_cost.seconds, "s")
with company("bench_next", "bench_full", "sage_full") as copy:
    synchronise(copy)  # the first one in a process also fills its caches
    idle, _sync = synchronise(copy)
    change("dbname=sage_full")
    changed, phases, _sync = phased(copy)
    for phase, seconds in phases.items():
        note(f"{COUNT:,} changed entries, {phase}", seconds, "s")
with company("bench_half", pristine, "sage_half") as half:
    smaller, _lines = load(half, "half the base")
orm, entered = orm_way(env, pieces, groups)
note(f"ORM way, {len(pieces)} pieces, {entered} entries", orm.seconds, "s")
figure(
    "first load, entries per second against the ORM way",
    (orm.seconds / entered) / (first.seconds / lines),
    "times",
    at_least=60,
)
figure("first load, time against bare COPY and INSERT", first.seconds / bare_cost.seconds, "times", at_most=2)
figure("synchronisation with nothing new", idle.seconds, "s", at_most=5)
figure(f"synchronisation with {COUNT:,} changed entries", changed.seconds, "s", at_most=10)
figure("first load, growth of memory", memory.megabytes, "MB", at_most=400)
figure("twice the rows, time of the first load", first.seconds / smaller.seconds, "times", at_most=2.2)
