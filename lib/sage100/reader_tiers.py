"""Reads the tables about customers and people: a few thousand rows, kept in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from .records_tiers import BankAccount, Collaborator, Contact, Mandate, Risk, Term
from .values import integer, text

if TYPE_CHECKING:
    from .reader import Reader, Snapshot

Belonging = TypeVar("Belonging", Contact, BankAccount, Mandate, Term)


def read_tiers(reader: Reader, snapshot: Snapshot) -> None:
    """Fill the snapshot with customers, with what belongs to them, and with the labels that they refer to."""
    snapshot.collaborators = reader.all("F_COLLABORATEUR", Collaborator.from_row)
    snapshot.customers = reader.customers()
    numbers = {number.upper(): number for number in snapshot.customers}
    for number, customer in snapshot.customers.items():
        payer = numbers.get(customer.payer.upper(), customer.payer)
        if payer != customer.payer:
            snapshot.customers[number] = replace(customer, payer="" if payer == number else payer)
    snapshot.contacts = of_customers(reader.all("F_CONTACTT", Contact.from_row), numbers)
    snapshot.banks = of_customers(reader.all("F_BANQUET", BankAccount.from_row), numbers)
    snapshot.mandates = of_customers(reader.all("F_MANDAT", Mandate.from_row), numbers)
    snapshot.terms = of_customers(reader.all("F_REGLEMENTT", Term.from_row), numbers)
    snapshot.payment_modes = reader.labels("P_REGLEMENT", "R_Intitule")
    snapshot.services = reader.labels("P_SERVICECPTA", "S_Intitule")
    snapshot.risks = read_risks(reader)
    snapshot.countries = read_countries(reader)


def of_customers(records: Iterable[Belonging], numbers: dict[str, str]) -> list[Belonging]:
    """Return the records that belong to customers, under the number as the customer spells it.

    SQL Server does not tell capitals from small letters: both spellings meet in one base.

    Examples:
        >>> of_customers([Term("dupont"), Term("SUPPLIER")], {"DUPONT": "Dupont"})[0].customer
        'Dupont'
    """
    found = []
    for record in records:
        number = numbers.get(record.customer.upper())
        if number:
            found.append(record if number == record.customer else replace(record, customer=number))
    return found


def read_risks(reader: Reader) -> dict[int, Risk]:
    """Return P_CRISQUE by index, unused rows left out."""
    return {
        integer(row["cbIndice"]): Risk(text(row["R_Intitule"]), integer(row.get("R_Type")))
        for chunk in reader.rows("P_CRISQUE")
        for row in chunk
        if text(row["R_Intitule"])
    }


def read_countries(reader: Reader) -> dict[str, str]:
    """Return F_PAYS as label → ISO code of two letters; PA_Code holds it in bases that have no PA_CodeISO2."""
    found = {}
    for chunk in reader.rows("F_PAYS"):
        for row in chunk:
            code = (text(row.get("PA_CodeISO2")) or text(row.get("PA_Code"))).upper()
            if len(code) == 2:
                found[text(row["PA_Intitule"])] = code
    return found
