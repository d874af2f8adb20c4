"""What a visitor is shown: his own conversation, and of the staff a first name. Notes, tags, ids of people stay inside. Pure."""

from typing import Any

from parlons.conversations.model import CLOSED, PARKED, Conversation

Json = dict[str, Any]


def first_name(name: str) -> str:
    """What a visitor calls an agent."""
    return name.split()[0] if name.split() else ""


def initials(name: str) -> str:
    """Two letters for the round face."""
    return "".join(part[0].upper() for part in name.replace("-", " ").split()[:2])


def status_of(conversation: Conversation) -> str:
    """waiting, active, parked, closed or not_served, as the visitor lives it."""
    c = conversation
    if c.status == CLOSED or c.wrapup_since is not None:
        return "closed"
    if c.assigned_user_id is not None or c.assigned_worker_id is not None:
        return "active"
    if c.not_served_reason is not None:
        return "not_served"
    return "parked" if c.status == PARKED or c.lead_task_id is None else "waiting"


def conversation_view(conversation: Conversation, position: int | None, *, kept: bool) -> Json:
    """The conversation for its visitor; `position` only while he waits, which who wrote outside hours (`kept`) does not."""
    status = status_of(conversation)
    if kept and status == "waiting":
        status = "kept"
    name = conversation.assigned_name if status == "active" else ""
    return {
        "id": conversation.id,
        "status": status,
        "agent": {"name": first_name(name), "initials": initials(name)} if name else None,
        "position": position if status == "waiting" else None,
        "read_number": conversation.agent_read_number,
        "seen_number": conversation.customer_read_number,
    }


def message_view(message: Json) -> Json:
    """A message (`conversations.views.message_json`) for the visitor."""
    author = message.get("author") or {}
    kind, notice = author.get("kind"), message.get("notice") or {}
    name, told = author.get("name") or "", str(notice.get("name") or "")
    text = message.get("text") or ""
    return {
        "id": message["id"],
        "number": message["number"],
        "client_id": message.get("client_id") if kind == "customer" else None,
        "author": {"kind": kind, "name": first_name(name) if kind == "agent" else name},
        "text": text.replace(told, first_name(told)) if told else text,
        "attachments": [
            {key: each[key] for key in ("id", "name", "size", "content_type")}
            for each in message.get("attachments") or []
        ],
        "code": notice.get("code"),
        "at": message["at"],
    }
