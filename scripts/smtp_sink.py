"""A local SMTP server that keeps each message as a readable ``.eml`` file.

Run with the virtual environment's interpreter:
``python -m scripts.smtp_sink PORT FOLDER``.
"""

import asyncio
import re
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Writes ``<number>_<recipient>.eml`` for each message received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the message; called by aiosmtpd."""
        self.count += 1
        recipient = re.sub(r"[^\w.@-]", "_", ",".join(envelope.rcpt_tos))[:80]
        content = envelope.original_content or b""
        target = self.folder / f"{self.count:04}_{recipient}.eml"
        target.write_bytes(content)
        return "250 kept"


async def serve(port: int, folder: Path) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    sink = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="localhost", enable_SMTPUTF8=True),
        host="127.0.0.1",
        port=port,
    )
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with server:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
