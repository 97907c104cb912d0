from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..lib import placeholders

MODEL = "followup.reminder"
#: Fields of one line in which placeholders are understood.
LINES = ("subject", "email_from", "email_to", "email_cc", "reply_to", "partner_to", "lang", "scheduled_date")
#: What the texts of the reminders say unless they say otherwise.
ALWAYS = {"email_to": "{{ object.email_to }}", "lang": "{{ object.recipient_id.lang or object.partner_id.lang }}"}
#: What the add-on's data set: an upgrade changes them as long as nobody has.
SHIPPED = {"name", "description", "subject", "body_html", "email_to", "use_default_to", "lang", "auto_delete"}
#: Set while the data of a module are loaded: what is written then is shipped, not edited.
LOADING = "followup_loading_texts"


class MailTemplate(models.Model):
    """Texts of the reminders: placeholders understood and checked when a text is saved, upgrades that spare what a firm
    has made its own.

    A shipped text that somebody has changed is marked as Odoo marks what upgrades must not touch (`noupdate`). The
    others follow the versions of the add-on, translations included.
    """

    _inherit = "mail.template"

    followup_origin = fields.Selection(
        [("shipped", "As delivered"), ("edited", "Delivered, then changed"), ("own", "Your own")],
        string="Origin",
        compute="_compute_followup_origin",
        help="A text as delivered follows the versions of the add-on; once changed, it stays as you made it.",
    )
    followup_legend = fields.Html(string="Placeholders", compute="_compute_followup_legend", sanitize=False)
    followup_level_ids = fields.Many2many("followup.level", string="Used by", compute="_compute_followup_level_ids")

    @api.depends("name", "description", "subject", "body_html")
    def _compute_followup_origin(self):
        data = self._get_followup_data()
        for template in self:
            found = data.get(template.id)
            template.followup_origin = "own" if found is None else "edited" if found.noupdate else "shipped"

    @api.depends_context("lang", "company")
    def _compute_followup_legend(self):
        legend = self._get_followup_legend()
        for template in self:
            template.followup_legend = legend

    def _compute_followup_level_ids(self):
        """Levels of the companies that the user works in; whoever edits mails may not know the follow-ups."""
        Level = self.env["followup.level"].sudo().with_context(active_test=False)
        domain = Domain("plan_id.company_id", "in", [False, *self.env.companies.ids])
        levels = Level.search(
            domain & (Domain("template_id", "in", self.ids) | Domain("text_ids.template_id", "in", self.ids))
        )
        for template in self:
            template.followup_level_ids = [
                level.id for level in levels if template.id in (level.template_id | level.text_ids.template_id).ids
            ]

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [self._read_placeholders(self._complete(vals)) if self._is_followup(vals) else vals for vals in vals_list]
        )

    def write(self, vals):
        mine = self.filtered(lambda template: template.sudo().model == MODEL)
        if not mine or "model_id" in vals:
            return super().write(vals)
        vals = self._read_placeholders(vals)
        if SHIPPED.intersection(vals):
            mine._note_edited()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        if any(translations.values()) and self.sudo().model == MODEL:
            translations = {
                lang: self._read_placeholders({field_name: value})[field_name] if isinstance(value, str) else value
                for lang, value in translations.items()
            }
            if field_name in SHIPPED:
                self._note_edited()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    @api.model
    def _is_followup(self, vals):
        """Whether a template made of `vals` is a text of the reminders."""
        model_id = vals.get("model_id")
        model = vals.get("model") or self.env.context.get("default_model")
        return self.env["ir.model"].sudo().browse(model_id).model == MODEL if model_id else model == MODEL

    @api.model
    def _complete(self, vals):
        """`vals` with what every text of the reminders says to Odoo: whom it is for, in which language; it is kept."""
        given = {name: value for name, value in vals.items() if value}
        return {**vals, **ALWAYS, **given, "auto_delete": False, "use_default_to": False}

    # Placeholders

    @api.model
    def _read_placeholders(self, vals):
        """`vals` with the placeholders translated; what nobody could fill in is refused, and named."""
        known = self._get_placeholders()
        read, problems = dict(vals), []
        for name in (*LINES, "body_html"):
            value = read.get(name)
            if not value:
                continue
            if name == "body_html":
                text = placeholders.translate_body(str(value), known)
                problems += placeholders.body_problems(text, known)
                expressions = placeholders.body_expressions(text)
            else:
                text = placeholders.translate_line(str(value), known)
                problems += placeholders.line_problems(text, known)
                expressions = placeholders.line_expressions(text)
            problems += self._find_unknown(expressions)
            if text != value:
                read[name] = Markup(text) if isinstance(value, Markup) else text
        if problems:
            raise ValidationError("\n".join(dict.fromkeys(map(self._describe_problem, problems))))
        return read

    @api.model
    def _get_placeholders(self):
        """{name: Placeholder}: those of every text, and the free fields that are shown on customers."""
        free = {
            name: placeholders.Placeholder(f"object.partner_id.sage_free_{place}")
            for name, place in self._get_free_placeholders().items()
        }
        return placeholders.PLACEHOLDERS | free

    @api.model
    def _get_free_placeholders(self):
        """{placeholder: place} of the free fields of all the companies."""
        companies = self.env["res.company"].sudo().search([])
        return placeholders.free_names(self.env["sage100.free.field"]._get_labels("customer", tuple(companies.ids)))

    @api.model
    def _find_unknown(self, expressions):
        """Problems of what a text asks Odoo to compute: fields, names and blocks that do not exist."""
        names = {"object", *self._render_eval_context(), *self._get_qweb_names()}
        problems = [
            placeholders.Problem("call", name)
            for name in expressions.calls
            if name != "0" and not self.env.ref(name, raise_if_not_found=False)
        ]
        for path in placeholders.paths(expressions, names):
            problem = path if isinstance(path, placeholders.Problem) else self._find_unknown_field(path)
            problems += [problem] if problem else []
        return problems

    @api.model
    def _get_qweb_names(self):
        """Names that Odoo's QWeb gives to every text, besides those of the mail templates."""
        values = {}
        self.env["ir.qweb"]._prepare_environment(values)
        return values

    @api.model
    def _find_unknown_field(self, path):
        """The problem of a path such as (object, partner_id, name), None when it leads somewhere."""
        records = self.env[MODEL]
        for position, name in enumerate(path[1:], start=1):
            field = records._fields.get(name)
            if field is None:
                if hasattr(type(records), name):
                    return None
                near = placeholders.nearest(name, records._fields)
                start = ".".join(path[:position])
                return placeholders.Problem("field", f"{start}.{name}", near and f"{start}.{near}")
            if not field.comodel_name:
                return None
            records = self.env[field.comodel_name]
        return None

    @api.model
    def _describe_problem(self, problem):
        """A problem in words: what is wrong, and what was probably meant."""
        text, near = problem.text, problem.nearest
        if problem.kind == "placeholder" and near:
            return self.env._("“%(text)s” is not a placeholder. Did you mean “%(near)s”?", text=text, near=near)
        if problem.kind == "placeholder":
            return self.env._("“%(text)s” is not a placeholder: choose one in the list beside the text.", text=text)
        if problem.kind == "cut":
            return self.env._("“%(text)s” lacks its last letter: write “%(near)s”.", text=text, near=near)
        if problem.kind == "block":
            return self.env._("“%(text)s” is a block: it has its place in the text only.", text=text)
        if problem.kind == "split":
            return self.env._("“%(text)s” changes its style in the middle: type it again in one go.", text=text)
        if problem.kind == "former":
            return self.env._("“%(text)s” is no longer understood: choose one in the list beside the text.", text=text)
        if problem.kind == "call":
            return self.env._("There is no block named “%(text)s”.", text=text)
        if problem.kind == "syntax":
            return self.env._("“%(text)s” cannot be read: something is missing or too much.", text=text)
        if near:
            return self.env._("“%(text)s” does not exist. Did you mean “%(near)s”?", text=text, near=near)
        return self.env._("“%(text)s” does not exist.", text=text)

    # Upgrades

    def _load_records_write(self, values):
        """The data of a new version: the source text, then its translations, which are loaded after the data."""
        super(MailTemplate, self.with_context(**{LOADING: True}))._load_records_write(values)
        if self.sudo().model != MODEL:
            return
        self._forget_translations(SHIPPED.intersection(values))
        if self.env.context.get("reset_template"):
            self._get_followup_data().get(self.id, self.env["ir.model.data"]).sudo().write({"noupdate": False})

    def _forget_translations(self, names):
        """Leave only the source of these fields: Odoo keeps the translations that it finds."""
        others = {code: False for code, _name in self.env["res.lang"].get_installed() if code != "en_US"}
        if others:
            for name in names:
                if self._fields[name].translate:
                    self.with_context(**{LOADING: True}).update_field_translations(name, others)

    def _get_followup_data(self):
        """{template id: its external identifier}, of those that the add-on has delivered."""
        found = (
            self.env["ir.model.data"]
            .sudo()
            .search(
                [
                    ("module", "=", "account_receivable_followup"),
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                ]
            )
        )
        return {data.res_id: data for data in found}

    def _note_edited(self):
        """These texts are now the firm's own: no upgrade touches them any more."""
        if self.env.context.get(LOADING):
            return
        data = [found.id for found in self._get_followup_data().values() if not found.noupdate]
        if data:
            self.env["ir.model.data"].browse(data).sudo().write({"noupdate": True})

    # Actions

    def action_followup_put_back(self):
        """Put a delivered text back as the add-on delivers it, in all its languages."""
        self.check_access("write")
        if any(template.followup_origin != "edited" for template in self):
            raise UserError(self.env._("Only a delivered text that was changed can be put back."))
        self.reset_template()
        self.invalidate_recordset()
        return True
