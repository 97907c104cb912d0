"""pytest plugin of the add-on: Odoo's tags are obeyed, and results are written down.

Loaded with ``-p`` (a conftest.py beside the tests would be imported before pytest-odoo
gives the add-on its name). ``FOLLOWUP_TAGS`` names the tags to run, ``standard`` by
default; ``FOLLOWUP_RESULTS`` the file to write. ``FOLLOWUP_SHARD``, as ``1/2``, keeps one
part of the classes, so that two processes share the tests.
"""

import json
import os
from pathlib import Path

_outcomes: dict[str, dict[str, str]] = {}


def pytest_collection_modifyitems(config, items):
    """Leave out the classes whose Odoo tags were not asked for."""
    wanted = set(os.environ.get("FOLLOWUP_TAGS", "standard").split(","))
    kept, left = [], []
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", None)
        (kept if tags is None or wanted & set(tags) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    _keep_shard(config, items, os.environ.get("FOLLOWUP_SHARD", "1/1"))


def _keep_shard(config, items, shard):
    """Keep the classes of this part: the heaviest first, each to the part that has least.

    A class stays whole (its ``setUpClass`` is what it costs most), a browser test weighs ten others.
    """
    number, parts = map(int, shard.split("/"))
    groups = {}
    for item in items:
        groups.setdefault(item.cls or item.module, []).append(item)
    loads, kept = [0] * parts, set()
    for group in sorted(groups, key=lambda group: (-_weight(group, groups[group]), groups[group][0].nodeid)):
        part = loads.index(min(loads))
        loads[part] += _weight(group, groups[group])
        if part == number - 1:
            kept.add(group)
    left = [item for item in items if (item.cls or item.module) not in kept]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if (item.cls or item.module) in kept]


def _weight(group, tests):
    return 5 + len(tests) * (10 if hasattr(group, "start_tour") else 1)


def pytest_runtest_logreport(report):
    """Keep the worst outcome of a test's phases and subtests, and why it skipped."""
    known = _outcomes.setdefault(report.nodeid, {"outcome": "", "reason": ""})
    if report.failed:
        known["outcome"] = "failed"
    elif report.skipped and known["outcome"] != "failed":
        known["outcome"] = "skipped"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        known["reason"] = str(reason)
    elif report.when == "call" and not known["outcome"]:
        known["outcome"] = "passed"


def pytest_sessionfinish():
    """Write the outcomes for the step that counts them."""
    target = os.environ.get("FOLLOWUP_RESULTS")
    if target:
        Path(target).write_text(json.dumps(_outcomes), encoding="utf-8")
