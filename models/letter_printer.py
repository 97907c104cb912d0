"""Pages handed to wkhtmltopdf, which prints them while Odoo makes the next ones. Plain Python."""

import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from odoo.addons.base.models.ir_actions_report import _wkhtml


class PrinterError(Exception):
    """The printer gave no PDF; the text is what it said."""


class UnpatchedPrinterError(PrinterError):
    """This wkhtmltopdf was not built with its own version of Qt: it prints one document at a time."""


class PrintJob:
    """Files of some pages, and the printer that works on them."""

    def __init__(self, folder, arguments, bodies, header=None, footer=None):
        """Write the pages in `folder`, which is the job's own.

        :param arguments: those of wkhtmltopdf, but for the files
        :param bodies: HTML of the documents; `header` and `footer`: HTML of what each page repeats
        """
        self._folder = Path(folder)
        self._process = None
        #: How many documents there are.
        self.count = len(bodies)
        #: Arguments of wkhtmltopdf, the last one being the PDF.
        self.command = list(arguments)
        for name, page in (("header", header), ("footer", footer)):
            if page:
                self.command += [f"--{name}-html", self._write(name, page)]
        self.command += [self._write(f"body{number}", body) for number, body in enumerate(bodies)]
        self.command.append(str(self._folder / "printed.pdf"))

    def _write(self, name, page):
        path = self._folder / f"{name}.html"
        path.write_text(page, "utf-8")
        return str(path)

    def start(self):
        """Have the pages printed, without waiting."""
        with (self._folder / "said.txt").open("wb") as said:
            self._process = subprocess.Popen([_wkhtml().bin, *self.command], stdout=subprocess.DEVNULL, stderr=said)

    def result(self):
        """Wait for the PDF (bytes).

        :raise PrinterError: when there is none
        """
        code = self._process.wait()
        printed = self._folder / "printed.pdf"
        # 1: something was missing or odd, and the PDF is there all the same.
        if code == 1 and self.count > 1 and not _wkhtml().is_patched_qt:
            raise UnpatchedPrinterError
        if code not in (0, 1) or not printed.exists():
            said = (self._folder / "said.txt").read_text("utf-8", "replace").strip()
            raise PrinterError(f"wkhtmltopdf {code}: {said[-1000:]}")
        return printed.read_bytes()

    def stop(self):
        """Leave no printer behind."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def print_job(*arguments, **pages):
    """A started `PrintJob`; its files go with the block."""
    with TemporaryDirectory(prefix="followup.print.") as folder:
        job = PrintJob(folder, *arguments, **pages)
        try:
            job.start()
            yield job
        finally:
            job.stop()
