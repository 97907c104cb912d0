"""Valid French identifiers: SIREN, SIRET, VAT number, IBAN.

Invented numbers stay out of the ranges given to real firms and banks: SIREN numbers
begin with 16 and bank codes with 999.
"""

from __future__ import annotations

import random


def luhn_key(digits: str) -> str:
    """The digit which, added at the end, makes ``digits`` pass Luhn's check.

    >>> luhn_key("73282932")
    '0'
    """
    total = 0
    for rank, char in enumerate(reversed(digits)):
        value = int(char) * (2 if rank % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def luhn_valid(number: str) -> bool:
    """Whether the number passes Luhn's check.

    >>> luhn_valid("732829320"), luhn_valid("732829321")
    (True, False)
    """
    return number.isdigit() and luhn_key(number[:-1]) == number[-1]


def siren(rng: random.Random) -> str:
    """A SIREN number (nine digits)."""
    body = f"16{rng.randint(0, 999_999):06d}"
    return body + luhn_key(body)


def siret(siren_number: str, establishment: int = 1) -> str:
    """The SIRET number of an establishment of the firm (fourteen digits)."""
    body = f"{siren_number}{establishment:04d}"
    return body + luhn_key(body)


def french_vat(siren_number: str) -> str:
    """The intra-Community VAT number of a French firm.

    >>> french_vat("732829320")
    'FR44732829320'
    """
    key = (12 + 3 * (int(siren_number) % 97)) % 97
    return f"FR{key:02d}{siren_number}"


def belgian_vat(body: int) -> str:
    """A Belgian VAT number from seven digits: leading zero and key are added.

    >>> belgian_vat(4284045)
    'BE0428404557'
    """
    digits = f"0{body:07d}"
    return f"BE{digits}{97 - int(digits) % 97:02d}"


def rib_key(bank: str, branch: str, account: str) -> str:
    """The two-digit key of a French bank account number."""
    return f"{97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97:02d}"


def iban(country: str, bban: str) -> str:
    """The IBAN of a national account number (digits only).

    >>> iban("BE", "539007547034")
    'BE68539007547034'
    """
    country_digits = "".join(str(ord(char) - 55) for char in country)
    return f"{country}{98 - int(bban + country_digits + '00') % 97:02d}{bban}"


def iban_valid(number: str) -> bool:
    """Whether the IBAN's two check digits are right."""
    moved = number[4:] + number[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def bank_account(rng: random.Random) -> dict[str, str]:
    """A French bank account: bank, branch, account, key and IBAN."""
    bank = f"999{rng.randint(1, 24):02d}"
    branch = f"{rng.randint(1, 999):05d}"
    account = f"{rng.randint(1, 99_999_999_999):011d}"
    key = rib_key(bank, branch, account)
    return {
        "bank": bank,
        "branch": branch,
        "account": account,
        "key": key,
        "iban": iban("FR", bank + branch + account + key),
    }
