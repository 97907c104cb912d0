"""Counting tests: what passed, failed and was skipped, over all the steps."""

from dataclasses import dataclass, field

from .console import say

SHOWN = 12  # problems of one check that the end of the run repeats
LINES = 4  # of each of them


def _beginning(problem: str) -> str:
    lines = problem.rstrip().splitlines()
    return "\n".join([*lines[:LINES], *(["  …"] if len(lines) > LINES else [])])


@dataclass
class Results:
    """The totals of a run of the tests, and what went wrong in words."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, outcomes: dict[str, dict[str, str]]) -> None:
        """Count the outcomes that the pytest plugin wrote down.

        Nothing may be skipped: a test that does not run proves nothing, and each cause
        of a skip (no browser, no driver, no server) is something this run provides.
        """
        for name, known in outcomes.items():
            if known["outcome"] == "failed":
                self.failed += 1
            elif known["outcome"] == "skipped":
                self.skipped += 1
                self.problems.append(f"skipped: {name}: {known['reason']}")
            elif known["outcome"] == "passed":
                self.passed += 1

    def check(self, title: str, problems: list[str]) -> None:
        """Count one check that is no test of its own; it fails when it found some."""
        if problems:
            self.failed += 1
            say(f"✗ {title}: {len(problems)} problem(s)")
            shown = [_beginning(problem) for problem in problems[:SHOWN]]
            self.problems += [f"{title}: {problem}" for problem in shown]
            if len(problems) > SHOWN:
                self.problems.append(f"{title}: {len(problems) - SHOWN} more, above")
        else:
            self.passed += 1

    @property
    def good(self) -> bool:
        """True when nothing failed or was skipped."""
        return not self.failed and not self.problems

    def closing_line(self) -> str:
        """The plain line that ends the run."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
