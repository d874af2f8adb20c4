"""Widgets and visitors as values, and the rules a widget's settings obey. Pure.

Decides which origins a widget answers, and that a shop's colour carries white text. Source of the contrast: WCAG 2.2,
1.4.3 and its definition of relative luminance. Texts the visitor reads stand in the widget's own script, save those a
firm sets here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from parlons.channels.webchat.errors import InvalidWidget
from parlons.kit.languages import LANGUAGES

CHANNEL = "webchat"
TEXT_MAX = 4000
"""Characters of one message from a page."""
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TEXTS = frozenset({"title", "greeting"})


@dataclass(frozen=True, slots=True)
class Widget:
    """One chat on one or several sites of a firm."""

    id: str
    tenant_id: str
    workspace_id: str
    firm_id: str
    key: str
    """Public: it stands in the shop's pages."""
    address: str
    """The entry point its chats arrive at."""
    name: str = ""
    origins: tuple[str, ...] = ()
    """`https://shop.example` or `https://*.shop.example`; pages which this server itself serves need no entry."""
    languages: tuple[str, ...] = LANGUAGES
    accent: str | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language: `title` (the name shown) and `greeting`."""
    privacy_url: str | None = None
    reply_seconds: int | None = None
    """How fast people usually answer; None: nothing is promised."""
    away_minutes: int | None = None
    """After so long an unread answer follows him by another channel (`away`); None: never."""
    identity_secret: str = field(default="", repr=False)
    token_key: bytes = field(default=b"", repr=False)
    version: int = 1

    def allows(self, origin: str) -> bool:
        """Whether a page of `origin` may use this widget."""
        for allowed in self.origins:
            scheme, _, host = allowed.partition("://*.")
            if origin == allowed or (host and _below(origin, scheme, host)):
                return True
        return False

    def words(self, language: str) -> dict[str, str]:
        """The firm's own texts in this language."""
        return dict(self.texts.get(language, {}))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a shop's page who has written or consented."""

    id: str
    widget_id: str
    firm_id: str
    language: str
    customer_id: str | None = None
    conversation_id: str | None = None
    external_id: str | None = None
    """The site's own user id, once proven by its signature."""
    best_position: int | None = None
    """The lowest place in the queue he was told in this wait."""
    kept: bool = False
    """He wrote outside hours: his message is kept as work for later, and he waits for nobody now."""


def _below(origin: str, scheme: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == scheme and parts.netloc.endswith("." + host)


def check_widget(values: Mapping[str, Any]) -> None:
    """Raise InvalidWidget when a setting cannot be used; the message names it and the remedy."""
    if not _KEY.fullmatch(values["key"]):
        raise InvalidWidget("A widget's key has 3 to 64 small letters, digits and hyphens.", field="key")
    for origin in values["origins"]:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "*" in parts.netloc[2:]:
            raise InvalidWidget("An origin looks like https://shop.example, without a path.", field="origins")
    if not values["languages"] or not set(values["languages"]) <= set(LANGUAGES):
        raise InvalidWidget(f"The widget speaks {' and '.join(LANGUAGES)}.", field="languages")
    accent = values["accent"]
    if accent is not None and (not _COLOUR.fullmatch(accent) or contrast_with_white(accent) < 4.5):
        raise InvalidWidget("White text is not readable on this colour; choose a darker #rrggbb.", field="accent")
    for language, texts in values["texts"].items():
        if language not in LANGUAGES or not set(texts) <= _TEXTS or any(len(text) > 400 for text in texts.values()):
            raise InvalidWidget("Texts are title and greeting, by language, of at most 400 characters.", field="texts")
    url = values["privacy_url"]
    if url is not None and urlsplit(url).scheme not in ("http", "https") and not url.startswith("/"):
        raise InvalidWidget("The address of the privacy page begins with https:// or /.", field="privacy_url")
    seconds = values["reply_seconds"]
    if seconds is not None and not 1 <= seconds <= 86_400:
        raise InvalidWidget("reply_seconds lies between 1 and 86400.", field="reply_seconds")
    minutes = values.get("away_minutes")
    if minutes is not None and not 1 <= minutes <= 1440:
        raise InvalidWidget("away_minutes lies between 1 and 1440.", field="away_minutes")


def contrast_with_white(colour: str) -> float:
    """Contrast of white text on `#rrggbb`, [1, 21]."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
