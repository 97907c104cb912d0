from ast import literal_eval

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from ..lib.placeholders import PLACEHOLDERS
from .common import FollowupCommon
from .common_sage100_free import FreeFieldCase

ADDON = "account_receivable_followup"


class TextCommon(FollowupCommon):
    """A text of the reminders, and a message that it can be rendered for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.ref = "411BAUDRY"
        cls.first = cls.env.ref("account_receivable_followup.followup_level_default_1")
        cls._entry(1000, days_late=10, ref="FA2026-041")
        cls.reminder = cls._run().reminder_ids.sudo()

    @classmethod
    def _text(cls, body="<p>Text</p>", subject="Subject", **vals):
        """A text of the firm's own."""
        return cls.env["mail.template"].create(
            {
                "name": "Own",
                "model_id": cls.env["ir.model"]._get_id("followup.reminder"),
                "subject": subject,
                "body_html": body,
                **vals,
            }
        )

    def _read(self, template, name="body_html"):
        """What `template` says to the customer."""
        return self.reminder._render_field_of(template, name)


@tagged("post_install", "-at_install")
class TestFollowupText(TextCommon):
    """Which text a level uses: company × level; who may write them."""

    def test_each_company_has_its_own(self):
        """F131: the text of the company at that level, else the usual one."""
        other = self.env["res.company"].create({"name": "Other"})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": other.id})
        own = self._text()
        self.env["followup.level.text"].create(
            {"level_id": self.first.id, "company_id": other.id, "template_id": own.id}
        )
        usual = self.first.template_id
        self.assertEqual(self.first._get_template(self.company), usual)
        self.assertEqual(self.first._get_template(other), own)
        self.assertEqual(self.first._get_template(branch), own, "a branch writes as its firm does")
        self.assertEqual(self.levels[2]._get_template(other), self.levels[2].template_id)

    def test_the_message_uses_it(self):
        """Subject, body and sender all come from the text of the company."""
        own = self._text("<p>Ours</p>", "Our subject", email_from="ours@example.com")
        self.first.text_ids = [(0, 0, {"company_id": self.company.id, "template_id": own.id})]
        self.reminder.invalidate_recordset()
        self.assertEqual(self.reminder.subject, "Our subject")
        self.assertIn("Ours", self.reminder.body)
        self.assertEqual(self.reminder._get_sender(), "ours@example.com")
        self.reminder._ensure_texts()
        self.assertIn("Ours", self.reminder.kept_body)

    def test_plan_of_another_company(self):
        """A plan that belongs to a company has no text in another one."""
        other = self.env["res.company"].create({"name": "Other"})
        self.plan.company_id = self.company
        with self.assertRaisesRegex(ValidationError, "no other company"):
            self.first.text_ids = [(0, 0, {"company_id": other.id, "template_id": self.first.template_id.id})]

    def test_copied_plan_keeps_its_texts(self):
        own = self._text()
        self.first.text_ids = [(0, 0, {"company_id": self.company.id, "template_id": own.id})]
        level = self.plan.copy().level_ids.filtered(lambda level: level.name == self.first.name)
        self.assertEqual(level._get_template(self.company), own)

    def test_rights(self):
        """Managers write texts and choose them; whoever reads situations does neither."""
        manager, viewer = self._user("manager"), self._user("viewer")
        own = self._text()
        text = (
            self.env["followup.level.text"]
            .with_user(manager)
            .create({"level_id": self.first.id, "company_id": self.company.id, "template_id": own.id})
        )
        own.with_user(manager).body_html = "<p>By %(company_name)s</p>"
        self.assertEqual(text.with_user(viewer).template_id, own)
        with self.assertRaises(AccessError):
            text.with_user(viewer).template_id = self.first.template_id
        with self.assertRaises(AccessError):
            text.with_user(viewer).unlink()
        with self.assertRaises(AccessError):
            own.with_user(viewer).body_html = "<p>By whom?</p>"

    def test_other_company_unseen(self):
        other = self.env["res.company"].create({"name": "Other"})
        own = self._text()
        text = self.env["followup.level.text"].create(
            {"level_id": self.first.id, "company_id": other.id, "template_id": own.id}
        )
        manager = self._user("manager")
        self.assertFalse(self.env["followup.level.text"].with_user(manager).search([("id", "=", text.id)]))

    def test_written_in_odoo_s_editor(self):
        """The screen of the texts makes a text of the reminders, and shows the legend beside it."""
        context = literal_eval(self.env.ref(f"{ADDON}.followup_template_action").context)
        Template = self.env["mail.template"].with_user(self._user("manager")).with_context(**context)
        with Form(Template, view=f"{ADDON}.followup_text_view_form") as form:
            form.name = "Firm"
            form.subject = "Account %(partner_ref)s"
            form.body_html = "<p>Dear %(contact_name)s</p>"
            self.assertIn("%(partner_name)s", form.followup_legend)
        template = form.record
        self.assertEqual(template.model, "followup.reminder")
        self.assertFalse(template.use_default_to or template.auto_delete)
        self.assertEqual(self._read(template.sudo(), "subject"), "Account 411BAUDRY")
        self.assertIn("Dear Menuiserie Baudry", self._read(template.sudo()))

    def test_used_by(self):
        own = self._text()
        self.assertFalse(own.followup_level_ids)
        self.first.text_ids = [(0, 0, {"company_id": self.company.id, "template_id": own.id})]
        own.invalidate_recordset()
        self.assertEqual(own.followup_level_ids, self.first)
        self.assertIn(self.first, self.first.template_id.followup_level_ids)


