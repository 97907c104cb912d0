"""Reading Odoo's log and counting: what fails a run, and what does not."""

from scripts.odoo_log import complaints, runner_totals, skipped_tests
from scripts.results import Results

HEAD = "2026-11-21 18:00:00,123 42"
LOG = f"""
{HEAD} INFO db odoo.modules.loading: Loading module account_receivable_followup
{HEAD} WARNING db odoo.addons.base: unrelated
{HEAD} WARNING db odoo.fields: field without label
  in account_receivable_followup/models/followup_plan.py
{HEAD} INFO db odoo.addons.account_receivable_followup.tests.test_a: Starting TestA.test_one ...
{HEAD} INFO db odoo.addons.account.tests.test_b: Starting TestB.test_two ...
{HEAD} INFO db odoo.addons.account_receivable_followup.tests.test_a: skipped TestA.test_c : no browser
{HEAD} ERROR db odoo.tests.result: 1 failed, 2 error(s) of 31 tests when loading database 'db'
"""


def test_complaints_are_those_of_the_addon():
    """A warning counts when it names the add-on, also on a continuation line."""
    assert [record.logger for record in complaints(LOG)] == ["odoo.fields"]
    assert len(complaints(LOG, everything=True)) == 3


def test_runner_facts():
    """Totals and tests skipped by Odoo's own runner."""
    assert runner_totals(LOG) == (3, 31)
    assert runner_totals("") is None
    assert skipped_tests(LOG) == ["skipped TestA.test_c : no browser"]


def test_skip_fails_the_run():
    """A skipped test is counted and makes the run fail."""
    results = Results()
    results.add({"a": {"outcome": "passed", "reason": ""}})
    assert results.good
    results.add({"b": {"outcome": "skipped", "reason": "no browser"}})
    assert not results.good
    assert results.closing_line() == "1 passed, 0 failed, 1 skipped"
