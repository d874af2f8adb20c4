"""Conditional requests (RFC 9110, 13.1) for all routes alike: reading again what has not changed, changing only what was seen.

An answer in JSON gets an `ETag`: `"VERSION-HASH"` where it has a version, else a weak one over its bytes; `If-None-Match` that
names it is answered with 304. A change of what has a version holds in its body which one was seen; `If-Match` says the same in
the header and stands in for it: what was changed since is refused with 412 and `changed-meanwhile`. The room compares it, in the
transaction that changes. Routes that read `If-Match` themselves are left alone.

    app.add_middleware(Conditional, prefix="/api/v1", routers=ROUTERS)
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parlons.kit.errors import Refusal
from parlons.runtime.http import problem_of

_JSON = "application/json"
_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"(\d{1,18})(?:-[0-9a-f]+)?")


class ChangedMeanwhile(Refusal):
    """Somebody changed this meanwhile; nothing of yours was taken. Look at what is there now, then change it again."""

    code = "changed-meanwhile"
    status = 412


class NotConditional(Refusal):
    """What this changes has no version that could be compared; leave If-Match out, or send *."""

    code = "not-conditional"
    status = 412


class Conditional:
    """Wraps the routes."""

    def __init__(self, app: ASGIApp, *, prefix: str, routers: Iterable[APIRouter]) -> None:
        """`routers`: as they stand below `prefix`."""
        self._app, self._prefix = app, prefix
        self._routers = list(routers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if scope["method"] == "GET":
            await self._app(scope, receive, _Reading(send, asked.get("if-none-match")))
        elif asked.get("if-match", "*").strip() == "*":
            await self._app(scope, receive, send)
        else:
            await self._write(scope, receive, send, asked["if-match"])

    async def _write(self, scope: Scope, receive: Receive, send: Send, if_match: str) -> None:
        route = next(self._routes(scope["method"], scope["path"].removeprefix(self._prefix)), None)
        if route is None or reads_if_match(route):
            await self._app(scope, receive, send)
        elif not takes_version(route):
            await problem_of(NotConditional())(scope, receive, send)
        else:
            body = await _whole(receive)
            seen = versions_in(if_match)
            while seen:
                held = _Writing(send, seen.pop())
                await self._app(scope, _again(_with_version(body, held.version)), held)
                if held.there is None:
                    return
                if held.there not in seen:
                    break
                seen = [held.there]
            await problem_of(ChangedMeanwhile())(scope, receive, send)

    def _routes(self, method: str, path: str) -> Iterator[APIRoute]:
        for router in self._routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and method in (route.methods or ()) and route.path_regex.match(path):
                    yield route


def takes_version(route: APIRoute) -> bool:
    """Whether the body of a change holds the version that was seen."""
    models = (field.field_info.annotation for field in route.dependant.body_params)
    return any("version" in getattr(model, "model_fields", ()) for model in models)


def reads_if_match(route: APIRoute) -> bool:
    """Whether a route has a way of its own."""
    return any(field.alias == "if-match" for field in route.dependant.header_params)


def versions_in(if_match: str) -> list[int]:
    """The versions that strong tags of ours name."""
    strong = (text for weak, text in _TAG.findall(if_match) if not weak)
    return [int(found[1]) for found in map(_VERSION.fullmatch, strong) if found]


def tag_of(body: bytes) -> str:
    """The tag of an answer in JSON."""
    mark = hashlib.blake2b(body, digest_size=8).hexdigest()
    if body.startswith(b"{") and not body.startswith(b'{"items":') and b'"version":' in body:
        version = orjson.loads(body).get("version")
        if isinstance(version, int):
            return f'"{version}-{mark}"'
    return f'W/"{mark}"'


def names(if_none_match: str | None, tag: str) -> bool:
    """Whether a tag is among those that the caller has, or is meant by `*`; weak and strong ones are the same here."""
    if if_none_match is None:
        return False
    have = [text for _, text in _TAG.findall(if_none_match)]
    return if_none_match.strip() == "*" or tag.removeprefix("W/").strip('"') in have


class _Reading:
    """Sends an answer on: with its tag, or only that it is as it was. What comes in parts passes as it is."""

    def __init__(self, send: Send, if_none_match: str | None) -> None:
        self._send, self._have = send, if_none_match
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "").partition(";")[0]
            if message["status"] == 200 and kind == _JSON:
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                message = self._tagged(start, message)
            await self._send(start)
        await self._send(message)

    def _tagged(self, start: Message, message: Message) -> Message:
        headers = MutableHeaders(scope=start)
        tag = headers.get("ETag") or headers.setdefault("ETag", tag_of(message.get("body", b"")))
        if not names(self._have, tag):
            return message
        start["status"] = 304
        del headers["content-length"], headers["content-type"]
        return {**message, "body": b""}


class _Writing:
    """Sends an answer on, unless it says that another version is there: `there` is that one then."""

    def __init__(self, send: Send, version: int) -> None:
        self._send, self.version = send, version
        self.there: int | None = None
        self._held: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 409:
            self._held.append(message)
            return
        if self._held:
            there = orjson.loads(message["body"])["details"].get("version", self.version)
            if there != self.version:
                self.there = -1 if there is None else there
                return
            await self._send(self._held.pop())
        await self._send(message)


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def _with_version(body: bytes, version: int) -> bytes:
    """The version that the header names counts; what is no object is left to the route to refuse."""
    try:
        given: Any = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return body
    return orjson.dumps({**given, "version": version}) if isinstance(given, dict) else body
