import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.email_addresses import is_address, read_addresses

NAMES = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?", fullmatch=True).filter(lambda name: ".." not in name)
DOMAINS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.(fr|com|example)", fullmatch=True)
ADDRESSES = st.builds("{}@{}".format, NAMES, DOMAINS)


@pytest.mark.parametrize(
    ("text", "valid", "malformed"),
    [
        ("compta@leroy.fr", ["compta@leroy.fr"], []),
        (" Compta@LEROY.fr ", ["compta@leroy.fr"], []),
        ("a@leroy.fr;b@leroy.fr", ["a@leroy.fr", "b@leroy.fr"], []),
        ("a@leroy.fr / b@leroy.fr", ["a@leroy.fr", "b@leroy.fr"], []),
        ("a@leroy.fr\nb@leroy.fr", ["a@leroy.fr", "b@leroy.fr"], []),
        ("a@leroy.fr, A@leroy.fr", ["a@leroy.fr"], []),
        ("Anne Leroy <anne@leroy.fr>", ["anne@leroy.fr"], []),
        ('"Leroy, Anne" <anne@leroy.fr>, "b@c.fr" <paul@leroy.fr>', ["anne@leroy.fr", "paul@leroy.fr"], []),
        ("compta@leroy.fr (service comptable)", ["compta@leroy.fr"], []),
        ("mailto:compta@leroy.fr", ["compta@leroy.fr"], []),
        ("compta@société-leroy.fr", ["compta@société-leroy.fr"], []),
        ("o'neil+factures@leroy.co.uk", ["o'neil+factures@leroy.co.uk"], []),
        ("compta@leroy.fr.", ["compta@leroy.fr"], []),
        ("compta@leroy", [], ["compta@leroy"]),
        ("compta@", [], ["compta@"]),
        ("compta@leroy..fr", [], ["compta@leroy..fr"]),
        ("com..pta@leroy.fr", [], ["com..pta@leroy.fr"]),
        ("compta@-leroy.fr", [], ["compta@-leroy.fr"]),
        ("compta@192.168.0.1", [], ["compta@192.168.0.1"]),
        ("régis@leroy.fr", [], ["régis@leroy.fr"]),
        ("a@leroy.fr; compta@leroy", ["a@leroy.fr"], ["compta@leroy"]),
        ("à demander", [], ["à demander"]),
        ("", [], []),
        (None, [], []),
    ],
)
def test_what_people_type(text, valid, malformed):
    found = read_addresses(text)
    assert list(found.valid) == valid
    assert list(found.malformed) == malformed


@given(st.lists(ADDRESSES, unique=True, max_size=5), st.sampled_from([",", ";", ", ", " ; ", "\n", "/"]))
def test_addresses_are_found_whatever_stands_between(addresses, separator):
    assert list(read_addresses(separator.join(addresses)).valid) == addresses


@given(st.text(max_size=80))
def test_what_is_found_can_be_written_to(text):
    """Whatever was typed: no exception, and nothing but addresses without spaces nor line breaks (header injection)."""
    for address in read_addresses(text).valid:
        assert is_address(address)
        assert not any(letter.isspace() for letter in address)
