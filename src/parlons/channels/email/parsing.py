"""The bytes of a mail to a `Mail`: headers, words, files. Never refuses; what is broken is mended, and said in `defects`.

Decides which of several versions of the text is read (the richest a part offers, RFC 2046 5.1.4), what is a file and what is
text, and what stands in for a missing Message-ID. Bounds everything a stranger could make large: depth, number of parts,
length of headers and text; what is too long is kept as a file. Does not clean HTML (`html`) nor fold quotes (`quotes`).
Sources: RFC 5322, RFC 2045 to 2047, RFC 2231; the standard library splits the parts under its forgiving policy.
"""

import email
import email.utils
import hashlib
import re
from collections.abc import Iterator
from email.message import Message

from parlons.channels.email import html as markup
from parlons.channels.email.charsets import clean, header_text, to_text
from parlons.channels.email.model import Mail, Mailbox, Part
from parlons.kit.clock import Millis

MAX_DEPTH, MAX_PARTS = 20, 200
MAX_HEADER = 20_000
"""Characters of one header that are read; ids and names beyond are cut."""
MAX_TEXT = 500_000
"""Characters of text that are read as words; a longer text is a file."""
MAX_PEOPLE, MAX_REFERENCES = 200, 100
MAKESHIFT = "parlons.invalid"
"""Right side of an id we made for a mail that had none."""
_ID = re.compile(r"<([^<>\s]{1,998})>")
_KEPT_HEADERS = (
    "auto-submitted", "precedence", "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-loop", "list-id",
    "list-unsubscribe", "return-path", "content-type", "x-failed-recipients", "x-parlons",
    "delivered-to", "x-original-to", "importance", "x-priority", "feedback-id", "subject", "from",
)  # fmt: skip
Broken = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the library raises on malformed input."""


def parse(raw: bytes) -> Mail:
    """The mail in `raw`. `raw` that is no mail at all becomes a mail whose words are these bytes."""
    defects: list[str] = []
    try:
        message = email.message_from_bytes(raw)
        parts = list(_leaves(message, defects))
    except Broken:
        defects.append("unreadable-structure")
        message = email.message_from_bytes(
            raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")[0] + b"\r\n\r\n"
        )
        parts = [_raw_part(raw)]
    text, rich, files = _sorted(parts, defects)
    headers = {name: header(message, name) for name in _KEPT_HEADERS if message.get(name) is not None}
    references = _references(message)
    mail_id = next(iter(_ids(message, "Message-ID")), "")
    if not mail_id:
        defects.append("no-message-id")
        mail_id = f"{hashlib.sha256(raw).hexdigest()[:40]}@{MAKESHIFT}"
    return Mail(
        message_id=mail_id,
        sender=next(iter(people(message, "From") or people(message, "Sender")), None),
        reply_to=next(iter(people(message, "Reply-To")), None),
        to=tuple(people(message, "To")),
        cc=tuple(people(message, "Cc")),
        subject=header(message, "Subject")[:998],
        at=_date(message),
        references=references,
        text=text if text.strip() or not rich else markup.to_text(rich),
        html=rich,
        parts=tuple(files),
        headers=headers,
        authentications=tuple(header_text(line[:MAX_HEADER]) for line in _raws(message, "Authentication-Results")[:10]),
        defects=tuple(dict.fromkeys(defects)),
    )


def header(message: Message, name: str) -> str:
    """A header as people read it; empty when it is absent."""
    return header_text(_raw(message, name))


def people(message: Message, name: str) -> list[Mailbox]:
    """The mailboxes a header names, each once; what is no address is left out."""
    values = [value[:MAX_HEADER] for value in _raws(message, name)]
    try:
        found = _mailboxes(email.utils.getaddresses(values))
    except Broken:
        found = []
    if found:
        return found
    # One bad quotation mark spoils the library's reading of the whole line.
    return _mailboxes([("", match) for value in values for match in re.findall(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+", value)])


def _mailboxes(pairs: list[tuple[str, str]]) -> list[Mailbox]:
    found: dict[str, Mailbox] = {}
    for shown, address in pairs[:MAX_PEOPLE]:
        local, at, domain = clean(header_text(address)).strip().rpartition("@")
        if at and local and domain and not re.search(r"[\s<>]", local + domain) and len(local + domain) < 320:
            mailbox = Mailbox(f"{local}@{domain.lower()}", header_text(shown)[:200])
            found.setdefault(mailbox.address.lower(), mailbox)
    return list(found.values())


def _leaves(message: Message, defects: list[str], depth: int = 0) -> Iterator[Message]:
    """Parts without parts of their own, in order; of alternatives all of them. An attached mail is one part, closed."""
    if depth == 0:
        defects += [_defect_name(type(defect).__name__) for defect in message.defects]
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        yield message
        return
    if depth >= MAX_DEPTH:
        defects.append("too-deep")
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part, defects, depth + 1)


def _sorted(parts: list[Message], defects: list[str]) -> tuple[str, str, list[Part]]:
    """The plain words, the HTML and the files. Words that stand after one another in a mail are put together."""
    if len(parts) > MAX_PARTS:
        defects.append("too-many-parts")
    plain: list[str] = []
    rich: list[str] = []
    files: list[Part] = []
    for part in parts[:MAX_PARTS]:
        content, kind = _content(part), part.get_content_type()
        named, disposition = _file_name(part), _disposition(part)
        is_text = kind in ("text/plain", "text/html") and disposition != "attachment" and not named
        if is_text and len(content) <= 4 * MAX_TEXT:
            words = clean(to_text(content, _charset(part)))[:MAX_TEXT]
            (plain if kind == "text/plain" else rich).append(words)
        elif content or named:
            if is_text:
                defects.append("text-too-long")
            files.append(Part(named or _made_name(kind, len(files)), kind, content, _content_id(part)))
    return "\n\n".join(one for one in plain if one.strip()), "\n".join(rich), files


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        inside = inner[0] if isinstance(inner, list) and inner else None
        try:
            return inside.as_bytes() if isinstance(inside, Message) else str(inner).encode("utf-8", "surrogateescape")
        except (*Broken, UnicodeError):
            return b""
    try:
        content = part.get_payload(decode=True)
    except Broken:
        content = None
    if isinstance(content, bytes):
        return content
    written = part.get_payload()
    return written.encode("utf-8", "surrogateescape") if isinstance(written, str) else b""


def _raw_part(raw: bytes) -> Message:
    part = Message()
    part["Content-Type"] = "text/plain"
    part.set_payload(raw[: 4 * MAX_TEXT].decode("utf-8", "replace"))
    return part


def _file_name(part: Message) -> str:
    for name, where in (("filename", "content-disposition"), ("name", "content-type")):
        try:
            value = part.get_param(name, None, where)
            if value:
                found = email.utils.collapse_rfc2231_value(value)
                return header_text(found)[:255]
        except Broken:
            continue
    return ""


def _made_name(kind: str, number: int) -> str:
    ending = {"message/rfc822": "eml", "text/calendar": "ics", "text/plain": "txt", "text/html": "html"}.get(
        kind, re.sub(r"[^a-z0-9]", "", kind.partition("/")[2].lower())[:10] or "bin"
    )
    return f"part-{number + 1}.{ending}"


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except Broken:
        return ""


def _charset(part: Message) -> str | None:
    try:
        value = part.get_param("charset")
        return email.utils.collapse_rfc2231_value(value) if value else None
    except Broken:
        return None


def _content_id(part: Message) -> str:
    return _raw(part, "Content-ID").strip().strip("<>")[:200]


def _raw(message: Message, name: str) -> str:
    return next(iter(_raws(message, name)), "")[:MAX_HEADER]


def _raws(message: Message, name: str) -> list[str]:
    """As written: the library's own reading of a header replaces bare bytes, which are often good UTF-8."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _ids(message: Message, name: str) -> list[str]:
    written = " ".join(_raws(message, name))[-MAX_HEADER:]  # the nearest mails stand last
    if "=?" in written:  # some programs encode an id that is longer than a line
        written = header_text(written)
    return _ID.findall(re.sub(r"\r?\n[ \t]*", " ", written))


def _references(message: Message) -> tuple[str, ...]:
    nearest = [*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))]
    return tuple(dict.fromkeys(nearest))[:MAX_REFERENCES]


def _date(message: Message) -> Millis | None:
    try:
        moment = email.utils.parsedate_to_datetime(_raw(message, "Date"))
        return Millis(int(moment.timestamp() * 1000)) if 1990 < moment.year < 2200 else None
    except (*Broken, OverflowError):
        return None


def _defect_name(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Defect")).lower()
