"""A read-only ODBC connection to a Sage 100 base, from neutral settings.

The password is in the connection string and nowhere else: it never shows in a ``repr``, an error or a log.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from . import freetds, network
from .errors import Failure, Sage100Error, classify

try:
    import pyodbc
except ImportError:  # without unixODBC or pyodbc the add-on still installs; connecting then explains what is missing
    pyodbc = None

LOGIN_TIMEOUT = 15
QUERY_TIMEOUT = 300
LOCK_TIMEOUT = 30
_MASK = "•••"
# Keywords that would carry a secret or replace what the form says: refused in the free options.
_RESERVED = frozenset(
    {"pwd", "password", "uid", "user", "user id", "username", "server", "servername", "address", "addr", "port"}
    | {"driver", "database", "dsn", "filedsn", "savefile"}
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
    login_timeout: int = LOGIN_TIMEOUT  # seconds
    query_timeout: int = QUERY_TIMEOUT  # seconds
    lock_timeout: int = LOCK_TIMEOUT  # seconds, only when entries being typed are waited for


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
    """Return where to connect. Microsoft's driver wants the port in the server's name, all others apart.

    FreeTDS takes either an instance or a port, and checks a certificate only for a server of freetds.conf.
    """
    if kind is Family.MICROSOFT and settings.port:
        return [("Server", f"{settings.server},{settings.port}")]
    server = settings.server
    if kind is Family.FREETDS:
        if settings.encryption is Encryption.YES:
            return [("Servername", server)]
        server = server.split("\\")[0] if settings.port else server
    return [("Server", server), *([("Port", str(settings.port))] if settings.port else [])]


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
        'Driver={FreeTDS};Server=SRV;Port=1433;Database=BIJOU;TDS_Version=7.3;'
    """
    kind = family(settings.driver)
    write = freetds.escape if kind is Family.FREETDS else escape
    extra = split_options(settings.extra_options)
    chosen = {key.lower() for key, _value in extra}
    pairs = _server_keywords(settings, kind)
    if settings.database:
        pairs.append(("Database", settings.database))
    if settings.login:
        pairs += [("UID", settings.login), ("PWD", settings.password)]
    pairs += _encryption_keywords(settings.encryption, kind)
    pairs += [pair for pair in _family_keywords(kind) if pair[0].lower() not in chosen]
    body = ";".join(f"{key}={write(value)}" for key, value in [*pairs, *extra])
    end = ";" if kind is Family.FREETDS else ""  # without it FreeTDS takes a closing brace for a part of the value
    return f"Driver={{{settings.driver.replace('}', '}}')}}};{body}{end}"


def _clean(message: str, settings: Settings) -> str:
    """Return a driver's message without the password, should a driver ever repeat it."""
    if settings.password:
        for secret in (escape(settings.password), "{" + settings.password + "}", settings.password):
            message = message.replace(secret, _MASK)
    return re.sub(r"\s+", " ", message).strip()


def _place(settings: Settings, kind: Family) -> tuple[str, int]:
    """Return the host and the port that the driver goes to; 0 when only the server knows (named instance)."""
    server = settings.server.removeprefix("tcp:")
    known = freetds.entry(server) if kind is Family.FREETDS and settings.encryption is Encryption.YES else None
    if known:
        server, port = known.host or server, known.port
    else:
        host, _comma, given = server.partition(",")
        server, port = host, settings.port or (int(given) if given.strip().isdigit() else 0)
    host, _backslash, instance = server.partition("\\")
    if not port and not instance and kind in (Family.FREETDS, Family.MICROSOFT):
        port = network.DEFAULT_PORT
    return host.strip() or "localhost", port


def _diagnose(settings: Settings, failure: Failure) -> Failure:
    """Return a sharper reason for a failed connection, asked from the network itself."""
    if failure not in (Failure.OTHER, Failure.TIMEOUT, Failure.CONNECTION_CUT, Failure.SERVER_NOT_FOUND):
        return failure
    kind = family(settings.driver)
    host, port = _place(settings, kind)
    if host.startswith("/"):
        return failure
    if not port:
        if not network.resolves(host):
            return Failure.SERVER_NOT_FOUND
        return Failure.INSTANCE_NOT_FOUND if "\\" in settings.server else failure
    tds = kind in (Family.FREETDS, Family.MICROSOFT)
    answer = network.ask(host, port, tds=tds)
    meant = {
        network.Answer.NO_HOST: Failure.SERVER_NOT_FOUND,
        network.Answer.REFUSED: Failure.PORT_CLOSED,
        network.Answer.SILENT: Failure.TIMEOUT,
        network.Answer.OTHER_SERVICE: Failure.WRONG_PORT,
    }
    if answer in meant:
        return meant[answer]
    if answer is network.Answer.CLEAR and settings.encryption in (Encryption.YES, Encryption.TRUST):
        return Failure.ENCRYPTION
    if answer is network.Answer.ENCRYPTED and kind is Family.FREETDS and settings.encryption is Encryption.YES:
        return Failure.CERTIFICATE
    return failure


