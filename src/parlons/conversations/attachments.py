"""Files that go with messages: which are accepted, and how one becomes a message's.

Decides by name and by the first bytes, never by what the sender declares: a page or a program with a friendly name is
refused. Every channel may allow less; none allows more. Source: the signatures of the formats' own specifications (PNG,
JFIF, GIF89a, RIFF, ISO 32000 7.5.2, PKZIP APPNOTE 4.3.7, RFC 3629, RFC 3533, ISO 11172-3, ISO 14496-12).
"""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa

from parlons.conversations.model import Attachment, Author, Conversation
from parlons.kit.errors import Invalid, NotFound, TooLarge
from parlons.runtime.db import Tx
from parlons.runtime.schema import files

MAX_BYTES = 10 * 1024 * 1024
UPLOAD, ATTACHMENT = "upload", "attachment"
"""Classes of files: not yet sent (forgotten after a day), and part of a message."""
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument."
SIGNATURES: dict[str, tuple[str, bytes]] = {
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "gif": ("image/gif", b"GIF8"),
    "webp": ("image/webp", b"RIFF"),
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": (_OFFICE + "wordprocessingml.document", _ZIP),
    "xlsx": (_OFFICE + "spreadsheetml.sheet", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "txt": ("text/plain", b""),
    "csv": ("text/csv", b""),
}
"""By ending: the type it is kept as, and how its content begins."""
ALLOWED = frozenset(kind for kind, _ in SIGNATURES.values())
HEARD = {
    "ogg": ("audio/ogg", 0, (b"OggS",)),
    "oga": ("audio/ogg", 0, (b"OggS",)),
    "mp3": ("audio/mpeg", 0, (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "m4a": ("audio/mp4", 4, (b"ftyp",)),
    "mp4": ("video/mp4", 4, (b"ftyp",)),
}
"""By ending: type, where the signature stands, and what it may be."""
RECEIVED = ALLOWED | {kind for kind, _, _ in HEARD.values()}
"""What a customer may send by a channel of his own: voice messages and films too."""
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show in a page; all else is offered for download."""


class ForbiddenAttachment(Invalid):
    """This kind of file cannot be sent here: pictures, PDF, text and office documents can."""

    code = "forbidden-attachment"


class AttachmentTooLarge(TooLarge):
    """A file has at most 10 MB."""

    code = "attachment-too-large"


class UnknownAttachment(NotFound):
    """There is no such file to send; upload it again."""

    code = "unknown-attachment"


def check_file(name: str, content: bytes, *, allowed: Collection[str] = ALLOWED) -> tuple[str, str]:
    """The (name, content type) under which `content` is kept; raises ForbiddenAttachment or AttachmentTooLarge.

    `allowed`: content types this channel takes, of those in `RECEIVED`."""
    if len(content) > MAX_BYTES:
        raise AttachmentTooLarge(limit=MAX_BYTES)
    kept = clean_name(name)
    ending = PurePosixPath(kept).suffix.lower().lstrip(".")
    if ending in HEARD and HEARD[ending][0] in allowed:
        heard, start, signatures = HEARD[ending]
        if not content[start:].startswith(signatures):
            raise ForbiddenAttachment
        return kept, heard
    kind, signature = SIGNATURES.get(ending, ("", b""))
    if not kind or kind not in allowed or not content.startswith(signature) or not content:
        raise ForbiddenAttachment(allowed=sorted({end for end, (k, _) in SIGNATURES.items() if k in allowed}))
    if (kind == "image/webp" and content[8:12] != b"WEBP") or (not signature and not _is_text(content)):
        raise ForbiddenAttachment
    return kept, kind


def clean_name(name: str) -> str:
    """A file's name without folders and control characters, at most 120 characters, its ending kept."""
    flat = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rpartition("/")[2]).strip()
    path = PurePosixPath(flat or "file")
    return path.stem[: 120 - len(path.suffix)] + path.suffix if len(path.suffix) < 20 else flat[:120]


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


async def adopt(tx: Tx, conversation: Conversation, author: Author, file_ids: Sequence[str]) -> tuple[Attachment, ...]:
    """The uploaded files become this customer's, in the order given; only the author's own uploads can."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return ()
    owners = [owner for owner in (author.id, conversation.customer_id, conversation.id) if owner is not None]
    mine = sa.and_(files.c.tenant_id == tx.tenant_id, files.c.id.in_(wanted), files.c.owner_id.in_(owners))
    found = {row["id"]: row for row in await tx.fetch_all(sa.select(files).where(mine))}
    if len(found) != len(wanted):
        raise UnknownAttachment
    taken = RECEIVED if author.kind == "customer" else ALLOWED
    if any(row["content_type"] not in taken for row in found.values()):
        raise ForbiddenAttachment
    await tx.execute(
        files.update()
        .where(mine)
        .values(cls=ATTACHMENT, owner_id=conversation.customer_id, firm_id=conversation.firm_id, delete_after=None)
    )
    return tuple(Attachment(i, found[i]["name"], found[i]["size"], found[i]["content_type"]) for i in wanted)
