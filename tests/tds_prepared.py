"""Remote procedure calls (MS-TDS 2.2.6.6): how drivers send a statement that has parameters, prepared or not."""

from __future__ import annotations

import itertools
import re
import struct
from dataclasses import dataclass, field
from typing import Any

from pysqlbridge.tds.result import Integer

from .tds_types import Buffer, read_value

EXECUTE_SQL, PREPARE, EXECUTE, PREPARE_EXECUTE, UNPREPARE = 10, 11, 12, 13, 15
_IDS = {
    "sp_executesql": EXECUTE_SQL,
    "sp_prepare": PREPARE,
    "sp_execute": EXECUTE,
    "sp_prepexec": PREPARE_EXECUTE,
    "sp_unprepare": UNPREPARE,
}


@dataclass
class Call:
    """A statement to run (perhaps none), its parameters, and the handle to give back (perhaps none)."""

    text: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    handle: int | None = None
    unknown: str = ""


class Prepared:
    """The prepared statements of one session."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._known: dict[int, tuple[str, list[str]]] = {}

    def parse(self, payload: bytes) -> Call:
        """Return what a call asks for."""
        name, values = self._request(payload)
        known = _IDS.get(name, 0) if isinstance(name, str) else name
        if known == EXECUTE_SQL:
            text, declared, *rest = [*values, ("", "")][: max(len(values), 2)]
            return Call(text[1], self._named(self._names(declared[1]), rest))
        if known in (PREPARE, PREPARE_EXECUTE):
            handle = next(self._numbers)
            names = self._names(values[1][1])
            self._known[handle] = values[2][1], names
            if known == PREPARE:
                return Call(handle=handle)
            return Call(values[2][1], self._named(names, values[3:]), handle)
        if known == EXECUTE:
            text, names = self._known[values[0][1]]
            return Call(text, self._named(names, values[1:]))
        if known == UNPREPARE:
            self._known.pop(values[0][1], None)
            return Call()
        return Call(unknown=str(name))

    @staticmethod
    def _names(declaration: str | None) -> list[str]:
        """Return the names declared: ``@P1 int, @P2 nvarchar(4000)``."""
        return re.findall(r"@\w+", declaration or "")

    @staticmethod
    def _named(names: list[str], values: list[tuple[str, Any]]) -> dict[str, Any]:
        return {given or name: value for name, (given, value) in zip(names, values, strict=True)}

    @staticmethod
    def _request(payload: bytes) -> tuple[str | int, list[tuple[str, Any]]]:
        """Return the procedure (name or number) and its arguments as (name, value)."""
        buffer = Buffer(payload)
        buffer.take(buffer.number(4) - 4)  # ALL_HEADERS
        size = buffer.number(2)
        name = buffer.number(2) if size == 0xFFFF else buffer.take(size * 2).decode("utf-16-le").lower()
        buffer.take(2)
        values = []
        while buffer:
            label = buffer.take(buffer.number() * 2).decode("utf-16-le")
            buffer.take(1)
            values.append((label, read_value(buffer)))
        return name, values


def returned(handle: int | None) -> bytes:
    """Return the tokens that end a call: its status, then the handle of what it prepared."""
    status = b"\x79" + struct.pack("<i", 0)
    if handle is None:
        return status
    integer = Integer(4)
    return status + b"\xac\x00\x00\x00\x01" + struct.pack("<IH", 0, 0) + integer.type_info() + integer.encode(handle)