@tagged("post_install", "-at_install")
class TestFollowupPlaceholders(TextCommon):
    """Placeholders understood when a text is saved, and refused by their name."""

    def test_pasted(self):
        """F132: the four placeholders of OpenERP's reminders, pasted as they are."""
        template = self._text(
            "<p>Dear %(partner_name)s,</p><p>On %(date)s, your account is overdue.</p>"
            "<p>%(user_signature)s</p><p>%(company_name)s</p>",
            "%(company_name)s: your account %(partner_ref)s",
        )
        self.assertNotIn("%(", template.body_html + template.subject)
        self.assertEqual(self._read(template, "subject"), f"{self.company.name}: your account 411BAUDRY")
        body = self._read(template)
        for said in ("Dear Menuiserie Baudry,", "11/20/2026", f"<p>{self.company.name}</p>", self.env.user.name):
            self.assertIn(said, body)

    def test_all_of_them(self):
        """Each placeholder gives something to read, in the text and, but for the blocks, in a subject."""
        self.company.partner_id.bank_ids = [(0, 0, {"acc_number": "FR7630006000011234567890189"})]
        body = "".join(f"<p>{name}: %({name})s</p>" for name in PLACEHOLDERS)
        lines = [name for name, one in PLACEHOLDERS.items() if one.value]
        template = self._text(body, " / ".join(f"{name}: %({name})s" for name in lines))
        said = self._read(template)
        for expected in (
            "<p>documents: FA2026-041</p>",
            "<p>document_count: 1</p>",
            "<p>oldest_due_date: 11/10/2026</p>",
            "<p>days_late: 10</p>",
            "<p>payment_reference: 411BAUDRY</p>",
            "<p>iban: FR76 3000 6000 0112 3456 7890 189</p>",
            "<table",
        ):
            self.assertIn(expected, said)
        self.assertIn("amount_due: $\N{NO-BREAK SPACE}1,000.00 /", self._read(template, "subject"))

    def test_unknown_is_refused_and_named(self):
        """An unknown placeholder, field, name, block or syntax: the text is not saved, and says why."""
        for body, said in (
            ("<p>%(partner_nam)s</p>", "“%(partner_nam)s” is not a placeholder. Did you mean “%(partner_name)s”?"),
            ("<p>%(wobble)s</p>", "“%(wobble)s” is not a placeholder: choose one in the list"),
            ("<p>%(date) </p>", "“%(date)” lacks its last letter: write “%(date)s”."),
            ("<p>%(<b>date</b>)s</p>", "“%(date)s” changes its style in the middle"),
            ("<p>${object.name}</p>", "“${object.name}” is no longer understood"),
            ("<p t-out='object.partner_id.nam'/>", "“object.partner_id.nam” does not exist. Did you mean"),
            ("<p>{{ object.days_lat }}</p>", "“object.days_lat” does not exist. Did you mean “object.days_late”?"),
            ("<p t-if='wobble'>a</p>", "“wobble” does not exist."),
            ("<p t-if='object.date and'>a</p>", "“object.date and” cannot be read"),
            ("<t t-call='account_receivable_followup.wobble'/>", "no block named “account_receivable_followup.wobble”"),
            (
                "<t t-foreach='object.line_ids' t-as='line'><i t-out='line.wobble'/></t>",
                "“object.line_ids.wobble” does not exist.",
            ),
        ):
            with self.subTest(body=body), self.assertRaises(ValidationError) as caught:
                self._text(body)
            self.assertIn(said, str(caught.exception))
        template = self._text()
        for vals, said in (
            ({"subject": "%(partner_nam)s"}, "%(partner_nam)s"),
            ({"subject": "%(lines_table)s"}, "it has its place in the text only"),
            ({"subject": "{{ object.wobble }}"}, "object.wobble"),
            ({"email_from": "{{ object.user_id.wobble }}"}, "object.user_id.wobble"),
            ({"body_html": "<p>%(wobble)s</p>"}, "%(wobble)s"),
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError) as caught:
                template.write(vals)
            self.assertIn(said, str(caught.exception))

    def test_several_problems_at_once(self):
        with self.assertRaises(ValidationError) as caught:
            self._text("<p>%(one)s %(two)s</p>", "%(three)s")
        for name in ("one", "two", "three"):
            self.assertIn(f"%({name})s", str(caught.exception))

    def test_translations_too(self):
        """A text translated in Odoo's dialog is read like any other."""
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self._text()
        template.update_field_translations("body_html", {"fr_FR": "<p>Bonjour %(partner_name)s</p>"})
        self.customer.lang = "fr_FR"
        self.assertIn("Bonjour Menuiserie Baudry", self._read(template))
        with self.assertRaisesRegex(ValidationError, "wobble"):
            template.update_field_translations("subject", {"fr_FR": "%(wobble)s"})
        with self.assertRaisesRegex(ValidationError, "wobble"):
            template.with_context(lang="fr_FR").subject = "%(wobble)s"

    def test_ordinary_expressions(self):
        """What Odoo understands is accepted: methods, loops, own names, built-in names."""
        template = self._text(
            "<t t-set='total' t-value='sum(object.line_ids.mapped(\"residual\"))'/>"
            "<p t-if='len(object.line_ids) &gt; 0'><t t-out='total'/> <t t-out='object.date.strftime(\"%Y\")'/></p>"
            "<t t-foreach='object.line_ids' t-as='line'><b t-if='line_first' t-out='line.document'/></t>"
            "<p t-out='format_amount(object.balance, object.currency_id)' t-att-title='user.name'/>"
        )
        self.assertIn("2026", self._read(template))

    def test_other_mails_are_left_alone(self):
        """Only the texts of the reminders are read so."""
        template = self.env["mail.template"].create(
            {
                "name": "Other",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "%(wobble)s",
                "body_html": "<p>%(partner_name)s</p>",
            }
        )
        self.assertEqual(template.subject, "%(wobble)s")
        self.assertIn("%(partner_name)s", template.body_html)

    def test_legend(self):
        """F132: every placeholder stands in the legend, once, with what it means."""
        legend = self.env["mail.template"]._get_followup_legend()
        meanings = [name for _part, names in self.env["mail.template"]._get_followup_meanings() for name in names]
        self.assertCountEqual(meanings, PLACEHOLDERS)
        for name in PLACEHOLDERS:
            self.assertEqual(legend.count(f"%({name})s"), 1)

    def test_html_in_values_stays_text(self):
        self.customer.name = "Baudry <b>& Fils</b> <script>"
        body = self._read(self._text("<p>%(partner_name)s</p>"))
        self.assertEqual(body, "<p>Baudry &lt;b&gt;&amp; Fils&lt;/b&gt; &lt;script&gt;</p>")


