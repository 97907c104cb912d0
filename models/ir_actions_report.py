import base64
import logging
import mimetypes
import os
import re
from functools import cache
from pathlib import Path

import lxml.html
from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import file_open, file_path
from odoo.tools.lru import LRU

from ..lib.letter_css import keep_used, parse_css, used_names
from .letter_printer import PrinterError, UnpatchedPrinterError, print_job

_logger = logging.getLogger(__name__)

#: The reports that are printed without a call to Odoo's own server: all those of this add-on.
PREFIX = "account_receivable_followup."
BUNDLES = ("web.report_assets_pdf", "web.report_assets_common")
FONTS = "web/static/fonts"
#: Layout is done in whole pixels: at this scale they are 1/144 inch, fine enough for even lines. The page, 210 mm wide
#: in the style sheet and never wider, is then fitted to the paper: a millimetre of the style sheet is one on paper.
ZOOM = "1.5"
#: A sheet of A4 in pixels of 1/96 inch: the width that scripts see before the pages are laid out.
VIEWPORT = "794x1123"

#: What our page and its script add to the documents.
PAGE = (
    '<body class="o_body_pdf o_followup_paper o_css_margins container"><div id="followup_parts">'
    '<div class="o_followup_next_page"><table><tr class="o_followup_carried"><td></td></tr></table></div></div></body>'
)

#: Compiled style sheets, by database, bundle and version: several hundred kilobytes each, always the same.
_style_sheets = LRU(8)

_CLASS = "//div[contains(concat(' ', normalize-space(@class), ' '), ' %s ')]"
_URL = re.compile(r"url\(\s*[\"']?(?!data:)([^\"')]+)[\"']?\s*\)")
_STATIC = re.compile(r"^/(\w+/static/[^?#]+)")
_ATTACHMENT = re.compile(r"^/web/(?:image|content)/(\d+)(?![.\w])")


