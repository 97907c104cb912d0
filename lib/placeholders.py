"""Placeholders of the texts, as people write them: ``%(partner_name)s``, and what Odoo makes of them.

A text is typed or pasted with placeholders that a person can read. They are translated once, when the text is saved:
``{{ … }}`` in a single line (subject, addresses), ``<t t-out="…"/>`` in a body. Whatever nobody could fill in later
is found at that moment too, and named: an unknown placeholder, a field that does not exist, an expression that is
cut short.
"""

import ast
import builtins
import difflib
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import html as lxml_html

#: ``%(name)s``; a name may hold anything, so that a mistyped one is still seen.
_PLACEHOLDER = re.compile(r"%\(([^()%<>{}\n]{1,60})\)s")
#: The same without its last letter: never meant.
_CUT_SHORT = re.compile(r"%\((\w{1,60})\)(?!s)")
#: ``{{ expression ||| default }}``, as Odoo reads it.
_INLINE = re.compile(r"\{\{(.+?)(?:\|\|\|\s*(.*?))?\}\}", re.S)
#: Placeholders of Odoo up to version 14, which would leave as they are typed.
_FORMER = re.compile(r"\$\{[^{}]*\}")
#: A tag or a comment of an HTML source; the rest is text.
_TAG = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.S)
_ATTRIBUTE = re.compile(r"(\s)([\w:.-]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
#: Attributes of QWeb that hold an expression; ``t-att-…`` and ``t-options-…`` come on top.
_EXPRESSIONS = {"t-out", "t-esc", "t-raw", "t-if", "t-elif", "t-value", "t-foreach", "t-options", "t-att", "t-lang"}
#: What a loop of QWeb adds to the name that it gives.
_LOOP_NAMES = ("_first", "_last", "_index", "_size", "_value", "_odd", "_even", "_parity")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a placeholder becomes: an expression (``value``), or an element of its own in a body (``block``)."""

    value: str = ""
    block: str = ""

    def in_line(self) -> str:
        """What it becomes in a single line; empty when it is a block, which has no place there."""
        return f"{{{{ {self.value} }}}}" if self.value else ""

    def in_body(self) -> str:
        """What it becomes in a body."""
        return self.block or f'<t t-out="{html.escape(self.value)}"></t>'


@dataclass(frozen=True, slots=True)
class Problem:
    """What nobody could fill in.

    ``kind``: ``placeholder`` (unknown), ``cut`` (its last letter is missing), ``block`` (a table in a single line),
    ``split`` (a tag stands in the middle of it), ``former`` (an older way of writing them), ``name``, ``field``
    (unknown in an expression), ``call`` (no such block), ``syntax`` (cannot be read). ``nearest``: what was probably
    meant, if anything is near.
    """

    kind: str
    text: str
    nearest: str = ""


def _call(name: str) -> str:
    return f'<t t-call="account_receivable_followup.{name}"></t>'


#: The placeholders that every text knows. The first four are those of OpenERP's reminders, which firms still paste.
PLACEHOLDERS: dict[str, Placeholder] = {
    "partner_name": Placeholder("object.partner_id.name"),
    "date": Placeholder("format_date(object.date)"),
    "user_signature": Placeholder("object.user_id.name or object.company_id.name", _call("reminder_signature")),
    "company_name": Placeholder("object.company_id.name"),
    # The customer
    "partner_ref": Placeholder("object.partner_id.ref or object.partner_id.name"),
    "contact_name": Placeholder("object.recipient_id.name or object.partner_id.name"),
    "partner_city": Placeholder("object.partner_id.city"),
    "partner_registry": Placeholder("object.partner_id.company_registry"),
    # What is claimed
    "amount_due": Placeholder("object.amount_due_text", _call("reminder_amount")),
    "total_claimed": Placeholder("object.total_claimed_text", _call("reminder_claimed_total")),
    "balance": Placeholder("format_amount(object.balance, object.currency_id)"),
    "penalties": Placeholder("format_amount(object.interest_amount, object.currency_id)"),
    "indemnity": Placeholder("format_amount(object.indemnity_amount, object.currency_id)"),
    "documents": Placeholder("object.documents_text"),
    "document_count": Placeholder("object.line_count"),
    "oldest_due_date": Placeholder("format_date(object.oldest_due_date)"),
    "days_late": Placeholder("object.days_late"),
    "level": Placeholder("object.level_id.name"),
    "previous_date": Placeholder("format_date(object.previous_date)"),
    # How to pay, whom to answer
    "iban": Placeholder("object.payment_bank_id.acc_number"),
    "bic": Placeholder("object.payment_bank_id.bank_bic"),
    "payment_reference": Placeholder("object.partner_id.ref or object.partner_id.name"),
    "user_name": Placeholder("object.user_id.name or object.company_id.name"),
    "user_phone": Placeholder("object.user_id.phone or object.company_id.phone"),
    "user_email": Placeholder("object.user_id.email or object.company_id.email"),
    "company_phone": Placeholder("object.company_id.phone"),
    "company_email": Placeholder("object.company_id.email"),
    # Blocks
    "lines_table": Placeholder(block='<t t-out="object.lines_table"></t>'),
    "penalties_table": Placeholder(block='<t t-out="object.penalties_table"></t>'),
    "payment": Placeholder(block=_call("reminder_payment")),
    "parties": Placeholder(block=_call("reminder_parties")),
}


# Names


def free_names(labels: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Placeholders of the free fields: ``free_<label>`` → place. Two fields of one name are told apart by their place.

    >>> free_names([(1, "Catégorie client"), (2, "Zone"), (3, "zone")])
    {'free_categorie_client': 1, 'free_zone_2': 2, 'free_zone_3': 3}
    """
    labels = list(labels)
    slugs = [_slug(label) for _place, label in labels]
    return {
        f"free_{slug}" if slug and slugs.count(slug) == 1 else f"free_{slug}_{place}".replace("__", "_"): place
        for (place, _label), slug in zip(labels, slugs, strict=True)
    }


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that was probably meant, or an empty text.

    >>> nearest("Partner name", ["date", "partner_name"])
    'partner_name'
    >>> nearest("wobble", ["date", "partner_name"])
    ''
    """
    found = difflib.get_close_matches(_slug(name), list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


# Translating


def translate_line(text: str, known: Mapping[str, Placeholder]) -> str:
    """A single line with its known placeholders translated; the others stay, for :func:`line_problems` to name.

    >>> translate_line("Account of %(partner_name)s, %(oops)s", PLACEHOLDERS)
    'Account of {{ object.partner_id.name }}, %(oops)s'
    """

    def replaced(match: re.Match[str]) -> str:
        placeholder = known.get(match[1])
        return (placeholder and placeholder.in_line()) or match[0]

    return _PLACEHOLDER.sub(replaced, text)


def translate_body(source: str, known: Mapping[str, Placeholder]) -> str:
    """An HTML body with its known placeholders translated, in its text and in its attributes; the rest as it was.

    ``{{ … }}``, which Odoo reads in a subject only, is translated in the text too.

    >>> translate_body("<p>Dear %(partner_name)s, {{ object.date }}</p>", PLACEHOLDERS)
    '<p>Dear <t t-out="object.partner_id.name"></t>, <t t-out="object.date"></t></p>'
    >>> translate_body('<a href="mailto:%(company_email)s">write</a>', PLACEHOLDERS)
    '<a t-attf-href="mailto:{{ object.company_id.email }}">write</a>'
    """

    def in_text(text: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            placeholder = known.get(html.unescape(match[1]))
            return placeholder.in_body() if placeholder else match[0]

        def inlined(match: re.Match[str]) -> str:
            expression = html.escape(html.unescape(match[1]).strip())
            return f'<t t-out="{expression}">{(match[2] or "").strip()}</t>'

        return _PLACEHOLDER.sub(replaced, _INLINE.sub(inlined, text))

    def in_attribute(match: re.Match[str]) -> str:
        space, name, equal, value = match.groups()
        if name.startswith("t-") or not _PLACEHOLDER.search(value):
            return match[0]
        escaped = {key: Placeholder(html.escape(one.value)) for key, one in known.items()}
        return f"{space}t-attf-{name}{equal}{translate_line(value, escaped)}"

    pieces = []
    end = 0
    for match in _TAG.finditer(source):
        pieces += [in_text(source[end : match.start()]), _ATTRIBUTE.sub(in_attribute, match[0])]
        end = match.end()
    return "".join([*pieces, in_text(source[end:])])


# Checking


@dataclass(slots=True)
class Expressions:
    """What a text asks Odoo to compute."""

    sources: list[str] = field(default_factory=list)
    #: Names that the text gives itself (loops, variables), with the path they stand for when it is a plain one.
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Blocks called.
    calls: list[str] = field(default_factory=list)


def line_problems(text: str, known: Collection[str]) -> list[Problem]:
    """What is wrong with the placeholders of a single line, once it is translated.

    >>> line_problems("Hello %(partner_nam)s, %(date) and ${object.name}", PLACEHOLDERS)  # doctest: +ELLIPSIS
    [Problem(kind='placeholder', text='%(partner_nam)s', nearest='%(partner_name)s'), Problem(kind='cut', ...]
    """
    found = []
    for match in _PLACEHOLDER.finditer(text):
        if match[1] in known:
            found.append(Problem("block", match[0]))
            continue
        near = nearest(match[1], known)
        found.append(Problem("placeholder", match[0], near and f"%({near})s"))
    found += [Problem("cut", match[0], f"%({match[1]})s") for match in _CUT_SHORT.finditer(text) if match[1] in known]
    return found + [Problem("former", match[0]) for match in _FORMER.finditer(text)]


def body_problems(source: str, known: Collection[str]) -> list[Problem]:
    """What is wrong with the placeholders of a body, once it is translated: one that a tag cuts in two included.

    >>> body_problems("<p>%(partner_<b>name</b>)s</p>", PLACEHOLDERS)
    [Problem(kind='split', text='%(partner_name)s', nearest='')]
    """
    if not source.strip():
        return []
    tree = _tree(source)
    found = [
        Problem("split", problem.text) if problem.kind == "block" else problem
        for problem in line_problems(tree.text_content(), known)
    ]
    for element in tree.iter():
        if isinstance(element.tag, str):
            for name, value in element.attrib.items():
                if not name.startswith("t-") or name.startswith("t-attf-"):
                    found += line_problems(value, known)
    return found


def line_expressions(text: str) -> Expressions:
    """The expressions of a single line.

    >>> line_expressions("Account {{ object.partner_id.ref ||| none }}").sources
    ['object.partner_id.ref']
    """
    return Expressions([match[1].strip() for match in _INLINE.finditer(text)])


def body_expressions(source: str) -> Expressions:
    """The expressions of a body, the names that it gives and the blocks that it calls.

    >>> body_expressions('<t t-foreach="object.line_ids" t-as="line"><i t-out="line.document"/></t>').names["line"]
    ('object', 'line_ids')
    """
    found = Expressions()
    for element in _tree(source).iter() if source.strip() else ():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            if name in _EXPRESSIONS or name.startswith(("t-att-", "t-options-")):
                found.sources.append(value.strip())
            elif name.startswith("t-attf-") or name in ("t-valuef", "t-call"):
                found.sources += [match[1].strip() for match in _INLINE.finditer(value)]
        call = element.get("t-call")
        if call and not _INLINE.search(call):
            found.calls.append(call)
        for given, value in (("t-set", "t-value"), ("t-as", "t-foreach")):
            if name := element.get(given):
                found.names[name] = _plain_path(element.get(value) or "")
                if given == "t-as":
                    found.names.update(dict.fromkeys((name + end for end in _LOOP_NAMES), ()))
    return found


def paths(found: Expressions, names: Collection[str]) -> Iterator[tuple[str, ...] | Problem]:
    """The paths of fields that expressions read, each from ``object``; and what cannot be read at all.

    :param names: the names that Odoo gives to every text

    >>> list(paths(line_expressions("{{ object.partner_id.name + oops }} {{ object. }}"), ["object"]))
    [Problem(kind='name', text='oops', nearest=''), ('object', 'partner_id', 'name'), \
Problem(kind='syntax', text='object.', nearest='')]
    """
    given = {*names, *found.names, *dir(builtins)}
    for source in found.sources:
        try:
            tree = ast.parse(source.strip(), mode="eval")
        except (SyntaxError, ValueError):
            yield Problem("syntax", source)
            continue
        own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in given | own:
                yield Problem("name", node.id, nearest(node.id, given - set(dir(builtins))))
        for path in _longest_paths(tree):
            root = path[0]
            start = found.names.get(root, (root,)) if root not in own else ()
            if start and start[0] == "object":
                yield (*start, *path[1:])


def _longest_paths(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """The paths of attributes read from a name, longest ones only: ``a.b[:1].c`` is (a, b, c)."""
    inner = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node not in inner:
            names, at = [], node
            while isinstance(at, ast.Attribute | ast.Subscript):
                inner.add(at)
                if isinstance(at, ast.Subscript) and not isinstance(at.slice, ast.Slice):
                    names.clear()  # an item: what follows is not read from the records
                elif isinstance(at, ast.Attribute):
                    names.append(at.attr)
                at = at.value
            if isinstance(at, ast.Name):
                yield (at.id, *reversed(names))


def _plain_path(expression: str) -> tuple[str, ...]:
    """The path of an expression that is nothing else, or an empty one."""
    return tuple(expression.strip().split(".")) if re.fullmatch(r"\s*\w+(\.\w+)*\s*", expression) else ()


def _tree(source: str):
    return lxml_html.fragment_fromstring(source, create_parent="div")
