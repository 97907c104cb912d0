"""What people typed in the tiers of Sage, made comparable: labels, addresses, numbers, and digests of whole records."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

_ADDRESS = re.compile(r"[^\s;,<>\"'()]+@[^\s;,<>\"'()]+\.[^\s;,<>\"'()]+")
# A telephone number written with or without its country or trunk prefix ends the same.
PHONE_DIGITS = 9


def normalise(label: str | None) -> str:
    """Return a label without accents, punctuation nor case, to compare what people typed.

    Examples:
        >>> normalise("Comptabilité - Fourn."), normalise(None)
        ('COMPTABILITE FOURN', '')
    """
    text = unicodedata.normalize("NFKD", label or "").encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", " ", text.upper()).strip()


def split_emails(text: str | None) -> list[str]:
    """Return the addresses of a field where several are separated by ; or , or spaces, each once, in lower case.

    Examples:
        >>> split_emails("Compta@client.fr; paul@client.fr,compta@client.fr  tel 02")
        ['compta@client.fr', 'paul@client.fr']
    """
    if not text or "@" not in text:
        return []
    return list(dict.fromkeys(address.lower().rstrip(".") for address in _ADDRESS.findall(text)))


def has_word(label: str, words: str) -> bool:
    """Return whether one of ``words`` (separated by commas) begins a word of the label.

    Examples:
        >>> has_word("Service comptabilité", "compta, règlement"), has_word("Achats", "compta"), has_word("Achats", "")
        (True, False, False)
    """
    wanted = [normalise(word) for word in words.split(",")]
    return any(word and f" {word}" in f" {normalise(label)}" for word in wanted)


def same_value(name: str, first: Any, second: Any) -> bool:
    """Return whether two values of a partner's field say the same: Odoo reformats telephones, VAT numbers, links, HTML.

    Examples:
        >>> same_value("phone", "02 61 91 10 00", "+33 2 61 91 10 00"), same_value("vat", "FR12 345", "FR12345")
        (True, True)
        >>> same_value("website", "www.a.example", "http://www.a.example"), same_value("name", "Dupont", "DUPONT SA")
        (True, False)
        >>> same_value("comment", "a &lt; b", "<p>a &lt; b</p>"), same_value("city", False, "")
        (True, True)
    """
    if not isinstance(first, str) and not isinstance(second, str):
        return (first or False) == (second or False)
    one, two = str(first or ""), str(second or "")
    if name == "phone":
        one, two = (re.sub(r"\D", "", text)[-PHONE_DIGITS:] for text in (one, two))
    elif name in ("vat", "company_registry"):
        one, two = (re.sub(r"\W", "", text).upper() for text in (one, two))
    elif name == "website":
        one, two = (re.sub(r"^https?://", "", text).rstrip("/").lower() for text in (one, two))
    elif name == "comment":
        one, two = (re.sub(r"<[^>]*>", "", text) for text in (one, two))
    elif name == "email":
        one, two = one.lower(), two.lower()
    return one.strip() == two.strip()


def digest(*values: Any) -> str:
    """Return a short stable digest of records and plain values: what decides whether something changed in Sage.

    Examples:
        >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", "1"), len(digest(None))
        (True, False, 24)
    """
    return hashlib.blake2b(repr(values).encode(), digest_size=12).hexdigest()
