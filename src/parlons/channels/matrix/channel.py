"""Matrix as a channel: an account on a homeserver follows its private rooms by long polling and answers in them.

Invitations are accepted. The first sync only says where to begin: what was written before stays where it is. Each message is
sent under a transaction id of its own, so the homeserver takes a repetition once.
"""

import re
from dataclasses import replace
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.calling import divide
from parlons.channels.matrix.homeserver import Homeserver
from parlons.channels.matrix.syncs import NAME, ROOM, Room, read_room, read_sync
from parlons.channels.model import ALL_MEDIA, Account, Capabilities, Incoming, IncomingFile, Json, Outgoing, Sent
from parlons.channels.plugin import Failed, Inbox, InvalidAccount, NotSent, Secret, Tools

TEXT_MAX = 16_000
"""Bytes of one text; an event has at most 65,536 with everything around it."""
SYNC_MS, BACK_PAGES, ROOMS_SEARCHED = 15_000, 50, 200
FILTER = orjson.dumps(
    {"room": {"timeline": {"limit": 20}, "state": {"lazy_load_members": True}}, "presence": {"not_types": ["*"]}}
).decode()
CAPABILITIES = Capabilities(
    media=ALL_MEDIA, media_bytes=10 * 1024 * 1024, typing=True, read=True, starts=False, repeatable=True
)


class Settings(BaseModel):
    """Of one account."""

    model_config = ConfigDict(extra="forbid")

    homeserver_url: str = Field(
        title="Homeserver",
        description="The https address of the server where the account lives.",
        pattern=r"^https?://[^\s]+[^/\s]$",
    )


class Matrix:
    """The channel, once a process."""

    name: ClassVar[str] = NAME
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = (Secret("access_token"),)

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http
        self._rooms: dict[str, dict[str, str]] = {}
        """By account: where each person last wrote."""

    def address(self, text: str) -> str:
        """The account's full id."""
        user = text.strip()
        if not re.fullmatch(r"@[a-z0-9._=/+-]+:[A-Za-z0-9.:\[\]-]+", user) or len(user) > 255:
            raise InvalidAccount("The address is the account's full id, such as @shop:example.org.", field="address")
        return user

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every account."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Whoever has written."""
        user = value.removeprefix(f"{NAME}:")
        return user if kind == "external" and user.startswith("@") and value == f"{NAME}:{user}" else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """The text, in as many events as it needs, then the files."""
        server = Homeserver(self._http, account)
        room = message.last_in.get(ROOM) or await self._room_of(server, account, message.to)
        contents: list[Json] = [
            {"msgtype": "m.text", "body": each} for each in divide(message.text, TEXT_MAX, unit="utf-8")
        ]
        contents = contents if message.text else []
        for file in message.files:
            uri = await server.upload(file.name, file.content_type, file.body)
            kind = "m.image" if file.content_type.startswith("image/") else "m.file"
            info = {"mimetype": file.content_type, "size": len(file.body)}
            contents.append({"msgtype": kind, "body": file.name, "filename": file.name, "url": uri, "info": info})
        if not contents:
            raise Failed("empty-message")
        ids = []
        for number, content in enumerate(contents):
            place = ("rooms", room, "send", "m.room.message", f"{message.key}.{number}")
            ids.append(str((await server.tell("PUT", *place, body=content))["event_id"]))
        return Sent(tuple(ids), parts=len(ids))

    async def show_typing(self, account: Account, to: str) -> None:
        """Shown for five seconds."""
        server, told = Homeserver(self._http, account), {"typing": True, "timeout": 5000}
        room = await self._room_of(server, account, to)
        await server.tell("PUT", "rooms", room, "typing", account.address, body=told)

    async def _room_of(self, server: Homeserver, account: Account, user: str) -> str:
        """The room alone with this person: he last wrote there, or one is found. Raises Failed, TryLater."""
        rooms = self._rooms.setdefault(account.id, {})
        if user not in rooms:
            for room in (await server.ask("joined_rooms")).get("joined_rooms", ())[:ROOMS_SEARCHED]:
                people = (await server.ask("rooms", str(room), "joined_members")).get("joined") or {}
                if set(people) == {user, account.address}:
                    rooms[user] = str(room)
        if user not in rooms:
            raise Failed("unknown-recipient")
        return rooms[user]

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """From our own homeserver, which fetches from others."""
        return replace(file, body=await Homeserver(self._http, account).download(str(file.ref)))

    async def run(self, account: Account, inbox: Inbox) -> None:
        """Follow the rooms for ever."""
        try:
            rooms = self._rooms.setdefault(account.id, {})
            await _Following(Homeserver(self._http, account), account.address, inbox, rooms).go()
        except NotSent as error:
            inbox.connected(problem=error.code)
            raise


class _Following:
    """One run: who is in which room, and what people are called, as far as it was told."""

    def __init__(self, server: Homeserver, me: str, inbox: Inbox, rooms: dict[str, str]) -> None:
        self._server, self._me, self._inbox, self._rooms = server, me, inbox, rooms
        self._members: dict[str, int] = {}
        self._names: dict[str, str] = {}

    async def go(self) -> None:
        since = str((await self._inbox.position()).get("since") or "")
        while True:
            query = {"since": since, "timeout": str(SYNC_MS)} if since else {"timeout": "0"}
            told = read_sync(await self._server.ask("sync", filter=FILTER, **query))
            self._inbox.connected()
            for room_id in told.invited:
                await self._join(room_id)
            events: list[Any] = []
            for room in told.rooms:
                events += await self._room(room, since)
            since, first = told.since, not since
            await self._inbox.take([] if first else events, position={"since": since})

    async def _room(self, room: Room, since: str) -> list[Any]:
        self._names |= {user: name for user, name in room.names.items() if name}
        if room.members is not None:
            self._members[room.id] = room.members
        if not room.timeline and not room.passing:
            return []
        if room.id not in self._members:
            found = await self._server.ask("rooms", room.id, "joined_members")
            people = found.get("joined") or {}
            self._members[room.id] = len(people)
            self._names |= {user: str(one["display_name"]) for user, one in people.items() if one.get("display_name")}
        if since and room.before:
            room = replace(room, timeline=[*await self._earlier(room.id, room.before, since), *room.timeline])
        events = read_room(room, self._me, self._names, private=self._members[room.id] <= 2)
        self._rooms |= {each.sender.address: room.id for each in events if isinstance(each, Incoming)}
        return list(events)

    async def _earlier(self, room_id: str, start: str, since: str) -> list[Json]:
        """What was said between the last sync and the part of the timeline that was told, oldest first."""
        found: list[Json] = []
        for _ in range(BACK_PAGES):
            asked = {"from": start, "to": since, "dir": "b", "limit": "100"}
            told = await self._server.ask("rooms", room_id, "messages", **asked)
            found += [each for each in told.get("chunk") or () if isinstance(each, dict)]
            start = str(told.get("end") or "")
            if not start:
                break
        return found[::-1]

    async def _join(self, room_id: str) -> None:
        try:
            await self._server.tell("POST", "join", room_id)
        except Failed:  # whoever invited has left again: nobody to talk to
            await self._server.tell("POST", "rooms", room_id, "leave")


def open_channel(tools: Tools) -> Matrix:
    """The channel of this process."""
    return Matrix(tools)
