"""How adapters call their system: an answer, or one of the socket's refusals; access tokens; calls that prove themselves.

Decides what a status means: 401, 403, 408, 429 and 5xx may be right later (the token is renewed, the system comes back), so
nothing queued is lost by them; 404 and 410 is a record that is gone, 409 and 412 one that changed, any other of 400 and more
a refusal. Source: RFC 9110 15, RFC 6749 4.4 and 6.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakValueDictionary

import orjson

from parlons.customers.lookups.plugin import (
    Activity,
    HookCall,
    LookupAway,
    LookupRefused,
    NotFromLookup,
    RecordChanged,
    RecordGone,
    System,
    Tools,
)
from parlons.kit.errors import Refusal
from parlons.runtime.safe_http import Response

SECONDS = 5.0
"""For one call."""
EARLY_MS = 120_000
"""Before its end a token is no longer used."""
LASTS_MS = 1_800_000
"""A token whose end is not told is used so long."""
_LATER = (401, 403, 408, 425, 429)


@dataclass(slots=True)
class Calls:
    """Calls of one kind of system."""

    tools: Tools
    tokens: "Tokens" = field(init=False)

    def __post_init__(self) -> None:
        """Tokens are asked for by the same client."""
        self.tokens = Tokens(self)

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> Response:
        """One call; raises the refusals of the socket."""
        try:
            answer = await self.tools.http.request(
                method, url, headers=headers, body=body, timeout_seconds=SECONDS, idempotency_key=key
            )
        except Refusal as refusal:
            raise LookupAway(reason=refusal.code) from None
        status = answer.status
        if status in _LATER or status >= 500:
            raise LookupAway(reason=str(status))
        if status in (404, 410):
            raise RecordGone
        if status in (409, 412):
            raise RecordChanged
        if status >= 300:
            raise LookupRefused(reason=_reason(answer))
        return answer

    async def with_token(
        self, system: System, url: str, form: Mapping[str, str], call: Callable[[dict[str, Any]], Awaitable[Response]]
    ) -> Response:
        """What `call` does with the token's answer; once more with a fresh one when the first is refused."""
        try:
            return await call(await self.tokens.token(system, url, form))
        except LookupAway as away:
            if away.details.get("reason") != "401":
                raise
        self.tokens.forget(system)
        return await call(await self.tokens.token(system, url, form))


@dataclass(slots=True)
class Tokens:
    """Access tokens of a process, kept until shortly before they end."""

    calls: Calls
    _known: dict[tuple[str, int], tuple[dict[str, Any], int]] = field(default_factory=dict)
    _asking: WeakValueDictionary[tuple[str, int], asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """One for each system, so that none waits for another's token; a lock goes with the last who holds or awaits it."""

    async def token(self, system: System, url: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer with `access_token` to this form. Raises LookupAway."""
        key = (system.id, system.version)
        if (known := self._kept(key)) is not None:
            return known
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            if (known := self._kept(key)) is not None:  # who held the lock before fetched it
                return known
            answer = await self._ask(url, form)
            seconds = answer.get("expires_in")
            lasts = int(seconds) * 1000 - EARLY_MS if isinstance(seconds, int | float) else LASTS_MS
            self._known[key] = (answer, self.calls.tools.clock() + lasts)
            return answer

    def forget(self, system: System) -> None:
        """It was refused: the next is fetched anew."""
        self._known.pop((system.id, system.version), None)

    def _kept(self, key: tuple[str, int]) -> dict[str, Any] | None:
        answer, until = self._known.get(key, (None, 0))
        return answer if until > self.calls.tools.clock() else None

    async def _ask(self, url: str, form: Mapping[str, str]) -> dict[str, Any]:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            answer = await self.calls.send("POST", url, headers=headers, body=urlencode(form).encode())
        except LookupAway:
            raise
        except Refusal as refusal:
            raise LookupAway(reason=f"no-access-token {refusal.details.get('reason', refusal.code)}") from None
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
            raise LookupAway(reason="no-access-token")
        return body


def proven(call: HookCall, secret: str | None) -> None:
    """Raise NotFromLookup unless the call carries the shared secret, as a bearer token or as `token` in its address."""
    given = call.headers.get("authorization", "").removeprefix("Bearer ") or call.query.get("token", "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise NotFromLookup


def part(value: str) -> str:
    """A value inside an address."""
    return quote(value, safe="")


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; raises LookupRefused for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise LookupRefused(reason="unexpected-answer")
    return value


def one(value: Any) -> dict[str, Any]:
    """An object; raises LookupRefused for anything else."""
    if not isinstance(value, dict):
        raise LookupRefused(reason="unexpected-answer")
    return value


def _reason(answer: Response) -> str:
    """The code by which the system names its refusal; its message may hold values and is left there."""
    body = answer.json()
    first = body[0] if isinstance(body, list) and body else body
    if isinstance(first, dict):
        for word in ("errorCode", "category", "code", "error"):
            if isinstance(first.get(word), str) and len(first[word]) <= 60:
                return f"{answer.status} {first[word]}"
    return str(answer.status)


def as_html(activity: Activity) -> str:
    """An activity for a system that shows HTML: title, lines, link."""
    lines = "<br>".join(escape(line) for line in activity.text.splitlines())
    link = escape(activity.url)
    return f'<p><b>{escape(activity.title)}</b></p><p>{lines}</p><p><a href="{link}">{link}</a></p>'


def ids_of(body: bytes) -> list[str]:
    """The ids of `{"ids": [...]}` or `{"id": ...}`; raises LookupRefused."""
    try:
        told = one(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise LookupRefused(reason="unreadable") from None
    given = told.get("ids", [told["id"]] if "id" in told else None)
    if not isinstance(given, list) or not all(isinstance(each, str | int) for each in given):
        raise LookupRefused(reason="unreadable")
    return [str(each) for each in given]
