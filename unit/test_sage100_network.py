"""What answers on the other side, asked before any login."""

import socket
import threading

import pytest

from lib.sage100 import connection, network
from lib.sage100.connection import Encryption, Settings
from lib.sage100.errors import Failure
from lib.sage100.network import Answer

FREETDS, MICROSOFT = "FreeTDS", "ODBC Driver 18 for SQL Server"


def prelogin(encryption):
    """The answer of a SQL Server: version, then what it does about encryption."""
    options = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + bytes(6) + bytes([encryption])
    return b"\x04\x01" + (8 + len(options)).to_bytes(2, "big") + b"\x00\x00\x01\x00" + options


class Speaker:
    """A loopback server that says one thing to whoever speaks to it."""

    def __init__(self, words):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.words = words
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, _address = self.listener.accept()
            except OSError:
                return
            with link:
                link.recv(4096)
                link.sendall(self.words)

    def close(self):
        self.listener.close()


@pytest.fixture
def speak():
    speakers = []

    def start(words):
        speakers.append(Speaker(words))
        return speakers[-1].port

    yield start
    for speaker in speakers:
        speaker.close()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (prelogin(0), Answer.ENCRYPTED),
        (prelogin(1), Answer.ENCRYPTED),
        (prelogin(3), Answer.ENCRYPTED),
        (prelogin(2), Answer.CLEAR),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Answer.OTHER_SERVICE),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Answer.OTHER_SERVICE),
        (b"", Answer.OTHER_SERVICE),
    ],
)
def test_what_listens(speak, words, answer):
    assert network.ask("127.0.0.1", speak(words)) is answer


def test_nothing_listens_or_nobody_is_called_so():
    assert network.ask("127.0.0.1", 9) is Answer.REFUSED
    assert network.ask("srv-sage.invalid", 1433) is Answer.NO_HOST
    assert not network.resolves("a" * 80 + ".invalid")


def test_another_engine_is_not_spoken_to(speak):
    assert network.ask("127.0.0.1", speak(b""), tds=False) is Answer.OPEN


def meant(failure=Failure.OTHER, **values):
    base = {"driver": FREETDS, "server": "127.0.0.1", "database": "BIJOU", "encryption": Encryption.TRUST}
    return connection._diagnose(Settings(**base | values), failure)


def test_a_failed_connection_gets_its_real_reason(speak):
    clear, encrypted, other = speak(prelogin(2)), speak(prelogin(0)), speak(b"220 ESMTP\r\n")
    assert meant(port=clear) is Failure.ENCRYPTION
    assert meant(port=clear, encryption=Encryption.NO) is Failure.OTHER
    assert meant(port=encrypted) is Failure.OTHER
    assert meant(port=other) is Failure.WRONG_PORT
    assert meant(port=9, failure=Failure.TIMEOUT, driver=MICROSOFT) is Failure.PORT_CLOSED
    assert meant(server="127.0.0.1,9", driver=MICROSOFT) is Failure.PORT_CLOSED
    assert meant(server="srv-sage.invalid") is Failure.SERVER_NOT_FOUND
    assert meant(server="srv-sage.invalid\\SAGE100") is Failure.SERVER_NOT_FOUND
    assert meant(server="127.0.0.1\\SAGE100") is Failure.INSTANCE_NOT_FOUND


def test_a_certain_reason_is_not_questioned():
    assert meant(Failure.WRONG_PASSWORD, port=9) is Failure.WRONG_PASSWORD


def test_a_refused_certificate_of_freetds(speak, tmp_path, monkeypatch):
    conf = tmp_path / "freetds.conf"
    conf.write_text(f"[sage]\n\thost = 127.0.0.1\n\tport = {speak(prelogin(0))}\n\tca file = system\n")
    monkeypatch.setenv("FREETDSCONF", str(conf))
    assert meant(server="sage", encryption=Encryption.YES) is Failure.CERTIFICATE
