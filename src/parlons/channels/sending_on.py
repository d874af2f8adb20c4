"""A conversation sent on to somebody outside: a mail of its own, with what was said and the files below the agent's words.

Nothing of the conversation is copied: the mail names it and how far it goes (`content.sent_on`), and what was said is put into it
when it leaves, as it stands then. So an erased customer's words leave nowhere any more and stand in nobody else's history. The
answer comes into the mail's own conversation, which the agent who sent it gets; the customer sees nothing of either.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from parlons.conversations import queries
from parlons.conversations.model import Attachment, Conversation, Message
from parlons.runtime.db import Tx

Json = dict[str, Any]
MOST = 100
"""Messages that go along: the last ones."""
LONGEST = 100_000
"""Characters of what was said; the oldest of it is left out."""
LARGEST = 18 * 1024 * 1024
"""Bytes of all files together: most mail servers take 25 MB, a third more than that in transit."""
_WORDS = {
    "en": ("---------- Forwarded conversation ----------", "Files"),
    "fr": ("---------- Conversation transférée ----------", "Fichiers\u00a0"),
}


def sent_on(conversation: Conversation, *, language: str, files: bool) -> Json:
    """What the mail's content says of it."""
    return {
        "conversation_id": conversation.id,
        "until": conversation.message_count,
        "language": language if language in _WORDS else "en",
        "files": files,
    }


async def along(tx: Tx, what: Json, most_files: int) -> tuple[str, tuple[Attachment, ...]]:
    """What goes below the agent's words, and the newest files, at most so many."""
    written = [one for one in await queries.earlier(tx, what["conversation_id"], what["until"] + 1, MOST) if _said(one)]
    files = [each for one in written for each in one.attachments] if what["files"] else []
    return history(written, what["language"]), _that_fit(files, most_files)


def history(written: Sequence[Message], language: str) -> str:
    """The messages as text, oldest first."""
    head, files = _WORDS[language]
    pieces = [_piece(one, files) for one in written]
    while pieces and sum(map(len, pieces)) > LONGEST:
        pieces.pop(0)
    return "\n\n".join([head, *pieces]) if pieces else ""


def _that_fit(files: Sequence[Attachment], many: int) -> tuple[Attachment, ...]:
    kept: list[Attachment] = []
    for each in reversed(files):
        if len(kept) < many and sum(one.size for one in kept) + each.size <= LARGEST:
            kept.append(each)
    return tuple(reversed(kept))


def subject_of(subject: str) -> str:
    """`Fwd:` once before it."""
    bare = subject.strip()
    return bare if bare.lower().startswith(("fwd:", "fw:", "tr:")) else f"Fwd: {bare}".strip()


def _said(message: Message) -> bool:
    """Lines of the system are no part of the talk."""
    return message.author.kind != "system" and bool(message.text or message.attachments)


def _piece(message: Message, files: str) -> str:
    at = datetime.fromtimestamp(message.at // 1000, UTC)
    lines = [f"{message.author.name or message.author.kind} · {at:%Y-%m-%d %H:%M} UTC"]
    lines += [f"> {line}".rstrip() for line in message.text.splitlines()]
    if message.attachments:
        lines.append(f"> {files}: {', '.join(each.name for each in message.attachments)}")
    return "\n".join(lines)
