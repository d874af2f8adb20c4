"""Roles in a configuration: what a role's name means in a picture, who serves, who can put everything right. Pure."""

from collections.abc import Mapping
from typing import Any

from parlons.accounts.rights import PRESETS, Right, Rights, keeps, whole

Thing = Mapping[str, Any]
Things = Mapping[str, Mapping[str, Any]]


def rights_in(things: Things, role: str) -> Rights:
    """The rights of a role in this picture; none for one that is not there."""
    if role in PRESETS:
        return PRESETS[role].rights
    own = things["role"].get(role)
    return whole(map(Right, own["rights"])) if own is not None else frozenset()


def serves(user: Thing, things: Things) -> bool:
    """Whether a user has a worker."""
    return Right.SERVE in rights_in(things, user["role"])


def keeps_order(user: Thing, things: Things) -> bool:
    """Whether a user can invite people and change the settings, for all firms and queues."""
    return keeps(rights_in(things, user["role"]), user["firms"], user["queues"])


def unbound_outsider(user: Thing) -> bool:
    """Whether a user has a role for outsiders and is bound to no firm."""
    preset = PRESETS.get(user["role"])
    return preset is not None and preset.bound and user["firms"] is None
