"""What people of the office write and set: ready replies, and when a queue raises an alarm. In the file's words."""

from collections.abc import Mapping

from parlons.app.configuration.check import Thing
from parlons.templates.model import Template


def reply_thing(reply: Template, firms: Mapping[str, str], queues: Mapping[str, str]) -> Thing | None:
    """A ready reply in the file's words; None: its firm or its queue is no more, or belongs to another workspace."""
    if reply.firm_id not in {None, *firms} or reply.queue_id not in {None, *queues}:
        return None
    return {
        "shortcut": reply.shortcut,
        "title": reply.title,
        "firm": firms.get(reply.firm_id or ""),
        "queue": queues.get(reply.queue_id or ""),
        "texts": dict(reply.texts),
    }


def alert_thing(limits: Mapping[str, float | None] | None) -> Thing:
    """A queue's alarm in the file's words."""
    waiting, oldest, share = (
        None if limits is None else limits[word] for word in ("waiting", "oldest_seconds", "share")
    )
    percent = None if share is None else max(1, round(share * 100))
    return {"waiting": waiting, "oldest_seconds": oldest, "share_percent": percent}
