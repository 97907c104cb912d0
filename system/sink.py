"""A real SMTP server that a test can stop at a given point of a given message."""

import asyncio
import threading
import time
from collections import Counter

from aiosmtpd.smtp import SMTP


class Sink:
    """SMTP server on a free port of 127.0.0.1, in its own thread.

    ``hold_at("ehlo")`` leaves the next session unanswered, ``hold_at("data", n)`` the n-th message (from now on) once
    it was taken in charge; ``wait_until_held()`` returns the client's port when that point is reached; ``let_go()``
    answers. ``recipients`` counts the messages taken in charge by address; ``message_ids`` are those received.
    """

    def __init__(self):
        self.recipients = Counter()
        self.message_ids = []
        self.delay = 0
        self._held = threading.Event()
        self._hold, self._countdown = None, 0
        self._held_port = None
        self._loop = asyncio.new_event_loop()
        self._go = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _listen(self):
        return await self._loop.create_server(
            lambda: SMTP(self, hostname="sink.test", enable_SMTPUTF8=True, loop=self._loop), host="127.0.0.1", port=0
        )

    def stop(self):
        """Stop listening and forget everything."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # What a test asks

    def hold_at(self, point, number=1):
        """Stop at ``point`` the n-th time that it is reached from now on."""
        self._held.clear()
        self._loop.call_soon_threadsafe(self._go.clear)
        self._hold, self._countdown = point, number

    def wait_until_held(self, timeout=120):
        """Wait until the server is there; return the port of the client that it leaves unanswered."""
        assert self._held.wait(timeout), "the mail server was never reached"
        self._hold = None
        return self._held_port

    def let_go(self):
        """Answer."""
        self._loop.call_soon_threadsafe(self._go.set)

    def wait_for(self, number, timeout=120):
        """Wait until this many messages were taken in charge."""
        deadline = time.monotonic() + timeout
        while sum(self.recipients.values()) < number:
            assert time.monotonic() < deadline, f"only {sum(self.recipients.values())} messages came"
            time.sleep(0.02)

    @property
    def doubles(self):
        """Addresses that got more than one message."""
        return sorted(address for address, number in self.recipients.items() if number > 1)

    # What aiosmtpd calls

    async def _pass(self, point, session):
        if self._hold == point:
            self._countdown -= 1
            if not self._countdown:
                self._held_port = session.peer[1]
                self._held.set()
                await self._go.wait()

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):
        await self._pass("ehlo", session)
        session.host_name = hostname
        return responses

    async def handle_DATA(self, _server, session, envelope):
        if self.delay:
            await asyncio.sleep(self.delay)
        self.recipients.update(envelope.rcpt_tos)
        self.message_ids += [
            line.split(b":", 1)[1].strip().decode()
            for line in envelope.original_content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
            if line.lower().startswith(b"message-id:")
        ]
        await self._pass("data", session)
        return "250 taken"
