import json
import re

from odoo.tests import HttpCase, tagged

from ..lib.plain_text import to_plain_text
from .test_followup_text import TextCommon

ADDON = "account_receivable_followup"
TEXTS = ("prevention", "reminder_1", "reminder_2", "reminder_3", "formal_notice", "litigation", "thanks")
DOCUMENTS = ("statement", "duplicate", "transmission")
#: Shows a page at the width of a phone, and says how wide it really is.
SHOW = """
    const frame = document.createElement("iframe");
    frame.style.cssText = "width: 375px; height: 600px; border: 0";
    frame.onload = () => {
        const width = frame.contentDocument.documentElement.scrollWidth;
        if (width <= 375) {
            console.log("test successful");
        } else {
            console.error(`the mail is ${width} px wide`);
        }
    };
    frame.srcdoc = %s;
    document.body.replaceChildren(frame);
"""


@tagged("post_install", "-at_install")
class TestFollowupTextDocuments(TextCommon):
    """The texts delivered: what each must say, and to whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids = [(0, 0, {"acc_number": "FR7630006000011234567890189"})]
        cls.notice = cls.env.ref(f"{ADDON}.followup_level_default_notice")
        cls.env["res.lang"]._activate_lang("fr_FR")

    def _template(self, name):
        return self.env.ref(f"{ADDON}.mail_template_{name}")

    def _say(self, name, level=None, channel="letter", **vals):
        """Words of a delivered text, on one line."""
        reminder = self.reminder
        reminder.write({"level_id": (level or reminder.level_id).id, "channel": channel, **vals})
        # As the release does: lines read again bear no penalties yet.
        reminder.line_ids.write({"interest": 0, "indemnity": 0, "penalty_detail": False})
        reminder._set_penalties()
        reminder.invalidate_recordset()
        text = to_plain_text(str(self._read(self._template(name))))
        return re.sub(r"\s+", " ", text)

    def test_each_can_be_read(self):
        """In both languages, by mail and by post, for every customer: nothing fails, nothing is left unread."""
        for lang in "en_US", "fr_FR":
            for name in TEXTS:
                for channel in "email", "letter":
                    with self.subTest(text=name, lang=lang, channel=channel):
                        self.customer.lang = lang
                        said = self._say(name, channel=channel)
                        self.assertNotRegex(said, r"%\(|\{\{|t-out|False|None")
                        self.assertIn("FA2026-041" if name != "thanks" else self.env.user.name, said)
                        subject = self._read(self._template(name), "subject")
                        self.assertTrue(subject.endswith("411BAUDRY"), subject)

    def test_crossed_letter(self):
        """Only the first two reminders allow for a payment that has crossed them (law and usage)."""
        for name in TEXTS:
            with self.subTest(text=name):
                self.assertEqual("has crossed" in self._say(name), name in ("reminder_1", "reminder_2"))

    def test_formal_notice(self):
        """All that a formal notice must hold: parties, invoices, what was paid, the sum, the delay, how to pay, the
        consequence, article 1344; and the penalties with their articles."""
        self.customer.company_registry = "732829320"
        self.company.write({"followup_rate_basis": "fixed", "followup_rate_fixed": 12})
        said = self._say("formal_notice", self.notice)
        for expected in (
            "Creditor: company_1_data",
            "Debtor: Menuiserie Baudry",
            "SIREN 732829320",
            "The payments already received have been deducted.",
            "FA2026-041",
            "articles L. 441-10 and D. 441-5 of the French Commercial Code",
            "Fixed indemnity for recovery costs",
            "We hereby give you formal notice to pay us the sum of",
            "within eight days of receiving this letter",
            "go on running, at the rate shown above, until full payment",
            "FR76 3000 6000 0112 3456 7890 189",
            "411BAUDRY",
            "the competent court",
            "within the meaning of article 1344 of the French Civil Code",
        ):
            self.assertIn(expected, said)
        self.assertIn("FORMAL NOTICE", self._read(self._template("formal_notice"), "subject"))
        for bailiff in ("bailiff", "seizure", "judgment", "order to pay", "prosecut"):
            self.assertNotIn(bailiff, said.lower(), "imitates no act, threatens nothing undecided")
        total = self.reminder.total_claimed_text.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn(f"sum of {total} within", said.replace("\N{NO-BREAK SPACE}", " "))
        self.assertGreater(self.reminder.claimed_total, self.reminder.amount_due)

    def test_formal_notice_delay(self):
        """The delay is the level's."""
        self.notice.notice_days = 15
        self.assertIn("within 15 days of receiving", self._say("formal_notice", self.notice))

    def test_formal_notice_without_penalties(self):
        """Penalties not mentioned in figures: the law alone is. Waived: not a word."""
        self.notice.penalty_mode = "none"
        said = self._say("formal_notice", self.notice)
        self.assertIn("In addition, under article L. 441-10", said)
        self.assertIn("sum of $\N{NO-BREAK SPACE}1,000.00 within".replace("\N{NO-BREAK SPACE}", " "), said)
        self.customer.write({"followup_penalty_waiver_reason": "Agreed", "followup_penalty_waiver": "waived"})
        for mode in "none", "claim":
            self.notice.penalty_mode = mode
            said = self._say("formal_notice", self.notice)
            self.assertNotIn("L. 441-10", said)
            self.assertNotIn("indemnity", said)

    def test_formal_notice_to_a_public_buyer(self):
        self.customer.followup_debtor_regime = "public"
        for mode, expected in (("claim", "R. 2192-31"), ("none", "D. 2192-35")):
            self.notice.penalty_mode = mode
            said = self._say("formal_notice", self.notice)
            self.assertIn("French Public Procurement Code", said)
            self.assertIn(expected, said)
            self.assertIn("default interest", said)
            self.assertNotIn("441-10", said)
            self.assertNotIn("third party", said)

    def test_formal_notice_to_a_consumer(self):
        """No indemnity, no fee: interest at the legal rate from this notice (article 1231-6 of the Code civil)."""
        self.customer.followup_debtor_regime = "consumer"
        said = self._say("formal_notice", self.notice)
        self.assertIn("interest at the legal rate from this formal notice", said)
        self.assertIn("article 1231-6", said)
        for nothing in ("indemnity", "441-10", "2192", "recovery costs"):
            self.assertNotIn(nothing, said)

    def test_third_reminder(self):
        """It shows what penalties come to, and asks for the principal alone; a consumer reads nothing of it."""
        third = self.env.ref(f"{ADDON}.followup_level_default_3")
        said = self._say("reminder_3", third)
        self.assertIn("This is what they come to today", said)
        self.assertIn("for information", said)
        self.customer.followup_debtor_regime = "consumer"
        said = self._say("reminder_3", third)
        for nothing in ("penalties", "indemnity", "441-10"):
            self.assertNotIn(nothing, said)

    def test_indemnity_is_the_company_s(self):
        self.company.followup_indemnity = 50
        self.notice.penalty_mode = "none"
        self.assertIn("$ 50.00 per invoice", self._say("formal_notice", self.notice).replace("\N{NO-BREAK SPACE}", " "))

    def test_covering_texts(self):
        """Statement, duplicate, file for a third party: also for a customer to whom nothing is being written."""
        nothing_sent = self.env["followup.reminder"].new(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "recipient_id": self.customer.id,
                "date": self.TODAY,
                "channel": "letter",
                "user_id": self.env.user.id,
            }
        )
        for lang in "en_US", "fr_FR":
            for kind in DOCUMENTS:
                with self.subTest(kind=kind, lang=lang):
                    reminder = nothing_sent.with_context(lang=lang)
                    said = to_plain_text(str(reminder._get_document_text(kind)))
                    self.assertIn(self.env.user.name, said)
                    self.assertNotRegex(said, r"%\(|\{\{|t-out|False|None")
                    self.assertTrue(reminder._get_document_subject(kind))
        said = to_plain_text(str(nothing_sent._get_document_text("transmission")))
        self.assertIn("Menuiserie Baudry", said)
        self.assertIn("personal data", said)
        self.assertIn("statement of your account", to_plain_text(str(nothing_sent._get_document_text("statement"))))


