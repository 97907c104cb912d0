"""FreeTDS's own habits: how it reads a connection string, and where it learns which certificates to trust.

Measured with FreeTDS 1.3: no keyword of a connection string makes it check a certificate. It does so only for a server
described in freetds.conf, named by ``Servername``, with a line ``ca file``.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = ("/etc/freetds/freetds.conf", "/etc/freetds.conf", "/usr/local/etc/freetds.conf")
_CLOSING = "};"


@dataclass(frozen=True, slots=True)
class Entry:
    """A server of freetds.conf."""

    name: str
    host: str
    port: int
    authorities: str  # ca file: a path, "system", or nothing


def escape(value: str) -> str:
    """Return a value for FreeTDS: in braces up to ``};``, nothing doubled; what it could never read is refused.

    Examples:
        >>> escape("p;w}d = 1"), escape("a}b"), escape("é€")
        ('{p;w}d = 1}', 'a}b', 'é€')
        >>> escape("a};b")
        Traceback (most recent call last):
        ...
        ValueError: };
    """
    if _CLOSING in value:
        raise ValueError(_CLOSING)
    if ";" in value or value.startswith("{") or value != value.strip():
        return "{" + value + "}"
    return value


def _files() -> Iterator[Path]:
    if name := os.environ.get("FREETDSCONF"):
        yield Path(name)
    if folder := os.environ.get("FREETDS"):
        yield Path(folder) / "etc/freetds.conf"
    yield Path("~/.freetds.conf").expanduser()
    yield from map(Path, _SYSTEM)


def entry(name: str) -> Entry | None:
    """Return what freetds.conf (the first one found) says of a server, None when it says nothing."""
    for path in _files():
        parser = configparser.RawConfigParser(strict=False, default_section="global", comment_prefixes=("#", ";"))
        try:
            # FreeTDS indents the lines of a section, which Python would take for the end of the one before.
            parser.read_string("\n".join(line.strip() for line in path.read_text("utf-8", "replace").splitlines()))
        except (OSError, configparser.Error):
            continue
        for section in parser.sections():
            if section.lower() == name.lower():
                values = parser[section]
                port = values.get("port", "0")
                return Entry(
                    section, values.get("host", ""), int(port) if port.isdigit() else 0, values.get("ca file", "")
                )
        return None
    return None
