"""The part of a style sheet that a document can use.

The reports' style sheet weighs several hundred kilobytes, and the printer reads it again for the body, the header and
the footer of each page. A rule can only apply where every class, id and tag it names is present: the others are left
out, without reading how its parts combine, so that nothing which could apply is ever lost.

>>> rules = parse_css(".a .b{color:red} .c,.b>p{margin:0} @media print{.c{top:0}} @import url(x.css);")
>>> keep_used(rules, used_names('<p class="b d">…</p>'))
'.b>p{margin:0}'
>>> keep_used(rules, used_names('<p class="a b"/>'))
'.a .b{color:red}\\n.b>p{margin:0}'
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING_OR_BRACE = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)\"']*\)|[{};]", re.DOTALL)
_IGNORED = re.compile(r"\[[^\]]*\]|::?[\w-]+\([^)]*\)|::?[\w-]+")
_NAME = re.compile(r"([.#]?)(-?[_a-zA-Z](?:[\w-]|\\.)*)")
_TAG = re.compile(r"<([a-zA-Z][\w-]*)")
_ATTRIBUTE = re.compile(r"\b(class|id)=(?:\"([^\"]*)\"|'([^']*)')")
_FAMILY = re.compile(r"font-family\s*:\s*[\"']?([^\"';}]+)")
#: Variables: the printer's WebKit, of 2011, knows none.
_VARIABLE = re.compile(r"(^|;)\s*--[\w-]+\s*:[^;]*")
_USES_VARIABLE = re.compile(r"(^|;)[^;:]*:[^;]*\bvar\([^;]*")
_WOFF = re.compile(r"url\([^)]*\)\s*format\([\"']?woff[\"']?\)")
_SOURCE = re.compile(r"\bsrc\s*:[^;]*;?")
_GROUPS = ("@media", "@supports")


@dataclass(frozen=True)
class Rule:
    """Selectors, each with the names it needs, and what they set."""

    selectors: tuple[tuple[str, frozenset[str]], ...]
    body: str


@dataclass(frozen=True)
class Group:
    """Rules that hold under a condition, as those of ``@media``."""

    condition: str
    rules: tuple["Rule | Group | FontFace", ...]


@dataclass(frozen=True)
class FontFace:
    """Where the files of a font are."""

    family: str
    body: str


Rules = tuple[Rule | Group | FontFace, ...]


def _names_needed(selector: str) -> frozenset[str]:
    found = _NAME.findall(_IGNORED.sub("", selector))
    return frozenset(mark + name.replace("\\", "") if mark else name.lower() for mark, name in found)


def _blocks(css: str) -> list[tuple[str, str]]:
    """(what stands before the braces, what they hold), outermost; statements without braces are dropped."""
    blocks: list[tuple[str, str]] = []
    depth = start = opened = 0
    for match in _STRING_OR_BRACE.finditer(css):
        sign = match.group()
        if sign == "{":
            if not depth:
                opened = match.end()
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if not depth:
                blocks.append((css[start : opened - 1].strip(), css[opened : match.start()].strip()))
                start = match.end()
        elif sign == ";" and not depth:
            start = match.end()
    return blocks


@lru_cache(maxsize=4)
def parse_css(css: str) -> Rules:
    """The rules of a style sheet, comments apart; ``@import``, ``@keyframes`` and the like are of no use on paper."""
    rules: list[Rule | Group | FontFace] = []
    for prelude, body in _blocks(_COMMENT.sub("", css)):
        if prelude.startswith(_GROUPS):
            rules.append(Group(prelude, parse_css(body)))
        elif prelude.startswith("@font-face"):
            family = _FAMILY.search(body)
            if family:
                rules.append(FontFace(family.group(1).strip(), _readable_font(body)))
        elif not prelude.startswith("@"):
            selectors = tuple((part.strip(), _names_needed(part)) for part in prelude.split(",") if part.strip())
            body = _USES_VARIABLE.sub("", _VARIABLE.sub("", body)).strip("; \n")
            if body:
                rules.append(Rule(selectors, body))
    return tuple(rules)


def _readable_font(body: str) -> str:
    """A font's declarations with one file only, of the kind that the printer reads, when there is a choice."""
    source = _WOFF.search(body)
    return _SOURCE.sub("", body).strip("; \n") + f"; src: {source.group()}" if source else body


def used_names(*documents: str) -> frozenset[str]:
    """Tags, ``.classes`` and ``#ids`` that occur in these pages."""
    names = {"html", "body", "head"}
    for document in documents:
        names.update(tag.lower() for tag in _TAG.findall(document))
        for kind, first, second in _ATTRIBUTE.findall(document):
            mark = "." if kind == "class" else "#"
            names.update(mark + name for name in (first or second).split())
    return frozenset(names)


@lru_cache(maxsize=16)
def keep_used(rules: Rules, names: frozenset[str]) -> str:
    """The style sheet with only the rules that may apply to pages made of ``names``, and the fonts they use."""
    return "\n".join(_written(rules, names, _families_used(rules, names)))


def _families_used(rules: Rules, names: frozenset[str]) -> str:
    """The declarations of all the rules that may apply: a font that none of them names is not needed."""
    bodies = []
    for rule in rules:
        if isinstance(rule, Group):
            bodies.append(_families_used(rule.rules, names))
        elif isinstance(rule, Rule) and "font" in rule.body and any(need <= names for _, need in rule.selectors):
            bodies.append(rule.body)
    return " ".join(bodies)


def _written(rules: Rules, names: frozenset[str], fonts: str) -> list[str]:
    lines = []
    for rule in rules:
        if isinstance(rule, FontFace):
            if rule.family in fonts:
                lines.append("@font-face{%s}" % rule.body)
        elif isinstance(rule, Group):
            inside = _written(rule.rules, names, fonts)
            if inside:
                lines.append("%s{%s}" % (rule.condition, "\n".join(inside)))
        else:
            selectors = [selector for selector, need in rule.selectors if need <= names]
            if selectors:
                lines.append("%s{%s}" % (",".join(selectors), rule.body))
    return lines