class IrActionsReport(models.Model):
    """Our PDFs hold all they need: styles, fonts and images are read from this machine, never asked of a server.

    Odoo's own way has the printer ask the server for style sheets, fonts and images, for the body, header and footer of
    each page: it waits for a free worker, stalls when they all print, and gives bare pages when nobody answers.
    """

    _inherit = "ir.actions.report"

    def _is_self_contained(self):
        return len(self) == 1 and (self.report_name or "").startswith(PREFIX)

    def _prepare_html(self, html, report_model=False):
        """Cut the page into (bodies, ids of their records, header, footer, paper arguments), as Odoo does."""
        if not self._is_self_contained():
            return super()._prepare_html(html, report_model=report_model)
        root = lxml.html.fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
        self._bring_images(root)
        headers = self._take_parts(root, "header")
        footers = self._take_parts(root, "footer")
        articles = root.xpath(_CLASS % "article")
        bodies = [lxml.html.tostring(article, encoding="unicode") for article in articles]
        css = self._get_print_css(*bodies, *headers[0], *footers[0])
        ids = [
            int(article.get("data-oe-id") or 0) if article.get("data-oe-model") == report_model else None
            for article in articles
        ]
        langs = [article.get("data-oe-lang") or self.env.lang for article in articles]
        pages = [self._render_page(body, css, lang) for body, lang in zip(bodies, langs, strict=True)]
        arguments = {name: value for name, value in root.items() if name.startswith("data-report-")}
        return pages, ids, self._render_parts(headers, css), self._render_parts(footers, css), arguments

    def _take_parts(self, root, kind):
        """(the different headers or footers, as HTML; which of them each document has).

        The printer reads them all again for each page: those of one company are the same but for the language.
        """
        parts, which = {}, []
        for node in root.xpath(_CLASS % kind):
            tail, node.tail = node.tail, None
            part = lxml.html.tostring(node, encoding="unicode")
            node.tail = tail
            which.append(parts.setdefault(part, len(parts)))
            node.drop_tree()
        return list(parts), which

    def _render_page(self, body, css, lang):
        """One document, ready for the printer."""
        return self._render_print_template("followup_printed_page", css, lang, body=Markup(body))

    def _render_parts(self, parts, css):
        """All headers (or footers), with the script that leaves the one of the page that is printed."""
        bodies, which = parts
        return self._render_print_template(
            "followup_printed_parts", css, self.env.lang, parts=[Markup(body) for body in bodies], which=which
        )

    def _render_print_template(self, name, css, lang, **values):
        return self.env["ir.qweb"]._render(
            PREFIX + name,
            {
                "css": Markup(css),
                "css_margins": self.get_paperformat().css_margins,
                "lang": (lang or "en").replace("_", "-"),
                "direction": self.env["res.lang"]._get_data(code=lang or "en_US").direction or "ltr",
                "script": Markup(_read_static("static/src/letters/letter_pages.js")),
                **values,
            },
        )

    # Styles

    def _get_print_css(self, *documents):
        """What these documents need of the reports' style sheets, the company's own look included."""
        names = used_names(*documents) | used_names(PAGE)
        css = "\n".join(keep_used(parse_css(self._get_bundle_css(bundle)), names) for bundle in BUNDLES)
        return _URL.sub(lambda match: "url(%s)" % (_local_url(match.group(1)) or "data:,"), css)

    def _get_bundle_css(self, bundle):
        """The style sheet of a bundle of assets; Odoo compiles and keeps it when it is not there yet."""
        assets = self.env["ir.qweb"].sudo()._get_asset_bundle(bundle, css=True, js=False, autoprefix=True)
        if not assets.stylesheets:
            return ""
        key = self.env.cr.dbname, bundle, assets.get_checksum("css")
        if key not in _style_sheets:
            _style_sheets[key] = (assets.css().raw or b"").decode()
        return _style_sheets[key]

    # Images

    def _bring_images(self, root):
        """Put the images in the page itself; one that only a server could give is left out, its text stays."""
        for image in root.xpath("//img[not(starts-with(@src, 'data:'))]"):
            data = self._get_image_data(image.get("src") or "")
            if data:
                image.set("src", data)
            else:
                image.tag, image.text = "span", image.get("alt")
                image.attrib.pop("src", None)
        for node in root.xpath("//*[contains(@style, 'url(')]"):
            style = _URL.sub(lambda match: "url(%s)" % (_static_data(match.group(1)) or "data:,"), node.get("style"))
            node.set("style", style)

    def _get_image_data(self, source):
        """A data URI of an image of an add-on, or of one that Odoo's editor put in a text; else None.

        Of the attachments only those: a text must not be a way to print what its author may not read.
        """
        found = _ATTACHMENT.match(source)
        if not found:
            return _static_data(source)
        attachment = self.env["ir.attachment"].sudo().browse(int(found.group(1))).exists()
        allowed = attachment.public or attachment.res_model in ("mail.template", "followup.reminder")
        if allowed and (attachment.mimetype or "").startswith("image/") and attachment.raw:
            return _data_uri(attachment.raw, attachment.mimetype)
        return None

    # The printer

    def _run_wkhtmltopdf(self, bodies, report_ref=False, **options):
        """As Odoo's, but for the session that it makes for the printer: ours asks nothing of the server."""
        report = self._get_report(report_ref) if report_ref else self
        if not report._is_self_contained():
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **options)
        header, footer = options.pop("header", None), options.pop("footer", None)
        with print_job(report._get_print_arguments(**options), bodies, header=header, footer=footer) as job:
            return self._get_printed(job)

    def _get_print_arguments(self, landscape=False, **options):
        """Arguments of wkhtmltopdf for this report, but for the files."""
        report = self.with_context(followup_self_contained=True)
        return report._build_wkhtmltopdf_args(self.get_paperformat(), landscape, **options)

    def _get_printed(self, job):
        """The PDF (bytes) of a job, or a clear error."""
        try:
            return job.result()
        except UnpatchedPrinterError as error:
            raise UserError(
                self.env._(
                    "This wkhtmltopdf cannot print several documents at once: install the one “with patched Qt”."
                )
            ) from error
        except PrinterError as error:
            _logger.warning("Printing: %s", error)
            raise UserError(self.env._("The PDF cannot be printed: %(error)s", error=error)) from error

    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, **options):
        """Exact millimetres, this machine's fonts, and no wait for anything: the last of two same arguments holds."""
        arguments = super()._build_wkhtmltopdf_args(paperformat_id, landscape, **options)
        if self.env.context.get("followup_self_contained"):
            arguments += ["--enable-smart-shrinking", "--zoom", ZOOM, "--viewport-size", VIEWPORT]
            arguments += ["--javascript-delay", "1"]
            for folder in _font_folders():
                arguments += ["--allow", folder]
        return arguments


def _read_static(path):
    """The text of a file of this add-on."""
    with file_open(f"account_receivable_followup/{path}") as file:
        return file.read()


@cache
def _font_folders():
    """Where Odoo's fonts really are: distributions keep some of them elsewhere, behind links."""
    return sorted({os.path.dirname(os.path.realpath(path)) for path in Path(file_path(FONTS)).rglob("*.*")})


def _local_url(url):
    """The place on this machine of what a style sheet names: fonts by their path, the rest as a data URI."""
    found = _STATIC.match(url)
    if found and found.group(1).startswith(FONTS + "/"):
        try:
            return "file://" + os.path.realpath(file_path(found.group(1)))
        except FileNotFoundError:
            return None
    return _static_data(url)


def _static_data(url):
    """A data URI of a static file of an add-on, or None."""
    found = _STATIC.match(url)
    if not found:
        return None
    try:
        with file_open(found.group(1), "rb") as file:
            return _data_uri(file.read(), mimetypes.guess_type(found.group(1))[0] or "application/octet-stream")
    except (FileNotFoundError, ValueError):
        return None


def _data_uri(content, mimetype):
    return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"
