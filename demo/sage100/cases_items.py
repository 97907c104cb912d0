"""Special cases about invoices, payments and lettrage, one function a case.

Each takes the story and the customer that shows the case. Amounts and delays count from
the reference date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from .dates import OLD_NULL_DATE, midnight
from .story import CENT, DIRECT_DEBIT, LCR, Customer, Foreign, Line, Story, money

Case = Callable[[Story, Customer], None]


def several_due_dates(story: Story, customer: Customer) -> None:
    """One invoice, three échéances: paid, overdue, to come."""
    ago = story.exercises.ago
    dues = [(ago(45), "3000.00"), (ago(15), "3000.00"), (ago(-15), "3240.00")]
    first, *_rest = story.invoice(customer, ago(75), "9240.00", dues=dues)
    story.settle(customer, [first], ago(44))


def part_payment(story: Story, customer: Customer) -> None:
    """A payment on account, not lettered, against an overdue invoice."""
    story.late(customer, 40, "4812.60")
    story.payment(
        customer, story.exercises.ago(25), "2000.00", label="VIR ACOMPTE SUR FACTURE"
    )


def prelettered(story: Story, customer: Customer) -> None:
    """Lower-case lettrage, beside an upper-case one with the same letters."""
    ago = story.exercises.ago
    settled = story.late(customer, 23, "1104.00")
    story.settle(customer, [settled], ago(20))
    invoice = story.late(customer, 30, "3600.00")
    part = story.payment(customer, ago(20), "1500.00")
    story.match(invoice, part, full=False)
    advance = story.payment(customer, ago(14), "720.00", label="VIR ACOMPTE COMMANDE")
    order = story.late(customer, -18, "2400.00")
    story.match(advance, order, full=False)


def lettrage_reuse(story: Story, customer: Customer) -> None:
    """The same letters in two exercises and on two collectives of the same customer."""
    for year, month in ((0, 3), (0, 9), (1, 2), (1, 6)):
        for account, gross in (("", "1320.00"), ("411100", "845.00")):
            date = story.on(year, month, 10)
            lines = story.invoice(customer, date, money(gross) + month, account=account)
            story.settle(customer, lines, story.on(year, month + 1, 15))


def tolerance(story: Story, customer: Customer) -> None:
    """Full lettrage with the difference posted as an extra entry, both ways."""
    ago = story.exercises.ago
    for days, gross, paid in ((100, "1250.36", "1250.00"), (60, "845.20", "845.21")):
        invoice = story.late(customer, days, gross)
        payment = story.payment(customer, ago(days - 6), paid)
        gap = story.adjust(customer, ago(days - 7), money(gross) - money(paid))
        story.match(invoice, payment, gap)


def credit_note_lettered(story: Story, customer: Customer) -> None:
    """Credit notes lettered with their invoice, in part and in whole."""
    ago = story.exercises.ago
    invoice = story.late(customer, 50, "1500.00")
    credit = story.credit_note(
        customer, ago(60), "300.00", "panneaux abîmés au transport"
    )
    paid = story.payment(customer, ago(48), "1200.00")
    story.match(invoice, credit, paid)
    wrong = story.late(customer, 70, "456.00")
    story.match(
        wrong, story.credit_note(customer, ago(90), "456.00", "erreur de facturation")
    )


def credit_note_open(story: Story, customer: Customer) -> None:
    """An overdue invoice and a credit note not yet lettered."""
    story.late(customer, 20, "2304.00")
    story.credit_note(
        customer, story.exercises.ago(12), "350.40", "remise exceptionnelle 15 €"
    )


def advance(story: Story, customer: Customer) -> None:
    """Money received before any invoice, on the trade account."""
    story.payment(
        customer, story.exercises.ago(12), "1500.00", label="VIR ACOMPTE 30% DEVIS"
    )


def advance_4191(story: Story, customer: Customer) -> None:
    """Money received before any invoice, on the advances account 4191."""
    story.payment(
        customer,
        story.exercises.ago(21),
        "2040.00",
        account="419100",
        label="VIR ACOMPTE COMMANDE CUISINE",
    )


def overpayment(story: Story, customer: Customer) -> None:
    """918 € paid 981 € (digits swapped), not lettered: the customer is in credit."""
    story.late(customer, 60, "918.00")
    story.payment(customer, story.exercises.ago(58), "981.00")


def credit_covers_debt(story: Story, customer: Customer) -> None:
    """An overdue invoice smaller than the open credit note."""
    story.late(customer, 35, "640.80")
    story.credit_note(
        customer, story.exercises.ago(10), "804.00", "retour de marchandise"
    )


def usd(story: Story, customer: Customer) -> None:
    """Invoices in dollars: one settled with an exchange gain in euros, two open."""
    ago = story.exercises.ago

    def dollars(days_late: int, amount: str, rate: str) -> Line:
        foreign = Foreign(2, money(amount), Decimal(rate))
        line = story.late(customer, days_late, money(foreign.amount / foreign.rate))
        line.foreign = foreign
        return line

    invoice = dollars(170, "12400.00", "1.0850")
    paid_rate = Decimal("1.0640")
    paid = story.payment(customer, ago(150), money(Decimal(12400) / paid_rate))
    paid.foreign = Foreign(2, money(12400), paid_rate)
    gain = paid.amount - invoice.amount
    label = "ÉCART DE CHANGE USD"
    exchange = Line(customer.account, True, gain, label, customer.code)
    story.post("OD", ago(150), [exchange, Line("766000", False, gain, label)])
    story.match(invoice, paid, exchange)
    dollars(22, "8650.00", "1.0912")
    dollars(-25, "5300.00", "1.0874")


def null_dates(story: Story, customer: Customer) -> None:
    """Empty dates of the three kinds: 1753-01-01, 1900-01-01 and NULL."""
    ago = story.exercises.ago
    empties: tuple[dt.datetime | None, ...] = (OLD_NULL_DATE, None)
    for days, empty in zip((95, 65), empties, strict=True):
        invoice = story.late(customer, days, "612.00")
        invoice.columns |= {"EC_DateRelance": empty, "EC_DateRegle": empty}
        story.settle(
            customer, [invoice], ago(days - 3), EC_Echeance=empty, EC_DateRappro=empty
        )


def due_missing(story: Story, customer: Customer) -> None:
    """An open invoice without due date."""
    story.invoice(customer, story.exercises.ago(70), "712.80", dues=[(None, "712.80")])


def excluded_lines(story: Story, customer: Customer) -> None:
    """Lines that a reader must leave out: situation journal, IFRS, centralisation."""
    ago = story.exercises.ago
    amount = money("5000.00")

    def pair(label: str) -> list[Line]:
        due = ago(30)
        return [
            Line(customer.account, True, amount, label, customer.code, due),
            Line("707000", False, amount, label),
        ]

    story.post("SIT", ago(60), pair("SITUATION - FACTURE À ÉTABLIR"), excluded=True)
    story.post("IFRS", ago(60), pair("RETRAITEMENT IFRS 15"), excluded=True, EC_Norme=2)
    story.post("VTE", ago(61), pair("CENTRALISATION VENTES"), excluded=True, EC_CType=1)
    total = [Line(customer.account, True, amount, "CENTRALISATION VENTES")]
    total.append(Line("707000", False, amount, "CENTRALISATION VENTES"))
    story.post("VTE", ago(91), total, excluded=True, EC_CType=1)
    story.settle(customer, [story.late(customer, 40, "1386.00")], ago(38))
    story.late(customer, -9, "1644.00")


def sage_reminders(story: Story, customer: Customer) -> None:
    """Reminders already sent by Sage, levels 1 to 3."""
    for days, level, sent, gross in (
        (24, 1, 8, "1188.00"),
        (47, 2, 15, "936.50"),
        (82, 3, 20, "1452.00"),
    ):
        invoice = story.late(customer, days, gross)
        invoice.columns["EC_Rappel"] = level
        invoice.columns["EC_DateRelance"] = midnight(story.exercises.ago(sent))


def direct_debit(story: Story, customer: Customer) -> None:
    """Customer paying by direct debit, one invoice not yet debited."""
    customer.mode = DIRECT_DEBIT
    story.settle(
        customer, [story.late(customer, 36, "588.00")], story.exercises.ago(35)
    )
    story.late(customer, 6, "604.80")


def lcr(story: Story, customer: Customer) -> None:
    """Customer paying by bill of exchange (LCR), one invoice past due."""
    customer.mode = LCR
    story.settle(
        customer, [story.late(customer, 42, "2760.00")], story.exercises.ago(42)
    )
    story.late(customer, 12, "3108.00")


def negative_amount(story: Story, customer: Customer) -> None:
    """A negative amount, lettered with the invoice that it cancels."""
    invoice = story.late(customer, 75, "360.00")
    minus = Line(
        customer.account,
        True,
        -invoice.amount,
        "ANNULATION SAISIE",
        customer.code,
        invoice.due,
    )
    sale = Line("707000", False, -invoice.amount, "ANNULATION SAISIE")
    story.post("OD", story.exercises.ago(74), [minus, sale])
    story.match(invoice, minus)


def unpaid_return(story: Story, customer: Customer) -> None:
    """A payment returned unpaid by the bank: the debt is back, with its cost."""
    ago = story.exercises.ago
    story.settle(customer, [story.late(customer, 38, "1860.00")], ago(38))
    label = "IMPAYÉ - PROVISION INSUFFISANTE"
    unpaid = Line(
        customer.account,
        True,
        money("1860.00"),
        label,
        customer.code,
        ago(31),
        customer.mode,
        columns={"EC_PenalType": 2, "EC_DatePenal": midnight(ago(31))},
    )
    story.post("BNQ", ago(31), [unpaid, Line("512000", False, unpaid.amount, label)])


def foreign(story: Story, customer: Customer) -> None:
    """A Belgian customer invoiced in euros without VAT."""
    story.settle(
        customer, [story.late(customer, 58, "7350.00")], story.exercises.ago(51)
    )
    story.late(customer, 9, "5180.00")


def shared_piece(story: Story, customer: Customer) -> None:
    """Two invoices of one day under the same piece number: a piece is not a key."""
    date = story.exercises.ago(54)
    for gross in ("486.00", "733.20"):
        lines = story.invoice(customer, date, gross, number="DIVERS")
        story.settle(customer, lines, story.exercises.ago(22))


def prevention(story: Story, customer: Customer) -> None:
    """Nothing overdue, a large invoice due within the week."""
    story.late(customer, -6, "4380.00")
    story.late(customer, -36, "1275.60")


def small_debtor(story: Story, customer: Customer) -> None:
    """A walk-in customer owing less than 15 €."""
    label = "FACT {ref} visserie comptoir"
    day = story.on(0, 4, 12)
    bought = story.invoice(customer, day, "8.40", dues=[(day, "8.40")], label=label)
    story.settle(customer, bought, story.on(0, 4, 28))
    day = story.on(1, 12, 4)
    story.invoice(customer, day, "12.90", dues=[(day, "12.90")], label=label)


def orphan(story: Story, customer: Customer) -> None:
    """A line on a collective account without tiers, to be rejected with a reason."""
    date = max(story.exercises.current_start, story.exercises.ago(20))
    label = "VIR À IDENTIFIER"
    lines = [Line("411000", False, money("154.20"), label, columns={"CT_Num": ""})]
    lines.append(Line("512000", True, money("154.20"), label))
    story.post("BNQ", date, lines)


def padded(story: Story, customer: Customer) -> None:
    """Texts with blanks before and after, in the file and in the entries."""
    date = story.exercises.ago(64)
    lines = story.invoice(customer, date, "534.00", number=f"{4412:>13}")
    lines[0].columns |= {
        "EC_Reference": "CDE 118     ",
        "CHANTIER LIVRÉ": "Dépôt client   ",
    }
    story.settle(customer, lines, story.exercises.ago(33))


def overdue(*days_late: int, amount: str = "1248.00") -> Case:
    """Plain overdue invoices, for customers whose case lies in their file."""

    def post(story: Story, customer: Customer) -> None:
        for rank, days in enumerate(days_late):
            story.late(customer, days, money(amount) + (rank * 137) + 12 * CENT * rank)

    return post
