"""The HTML of an article: what of it is kept, and its plain words. Pure.

An author is trusted with words, not with markup: he may paste from anywhere, and his key may be stolen. Kept are headings,
paragraphs, lists, tables, links, emphasis and the article's own pictures; nothing that runs, styles or fetches from elsewhere.
Source: OWASP XSS prevention; nh3 (an HTML5 parser and allow-list).
"""

import re
from html.parser import HTMLParser

import nh3

from parlons.kit.errors import Invalid

MAX_HTML = 200_000
FILES = "/help-files"
"""Below it stand the pictures and documents of articles (files.py)."""
_DEEPEST = 200
_TAGS = {
    "a", "b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "kbd", "li", "ol", "p", "pre",
    "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_UNREAD = {"script", "style", "title", "head", "noscript", "template", "svg", "math", "iframe", "object", "textarea"}
"""Elements whose words are no words of the article."""
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:|/(?!/))", re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)(?!(?:br|hr|img|p|li|td|th|tr)\b)[a-z]", re.IGNORECASE)
_PICTURE = re.compile(rf"{FILES}/[A-Za-z0-9]{{1,64}}")
_IMG = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
"""As the cleaner writes it: quotes inside a value are escaped, `<` and `>` may stand there."""
_FIRST = re.compile(r"<(/?)h1>")
_APART = {"p", "h2", "h3", "h4", "li", "tr", "ul", "ol", "table", "blockquote", "pre", "hr", "br"}


class ArticleTooLong(Invalid):
    """This article is too long, or nested too deeply."""

    code = "article-too-long"


def clean(html: str) -> str:
    """`html` harmless; cleaning twice changes nothing. Raises ArticleTooLong."""
    if len(html) > MAX_HTML or _depth(html) > _DEEPEST:
        raise ArticleTooLong(limit=MAX_HTML)
    kept = nh3.clean(
        html.replace("\x00", ""),
        tags=_TAGS,
        clean_content_tags=_UNREAD,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    kept = _IMG.sub(lambda found: found[0] if ' src="' in found[0] else "", kept)
    return _FIRST.sub(r"<\1h2>", kept).strip()  # the page's own title is its only first heading


def plain(html: str) -> str:
    """The words of clean HTML, blocks apart."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.parts).split())


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    return None if name == "href" and not _ADDRESS.match(value.strip()) else value


def _depth(html: str) -> int:
    """How deep elements stand in each other: the cleaner's time grows with the square of it."""
    depth = deepest = 0
    for found in _ELEMENT.finditer(html):
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Reader(HTMLParser):
    """Collects words; ends of blocks are blanks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _APART or tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _APART or tag in ("td", "th"):
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
