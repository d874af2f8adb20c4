"""What a person may do, as a set of rights; the roles that are there from the start; what one may give to others. Pure.

A right is one kind of act. A role is a name for a set of them: a preset below, or one of the tenant's own (own_roles.py).
Which rows a right reaches is decided beside it, by the firms and queues of the person (`model.Principal`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """One kind of act."""

    SERVE = "serve"
    """Take contacts that are offered, and answer them."""
    FETCH = "fetch"
    """Take what waits, in any queue of one's firms, without being offered it."""
    FIGURES = "figures"
    """See the floor and its figures."""
    READ = "read"
    """Read and hear the contacts of others."""
    COACH = "coach"
    """Listen in on a contact and whisper to who has it."""
    STEER = "steer"
    """Act on the work of others: assign, force a state, join, take over, record prompts."""
    PLAN = "plan"
    """Change skills, levels and capacity."""
    PEOPLE = "people"
    """Invite people, give them roles, deactivate them."""
    CONFIGURE = "configure"
    """Change the settings."""
    KEYS = "keys"
    """Make and revoke API keys."""
    WEBHOOKS = "webhooks"
    """Say which addresses are told what happens."""
    AUDIT = "audit"
    """See who changed what."""


Rights = frozenset[Right]
ALL: Rights = frozenset(Right)
IMPLIED: dict[Right, Rights] = {
    Right.FETCH: frozenset({Right.SERVE}),
    Right.READ: frozenset({Right.FIGURES}),
    Right.COACH: frozenset({Right.READ, Right.FIGURES}),
    Right.STEER: frozenset({Right.READ, Right.FIGURES, Right.COACH, Right.PLAN}),
    Right.PLAN: frozenset({Right.FIGURES}),
}
"""Nobody can do the first without the others."""
KEEPS: Rights = frozenset({Right.PEOPLE, Right.CONFIGURE})
"""Somebody with these, for every firm and queue, is always there."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A role that is there from the start and stays as it is."""

    name: str
    rights: Rights
    bound: bool = False
    """Its people must be bound to firms: it is for outsiders."""


def whole(rights: Iterable[Right]) -> Rights:
    """The rights with all that they imply."""
    found = frozenset(rights)
    return found.union(*(IMPLIED.get(each, frozenset()) for each in found))


_LEADS = whole({Right.STEER})
PRESETS = {
    preset.name: preset
    for preset in (
        Preset("agent", whole({Right.SERVE})),
        Preset("specialist", whole({Right.FETCH})),
        Preset("supervisor", _LEADS | {Right.SERVE, Right.FETCH}),
        Preset("manager", _LEADS | {Right.PEOPLE, Right.AUDIT}),
        Preset("director", whole({Right.READ, Right.AUDIT})),
        Preset("quality", whole({Right.READ})),
        Preset("trainer", whole({Right.COACH})),
        Preset("planner", whole({Right.PLAN})),
        Preset("administrator", ALL - {Right.SERVE, Right.FETCH}),
        Preset("client", whole({Right.READ}), bound=True),
    )
}
"""By name. `supervisor` is the team lead."""


def may_give(mine: Rights) -> Rights:
    """The rights whose holder may be made, changed or unmade by somebody with `mine`: his own, and to serve."""
    return mine | {Right.SERVE, Right.FETCH}


def keeps(rights: Rights, firm_ids: Iterable[str] | None, queue_ids: Iterable[str] | None) -> bool:
    """Whether this person could put everything right again: the last such one cannot be locked out."""
    return rights >= KEEPS and firm_ids is None and queue_ids is None
