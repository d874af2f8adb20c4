"""A stand-in for the graph of pages, accounts and business numbers: access tokens, errors, files, signed webhooks.

Source: the published Graph API reference. What a node answers is its own matter (`numbers`, `pages`); here is what all
share: `{"error": {...}}` with code and subcode, `X-Hub-Signature-256` over the raw bytes, the challenge of a subscription,
files behind addresses of their own.
"""

import asyncio
import hashlib
import hmac
import itertools
import time
from collections import deque
from typing import Any, Protocol, runtime_checkable

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import Caller, Heard, Trouble, Upload, read_form

Json = dict[str, Any]
SIGNATURE = "X-Hub-Signature-256"
SPOKEN = frozenset({"messages", "comments", "replies", "mentions", ""})
"""Edges by which something is said, or done to what was said (the node itself)."""
APP_SECRET, ACCESS_TOKEN, VERIFY_TOKEN = "practice-app-secret", "practice-access-token", "practice-verify"


class GraphError(Exception):
    """What the graph answers instead."""

    def __init__(self, code: int, message: str, *, status: int = 400, subcode: int | None = None, details: str = ""):
        self.status = status
        self.body: Json = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
        if subcode is not None:
            self.body["error_subcode"] = subcode
        if details:
            self.body["error_data"] = {"messaging_product": "whatsapp", "details": details}
        self.body["fbtrace_id"] = "AbCdEfGhIjKlMnOpQrSt"


class Node(Protocol):
    """A number, a page or an account that sends and receives."""

    id: str
    heard: dict[str, list[Json]]

    async def post_message(self, body: Json, upload: Upload | None) -> Json:
        """Sends; raises GraphError."""

    async def post_file(self, body: Json, upload: Upload) -> Json:
        """Keeps a file for sending later."""

    def get(self, edge: str, fields: str) -> Json:
        """What it tells of itself, or of one of its edges."""


@runtime_checkable
class Spoken(Protocol):
    """A node under which one answers in public."""

    async def post_edge(self, edge: str, body: Json, upload: Upload | None) -> Json:
        """Says something there; raises GraphError."""


