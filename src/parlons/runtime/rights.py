"""Who is behind a socket, and whether an event is for them. `sees` is the rule; the hub's indexes are only its speed."""

from dataclasses import dataclass, field

from parlons.runtime.events import Audience

OVERSEERS = frozenset({"supervisor", "administrator"})
VISITOR = "visitor"


@dataclass(slots=True, eq=False)
class Rights:
    """What a socket may see. Made by the app from a principal when the socket opens; ids only."""

    tenant_id: str
    workspace_id: str
    role: str
    """agent, supervisor, administrator, or visitor (a customer's page)."""
    user_id: str | None = None
    worker_id: str | None = None
    firm_ids: frozenset[str] | None = None
    """None: every firm of the tenant."""
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
    if audience.firm_id is not None and rights.firm_ids is not None and audience.firm_id not in rights.firm_ids:
        return False
    return audience.everyone or (audience.supervisors and rights.role in OVERSEERS)
