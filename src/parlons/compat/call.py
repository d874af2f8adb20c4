"""One request of the API: who asks, what it carries. Parameters are read once each; what nobody read is refused.

A parameter that is silently ignored looks as if it had worked, so a call ends with `done`: an unknown name, or one that this
operation does not take, is refused before anything changes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from parlons.accounts.model import Principal
from parlons.compat.errors import ApiError, absent, unknown
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.stepper import Stepper
from parlons.kit.clock import Clock, Millis, from_datetime
from parlons.routing import commands as c
from parlons.runtime.db import Database
from parlons.runtime.safe_http import Allowed
from parlons.voice.calls.voice import Voice, Wish

Json = dict[str, Any]
NUMBER = re.compile(r"-?\d{1,18}")
HEX = re.compile(r"[0-9a-fA-F]{32}")
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
NAME = 64
"""Characters of a friendly name."""
ATTRIBUTES = 4096
DAY_MS, EVER = 86_400_000, 200_000_000_000_000
EARLIEST = -2_208_988_800_000
"""The beginning of 1900: no time of the API lies before."""


@dataclass(slots=True)
class Call:
    """A request on its way."""

    db: Database
    dispatch: Dispatch
    clock: Clock
    principal: Principal
    """Of the workspace in the path, when there is one."""
    base: str
    """What the API's addresses begin with at the door it came by, up to and without `/v1`."""
    path: str
    ids: Mapping[str, str]
    """The variable parts of the path by name."""
    given: Mapping[str, list[str]]
    """The parameters: of the form, else of the query."""
    headers: Mapping[str, str]
    allow: Allowed = field(default_factory=Allowed)
    """Private places that callbacks may go to."""
    voice: Voice | None = None
    """The telephone; None: what needs calls is not available."""
    desk_id: str = ""
    """The workspace whose telephone carries the account's calls."""
    json: Any = None
    answered: dict[str, str] = field(default_factory=dict)
    """Headers of the answer."""
    seen: tuple[str, str] | None = None
    """What the next command is bound to: an id and the mark that the caller has seen of it."""
    _read: set[str] = field(default_factory=set)

    @property
    def account(self) -> str:
        """The account's id."""
        return self.principal.tenant_id

    @property
    def workspace_id(self) -> str:
        """The workspace in the path."""
        return self.principal.workspace_id

    def url(self, *parts: str) -> str:
        """The address of something in the workspace."""
        return "/".join((f"{self.base}/v1/Workspaces/{self.workspace_id}", *parts))

    # -- the router ----------------------------------------------------------------------------------------------------

    async def look(self, read: Callable[[Stepper], Any]) -> Any:
        """What `read` finds in the router's memory as a commit leaves it."""
        return (await self.dispatch.committed(self.workspace_id, read))[1]

    async def send(self, command: c.Command) -> Any:
        """Carries out a command of the router; returns after its commit."""
        seen, self.seen = self.seen, None
        return await self.dispatch.send(self.workspace_id, command, actor=self.principal.actor, seen=seen)

    async def wish(self, verb: str, **values: Any) -> Json:
        """Asks the process that carries the account's calls; raises the refusal."""
        if self.voice is None:
            raise absent("A call")
        wish = Wish("script", values.get("call_id", ""), None, None, {"verb": verb, **values})
        return await self.voice.act(self.desk_id, wish)

    # -- parameters ----------------------------------------------------------------------------------------------------

    def every(self, name: str) -> list[str]:
        """All values of a parameter that may come several times."""
        self._read.add(name)
        return list(self.given.get(name, ()))

    def text(self, name: str, *, longest: int | None = None) -> str | None:
        """A text, as it is; None: not given."""
        values = self.every(name)
        if not values:
            return None
        if longest is not None and len(values[-1]) > longest:
            raise ApiError(f"{name} is longer than {longest} characters")
        return values[-1]

    def needed(self, name: str, *, longest: int | None = None) -> str:
        """A text that must be there."""
        found = self.text(name, longest=longest)
        if not found:
            raise ApiError(f"Missing required parameter {name} in the post body")
        return found

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number."""
        found = self.text(name)
        if found is None or found == "":
            return None
        if NUMBER.fullmatch(found) is None or not least <= int(found) <= most:
            raise ApiError(f"{name} is a whole number from {least} to {most}")
        return int(found)

    def truth(self, name: str) -> bool | None:
        """true or false."""
        found = self.text(name)
        if found is None or found == "":
            return None
        if found.lower() not in (*TRUE, *FALSE):
            raise ApiError(f"{name} is true or false")
        return found.lower() in TRUE

    def one_of(self, name: str, known: tuple[str, ...]) -> str | None:
        """One of a few words."""
        found = self.text(name)
        if found is not None and found not in known:
            raise ApiError(f"{name} is one of {', '.join(known)}")
        return found

    def sid(self, name: str, *prefixes: str) -> str | None:
        """An id with one of these prefixes; an empty text is none."""
        found = self.text(name)
        return check_sid(name, found, *prefixes) if found else None

    def date(self, name: str) -> int | None:
        """A time after ISO 8601, as milliseconds; without a zone it is UTC."""
        found = self.text(name)
        if not found:
            return None
        try:
            read = datetime.fromisoformat(found)
            at = from_datetime(read if read.tzinfo is not None else read.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            at = Millis(EVER)
        if not EARLIEST <= at < EVER:
            raise ApiError(f"{name} is a time such as 2026-01-31T12:00:00Z")
        return at

    def span(self, name: str) -> tuple[int, int]:
        """From when until when (ms): `name` is a day, `name>` what lies after it, `name<` what lies before."""
        at, since, until = (self.date(f"{name}{sign}") for sign in ("", ">", "<"))
        if at is not None:
            return at, at + DAY_MS
        return since or 0, EVER if until is None else until

    def attributes(self, name: str = "Attributes") -> Json | None:
        """A JSON object in a text; None: not given."""
        found = self.text(name)
        return None if found is None else json_object(name, found, ATTRIBUTES)

    def done(self) -> None:
        """Refuses what nobody has read."""
        left = sorted(self.given.keys() - self._read)
        if left:
            raise ApiError(f"Unknown or unsupported parameter: {', '.join(name[:NAME] for name in left[:5])}")

    def missing(self) -> ApiError:
        """Nothing stands at this path."""
        return unknown(self.path)


def check_sid(name: str, found: str, *prefixes: str) -> str:
    """The id, when it is one with one of these prefixes."""
    if found[:2] not in prefixes or HEX.fullmatch(found[2:]) is None:
        raise ApiError(f"{name} is an id that begins with {' or '.join(prefixes)}")
    return found


def json_object(name: str, text: str, longest: int) -> Json:
    """The object a text holds; raises ApiError."""
    if len(text) > longest:
        raise ApiError(f"{name} is longer than {longest} characters")
    try:
        found = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise ApiError(f"{name} is not valid JSON") from None
    if not isinstance(found, dict):
        raise ApiError(f"{name} is not a JSON object")
    return found
