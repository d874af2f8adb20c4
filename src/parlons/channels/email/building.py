"""An answer as the bytes of a mail. Pure: the same message gives the same mail at every try.

Decides headers (who, to whom, what it answers, that a machine wrote it), the body (plain words, HTML beside them, pictures
inside, files), and the signature of the domain. Headers are written by hand: the library would encode ids that are long, and
every value is refused a line break before it stands in one. Sources: RFC 5322, RFC 2047, RFC 3834, RFC 6376 (DKIM),
RFC 8058 (leaving a list by one click).
"""

import email.policy
import email.utils
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage

import dkim

from parlons.channels.email import html as markup
from parlons.channels.email import rich, threads
from parlons.channels.email.identities import identities, settings_of
from parlons.channels.email.model import Mailbox
from parlons.channels.model import Account, Outgoing
from parlons.channels.plugin import Failed

REFERENCES_LENGTH = 900
"""Bytes of the line of references: a line of a mail has at most 998."""
_SIGNED = [b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to", b"mime-version",
           b"content-type", b"list-unsubscribe", b"list-unsubscribe-post"]  # fmt: skip


def mail_id(account: Account, message: Outgoing) -> str:
    """The Message-ID of this message, without angle brackets."""
    return threads.message_id(message.key, message.token, _sender(account, message).address.rpartition("@")[2])


def recipients(message: Outgoing) -> list[str]:
    """Everybody it goes to, each once; raises Failed for an address no mail can be sent to."""
    return list(dict.fromkeys(written(one) for one in (message.to, *message.cc, *message.bcc)))


def written(address: str) -> str:
    """An address as it stands in a mail: ASCII. Raises Failed."""
    local, at, domain = address.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    fits = at and local and plain.isascii() and plain.isprintable() and not set(plain) & set(' <>(),;:"\\[]')
    if not fits or len(plain) > 254:
        raise Failed("bad-address", "This address cannot be written to by mail.")
    return plain


def build(account: Account, message: Outgoing, *, now: int) -> bytes:
    """The mail, signed if the account has a key. `now`: milliseconds, for Date."""
    body = _body(message)
    raw = _headers(account, message, now) + body.as_bytes(policy=email.policy.SMTP)
    return signed(account, raw, _sender(account, message).address.rpartition("@")[2])


def signed(account: Account, raw: bytes, domain: str) -> bytes:
    """With a DKIM signature before it, if the account has a key and a selector."""
    selector, key = settings_of(account).dkim_selector, account.secrets.get("dkim-key", "")
    if not selector or not key:
        return raw
    pem = key.replace("\\n", "\n").encode()
    try:
        return bytes(dkim.sign(raw, selector.encode(), domain.encode(), pem, include_headers=_present(raw))) + raw
    except (dkim.DKIMException, ValueError) as error:
        raise Failed("bad-dkim-key", type(error).__name__) from None


def _present(raw: bytes) -> list[bytes]:
    head = b"\n" + raw.partition(b"\r\n\r\n")[0].lower()
    return [name for name in _SIGNED if b"\n" + name + b":" in head]


def _sender(account: Account, message: Outgoing) -> Mailbox:
    mine = {one.address: one for one in identities(account)}
    wanted = str(message.last_in.get("identity", ""))
    return mine.get(wanted) or next(iter(mine.values()))


