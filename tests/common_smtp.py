"""A real SMTP server for tests: it accepts, refuses, delays and drops; reports come back."""

import asyncio
import logging
import threading
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime, make_msgid
from typing import NamedTuple
from unittest.mock import patch

from aiosmtpd.smtp import SMTP

from odoo import fields

from odoo.addons.base.models.ir_mail_server import IrMail_Server

# Every word of every session: nobody reads it.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Received(NamedTuple):
    """One message that the sink has taken in charge."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    def text(self, kind="plain"):
        """The readable part of the message, "plain" or "html"."""
        return self.message.get_body(preferencelist=(kind,)).get_content()

    def attachments(self):
        """{file name: bytes} of what goes with the message."""
        return {part.get_filename(): part.get_content() for part in self.message.iter_attachments()}


class SmtpSink:
    """SMTP server on a free port of 127.0.0.1, in its own thread.

    Each behaviour is set by recipient address; "*" stands for every address:
    ``sink.refuse("a@x.fr", 550)`` at RCPT, ``sink.refuse_data("a@x.fr", 554)`` at the end of the
    message, ``sink.refuse_sender(553)`` at MAIL, ``sink.drop("a@x.fr")`` cuts the connection before
    the message is taken, ``sink.drop_after("a@x.fr")`` once it was taken but before saying so, ``sink.delay = 0.2`` (s)
    waits before each answer to a message. `received` is what was taken in charge, in order.
    """

    def __init__(self):
        self.received = []
        self.connections = 0
        self.delay = 0
        self.forget_rules()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def forget_rules(self):
        """Behave again like a server that accepts everything."""
        self._refused, self._refused_data, self._dropped, self._dropped_after = {}, {}, set(), set()
        self._refused_sender = None
        self.delay = 0

    def refuse_sender(self, code=553, text="5.7.1 Sender address rejected"):
        self._refused_sender = f"{code} {text}"

    def refuse(self, address, code=550, text="5.1.1 No such user here"):
        self._refused[address] = f"{code} {text}"

    def refuse_data(self, address, code=554, text="5.7.1 Message refused"):
        self._refused_data[address] = f"{code} {text}"

    def drop(self, address):
        self._dropped.add(address)

    def drop_after(self, address):
        self._dropped_after.add(address)

    # Life

    def start(self):
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self):
        """Stop listening: whoever connects from now on is refused."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self):
        return await self._loop.create_server(
            lambda: SMTP(self, hostname="sink.test", enable_SMTPUTF8=True, loop=self._loop), host="127.0.0.1", port=0
        )

    # What aiosmtpd calls

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if self._refused_sender:
            return self._refused_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        refusal = self._refused.get(address) or self._refused.get("*")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        if self.delay:
            await asyncio.sleep(self.delay)
        recipients = {*envelope.rcpt_tos, "*"}
        if recipients & self._dropped:
            server.transport.abort()
            return "421 dropped"
        refusal = next((text for address, text in self._refused_data.items() if address in recipients), None)
        if refusal:
            return refusal
        self.received.append(
            Received(
                envelope.mail_from,
                tuple(envelope.rcpt_tos),
                message_from_bytes(envelope.original_content, policy=policy.SMTP),
            )
        )
        if recipients & self._dropped_after:
            server.transport.abort()
            return "421 dropped"
        return "250 2.0.0 taken"

    # What tests ask

    def to(self, address):
        """Messages taken in charge for `address`."""
        return [received for received in self.received if address in received.recipients]


class SmtpMixin:
    """Tests whose e-mails really go through SMTP, to `self.sink`."""

    def setUp(self):
        super().setUp()
        self.sink = SmtpSink().start()
        self.addCleanup(self.sink.stop)
        self.env["ir.mail_server"].sudo().search([]).active = False
        self.mail_server = (
            self.env["ir.mail_server"]
            .sudo()
            .create({"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": self.sink.port, "smtp_encryption": "none"})
        )
        self.mails_really_leave()

    def mails_really_leave(self):
        """Odoo sends nothing during tests; here it does, to the sink."""
        stack = ExitStack()
        stack.enter_context(patch.object(IrMail_Server, "_disable_send", classmethod(lambda cls: False)))
        self.addCleanup(stack.close)


def _report(kind, original, recipient, to, subject, text, fields_of_report):
    """multipart/report (RFC 6522) about `original`, an EmailMessage."""
    report = EmailMessage(policy=policy.SMTP)
    report["From"] = "Mail Delivery System <MAILER-DAEMON@mx.test>" if kind == "delivery-status" else recipient
    report["To"] = to
    report["Subject"] = subject
    report["Date"] = format_datetime(fields.Datetime.now())
    report["Message-ID"] = make_msgid(domain="mx.test")
    report["Auto-Submitted"] = "auto-replied"
    report.set_content(text)
    report.make_mixed()
    status = MIMEPart(policy=policy.SMTP)
    status["Content-Type"] = f"message/{kind}"
    status.set_payload([_header_block(block) for block in fields_of_report])
    report.attach(status)
    headers = MIMEPart(policy=policy.SMTP)
    headers["Content-Type"] = "text/rfc822-headers; charset=utf-8"
    headers.set_payload(original.as_bytes().split(b"\r\n\r\n", 1)[0].decode() + "\r\n")
    report.attach(headers)
    report.replace_header("Content-Type", f'multipart/report; report-type={kind}; boundary="{_boundary(report)}"')
    return report.as_bytes()


def _header_block(values):
    block = EmailMessage(policy=policy.SMTP)
    for name, value in values.items():
        block[name] = value
    return block


def _boundary(report):
    report.as_bytes()  # the boundary is chosen when the message is written
    return report.get_boundary()


def delivery_failure(received, address, to=None, status="5.1.1", text="550 5.1.1 User unknown"):
    """The delivery status notification (RFC 3464), as bytes, that a mail server sends back
    about a message it had accepted, for one of its recipients."""
    return _report(
        "delivery-status",
        received.message,
        address,
        to or received.sender,
        "Undelivered Mail Returned to Sender",
        f"I'm sorry to have to inform you that your message could not be delivered to <{address}>: {text}",
        [
            {"Reporting-MTA": "dns; mx.test", "Arrival-Date": format_datetime(fields.Datetime.now())},
            {
                "Final-Recipient": f"rfc822; {address}",
                "Action": "failed" if status.startswith("5") else "delayed",
                "Status": status,
                "Diagnostic-Code": f"smtp; {text}",
            },
        ],
    )


def read_receipt(received, address, to=None, disposition="displayed"):
    """The message disposition notification (RFC 8098), as bytes, of a recipient who accepted
    to tell that the message was displayed."""
    return _report(
        "disposition-notification",
        received.message,
        address,
        to or received.message["Disposition-Notification-To"],
        f"Read: {received.message['Subject']}",
        "Your message was displayed.",
        [
            {
                "Reporting-UA": "desk.test; Mailer",
                "Final-Recipient": f"rfc822; {address}",
                "Original-Message-ID": received.message["Message-Id"],
                "Disposition": f"manual-action/MDN-sent-manually; {disposition}",
            }
        ],
    )
