"""Matrix keeps the contract of channels, against a real homeserver."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

import pytest

from parlons.channels.matrix.channel import Matrix, Settings
from parlons.channels.model import Account, Event, HookRequest, Incoming, Outgoing, Sent
from parlons.channels.plugin import Tools
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.testing.channel_scene import Can, Got, Trouble, Written
from parlons.testing.channel_suite import CASES, run
from tests.channels.matrix.homeserver import Homeserver, Person
from tests.channels.matrix.test_channel import Taken


class Keyed(Matrix):
    """The suite gives all its messages the same key, which the homeserver rightly takes once: here once a case."""

    case = ""

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """As ever, under a key of the case."""
        return await super().send(account, replace(message, key=f"{self.case}:{message.key}"))


@dataclass
class Rooms:
    """Our account, and two people each in a room with it."""

    channel: Keyed
    account: Account
    inbox: Taken
    me: Person
    people: dict[str, Person]
    rooms: dict[str, str]
    can: Can
    url: str
    before: int = 0

    async def request(self, written: Written) -> HookRequest | None:
        return None

    async def writes(self, written: Written) -> Sequence[Event]:
        person, room = self.people[written.who], self.rooms[written.who]
        if written.files:
            name, kind, body = written.files[0]
            uri = await asyncio.to_thread(person.uploads, name, kind, body)
            content = {"msgtype": "m.image", "body": name, "url": uri, "info": {"mimetype": kind}}
            event = await asyncio.to_thread(person.sends, room, "m.room.message", content)
        else:
            event = await asyncio.to_thread(person.says, room, written.text)

        def came(events: list[Event]) -> bool:
            return any(isinstance(each, Incoming) and each.id == event for each in events)

        found = await self.inbox.until(came)
        return [each for each in found if isinstance(each, Incoming) and each.id == event]

    async def address_of(self, who: str) -> str:
        return self.people[who].user

    async def got(self) -> list[Got]:
        return (await self.heard())[self.before :]

    async def heard(self) -> list[Got]:
        path = f"/_matrix/client/v3/rooms/{quote(self.rooms['claire'])}/messages?dir=b&limit=100"
        told = await asyncio.to_thread(self.people["claire"].call, "GET", path)
        mine = [each for each in told["chunk"][::-1] if each["sender"] == self.me.user and "body" in each["content"]]
        return [Got(self.people["claire"].user, each["content"]["body"], key=each["event_id"]) for each in mine]

    async def trouble(self, kind: Trouble | None) -> None:
        settings = Settings(homeserver_url="http://127.0.0.1:9" if kind == "away" else self.url)
        object.__setattr__(self.account, "settings", settings)

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        raise AssertionError("a homeserver tells of no delivery")


@pytest.fixture
async def rooms(homeserver: Homeserver) -> AsyncIterator[Rooms]:
    names = ("contract", "contract-claire", "contract-bob")
    me, claire, bob = [await asyncio.to_thread(homeserver.person, name) for name in names]
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        channel, inbox = Keyed(Tools(http, wall_clock)), Taken()
        settings, secrets = Settings(homeserver_url=homeserver.url), {"access_token": me.token}
        account = Account("CC1", "AC1", "WS1", "FI1", "matrix", "x", me.user, settings, secrets)
        following = asyncio.create_task(channel.run(replace(account), inbox))
        await inbox.until(lambda _: bool(inbox.at))
        people = {"claire": claire, "bob": bob}
        opened = {who: await asyncio.to_thread(person.opens_room, me.user) for who, person in people.items()}
        can = Can(frozenset({"away"}), files_in=True, starts=False)
        yield Rooms(channel, account, inbox, me, people, opened, can, homeserver.url)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_it_keeps_the_contract(rooms: Rooms) -> None:
    """All cases in one test."""
    passed = []
    for case in CASES:
        rooms.channel.case = case
        each = replace(rooms, before=len(await rooms.heard()), account=replace(rooms.account))
        try:
            if await run(case, each):
                passed.append(case)
        except BaseException as error:
            error.add_note(case)
            raise
    assert {"words_come_whole", "who_wrote_can_be_reached", "nobody_there_is_tried_later"} <= set(passed)
    assert {"the_same_key_arrives_once_where_that_is_promised", "a_text_arrives_as_it_was_written"} <= set(passed)
