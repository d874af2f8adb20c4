"""What a template is, which of its languages is read, and which values its variables have. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound
from parlons.kit.languages import LANGUAGES
from parlons.templates.liquid import check

REPLY = "reply"
"""The kind of those an agent puts into his answer."""
MAX_TITLE = 120
_SHORTCUT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


class InvalidReply(Invalid):
    """A ready reply needs a title, a shortcut of small letters, digits and dashes, and a text in one language at least."""

    code = "invalid-reply"


class UnknownTemplate(NotFound):
    """There is no such text."""

    code = "unknown-template"


class ShortcutTaken(Conflict):
    """Another text has this shortcut for the same firm and queue."""

    code = "shortcut-taken"


class SharedTemplate(Forbidden):
    """A text of all firms is changed by those who answer for all of them."""

    code = "shared-template"


class TemplateChanged(Conflict):
    """Somebody changed this text meanwhile."""

    code = "changed-meanwhile"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an author gives."""

    shortcut: str
    title: str
    texts: Mapping[str, str]
    """Sources by language."""
    firm_id: str | None = None
    """None: for all firms."""
    queue_id: str | None = None
    """None: for all queues."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text."""

    id: str
    kind: str
    shortcut: str
    title: str
    texts: dict[str, str]
    firm_id: str | None
    queue_id: str | None
    version: int
    changed_by: str
    """Name of the author of this version."""
    changed_at: Millis


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is filled."""

    customer: Mapping[str, Any] = field(default_factory=dict)
    agent_name: str = ""
    firm_name: str = ""
    subject: str = ""


def check_title(title: str) -> str:
    """Without needless blanks; raises InvalidReply."""
    found = " ".join(title.replace("\x00", "").split())
    if not found or len(found) > MAX_TITLE:
        raise InvalidReply(f"A title has between 1 and {MAX_TITLE} characters.", field="title")
    return found


def check_shortcut(shortcut: str) -> str:
    """As it is; raises InvalidReply."""
    if not _SHORTCUT.fullmatch(shortcut):
        raise InvalidReply("A shortcut has 1 to 60 small letters, digits and dashes.", field="shortcut")
    return shortcut


def cleaned(wanted: Wanted) -> Wanted:
    """`wanted` without needless blanks and empty languages; raises InvalidReply, or what `liquid.check` raises."""
    texts = {language: text.strip() for language, text in wanted.texts.items() if text.strip()}
    title = check_title(wanted.title)
    check_shortcut(wanted.shortcut)
    if not texts or not set(texts) <= set(LANGUAGES):
        raise InvalidReply("Write the text in one language at least.", field="texts")
    for language, text in texts.items():
        check(text.replace("\x00", ""), field=f"texts.{language}")
    return Wanted(wanted.shortcut, title, texts, wanted.firm_id or None, wanted.queue_id or None)


def language_for(texts: Mapping[str, str], wanted: Iterable[str | None]) -> str:
    """The first of the `wanted` languages in which there is a text (`fr-CA` finds `fr`), else any."""
    for language in wanted:
        if language and (found := language.partition("-")[0].lower()) in texts:
            return found
    return sorted(texts)[0]


def values_for(reader: Reader) -> dict[str, Any]:
    """What each variable stands for, in the shape Liquid looks them up; what is unknown is empty."""
    known = reader.customer
    attributes = known.get("attributes") or {}
    plain = {str(key): value for key, value in attributes.items() if isinstance(value, str | int | float | bool)}
    by_kind = {address["kind"]: address["value"] for address in reversed(known.get("addresses", ()))}
    name = known.get("name") or ""
    return {
        "customer": {
            "name": name,
            "first_name": first_name(name),
            "email": by_kind.get("email", ""),
            "phone": by_kind.get("phone", ""),
            "language": known.get("language") or "",
            "attributes": plain,
        },
        "agent": {"name": reader.agent_name, "first_name": first_name(reader.agent_name)},
        "firm": {"name": reader.firm_name},
        "conversation": {"subject": reader.subject},
    }


def first_name(name: str) -> str:
    """The first word of a name."""
    return name.split(maxsplit=1)[0] if name.strip() else ""


def plain(text: str) -> str:
    """As it is searched: without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
