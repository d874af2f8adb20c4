"""Who is behind a socket, and whether an event is for them. `sees` is the rule; the hub's indexes are only its speed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.runtime.events import Audience

OVERSEERS = frozenset({"supervisor", "administrator"})
VISITOR = "visitor"


@dataclass(slots=True, eq=False)
class Rights:
    """What a socket may see. Made by the app from a principal when the socket opens; ids only."""

    tenant_id: str
    workspace_id: str
    role: str
    """agent, supervisor (who sees the work of others), administrator, or visitor (a customer's page)."""
    user_id: str | None = None
    worker_id: str | None = None
    firm_ids: frozenset[str] | None = None
    """None: every firm of the tenant."""
    queue_ids: frozenset[str] | None = None
    """Of who sees the work of others, or figures: the queues he is bound to; None: every queue of his firms."""
    figures: bool = False
    """He sees figures, whatever his role."""
    conversation_ids: set[str] = field(default_factory=set)
    """Conversations it watches; changed by `Hub.watch` and `Hub.unwatch` only, once the socket is open."""


def sees(rights: Rights, audience: Audience | None) -> bool:
    """Whether an event for `audience` goes to a socket with `rights`. An event without audience goes to nobody."""
    if audience is None:
        return False
    watched = audience.conversation_id is not None and audience.conversation_id in rights.conversation_ids
    if rights.role == VISITOR:
        return audience.visitor and watched
    if watched or (rights.user_id is not None and rights.user_id in audience.user_ids):
        return True
    firms = rights.firm_ids
    if firms is not None and audience.firm_id not in {None, *firms} and firms.isdisjoint(audience.firms):
        return False
    if audience.everyone:
        return True
    queue = rights.queue_ids is None or audience.queue_id is None or audience.queue_id in rights.queue_ids
    return queue and ((audience.supervisors and rights.role in OVERSEERS) or (audience.figures and rights.figures))


def loses(rights: Rights, audience: Audience | None) -> bool:
    """Whether it stood before him until now only because of the queue it has left."""
    if audience is None or audience.left_queue_id is None or not is_bound(rights):
        return False
    return audience.left_queue_id in (rights.queue_ids or ()) and not sees(rights, audience)


def is_bound(rights: Rights) -> bool:
    """Whether he oversees some queues only."""
    return rights.role in OVERSEERS and rights.queue_ids is not None


def narrowed(rights: Rights, audience: Audience, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's data is for him: of objects that stand in another queue than his only that they are gone.

    `data` itself when all of it is his business."""
    mine = rights.user_id in audience.user_ids or audience.conversation_id in rights.conversation_ids
    if mine or not is_bound(rights):
        return data  # type: ignore[return-value]
    queues = rights.queue_ids or frozenset()
    standing = {
        key: value for key, value in data.items() if isinstance(value, dict) and {"id", "queue_id"} <= value.keys()
    }
    gone = {key: value["id"] for key, value in standing.items() if value["queue_id"] not in queues}
    if not gone:
        return data  # type: ignore[return-value]
    rest = standing if loses(rights, audience) else data
    return {
        **{key: value for key, value in rest.items() if key not in gone},
        "removed": {**(data.get("removed") or {}), **gone},
    }
