"""A read-only ODBC connection to a Sage 100 base, from neutral settings.

The password is in the connection string and nowhere else: it never shows in a ``repr``, an error or a log.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .errors import Failure, Sage100Error, classify

try:
    import pyodbc
except ImportError:  # without unixODBC or pyodbc the add-on still installs; connecting then explains what is missing
    pyodbc = None

LOGIN_TIMEOUT = 15
QUERY_TIMEOUT = 300
_MASK = "•••"
# Keywords that would carry a secret or replace what the form says: refused in the free options.
_RESERVED = frozenset(
    {"pwd", "password", "uid", "user", "user id", "username", "server", "driver", "database", "dsn", "filedsn"}
)


class Family(StrEnum):
    """Drivers differ by their keywords for port and encryption."""

    MICROSOFT = "microsoft"
    FREETDS = "freetds"
    POSTGRESQL = "postgresql"
    OTHER = "other"


class Encryption(StrEnum):
    """What the user wants, whatever words the driver has for it."""

    DEFAULT = "default"
    NO = "no"
    YES = "yes"
    TRUST = "trust"  # encrypted, but the server's certificate is not checked (self-signed: the usual case)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything needed to connect; safe to print.

    Examples:
        >>> "s3cret" in repr(Settings("FreeTDS", "SRV", "BIJOU", login="odoo", password="s3cret"))
        False
    """

    driver: str
    server: str
    database: str
    port: int = 0
    login: str = ""
    password: str = field(default="", repr=False)
    encryption: Encryption = Encryption.DEFAULT
    extra_options: str = ""
    login_timeout: int = LOGIN_TIMEOUT
    query_timeout: int = QUERY_TIMEOUT


def installed_drivers() -> list[str]:
    """Return the names of the ODBC drivers registered on this machine (none without pyodbc)."""
    return sorted(pyodbc.drivers()) if pyodbc else []


def family(driver: str) -> Family:
    """Return the family of a driver, given by its name or by the path of its library.

    Examples:
        >>> family("ODBC Driver 18 for SQL Server").value, family("/usr/lib/odbc/libtdsodbc.so").value
        ('microsoft', 'freetds')
        >>> family("/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so").value, family("Other").value
        ('postgresql', 'other')
    """
    name = driver.lower()
    if "tds" in name:
        return Family.FREETDS
    if "psqlodbc" in name or "postgresql" in name:
        return Family.POSTGRESQL
    if "sql server" in name or "msodbcsql" in name or "mssqlodbc" in name:
        return Family.MICROSOFT
    return Family.OTHER


def escape(value: str) -> str:
    """Return a value fit for a connection string: in braces when it holds a special character, ``}`` doubled.

    Examples:
        >>> escape("BIJOU")
        'BIJOU'
        >>> escape("p;w=d}1")
        '{p;w=d}}1}'
    """
    if value and not re.search(r"[\[\]{}(),;?*=!@\s]", value):
        return value
    return "{" + value.replace("}", "}}") + "}" if value else ""


