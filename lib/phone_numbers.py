"""Phone numbers as providers of text messages want them (ITU-T E.164: “+”, country, number; 15 digits at most).

Examples:
    >>> international("06 12 34 56 78", 33)
    '+33612345678'
    >>> international("+33 (0)6.12.34.56.78", 33)
    '+33612345678'
    >>> international("0032 475 12 34 56", 33)
    '+32475123456'
    >>> international("standard, poste 12", 33)
    ''
"""

import re

#: Countries whose numbers keep their leading zero abroad: Italy, San Marino, Vatican.
KEEP_ZERO = {39, 378, 379}
#: Digits of the shortest and of the longest number of E.164, country included.
SHORTEST, LONGEST = 8, 15


def international(number: str | None, country: int | None) -> str:
    """`number` in international form, or an empty string when it is no phone number.

    Args:
        number: as typed, with or without country
        country: calling code of the country where a number without one belongs (0 or None: France, 33)
    """
    country = country or 33
    text = (number or "").strip()
    if not re.fullmatch(r"\+?[\d\s().\-/\u00a0\u202f]+", text):
        return ""
    abroad = text.startswith(("+", "00"))
    digits = re.sub(r"\D", "", text.replace("(0)", "") if abroad else text)
    if text.startswith("00"):
        digits = digits[2:]
    elif not abroad:
        local = digits if country in KEEP_ZERO else digits.removeprefix("0")
        digits = f"{country}{local}"
    return f"+{digits}" if SHORTEST <= len(digits) <= LONGEST else ""
