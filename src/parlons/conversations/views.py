"""What the API and the screens show of conversations, and which of it is personal. Pure.

`summary` is the row of a list; with events it travels in two parts (`split`), so that the journal keeps ids, times and
states for ever and names and texts only until the customer is erased.
"""

from dataclasses import asdict
from typing import Any

from parlons.conversations.model import Conversation, DispositionSet, Draft, Leg, Message, Note
from parlons.customers.model import Card
from parlons.kit.clock import Millis, to_iso

SNIPPET = 140
FOLDED = 20_000
"""Characters of quoted history that travel with a message."""
_PERSONAL: dict[str, Any] = {
    "conversation": {
        "subject": None,
        "tags": None,
        "customer": {"name": None, "address": None, "lives_on": None},
        "last_message": {"text": None, "name": None},
        "assigned": {"name": None},
    },
    "message": {
        "text": None,
        "attachments": None,
        "notice": None,
        "client_id": None,
        "content": None,
        "delivery": {"reason": None},
        "author": {"name": None},
    },
    "note": {"text": None, "author_name": None},
    "draft": {"text": None, "html": None},
}


def iso(at: Millis | None) -> str | None:
    """RFC 3339, or None."""
    return to_iso(at) if at is not None else None


def summary(conversation: Conversation, card: Card | None, last: Message | None) -> dict[str, Any]:
    """The row of a list. `card` is None only when the customer cannot be found."""
    c = conversation
    assigned = {"user_id": c.assigned_user_id, "worker_id": c.assigned_worker_id, "name": c.assigned_name}
    has = c.assigned_user_id is not None or c.assigned_worker_id is not None
    return {
        "id": c.id,
        "status": c.status,
        "firm_id": c.firm_id,
        "queue_id": c.queue_id,
        "channel": c.channel,
        "account_id": c.account_id,
        "subject": c.subject,
        "language": c.language,
        "customer": {
            "id": c.customer_id,
            "name": card.name if card else "",
            "address": card.address if card else None,
            "lives_on": card.lives_on if card else None,
        },
        "last_message": _snippet(last) if last else None,
        "last_message_at": iso(c.last_message_at),
        "last_customer_message_at": iso(c.last_customer_message_at),
        "first_unanswered_at": iso(c.first_unanswered_at),
        "unread_count": c.unread_count,
        "message_count": c.message_count,
        "agent_read_number": c.agent_read_number,
        "customer_read_number": c.customer_read_number,
        "assigned": assigned if has else None,
        "joined": list(c.joined),
        "lead_task_id": c.lead_task_id,
        "not_served_reason": c.not_served_reason,
        "opened_at": iso(c.opened_at),
        "parked_until_at": iso(c.parked_until),
        "wrapup_since_at": iso(c.wrapup_since),
        "closed_at": iso(c.closed_at),
        "disposition_id": c.disposition_id,
        "tags": list(c.tags),
        "version": c.version,
    }


def _snippet(message: Message) -> dict[str, Any]:
    text = message.text or (message.attachments[0].name if message.attachments else "")
    by = message.author.id if message.author.kind == "agent" else None
    return {"id": message.id, "who": message.author.kind, "by": by, "name": message.author.name, "text": text[:SNIPPET]}


def message_json(message: Message) -> dict[str, Any]:
    """The message as both its readers see it."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "number": message.number,
        "direction": message.direction,
        "channel": message.channel,
        "author": {"kind": message.author.kind, "id": message.author.id, "name": message.author.name},
        "text": message.text,
        "attachments": [asdict(attachment) for attachment in message.attachments],
        "notice": message.notice,
        "client_id": message.client_id,
        "at": to_iso(message.at),
        "content": content_json(message.content),
        "delivery": message.delivery,
    }


def content_json(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """What screens need of it at once: the HTML has an address of its own (`http_page`)."""
    if content is None:
        return None
    shown = {
        name: value for name, value in content.items() if name not in ("html", "data", "folded", "inline", "sealed")
    }
    if content.get("html"):
        shown["html"] = True
        shown["pictures"] = 'data-remote="' in content["html"]
        inside = [one for cid, one in content.get("inline", {}).items() if f'data-cid="{cid}"' in content["html"]]
        shown |= {"inside": inside} if inside else {}
    if content.get("folded"):
        shown["folded"] = content["folded"][:FOLDED]
    data = content.get("data") or {}
    if content.get("public"):
        link = str(data.get("link") or "")
        shown |= {"link": link} if link.startswith("https://") else {}
        shown |= {"review": data["review"]} if isinstance(data.get("review"), dict) else {}
        shown |= {"hideable": True} if data.get("comment") else {}
    return shown | {name: data[name] for name in ("to", "cc") if isinstance(data.get(name), list) and name not in shown}


def note_json(note: Note) -> dict[str, Any]:
    """The note as the staff sees it."""
    return {
        "id": note.id,
        "conversation_id": note.conversation_id,
        "author_user_id": note.author_user_id,
        "author_name": note.author_name,
        "text": note.text,
        "mentions": list(note.mentions),
        "at": to_iso(note.at),
    }


def leg_json(leg: Leg) -> dict[str, Any]:
    """The leg; its address is an id of the channel."""
    return {
        "id": leg.id,
        "channel": leg.channel,
        "account_id": leg.account_id,
        "started_at": to_iso(leg.started_at),
        "ended_at": iso(leg.ended_at),
        "ended_by": leg.ended_by,
    }


def draft_json(conversation_id: str, draft: Draft) -> dict[str, Any]:
    """The draft for its author."""
    return {
        "conversation_id": conversation_id,
        "channel": draft.channel,
        "text": draft.text,
        "html": draft.html,
        "saved_at": to_iso(draft.saved_at),
    }


def dispositions_json(outcomes: DispositionSet | None) -> dict[str, Any]:
    """The outcomes to choose from, and whether one must be chosen."""
    if outcomes is None:
        return {"required": False, "items": []}
    return {"required": outcomes.required, "items": [{"id": i.id, "name": i.name} for i in outcomes.items]}


def split(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`data` of an event as (what stays for ever, what an erasure takes); `events.merge` joins them again."""
    return _split(data, _PERSONAL)


def _split(data: dict[str, Any], personal: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    public: dict[str, Any] = {}
    private: dict[str, Any] = {}
    for key, value in data.items():
        if key not in personal:
            public[key] = value
        elif personal[key] is None:
            private[key] = value
        elif isinstance(value, dict):
            public[key], inner = _split(value, personal[key])
            if inner:
                private[key] = inner
        else:
            public[key] = value
    return public, private
