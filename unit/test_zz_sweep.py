"""The pure chain on random histories: open lines and balances are always those reckoned straight from the rows."""

import copy
import random
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache

import pytest

from demo.sage100.accounts import FOLLOWED
from demo.sage100.living_books import number_of, signed
from demo.sage100.living_history import History
from demo.sage100.living_oracle import Owed, receivables, truth
from lib.sage100.customer_plan import Context, plan_customers, settle
from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item
from lib.sage100.opening_entries import OPENINGS
from lib.sage100.records import Account, Company, Entry, Opening

SEEDS = range(100, 500)
STEPS = 80
EVERY = 5


def read(base):
    """The entries, and what their plan depends on besides: as the reader gives them, then made into a context."""
    entries = [Entry.from_row(row) for row in receivables(base)]
    accounts = [Account.from_row(row) for row in base.tables["F_COMPTEG"] if row["CG_Num"] in FOLLOWED]
    exercises = Exercises.of(Company.from_row(base.tables["P_DOSSIER"][0]).periods)
    opened = {}
    for entry in sorted(entries, key=lambda entry: entry.ec_no):
        if entry.opening in OPENINGS:
            opened[exercises.start_of(entry.date)] = entry.ec_no
    reports = {account.code: account.report for account in accounts}
    reports |= {entry.account: 1 for entry in entries if entry.opening == Opening.BALANCE}
    return entries, Context(exercises, opened, reports)


def outcome(entries, context, *, allotted=False):
    """Return the lines that the pure functions make, with what is left of each."""
    plan = plan_customers(entries, context)
    kept = {entry.ec_no: entry for entry in entries if plan.openings.kept(entry.ec_no)}
    left = {number: entry.amount for number, entry in kept.items()}
    present = plan.openings.in_force(entries)
    items = {
        number: Item(number, entry.amount, entry.amount_currency, present.get(number, entry).due_date or entry.date)
        for number, entry in kept.items()
    }
    piles = {number: (entry.customer, entry.account) for number, entry in kept.items()} if allotted else None
    for settlement in settle(items, [group.lines for group in plan.matchings], piles):
        for share in settlement.shares:
            left[share.debit] -= share.amount
            left[share.credit] += share.amount
    return [
        Owed(number, plan.openings.current.get(number, number), entry.customer, entry.account, left[number])
        for number, entry in kept.items()
    ]


@cache
def moments(seed):
    """The base of a history at the moments to look at: what was read, the truth, what had been done."""
    history, found = History(seed), []
    for rank in range(1, STEPS + 1):
        history.step()
        if rank % EVERY == 0:
            found.append((read(history.base), truth(history.base), len(history.log)))
    return history, found


def told(seed, done, *facts):
    """The history that led to a failure, then what is wrong."""
    return "\n".join([f"seed {seed}", *moments(seed)[0].log[:done], *map(str, facts)])


@pytest.mark.parametrize("seed", SEEDS)
def test_open_lines_and_balances_are_those_of_the_rows(seed):
    for facts, expected, done in moments(seed)[1]:
        gaps = expected.gaps(outcome(*facts))
        assert not gaps, told(seed, done, *gaps)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_rows_is_irrelevant(seed):
    for (entries, context), _expected, done in moments(seed)[1][-3:]:
        mixed = random.Random(seed).sample(entries, len(entries))
        assert sorted(outcome(mixed, context)) == sorted(outcome(entries, context)), told(seed, done)


@pytest.mark.parametrize("seed", SEEDS)
def test_some_customers_planned_apart_are_planned_as_with_all_the_others(seed):
    for (entries, context), _expected, done in moments(seed)[1]:
        every = plan_customers(entries, context)
        fates, roots, current, findings, matchings = {}, {}, {}, [], []
        customers = sorted({entry.customer for entry in entries})
        size = 1 + seed % 4
        for rank in range(0, len(customers), size):
            some = set(customers[rank : rank + size])
            plan = plan_customers([entry for entry in entries if entry.customer in some], context)
            fates |= plan.openings.fates
            roots |= plan.openings.roots
            current |= plan.openings.current
            findings += plan.openings.findings
            matchings += plan.matchings
        assert (fates, roots, current) == (every.openings.fates, every.openings.roots, every.openings.current), told(
            seed, done
        )
        assert sorted(findings, key=str) == sorted(every.openings.findings, key=str), told(seed, done)
        assert sorted(matchings, key=str) == sorted(every.matchings, key=str), told(seed, done)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_line_is_counted_twice_and_the_allotment_keeps_the_balance(seed):
    for (entries, context), _expected, done in moments(seed)[1]:
        plan = plan_customers(entries, context).openings
        in_force = Counter(
            root for name, roots in plan.roots.items() for root in roots if plan.current.get(root, root) == name
        )
        assert set(in_force.values()) <= {1}, told(seed, done, in_force)
        assert all(map(plan.kept, in_force)), told(seed, done, "an entry stands for another that is no line")
        kept, signs = defaultdict(Decimal), defaultdict(set)
        for entry in entries:
            if plan.kept(entry.ec_no):
                kept[entry.customer, entry.account] += entry.amount
        for allotted in (False, True):
            left = defaultdict(Decimal)
            for line in outcome(entries, context, allotted=allotted):
                left[line.customer, line.account] += line.left
                signs[allotted, line.customer, line.account].add(line.left.compare(0))
            assert kept == left, told(seed, done)
        both = [key for key, found in signs.items() if key[0] and {-1, 1} <= found]
        assert not both, told(seed, done, f"allotted, yet debits and credits are left: {both}")


def repair(base):
    """Undo what an opening does not carry on as it is: pre-lettering, and full matchings that do not balance."""
    for row in list(base.entries):
        if row["EC_Lettrage"] and (not row["EC_Lettre"] or sum(map(signed, base.group_of(row)))):
            base.unletter(row)


@pytest.mark.parametrize("seed", SEEDS)
def test_openings_run_again_change_nothing(seed):
    """Run once, they put everything in order; run again, only the numbers of the copies change."""
    history = copy.deepcopy(moments(seed)[0])
    base, lines = history.base, []
    repair(base)
    for _time in range(2):
        base.reopen(base.periods[0])
        facts = read(base)
        gaps = truth(base).gaps(outcome(*facts))
        assert not gaps, told(seed, STEPS, *gaps)
        lines.append({(line.original, line.left) for line in outcome(*facts) if line.left})
    assert lines[0] == lines[1], told(seed, STEPS, lines[0] ^ lines[1])
    generated = {number_of(row) for row in base.entries if row["EC_ANType"] in (1, 2)}
    assert not generated & {number for number, _left in lines[1]}, told(seed, STEPS, "a copy became a line")
    findings = plan_customers(*facts).openings.findings
    assert not findings, told(seed, STEPS, *findings)


@pytest.mark.parametrize("seed", SEEDS)
def test_undone_matchings_open_again(seed):
    history = copy.deepcopy(moments(seed)[0])
    base = history.base
    for row in [row for row in base.entries if row["EC_Lettre"]]:
        base.unletter(row)
    gaps = truth(base).gaps(outcome(*read(base)))
    assert not gaps, told(seed, STEPS, *gaps)
