import dataclasses
import random
from decimal import Decimal

from odoo.tests import tagged

from .common_sage100_bulk import BulkCommon, day
from .sage100_orm_way import OrmWay

CUSTOMERS = [f"CLI{number:02d}" for number in range(1, 25)]
# The loader's own bookkeeping, which nobody else writes.
BOOKKEEPING = ("sage_hash",)


class Undo(Exception):  # noqa: N818 (not an error)
    """Raised to undo what was loaded."""


class Ledger:
    """Writes pieces of every kind for a customer."""

    def __init__(self, test, seed):
        self.test, self.random = test, random.Random(seed)
        self.entries = []

    def add(self, amount, **values):
        entry = self.test._entry(1000 + len(self.entries), amount, **values)
        self.entries.append(entry)
        return entry

    def amount(self):
        return Decimal(self.random.randrange(1000, 900000)) / 100

    def tell(self, customer, partner):
        """Write some fifteen pieces. ``partner``: another customer, for what they share."""
        mine = {"customer": customer}
        self._tell_settled(mine)
        self._tell_open(mine)
        self._tell_currencies(mine)
        self._tell_openings(mine)
        # One payment slip for two customers; a transfer to doubtful claims
        slip = {"journal": "BNQ", "piece": f"REM{customer}", "date": "2026-05-04"}
        for someone in (customer, partner):
            self.add(-self.amount(), **slip, customer=someone, label="Remise de chèques")
        amount = self.amount()
        move = {**mine, "journal": "OD", "piece": f"DOUT{customer}", "date": "2026-06-30"}
        self.add(-amount, **move, account="411000", lettered=True, lettering="DAA")
        self.add(amount, **move, account="416000", reminders=2, reminded_on="2026-06-15")
        self.add(amount, **mine, date="2026-04-01", invoice=f"DX{customer}", lettered=True, lettering="DAA")

    def _tell_settled(self, mine):
        amount = self.amount()
        full = {**mine, "lettered": True, "lettering": "AAA"}
        self.add(amount, **full, due_date="2026-04-30", invoice=f"FA{customer_of(mine)}1", payment_mode=1)
        self.add(-amount, **full, journal="BNQ", date="2026-04-28", label="")
        several = {**mine, "lettered": True, "lettering": "AAB"}
        amounts = [self.amount() for _ in range(3)]
        piece = f"ECH{customer_of(mine)}"
        for number, part in enumerate(amounts, 1):  # one invoice, three due dates
            self.add(part, **several, piece=piece, invoice=piece, due_date=f"2026-0{4 + number}-15", payment_mode=2)
        self.add(-sum(amounts[:2]), **several, journal="BNQ", date="2026-06-10")
        self.add(-amounts[2] + Decimal("0.04"), **several, journal="BNQ", date="2026-07-10")
        self.add("-0.04", **several, journal="OD", date="2026-07-10", label="Écart de règlement")
        negative = {**mine, "lettered": True, "lettering": "AAC"}
        self.add(amount, **negative)
        self.add(-amount, **negative, label="Contre-passation au débit")  # a negative debit
        self.add(0, **negative, label="Pour mémoire")

    def _tell_open(self, mine):
        partial = {**mine, "lettering": "ba"}
        amount = self.amount() + 50
        self.add(amount, **partial, due_date="2026-05-31", reference="BC 12", closed=True)
        self.add(-30, **partial, journal="BNQ", date="2026-06-01")
        self.add("-12.50", **partial, journal="BNQ", date="2026-06-05")
        unbalanced = {**mine, "lettered": True, "lettering": "AAD"}
        self.add(amount, **unbalanced, piece="", date=f"2026-08-{self.random.randrange(1, 28):02d}")
        self.add(-amount + 7, **unbalanced, journal="BNQ")
        self.add(self.amount(), **mine, due_date="2026-09-30", free=("Lyon", "", "12/03/2026"))
        self.add(-self.amount(), **mine, journal="BNQ", label="Virement non identifié")
        self.add(0, **mine)
        two = f"DEUX{customer_of(mine)}"
        self.add(self.amount(), **mine, piece=two, invoice=f"{two}A")
        self.add(self.amount(), **mine, piece=two, invoice=f"{two}B")

    def _tell_currencies(self, mine):
        amount = self.amount()
        dollars = {**mine, "currency": 2}
        full = {**dollars, "lettered": True, "lettering": "USA"}
        self.add(amount, **full, amount_currency=amount * 2)
        self.add(-amount + 3, **full, amount_currency=-amount * 2, journal="BNQ")
        self.add(-3, **full, journal="OD", label="Écart de change")  # no amount in currency
        partial = {**dollars, "lettering": "usb"}
        self.add("99.99", **partial, amount_currency=Decimal("111.11"), due_date="2026-07-31")
        self.add("50.01", **partial, amount_currency=Decimal("55.57"), due_date="2026-08-31")
        self.add("-33.33", **partial, amount_currency=Decimal("-37.01"), journal="BNQ")
        euros = {**mine, "lettered": True, "lettering": "USC"}
        self.add(amount, **euros, currency=2, amount_currency=amount + 10)
        self.add(-amount, **euros, journal="BNQ")
        self.add(amount, **dollars, amount_currency=amount * 3)
        self.add(-amount, **dollars, amount_currency=-amount * 2, journal="BNQ")

    def _tell_openings(self, mine):
        old = {**mine, "date": "2025-11-03"}
        copy = {**mine, "journal": "RAN", "date": "2026-01-01", "opening": 1}
        same = [{"piece": f"O{n}{customer_of(mine)}", "invoice": f"O{n}", "due_date": "2025-12-15"} for n in range(4)]
        amounts = [self.amount() for _ in range(4)]
        self.add(amounts[0], **old, **same[0])
        self.add(amounts[0], **copy, **same[0])
        self.add(amounts[1], **old, **same[1])
        self.add(amounts[1], **copy, **same[1], lettered=True, lettering="RAN")
        self.add(-amounts[1], **mine, journal="BNQ", lettered=True, lettering="RAN")
        self.add(amounts[2], **old, **same[2], lettered=True, lettering="OLD")  # settled since: its copy is stale
        self.add(-amounts[2], **old, journal="BNQ", lettered=True, lettering="OLD")
        self.add(amounts[2], **copy, **same[2])
        self.add(amounts[3], **old, **same[3])  # absent from the opening: left out


