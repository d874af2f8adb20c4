"""HTML of strangers made harmless, divided into what is new and what is quoted, and told as plain text.

Decides which elements and attributes a mail may keep (nh3, an HTML5 parser and allow-list), that no picture is fetched from
outside (its address waits in `data-remote`), that one sent along is named (`data-cid`), and where the quoted history begins.
Never trust the input of these functions; their output may stand in a sandboxed frame. Sources: OWASP XSS prevention; the
marks by which Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and Proton set off what they quote.
"""

import re
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

import nh3

MAX_HTML = 300_000
MAX_DEPTH = 1000
_NESTABLE = re.compile(
    r"<(/?)(?!(?:br|hr|img|p|li|dd|dt|td|th|tr|col|input|meta|link|wbr|o:p)\b)[a-z][a-z0-9:-]{0,20}", re.I
)
"""Where an element begins or ends that may hold others and is not closed by the next of its kind."""
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol",
    "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul", "wbr",
}  # fmt: skip
_SHARED = {"align", "valign", "dir", "lang", "title", "width", "height", "bgcolor", "color", "style", "id", "class"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _SHARED,
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "table": {"border", "cellpadding", "cellspacing"},
    "ol": {"start"},
    "font": {"face", "size"},
    "blockquote": {"type"},
}
_STYLES = {
    "color", "background-color", "font-size", "font-weight", "font-style", "font-family", "text-align", "text-decoration",
    "text-indent", "line-height", "margin", "margin-top", "margin-bottom", "margin-left", "margin-right", "padding",
    "padding-left", "padding-right", "padding-top", "padding-bottom", "border", "border-left", "border-top",
    "border-collapse", "vertical-align", "white-space", "width", "max-width",
}  # fmt: skip
"""None of them can fetch, cover other things or move out of its place."""
_VOID = {"br", "hr", "img", "col", "wbr"}
_BLOCKS = {
    "p", "div", "table", "tr", "ul", "ol", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "center",
    "figure",
}  # fmt: skip
_APART = {"p", "h1", "h2", "h3", "blockquote", "ul", "ol", "table"}
"""Before and after them a line stays empty."""
_BULLET = re.compile(r"(?:^|[> ])(?:-|\d{1,4}\.) $")
_QUOTES = re.compile(
    r"\b(gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote|moz-cite-prefix|mail_quote|zmail_extra|"
    r"appendonsend|divRplyFwdMsg|reply-intro|OutlookMessageHeader|mail-editor-reference-message-container|"
    r"ms-outlook-mobile-reference-message)\b"
)
"""Classes and ids by which mail programs mark what they quote."""
_OUTLOOK_LINE = re.compile(
    r"border-top:\s*(solid\s*)?#[0-9a-f]{3,6}\s*(solid\s*)?1\.0pt|border-top:\s*solid #[0-9a-f]{6} 1\.0pt", re.I
)


@dataclass(frozen=True, slots=True)
class Page:
    """A mail's HTML, harmless."""

    new: str
    """What this mail says."""
    quoted: str
    """The history below it, or empty."""
    remote_images: int
    """Pictures that lie on somebody's server: not fetched."""
    cids: frozenset[str]
    """Content ids of pictures that it shows."""


def clean(html: str) -> Page:
    """The page in `html`, harmless, its quoted history apart."""
    walker = _Walker()
    walker.feed(_harmless(html))
    walker.close()
    new, quoted = "".join(walker.new).strip(), "".join(walker.quoted).strip()
    if not _says_something(new) and quoted:  # all of it stands in a quote: a mail sent on without a word of one's own
        new, quoted = quoted, ""
    return Page(new, quoted, walker.remote, frozenset(walker.cids))


def to_text(html: str) -> str:
    """The words of `html`: paragraphs as lines, links with their address, quotes with `>`."""
    teller = _Teller()
    teller.feed(_harmless(html))
    teller.close()
    return teller.text()


