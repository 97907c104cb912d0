"""What of a style sheet a letter takes with it."""

from lib.letter_css import keep_used, parse_css, used_names


def kept(css, html):
    return keep_used(parse_css(css), used_names(html))


def test_a_rule_that_may_apply_is_kept():
    """Tags, classes and ids anywhere in the page, whatever their order."""
    html = '<table id="t" class="x  y"><tr><td class=\'z\'/></tr></table>'
    for selector in (
        "table",
        "TABLE",
        ".x",
        ".y td",
        "#t>tr",
        "*",
        ":root",
        "td:first-child",
        ".z::before",
        "[data-x] .z",
        "td:not(.absent)",
        "table.x.y",
        "*,*::after",
        "body .x~.z",
    ):
        assert kept(selector + "{color:red}", html) == selector + "{color:red}", selector


def test_a_rule_that_cannot_apply_is_left_out():
    html = '<table id="t" class="x y"></table>'
    for selector in (".absent", "#absent", "ul", ".x .absent", "table#other", ".X"):
        assert kept(selector + "{color:red}", html) == "", selector


def test_a_list_of_selectors_is_cut():
    assert kept(".a,.b , .c>p{top:0}", '<p class="b"></p>') == ".b{top:0}"


def test_conditions_keep_their_rules():
    css = "@media (min-width:10px){.a{top:0}.b{top:1px}} @media print{.a{top:2px}}"
    assert kept(css, '<p class="b"></p>') == "@media (min-width:10px){.b{top:1px}}"


def test_only_the_fonts_in_use():
    css = (
        '@font-face{font-family:"Lato";src:url(lato.woff)} @font-face{font-family:"Roboto";src:url(roboto.woff)}'
        ".a{font-family:Roboto} body{font-family:'Lato',sans-serif}"
    )
    found = kept(css, "<p></p>")
    assert "lato.woff" in found
    assert "roboto.woff" not in found


def test_nothing_is_fetched_from_elsewhere():
    assert kept('@import url("//fonts.example/css?a;b"); @charset "utf-8"; p{top:0}', "<p></p>") == "p{top:0}"


def test_braces_in_strings_and_comments():
    css = "/* p{ */ p:before{content:'}{;'} a{background:url(data:image/png;base64,a{b)} i{top:0}"
    assert kept(css, "<p/><i/>") == "p:before{content:'}{;'}\ni{top:0}"


def test_names_with_signs():
    assert kept(".w-1\\/2{top:0} .-x{top:1px}", '<p class="w-1/2 -x"></p>') == ".w-1\\/2{top:0}\n.-x{top:1px}"


def test_variables_are_left_out():
    """The printer knows none: a rule that only sets some is of no use."""
    css = ":root{--a:1px;--b:2} p{--c:red;top:0;--d:2;left:1px;right:calc(var(--a) * 2)} i{top:var(--a)}"
    assert kept(css, "<p></p><i></i>") == "p{top:0;left:1px}"


def test_one_file_a_font():
    """Of the files of a font, the one that the printer reads."""
    css = (
        "@font-face{font-family:Lato;src:url(a.eot);src:url(a.eot) format('embedded-opentype'),"
        "url(a.woff) format('woff'),url(a.svg) format('svg');font-weight:400;} p{font-family:Lato}"
    )
    face = "@font-face{font-family:Lato;font-weight:400; src: url(a.woff) format('woff')}"
    assert kept(css, "<p></p>") == face + "\np{font-family:Lato}"
    only = "@font-face{font-family:Lato;src:url(a.ttf) format('truetype')}"
    assert kept(only + "p{font-family:Lato}", "<p></p>") == only + "\np{font-family:Lato}"