def translate(error: Exception, settings: Settings, *, connecting: bool = False, subject: str = "") -> Sage100Error:
    """Return the classified form of a pyodbc error."""
    args: Sequence[Any] = error.args
    state = str(args[0]) if args else ""
    message = _clean(str(args[1] if len(args) > 1 else error), settings)
    failure = classify(state, message)
    if connecting:
        failure = _diagnose(settings, failure)
    return Sage100Error(failure, detail=message, subject=subject)


def _open(settings: Settings) -> Any:
    """Return an open connection; raise what went wrong.

    Raised outside of the except blocks: the driver's own exception must not follow as context into a traceback.
    """
    failure: Sage100Error | None = None
    try:
        text = connection_string(settings)
    except ValueError:
        failure = Sage100Error(Failure.UNUSABLE_PASSWORD)
    else:
        try:
            return pyodbc.connect(text, timeout=settings.login_timeout, readonly=True, autocommit=True)
        except pyodbc.Error as error:
            failure = translate(error, settings, connecting=True)
    raise failure


def _check_freetds(settings: Settings) -> None:
    """Refuse to promise a check of the certificate that FreeTDS would silently not do."""
    if family(settings.driver) is Family.FREETDS and settings.encryption is Encryption.YES:
        known = freetds.entry(settings.server)
        if not known or not known.authorities:
            raise Sage100Error(Failure.CERTIFICATE_UNCHECKED)


def _connected(settings: Settings) -> Any:
    """Return an open connection. FreeTDS reports an unknown base as a refused login: logging in without one tells."""
    if pyodbc is None:
        raise Sage100Error(Failure.NO_PYODBC)
    _check_freetds(settings)
    try:
        return _open(settings)
    except Sage100Error as error:
        failure = error
    if failure.code is Failure.WRONG_PASSWORD and family(settings.driver) is Family.FREETDS and settings.database:
        with contextlib.suppress(Sage100Error):
            _open(replace(settings, database="")).close()
            failure = Sage100Error(Failure.UNKNOWN_BASE, detail=failure.detail)
    raise failure


ISOLATION_LEVELS = {
    "read_uncommitted": "READ UNCOMMITTED",
    "read_committed": "READ COMMITTED",
    "snapshot": "SNAPSHOT",
}
FALLBACK = "read_uncommitted"  # of a level that the server refuses: it disturbs nobody


def _isolate(connection: Any, settings: Settings, isolation: str, refused: Callable[[str], None]) -> None:
    """Set the isolation level; tell ``refused`` what the server says when it does not want it, and go on without.

    A snapshot is one transaction from the first statement to the last: all that is read is of the same moment. SQL
    Server refuses it only when data are read, so a statement that finds nothing is tried.
    """
    try:
        connection.execute(f"SET TRANSACTION ISOLATION LEVEL {ISOLATION_LEVELS[isolation]}")
        if isolation == "read_committed":
            connection.execute(_lock_timeout(settings))
        elif isolation == "snapshot":
            connection.execute("SELECT 1 FROM dbo.P_DOSSIER WHERE 1 = 0").fetchall()
            connection.autocommit = False
    except pyodbc.Error as error:
        failure = translate(error, settings)
        if failure.code in (Failure.MISSING_TABLE, Failure.MISSING_RIGHT):
            return  # the reading itself will say it better
        refused(failure.detail)
        if isolation != FALLBACK:
            with contextlib.suppress(pyodbc.Error):
                connection.execute(f"SET TRANSACTION ISOLATION LEVEL {ISOLATION_LEVELS[FALLBACK]}")


def _lock_timeout(settings: Settings) -> str:
    """Return how long to wait for a row that somebody is writing, in the server's own words."""
    milliseconds = 1000 * int(settings.lock_timeout)
    words = "lock_timeout =" if family(settings.driver) is Family.POSTGRESQL else "LOCK_TIMEOUT"
    return f"SET {words} {milliseconds}"


@contextlib.contextmanager
def connect(
    settings: Settings, isolation: str = "", refused: Callable[[str], None] = lambda detail: None
) -> Iterator[Any]:
    """Open a connection, yield it, always close it; failures are raised as ``Sage100Error``.

    ``readonly`` is only a hint (drivers ignore it): the real protection is a login that can only SELECT, and a reader
    that writes nothing but SELECT. An isolation level that the server refuses is no reason to stop: ``refused`` is
    called with what it said.
    """
    connection = _connected(settings)
    failure: Sage100Error | None = None
    try:
        with contextlib.suppress(pyodbc.Error):
            connection.timeout = settings.query_timeout
        if isolation:
            _isolate(connection, settings, isolation, refused)
        yield connection
    except pyodbc.Error as error:
        failure = translate(error, settings)
    finally:
        with contextlib.suppress(pyodbc.Error):
            connection.close()
    if failure is not None:
        raise failure
