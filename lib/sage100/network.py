"""What a SQL server answers when a driver only says that it could not connect.

FreeTDS has one message for an unknown name, a closed port, a server that does not encrypt and a refused certificate;
Microsoft's driver waits for the whole login time-out on a closed port. So the network is asked directly.
"""

from __future__ import annotations

import socket
import struct
from enum import StrEnum

DEFAULT_PORT = 1433
PATIENCE = 5.0  # seconds, at most, added to a failed connection
_PRELOGIN, _REPLY, _ENCRYPTION = 0x12, 0x04, 0x01


class Answer(StrEnum):
    """How far a connection gets."""

    NO_HOST = "no_host"
    REFUSED = "refused"
    SILENT = "silent"
    OTHER_SERVICE = "other_service"
    CLEAR = "clear"  # SQL Server without encryption
    ENCRYPTED = "encrypted"
    OPEN = "open"  # something listens; nothing more was asked


def resolves(host: str) -> bool:
    """Return whether a name (or address) is known.

    Examples:
        >>> resolves("127.0.0.1"), resolves("srv-sage.invalid")
        (True, False)
    """
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return True


def ask(host: str, port: int, *, tds: bool = True) -> Answer:
    """Return what answers on a port; with ``tds``, ask whether it is SQL Server and whether it encrypts (MS-TDS
    2.2.6.5: PRELOGIN, the first message, before any login)."""
    if not resolves(host):
        return Answer.NO_HOST
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as link:
            return _greet(link) if tds else Answer.OPEN
    except ConnectionRefusedError:
        return Answer.REFUSED
    except OSError:
        return Answer.SILENT


def _greet(link: socket.socket) -> Answer:
    """Return what the other side says to a PRELOGIN that asks for encryption."""
    version, encryption = struct.pack(">BHH", 0, 11, 6), struct.pack(">BHH", _ENCRYPTION, 17, 1)
    body = version + encryption + b"\xff" + bytes(6) + b"\x01"
    link.sendall(struct.pack(">BBHHBB", _PRELOGIN, 1, 8 + len(body), 0, 1, 0) + body)
    reply = link.recv(4096)
    if len(reply) < 9 or reply[0] != _REPLY:
        return Answer.OTHER_SERVICE
    at, options = 0, reply[8:]
    while at + 5 <= len(options) and options[at] != 0xFF:
        token, offset, _size = struct.unpack_from(">BHH", options, at)
        if token == _ENCRYPTION and offset < len(options):
            return Answer.CLEAR if options[offset] == 2 else Answer.ENCRYPTED
        at += 5
    return Answer.OTHER_SERVICE
