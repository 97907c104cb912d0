import base64
import os
import re
from pathlib import Path
from unittest.mock import patch

from odoo.tests.common import ChromeBrowser, HttpCase

from odoo.addons.base.models.ir_actions_report import IrActionsReport

PICTURE = re.compile(r"picture:(\w+)")


class BrowserCase(HttpCase):
    """Tours in Chromium that keep pictures of the screens they cross, with real PDFs."""

    def setUp(self):
        super().setUp()
        self._keep_pictures()
        self._print_real_pdfs()

    def _keep_pictures(self):
        """A tour that logs `picture:<name>` has its screen kept as <name>.png."""
        folder = os.environ.get("FOLLOWUP_SCREENSHOTS")
        handle_console = ChromeBrowser._handle_console

        def handle(browser, args=None, **kwargs):
            text = str(args[0].get("value", "")) if args else ""
            found = PICTURE.match(text)
            if not found:
                return handle_console(browser, args=args, **kwargs)
            if folder:
                future = browser._websocket_send(
                    "Page.captureScreenshot", with_future=True
                )
                target = Path(folder) / f"{self._picture_prefix()}{found[1]}.png"
                future.add_done_callback(lambda done: self._save(target, done))

        self._patch(ChromeBrowser, "_handle_console", handle)

    def _picture_prefix(self):
        return "mobile_" if self.browser_size.startswith("375") else ""

    @staticmethod
    def _save(target, done):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(done.result()["data"]))

    def _print_real_pdfs(self):
        """Odoo yields HTML instead of a PDF in tests unless the context says so."""
        render = IrActionsReport._pre_render_qweb_pdf

        def render_pdf(report, *args, **kwargs):
            forced = report.with_context(force_report_rendering=True)
            return render(forced, *args, **kwargs)

        self._patch(IrActionsReport, "_pre_render_qweb_pdf", render_pdf)

    def _patch(self, owner, name, value):
        patcher = patch.object(owner, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)
