"""What an article is, which states it goes through, and what an author's text must be. Pure.

The state is that of the text being worked on. What was published last stays readable while its next text is written: readers
see `live_number`, authors see the article.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Invalid, NotFound
from parlons.kit.languages import LANGUAGES
from parlons.knowledge.markup import clean
from parlons.knowledge.words import words_of

State = Literal["draft", "review", "published", "archived"]
Audience = Literal["internal", "public"]
Act = Literal["submit", "send-back", "publish", "archive", "reopen"]
ACTS: Mapping[Act, tuple[frozenset[State], State]] = {
    "submit": (frozenset({"draft"}), "review"),
    "send-back": (frozenset({"review"}), "draft"),
    "publish": (frozenset({"draft", "review"}), "published"),
    "archive": (frozenset({"draft", "review", "published"}), "archived"),
    "reopen": (frozenset({"archived"}), "draft"),
}
"""What may be done to an article in which states, and the state after it."""
MAX_TITLE, MAX_SUMMARY, MAX_NAME = 160, 300, 80
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")


class InvalidArticle(Invalid):
    """An article needs a title and a language of ours."""

    code = "invalid-article"


class UnknownArticle(NotFound):
    """There is no such article."""

    code = "unknown-article"


class UnknownCategory(NotFound):
    """There is no such section of articles."""

    code = "unknown-category"


class ArticleChanged(Conflict):
    """Somebody changed this meanwhile."""

    code = "changed-meanwhile"


class ArticleState(Conflict):
    """This cannot be done to an article in this state."""

    code = "article-state"


class SlugTaken(Conflict):
    """Another one has this address already."""

    code = "slug-taken"


class TranslationExists(Conflict):
    """This article is already written in that language."""

    code = "translation-exists"


@dataclass(frozen=True, slots=True)
class Text:
    """What an author writes."""

    title: str
    summary: str
    """What it says in a sentence or two; lists and search engines show it."""
    html: str


@dataclass(frozen=True, slots=True)
class Article:
    """One text in one language, as its authors see it."""

    id: str
    firm_id: str
    topic_id: str
    """The same for the translations of one article."""
    language: str
    audience: Audience
    category_id: str | None
    slug: str
    text: Text
    state: State
    version: int
    live_number: int | None
    """The published version readers see; None: none."""
    changed_by: str
    changed_at: Millis


def checked(text: Text) -> Text:
    """Harmless and without needless blanks; raises InvalidArticle."""
    title, summary = _line(text.title), _line(text.summary)
    if not title or len(title) > MAX_TITLE:
        raise InvalidArticle(f"A title has between 1 and {MAX_TITLE} characters.", field="title")
    if len(summary) > MAX_SUMMARY:
        raise InvalidArticle(f"A summary has at most {MAX_SUMMARY} characters.", field="summary")
    return Text(title, summary, clean(text.html))


def check_language(language: str) -> str:
    """As it is; raises InvalidArticle."""
    if language not in LANGUAGES:
        raise InvalidArticle("An article is in one of the languages of Parlons.", field="language")
    return language


def check_slug(slug: str) -> str:
    """As it is; raises InvalidArticle."""
    if not _SLUG.fullmatch(slug):
        raise InvalidArticle("An address has 1 to 80 small letters, digits and dashes.", field="slug")
    return slug


def slug_of(title: str) -> str:
    """The address made of a title: `changer-mon-adresse`."""
    return "-".join(words_of(title))[:72].strip("-") or "article"


def names_of(names: Mapping[str, str]) -> dict[str, str]:
    """A section's names by language; raises InvalidArticle."""
    found = {language: _line(name) for language, name in names.items() if _line(name)}
    if not found or not set(found) <= set(LANGUAGES) or any(len(name) > MAX_NAME for name in found.values()):
        raise InvalidArticle(f"A section has a name of at most {MAX_NAME} characters in one language.", field="names")
    return found


def after(state: State, act: Act) -> State:
    """The state an act leads to; raises ArticleState."""
    possible, then = ACTS[act]
    if state not in possible:
        raise ArticleState(state=state, act=act)
    return then


def _line(text: str) -> str:
    """Blanks are one, save those that French sets before its signs and that do not break."""
    return _BLANKS.sub(" ", text.replace("\x00", "")).strip()