@tagged("post_install", "-at_install")
class TestFollowupFreePlaceholders(FreeFieldCase):
    """F140: a free field of Sage is a placeholder, by the name that it was given in Odoo."""

    def test_free_field(self):
        env = self.env(su=True)
        Template = env["mail.template"]
        values = {
            "name": "Free",
            "model_id": env["ir.model"]._get_id("followup.reminder"),
            "body_html": "<p>%(free_police_d_assurance)s</p>",
        }
        with self.assertRaisesRegex(ValidationError, "free_police_d_assurance"):
            Template.create(values)
        field = env["sage100.free.field"].create(
            {
                "database_id": self.database.id,
                "target": "customer",
                "sage_name": "POLICE",
                "label": "Police d'assurance",
                "used": True,
            }
        )
        self.customer[f"free_{field.slot}"] = "AC12345"
        template = Template.create(values)
        reminder = env["followup.reminder"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "level_id": env["followup.level"].search([], limit=1).id,
                "date": "2026-11-20",
                "channel": "email",
            }
        )
        self.assertEqual(reminder._render_field_of(template, "body_html"), "<p>AC12345</p>")
        legend = Template._get_followup_legend()
        self.assertIn("%(free_police_d_assurance)s", legend)
        self.assertIn("Police d&#39;assurance", legend)
        field.label = "Contract"
        self.assertEqual(reminder._render_field_of(template, "body_html"), "<p>AC12345</p>", "whatever its name")
