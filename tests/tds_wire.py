"""The wire of the SQL Server stand-in: packets, TLS inside TDS, answers sent while they are made."""

from __future__ import annotations

import contextlib
import functools
import select
import socket
import struct

from pysqlbridge.certificate import Certificate, self_signed, server_context
from pysqlbridge.tds.packet import Message, PacketStatus, PacketType, build_packet, reassemble
from pysqlbridge.tds.tls import TlsError, TlsTunnel, wrap_handshake

BODY = 4096 - 8
DONE, DONE_PROC, DONE_IN_PROC = 0xFD, 0xFE, 0xFF


class Cut(Exception):
    """The link goes down now."""


@functools.cache
def certificate() -> Certificate:
    """Return the stand-in's own certificate: nobody vouches for it."""
    return self_signed("localhost")


class Wire:
    """Messages over one socket, in clear or through TLS."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.tunnel: TlsTunnel | None = None
        self._buffer = bytearray()

    def receive(self) -> Message | None:
        """Return the next message, None when the client has gone."""
        while (message := reassemble(bytes(self._buffer))) is None:
            data = self.link.recv(65536)
            if not data:
                return None
            self._buffer += self.tunnel.unwrap(data) if self.tunnel else data
        del self._buffer[: message.consumed]
        return message

    def send(self, data: bytes) -> None:
        """Send packets."""
        self.link.sendall(self.tunnel.wrap(data) if self.tunnel else data)

    def waiting(self, seconds: float = 0) -> bool:
        """Return whether the client has said something more (a cancellation, or good-bye)."""
        return bool(self._buffer) or bool(select.select([self.link], [], [], seconds)[0])

    def secure(self) -> TlsTunnel:
        """Do the TLS handshake, whose records travel inside TDS packets."""
        tunnel = TlsTunnel(server_context(certificate()))
        while not tunnel.handshake_complete:
            message = self.receive()
            if message is None:
                raise TlsError("the client has gone")
            for packet in wrap_handshake(tunnel.advance_handshake(message.payload)):
                self.link.sendall(packet)
        return tunnel

    def cut(self) -> None:
        """Break the link, with no good-bye."""
        with contextlib.suppress(OSError):
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Response:
    """One answer, sent packet by packet while it is made."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.cancelled = False
        self._pending = bytearray()
        self._number = 0

    def add(self, tokens: bytes) -> None:
        """Add tokens; full packets leave."""
        self._pending += tokens
        while len(self._pending) > BODY:
            self._packet(bytes(self._pending[:BODY]), PacketStatus.NORMAL)
            del self._pending[:BODY]
            self.cancelled = self.cancelled or self.wire.waiting()

    def flush(self) -> None:
        """Send what there is, without ending the answer."""
        if self._pending:
            self._packet(bytes(self._pending), PacketStatus.NORMAL)
            self._pending.clear()

    def end(self) -> None:
        """Send the last packet."""
        self._packet(bytes(self._pending), PacketStatus.END_OF_MESSAGE)

    def _packet(self, body: bytes, status: PacketStatus) -> None:
        self._number += 1
        self.wire.send(
            build_packet(PacketType.TABULAR_RESULT, body, status=status, spid=51, packet_id=self._number % 256)
        )


def done(kind: int, status: int = 0, command: int = 0, count: int = 0) -> bytes:
    """Return the token that ends a statement or a call."""
    return struct.pack("<BHHQ", kind, status, command, count)
