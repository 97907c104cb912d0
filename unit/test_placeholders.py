"""Placeholders of the texts: translated when they are known, named when they are not."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import placeholders
from lib.placeholders import PLACEHOLDERS, Placeholder, Problem

#: Without what begins a placeholder, a tag or an entity.
PLAIN = st.text(st.characters(exclude_characters="%{}$<>&", exclude_categories=["C"]))


class TestLine:
    """A single line: the subject, an address."""

    @pytest.mark.parametrize(
        ("typed", "translated"),
        [
            ("Reminder", "Reminder"),
            ("%(partner_name)s", "{{ object.partner_id.name }}"),
            ("%(date)s / %(company_name)s", "{{ format_date(object.date) }} / {{ object.company_id.name }}"),
            ("%(user_signature)s", "{{ object.user_id.name or object.company_id.name }}"),
            ("A discount of 5% (net)s", "A discount of 5% (net)s"),
            ("100%", "100%"),
            ("{{ object.date }}", "{{ object.date }}"),
        ],
    )
    def test_translated(self, typed, translated):
        assert placeholders.translate_line(typed, PLACEHOLDERS) == translated

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [
            ("%(partner_nam)s", Problem("placeholder", "%(partner_nam)s", "%(partner_name)s")),
            ("%(Partner name)s", Problem("placeholder", "%(Partner name)s", "%(partner_name)s")),
            ("%(wobble)s", Problem("placeholder", "%(wobble)s")),
            ("%(date) !", Problem("cut", "%(date)", "%(date)s")),
            ("%(lines_table)s", Problem("block", "%(lines_table)s")),
            ("${object.partner_id.name}", Problem("former", "${object.partner_id.name}")),
        ],
    )
    def test_problem(self, typed, problem):
        """What could not be filled in is named, with what was probably meant."""
        translated = placeholders.translate_line(typed, PLACEHOLDERS)
        assert placeholders.line_problems(translated, PLACEHOLDERS) == [problem]

    @given(PLAIN)
    def test_plain_text_is_left_alone(self, text):
        assert placeholders.translate_line(text, PLACEHOLDERS) == text
        assert not placeholders.line_problems(text, PLACEHOLDERS)

    @given(st.lists(st.one_of(PLAIN, st.sampled_from([f"%({name})s" for name in PLACEHOLDERS]))))
    def test_translated_once(self, pieces):
        """Saving again what was saved changes nothing."""
        once = placeholders.translate_line("".join(pieces), PLACEHOLDERS)
        assert placeholders.translate_line(once, PLACEHOLDERS) == once


class TestBody:
    """The body, in HTML."""

    @pytest.mark.parametrize(
        ("typed", "translated"),
        [
            ("<p>Hello</p>", "<p>Hello</p>"),
            ("<p>%(partner_name)s</p>", '<p><t t-out="object.partner_id.name"></t></p>'),
            (
                "<p>%(amount_due)s</p>",
                '<p><t t-call="account_receivable_followup.reminder_amount"></t></p>',
            ),
            ("<p>{{ object.days_late ||| no }} days</p>", '<p><t t-out="object.days_late">no</t> days</p>'),
            ("<p>{{ object.a &gt; 1 }}</p>", '<p><t t-out="object.a &gt; 1"></t></p>'),
            ("<img title='%(company_name)s'/>", "<img t-attf-title='{{ object.company_id.name }}'/>"),
            (
                "<t t-out=\"'%(date)s' % {'date': 1}\"/>",
                "<t t-out=\"'%(date)s' % {'date': 1}\"/>",
            ),
            ("<!-- %(date)s --><p/>", "<!-- %(date)s --><p/>"),
        ],
    )
    def test_translated(self, typed, translated):
        """In the text and in the attributes, but not in what is an expression already."""
        assert placeholders.translate_body(typed, PLACEHOLDERS) == translated

    def test_expression_is_escaped(self):
        known = {"odd": Placeholder("\"<b>\" if 1 < 2 else '&'")}
        translated = placeholders.translate_body("<p>%(odd)s</p>", known)
        assert html.unescape(translated) == """<p><t t-out=""<b>" if 1 < 2 else '&'"></t></p>"""
        assert "<b>" not in translated

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [
            ("<p>%(wobble)s</p>", Problem("placeholder", "%(wobble)s")),
            ("<p>%(<b>date</b>)s</p>", Problem("split", "%(date)s")),
            ('<a href="%(wobble)s">pay</a>', Problem("placeholder", "%(wobble)s")),
            ('<a href="%(payment)s">pay</a>', Problem("block", "%(payment)s")),
        ],
    )
    def test_problem(self, typed, problem):
        translated = placeholders.translate_body(typed, PLACEHOLDERS)
        assert placeholders.body_problems(translated, PLACEHOLDERS) == [problem]

    @given(st.lists(st.one_of(PLAIN, st.sampled_from([f"%({name})s" for name in PLACEHOLDERS]))))
    def test_translated_once(self, pieces):
        source = "<p>" + "</p><p>".join(pieces) + "</p>"
        once = placeholders.translate_body(source, PLACEHOLDERS)
        assert placeholders.translate_body(once, PLACEHOLDERS) == once
        assert not placeholders.body_problems(once, PLACEHOLDERS)

    @given(st.text())
    def test_never_fails(self, text):
        """Whatever is typed is either kept or named, never an error of ours."""
        source = f"<p>{html.escape(text)}</p>"
        placeholders.body_problems(placeholders.translate_body(source, PLACEHOLDERS), PLACEHOLDERS)


class TestExpressions:
    """The fields that a text reads."""

    @pytest.mark.parametrize(
        ("expression", "path"),
        [
            ("object.partner_id.name", ("object", "partner_id", "name")),
            ("object.line_ids[:1].document", ("object", "line_ids", "document")),
            ("object.line_ids[0].document", ("object", "line_ids")),
            ("object.date.strftime('%d')", ("object", "date", "strftime")),
            ("format_date(object.date)", ("object", "date")),
        ],
    )
    def test_paths(self, expression, path):
        found = placeholders.line_expressions("{{ %s }}" % expression)
        paths = list(placeholders.paths(found, ["object", "format_date"]))
        assert paths in ([path], [path, path[:2]])

    def test_loop(self):
        """A line of a loop is read from the records that the loop goes through."""
        body = (
            '<t t-foreach="object.line_ids" t-as="line"><b t-out="line.wobble"/><i t-if="line_first" t-out="own"/></t>'
        )
        found = placeholders.body_expressions(body)
        paths = list(placeholders.paths(found, ["object"]))
        assert ("object", "line_ids", "wobble") in paths
        assert Problem("name", "own") in paths
        assert not [one for one in paths if isinstance(one, Problem) and one.text == "line_first"]

    def test_own_names(self):
        """Names that an expression gives itself are known."""
        found = placeholders.line_expressions("{{ sum(line.residual for line in object.line_ids) }}")
        assert list(placeholders.paths(found, ["object"])) == [("object", "line_ids")]
        found = placeholders.line_expressions("{{ object.line_ids.filtered(lambda line: line.wobble) }}")
        assert list(placeholders.paths(found, ["object"])) == [("object", "line_ids", "filtered")]

    def test_syntax(self):
        found = placeholders.body_expressions('<p t-if="object.date and">a</p>')
        assert list(placeholders.paths(found, ["object"])) == [Problem("syntax", "object.date and")]

    def test_calls(self):
        found = placeholders.body_expressions('<t t-call="a.b"/><t t-call="{{ object.x }}"/>')
        assert (found.calls, found.sources) == (["a.b"], ["object.x"])


class TestNames:
    """Names of the placeholders."""

    def test_seed(self):
        """The four of OpenERP's reminders are known."""
        assert {"partner_name", "date", "user_signature", "company_name"} < set(PLACEHOLDERS)

    def test_each_has_a_meaning(self):
        assert all(one.value or one.block for one in PLACEHOLDERS.values())

    def test_free_fields(self):
        """A label becomes a name without accents; two fields of one label are told apart."""
        assert placeholders.free_names([]) == {}
        assert placeholders.free_names([(4, "N° de contrat"), (7, "***")]) == {"free_n_de_contrat": 4, "free_7": 7}
        assert placeholders.free_names([(1, "Zone"), (2, "zone")]) == {"free_zone_1": 1, "free_zone_2": 2}
