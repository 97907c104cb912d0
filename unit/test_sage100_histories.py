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
from lib.sage100.exercises import Exercises
from lib.sage100.lettering import Item, allocate, matchings
from lib.sage100.opening_entries import plan_openings
from lib.sage100.records import Account, Company, Entry

SEEDS = range(60)
STEPS = 80
EVERY = 5


def read(base):
    """The entries, the fiscal years and the opening modes, as the reader gives them."""
    entries = [Entry.from_row(row) for row in receivables(base)]
    accounts = [Account.from_row(row) for row in base.tables["F_COMPTEG"] if row["CG_Num"] in FOLLOWED]
    exercises = Exercises.of(Company.from_row(base.tables["P_DOSSIER"][0]).periods)
    return entries, exercises, {account.code: account.report for account in accounts}


def outcome(entries, exercises, reports):
    """Return the lines that the pure functions make, with what is left of each."""
    plan = plan_openings(entries, exercises, reports)
    kept = {entry.ec_no: entry for entry in entries if plan.kept(entry.ec_no)}
    left = {number: entry.amount for number, entry in kept.items()}
    for group in matchings(entries, plan.roots, exercises, plan.current):
        members = [kept[number] for number in group.lines]
        for share in allocate([Item(e.ec_no, e.amount, e.amount_currency, e.due_date or e.date) for e in members]):
            left[share.debit] -= share.amount
            left[share.credit] += share.amount
    return [
        Owed(number, plan.current.get(number, number), entry.customer, entry.account, left[number])
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
    for (entries, *context), _expected, done in moments(seed)[1][-3:]:
        mixed = random.Random(seed).sample(entries, len(entries))
        assert sorted(outcome(mixed, *context)) == sorted(outcome(entries, *context)), told(seed, done)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_line_is_counted_twice_and_the_allotment_keeps_the_balance(seed):
    for (entries, *context), _expected, done in moments(seed)[1]:
        plan = plan_openings(entries, *context)
        stands_for = Counter()
        for entry in entries:
            if plan.roots.get(entry.ec_no) and (plan.kept(entry.ec_no) or plan.fates[entry.ec_no] == "alias"):
                for root in plan.roots[entry.ec_no]:
                    assert plan.kept(root), told(seed, done, f"{entry.ec_no} stands for {root}, which is no line")
                    stands_for[root] += plan.current.get(root, root) == entry.ec_no
        assert set(stands_for.values()) <= {1}, told(seed, done, stands_for)
        kept, left = defaultdict(Decimal), defaultdict(Decimal)
        for entry in entries:
            if plan.kept(entry.ec_no):
                kept[entry.customer, entry.account] += entry.amount
        for line in outcome(entries, *context):
            left[line.customer, line.account] += line.left
        assert kept == left, told(seed, done)


def repair(base):
    """Undo the full matchings that do not balance: Sage itself makes none."""
    for row in list(base.entries):
        if row["EC_Lettre"] and sum(map(signed, base.group_of(row))):
            base.unletter(row)


@pytest.mark.parametrize("seed", SEEDS)
def test_openings_run_again_change_nothing(seed):
    """Run once, they put everything in order; run twice, only the numbers of the copies change."""
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
    findings = plan_openings(*facts).findings
    assert not findings, told(seed, STEPS, *findings)


@pytest.mark.parametrize("seed", SEEDS)
def test_undone_matchings_open_again(seed):
    history = copy.deepcopy(moments(seed)[0])
    base = history.base
    for row in [row for row in base.entries if row["EC_Lettre"]]:
        base.unletter(row)
    gaps = truth(base).gaps(outcome(*read(base)))
    assert not gaps, told(seed, STEPS, *gaps)