def split_options(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a free options text, braces respected; refuse the reserved keywords.

    Examples:
        >>> split_options("TDS_Version=7.4; ClientCharset={UTF;8}")
        [('TDS_Version', '7.4'), ('ClientCharset', 'UTF;8')]
        >>> split_options("PWD=secret")
        Traceback (most recent call last):
        ...
        ValueError: PWD
    """
    pairs = []
    for match in re.finditer(r"\s*([^=;{}]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)\s*(?:;|$)", text or ""):
        key, value = match.group(1), match.group(2).strip()
        if key.lower() in _RESERVED:
            raise ValueError(key)
        pairs.append((key, value[1:-1].replace("}}", "}") if value.startswith("{") else value))
    return pairs


def _server_keywords(settings: Settings, kind: Family) -> list[tuple[str, str]]:
    """Return where to connect. Microsoft's driver wants the port in the server's name, all others apart."""
    if kind is Family.MICROSOFT and settings.port:
        return [("Server", f"{settings.server},{settings.port}")]
    return [("Server", settings.server), *([("Port", str(settings.port))] if settings.port else [])]


def _encryption_keywords(encryption: Encryption, kind: Family) -> list[tuple[str, str]]:
    """Return the driver's own words for the wanted encryption; nothing when its default will do."""
    words: dict[Family, dict[Encryption, list[tuple[str, str]]]] = {
        Family.MICROSOFT: {
            Encryption.NO: [("Encrypt", "no")],
            Encryption.YES: [("Encrypt", "yes"), ("TrustServerCertificate", "no")],
            Encryption.TRUST: [("Encrypt", "yes"), ("TrustServerCertificate", "yes")],
        },
        Family.FREETDS: {
            Encryption.NO: [("Encryption", "off")],
            Encryption.YES: [("Encryption", "require")],
            Encryption.TRUST: [("Encryption", "require")],
        },
        Family.POSTGRESQL: {
            Encryption.NO: [("SSLmode", "disable")],
            Encryption.YES: [("SSLmode", "verify-full")],
            Encryption.TRUST: [("SSLmode", "require")],
        },
    }
    return words.get(kind, {}).get(encryption, [])


def _family_keywords(kind: Family) -> list[tuple[str, str]]:
    """Return what a family needs to work well: TDS 7.4 (dates, encodings), rows fetched by chunks with psqlODBC."""
    if kind is Family.FREETDS:
        return [("TDS_Version", "7.4")]
    if kind is Family.POSTGRESQL:
        return [("UseDeclareFetch", "1"), ("Fetch", "2000")]
    return []


def connection_string(settings: Settings) -> str:
    """Return the ODBC connection string. It holds the password: never log it.

    Examples:
        >>> driver = "ODBC Driver 17 for SQL Server"
        >>> connection_string(Settings(driver, "SRV", "BIJOU", port=1433, login="odoo", password="a;b"))
        'Driver={ODBC Driver 17 for SQL Server};Server={SRV,1433};Database=BIJOU;UID=odoo;PWD={a;b}'
        >>> connection_string(Settings("FreeTDS", "SRV", "BIJOU", port=1433, extra_options="TDS_Version=7.3"))
        'Driver={FreeTDS};Server=SRV;Port=1433;Database=BIJOU;TDS_Version=7.3'
    """
    kind = family(settings.driver)
    extra = split_options(settings.extra_options)
    chosen = {key.lower() for key, _value in extra}
    pairs = [*_server_keywords(settings, kind), ("Database", settings.database)]
    if settings.login:
        pairs += [("UID", settings.login), ("PWD", settings.password)]
    pairs += _encryption_keywords(settings.encryption, kind)
    pairs += [pair for pair in _family_keywords(kind) if pair[0].lower() not in chosen]
    body = ";".join(f"{key}={escape(value)}" for key, value in [*pairs, *extra])
    return f"Driver={{{settings.driver.replace('}', '}}')}}};{body}"


def _clean(message: str, settings: Settings) -> str:
    """Return a driver's message without the password, should a driver ever repeat it."""
    if settings.password:
        for secret in (settings.password, escape(settings.password)):
            message = message.replace(secret, _MASK)
    return re.sub(r"\s+", " ", message).strip()


def _diagnose_network(settings: Settings, failure: Failure) -> Failure:
    """Return a sharper reason for a failed connection by trying the network ourselves.

    FreeTDS says the same "unable to connect" for an unknown name and for a closed port, and Microsoft's driver waits
    for the whole login time-out on a closed port.
    """
    if failure not in (Failure.OTHER, Failure.TIMEOUT, Failure.CONNECTION_CUT, Failure.SERVER_NOT_FOUND):
        return failure
    host = re.split(r"[\\,]", settings.server.removeprefix("tcp:"))[0].strip() or "localhost"
    if host.startswith("/"):
        return failure
    try:
        socket.getaddrinfo(host, settings.port or None)
    except OSError:
        return Failure.SERVER_NOT_FOUND
    if settings.port:
        try:
            socket.create_connection((host, settings.port), timeout=3).close()
        except ConnectionRefusedError:
            return Failure.PORT_CLOSED
        except OSError:
            return Failure.TIMEOUT
    return failure


def translate(error: Exception, settings: Settings, *, connecting: bool = False, subject: str = "") -> Sage100Error:
    """Return the classified form of a pyodbc error."""
    args: Sequence[Any] = error.args
    state = str(args[0]) if args else ""
    message = _clean(str(args[1] if len(args) > 1 else error), settings)
    failure = classify(state, message)
    if connecting:
        failure = _diagnose_network(settings, failure)
    return Sage100Error(failure, detail=message, subject=subject)


@contextlib.contextmanager
def connect(settings: Settings, isolation: str = "") -> Iterator[Any]:
    """Open a connection, yield it, always close it; failures are raised as ``Sage100Error``.

    ``readonly`` is only a hint (drivers ignore it): the real protection is a login that can only SELECT, and a reader
    that writes nothing but SELECT. An isolation level that the server refuses is no reason to stop.
    """
    if pyodbc is None:
        raise Sage100Error(Failure.NO_PYODBC)
    failure: Sage100Error | None = None
    connection = None
    try:
        connection = pyodbc.connect(
            connection_string(settings), timeout=settings.login_timeout, readonly=True, autocommit=True
        )
    except pyodbc.Error as error:
        failure = translate(error, settings, connecting=True)
    if failure is not None:
        # Raised outside the except block: the driver's own exception must not follow as context into a traceback.
        raise failure
    try:
        with contextlib.suppress(pyodbc.Error):
            connection.timeout = settings.query_timeout
        if isolation:
            with contextlib.suppress(pyodbc.Error):
                connection.execute(f"SET TRANSACTION ISOLATION LEVEL {ISOLATION_LEVELS[isolation]}")
        yield connection
    except pyodbc.Error as error:
        failure = translate(error, settings)
    finally:
        with contextlib.suppress(pyodbc.Error):
            connection.close()
    if failure is not None:
        raise failure


ISOLATION_LEVELS = {
    "read_uncommitted": "READ UNCOMMITTED",
    "read_committed": "READ COMMITTED",
    "snapshot": "SNAPSHOT",
}
