"""SQL Server's types on the wire (MS-TDS 2.2.5.4–2.2.5.5): columns sent to a client, parameters received from it.

What ``pysqlbridge`` lacks and a Sage 100 base is made of: NUMERIC, VARCHAR and CHAR in code page 1252, SMALLDATETIME;
and the parameters that pyodbc really sends: DECIMAL, DATE, TIME, DATETIME2.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pysqlbridge.tds.result import ColumnType

# French_CI_AS: language 0x040C, case, kana and width ignored.
FRENCH = bytes.fromhex("0c04d00000")
CODE_PAGE = "cp1252"
EPOCH = dt.date(1900, 1, 1)
_NULL_TEXT = b"\xff\xff"


@dataclass(frozen=True)
class Numeric(ColumnType):
    """NUMERICN: a sign, then the unscaled integer, its size given by the precision."""

    precision: int = 24
    scale: int = 6

    @property
    def size(self) -> int:
        """Number of bytes of a value, its sign included."""
        return next(size for limit, size in ((9, 5), (19, 9), (28, 13), (38, 17)) if self.precision <= limit)

    def type_info(self) -> bytes:
        return bytes([0x6C, self.size, self.precision, self.scale])

    def encode(self, value: object) -> bytes:
        if value is None:
            return b"\x00"
        number = int(Decimal(str(value)).scaleb(self.scale).to_integral_value())
        body = abs(number).to_bytes(self.size - 1, "little")
        return bytes([self.size, 1 if number >= 0 else 0]) + body


@dataclass(frozen=True)
class VarChar(ColumnType):
    """BIGVARCHAR in the code page of the collation; what the page lacks becomes a question mark."""

    size: int = 8000

    def type_info(self) -> bytes:
        return b"\xa7" + struct.pack("<H", self.size) + FRENCH

    def encode(self, value: object) -> bytes:
        if value is None:
            return _NULL_TEXT
        raw = str(value).encode(CODE_PAGE, "replace")
        return struct.pack("<H", len(raw)) + raw


@dataclass(frozen=True)
class Char(VarChar):
    """BIGCHAR: as long as declared, padded with blanks."""

    def type_info(self) -> bytes:
        return b"\xaf" + struct.pack("<H", self.size) + FRENCH

    def encode(self, value: object) -> bytes:
        return super().encode(None if value is None else str(value).ljust(self.size))


@dataclass(frozen=True)
class SmallDateTime(ColumnType):
    """DATETIMN of four bytes: days since 1900, minutes of the day."""

    def type_info(self) -> bytes:
        return b"\x6f\x04"

    def encode(self, value: object) -> bytes:
        if value is None:
            return b"\x00"
        moment = dt.datetime.fromisoformat(str(value))
        return b"\x04" + struct.pack("<HH", (moment.date() - EPOCH).days, moment.hour * 60 + moment.minute)


def to_the_minute(moment: dt.datetime) -> dt.datetime:
    """Return what a SMALLDATETIME keeps: the nearest minute, which may lie ahead."""
    return (moment + dt.timedelta(seconds=30)).replace(second=0, microsecond=0)


# Parameters


class Buffer:
    """Bytes read from left to right."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def take(self, size: int) -> bytes:
        """Return the next bytes; fewer than asked for is a broken request."""
        found = self.data[self.at : self.at + size]
        if len(found) != size:
            raise ValueError("request cut short")
        self.at += size
        return found

    def number(self, size: int = 1) -> int:
        """Return the next unsigned integer, little-endian."""
        return int.from_bytes(self.take(size), "little")

    def chunks(self) -> bytes | None:
        """Return a value sent in chunks (the MAX types), None for NULL."""
        if self.number(8) == 0xFFFFFFFFFFFFFFFF:
            return None
        found = bytearray()
        while size := self.number(4):
            found += self.take(size)
        return bytes(found)


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=len(raw) > 1)


def _float(raw: bytes) -> float:
    return struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0]


