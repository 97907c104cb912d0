"""E-mail addresses as people and Sage 100 type them: several in one field, names, mistakes."""

import re
from typing import NamedTuple

#: What stands between two addresses: Sage users type ``;``, spaces, slashes or new lines.
_SEPARATORS = re.compile(r"[\s,;/|]+")
#: Comments and display names around an address, as in ``"Durand, Anne" <a@b.fr>``.
_QUOTED = re.compile(r'"[^"]*"|\([^)]*\)')
_ANGLED = re.compile(r"<([^<>]*)>")
#: dot-atom of RFC 5322 §3.2.3, in ASCII: Odoo hands no other local part to the mail server.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
#: A label of a domain name (RFC 1035 §2.3.1), accented letters allowed (RFC 5890).
_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")
#: The usual case, at a tenth of the price of the careful reading.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


class Addresses(NamedTuple):
    """What a field holds: the addresses that can be written to, and the pieces that cannot."""

    valid: tuple[str, ...]
    malformed: tuple[str, ...]


def is_address(text: str) -> bool:
    """Whether `text` is one address that a mail server can be asked to deliver to.

    Examples:
        >>> is_address("compta@garage-leroy.fr"), is_address("compta@garage-leroy"), is_address("compta@.fr")
        (True, False, False)
        >>> is_address("régis@exemple.fr"), is_address("regis@société.fr")
        (False, True)
    """
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    return bool(
        at
        and len(text) <= 254
        and len(local) <= 64
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def read_addresses(text: str | None) -> Addresses:
    """Addresses found in `text`, lower-case, each once, in the order in which they stand.

    Examples:
        >>> read_addresses("Compta@Leroy.fr; direction@leroy.fr").valid
        ('compta@leroy.fr', 'direction@leroy.fr')
        >>> read_addresses('"Durand, Anne" <anne@leroy.fr>').valid
        ('anne@leroy.fr',)
        >>> read_addresses("compta@leroy.fr, direction@")
        Addresses(valid=('compta@leroy.fr',), malformed=('direction@',))
        >>> read_addresses(False), read_addresses("à demander")
        (Addresses(valid=(), malformed=()), Addresses(valid=(), malformed=('à demander',)))
    """
    if not text:
        return Addresses((), ())
    if _PLAIN.fullmatch(text) and len(text) <= 64:
        return Addresses((text.lower(),), ())
    bare = _QUOTED.sub(" ", text)
    pieces = _ANGLED.findall(bare) if "<" in bare else _SEPARATORS.split(bare.strip())
    pieces = [piece.strip().strip(".").removeprefix("mailto:") for piece in pieces if piece.strip()]
    if not any("@" in piece for piece in pieces):
        return Addresses((), (text.strip(),))
    found = [piece for piece in pieces if "@" in piece]
    valid = dict.fromkeys(piece.lower() for piece in found if is_address(piece))
    malformed = dict.fromkeys(piece for piece in found if not is_address(piece))
    return Addresses(tuple(valid), tuple(malformed))
