"""Reports of mail systems about mails we sent: refused, delayed, delivered, read. Pure.

Decides which mail a report speaks of (its Message-ID stands in the copy that came back), and in which of our words its status
is told. A report about nobody's mail is an automatic mail like others. Sources: RFC 3464 (delivery status), RFC 3463 (status
codes), RFC 8098 (read receipts); postfix, Exchange and qmail for those who write reports of their own.
"""

import email
import re
from email.message import Message

from parlons.channels.email.parsing import Broken
from parlons.channels.model import Receipt, ReceiptState

_OWN = re.compile(r"<(p\.[a-z0-9-]{4,64}(?:\.[a-z2-7]{36})?@[^<>\s]{1,255})>", re.IGNORECASE)
_LARGEST = 300_000
CODES = {
    "5.1": "unknown-mailbox", "5.2.1": "mailbox-closed", "5.2.2": "mailbox-full", "5.2.3": "too-large", "5.3.4": "too-large",
    "5.4": "unreachable", "5.7": "refused-by-policy", "4.2.2": "mailbox-full", "4.4": "unreachable",
}  # fmt: skip
"""By the longest beginning of an RFC 3463 status."""


def code_of(status: str) -> str:
    """A status such as `5.1.1` in our words."""
    fitting = [known for known in CODES if status == known or status.startswith(f"{known}.")]
    return CODES[max(fitting, key=len)] if fitting else "refused"


def receipts(raw: bytes) -> tuple[Receipt, ...]:
    """What this report says of our mails; empty when it is none, or says nothing new (a delay)."""
    try:
        message = email.message_from_bytes(raw[: 4 * _LARGEST])
        parts = list(message.walk())[:50]
    except Broken:
        return ()
    kinds = {part.get_content_type() for part in parts}
    if not kinds & {"message/delivery-status", "message/disposition-notification"} and not _plain_bounce(message):
        return ()
    ours = _ours(raw[:_LARGEST].decode("latin-1"), message)
    if ours is None:
        return ()
    if "message/disposition-notification" in kinds:
        shown = "displayed" in _text_of(parts, "message/disposition-notification").lower()
        return (Receipt(ours, "read"),) if shown else ()
    state, status, reason = _verdict(parts, raw)
    if state is None:
        return ()
    return (Receipt(ours, state, code_of(status) if state == "failed" else "", reason if state == "failed" else ""),)


def _ours(text: str, message: Message) -> str | None:
    """The last id of ours that is named: the copy of the mail stands at the end, its earlier references before it."""
    for line in re.findall(
        r"(?im)^(?:original-)?message-id:\s*(<[^\s]*>)", text.replace("\r\n ", " ").replace("\n ", " ")
    ):
        if found := _OWN.search(line):
            return found[1]
    found = _OWN.search(str(message.get("In-Reply-To", "")))
    return found[1] if found else None


def _verdict(parts: list[Message], raw: bytes) -> tuple[ReceiptState | None, str, str]:
    report = _text_of(parts, "message/delivery-status")
    actions = [action.lower() for action in re.findall(r"(?im)^action:\s*([a-z]+)", report)]
    statuses = re.findall(r"(?im)^status:\s*([245]\.\d{1,3}\.\d{1,3})", report)
    said = re.search(r"(?im)^diagnostic-code:\s*(?:[\w-]+;\s*)?(.{1,300}(?:\n[ \t].{1,300}){0,3})", report)
    reason = _impersonal(" ".join(said[1].split())) if said else ""
    if not report:  # a report without a machine's part: only a refusal is certain
        found = re.search(rb"\b(5\.\d{1,3}\.\d{1,3})\b", raw[:_LARGEST])
        return "failed", found[1].decode() if found else "5.0.0", ""
    if "failed" in actions:
        worst = next((one for one in statuses if one.startswith("5")), statuses[0] if statuses else "5.0.0")
        return "failed", worst, reason
    if actions and all(action == "delivered" for action in actions):
        return "delivered", "", ""
    return None, "", ""


def _text_of(parts: list[Message], kind: str) -> str:
    """The lines of a report: the library reads its blocks as mails of their own."""
    for part in parts:
        if part.get_content_type() == kind:
            inner = part.get_payload()
            blocks = inner if isinstance(inner, list) else [inner]
            return "\n".join(str(block) for block in blocks)[:_LARGEST]
    return ""


def _plain_bounce(message: Message) -> bool:
    return message.get("X-Failed-Recipients") is not None


def _impersonal(reason: str) -> str:
    return re.sub(r"<?[^\s<>]+@[^\s<>:;]+>?", "…", reason)[:300]
