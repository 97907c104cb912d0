"""Reads the tables about customers and people: a few thousand rows, kept in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .records_tiers import BankAccount, Collaborator, Contact, Mandate, Risk, Term
from .values import integer, text

if TYPE_CHECKING:
    from .reader import Reader, Snapshot


def read_tiers(reader: Reader, snapshot: Snapshot) -> None:
    """Fill the snapshot with customers, with what belongs to them, and with the labels that they refer to."""
    snapshot.collaborators = reader.all("F_COLLABORATEUR", Collaborator.from_row)
    snapshot.customers = reader.customers()
    known = snapshot.customers
    snapshot.contacts = [c for c in reader.all("F_CONTACTT", Contact.from_row) if c.customer in known]
    snapshot.banks = [bank for bank in reader.all("F_BANQUET", BankAccount.from_row) if bank.customer in known]
    snapshot.mandates = [item for item in reader.all("F_MANDAT", Mandate.from_row) if item.customer in known]
    snapshot.terms = [term for term in reader.all("F_REGLEMENTT", Term.from_row) if term.customer in known]
    snapshot.payment_modes = reader.labels("P_REGLEMENT", "R_Intitule")
    snapshot.services = reader.labels("P_SERVICECPTA", "S_Intitule")
    snapshot.risks = read_risks(reader)
    snapshot.countries = read_countries(reader)


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