def customer_of(values):
    return values["customer"]


@tagged("post_install", "-at_install")
class TestSage100Equivalence(BulkCommon):
    """The bulk path gives what the ORM gives, column for column; going on gives what starting afresh gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parent = cls.env["res.partner"].create({"name": "Groupe", "is_company": True})
        for number in CUSTOMERS:
            cls._partner(number)
        branch = cls.env["res.partner"].browse(cls.partners["CLI02"])
        branch.write({"is_company": False, "parent_id": parent.id})
        cls.env["res.partner.bank"].create(
            {"partner_id": cls.partners["CLI03"], "acc_number": "FR7630006000011234567890189"}
        )
        cls.env["sage100.loader.account"]._load(cls._first_job())

    @classmethod
    def _first_job(cls):
        job = BulkCommon._job(cls)
        job.totals = {("CLI01", code): Decimal(0) for code in ("411000", "416000")}
        return job

    def _ledger(self):
        ledger = Ledger(self, "equivalence")
        for position, customer in enumerate(CUSTOMERS):
            ledger.tell(customer, CUSTOMERS[position - 1])
        return ledger.entries

    def _aside(self, load):
        """Return every column of what ``load`` writes, then undone."""
        found = {}
        try:
            with self.env.cr.savepoint():
                load()
                self.env.flush_all()
                found.update(self._columns())
                raise Undo
        except Undo:
            self.env.invalidate_all(flush=False)
        return found

    def _by_orm(self, entries):
        job = self._job()
        Account = self.env["sage100.loader.account"]
        Account._load(job)
        loader = self.env["sage100.loader.entry"]
        way = OrmWay(job, loader._get_context(job), Account._get_currencies(job), self.company.sage100_allot_credits)
        way.load(entries)

    def _check(self, entries):
        self._mirror(entries)
        expected = self._aside(lambda: self._by_orm(entries))
        found = self._aside(self._load)
        self.assertGreaterEqual(len(expected["account_move"]), 300)
        self.assertGreaterEqual(len(expected["account_partial_reconcile"]), 100)
        self.assertGreaterEqual(len(expected["account_full_reconcile"]), 100)
        self.assertSameColumns(found, expected, BOOKKEEPING)

    def test_every_column_is_as_the_orm_makes_it(self):
        self._check(self._ledger())

    def test_every_column_is_as_the_orm_makes_it_with_credits_allotted(self):
        self.company.sage100_allot_credits = True
        self._check(self._ledger())

    def test_going_on_gives_what_starting_afresh_gives(self):
        """Entries change, come, go, move to another piece or customer, are lettered and unlettered, over and over."""
        entries = {entry.ec_no: entry for entry in self._ledger()}
        self._load(entries.values())
        dice = random.Random("histories")
        for step in range(6):
            self._change(entries, dice, step)
            if step == 3:
                self.company.sage100_allot_credits = True
            self._load(entries.values())
            with self.subTest(step=step):
                found = self._columns()
                fresh = self._aside(lambda: self._start_afresh(entries))
                self.assertSameColumns(found, fresh)

    def _start_afresh(self, entries):
        self._load([])
        self.assertFalse(self._columns()["account_move"])
        self._load(entries.values())

    def _change(self, entries, dice, step):
        for number in dice.sample(sorted(entries), 60):
            entry, kind = entries[number], dice.randrange(8)
            if kind == 0:
                del entries[number]
                continue
            if kind == 1:
                entries[number + 10000 * (step + 1)] = dataclasses.replace(entry, ec_no=number + 10000 * (step + 1))
                if dice.random() < 0.5:
                    del entries[number]  # deleted and written anew
                continue
            changes = {
                2: {"amount": entry.amount + 5},
                3: {"piece": f"Z{dice.randrange(20)}"},
                4: {"customer": dice.choice(CUSTOMERS)},
                5: {"lettering": "", "lettered": False},
                6: {"label": "Autre", "due_date": day("2026-10-31"), "invoice": "AUTRE"},
                7: {"date": day("2026-09-09"), "lettering": "ZZZ", "lettered": True},
            }
            entries[number] = dataclasses.replace(entry, **changes[kind])

    def test_nothing_is_written_when_nothing_changed(self):
        entries = self._ledger()
        self._load(entries)
        before = self._columns()
        self._job().pend(CUSTOMERS)
        count = self.cr.sql_log_count
        job = self._load()
        self.assertLess(self.cr.sql_log_count - count, 60)
        self.assertEqual(self._columns(), before)
        self.assertFalse({name: n for name, n in job.counts.items() if n and name != "entries_kept"})
