"""Printed letters of twenty lines: one, 200 and 2,000 of them, from the records to one grouped PDF; e-mails with PDF.

Run in Odoo's shell (``env``) on the demo's company; ``pristine`` names an untouched copy of its database. wkhtmltopdf
is measured alone on the very files it was given: what it costs to print, and nothing else.
"""

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import letters_volume
from copies import administer, copy_of, undisturbed
from measure import cost, figure, note, peak_memory
from smtp import sink

from odoo.addons.account_receivable_followup.models.letter_printer import PrintJob
from odoo.addons.base.models import ir_actions_report as printing

RELEASE = "account_receivable_followup.ir_cron_followup_release"
LETTERS, MANY, MAILS, LINES = 200, 2_000, 200, 20


@contextmanager
def watched(folder):
    """The commands that the printer is given during the block; their files are kept in ``folder``."""
    commands = []
    start = PrintJob.start

    def keep(job):
        place = Path(tempfile.mkdtemp(dir=folder))
        kept = []
        for word in job.command[:-1]:
            path = Path(word)
            if path.suffix == ".html":
                shutil.copy(path, place)
                word = str(place / path.name)
            kept.append(word)
        commands.append([*kept, str(place / "out.pdf")])
        start(job)

    PrintJob.start = keep
    try:
        yield commands
    finally:
        PrintJob.start = start


def print_alone(commands):
    """Seconds that wkhtmltopdf takes for the same commands, called by nobody else."""
    program = printing._wkhtml().bin
    start = time.perf_counter()
    for arguments in commands:
        subprocess.run([program, *arguments], check=False, capture_output=True)
    return time.perf_counter() - start


def release(copy, reminders):
    """Release these reminders as the person in charge does; the scheduled action treats them, chunk by chunk."""
    reminders._release()
    copy.cr.commit()
    while copy["followup.release"]._count_waiting():
        copy.ref(RELEASE).method_direct_trigger()
        copy.cr.rollback()  # the action committed elsewhere: look again
        copy.invalidate_all()


def printed(copy, partners):
    """Cost of a run of letters to these customers, from its release to its one PDF."""
    run = letters_volume.prepare(copy, partners)
    letters = run.reminder_ids
    assert set(letters.mapped("channel")) == {"letter"} and len(letters) == len(partners), len(letters)
    assert set(letters.mapped("line_count")) == {LINES}
    copy.cr.commit()
    with cost() as spent:
        release(copy, letters)
        run._gather_letters()
        copy.cr.commit()
    assert set(letters.mapped("state")) == {"printed"}, letters.mapped("failure_reason")
    assert run.letters_attachment_id.raw.startswith(b"%PDF")
    assert len(set(letters.mapped("pdf_sha256"))) == len(letters)
    return spent


def mailed(copy, partners):
    """Cost of as many e-mails, each with its PDF."""
    run = letters_volume.prepare(copy, partners)
    emails = run.reminder_ids.filtered(lambda reminder: reminder.channel == "email")
    assert len(emails) == len(partners), len(emails)
    copy.cr.commit()
    with sink(copy) as folder:
        with cost() as spent:
            release(copy, emails)
        received = len(list(folder.glob("*.eml")))
    assert received == len(emails) and set(emails.mapped("state")) == {"sent"}, received
    assert all(emails.mapped("attachment_id"))
    return spent


undisturbed()
with copy_of(pristine, "letters") as copy, tempfile.TemporaryDirectory() as folder:
    with cost() as spent:
        partners = letters_volume.fill(copy, 2 + LETTERS + MANY + MAILS, LINES)
    note(f"{len(partners):,} customers with {LINES} due lines each made", spent.seconds, "s")
    administer("VACUUM ANALYZE", "letters")
    first, second, partners = partners[0], partners[1], partners[2:]
    printed(copy, first)  # styles, templates and the like are compiled
    single = printed(copy, second)
    with watched(folder) as commands:
        batch = printed(copy, partners[:LETTERS])
    alone = print_alone(commands)
    emails = partners[LETTERS : LETTERS + MAILS]
    letters_volume.make_due_by_email(copy, emails)
    sent = mailed(copy, emails)
    with peak_memory() as memory:
        many = printed(copy, partners[LETTERS + MAILS :])
note("calls of the printer", len(commands), "calls")
note("wkhtmltopdf alone, a letter", alone / LETTERS, "s")
note(f"{LETTERS} letters, queries each", batch.queries / LETTERS, "queries")
note(f"{MANY:,} letters, a letter", many.seconds / MANY, "s")
figure(f"{LETTERS} letters, time against wkhtmltopdf alone", batch.seconds / alone, "times", at_most=2.5)
figure(f"{LETTERS} letters, a letter", batch.seconds / LETTERS, "s", at_most=0.12)
figure("one letter", single.seconds, "s", at_most=1)
figure(f"{MAILS} e-mails with their PDF", MAILS / sent.seconds, "e-mails/s", at_least=8)
figure(f"{MANY:,} letters, growth of memory", memory.megabytes, "MB", at_most=300)
figure(
    f"{MANY // LETTERS} times the letters, time",
    many.seconds / batch.seconds,
    "times",
    at_most=1.2 * MANY / LETTERS,
)
