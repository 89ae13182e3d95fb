"""Markdown and HTML: whatever somebody wrote stays text; the page needs nothing else."""

import re
from html.parser import HTMLParser

import pytest

from lessons.interview.debrief import html, markdown
from lessons.interview.debrief.shape import Table
from tests.lessons.interview.candidates import made
from tests.lessons.interview.debrief.mutations import ALL, S, of, told

HOSTILE = (
    '<script>alert("x")</script> | a `b` *c* _d_ [e](http://f.example) ![g](http://h.example/i.png) # j &amp; '
    "<k onload=l> ' {{ 7*7 }} {% m %} $n$ ~~o~~ www.p.example"
)
EVIL = {
    "id": "<b>id</b>|`x`",
    "steps.1.free_text": HOSTILE,
    "steps.3.free_text": f"# {HOSTILE}",
    "steps.5.free_text": f"1. {HOSTILE}",
    "change.free_text": HOSTILE,
    S(2) + "entities": {'<img src="http://a.example">': ["|", "`"], "User": ["id"]},
    "claims": [{"text": f"- {HOSTILE}", "scope": "<i>s</i>", "metric": "visible_lag_ms.p99", "value": 900.0}],
    "run.ablation": {"<svg onload=x>": {"base": {"summary": {"visible_lag_ms": {"p99": 1.0}}}}},
    "run.faults": {"<a href=javascript:x>": {"summary": {"fresh_goodput": 1.0}}},
    "run.base.summary.visible_lag_ms.p99": 9000.0,
    "run.next": None,
}
_VOID = {"meta", "br"}


class Page(HTMLParser):
    """What is in a page, by a parser that knows nothing of how it was made."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)


PAGES = {name: html(told(name)[2]) for name in ("as he is", "5b", "silent", "whole", "unread")}
PAGES["hostile"] = html(of(made(EVIL))[2])


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_whole_and_needs_nothing_else(name):
    page = Page(PAGES[name])
    assert page.open == []
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "section", "ul", "li", "div", "table",
        "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "rect", "text", "line", "circle",
    }  # fmt: skip
    for tag, name_, value in page.attributes:
        assert not name_.startswith("on")
        assert name_ not in ("href", "src", "srcset", "action", "xlink:href", "style"), (tag, name_)
        assert tag == "meta" or "://" not in value or "example" in value
    assert "default-src 'none'" in PAGES[name]
    style = PAGES[name].partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_a_name_and_every_table_a_caption(name):
    page = Page(PAGES[name])
    pictures = page.tags.count("svg")
    assert pictures >= 3
    assert len([one for one in page.attributes if one[:2] == ("svg", "aria-label") and one[2]]) == pictures
    assert page.tags.count("caption") == page.tags.count("table")
    assert len([one for one in page.attributes if one == ("th", "scope", "col")]) == page.tags.count("th")


def test_what_somebody_wrote_stays_text_in_the_page():
    words = " ".join(Page(PAGES["hostile"]).words)
    assert '<script>alert("x")</script>' in words
    assert "{{ 7*7 }}" in words
    assert "without <svg onload=x>" in words.replace("  ", " ")
    assert "<script" not in PAGES["hostile"]
    assert "<img" not in PAGES["hostile"]
    assert "<b>id</b>|`x`" in words


def test_the_parser_sees_what_a_page_must_not_have():
    page = Page('<p onclick="x">a</p><script src="http://a.example"></script>')
    assert "script" in page.tags
    assert ("p", "onclick", "x") in page.attributes


def test_light_dark_and_print_have_contrast_enough():
    style = PAGES["silent"].partition("<style>")[2].partition("</style>")[0]
    for ground in re.findall(r"\{ (?:color-scheme: light dark; )?(--ink: [^}]*)", style):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", ground))
        for word in ("ink", "quiet"):
            assert contrast(colours[word], colours["ground"]) >= 4.5
        for mark in ("accent", "late"):
            assert contrast(colours[mark], colours["ground"]) >= 3
    assert style.count("--ink:") == 3


def contrast(one, other):
    """WCAG 2: (lighter + 0.05) / (darker + 0.05)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_bars_and_dots_stand_inside_their_pictures():
    """Also of an estimate that is off by a million."""
    far = html(of(made({S(1) + "estimate": {"posts_s": 1e12, "reads_s": 1e-3}}))[2])
    for page in (far, PAGES["as he is"]):
        for x in re.findall(r'<circle class="score" cx="([\d.]+)"', page):
            assert 210 <= float(x) <= 510
        for x, width in re.findall(r'x="([\d.]+)" y="[\d.]+" width="([\d.-]+)"', page):
            assert float(width) >= 0
            assert float(x) + float(width) <= 641


def plain(text):
    """What a reader of Markdown shows: without the marks that make a mark a letter."""
    return re.sub(r"\\([\\`*_{}\[\]()<>#|~&$!:.\-+=])", r"\1", text)


@pytest.mark.parametrize("name", ["hostile", *ALL])
def test_no_mark_of_markdown_comes_from_what_somebody_wrote(name):
    one = of(made(EVIL))[2] if name == "hostile" else told(name)[2]
    text = markdown(one)
    for line in text.splitlines():
        naked = re.sub(r"\\.", "", line)
        assert not re.search(r"[`*_<>\[\]~$]|://", naked), line
        assert re.match(r"(#{1,2} |- |\||[^#\s>+\-=\d]|\d[^.)]*\s|0 [.=o]+ |\d+\\)|$", line), line
        if naked.startswith("|"):
            assert naked.count("|") in {len(block.columns) + 1 for part in one.sections for block in part.blocks
                                        if isinstance(block, Table)} | {3}  # fmt: skip


def test_the_rule_on_markdown_can_say_no():
    assert re.search(r"[`*_<>\[\]~$]|://", re.sub(r"\\.", "", "a *b*"))
    assert not re.search(r"[`*_<>\[\]~$]|://", re.sub(r"\\.", "", r"a \*b\*"))


def test_markdown_and_page_say_the_same():
    """Every paragraph, item and cell of the debrief stands in both."""
    one = of(made(EVIL))[2]
    text, words = plain(markdown(one)), " ".join(" ".join(Page(PAGES["hostile"]).words).split())
    for part in one.sections:
        assert part.heading in text
        assert part.heading in words
        for block in part.blocks:
            for cell in [
                getattr(block, "text", ""),
                *getattr(block, "items", ()),
                *(cell for row in getattr(block, "rows", ()) if isinstance(row, tuple) for cell in row),
            ]:
                assert cell in text
                assert " ".join(cell.split()) in words


def test_sections_are_numbered_from_one_to_ten():
    headings = re.findall(r"^## (\d+)\. (.+)$", markdown(told("as he is")[2]), re.MULTILINE)
    assert [int(number) for number, _ in headings] == list(range(1, 11))
    assert headings[8][1] == "Three practices"
