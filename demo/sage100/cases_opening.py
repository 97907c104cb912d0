"""Special cases about à-nouveaux, doubtful debts, bills and retentions.

Years 0, 1 and 2 are the three exercises, 2 being that of the reference date. Accounts
carried in detail get one opening line an open item; those carried by balance (416 and
4118) get one line a tiers, and the originals stay open in the older exercise.
"""

from __future__ import annotations

import datetime as dt

from .story import Customer, Line, Story, money


def an_detail_paid(story: Story, customer: Customer) -> None:
    """Invoices paid in the next exercise: the copy is lettered, not the original."""
    for year, gross in ((0, "2196.00"), (1, "1738.80")):
        lines = story.invoice(customer, story.on(year, 11, 20), gross)
        story.settle(customer, lines, story.on(year + 1, 1, 4 if year else 28))


def an_two_years_paid(story: Story, customer: Customer) -> None:
    """An invoice of the first exercise paid in the third: a copy of a copy."""
    lines = story.invoice(customer, story.on(0, 10, 8), "1764.00")
    story.settle(customer, lines, story.on(2, 1, 20))


def an_detail_open(story: Story, customer: Customer) -> None:
    """An invoice open since the first exercise, copied in each of the two others."""
    story.invoice(customer, story.on(0, 10, 15), "2892.00")
    story.invoice(customer, story.on(1, 9, 22), "1416.00")


def manual_an(story: Story, customer: Customer) -> None:
    """Opening items typed by hand when the file was started (type 3)."""
    start = story.exercises.start
    lines = []
    for ref, gross, days in (("R0412", "1020.00", 40), ("R0437", "558.00", 15)):
        due = start - dt.timedelta(days=days)
        label = f"REPRISE FACT {ref}"
        lines.append(
            Line(
                customer.account, True, money(gross), label, customer.code, due, 1, ref
            )
        )
    total = sum(line.amount for line in lines)
    capital = Line("101000", False, money("300000.00"), "REPRISE CAPITAL")
    bank = Line("512000", True, capital.amount - total, "REPRISE BANQUE")
    story.post("AN", start, [*lines, bank, capital], number="REPRISE", EC_ANType=3)
    story.settle(customer, lines[:1], story.on(0, 1, 30))


def _doubtful(
    story: Story, customer: Customer, gross: str, invoiced: dt.date, moved: dt.date
) -> Line:
    (line,) = story.invoice(customer, invoiced, gross)
    return story.move(line, moved, "416000", "TRANSFERT CLIENT DOUTEUX {ref}", "OD")


def doubtful_416(story: Story, customer: Customer) -> None:
    """Two invoices of the first exercise moved to 416 in the second, still open."""
    for gross, month in (("4380.00", 9), ("2150.40", 10)):
        _doubtful(story, customer, gross, story.on(0, month, 6), story.on(1, 3, 31))


def doubtful_416_paid(story: Story, customer: Customer) -> None:
    """A doubtful debt whose payment is lettered with the opening balance line."""
    item = _doubtful(
        story, customer, "1980.00", story.on(0, 5, 14), story.on(0, 11, 30)
    )
    story.settle(
        customer, [item], story.on(1, 5, 12), label="VIR HUISSIER SOLDE DOSSIER"
    )


def doubtful_416_part(story: Story, customer: Customer) -> None:
    """A doubtful debt paid in part, over two openings in balance mode."""
    _doubtful(story, customer, "1812.00", story.on(0, 4, 9), story.on(0, 10, 31))
    story.payment(
        customer,
        story.on(1, 6, 17),
        "500.00",
        account="416000",
        label="VIR ÉCHÉANCIER HUISSIER",
    )


def bills_413(story: Story, customer: Customer) -> None:
    """Accepted bills: one collected at maturity, one to come."""
    ago = story.exercises.ago
    for days_late, gross in ((65, "2916.00"), (-20, "3454.80")):
        invoiced = ago(days_late + 60)
        (line,) = story.invoice(
            customer, invoiced, gross, dues=[(ago(days_late), gross)]
        )
        accepted = invoiced + dt.timedelta(days=8)
        bill = story.move(line, accepted, "413000", "LCR ACCEPTÉE {ref}", "EFF")
        if days_late > 0:
            story.settle(customer, [bill], ago(days_late - 1), label="ENCAISSEMENT LCR")


def retention_4117(story: Story, customer: Customer) -> None:
    """Works invoices with 5 % kept for a year: one retention to come, one overdue."""
    ago = story.exercises.ago
    held = (ago(110) + dt.timedelta(days=365), money("1200.00"))
    main, _kept = story.invoice(customer, ago(110), "24000.00", retention=held)
    story.settle(customer, [main], ago(62))
    date = story.on(0, 6, 11)
    old = (story.on(1, 6, 11), money("900.00"))
    main, _kept = story.invoice(customer, date, "18000.00", retention=old)
    story.settle(customer, [main], story.on(0, 8, 5))
