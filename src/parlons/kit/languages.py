"""The languages Parlons itself speaks, and which of them is nearest to somebody's. Pure."""

import re

LANGUAGES = ("en", "fr")
_SHORT = re.compile(r"[A-Za-z]*")


def nearest(language: str | None) -> str:
    """The language of ours for a tag or an Accept-Language header, such as `fr` for `fr-CA` and `fr,en;q=0.5`; else English."""
    found = _SHORT.match((language or "").strip())
    short = found[0].lower() if found else ""
    return short if short in LANGUAGES else "en"
