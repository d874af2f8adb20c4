"""The marks by which an answer finds its conversation: ids of our mails, and the token in an address or a subject.

Decides how our Message-IDs look and where a token may stand; whether a token is ours is checked by the engine. A token stands
in every id of ours, so a thread survives a mail system that keeps only one reference; in a subject or address it survives
those that keep none. Sources: RFC 5322 3.6.4, RFC 5233 (the part of an address after `+`).
"""

import re

from parlons.channels.email.model import Mail

_MARK = r"[a-z2-7]{36}"
_OWN_ID = re.compile(rf"p\.[a-z0-9-]{{4,64}}\.({_MARK})@", re.IGNORECASE)
_IN_ADDRESS = re.compile(rf"\+({_MARK})@", re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"\s*\[ref:({_MARK})\]", re.IGNORECASE)
_RE = re.compile(r"^\s*((re|aw|sv|antw|rép|ref|réf|r)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
LONGEST_SUBJECT = 200


def message_id(key: str, token: str, domain: str) -> str:
    """The id of a mail of ours, without angle brackets: the same at every try."""
    return f"p.{key.lower()}.{token}@{domain}" if token else f"p.{key.lower()}@{domain}"


def token_of(mail: Mail) -> str | None:
    """The token this mail bears: in an address it was sent to, in an id it answers, in its subject."""
    for mailbox in (*mail.to, *mail.cc):
        if found := _IN_ADDRESS.search(mailbox.address):
            return found[1].lower()
    for reference in mail.references:
        if found := _OWN_ID.match(reference):
            return found[1].lower()
    found = _IN_SUBJECT.search(mail.subject)
    return found[1].lower() if found else None


def with_token(address: str, token: str) -> str:
    """`shop@example.org` with the token: `shop+token@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def without_token(subject: str) -> str:
    """A subject as people read it."""
    return _IN_SUBJECT.sub("", subject).strip()


def answer_subject(subject: str, token: str = "") -> str:
    """The subject of an answer: one `Re:`, and the token at its end where it is wanted."""
    bare = _RE.sub("", without_token(subject)).strip()[:LONGEST_SUBJECT]
    line = f"Re: {bare}" if bare else "Re:"
    return f"{line} [ref:{token}]" if token else line