def from_text(text: str) -> str:
    """Plain words as HTML: nothing in them is markup."""
    paragraphs = re.split(r"\n{2,}", text.strip())
    return "".join(f"<p>{escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs)


def _harmless(html: str) -> str:
    return nh3.clean(
        _flat(html[:MAX_HTML]),
        tags=_TAGS,
        clean_content_tags={
            "script",
            "style",
            "title",
            "head",
            "noscript",
            "template",
            "svg",
            "math",
            "iframe",
            "object",
        },
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
        strip_comments=True,
    )


def _flat(html: str) -> str:
    """Without what is nested deeper than any mail: the cleaner's time grows with the square of the depth."""
    depth = 0

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[1]:
            depth = max(0, depth - 1)
        else:
            depth += 1
        return tag[0] if depth <= MAX_DEPTH else ""

    return _NESTABLE.sub(keep, html)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style" and re.search(r"url\s*\(|expression|@import|\\", value, re.I):
        return None
    if name == "src" and not re.match(r"(cid:|https?://|//)", value.strip(), re.I):
        return None
    return value


def _says_something(html: str) -> bool:
    return "<img" in html or bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", html))


class _Walker(HTMLParser):
    """Writes clean HTML again, in two halves. What comes in has no surprises: nh3 closed every element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.new: list[str] = []
        self.quoted: list[str] = []
        self.remote = 0
        self.cids: set[str] = set()
        self._open: list[str] = []
        self._quote_from: int | None = None
        """How many elements were open when the quote began, for a quote that is one element; None: not in one."""
        self._rest = False
        """From a header line on, everything below is history."""

    @property
    def _out(self) -> list[str]:
        return self.quoted if self._rest or self._quote_from is not None else self.new

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if not self._rest and self._quote_from is None and _begins_quote(tag, values):
            self._begin(tag, values)
        self._out.append(self._tag(tag, values))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._open:
            self._open.pop()
        self._out.append(f"</{tag}>")
        if self._quote_from is not None and len(self._open) <= self._quote_from:
            self._quote_from = None

    def handle_data(self, data: str) -> None:
        self._out.append(data)

    def handle_entityref(self, name: str) -> None:
        self._out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._out.append(f"&#{name};")

    def _begin(self, tag: str, values: dict[str, str]) -> None:
        marks = f"{values.get('id', '')} {values.get('class', '')}"
        whole = "appendonsend" in marks or "divRplyFwdMsg" in marks or "OutlookMessageHeader" in marks
        if whole or _OUTLOOK_LINE.search(values.get("style", "")):
            # A line and a header, then the old mail as siblings: everything from here on. Each half closes its elements.
            self.new.extend(f"</{one}>" for one in reversed(self._open))
            self.quoted.extend(f"<{one}>" for one in self._open)
            self._rest = True
        else:
            self._quote_from = len(self._open)

    def _tag(self, tag: str, values: dict[str, str]) -> str:
        kept = {name: value for name, value in values.items() if name not in ("class", "id", "type")}
        if tag == "img":
            source = kept.pop("src", "").strip()
            if source.lower().startswith("cid:"):
                kept["data-cid"] = source[4:].strip("<>")
                self.cids.add(kept["data-cid"])
            elif source:
                kept["data-remote"] = f"https:{source}" if source.startswith("//") else source
                self.remote += 1
        if tag == "a" and "href" in kept:
            kept["target"] = "_blank"
        return f"<{tag}{''.join(f' {name}={chr(34)}{escape(value)}{chr(34)}' for name, value in kept.items())}>"


def _begins_quote(tag: str, values: dict[str, str]) -> bool:
    marks = f"{values.get('id', '')} {values.get('class', '')}"
    if tag == "blockquote":
        return values.get("type", "").lower() == "cite" or bool(_QUOTES.search(marks))
    if tag == "div":
        return bool(_QUOTES.search(marks)) or bool(_OUTLOOK_LINE.search(values.get("style", "")))
    return False


class _Teller(HTMLParser):
    """Reads clean HTML as lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._depth = 0
        self._links: list[tuple[str, int]] = []
        self._pre = 0
        self._lists: list[int] = []
        """Of each list that is open: the number of its next item; 0: it has bullets."""

    def text(self) -> str:
        """What was read."""
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self._lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "br":
            self._new_line()
        elif tag == "li":
            self._fresh_line()
            self._lines[-1] += self._bullet()
        elif tag in ("td", "th"):
            self._lines[-1] += " " if self._lines[-1].strip("> ") else ""
        elif tag in _BLOCKS and not _BULLET.search(self._lines[-1]):
            self._fresh_line(blank=tag in _APART and not self._lists)
        if tag in ("ul", "ol"):
            start = values.get("start") or "1"
            self._lists.append((int(start) if start.isdecimal() else 1) if tag == "ol" else 0)
        if tag == "a":
            self._links.append((values.get("href") or "", sum(map(len, self._lines))))
        if tag == "blockquote":
            self._depth += 1
            self._fresh_line()
        if tag == "pre":
            self._pre += 1
        if tag == "img" and values.get("alt"):
            self._lines[-1] += f"[{values['alt']}]"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            href, _ = self._links.pop()
            shown = self._lines[-1]
            address = re.sub(r"^(mailto|tel):", "", href)
            if address and address.rstrip("/") not in shown:
                self._lines[-1] += f" <{address}>"
        if tag == "blockquote":
            self._depth = max(0, self._depth - 1)
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag == "blockquote" or (tag in ("ul", "ol") and not self._lists):
            self._leave()
        elif tag in _BLOCKS:
            self._fresh_line(blank=tag in _APART and not self._lists)

    def handle_data(self, data: str) -> None:
        if self._pre:
            first, *others = data.split("\n")
            self._lines[-1] += first
            for line in others:
                self._new_line()
                self._lines[-1] += line
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data).replace("\xa0", " ").replace("\u200b", "").replace("\ufeff", "")
        if words.strip() or (self._lines[-1].strip("> ") and not self._lines[-1].endswith(" ")):
            empty = not self._lines[-1].strip("> ")
            self._lines[-1] += words.lstrip() if empty else words

    def _bullet(self) -> str:
        inside = "  " * (len(self._lists) - 1)
        if not self._lists or not self._lists[-1]:
            return f"{inside}- "
        self._lists[-1] += 1
        return f"{inside}{self._lists[-1] - 1}. "

    def _leave(self) -> None:
        """One empty line after what was set off, whatever stood at its end."""
        while len(self._lines) > 1 and not self._lines[-1].strip("> "):
            self._lines.pop()
        self._new_line()
        self._new_line()

    def _new_line(self) -> None:
        self._lines.append("> " * self._depth)

    def _fresh_line(self, *, blank: bool = False) -> None:
        if self._lines[-1].strip("> "):
            self._new_line()
            if blank:
                self._new_line()
        else:
            self._lines[-1] = "> " * self._depth
