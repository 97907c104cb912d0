"""Connection strings, escaping, and what each driver's refusal means."""

import pytest

from lib.sage100 import connection
from lib.sage100.connection import Encryption, Settings, connection_string, escape
from lib.sage100.errors import Failure, Sage100Error, classify


def settings(**values):
    base = {"driver": "FreeTDS", "server": "SRV", "database": "BIJOU"}
    return Settings(**base | {"login": "reader", "password": "secret"} | values)


@pytest.mark.parametrize("password", ["a;b", "a}b", "{a}", "a=b", " a", "p;w}d=1", "é€"])
def test_passwords_with_special_characters_stay_one_value(password):
    text = connection_string(settings(password=password))
    escaped = escape(password)
    assert f"PWD={escaped};" in f"{text};"
    if escaped.startswith("{"):
        assert escaped[1:-1].replace("}}", "}") == password


def test_port_is_written_as_each_family_wants():
    microsoft = settings(driver="ODBC Driver 17 for SQL Server", port=1433)
    assert "Server={SRV,1433};" in connection_string(microsoft)
    assert "Server=SRV;Port=1433;" in connection_string(settings(port=1433))


@pytest.mark.parametrize(
    ("driver", "encryption", "words"),
    [
        ("ODBC Driver 18 for SQL Server", "no", "Encrypt=no"),
        ("ODBC Driver 18 for SQL Server", "trust", "TrustServerCertificate=yes"),
        ("FreeTDS", "trust", "Encryption=require"),
        ("psqlodbcw.so", "no", "SSLmode=disable"),
    ],
)
def test_encryption_in_each_drivers_words(driver, encryption, words):
    text = connection_string(settings(driver=driver, encryption=Encryption(encryption)))
    assert words in text


def test_free_options_cannot_carry_a_secret_nor_replace_the_server():
    for option in ("PWD=x", "password=x", "Server=other", "UID=sa"):
        with pytest.raises(ValueError):
            connection_string(settings(extra_options=option))


def test_free_options_win_over_the_familys_habits():
    text = connection_string(settings(extra_options="TDS_Version=7.1"))
    assert text.count("TDS_Version") == 1


@pytest.mark.parametrize(
    ("state", "message", "failure"),
    [
        ("01000", "Can't open lib 'Nope' : file not found", Failure.UNKNOWN_DRIVER),
        ("IM002", "Data source name not found", Failure.UNKNOWN_DRIVER),
        ("28000", "Login failed for user 'x'. (18456)", Failure.WRONG_PASSWORD),
        (
            "08001",
            'FATAL: password authentication failed for user "x"',
            Failure.WRONG_PASSWORD,
        ),
        (
            "42000",
            'Cannot open database "X" requested by the login. The login failed. (4060)',
            Failure.UNKNOWN_BASE,
        ),
        ("08001", 'FATAL: database "x" does not exist', Failure.UNKNOWN_BASE),
        ("08001", "certificate verify failed", Failure.CERTIFICATE),
        ("42000", "SELECT permission was denied (229)", Failure.MISSING_RIGHT),
        ("42501", "ERROR: permission denied for table f_comptet", Failure.MISSING_RIGHT),
        ("42S02", "Invalid object name 'dbo.F_COMPTET'. (208)", Failure.MISSING_TABLE),
        ("08001", 'could not translate host name "x"', Failure.SERVER_NOT_FOUND),
        ("08001", "Connection refused", Failure.PORT_CLOSED),
        ("HYT00", "Login timeout expired", Failure.TIMEOUT),
        ("57014", "canceling statement due to statement timeout", Failure.TIMEOUT),
        ("08S01", "Communication link failure", Failure.CONNECTION_CUT),
        (
            "HY000",
            "terminating connection due to administrator command",
            Failure.CONNECTION_CUT,
        ),
        ("HY000", "odd", Failure.OTHER),
    ],
)
def test_each_refusal_is_recognised(state, message, failure):
    assert classify(state, message) is failure


def test_a_driver_that_repeats_the_password_does_not_leak_it():
    error = connection.translate(
        Exception("HY000", "bad string PWD=s;cret and {s;cret}"),
        settings(password="s;cret"),
    )
    assert "cret" not in error.detail and "cret" not in str(error)


def test_unknown_driver_and_closed_port_for_real():
    with pytest.raises(Sage100Error) as caught:
        with connection.connect(settings(driver="No such driver", password="hush")):
            pass
    assert caught.value.code is Failure.UNKNOWN_DRIVER
    assert caught.value.__context__ is None and "hush" not in str(caught.value)
