"""A stand-in for a Matrix homeserver: one firm's account, people who open private rooms with it, syncing by long polling.

Source: the client-server API, sections on syncing, room membership and sending events. Left out: files, encryption, receipts,
federation, rooms of several.
"""

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import Heard

Json = dict[str, Any]
DOMAIN = "people.example"
REMEMBERED = 500
"""Events that a sync can still tell."""


@dataclass
class _Room:
    person: str
    name: str
    joined: asyncio.Event = field(default_factory=asyncio.Event)


class Homeserver:
    """The server. `user`: the firm's account; `first`: of its positions, which never go back."""

    def __init__(self, user: str, token: str, *, first: int = 1) -> None:
        self.heard = Heard()
        """People by their user id."""
        self._user, self._token = user, token
        self._rooms: dict[str, _Room] = {}
        self._by_person: dict[str, str] = {}
        self._log: list[tuple[int, str, Json | None]] = []
        """Position, room, and the event; None: the invitation."""
        self._numbers, self._at, self._sent = itertools.count(first + 1), first, dict[str, str]()
        self._news, self._followed = asyncio.Condition(), asyncio.Event()
        base = "/_matrix/client/v3"
        self.app = Starlette(
            routes=[
                Route(f"{base}/sync", self._sync),
                Route(f"{base}/joined_rooms", self._joined_rooms),
                Route(f"{base}/join/{{room}}", self._join, methods=["POST"]),
                Route(f"{base}/rooms/{{room}}/joined_members", self._members),
                Route(f"{base}/rooms/{{room}}/typing/{{user}}", self._typing, methods=["PUT"]),
                Route(f"{base}/rooms/{{room}}/send/{{kind}}/{{transaction}}", self._send, methods=["PUT"]),
            ]
        )

    async def says(self, person: str, name: str, text: str) -> None:
        """A person writes, for the first time by inviting the account; returns when the server has it."""
        await self._followed.wait()  # what was said before the account's first sync stays where it is
        room_id = self._by_person.get(person)
        if room_id is None:
            room_id = self._by_person[person] = f"!{next(self._numbers)}:{DOMAIN}"
            self._rooms[room_id] = _Room(person, name)
            await self._add(room_id, None)
        await self._rooms[room_id].joined.wait()
        await self._add(room_id, self._event(person, "m.room.message", {"msgtype": "m.text", "body": text}))

    async def _sync(self, request: Request) -> Response:
        if not self._allowed(request):
            return _refused(401, "M_UNKNOWN_TOKEN")
        since = request.query_params.get("since", "").removeprefix("s")
        if not since:
            self._followed.set()
            return JSONResponse({"next_batch": f"s{self._at}", "rooms": {}})
        self._followed.set()
        seconds = int(request.query_params.get("timeout", "0")) / 1000
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self._at > int(since))
        except TimeoutError:
            pass
        return JSONResponse(self._told(int(since)))

    def _told(self, since: int) -> Json:
        join: Json = {}
        invite: Json = {}
        for at, room_id, event in self._log:
            if at <= since:
                continue
            if event is None:
                invite[room_id] = {"invite_state": {"events": []}}
                continue
            room = self._rooms[room_id]
            member = {"type": "m.room.member", "state_key": room.person, "sender": room.person, "event_id": f"$m{at}"}
            member["content"] = {"membership": "join", "displayname": room.name}  # type: ignore[assignment]
            known = {
                "timeline": {"events": [], "limited": False, "prev_batch": f"s{since}"},
                "state": {"events": [member]},
                "summary": {"m.joined_member_count": 2},
            }
            join.setdefault(room_id, known)["timeline"]["events"].append(event)
        joined = {room_id for room_id in invite if self._rooms[room_id].joined.is_set()}
        rooms = {"join": join, "invite": {name: told for name, told in invite.items() if name not in joined}}
        return {"next_batch": f"s{self._at}", "rooms": rooms}

    async def _join(self, request: Request) -> Response:
        room = self._room(request)
        if room is None:
            return _refused(404, "M_NOT_FOUND")
        room.joined.set()
        return JSONResponse({"room_id": request.path_params["room"]})

    async def _joined_rooms(self, request: Request) -> Response:
        return JSONResponse({"joined_rooms": [name for name, room in self._rooms.items() if room.joined.is_set()]})

    async def _members(self, request: Request) -> Response:
        room = self._room(request)
        if room is None:
            return _refused(403, "M_FORBIDDEN")
        return JSONResponse({"joined": {self._user: {}, room.person: {"display_name": room.name}}})

    async def _typing(self, request: Request) -> Response:
        return JSONResponse({}) if self._room(request) is not None else _refused(403, "M_FORBIDDEN")

    async def _send(self, request: Request) -> Response:
        room, content = self._room(request), orjson.loads(await request.body())
        if room is None:
            return _refused(403, "M_FORBIDDEN")
        transaction = request.path_params["transaction"]
        if transaction not in self._sent:
            event = self._event(self._user, request.path_params["kind"], content)
            self._sent[transaction] = str(event["event_id"])
            if len(self._sent) > REMEMBERED:
                del self._sent[next(iter(self._sent))]
            await self._add(request.path_params["room"], event)
            self.heard.note(room.person)
        return JSONResponse({"event_id": self._sent[transaction]})

    def _room(self, request: Request) -> _Room | None:
        return self._rooms.get(request.path_params["room"]) if self._allowed(request) else None

    def _allowed(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self._token}"

    def _event(self, sender: str, kind: str, content: Json) -> Json:
        number = next(self._numbers)
        at = time.time_ns() // 1_000_000
        return {"event_id": f"${number}", "type": kind, "sender": sender, "content": content, "origin_server_ts": at}

    async def _add(self, room_id: str, event: Json | None) -> None:
        async with self._news:
            self._at = next(self._numbers)
            self._log.append((self._at, room_id, event))
            del self._log[:-REMEMBERED]
            self._news.notify_all()


def _refused(status: int, code: str) -> Response:
    return JSONResponse({"errcode": code, "error": code}, status)
