"""The channel against a real homeserver: invitations, messages and files both ways, what passes, what is repeated."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest

from parlons.channels.matrix.channel import Matrix, Settings, open_channel
from parlons.channels.model import Account, Event, Incoming, Json, Outgoing, OutgoingFile, Read, Typing, Unknown
from parlons.channels.plugin import Failed, InvalidAccount, Tools, TryLater
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.matrix.homeserver import Homeserver, Person

_serial = count(1)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 1_500_000


class Taken:
    """An inbox in memory."""

    def __init__(self, position: Json | None = None) -> None:
        self.events: list[Event] = []
        self.at: Json = dict(position or {})
        self.problems: list[str | None] = []
        self._changed = asyncio.Condition()

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        async with self._changed:
            self.events += events
            self.at = dict(position or self.at)
            self._changed.notify_all()

    async def position(self) -> Json:
        return self.at

    def connected(self, *, problem: str | None = None) -> None:
        self.problems.append(problem)

    async def until(self, met: Callable[[list[Event]], bool]) -> list[Event]:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: met(self.events))
        return self.events

    async def texts(self, number: int) -> list[str]:
        found = await self.until(lambda events: len(_said(events)) >= number)
        return [each.text for each in _said(found)]


def _said(events: Sequence[Event]) -> list[Incoming]:
    return [event for event in events if isinstance(event, Incoming)]


class Shop:
    """Our account, its channel, and a customer with hers."""

    def __init__(self, homeserver: Homeserver, http: SafeHttp) -> None:
        number = next(_serial)
        self.channel: Matrix = open_channel(Tools(http, wall_clock))
        self.me = homeserver.person(f"shop{number}")
        self.claire = homeserver.person(f"claire{number}", "Claire Rousseau é")
        self.account = Account(
            "CA1", "AC1", "WS1", "FM1", "matrix", "shop", self.me.user, Settings(homeserver_url=homeserver.url),
            {"access_token": self.me.token},
        )  # fmt: skip

    async def follow(self, inbox: Taken) -> "asyncio.Task[None]":
        """Begins to follow; returns when the first sync was taken."""
        running = asyncio.create_task(self.channel.run(self.account, inbox))
        await inbox.until(lambda _: bool(inbox.at))
        return running

    @contextlib.asynccontextmanager
    async def following(self, inbox: Taken) -> AsyncIterator[None]:
        running = await self.follow(inbox)
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def send(self, room: str, text: str = "", *files: OutgoingFile, key: str = "DE1") -> Any:
        last = {"room": room} if room.startswith("!") else {}
        message = Outgoing(key, "ME1", "CN1", self.claire.user, text, files=files, last_in=last)
        return await self.channel.send(self.account, message)


@pytest.fixture
async def shop(homeserver: Homeserver) -> AsyncIterator[Shop]:
    async with SafeHttp(allowed(["127.0.0.1"])) as http:
        yield await asyncio.to_thread(Shop, homeserver, http)


async def _opens(shop: Shop, text: str, **more: Any) -> tuple[str, str]:
    room = await asyncio.to_thread(shop.claire.opens_room, shop.me.user)
    return room, await asyncio.to_thread(shop.claire.says, room, text, **more)


async def test_an_invitation_is_accepted_and_what_was_written_before_it_is_read(shop: Shop) -> None:
    inbox = Taken()
    async with shop.following(inbox):
        room, event = await _opens(shop, "Bonjour, la Vela 3 ? 🚗")
        assert await inbox.texts(1) == ["Bonjour, la Vela 3 ? 🚗"]
        (came,) = _said(inbox.events)
        assert (came.id, came.sender.address, came.sender.value) == (
            event,
            shop.claire.user,
            f"matrix:{shop.claire.user}",
        )
        assert came.data == {"room": room}
        assert (came.sender.name, came.sender.verified) == ("Claire Rousseau é", True)
        sent = await shop.send(room, "Bonjour ! Oui, à 8 200 €.")
        (heard,) = await asyncio.to_thread(shop.claire.hears, room, shop.me.user)
        assert (heard["event_id"], heard["content"]["body"]) == (sent.ids[0], "Bonjour ! Oui, à 8 200 €.")
        answer = {"m.relates_to": {"m.in_reply_to": {"event_id": sent.ids[0]}}}
        await asyncio.to_thread(shop.claire.says, room, f"> <{shop.me.user}> Bonjour !\n\nParfait", **answer)
        assert await inbox.texts(2) == ["Bonjour, la Vela 3 ? 🚗", "Parfait"], "and nothing of what we wrote ourselves"
        assert _said(inbox.events)[1].reply_to == sent.ids


async def test_what_came_while_nobody_followed_is_read_later_in_order_and_once(shop: Shop) -> None:
    inbox = Taken()
    async with shop.following(inbox):
        room, _ = await _opens(shop, "0")
        await inbox.texts(1)
    for number in range(1, 27):
        await asyncio.to_thread(shop.claire.says, room, str(number))
    later = Taken(inbox.at)
    async with shop.following(later):
        assert await later.texts(26) == [str(number) for number in range(1, 27)], "more than one sync tells"


async def test_files_both_ways(shop: Shop) -> None:
    inbox = Taken()
    async with shop.following(inbox):
        room, _ = await _opens(shop, "Voici")
        uri = await asyncio.to_thread(shop.claire.uploads, "voiture.png", "image/png", PNG)
        told = {"msgtype": "m.image", "body": "voiture.png", "url": uri, "info": {"mimetype": "image/png", "size": 9}}
        await asyncio.to_thread(shop.claire.sends, room, "m.room.message", told)
        await inbox.texts(2)
        (file,) = _said(inbox.events)[1].files
        assert (file.name, file.content_type) == ("voiture.png", "image/png")
        assert (await shop.channel.fetch(shop.account, file)).body == PNG
        pdf = OutgoingFile("FI1", "Devis été.pdf", "application/pdf", b"%PDF-1.7 devis")
        sent = await shop.send(room, "Le devis", pdf)
        text, heard = await asyncio.to_thread(shop.claire.hears, room, shop.me.user, 2)
        assert (text["content"]["body"], heard["content"]["filename"]) == ("Le devis", "Devis été.pdf")
        assert await asyncio.to_thread(shop.claire.downloads, heard["content"]["url"]) == pdf.body
        assert sent.ids == (text["event_id"], heard["event_id"])


async def test_the_same_message_sent_twice_arrives_once(shop: Shop) -> None:
    inbox = Taken()
    async with shop.following(inbox):
        room, _ = await _opens(shop, "?")
        await inbox.texts(1)
        first = await shop.send(room, "é" * 20_000, key="DE7")
        again = await shop.send(room, "é" * 20_000, key="DE7")
        other = await shop.send(room, "fin", key="DE8")
        assert (first, first.parts) == (again, 3)
        heard = await asyncio.to_thread(shop.claire.hears, room, shop.me.user, 4)
        assert [each["event_id"] for each in heard] == [*first.ids, *other.ids]


async def test_reading_typing_changing_and_reacting(shop: Shop) -> None:
    inbox, claire = Taken(), shop.claire
    async with shop.following(inbox):
        room, event = await _opens(shop, "La Vella 3 ?")
        await inbox.texts(1)
        sent = await shop.send(room, "Oui")
        await asyncio.to_thread(claire.hears, room, shop.me.user)
        await asyncio.to_thread(claire.reads, room, sent.ids[0])
        typing = f"/_matrix/client/v3/rooms/{quote(room)}/typing/{quote(claire.user)}"
        await asyncio.to_thread(claire.call, "PUT", typing, {"typing": True, "timeout": 5000})
        found = await inbox.until(lambda events: {Read, Typing} <= {type(each) for each in events})
        (read,) = [each for each in found if isinstance(each, Read) and each.provider_id == sent.ids[0]]
        assert read.address == claire.user
        changed = {"m.new_content": {"msgtype": "m.text", "body": "La Vela 3 ?"}}
        relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": event}}
        await asyncio.to_thread(claire.says, room, "* La Vela 3 ?", **changed, **relation)
        liked = {"m.relates_to": {"rel_type": "m.annotation", "event_id": sent.ids[0], "key": "👍"}}
        await asyncio.to_thread(claire.sends, room, "m.reaction", liked)
        await inbox.texts(3)
        edit, reaction = _said(inbox.events)[1:]
        assert (edit.kind, edit.text, edit.reply_to) == ("edit", "La Vela 3 ?", (event,))
        assert (reaction.kind, reaction.text, reaction.reply_to) == ("reaction", "👍", sent.ids)
        assert reaction.automatic
        await shop.channel.show_typing(shop.account, claire.user)


async def test_what_is_encrypted_is_said_to_be_and_a_third_makes_it_a_group(shop: Shop, homeserver: Homeserver) -> None:
    inbox = Taken()
    async with shop.following(inbox):
        room, _ = await _opens(shop, "?")
        await inbox.texts(1)
        told = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "s", "sender_key": "k"}
        await asyncio.to_thread(shop.claire.sends, room, "m.room.encrypted", told)
        await inbox.texts(2)
        assert _said(inbox.events)[1].kind == "encrypted"
        third: Person = await asyncio.to_thread(homeserver.person, f"third{next(_serial)}")
        invite = f"/_matrix/client/v3/rooms/{quote(room)}/invite"
        await asyncio.to_thread(shop.claire.call, "POST", invite, {"user_id": third.user})
        await asyncio.to_thread(third.call, "POST", f"/_matrix/client/v3/join/{quote(room)}", {})
        await asyncio.to_thread(shop.claire.says, room, "entre nous")
        found = await inbox.until(lambda events: any(isinstance(each, Unknown) for each in events))
        assert [each.kind for each in found if isinstance(each, Unknown)] == ["group-message"]
        assert len(_said(found)) == 2


async def test_what_stood_there_before_the_account_was_added_is_left_where_it_is(shop: Shop) -> None:
    room, _ = await _opens(shop, "ancien")
    await asyncio.to_thread(shop.me.call, "POST", f"/_matrix/client/v3/join/{quote(room)}", {})
    fresh = Taken()
    async with shop.following(fresh):
        await asyncio.to_thread(shop.claire.says, room, "nouveau")
        assert await fresh.texts(1) == ["nouveau"]


async def test_troubles_of_the_homeserver(shop: Shop) -> None:
    inbox = Taken()
    room = await asyncio.to_thread(shop.claire.opens_room)
    with pytest.raises(Failed) as no:
        await shop.send(room, "Bonjour")
    assert no.value.code == "blocked-by-customer", "we are not in this room"
    with pytest.raises(Failed) as no:
        await shop.send("", "Bonjour")
    assert no.value.code == "unknown-recipient"
    await asyncio.to_thread(shop.me.call, "POST", "/_matrix/client/v3/logout", {})
    with pytest.raises(Failed):
        await shop.channel.run(shop.account, inbox)
    assert inbox.problems == ["token-refused"]
    gone = Settings(homeserver_url="http://127.0.0.1:1")
    with pytest.raises(TryLater):
        await shop.channel.send(
            Account("CA1", "AC1", "WS1", "FM1", "matrix", "x", shop.me.user, gone, {"access_token": "t"}),
            Outgoing("DE1", "ME1", "CN1", shop.claire.user, "?", last_in={"room": room}),
        )


def test_who_can_be_reached() -> None:
    channel = Matrix.__new__(Matrix)
    account = Account("CA1", "AC1", "WS1", "FM1", "matrix", "shop", "@shop:parlons.test")
    assert channel.reach(account, "external", "matrix:@a:b.example") == "@a:b.example"
    assert channel.reach(account, "external", "telegram:4711") is None
    assert channel.address(" @shop:parlons.test ") == "@shop:parlons.test"
    for wrong in ("shop", "@shop", "@Shop:parlons.test", "!room:parlons.test"):
        with pytest.raises(InvalidAccount):
            channel.address(wrong)
