"""What can go wrong while talking to a Sage 100 base, as codes that a screen can explain.

The texts that users read are written (and translated) by the models: this module only tells *which* failure it was.
No attribute of these errors ever holds the password.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Failure(StrEnum):
    """One code for each failure that has its own way out."""

    NO_PYODBC = "no_pyodbc"
    UNKNOWN_DRIVER = "unknown_driver"
    SERVER_NOT_FOUND = "server_not_found"
    INSTANCE_NOT_FOUND = "instance_not_found"
    PORT_CLOSED = "port_closed"
    WRONG_PORT = "wrong_port"
    CERTIFICATE = "certificate"
    CERTIFICATE_UNCHECKED = "certificate_unchecked"
    ENCRYPTION = "encryption"
    UNUSABLE_PASSWORD = "unusable_password"  # noqa: S105 (a code, not a password)
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 (a code, not a password)
    LOGIN_REFUSED = "login_refused"
    UNKNOWN_BASE = "unknown_base"
    BASE_UNAVAILABLE = "base_unavailable"
    MISSING_RIGHT = "missing_right"
    MISSING_TABLE = "missing_table"
    MISSING_COLUMN = "missing_column"
    SNAPSHOT = "snapshot"
    LOCKED = "locked"
    DEADLOCK = "deadlock"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    CONNECTION_CUT = "connection_cut"
    NOT_SAGE = "not_sage"
    OTHER = "other"


# What is over as soon as it has happened: the same statement, sent again on a new connection, may well succeed.
PASSING = frozenset({Failure.CONNECTION_CUT, Failure.DEADLOCK})


class Sage100Error(Exception):
    """A failure of the Sage side: ``code`` names it, ``detail`` is what the driver said, ``subject`` what it is about.

    Examples:
        >>> error = Sage100Error(Failure.MISSING_TABLE, subject="F_COMPTET")
        >>> error.code.value, error.subject
        ('missing_table', 'F_COMPTET')
        >>> str(error)
        'missing_table: F_COMPTET'
    """

    def __init__(self, code: Failure, detail: str = "", subject: str = "") -> None:
        self.code = code
        self.detail = detail
        self.subject = subject
        super().__init__(f"{code.value}: {subject or detail}")


# The first pattern found decides. Order matters: SQL Server answers "Cannot open database … Login failed" for an
# unknown base, and every driver uses state 08001 for several different causes. Drivers for SQL Server end a message
# with the server's error number in brackets.
_PATTERNS: tuple[tuple[Failure, str], ...] = (
    (
        Failure.UNKNOWN_DRIVER,
        r"\bIM00[23]\b|can't open lib|data source name not found|specified driver could not be loaded",
    ),
    (
        Failure.BASE_UNAVAILABLE,
        r"\((904|92[1-7]|94[25]|952)\)|middle of a restore|is offline|the database system is (starting up|shutting "
        r"down|in recovery)",
    ),
    (
        Failure.UNKNOWN_BASE,
        r"\((4060|4063|4064|916|911)\)|cannot open database|\b3D000\b|database .{1,130} does not exist",
    ),
    (
        Failure.ENCRYPTION,
        r"encryption not supported|unsupported protocol|wrong version number|no protocols available|alert protocol "
        r"version|key too small|no shared cipher|handshake failure|server does not support ssl",
    ),
    (Failure.CERTIFICATE, r"certificate|ssl provider|\bssl\b.*(verify|error)"),
    (
        Failure.LOGIN_REFUSED,
        r"\((1845[0-2]|18461|18470|1848[678])\)|account is (disabled|currently locked)|untrusted domain|password .* "
        r"expired|is not permitted to log in|no pg_hba\.conf entry",
    ),
    (
        Failure.WRONG_PASSWORD,
        r"\b28000\b|\b28P01\b|\(18456\)|login failed|password authentication failed|role .{1,130} does not exist|no "
        r"password supplied",
    ),
    (Failure.MISSING_RIGHT, r"\b42501\b|\((229|230|297|300)\)|permission (was )?denied"),
    (Failure.SNAPSHOT, r"\((3951|3952|3957)\)|snapshot isolation"),
    (Failure.DEADLOCK, r"\(1205\)|\b40001\b|\b40P01\b|deadlock"),
    (Failure.LOCKED, r"\(1222\)|\b55P03\b|lock request time ?out|due to lock timeout"),
    (Failure.MISSING_TABLE, r"\b42S02\b|\b42P01\b|\(208\)|invalid object name|relation .{1,130} does not exist"),
    (Failure.MISSING_COLUMN, r"\b42S22\b|\b42703\b|\(207\)|invalid column name|column .{1,130} does not exist"),
    (Failure.INSTANCE_NOT_FOUND, r"locating server/instance"),
    (
        Failure.SERVER_NOT_FOUND,
        r"could not translate host name|name or service not known|temporary failure in name resolution|unknown host|"
        r"getaddrinfo|no address associated|could not resolve|error code 0x2AF9\b",
    ),
    (Failure.PORT_CLOSED, r"connection refused|0x274d|\(10061\)|error code 0x6f\b"),
    (
        # FreeTDS only knows that it is an "unknown error" when the link goes down in the middle of a result.
        Failure.CONNECTION_CUT,
        r"terminating connection|server closed the connection|connection reset|broken pipe|communication link failure"
        r"|\b57P0[123]\b|connection (was |is )?(lost|closed|broken|dead)|\b08S01\b|no connection to the server"
        r"|could not (send|receive) (query|data)|error code 0x(20|68|67|2745|2746)\b|\((20004|20006|20017)\)"
        r"|\[FreeTDS\].*unknown error",
    ),
    (Failure.CANCELLED, r"\bHY008\b|operation (was )?cancell?ed|due to user request"),
    (Failure.TIMEOUT, r"\bHYT0[01]\b|time-?out|timed out|\b57014\b|canceling statement|error code 0x(6e|274c)\b"),
)
_COMPILED = tuple((failure, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for failure, pattern in _PATTERNS)


def classify(state: str, message: str) -> Failure:
    """Return the failure meant by an ODBC state and the driver's message, whatever the driver.

    Examples:
        >>> classify("28000", "[FreeTDS][SQL Server]Login failed for user 'x'. (18456)").value
        'wrong_password'
        >>> classify("08001", 'FATAL:  database "NOPE" does not exist').value
        'unknown_base'
        >>> classify("01000", "[unixODBC][Driver Manager]Can't open lib 'X' : file not found").value
        'unknown_driver'
        >>> classify("08001", "SSL Provider: certificate verify failed:self-signed certificate").value
        'certificate'
        >>> classify("42000", "The SELECT permission was denied on the object 'F_COMPTET' (229)").value
        'missing_right'
        >>> classify("HYT00", "Login timeout expired").value
        'timeout'
        >>> classify("XX000", "something else").value
        'other'
    """
    text = f"{state} {message}"
    return next((failure for failure, pattern in _COMPILED if pattern.search(text)), Failure.OTHER)
