"""The public help centre as HTML: pages without a script, in both themes, from 320 px up, that search engines can read.

Pure: values in, text out; every value is escaped but the HTML of an article, which was made harmless when it was written.
Sources: WCAG 2.2 (1.3.1, 1.4.10, 2.4.1, 2.4.7, 2.5.8); HTML, landmarks; sitemaps.org 0.9; hreflang by RFC 8288 links in the head.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

from parlons.kit.phone import spaced
from parlons.knowledge.texts import NAMES, counted, day, line

Json = Mapping[str, Any]
SHOWN = 6
"""Articles of a section on the first page."""
_STYLE = """
:root{color-scheme:light dark;--bg:#f1f3f4;--card:#fff;--text:#181f22;--soft:#4d575b;--line:#868f93;--thin:#d5dbdd;
--accent:#00647c;--on:#fff;--mark:#fff1b8}
@media(prefers-color-scheme:dark){:root{--bg:#0d1113;--card:#14191c;--text:#e7eaec;--soft:#b3bcc0;--line:#737e83;
--thin:#2b3438;--accent:#4cc4e6;--on:#04222b;--mark:#4a4012}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;padding:8px 12px;background:var(--card)}
header,main,footer{max-width:880px;margin:0 auto;padding:16px}
header{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center;justify-content:space-between}
header>a{font-weight:600;font-size:18px;color:var(--text);text-decoration:none;min-height:44px;display:flex;align-items:center}
ul{padding-left:24px}
.plain{list-style:none;margin:0;padding:0}
nav .plain{display:flex;flex-wrap:wrap;gap:4px 16px}
nav a,nav span{display:inline-flex;align-items:center;min-height:32px}
h1{margin:0 0 12px;font-size:26px;line-height:1.25}
h2{margin:24px 0 8px;font-size:19px;line-height:1.3}
h3{margin:20px 0 6px;font-size:17px}
.soft{color:var(--soft);font-size:14px}
.card{background:var(--card);border-radius:12px;padding:20px 16px;margin:0 0 16px}
.card>:first-child{margin-top:0}
.card>:last-child{margin-bottom:0}
.cards{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr))}
.cards .card{margin:0}
.cards li{padding:6px 0}
.found h2{margin:0}
.found p{margin:4px 0 0}
mark{background:var(--mark);color:inherit;border-radius:3px}
form{margin:0}
.search{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 20px}
.search label{flex-basis:100%;font-weight:600}
input,textarea{flex:1;min-width:0;min-height:44px;padding:8px 12px;font:inherit;color:inherit;background:var(--card);
border:1px solid var(--line);border-radius:8px}
textarea{display:block;width:100%;min-height:96px;margin:8px 0}
button,.button{display:inline-flex;align-items:center;min-height:44px;padding:8px 20px;font:inherit;font-weight:600;
color:var(--on);background:var(--accent);border:0;border-radius:8px;cursor:pointer;text-decoration:none}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{padding:0;margin:0 0 8px;font-weight:600}
.row{display:flex;flex-wrap:wrap;gap:12px}
table{width:100%;table-layout:fixed;border-collapse:collapse}
th,td{padding:6px 8px;border:1px solid var(--thin);text-align:left;vertical-align:top}
pre{white-space:pre-wrap}
img{max-width:100%;height:auto;border-radius:8px}
blockquote{margin:12px 0;padding-left:12px;border-left:4px solid var(--thin)}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing runs, and nothing is fetched but these pages and the pictures of their articles."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """How a reader reaches the firm; empty: not this way."""

    chat: str = ""
    """Address of its chat page on this server."""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of a help centre has."""

    base: str
    """The public address of this server, without a slash at its end."""
    slug: str
    firm: str
    language: str
    contacts: Contacts = field(default_factory=Contacts)
    alternates: Mapping[str, str] = field(default_factory=dict)
    """Paths of this page in the languages it has."""

    def path(self, *parts: str) -> str:
        """A path of this help centre in this language."""
        return "/".join([f"/help/{self.slug}/{self.language}", *(quote(part, safe="") for part in parts)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page in its frame."""

    title: str
    body: str
    """HTML."""
    about: str = ""
    path: str = ""
    query: str = ""
    listed: bool = True
    """Search engines may keep it."""


def whole(frame: Frame, sheet: Sheet) -> str:
    """The document."""
    language = frame.language
    head = [f"<title>{escape(sheet.title)}</title>"]
    if sheet.about:
        head.append(f'<meta name="description" content="{escape(sheet.about)}">')
    if sheet.listed:
        head.append(f'<link rel="canonical" href="{escape(frame.base + sheet.path)}">')
        head += [
            f'<link rel="alternate" hreflang="{other}" href="{escape(frame.base + path)}">'
            for other, path in frame.alternates.items()
        ]
    else:
        head.append('<meta name="robots" content="noindex">')
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{"".join(head)}<style>{_STYLE}</style></head>'
        f'<body><a class="skip" href="#content">{escape(line("skip", language))}</a>'
        f'<header><a href="{escape(frame.path(""))}">{escape(line("title", language, firm=frame.firm))}</a>'
        f'{_languages(frame)}</header><main id="content">{_search(frame, sheet.query)}{sheet.body}</main>'
        f"{_contact(frame)}</body></html>"
    )


@dataclass(frozen=True, slots=True)
class Group:
    """A section on the first page."""

    path: str
    name: str
    articles: Sequence[Json]
    total: int


def home(frame: Frame, groups: Sequence[Group]) -> Sheet:
    """The first page."""
    cards = "".join(_card(frame, group) for group in groups)
    empty = f"<p>{escape(line('empty', frame.language))}</p>"
    about = line("about", frame.language, firm=frame.firm)
    title = line("title", frame.language, firm=frame.firm)
    body = f'<h1>{escape(title)}</h1><p>{escape(about)}</p><div class="cards">{cards}</div>' if cards else empty
    return Sheet(title, body if cards else f"<h1>{escape(title)}</h1>{empty}", about, frame.path(""))


def section(frame: Frame, path: str, name: str, articles: Sequence[Json]) -> Sheet:
    """All articles of a section."""
    body = f'{_trail(frame)}<div class="card"><h1>{escape(name)}</h1>{_list(frame, articles)}</div>'
    return Sheet(f"{name} - {frame.firm}", body, name, path)


def article(frame: Frame, one: Json, *, rated: str = "", section_name: str = "", section_path: str = "") -> Sheet:
    """An article with its question. `rated`: `yes`, `no` or `noted` after an answer."""
    at = line("updated", frame.language, date=day(one["published_at"], frame.language))
    stamp = f'<p class="soft"><time datetime="{escape(one["published_at"])}">{escape(at)}</time></p>'
    text = f'<article class="card"><h1>{escape(one["title"])}</h1>{one["html"]}{stamp}</article>'
    asked = f'<section class="card" id="helpful">{_rating(frame, one, rated)}</section>'
    body = f"{_trail(frame, section_name, section_path)}{text}{asked}"
    about = one["summary"] or one["title"]
    return Sheet(f"{one['title']} - {frame.firm}", body, about, frame.path("a", one["slug"]))


def results(frame: Frame, query: str, items: Sequence[Json], corrected: str | None) -> Sheet:
    """What a search found."""
    language = frame.language
    title = line("results", language, query=query)
    if not items:
        told = f"<p>{escape(line('nothing', language, query=query))}</p><p>{escape(line('nothing-help', language))}</p>"
    else:
        told = f'<p class="soft">{escape(counted(len(items), language))}</p>'
    if corrected:
        told = f"<p>{escape(line('corrected', language, query=query, corrected=corrected))}</p>{told}"
    found = "".join(_result(frame, one) for one in items)
    body = f'<h1>{escape(title)}</h1><div role="status">{told}</div><ul class="plain found">{found}</ul>'
    return Sheet(f"{title} - {frame.firm}", body, query=query, listed=False)


def told(language: str, code: str) -> str:
    """A page that says what is wrong."""
    title, text = line(f"{code}-title", language), line(code, language)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main><div class="card"><h1>{escape(title)}</h1><p>{escape(text)}</p></div></main></body></html>'
    )


def sitemap(base: str, paths: Sequence[tuple[str, str]]) -> str:
    """Addresses with the day each changed, for search engines."""
    rows = "".join(
        f"<url><loc>{escape(base + path)}</loc><lastmod>{escape(changed[:10])}</lastmod></url>"
        for path, changed in paths
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    )


def _languages(frame: Frame) -> str:
    current = ' aria-current="true"'
    others = "".join(
        f'<li><a href="{escape(path)}" lang="{other}" hreflang="{other}"'
        f"{current if other == frame.language else ''}>{NAMES[other]}</a></li>"
        for other, path in frame.alternates.items()
    )
    name = escape(line("languages", frame.language))
    return f'<nav aria-label="{name}"><ul class="plain">{others}</ul></nav>' if len(frame.alternates) > 1 else ""


def _search(frame: Frame, query: str) -> str:
    label, go = escape(line("search", frame.language)), escape(line("go", frame.language))
    return (
        f'<form class="search" role="search" action="{escape(frame.path("search"))}"><label for="q">{label}</label>'
        f'<input id="q" name="q" type="search" maxlength="200" value="{escape(query)}"><button>{go}</button></form>'
    )


def _trail(frame: Frame, name: str = "", path: str = "") -> str:
    parts = [(line("home", frame.language), frame.path("")), *([(name, path)] if name else [])]
    items = "".join(f'<li><a href="{escape(to)}">{escape(label)}</a></li>' for label, to in parts)
    return f'<nav aria-label="{escape(line("path", frame.language))}"><ol class="plain row">{items}</ol></nav>'


def _card(frame: Frame, group: Group) -> str:
    more = line("all", frame.language, count=group.total)
    rest = f'<p><a href="{escape(group.path)}">{escape(more)}</a></p>' if len(group.articles) < group.total else ""
    heading = f'<a href="{escape(group.path)}">{escape(group.name)}</a>'
    return f'<section class="card"><h2>{heading}</h2>{_list(frame, group.articles)}{rest}</section>'


def _list(frame: Frame, articles: Sequence[Json]) -> str:
    items = "".join(
        f'<li><a href="{escape(frame.path("a", one["slug"]))}">{escape(one["title"])}</a></li>' for one in articles
    )
    return f'<ul class="plain">{items}</ul>'


def _result(frame: Frame, one: Json) -> str:
    excerpt = "".join(
        f"<mark>{escape(piece['text'])}</mark>" if piece["hit"] else escape(piece["text"]) for piece in one["excerpt"]
    )
    to = escape(frame.path("a", one["slug"]))
    return f'<li class="card"><h2><a href="{to}">{escape(one["title"])}</a></h2><p>{excerpt}</p></li>'


def _rating(frame: Frame, one: Json, rated: str) -> str:
    language, to = frame.language, escape(frame.path("a", one["slug"]))
    if rated == "noted":
        return f'<p role="status">{escape(line("noted", language))}</p>'
    if rated in ("yes", "no"):
        return (
            f'<p role="status">{escape(line("thanks", language))}</p><form method="post" action="{to}">'
            f'<input type="hidden" name="helpful" value="{rated}"><label for="comment">{escape(line("more", language))}</label>'
            f'<textarea id="comment" name="comment" maxlength="1000" aria-describedby="comment-help"></textarea>'
            f'<p class="soft" id="comment-help">{escape(line("more-help", language))}</p>'
            f"<button>{escape(line('send', language))}</button></form>"
        )
    buttons = "".join(
        f'<button name="helpful" value="{value}">{escape(line(value, language))}</button>' for value in ("yes", "no")
    )
    asked = escape(line("helpful", language))
    group = f'<fieldset><legend>{asked}</legend><div class="row">{buttons}</div></fieldset>'
    return f'<form method="post" action="{to}">{group}</form>'


def _contact(frame: Frame) -> str:
    language, ways = frame.language, frame.contacts
    links = []
    if ways.chat:
        links.append((ways.chat, line("chat", language)))
    if ways.email:
        links.append((f"mailto:{ways.email}", line("mail", language)))
    if ways.phone:
        links.append((f"tel:{ways.phone}", line("call", language, phone=spaced(ways.phone))))
    if not links:
        return ""
    buttons = "".join(f'<a class="button" href="{escape(to)}">{escape(label)}</a>' for to, label in links)
    heading = escape(line("contact", language))
    return f'<footer><section class="card"><h2>{heading}</h2><div class="row">{buttons}</div></section></footer>'
