"""Command line: ``python -m demo.sage100 --dsn … --password …`` loads the base."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence

from . import Base, expected_balances, expected_overdue, generate, generate_small
from .accounts import FOLLOWED
from .load import load


def summary(base: Base) -> str:
    """A few lines on what the base holds."""
    followed = sum(
        amount
        for (_customer, account), amount in expected_balances(base).items()
        if account in FOLLOWED
    )
    overdue = expected_overdue(base)
    return "\n".join(
        (
            f"Base Sage 100 de démonstration au {base.reference_date:%d/%m/%Y}",
            f"  clients              {len(base.story.customers)}",
            f"  écritures            {len(base.entries)}",
            f"  solde clients        {followed:.2f} EUR",
            f"  échu                 {sum(overdue.values()):.2f} EUR",
            f"  clients en retard    {len(overdue)}",
        )
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate the base, load it and print its summary."""
    parser = argparse.ArgumentParser(prog="python -m demo.sage100", description=__doc__)
    parser.add_argument(
        "--dsn", required=True, help="superuser libpq DSN of an existing database"
    )
    parser.add_argument(
        "--reference-date", type=dt.date.fromisoformat, default=dt.date.today()
    )
    parser.add_argument(
        "--login", default="sage_lecture", help="login that may only read"
    )
    parser.add_argument("--password", required=True, help="its password")
    parser.add_argument(
        "--small", action="store_true", help="the small base of the tests"
    )
    options = parser.parse_args(arguments)
    make = generate_small if options.small else generate
    base = make(options.reference_date)
    load(base, options.dsn, options.login, options.password)
    sys.stdout.write(summary(base) + "\n")


if __name__ == "__main__":
    main()
