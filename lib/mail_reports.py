"""What comes back about an e-mail: refusals, delivery reports (RFC 3464), read receipts (RFC 8098), absences."""

import ast
import re
from email.message import Message
from email.utils import getaddresses
from typing import NamedTuple

#: An exception of `smtplib` as Odoo writes it down: its name, then its arguments.
_SMTP_ERROR = re.compile(r"SMTP\w*(?:Refused|Error|Exception): (?P<arguments>[({].*[)}])", re.DOTALL)


class Failure(NamedTuple):
    """One recipient whom a message did not reach, and what its server said."""

    address: str
    status: str
    text: str


class Receipt(NamedTuple):
    """A read receipt: the Message-ID of the e-mail, and whether it was displayed."""

    message_id: str
    displayed: bool


def read_smtp_error(text: str) -> str:
    """What the mail server said, out of an exception written down; `text` itself when it holds none.

    Examples:
        >>> read_smtp_error("Mail Delivery Failed\\nSMTPRecipientsRefused: {'a@x.fr': (550, b'5.1.1 Unknown')}")
        'a@x.fr: 550 5.1.1 Unknown'
        >>> read_smtp_error("SMTPDataError: (554, b'5.7.1 Looks like spam')")
        '554 5.7.1 Looks like spam'
        >>> read_smtp_error("Connection refused")
        'Connection refused'
    """
    found = _SMTP_ERROR.search(text or "")
    try:
        arguments = ast.literal_eval(found["arguments"]) if found else None
    except (ValueError, SyntaxError):
        arguments = None
    if isinstance(arguments, dict):
        return " ".join(f"{address}: {_answer(answer)}" for address, answer in arguments.items())
    return _answer(arguments) if arguments else text


def _answer(answer: tuple) -> str:
    """A code and a text of SMTP, on one line."""
    words = (part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in answer[:2])
    return " ".join(" ".join(words).split())


def _blocks(message: Message, kind: str) -> list[Message]:
    """Header blocks of the part `message/<kind>` of a report; none when there is no such part."""
    for part in message.walk():
        if part.get_content_type() == f"message/{kind}":
            payload = part.get_payload()
            return list(payload) if isinstance(payload, list) else []
    return []


def _address(field: str | None) -> str:
    """The address of a field `rfc822; compta@leroy.fr`, lower-case; "" when there is none."""
    _kind, _separator, value = str(field or "").rpartition(";")
    return getaddresses([value.strip()])[0][1].lower() if value.strip() else ""


def get_failures(message: Message) -> list[Failure] | None:
    """Recipients whom the message reported on will never reach; None when `message` has no delivery status.

    A report of delay (`Action: delayed`) or of success fails nobody: the message is still on its way, or there.
    """
    blocks = _blocks(message, "delivery-status")
    if not blocks:
        return None
    failures = []
    for block in blocks:
        if str(block.get("Action", "")).strip().lower() == "failed":
            address = _address(block.get("Original-Recipient")) or _address(block.get("Final-Recipient"))
            _kind, _separator, text = str(block.get("Diagnostic-Code", "")).partition(";")
            failures.append(Failure(address, str(block.get("Status", "")).strip(), " ".join(text.split())))
    return failures


def get_receipt(message: Message) -> Receipt | None:
    """What this read receipt says; None when `message` is none.

    `deleted` means that the message was thrown away unread (RFC 8098 §3.2.6.2).
    """
    for block in _blocks(message, "disposition-notification"):
        _mode, _separator, disposition = str(block.get("Disposition", "")).partition(";")
        displayed = disposition.strip().lower().split("/")[0] == "displayed"
        return Receipt(str(block.get("Original-Message-ID", "")).strip(), displayed)
    return None


def is_returned_in_prose(message: Message) -> bool:
    """Whether an old mail server tells, in words of its own, that a message could not be delivered.

    Absences come to the same address (RFC 3834 §4) and are none; neither are other reports, like complaints.
    """
    if message.get_content_type() == "multipart/report" and _kind(message) != "delivery-status":
        return False
    address = getaddresses([str(message.get("From", ""))])[0][1]
    return address.partition("@")[0].lower() in {"mailer-daemon", "postmaster"}


def _kind(message: Message) -> str:
    return str(message.get_param("report-type") or "delivery-status").lower()


def is_automatic(message: Message) -> bool:
    """Whether a program wrote this message (absence, ticket opened…): nobody read what it answers (RFC 3834 §5)."""
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    return (
        not submitted.startswith("no")
        or "X-Autoreply" in message
        or "X-Autorespond" in message
        or str(message.get("Precedence", "")).strip().lower() in {"auto_reply", "bulk", "junk"}
    )
