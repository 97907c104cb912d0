"""Connection strings, escaping, and what each driver's refusal means."""

import pytest

from lib.sage100 import connection
from lib.sage100.connection import Encryption, Settings, connection_string, escape
from lib.sage100.errors import Failure, Sage100Error


def settings(**values):
    base = {"driver": "FreeTDS", "server": "SRV", "database": "BIJOU"}
    return Settings(**base | {"login": "reader", "password": "secret"} | values)


@pytest.mark.parametrize("password", ["a;b", "a}b", "{a}", "a=b", " a", "p;w}d=1", "é€", "a};b"])
def test_passwords_with_special_characters_stay_one_value(password):
    text = connection_string(settings(driver="ODBC Driver 18 for SQL Server", password=password))
    escaped = escape(password)
    assert f"PWD={escaped};" in f"{text};"
    if escaped.startswith("{"):
        assert escaped[1:-1].replace("}}", "}") == password


def freetds_reads(text):
    """The pairs that FreeTDS finds in a connection string, as its own parser does (odbc/connectparams.c)."""
    pairs, at = {}, 0
    while "=" in text[at:]:
        equal = text.index("=", at)
        key, at = text[at:equal].strip(), equal + 1
        end = text.find("};", at) if text[at : at + 1] == "{" else text.find(";", at)
        end = len(text) if end < 0 else end
        pairs[key] = text[at:end].removeprefix("{") if text[at : at + 1] == "{" else text[at:end]
        at = text.find(";", end) + 1 or len(text)
    return pairs


@pytest.mark.parametrize("password", ["a;b", "a}b", "{a}", "a=b", " a", "p;w}d = 1", "é€", "}", "a;}", "{a;}", "a} "])
def test_freetds_reads_the_password_that_was_typed(password):
    """FreeTDS knows no doubled brace, and takes the last brace for a part of the value."""
    pairs = freetds_reads(connection_string(settings(password=password)))
    assert pairs["PWD"] == password and pairs["Database"] == "BIJOU" and pairs["TDS_Version"] == "7.4"


def test_a_password_that_freetds_could_not_read_is_refused_without_being_told():
    with pytest.raises(Sage100Error) as caught, connection.connect(settings(password="hush};x")):
        pass
    assert caught.value.code is Failure.UNUSABLE_PASSWORD
    assert "hush" not in str(caught.value) and caught.value.__context__ is None


def test_freetds_takes_either_an_instance_or_a_port():
    text = connection_string(settings(server="SRV\\SAGE100", port=1433))
    assert "Server=SRV;Port=1433;" in text
    assert "Server=SRV\\SAGE100;" in connection_string(settings(server="SRV\\SAGE100"))


def test_freetds_never_pretends_to_check_a_certificate(tmp_path, monkeypatch):
    conf = tmp_path / "freetds.conf"
    monkeypatch.setenv("FREETDSCONF", str(conf))
    checked = settings(server="sage", encryption=Encryption.YES)
    for text in ("", "[sage]\n\thost = 127.0.0.1\n", "[other]\n\tca file = system\n"):
        conf.write_text(text)
        with pytest.raises(Sage100Error) as caught, connection.connect(checked):
            pass
        assert caught.value.code is Failure.CERTIFICATE_UNCHECKED
    conf.write_text("# ours\n[global]\n\tca file = system\n\n[SAGE]\n\thost = 127.0.0.1\n\tport = 9\n")
    assert "Servername=sage;" in connection_string(checked)
    with pytest.raises(Sage100Error) as caught, connection.connect(checked):
        pass
    assert caught.value.code is Failure.PORT_CLOSED  # of the server that freetds.conf describes


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
    for option in ("PWD=x", "password=x", "Server=other", "Servername=other", "Port=1", "UID=sa"):
        with pytest.raises(ValueError):
            connection_string(settings(extra_options=option))


def test_free_options_win_over_the_familys_habits():
    text = connection_string(settings(extra_options="TDS_Version=7.1"))
    assert text.count("TDS_Version") == 1


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
