"""Numbers of registered letters, as they are typed, pasted or scanned.

La Poste prints them in groups, « 2C 123 456 7890 1 »; abroad they follow the Universal Postal Union's form S10,
“RR 123 456 785 FR”. A barcode reader gives them in one piece.
"""

import re

_SEPARATORS = re.compile(r"[\s.\-/\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
_NUMBER = re.compile(r"[0-9A-Z]{8,35}")
#: Two characters, then groups that are easy to read over the phone.
_FRENCH = re.compile(r"([0-9A-Z]{2})([0-9]{3})([0-9]{3})([0-9]{4})([0-9])")
_S10 = re.compile(r"([A-Z]{2})([0-9]{3})([0-9]{3})([0-9]{3})([A-Z]{2})")


def clean_number(text: str | None) -> str:
    """The number in one piece, in capitals; empty when there is none.

    >>> clean_number(" 2c 123 456 7890 1 ")
    '2C12345678901'
    >>> clean_number("RR-123.456.785 fr")
    'RR123456785FR'
    >>> clean_number(None)
    ''
    """
    return _SEPARATORS.sub("", text or "").upper()


def is_number(text: str) -> bool:
    """Whether it can be the number of a registered letter, once cleaned.

    >>> [is_number(clean_number(text)) for text in ("2C 123 456 7890 1", "RR123456785FR", "à poster", "12")]
    [True, True, False, False]
    """
    return bool(_NUMBER.fullmatch(text))


def show_number(number: str | None) -> str:
    """The number in groups, as it stands on the slip.

    >>> show_number("2C12345678901"), show_number("RR123456785FR"), show_number("123456789012345")
    ('2C 123 456 7890 1', 'RR 123 456 785 FR', '123456789012345')
    >>> show_number(None)
    ''
    """
    found = _FRENCH.fullmatch(number or "") or _S10.fullmatch(number or "")
    return " ".join(found.groups()) if found else number or ""
