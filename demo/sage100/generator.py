"""The demo bases: ``generate`` for the demo, ``generate_small`` for quick tests."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from .dates import Exercises
from .ledger import Ledger
from .names import ORDINARY, SUPPLIERS
from .ordinary import PUNCTUAL, TERMS, habit_of, tell
from .parameters import parameter_tables
from .people import Directory, firm_identity
from .profiles import CASES, EXPORT_CASES, FILE_COLUMNS, SMALL, SPECIALS, Profile
from .reminders import reminder_tables
from .schema import TABLES
from .story import CHEQUE, DIRECT_DEBIT, TRANSFER, Customer, Story
from .upkeep import tell_upkeep

DEFAULT_CUSTOMERS = len(SPECIALS) + len(ORDINARY)
DEFAULT_SEED = "comptoir"


@dataclass
class Base:
    """A Sage 100 base in memory."""

    reference_date: dt.date
    tables: dict[str, list[dict[str, object]]] = field(repr=False)
    """Rows by table; keys are Sage's column names, all columns present."""
    cases: dict[str, str] = field(repr=False)
    """Code (CT_Num) of the customer that shows each special case."""
    story: Story = field(repr=False)
    """What happened, from which ``expected`` draws balances and open items."""

    @property
    def entries(self) -> list[dict[str, object]]:
        """Rows of F_ECRITUREC."""
        return self.tables["F_ECRITUREC"]


def generate(
    reference_date: dt.date,
    customers: int = DEFAULT_CUSTOMERS,
    seed: str = DEFAULT_SEED,
) -> Base:
    """The demo base on ``reference_date``: three exercises, all special cases.

    The same arguments always give the same base. ``customers`` counts the special
    customers too; it can lower or restore the number of ordinary ones, not invent more.
    """
    if not len(SPECIALS) <= customers <= DEFAULT_CUSTOMERS:
        raise ValueError(
            f"customers must lie between {len(SPECIALS)} and {DEFAULT_CUSTOMERS}"
        )
    return _build(reference_date, SPECIALS, customers - len(SPECIALS), seed)


def generate_small(reference_date: dt.date, seed: str = DEFAULT_SEED) -> Base:
    """The small base: every special case on few customers, no ordinary business."""
    chosen = tuple(
        Profile(
            profile.code,
            profile.name,
            profile.legal_form,
            profile.business,
            SMALL[profile.code],
            profile.payer,
            history=0,
        )
        for profile in SPECIALS
        if profile.code in SMALL
    )
    return _build(reference_date, chosen, 0, seed)


def _build(
    reference_date: dt.date, specials: tuple[Profile, ...], ordinary: int, seed: str
) -> Base:
    exercises = Exercises(reference_date)
    story = Story(exercises, random.Random(f"{seed}:story"))
    directory = Directory(exercises, seed)
    directory.staff()
    files: list[tuple[Customer, str, str]] = []
    for profile in specials:
        customer = _special(story, profile)
        files.append((customer, profile.legal_form, profile.business))
        for case in profile.cases:
            story.cases[case] = profile.code
        if profile.history:
            tell(story, customer, PUNCTUAL, profile.history, seed)
        for case in profile.cases:
            CASES[case](story, customer)
    for rank, (code, name, legal_form, business) in enumerate(ORDINARY[:ordinary]):
        customer = _ordinary(story, rank, code, name)
        files.append((customer, legal_form, business))
        tell(story, customer, habit_of(rank), 8 + rank * 5 % 9, seed)
    if ordinary:
        tell_upkeep(story, seed)
    rows = Ledger(story).write()
    for customer, legal_form, business in files:
        directory.customer(customer, legal_form, business)
    for code, name in SUPPLIERS:
        directory.supplier(code, name)
    directory.employee("SALDUPUY", "Dupuy Mélanie")
    tables = {
        **directory.tables,
        **parameter_tables(exercises, firm_identity(story, seed)),
        **reminder_tables(story, rows),
        "F_ECRITUREC": rows,
    }
    return Base(
        reference_date, {name: tables[name] for name in TABLES}, story.cases, story
    )


def _special(story: Story, profile: Profile) -> Customer:
    customer = Customer(profile.code, profile.name)
    for case in profile.cases:
        customer.columns |= FILE_COLUMNS.get(case, {})
    if profile.payer:
        customer.columns["CT_NumPayeur"] = profile.payer
    if EXPORT_CASES & set(profile.cases):
        customer.vat *= 0
        customer.account = "411100"
        customer.sales_account = "707900"
    if "small_debtor" in profile.cases:
        customer.account, customer.days = "411800", 0
    story.customers[customer.code] = customer
    return customer


def _ordinary(story: Story, rank: int, code: str, name: str) -> Customer:
    days, end_of_month = TERMS[rank % len(TERMS)]
    mode = DIRECT_DEBIT if rank % 14 == 5 else CHEQUE if rank % 5 == 2 else TRANSFER
    customer = Customer(code, name, days, end_of_month, mode)
    story.customers[code] = customer
    return customer