class Graph:
    """The service. `app` is what businesses call."""

    def __init__(self, app_secret: str = APP_SECRET, access_token: str = ACCESS_TOKEN, *, first: int = 1) -> None:
        """`first`: of the numbers it gives to things; a service that starts again must not give one twice."""
        self._app_secret, self._access_token = app_secret, access_token
        self.answers = Heard()
        """Messages people got, by their id."""
        self.troubles: deque[Trouble] = deque()
        """What it answers to the next messages, instead of sending them."""
        self.calls: list[tuple[str, Json]] = []
        """Path and body of every message call."""
        self.told: list[bytes] = []
        """The raw bytes of all its news."""
        self.caller = Caller()
        self.nodes: dict[str, Node] = {}
        self.people: dict[str, Json] = {}
        """What the graph tells of people, by their id."""
        self.files: dict[str, tuple[str, str, bytes]] = {}
        """Name, type and bytes by id."""
        self.url = ""
        """Where `app` is served; the addresses of files begin with it."""
        self._webhook = ""
        self.subscribed = asyncio.Event()
        """Set once a webhook is told the news; what happened before, nobody hears."""
        self._serial = itertools.count(first)
        self._changed = asyncio.Condition()
        self.app = Starlette(
            routes=[
                Route("/files/{id}", self._download),
                Route("/{version}/{node}/messages", self._message, methods=["POST"]),
                Route("/{version}/{node}/{edge:str}", self._file, methods=["POST"]),
                Route("/{version}/{node}", self._itself, methods=["POST"]),
                Route("/{version}/{node}", self._get),
                Route("/{version}/{node}/{edge:str}", self._get),
            ]
        )

    async def close(self) -> None:
        """Ends the calls that wait."""
        await self.caller.close()

    async def subscribe(self, webhook: str, verify_token: str = VERIFY_TOKEN) -> bool:
        """Asks the webhook for the challenge; with the right answer it gets the news from now on."""
        challenge = str(1_158_201_444 + next(self._serial))
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        answer = await self.caller.ask(webhook, asked)
        if answer.status_code == 200 and answer.text == challenge:
            self._webhook = webhook
            self.subscribed.set()
            return True
        return False

    def tell(self, body: Json) -> bytes:
        """The news to the webhook, signed; returns the raw bytes."""
        raw = orjson.dumps(body)
        self.told.append(raw)
        if self._webhook:
            self.caller.tell(self._webhook, raw, {SIGNATURE: signature(raw, self._app_secret)})
        return raw

    def number(self) -> int:
        """The next of the numbers it gives to things."""
        return next(self._serial)

    def keep(self, name: str, content_type: str, content: bytes) -> str:
        """Keeps a file; returns its id."""
        number = str(4_490_709_327_384_000 + self.number())
        self.files[number] = (name, content_type, content)
        return number

    def forget(self, person: str) -> None:
        """He writes no more; nor is anything else remembered that only tests ask for."""
        self.answers.forget(person)
        self.calls.clear()
        self.told.clear()
        for node in self.nodes.values():
            node.heard.pop(person, None)

    async def noted(self, path: str, body: Json) -> None:
        """Somebody called; whoever waits for it hears so."""
        async with self._changed:
            self.calls.append((path, body))
            self._changed.notify_all()

    async def until(self, count: int, kind: str = "", seconds: float = 15) -> list[Json]:
        """The bodies of the calls that hold the field `kind`, as soon as there are `count`."""

        def found() -> list[Json]:
            return [body for _, body in self.calls if not kind or kind in body]

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return found()

    async def _message(self, request: Request) -> Response:
        return await self._answer(request, "messages")

    async def _itself(self, request: Request) -> Response:
        return await self._answer(request, "")

    async def _file(self, request: Request) -> Response:
        return await self._answer(request, request.path_params["edge"])

    async def _answer(self, request: Request, edge: str) -> Response:
        body, upload = await _body(request)
        try:
            node = self._allowed(request)
            trouble = self.troubles.popleft() if self.troubles and edge in SPOKEN else None
            if trouble is None or trouble.carried_out:
                if edge == "messages":
                    result = await node.post_message(body, upload)
                elif edge in SPOKEN and isinstance(node, Spoken):
                    result = await node.post_edge(edge, body, upload)
                elif upload is not None:
                    result = await node.post_file(body, upload)
                else:
                    raise GraphError(100, "Param file must be a file.")
            if trouble is not None:
                return _troubled(trouble)
        except GraphError as error:
            return JSONResponse({"error": error.body}, error.status)
        finally:
            if edge in SPOKEN:
                await self.noted(request.url.path, body)
        return JSONResponse(result)

    async def _get(self, request: Request) -> Response:
        number = request.path_params["node"]
        try:
            if _token(request) != self._access_token:
                raise GraphError(190, "Invalid OAuth access token.", status=401)
            if number in self.files:
                _, kind, content = self.files[number]
                told = {"url": f"{self.url}/files/{number}", "mime_type": kind, "file_size": len(content)}
                sha = hashlib.sha256(content).hexdigest()
                return JSONResponse(told | {"messaging_product": "whatsapp", "id": number, "sha256": sha})
            if number in self.people:
                return JSONResponse(self.people[number] | {"id": number})
            node = self._allowed(request)
            fields = request.query_params.get("fields", "")
            return JSONResponse(node.get(request.path_params.get("edge", ""), fields))
        except GraphError as error:
            return JSONResponse({"error": error.body}, error.status)

    async def _download(self, request: Request) -> Response:
        """Files of a business number ask for the token; those of pages are open to who knows the address."""
        found = self.files.get(request.path_params["id"])
        if found is None:
            return PlainTextResponse("URL signature expired", 403)
        if "open" not in request.query_params and _token(request) != self._access_token:
            return JSONResponse({"error": GraphError(190, "Invalid OAuth access token.").body}, 401)
        return Response(found[2], media_type=found[1])

    def _allowed(self, request: Request) -> Node:
        if _token(request) != self._access_token:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        node = self.nodes.get(request.path_params["node"])
        if node is None:
            why = f"Unsupported request. Object with ID '{request.path_params['node']}' does not exist"
            raise GraphError(100, why, subcode=33)
        return node


def signature(raw: bytes, secret: str = APP_SECRET) -> str:
    """The value of the header that proves who sent these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def now_seconds() -> int:
    """Now, as business numbers count."""
    return int(time.time())


def _token(request: Request) -> str:
    header = request.headers.get("authorization", "")
    return header[7:] if header.startswith("Bearer ") else request.query_params.get("access_token", "")


async def _body(request: Request) -> tuple[Json, Upload | None]:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return dict(orjson.loads(await request.body() or b"{}")), None
    values, files = await read_form(request)
    body = {name: orjson.loads(value) if value[:1] in "{[" else value for name, value in values.items()}
    return body, next(iter(files.values()), None)


def _troubled(trouble: Trouble) -> Response:
    if trouble.body is None:
        return PlainTextResponse("Service Unavailable", trouble.status, headers=dict(trouble.headers))
    return JSONResponse(trouble.body, trouble.status, headers=dict(trouble.headers))
