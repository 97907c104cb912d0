from email import message_from_string, policy

import pytest

from lib.mail_reports import Failure, Receipt, get_failures, get_receipt, is_automatic, is_returned_in_prose


def read(text):
    return message_from_string(text, policy=policy.SMTP)


def status(*blocks, kind="delivery-status"):
    fields = "\n\n".join("\n".join(block) for block in blocks)
    return read(
        f'From: MAILER-DAEMON@mx.fr\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nSorry\n--b\nContent-Type: message/{kind}\n\n{fields}\n--b--\n"
    )


SERVER = ["Reporting-MTA: dns; mx.fr"]


def test_failed_and_delayed_recipients():
    """Only those given up for good have not received the message."""
    message = status(
        SERVER,
        ["Final-Recipient: rfc822; A@x.fr", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550  unknown"],
        ["Final-Recipient: rfc822; b@x.fr", "Action: delayed", "Status: 4.4.1"],
        ["Final-Recipient: rfc822; c@x.fr", "Action: relayed", "Status: 2.0.0"],
    )
    assert get_failures(message) == [Failure("a@x.fr", "5.1.1", "550 unknown")]


def test_address_that_was_written_to():
    """A forwarded mailbox bounces under another name; the one we wrote to is the original."""
    message = status(
        SERVER,
        ["Original-Recipient: rfc822; compta@x.fr", "Final-Recipient: rfc822; anne@gmail.com", "Action: failed"],
    )
    assert get_failures(message)[0].address == "compta@x.fr"


def test_no_report_at_all():
    message = read("From: anne@x.fr\nSubject: Re\n\nBonjour")
    assert get_failures(message) is None
    assert get_receipt(message) is None


@pytest.mark.parametrize(
    ("disposition", "displayed"),
    [
        ("manual-action/MDN-sent-manually; displayed", True),
        ("automatic-action/MDN-sent-automatically; displayed/warning", True),
        ("manual-action/MDN-sent-manually; deleted", False),
    ],
)
def test_receipts(disposition, displayed):
    message = status(["Original-Message-ID: <1@x>", f"Disposition: {disposition}"], kind="disposition-notification")
    assert get_receipt(message) == Receipt("<1@x>", displayed)


@pytest.mark.parametrize(
    ("headers", "returned"),
    [
        ("From: MAILER-DAEMON@mx.fr\n", True),
        ("From: Mail System <postmaster@mx.fr>\n", True),
        ("From: anne@x.fr\nAuto-Submitted: auto-replied\n", False),
        ("From: postmaster@mx.fr\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n", False),
    ],
)
def test_prose(headers, returned):
    assert is_returned_in_prose(read(headers + "\nSorry")) is returned


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: no", False),
        ("X-Autoreply: yes", True),
        ("Precedence: auto_reply", True),
        ("Subject: Re", False),
    ],
)
def test_absences(header, automatic):
    assert is_automatic(read(f"{header}\n\nBonjour")) is automatic