def _datetime(raw: bytes) -> dt.datetime:
    if len(raw) == 4:
        days, minutes = struct.unpack("<HH", raw)
        return dt.datetime.combine(EPOCH, dt.time()) + dt.timedelta(days=days, minutes=minutes)
    days, ticks = struct.unpack("<iI", raw)
    return dt.datetime.combine(EPOCH, dt.time()) + dt.timedelta(days=days, milliseconds=round(ticks * 10 / 3))


def _date(raw: bytes) -> dt.date:
    return dt.date(1, 1, 1) + dt.timedelta(days=_unsigned(raw))


def _unsigned(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _time(raw: bytes, scale: int) -> dt.timedelta:
    return dt.timedelta(microseconds=_unsigned(raw) * 10**6 // 10**scale)


def _datetime2(raw: bytes, scale: int) -> dt.datetime:
    return dt.datetime.combine(_date(raw[-3:]), dt.time()) + _time(raw[:-3], scale)


def _decimal(raw: bytes, scale: int) -> Decimal:
    number = Decimal(_unsigned(raw[1:])).scaleb(-scale)
    return number if raw[0] else -number


_FIXED: dict[int, tuple[int, Callable[[bytes], Any]]] = {
    0x1F: (0, lambda raw: None),
    0x30: (1, _unsigned),
    0x32: (1, lambda raw: bool(raw[0])),
    0x34: (2, _integer),
    0x38: (4, _integer),
    0x3A: (4, _datetime),
    0x3D: (8, _datetime),
    0x3E: (8, _float),
    0x7F: (8, _integer),
}
_SIZED: dict[int, Callable[[bytes], Any]] = {
    0x24: bytes,
    0x26: _integer,
    0x68: lambda raw: bool(raw[0]),
    0x6D: _float,
    0x6F: _datetime,
}
_TEXTS = {0xA7: CODE_PAGE, 0xAF: CODE_PAGE, 0xE7: "utf-16-le", 0xEF: "utf-16-le"}
_BINARIES = (0xA5, 0xAD)
_LONG = {0x23: CODE_PAGE, 0x63: "utf-16-le", 0x22: None}


def _sized(buffer: Buffer, decode: Callable[..., Any], *details: int) -> Any:
    """Read a value preceded by its size in one byte; none means NULL."""
    size = buffer.number()
    return decode(buffer.take(size), *details) if size else None


def _text(buffer: Buffer, encoding: str | None) -> Any:
    """Read a text or binary value: a declared size, perhaps a collation, then its size in two bytes, or chunks."""
    declared = buffer.number(2)
    if encoding:
        buffer.take(5)
    if declared == 0xFFFF:
        raw = buffer.chunks()
    else:
        size = buffer.number(2)
        raw = None if size == 0xFFFF else buffer.take(size)
    return raw.decode(encoding) if raw is not None and encoding else raw


def _long(buffer: Buffer, encoding: str | None) -> Any:
    """Read a TEXT, NTEXT or IMAGE parameter."""
    buffer.take(4)
    if encoding:
        buffer.take(5)
    size = buffer.number(4)
    raw = None if size == 0xFFFFFFFF else buffer.take(size)
    return raw.decode(encoding) if raw is not None and encoding else raw


def read_value(buffer: Buffer) -> Any:
    """Return one parameter's value, as Python sees it; its type stands before it."""
    kind = buffer.number()
    if kind in _FIXED:
        size, decode = _FIXED[kind]
        return decode(buffer.take(size))
    if kind in _SIZED:
        buffer.take(1)
        return _sized(buffer, _SIZED[kind])
    if kind in (0x6A, 0x6C):  # DECIMALN, NUMERICN
        _size, _precision, scale = buffer.take(3)
        return _sized(buffer, _decimal, scale)
    if kind == 0x28:  # DATEN
        return _sized(buffer, _date)
    if kind in (0x29, 0x2A):  # TIMEN, DATETIME2N
        scale = buffer.number()
        return _sized(buffer, _datetime2 if kind == 0x2A else _time, scale)
    if kind in _TEXTS or kind in _BINARIES:
        return _text(buffer, _TEXTS.get(kind))
    if kind in _LONG:
        return _long(buffer, _LONG[kind])
    raise ValueError(f"parameter of type 0x{kind:02x}")
