"""What a line, a name and a team may be, who is a colleague, and until when a line can be taken back. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from parlons.accounts.model import Principal
from parlons.accounts.rights import PRESETS
from parlons.kit.clock import Millis
from parlons.team.errors import InvalidLine, InvalidTeam, NotAPerson, NotInDiscussion, TooLateToTakeBack

Json = Mapping[str, Any]
DIRECT, TEAM = "direct", "team"
LONGEST = 4_000
"""Characters of a line, and of a draft."""
LONGEST_NAME = 60
LARGEST = 100
"""People of a team."""
EXCERPT = 140
"""Characters of the last line that lists show."""
TAKE_BACK = 15 * 60 * 1000
"""Milliseconds in which one's own line can be taken back."""


def outsider(role_name: str) -> bool:
    """Whether people of this role are a client's: what is said in the house is not for them."""
    preset = PRESETS.get(role_name)
    return preset is not None and preset.bound


def check_person(principal: Principal) -> str:
    """The user id of who works here; raises NotAPerson for keys and outsiders."""
    if principal.user_id is None or outsider(principal.role_name):
        raise NotAPerson
    return principal.user_id


def reachable(principal: Principal, user: Json) -> bool:
    """Whether `principal` may write to this user (as accounts shows one): at work here, and of a firm of his."""
    shares = principal.sees_any(user["firm_ids"] or ())
    here = user["workspace_id"] == principal.workspace_id
    return user["active"] and here and shares and not outsider(user["role"]) and user["id"] != principal.user_id


def pair_of(one: str, other: str) -> str:
    """What two people's discussion is found by."""
    return ":".join(sorted((one, other)))


def clean_line(text: str) -> str:
    """The text as it is kept; raises InvalidLine."""
    text = text.replace("\x00", "").strip()
    if not 1 <= len(text) <= LONGEST:
        raise InvalidLine(limit=LONGEST)
    return text


def clean_name(name: str) -> str:
    """A team's name as it is kept; raises InvalidTeam."""
    name = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidTeam
    return name


def check_size(user_ids: Collection[str]) -> None:
    """Raise InvalidTeam unless so many make a team."""
    if not 2 <= len(user_ids) <= LARGEST:
        raise InvalidTeam


def check_named(mentions: Collection[str], members: Collection[str]) -> None:
    """Raise NotInDiscussion unless all who are named are in the discussion."""
    if not set(mentions) <= set(members):
        raise NotInDiscussion


def check_take_back(user_id: str, author_user_id: str, said_at: Millis, now: Millis) -> None:
    """Raise TooLateToTakeBack unless it is his own and fresh."""
    if user_id != author_user_id or now - said_at > TAKE_BACK:
        raise TooLateToTakeBack