def _headers(account: Account, message: Outgoing, now: int) -> bytes:
    settings, sender = settings_of(account), _sender(account, message)
    answers = [one for one in message.reply_to if one.isascii() and not set(one) & set(" <>\r\n")]
    subject = threads.without_token(message.subject).strip()
    mark = message.token if settings.mark_in == "subject" else ""
    if answers:
        subject = threads.answer_subject(subject, mark)
    elif mark:
        subject = f"{subject[: threads.LONGEST_SUBJECT]} [ref:{mark}]".strip()
    lines = [
        ("From", _mailbox(Mailbox(written(sender.address), sender.name))),
        ("To", written(message.to)),
        ("Cc", ", ".join(written(one) for one in message.cc)),
        ("Subject", _words(subject, "Subject")),
        ("Date", email.utils.format_datetime(datetime.fromtimestamp(now // 1000, UTC))),
        ("Message-ID", f"<{mail_id(account, message)}>"),
        ("In-Reply-To", f"<{answers[0]}>" if answers and len(answers[0]) < 900 else ""),
        ("References", _references(answers)),
        ("Auto-Submitted", _automatic(message)),
        ("List-Unsubscribe", f"<{message.unsubscribe}>" if message.unsubscribe else ""),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if message.unsubscribe else ""),
        ("X-Auto-Response-Suppress", "All" if message.automatic else "OOF, AutoReply"),
        ("X-Parlons", account.key),
        ("Content-Language", message.language if message.language.isascii() and message.language.isalnum() else ""),
    ]
    if settings.mark_in == "address" and message.token:
        lines.append(
            ("Reply-To", _mailbox(Mailbox(threads.with_token(written(sender.address), message.token), sender.name)))
        )
    text = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in lines if value)
    return text.encode("ascii")


def _automatic(message: Outgoing) -> str:
    if not message.automatic:
        return ""
    return "auto-generated" if message.unsubscribe else "auto-replied"


def _one_line(value: str) -> str:
    """Folded lines stay; any other line break would begin a header of its own."""
    folded = value.replace("\r\n", "\n").replace("\n ", "\0").replace("\n\t", "\0")
    return folded.replace("\n", " ").replace("\r", " ").replace("\0", "\r\n ")


def _words(text: str, name: str) -> str:
    flat = " ".join(text.split())
    return (
        flat if flat.isascii() and "=?" not in flat else Header(flat, "utf-8", maxlinelen=75, header_name=name).encode()
    )


def _mailbox(mailbox: Mailbox) -> str:
    return email.utils.formataddr((" ".join(mailbox.name.split()), mailbox.address))


def _references(newest_first: list[str]) -> str:
    """The thread, oldest first; what does not fit on a line is left out between the first mail and the newest ones."""
    kept: list[str] = []
    room = REFERENCES_LENGTH - (len(newest_first[-1]) + 3 if newest_first else 0)
    for one in newest_first[:-1]:
        room -= len(one) + 3
        if room < 0:
            break
        kept.append(one)
    if newest_first and len(newest_first[-1]) < REFERENCES_LENGTH:
        kept.append(newest_first[-1])
    return " ".join(f"<{one}>" for one in reversed(kept))


def _body(message: Outgoing) -> EmailMessage:
    body = EmailMessage(policy=email.policy.SMTP)
    body.set_content(message.text or markup.to_text(message.html), subtype="plain", charset="utf-8", cte="base64"
                     if _needs_wrapping(message.text) else "quoted-printable")  # fmt: skip
    inline = [file for file in message.files if file.inline_id]
    if message.html or inline:
        page = rich.for_wire(message.html) if message.html else markup.from_text(message.text)
        body.add_alternative(page, subtype="html", charset="utf-8", cte="quoted-printable")
        shown = body.get_payload()[1]  # type: ignore[index]
        for file in inline:
            kind, _, sub = file.content_type.partition("/")
            named = {"cid": f"<{file.inline_id}>", "filename": file.name, "disposition": "inline"}
            shown.add_related(file.body, maintype=kind, subtype=sub, **named)  # type: ignore[union-attr]
    for file in message.files:
        if not file.inline_id:
            kind, _, sub = (file.content_type or "application/octet-stream").partition("/")
            body.add_attachment(file.body, maintype=kind, subtype=sub or "octet-stream", filename=file.name)
    return body


def _needs_wrapping(text: str) -> bool:
    """Much that is not ASCII is shorter in base64 (Greek, Arabic, emoji)."""
    return sum(1 for sign in text if ord(sign) > 127) * 3 > len(text)