@tagged("post_install", "-at_install")
class TestFollowupTextMail(TextCommon, HttpCase):
    """The page of a mail: in the dark, on a phone, without pictures."""

    browser_size = "375x667"

    COLOUR = re.compile(r"(?<![-\w])(background-color|background|color)\s*:\s*([^;\"']+)")

    def _page(self, name):
        self.reminder.write({"kept_body": False, "channel": "email"})
        self.reminder.kept_body = self._read(self.env.ref(f"{ADDON}.mail_template_{name}"))
        return str(self.reminder._get_mail_body())

    def test_no_colour_of_ours(self):
        """Neither text nor background has a colour: each mail program shows its own, light or dark."""
        self._entry(-100, ref="CREDIT")
        self.reminder.level_id.write({"table_content": "open", "table_credits_apart": True})
        for name in TEXTS:
            if name == "formal_notice":  # a letter: its table of the parties is the paper's
                continue
            with self.subTest(text=name):
                page = self._page(name)
                self.assertFalse(self.COLOUR.findall(page))
                self.assertIn('<meta name="color-scheme" content="light dark"/>', page)

    def test_nothing_remote(self):
        """No picture, no style sheet, no link to a page that does not exist."""
        for name in TEXTS:
            page = self._page(name)
            self.assertNotRegex(page, r"<img|<link|<script|src=|url\(|https?:|href=")

    def test_narrow_screen(self):
        """A browser 375 px wide shows it whole: long names and numbers, twelve digits, every part of the table."""
        self.company.partner_id.bank_ids = [(0, 0, {"acc_number": "FR7630006000011234567890189"})]
        self.customer.name = "Société anonyme des établissements Vandenbrouck & Grandjean réunis"
        self._entry(987654321012.34, days_late=30, ref="FA2026-000000000041-BIS")
        self._entry(-500, days_late=3, ref="AVOIR2026000000000000000000042")
        self.reminder = self._run().reminder_ids.sudo()
        self.reminder.level_id.write({"table_content": "open", "table_credits_apart": True, "table_by_level": True})
        for name in "reminder_1", "formal_notice":
            with self.subTest(text=name):
                self.browser_js("/web/health", SHOW % json.dumps(self._page(name)), ready="document.body !== null")
